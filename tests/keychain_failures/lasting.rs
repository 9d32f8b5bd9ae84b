//! Sign-outs, and the payment of what one has left, while the Secret Service is in a trouble that lasts.

use std::cell::Cell;

use crate::EVERYWHERE;
use crate::support::unlock;
use crate::world::{World, bus_is_gone, lock, with_ana_signed_in};

fn nobody_notices_a_restart(world: &World, role: &str) {
    world.at_each_call_of(role, world.restart(), |answer, trouble| {
        assert_eq!(answer, "complete", "{trouble}");
        world.has_kept_its_promises(answer, trouble);
    });
}

#[test]
fn if_the_secret_service_is_restarted_at_any_call_nobody_notices() {
    with_ana_signed_in(|world| nobody_notices_a_restart(world, "sign out"));
}

#[test]
fn if_the_secret_service_is_restarted_a_global_sign_out_does_not_notice() {
    with_ana_signed_in(|world| nobody_notices_a_restart(world, EVERYWHERE));
}

#[test]
fn if_the_secret_service_is_restarted_resume_does_not_notice() {
    with_ana_signed_in(|world| nobody_notices_a_restart(world, "resume"));
}

/// Without the bus nothing is lost. Returns how often the result was in doubt.
fn times_in_doubt(world: &World, role: &str) -> usize {
    let in_doubt = Cell::new(0);
    world.at_each_call_of(role, bus_is_gone, |answer, trouble| {
        // The service has made the commit, and nobody can tell the app so: the one wrong answer, in docs/limits.md.
        if trouble.hides_a_write() {
            assert_eq!(answer, "failed: vault_unavailable", "{trouble}");
            assert!(!world.is_signed_in(), "{trouble}");
            assert_eq!(world.live(), world.lived.get(), "{trouble}");
            world.pays_what_is_owed(trouble);
            in_doubt.set(in_doubt.get() + 1);
        } else {
            world.has_kept_its_promises(answer, trouble);
        }
    });
    in_doubt.get()
}

#[test]
fn if_the_bus_is_gone_from_any_call_on_the_result_is_true_and_nothing_is_lost() {
    with_ana_signed_in(|world| assert_eq!(times_in_doubt(world, "sign out"), 1));
}

#[test]
fn if_the_bus_is_gone_a_global_sign_out_is_true_and_nothing_is_lost() {
    with_ana_signed_in(|world| assert_eq!(times_in_doubt(world, EVERYWHERE), 1));
}

#[test]
fn if_the_bus_is_gone_resume_loses_nothing() {
    with_ana_signed_in(|world| assert_eq!(times_in_doubt(world, "resume"), 0));
}

fn with_the_keyring_locked_nothing_is_lost(world: &World, role: &str, failure: &str) {
    world.at_each_call_of(role, lock, |answer, trouble| {
        unlock();
        assert!(
            [failure, "partial", "complete"].contains(&answer),
            "{trouble}: {answer}"
        );
        world.has_kept_its_promises(answer, trouble);
    });
}

#[test]
fn if_the_keyring_is_locked_at_any_call_the_result_is_true_and_nothing_is_lost() {
    with_ana_signed_in(|world| with_the_keyring_locked_nothing_is_lost(world, "sign out", "failed: vault_locked"));
}

#[test]
fn if_the_keyring_is_locked_a_global_sign_out_is_true_and_nothing_is_lost() {
    with_ana_signed_in(|world| with_the_keyring_locked_nothing_is_lost(world, EVERYWHERE, "failed: vault_locked"));
}

#[test]
fn if_the_keyring_is_locked_resume_loses_nothing() {
    with_ana_signed_in(|world| with_the_keyring_locked_nothing_is_lost(world, "resume", "vault_locked"));
}
