//! Sign-outs, and the payment of what one has left, while the Secret Service is in a trouble that lasts.

use std::cell::Cell;

use crate::bus_between::{Connection, Moment};
use crate::support::{self, in_session};
use crate::{EVERYWHERE, World, at_each_call, is_child, lock};

fn nobody_notices_a_restart(role: &str) {
    if is_child() {
        return;
    }
    let world = World::begin();
    at_each_call(
        |bus| world.another_process(role, bus),
        world.restart(),
        |answer, moment, calls| {
            let trouble = format!("{moment:?} of {calls:?}");
            assert_eq!(answer, "complete", "{trouble}");
            world.has_kept_its_promises(answer, &trouble);
        },
    );
}

#[test]
fn if_the_secret_service_is_restarted_at_any_call_nobody_notices() {
    in_session(|| nobody_notices_a_restart("sign out"));
}

#[test]
fn if_the_secret_service_is_restarted_a_global_sign_out_does_not_notice() {
    in_session(|| nobody_notices_a_restart(EVERYWHERE));
}

#[test]
fn if_the_secret_service_is_restarted_resume_does_not_notice() {
    in_session(|| nobody_notices_a_restart("resume"));
}

/// How often the result was in doubt.
fn without_the_bus_nothing_is_lost(role: &str) -> usize {
    let world = World::begin();
    let in_doubt = Cell::new(0);
    at_each_call(
        |bus| world.another_process(role, bus),
        || Connection::IsGone,
        |answer, moment, calls| {
            let trouble = format!("{moment:?} of {calls:?}");
            // The service has made the commit, and nobody can tell the app so: the one wrong answer, in docs/limits.md.
            if matches!(moment, Moment::After(_)) && calls.last().unwrap() == "SetSecret" {
                assert_eq!(answer, "failed: vault_unavailable", "{trouble}");
                assert!(!world.is_signed_in(), "{trouble}");
                assert_eq!(world.live(), world.lived.get(), "{trouble}");
                world.pays_what_is_owed(&trouble);
                in_doubt.set(in_doubt.get() + 1);
            } else {
                world.has_kept_its_promises(answer, &trouble);
            }
        },
    );
    in_doubt.get()
}

#[test]
fn if_the_bus_is_gone_from_any_call_on_the_result_is_true_and_nothing_is_lost() {
    in_session(|| assert!(is_child() || without_the_bus_nothing_is_lost("sign out") == 1));
}

#[test]
fn if_the_bus_is_gone_a_global_sign_out_is_true_and_nothing_is_lost() {
    in_session(|| assert!(is_child() || without_the_bus_nothing_is_lost(EVERYWHERE) == 1));
}

#[test]
fn if_the_bus_is_gone_resume_loses_nothing() {
    in_session(|| assert!(is_child() || without_the_bus_nothing_is_lost("resume") == 0));
}

fn with_the_keyring_locked_nothing_is_lost(role: &str, answers: [&str; 3]) {
    if is_child() {
        return;
    }
    let world = World::begin();
    // If the library opened a prompt, it would wait for ever.
    let _prompter = support::prompter_that_is_never_answered();
    at_each_call(
        |bus| world.another_process(role, bus),
        lock,
        |answer, moment, calls| {
            support::unlock();
            let trouble = format!("{moment:?} of {calls:?}");
            assert!(answers.contains(&answer), "{trouble}: {answer}");
            world.has_kept_its_promises(answer, &trouble);
        },
    );
}

#[test]
fn if_the_keyring_is_locked_at_any_call_the_result_is_true_and_nothing_is_lost() {
    let answers = ["failed: vault_locked", "partial", "complete"];
    in_session(|| with_the_keyring_locked_nothing_is_lost("sign out", answers));
}

#[test]
fn if_the_keyring_is_locked_a_global_sign_out_is_true_and_nothing_is_lost() {
    let answers = ["failed: vault_locked", "partial", "complete"];
    in_session(|| with_the_keyring_locked_nothing_is_lost(EVERYWHERE, answers));
}

#[test]
fn if_the_keyring_is_locked_resume_loses_nothing() {
    in_session(|| with_the_keyring_locked_nothing_is_lost("resume", ["vault_locked", "partial", "complete"]));
}
