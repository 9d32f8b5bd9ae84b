//! `store_session` while the Secret Service is in trouble: Bob signs in on a device on which Ana is signed in, so the write stores his
//! session and the debt of hers.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;

use cognito_signout::{Secret, SessionState, SignOutResult, Tokens};

use crate::bus_between::Connection;
use crate::support::unlock;
use crate::world::{Trouble, World, bus_is_gone, connection_breaks, lock, with_ana_signed_in};

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
    /// Makes the same trouble at each call of another process that stores Bob's session, and checks each answer.
    fn at_each_call_of_store_session(
        &self,
        make: impl Fn() -> Connection + Clone + Send + 'static,
        check: impl Fn(&str, &Secret, &Trouble),
    ) {
        let bob = RefCell::new(bob_signs_in(self));
        self.at_each_call_of("store", make, |answer, trouble| {
            check(answer, &bob.borrow(), trouble);
            self.starts_again();
            bob.replace(bob_signs_in(self));
        });
    }

    fn who(&self) -> String {
        match self.runtime.block_on(self.auth.session()) {
            SessionState::SignedIn(session) => session.username.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// A failure has changed nothing. Otherwise Bob is signed in, and the next launch revokes Ana's token.
    #[track_caller]
    fn has_stored_or_changed_nothing(&self, answer: &str, bob: &Secret, trouble: &Trouble) {
        if answer == "stored" {
            self.has_stored(trouble);
        } else {
            assert_eq!(self.who(), "ana", "{trouble}: {answer}");
            assert_eq!(self.live(), 1, "{trouble}: {answer}");
        }
        assert!(self.fake.is_refresh_token_live(bob), "{trouble}: {answer}");
    }

    #[track_caller]
    fn has_stored(&self, trouble: &Trouble) {
        assert_eq!(self.who(), "bob", "{trouble}");
        let settled = self.runtime.block_on(self.auth.resume()).unwrap().settled;
        assert!(
            matches!(settled[..], [SignOutResult::Complete(_)]),
            "{trouble}: {settled:?}"
        );
        assert_eq!(self.live(), 0, "{trouble}");
    }
}

fn nobody_notices(world: &World, make: impl Fn() -> Connection + Clone + Send + 'static) {
    world.at_each_call_of_store_session(make, |answer, _, trouble| {
        assert_eq!(answer, "stored", "{trouble}");
        world.has_stored(trouble);
    });
}

#[test]
fn if_the_connection_breaks_once_store_session_does_not_notice() {
    with_ana_signed_in(|world| nobody_notices(world, connection_breaks));
}

#[test]
fn if_the_secret_service_is_restarted_store_session_does_not_notice() {
    with_ana_signed_in(|world| nobody_notices(world, world.restart()));
}

#[test]
fn if_the_bus_is_gone_store_session_has_stored_the_session_or_changed_nothing() {
    with_ana_signed_in(|world| {
        let in_doubt = Cell::new(0);
        world.at_each_call_of_store_session(bus_is_gone, |answer, bob, trouble| {
            // The service has made the write, and nobody can tell the app so: the one wrong answer, in docs/limits.md.
            if trouble.hides_a_write() {
                assert_eq!(answer, "vault_unavailable", "{trouble}");
                world.has_stored(trouble);
                in_doubt.set(in_doubt.get() + 1);
            } else {
                world.has_stored_or_changed_nothing(answer, bob, trouble);
            }
        });
        assert_eq!(in_doubt.get(), 1);
    });
}

#[test]
fn if_the_keyring_is_locked_store_session_has_stored_the_session_or_changed_nothing() {
    with_ana_signed_in(|world| {
        world.at_each_call_of_store_session(lock, |answer, bob, trouble| {
            unlock();
            assert!(["stored", "vault_locked"].contains(&answer), "{trouble}: {answer}");
            world.has_stored_or_changed_nothing(answer, bob, trouble);
        });
    });
}
