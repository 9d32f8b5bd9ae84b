//! A real Secret Service under an app: how often the app calls it, and what the app promises if there is trouble at any call. GNOME
//! Keyring, in a private D-Bus session for each test.
//!
//! Needs Debian's `dbus` and `gnome-keyring`, so plain `cargo test` leaves it out: `cargo test --test keychain_failures`.
#![cfg(all(unix, not(any(target_vendor = "apple", target_os = "android"))))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::explicit_write,
    reason = "tests say what they expect, and libtest keeps what is printed otherwise"
)]

#[path = "../support/bus_between.rs"]
mod bus_between;
mod lasting;
#[path = "../support/processes.rs"]
#[allow(dead_code, reason = "a part of it is used here")]
mod processes;
mod refresh;
mod store_session;
#[path = "../support/secret_service.rs"]
mod support;

use std::cell::Cell;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bus_between::{BusBetween, Connection, Moment};
use cognito_signout::fake_cognito::{FakeCognito, Fault, Operation, ServiceError};
use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::{KeychainVault, Vault, VaultKey};
use cognito_signout::{Auth, AuthConfig, ErrorCode, SessionState, SignOutOptions, SignOutResult, SignedInWith, Tokens};
use processes::{Process, act_if_child, runtime};
use support::{Keyring, again, in_session};

/// The app. The app client rotates refresh tokens, because that is the harder case.
fn app(endpoint: &str) -> Auth {
    let config = AuthConfig::builder("eu-central-1_FakeCog01", "1example2client3of4fake5co").endpoint(endpoint);
    let config = config.refresh_token_rotation(true).build().unwrap();
    // A lock file of its own, so that other tests do not wait for it. The home directory is this session's.
    let vault = KeychainVault::builder().lock_directory(std::env::var("HOME").unwrap());
    Auth::builder(config, vault.build(), RustlsTransport::new()).build()
}

const EVERYWHERE: &str = "sign out everywhere";

async fn look(auth: &Auth) -> String {
    match auth.session().await {
        SessionState::SignedIn(_) => "signed in".to_owned(),
        SessionState::SignedOut => "signed out".to_owned(),
        other => format!("{other:?}"),
    }
}

async fn refresh(auth: &Auth) -> String {
    match auth.refresh().await {
        Ok(_) => "refreshed".to_owned(),
        Err(error) => error.code().as_str().to_owned(),
    }
}

fn word(result: &SignOutResult) -> String {
    match result {
        SignOutResult::Complete(_) => "complete".to_owned(),
        SignOutResult::Partial(_) => "partial".to_owned(),
        SignOutResult::Failed(failed) => format!("failed: {}", failed.error.code().as_str()),
    }
}

/// If this process is a child, it does what its role says.
fn is_child() -> bool {
    act_if_child(|role, endpoint| {
        let (auth, role) = (app(endpoint), role.to_owned());
        async move {
            match role.as_str() {
                "look" => look(&auth).await,
                "store" => match auth.store_session(store_session::tokens(), SignedInWith::Api).await {
                    Ok(()) => "stored".to_owned(),
                    Err(error) => error.code().as_str().to_owned(),
                },
                "refresh" => refresh(&auth).await,
                refresh::AND_GO_ON => refresh::and_go_on(auth).await,
                "resume" => match auth.resume().await {
                    Ok(resumed) => resumed.settled.iter().map(word).collect::<Vec<_>>().join(" "),
                    Err(error) => error.code().as_str().to_owned(),
                },
                EVERYWHERE => word(&auth.sign_out(SignOutOptions::global()).await),
                _ => word(&auth.sign_out(SignOutOptions::local()).await),
            }
        }
    })
}

/// The process that starts the others: it has the keyring, the server, and an app of its own with a direct connection to the bus.
struct World {
    keyring: Arc<Mutex<Option<Keyring>>>,
    runtime: tokio::runtime::Runtime,
    fake: FakeCognito,
    auth: Auth,
    /// How many of Ana's sessions were alive before the other process began.
    lived: Cell<usize>,
}

/// A trouble: the keyring is locked.
fn lock() -> Connection {
    support::lock();
    Connection::GoesOn
}

impl World {
    /// A trouble: the Secret Service ends, and another one begins.
    fn restart(&self) -> impl Fn() -> Connection + Clone + Send + 'static + use<> {
        let keyring = Arc::clone(&self.keyring);
        move || {
            let mut keyring = keyring.lock().unwrap();
            drop(keyring.take());
            *keyring = Some(Keyring::start());
            Connection::GoesOn
        }
    }

    /// Ana is signed in.
    fn begin() -> Self {
        let keyring = Arc::new(Mutex::new(Some(Keyring::start())));
        let runtime = runtime();
        let fake = runtime.block_on(FakeCognito::builder().rotation(Duration::ZERO).start());
        let fake = fake.unwrap();
        let auth = app(fake.url().as_str());
        let world = Self {
            keyring,
            runtime,
            fake,
            auth,
            lived: Cell::default(),
        };
        world.sign_in();
        world
    }

    fn sign_in(&self) {
        let issued = self.fake.sign_in("ana");
        let tokens = Tokens::new(issued.access, issued.id, issued.refresh);
        let stored = self.auth.store_session(tokens, SignedInWith::Api);
        self.runtime.block_on(stored).unwrap();
    }

    /// Ana is signed in, or owes her refresh token. What is global also concerns her session on another device.
    fn prepare(&self, role: &str) {
        if !self.is_signed_in() {
            self.sign_in();
        }
        if role == EVERYWHERE && self.live() == 1 {
            self.fake.sign_in("ana");
        }
        if role == "resume" {
            let refuse = Fault::Refuse(ServiceError::InternalError);
            self.fake.on(Operation::RevokeToken).always(refuse);
            let result = self.runtime.block_on(self.auth.sign_out(SignOutOptions::local()));
            assert!(
                matches!(&result, SignOutResult::Partial(partial) if partial.kept),
                "{result:?}"
            );
            self.fake.heal();
        }
        self.lived.set(self.live());
    }

    /// Another process, ready to do this, with its connection to the bus through `bus`.
    fn ready(&self, role: &str, bus: &BusBetween) -> Process {
        self.prepare(role);
        let mut command = again(role);
        command.env("DBUS_SESSION_BUS_ADDRESS", bus.address());
        Process::ready(command, &self.fake)
    }

    /// What another process says when it has done this.
    fn another_process(&self, role: &str, bus: &BusBetween) -> String {
        let mut process = self.ready(role, bus);
        process.go();
        process.answer()
    }

    fn is_signed_in(&self) -> bool {
        match self.runtime.block_on(self.auth.session()) {
            SessionState::SignedIn(_) => true,
            SessionState::SignedOut => false,
            other => panic!("{other:?}"),
        }
    }

    fn live(&self) -> usize {
        self.fake.live_sessions("ana")
    }

    fn record_exists(&self) -> bool {
        let key = VaultKey {
            user_pool_id: self.fake.user_pool_id(),
            client_id: self.fake.client_id(),
        };
        KeychainVault::native().read(&key).unwrap().is_some()
    }

    /// The promises of a sign-out with this answer, or of the payment of what one has left.
    #[track_caller]
    fn has_kept_its_promises(&self, answer: &str, trouble: &str) {
        if answer.starts_with("failed") {
            assert!(self.is_signed_in(), "{trouble}: {answer}, and the session is gone");
            assert_eq!(
                self.live(),
                self.lived.get(),
                "{trouble}: {answer}, and a token is dead"
            );
            return;
        }
        assert!(!self.is_signed_in(), "{trouble}: {answer}, and the session is there");
        if answer == "complete" {
            assert_eq!(self.live(), 0, "{trouble}");
            assert!(!self.record_exists(), "{trouble}");
        }
        self.pays_what_is_owed(trouble);
    }

    /// The next launch leaves nothing: no token that lives, no record.
    #[track_caller]
    fn pays_what_is_owed(&self, trouble: &str) {
        let resumed = self.runtime.block_on(self.auth.resume()).unwrap();
        let all_paid = resumed.settled.iter().all(|paid| match paid {
            SignOutResult::Complete(_) => true,
            // Paid before, and the keychain could not be told so. Then Cognito says that the session has ended: docs/limits.md.
            SignOutResult::Partial(partial) => {
                let error = partial.global_sign_out_error.as_ref();
                error.is_some_and(|error| error.error.code() == ErrorCode::SessionExpired)
            }
            SignOutResult::Failed(_) => false,
        });
        assert!(all_paid, "{trouble}: {resumed:?}");
        assert_eq!(self.live(), 0, "{trouble}");
        assert!(!self.record_exists(), "{trouble}");
    }
}

/// Makes the same trouble at each call of the process that `run` starts, and checks each answer. The trouble is made before the first
/// call, after it, before the second one, and so on.
fn at_each_call(
    run: impl Fn(&BusBetween) -> String,
    make: impl Fn() -> Connection + Clone + Send + 'static,
    check: impl Fn(&str, Moment, &[String]),
) {
    for number in 1.. {
        for moment in [Moment::Before(number), Moment::After(number)] {
            let bus = BusBetween::with_trouble(moment, make.clone());
            let answer = run(&bus);
            if !bus.has_made_trouble() {
                assert!(number > 4, "there were only {number} calls");
                return;
            }
            check(&answer, moment, &bus.calls());
        }
    }
}

fn calls(bus: &BusBetween) -> String {
    bus.calls().join(" ")
}

#[test]
fn a_session_takes_four_calls_and_a_sign_out_twelve() {
    in_session(|| {
        if is_child() {
            return;
        }
        let world = World::begin();
        let bus = BusBetween::start();
        assert_eq!(world.another_process("look", &bus), "signed in");
        assert_eq!(calls(&bus), "Hello OpenSession SearchItems GetSecret");

        let bus = BusBetween::start();
        assert_eq!(world.another_process("sign out", &bus), "complete");
        let expected = [
            "Hello OpenSession SearchItems GetSecret",
            // The commit: read, write, read back.
            "SearchItems GetSecret SetSecret GetSecret",
            // The debt is paid: read, delete, read back.
            "SearchItems GetSecret Delete SearchItems",
        ];
        assert_eq!(calls(&bus), expected.join(" "));
    });
}

#[test]
fn if_the_connection_breaks_once_at_any_call_nobody_notices() {
    in_session(|| {
        if is_child() {
            return;
        }
        let world = World::begin();
        for (role, expected) in [
            ("look", "signed in"),
            ("refresh", "refreshed"),
            ("sign out", "complete"),
        ] {
            at_each_call(
                |bus| world.another_process(role, bus),
                || Connection::Breaks,
                |answer, moment, calls| {
                    let trouble = format!("{role}, {moment:?} of {calls:?}");
                    assert_eq!(answer, expected, "{trouble}");
                    assert_eq!(world.live(), usize::from(role != "sign out"), "{trouble}");
                    assert_eq!(world.is_signed_in(), role != "sign out", "{trouble}");
                },
            );
        }
    });
}

#[test]
fn if_the_bus_is_gone_a_session_is_never_said_to_be_signed_out() {
    in_session(|| {
        if is_child() {
            return;
        }
        let world = World::begin();
        at_each_call(
            |bus| world.another_process("look", bus),
            || Connection::IsGone,
            |answer, moment, _| {
                assert!(
                    answer.contains("Unavailable") || answer == "signed in",
                    "{moment:?}: {answer}"
                );
            },
        );
        assert_eq!(world.fake.count(Operation::RevokeToken), 0);
    });
}
