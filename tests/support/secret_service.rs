//! A Secret Service for one test: a private D-Bus session in which nothing starts by itself, a temporary home directory, and GNOME
//! Keyring as a child of the test.
//!
//! Environment variables name the session, and they belong to a whole process. So [`in_session`] runs its test a second time, in a
//! separate process.

#![allow(dead_code, unused_imports, reason = "each test uses a part of it")]

#[path = "own_process.rs"]
mod own_process;

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use zbus::blocking::{Connection, Proxy, connection, fdo::DBusProxy};
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};

use own_process::this_program;
pub(crate) use own_process::{again, folder, role};

const SERVICE: &str = "org.freedesktop.secrets";
const LOGIN: ObjectPath<'static> = ObjectPath::from_static_str_unchecked("/org/freedesktop/secrets/collection/login");
const PASSWORD: &str = "a password of this test";
const INSTALL: &str = "; on Debian: apt-get install dbus gnome-keyring";

/// A bus without service files. A call to a service that does not run fails and does not start it.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=RUNTIME</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// Runs `body`, a closure in the calling test, in a private D-Bus session.
pub(crate) fn in_session<F: FnOnce()>(body: F) {
    own_process::run(body, |home| {
        let mut command = session(home);
        command.arg(this_program());
        command
    });
}

/// Runs `body`, which is all of this program, in a private D-Bus session.
pub(crate) fn program_in_session(body: impl FnOnce()) {
    if own_process::is_inside() {
        return body();
    }
    let home = tempfile::tempdir().unwrap();
    let mut command = session(home.path());
    command.arg(this_program()).args(std::env::args_os().skip(1));
    let status = own_process::put_inside(&mut command, home.path(), "program").status();
    assert!(
        status
            .unwrap_or_else(|error| panic!("dbus-run-session: {error}{INSTALL}"))
            .success()
    );
}

/// Runs `body`, a closure in the calling test, without any D-Bus.
pub(crate) fn without_a_bus<F: FnOnce()>(body: F) {
    own_process::run(body, |home| {
        let mut command = Command::new(this_program());
        move_into(home, &mut command);
        command
    });
}

/// Begins a command that runs what follows in the session.
fn session(home: &Path) -> Command {
    let config = home.join("bus.conf");
    std::fs::write(&config, BUS.replace("RUNTIME", &home.to_string_lossy())).unwrap();
    let mut command = Command::new("dbus-run-session");
    command.arg("--config-file").arg(config).arg("--");
    move_into(home, &mut command);
    command
}

/// Without the environment of this desktop, if there is one.
fn move_into(home: &Path, command: &mut Command) {
    let directories = [
        "HOME",
        "XDG_RUNTIME_DIR",
        "XDG_DATA_HOME",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
    ];
    command
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .envs(directories.map(|name| (name, home)));
}

/// GNOME Keyring in this session, unlocked. It stops when it is dropped.
pub(crate) struct Keyring(Child);

impl Keyring {
    pub(crate) fn start() -> Self {
        let mut daemon = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("gnome-keyring-daemon: {error}{INSTALL}"));
        daemon.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
        let bus = DBusProxy::new(&bus()).unwrap();
        eventually("the Secret Service to start", || {
            bus.name_has_owner(SERVICE.try_into().unwrap()).unwrap() && is_there(&LOGIN)
        });
        Self(daemon)
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn bus() -> Connection {
    Connection::session().unwrap()
}

fn service(bus: &Connection) -> Proxy<'static> {
    Proxy::new(
        bus,
        SERVICE,
        "/org/freedesktop/secrets",
        "org.freedesktop.Secret.Service",
    )
    .unwrap()
}

fn is_there(collection: &ObjectPath<'_>) -> bool {
    let collections: Vec<OwnedObjectPath> = service(&bus()).get_property("Collections").unwrap();
    collections.iter().any(|path| path.as_ref() == *collection)
}

/// Locks the collection with the records, as a screen lock or the user does.
pub(crate) fn lock() {
    let _: (Vec<OwnedObjectPath>, OwnedObjectPath) = service(&bus()).call("Lock", &(vec![LOGIN],)).unwrap();
}

/// Unlocks it without a prompt, by the call of GNOME's own tools.
pub(crate) fn unlock() {
    let bus = bus();
    let secret = (
        plain_session(&bus),
        Vec::<u8>::new(),
        PASSWORD.as_bytes().to_vec(),
        "text/plain",
    );
    let internal = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface";
    let internal = Proxy::new(&bus, SERVICE, "/org/freedesktop/secrets", internal).unwrap();
    let () = internal.call("UnlockWithMasterPassword", &(LOGIN, secret)).unwrap();
}

/// Creates an item as another program does.
pub(crate) fn create_item(attributes: &HashMap<&str, &str>, secret: &[u8]) {
    let bus = bus();
    let properties = HashMap::from([(
        "org.freedesktop.Secret.Item.Attributes",
        Value::from(attributes.clone()),
    )]);
    let secret = (plain_session(&bus), Vec::<u8>::new(), secret.to_vec(), "text/plain");
    let _: (OwnedObjectPath, OwnedObjectPath) = collection(&bus)
        .call("CreateItem", &(properties, secret, false))
        .unwrap();
}

fn collection(bus: &Connection) -> Proxy<'static> {
    Proxy::new(bus, SERVICE, LOGIN, "org.freedesktop.Secret.Collection").unwrap()
}

fn plain_session(bus: &Connection) -> OwnedObjectPath {
    let (_, session): (OwnedValue, OwnedObjectPath) =
        service(bus).call("OpenSession", &("plain", Value::from(""))).unwrap();
    session
}

/// A prompt that opens and is never answered.
pub(crate) fn prompter_that_is_never_answered() -> Connection {
    connection::Builder::session()
        .unwrap()
        .name("org.gnome.keyring.SystemPrompter")
        .unwrap()
        .serve_at("/org/gnome/keyring/Prompter", SilentPrompter)
        .unwrap()
        .build()
        .unwrap()
}

struct SilentPrompter;

#[zbus::interface(name = "org.gnome.keyring.internal.Prompter")]
impl SilentPrompter {
    fn begin_prompting(&self, _callback: ObjectPath<'_>) {}
}

/// Waits until `is_so`.
fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(10), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
