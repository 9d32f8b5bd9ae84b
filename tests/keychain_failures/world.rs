//! What a test is made of: the process that starts the others, the troubles, and the promises that hold in each of them.

use std::cell::Cell;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cognito_signout::fake_cognito::{FakeCognito, Fault, Operation, ServiceError};
use cognito_signout::vault::{KeychainVault, Vault, VaultKey};
use cognito_signout::{Auth, ErrorCode, SessionState, SignOutOptions, SignOutResult, SignedInWith, Tokens};

use crate::bus_between::{BusBetween, Connection, Moment};
use crate::processes::{Process, runtime};
use crate::support::{self, Keyring, again, in_session};
use crate::{EVERYWHERE, app, is_child};

/// Runs `test` in a D-Bus session of its own, in which Ana is signed in. The other processes of the test do what their roles say.
pub(crate) fn with_ana_signed_in<F: FnOnce(&World)>(test: F) {
    in_session(|| {
        if !is_child() {
            test(&World::begin());
        }
    });
}

/// When a trouble was made.
pub(crate) struct Trouble {
    moment: Moment,
    /// The calls until the process ended.
    calls: Vec<String>,
}

impl Trouble {
    /// The service has written, and its response is lost.
    pub(crate) fn hides_a_write(&self) -> bool {
        matches!(self.moment, Moment::After(_)) && self.calls.last().unwrap() == "SetSecret"
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {:?}", self.moment, self.calls)
    }
}

/// Makes the same trouble at each call of the process that `run` starts, and checks each answer. The trouble is made before the first
/// call, after it, before the second one, and so on.
pub(crate) fn at_each_call(
    run: impl Fn(&BusBetween) -> String,
    make: impl Fn() -> Connection + Clone + Send + 'static,
    check: impl Fn(&str, &Trouble),
) {
    for number in 1.. {
        for moment in [Moment::Before(number), Moment::After(number)] {
            let bus = BusBetween::with_trouble(moment, make.clone());
            let answer = run(&bus);
            if !bus.has_made_trouble() {
                assert!(number > 4, "there were only {number} calls");
                return;
            }
            let calls = bus.calls();
            check(&answer, &Trouble { moment, calls });
        }
    }
}

/// A trouble: the connection breaks, once.
pub(crate) fn connection_breaks() -> Connection {
    Connection::Breaks
}

/// A trouble: the bus is gone for good.
pub(crate) fn bus_is_gone() -> Connection {
    Connection::IsGone
}

/// A trouble: the keyring is locked.
pub(crate) fn lock() -> Connection {
    support::lock();
    Connection::GoesOn
}

/// The process that starts the others: it has the keyring, the server, and an app of its own with a direct connection to the bus.
pub(crate) struct World {
    keyring: Arc<Mutex<Option<Keyring>>>,
    /// If the library opened a prompt, it would wait for ever.
    _prompter: zbus::blocking::Connection,
    pub(crate) runtime: tokio::runtime::Runtime,
    pub(crate) fake: FakeCognito,
    pub(crate) auth: Auth,
    /// How many of Ana's sessions were alive before the other process began.
    pub(crate) lived: Cell<usize>,
}

impl World {
    /// A trouble: the Secret Service ends, and another one begins.
    pub(crate) fn restart(&self) -> impl Fn() -> Connection + Clone + Send + 'static + use<> {
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
            _prompter: support::prompter_that_is_never_answered(),
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
    pub(crate) fn ready(&self, role: &str, bus: &BusBetween) -> Process {
        self.prepare(role);
        let mut command = again(role);
        command.env("DBUS_SESSION_BUS_ADDRESS", bus.address());
        Process::ready(command, &self.fake)
    }

    /// What another process says when it has done this.
    pub(crate) fn another_process(&self, role: &str, bus: &BusBetween) -> String {
        let mut process = self.ready(role, bus);
        process.go();
        process.answer()
    }

    /// Makes the same trouble at each call of another process that does this, and checks each answer.
    pub(crate) fn at_each_call_of(
        &self,
        role: &str,
        make: impl Fn() -> Connection + Clone + Send + 'static,
        check: impl Fn(&str, &Trouble),
    ) {
        at_each_call(|bus| self.another_process(role, bus), make, check);
    }

    pub(crate) fn is_signed_in(&self) -> bool {
        match self.runtime.block_on(self.auth.session()) {
            SessionState::SignedIn(_) => true,
            SessionState::SignedOut => false,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn live(&self) -> usize {
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
    pub(crate) fn has_kept_its_promises(&self, answer: &str, trouble: &Trouble) {
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
    pub(crate) fn pays_what_is_owed(&self, trouble: &Trouble) {
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

    /// Nobody is signed in, and nothing is owed.
    pub(crate) fn starts_again(&self) {
        let result = self.runtime.block_on(self.auth.sign_out(SignOutOptions::local()));
        assert!(matches!(result, SignOutResult::Complete(_)), "{result:?}");
        assert!(!self.record_exists());
    }
}
