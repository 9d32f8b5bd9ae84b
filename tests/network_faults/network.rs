//! A network for one test: two network namespaces and a cable between them. The app is in one, the services are in the other.
//! No packet leaves them. The addresses are those of RFC 5737 and RFC 3849, which are in use nowhere.
//!
//! Needs `ip` and `tc` (Debian's `iproute2`), `nft` (`nftables`), and a machine on which a user may make namespaces.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;

/// The variable that says which namespace the test itself is in.
const OUTSIDE: &str = "NETWORK_FAULTS_OUTSIDE";

pub(crate) const SERVICES_V4: &str = "192.0.2.1";
const APP_V4: &str = "192.0.2.2";
pub(crate) const SERVICES_V6: &str = "2001:db8::1";
const APP_V6: &str = "2001:db8::2";

/// Which addresses both sides have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Addresses {
    Both,
    V6Alone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    App,
    Services,
}

/// The network around this process. It ends with the process.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    /// The file of the services' namespace.
    services: PathBuf,
}

/// A command that runs this program again, where it has a network and mounts of its own.
pub(crate) fn in_a_network_of_its_own() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--net", "--mount", "--"]);
    command.arg(std::env::current_exe().unwrap());
    command.env(OUTSIDE, namespace());
    // Where Debian has the programs, and where only root looks for programs.
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", path + ":/usr/sbin:/sbin");
    command
}

fn namespace() -> PathBuf {
    std::fs::read_link("/proc/self/ns/net").unwrap()
}

impl Network {
    /// Lays the cable. `services` runs in a thread of its own, in the other namespace.
    pub(crate) fn lay(addresses: Addresses, services: impl FnOnce(Self) + Send + 'static) -> Self {
        let outside = PathBuf::from(std::env::var_os(OUTSIDE).unwrap());
        assert_ne!(
            namespace(),
            outside,
            "this is the machine's own network, which no test may change"
        );
        let (tell, told) = mpsc::channel();
        let (start, started) = mpsc::channel();
        thread::spawn(move || {
            // SAFETY: the call takes no pointer. It gives this thread, and no other, an empty network namespace.
            assert_eq!(unsafe { libc::unshare(libc::CLONE_NEWNET) }, 0);
            let this_thread = PathBuf::from("/proc").join(std::fs::read_link("/proc/thread-self").unwrap());
            tell.send(this_thread.join("ns/net")).unwrap();
            services(started.recv().unwrap());
        });
        let network = Self {
            services: told.recv().unwrap(),
        };
        let name_server = network.connect(addresses);
        network.resolve_by(name_server);
        start.send(network.clone()).unwrap();
        network
    }

    /// Returns the services' address.
    fn connect(&self, addresses: Addresses) -> &'static str {
        let there = self.services.to_str().unwrap();
        self.run(
            Side::App,
            &format!("ip link add app type veth peer name services netns {there}"),
        );
        for (side, device, v4, v6) in [
            (Side::App, "app", APP_V4, APP_V6),
            (Side::Services, "services", SERVICES_V4, SERVICES_V6),
        ] {
            self.run(side, "ip link set lo up");
            self.run(side, &format!("ip link set {device} up"));
            self.run(side, &format!("ip address add {v6}/64 dev {device} nodad"));
            if addresses == Addresses::Both {
                self.run(side, &format!("ip address add {v4}/24 dev {device}"));
            }
        }
        match addresses {
            Addresses::Both => SERVICES_V4,
            Addresses::V6Alone => SERVICES_V6,
        }
    }

    /// Only this process and its children see this name server.
    fn resolve_by(&self, name_server: &str) {
        let mut settings = tempfile::NamedTempFile::new().unwrap();
        writeln!(settings, "nameserver {name_server}").unwrap();
        let settings = settings.path().to_str().unwrap().to_owned();
        self.run(Side::App, &format!("mount --bind {settings} /etc/resolv.conf"));
    }

    /// Runs this command on one side. Its words have no blanks.
    pub(crate) fn run(&self, side: Side, command: &str) {
        self.feed(side, command, "");
    }

    /// Sets rules for the packets on one side, in the language of nftables.
    pub(crate) fn filter(&self, side: Side, rules: &str) {
        self.feed(side, "nft -f -", rules);
    }

    fn feed(&self, side: Side, command: &str, input: &str) {
        let mut words = command.split_whitespace();
        let mut run = match side {
            Side::App => Command::new(words.next().unwrap()),
            Side::Services => {
                let mut enter = Command::new("nsenter");
                enter.arg(format!("--net={}", self.services.display()));
                enter
            }
        };
        let mut child = run.args(words).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{command}: {input}");
    }
}
