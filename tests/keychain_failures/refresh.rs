//! `refresh` while the Secret Service is in trouble, and what its process does afterwards. The app client rotates refresh tokens: from
//! Cognito's response on the old one is dead, and the new one is in that process's memory alone until it is on record.

use std::time::Duration;

use cognito_signout::{Auth, SignOutOptions, SignOutResult};
use tokio::runtime::Handle;

use crate::bus_between::{BusBetween, Connection};
use crate::processes::say;
use crate::support::unlock;
use crate::world::{Trouble, World, at_each_call, bus_is_gone, lock, with_ana_signed_in};
use crate::{look, refresh};

pub(crate) const AND_GO_ON: &str = "refresh and go on";
const HAS_TRIED: &str = "has tried to refresh";

/// Refreshes, waits until the test lets it go on, uses the record, and ends in order: not before the library has done its last work.
pub(crate) async fn and_go_on(auth: Auth) -> String {
    let answer = refresh(&auth).await;
    say(HAS_TRIED);
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let then = look(&auth).await;
    drop(auth);
    while Handle::current().metrics().num_alive_tasks() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    format!("{answer}, then {then}")
}

impl World {
    /// Makes the same trouble at each call of another process that refreshes, and checks what it says when it has gone on after
    /// `meanwhile`.
    fn at_each_call_of_a_refresh(
        &self,
        make: impl Fn() -> Connection + Clone + Send + 'static,
        meanwhile: impl Fn(),
        check: impl Fn(&str, &Trouble),
    ) {
        at_each_call(|bus| self.refreshes_and_goes_on(bus, &meanwhile), make, check);
    }

    /// What another process says that refreshes, and goes on after `meanwhile`.
    fn refreshes_and_goes_on(&self, bus: &BusBetween, meanwhile: impl Fn()) -> String {
        let mut process = self.ready(AND_GO_ON, bus);
        process.go();
        process.has_said(HAS_TRIED);
        if !bus.has_made_trouble() {
            // The calls that follow are no part of the refresh.
            process.kill();
            return "nothing was wrong".to_owned();
        }
        meanwhile();
        process.go();
        process.answer()
    }

    /// The live refresh token is the one on record.
    #[track_caller]
    fn has_live_tokens_on_record(&self, trouble: &Trouble) {
        let refreshed = self.runtime.block_on(self.auth.refresh());
        assert!(refreshed.is_ok(), "{trouble}: {refreshed:?}");
        assert_eq!(self.live(), 1, "{trouble}");
    }
}

fn nothing() {}

#[test]
fn if_the_secret_service_is_restarted_a_refresh_does_not_notice() {
    with_ana_signed_in(|world| {
        world.at_each_call_of_a_refresh(world.restart(), nothing, |answer, trouble| {
            assert_eq!(answer, "refreshed, then signed in", "{trouble}");
            world.has_live_tokens_on_record(trouble);
        });
    });
}

#[test]
fn if_the_keyring_is_locked_the_next_use_writes_the_refreshed_tokens() {
    with_ana_signed_in(|world| {
        world.at_each_call_of_a_refresh(lock, unlock, |answer, trouble| {
            let answers = ["refreshed, then signed in", "vault_locked, then signed in"];
            assert!(answers.contains(&answer), "{trouble}: {answer}");
            world.has_live_tokens_on_record(trouble);
        });
    });
}

#[test]
fn if_the_keyring_is_locked_and_another_process_signs_out_the_refresh_brings_nothing_back() {
    with_ana_signed_in(|world| {
        let sign_out = || {
            unlock();
            let result = world.runtime.block_on(world.auth.sign_out(SignOutOptions::local()));
            assert!(matches!(result, SignOutResult::Complete(_)), "{result:?}");
        };
        world.at_each_call_of_a_refresh(lock, sign_out, |answer, trouble| {
            assert!(answer.ends_with(", then signed out"), "{trouble}: {answer}");
            assert!(!world.is_signed_in(), "{trouble}");
            world.pays_what_is_owed(trouble);
        });
    });
}

#[test]
fn if_the_bus_is_gone_the_refreshed_tokens_are_on_record_or_revoked_when_the_app_ends() {
    with_ana_signed_in(|world| {
        world.at_each_call_of_a_refresh(bus_is_gone, nothing, |answer, trouble| {
            let refreshed = answer.starts_with("refreshed, ");
            let is_expected = refreshed || answer.starts_with("vault_unavailable, ");
            assert!(is_expected, "{trouble}: {answer}");
            assert!(answer.contains("Unavailable"), "{trouble}: {answer}");
            if world.live() == 0 {
                assert!(refreshed, "{trouble}: {answer}");
                world.starts_again();
            } else {
                world.has_live_tokens_on_record(trouble);
            }
        });
    });
}
