//! `store_session` while the Secret Service is in trouble: Bob signs in on a device on which Ana is signed in, so the write stores his
//! session and the debt of hers.

use std::cell::Cell;
use std::path::PathBuf;

use cognito_signout::{Secret, SessionState, SignOutOptions, SignOutResult, Tokens};

use crate::bus_between::{BusBetween, Connection, Moment};
use crate::support::{self, in_session};
use crate::{World, at_each_call, is_child, lock};

/// In this session's home directory.
fn file() -> PathBuf {
    PathBuf::from(std::env::var("HOME").unwrap()).join("tokens-of-bob")
}

/// What the other process stores.
pub(crate) fn tokens() -> Tokens {
    let tokens = std::fs::read_to_string(file()).unwrap();
    let mut lines = tokens.lines();
    let mut next = || lines.next().unwrap();
    Tokens::new(next(), next(), next())
}

/// Bob has signed in, and nothing of it is stored yet. Returns his refresh token.
fn bob_signs_in(world: &World) -> Secret {
    let bob = world.fake.sign_in("bob");
    let tokens = [&bob.access, &bob.id, &bob.refresh].map(Secret::reveal);
    std::fs::write(file(), tokens.join("\n")).unwrap();
    bob.refresh
}

impl World {
    fn who(&self) -> String {
        match self.runtime.block_on(self.auth.session()) {
            SessionState::SignedIn(session) => session.username.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// A failure has changed nothing. Otherwise Bob is signed in, and the next launch revokes Ana's token.
    #[track_caller]
    fn has_stored_or_changed_nothing(&self, answer: &str, bob: &Secret, trouble: &str) {
        if answer == "stored" {
            self.has_stored(trouble);
        } else {
            assert_eq!(self.who(), "ana", "{trouble}: {answer}");
            assert_eq!(self.live(), 1, "{trouble}: {answer}");
        }
        assert!(self.fake.is_refresh_token_live(bob), "{trouble}: {answer}");
    }

    #[track_caller]
    fn has_stored(&self, trouble: &str) {
        assert_eq!(self.who(), "bob", "{trouble}");
        let settled = self.runtime.block_on(self.auth.resume()).unwrap().settled;
        assert!(
            matches!(settled[..], [SignOutResult::Complete(_)]),
            "{trouble}: {settled:?}"
        );
        assert_eq!(self.live(), 0, "{trouble}");
    }

    /// Nobody is signed in, and nothing is owed.
    pub(crate) fn starts_again(&self) {
        let result = self.runtime.block_on(self.auth.sign_out(SignOutOptions::local()));
        assert!(matches!(result, SignOutResult::Complete(_)), "{result:?}");
        assert!(!self.record_exists());
    }
}

/// Stores Bob's session with this trouble at each call, and checks each answer.
fn at_each_call_of_store_session(
    make: impl Fn() -> Connection + Clone + Send + 'static,
    world: &World,
    check: impl Fn(&str, &Secret, Moment, &[String]),
) {
    let bob = std::cell::RefCell::new(bob_signs_in(world));
    let run = |bus: &BusBetween| world.another_process("store", bus);
    at_each_call(run, make, |answer, moment, calls| {
        check(answer, &bob.borrow(), moment, calls);
        world.starts_again();
        bob.replace(bob_signs_in(world));
    });
}

#[test]
fn if_the_connection_breaks_once_store_session_does_not_notice() {
    in_session(|| {
        if is_child() {
            return;
        }
        let world = World::begin();
        at_each_call_of_store_session(
            || Connection::Breaks,
            &world,
            |answer, _, moment, calls| {
                let trouble = format!("{moment:?} of {calls:?}");
                assert_eq!(answer, "stored", "{trouble}");
                world.has_stored(&trouble);
            },
        );
    });
}

#[test]
fn if_the_secret_service_is_restarted_store_session_does_not_notice() {
    in_session(|| {
        if is_child() {
            return;
        }
        let world = World::begin();
        let restart = world.restart();
        at_each_call_of_store_session(restart, &world, |answer, _, moment, calls| {
            let trouble = format!("{moment:?} of {calls:?}");
            assert_eq!(answer, "stored", "{trouble}");
            world.has_stored(&trouble);
        });
    });
}

#[test]
fn if_the_bus_is_gone_store_session_has_stored_the_session_or_changed_nothing() {
    in_session(|| {
        if is_child() {
            return;
        }
        let world = World::begin();
        let in_doubt = Cell::new(0);
        at_each_call_of_store_session(
            || Connection::IsGone,
            &world,
            |answer, bob, moment, calls| {
                let trouble = format!("{moment:?} of {calls:?}");
                // The service has made the write, and nobody can tell the app so: the one wrong answer, in docs/limits.md.
                if matches!(moment, Moment::After(_)) && calls.last().unwrap() == "SetSecret" {
                    assert_eq!(answer, "vault_unavailable", "{trouble}");
                    world.has_stored(&trouble);
                    in_doubt.set(in_doubt.get() + 1);
                } else {
                    world.has_stored_or_changed_nothing(answer, bob, &trouble);
                }
            },
        );
        assert_eq!(in_doubt.get(), 1);
    });
}

#[test]
fn if_the_keyring_is_locked_store_session_has_stored_the_session_or_changed_nothing() {
    in_session(|| {
        if is_child() {
            return;
        }
        let world = World::begin();
        // If the library opened a prompt, it would wait for ever.
        let _prompter = support::prompter_that_is_never_answered();
        at_each_call_of_store_session(lock, &world, |answer, bob, moment, calls| {
            support::unlock();
            let trouble = format!("{moment:?} of {calls:?}");
            assert!(["stored", "vault_locked"].contains(&answer), "{trouble}: {answer}");
            world.has_stored_or_changed_nothing(answer, bob, &trouble);
        });
    });
}
