//! The handle's calls beside each other, in one process and in two, in as many orders as there is time for: `single_flight`, the
//! turns and the caller protocol of `record/store.rs`, the claims of debts.
//!
//! Each of these changes of the library was made once, and the test that is named with it failed. The last column says in how
//! many orders of each scheduler that was tried:
//!
//! | change | test | orders |
//! |---|---|---:|
//! | `join_or_start` looks for running work, lets the lock go, and takes it again to start | `a_refresh_beside_a_sign_out_…` | 500 |
//! | `in_turn` drops its permit before its work begins | five of the tests | 40 |
//! | `make` does not lock the vault | `no_change_of_the_record_…`, `two_processes_…` | 40 |
//! | `make` reads the record before it locks the vault | `no_change_of_the_record_…` | 40 |
//! | `make` sees that its caller waits, and does not claim the answer | `a_caller_that_gives_up_…` | 500 |
//! | `in_turn` reports `TimedOut` although the answer was claimed | `a_caller_that_gives_up_…` | 500 |
//! | `make` does not put refreshed tokens that are in memory alone on record | `a_refresh_beside_a_sign_out_…` | 40 |
//! | `InPayment::claim` always succeeds | `a_debt_is_never_paid_…` | 40 |
//!
//! Those with 500 were not found in 40. Not found in 500 orders of one scene: `join_or_start` sends the answer before it makes
//! room for the next work.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

extern crate cognito_signout_interleavings as cognito_signout;

mod support;

use cognito_signout::{AuthError, Device, Identity, SessionState, SignOutOptions, SignOutResult};
use support::{Process, World, in_every_order};

fn identity() -> Option<Identity> {
    Some(Identity::new("eu-central-1:identity", None))
}

fn device() -> Option<Device> {
    Some(Device::new("device-key", "group", "password"))
}

#[test]
fn calls_that_sign_out_together_sign_out_once_and_get_the_same_result() {
    in_every_order(async || {
        let world = World::signed_in(false).await;
        let auth = Process::of(&world).auth();
        let scope = auth.session_scope().await.unwrap();
        let calls: Vec<_> = (0..3)
            .map(|_| {
                let (auth, scope) = (auth.clone(), scope.clone());
                tokio::spawn(async move {
                    let result = auth.sign_out(SignOutOptions::local()).await;
                    assert!(scope.is_cancelled(), "the scope outlives its session");
                    assert_eq!(auth.tokens().await, Err(AuthError::SignedOut));
                    result
                })
            })
            .collect();
        for call in calls {
            let result = call.await.unwrap();
            assert!(matches!(result, SignOutResult::Complete(_)), "{result:?}");
        }
        assert_eq!((world.revocations(), world.disk().as_str()), (1, ""));
    });
}

#[test]
fn no_change_of_the_record_is_lost_beside_another() {
    in_every_order(async || {
        let world = World::signed_in(false).await;
        // Two handles of one process, and another process.
        let (auth, other) = (Process::of(&world).auth(), Process::of(&world).auth());
        let (same, next) = (auth.clone(), other.clone());
        let identity = tokio::spawn(async move { same.set_identity(identity()).await });
        let device = tokio::spawn(async move { next.set_device("ana", device()).await });
        let older = auth.refresh().await.unwrap();
        let refreshed = auth.refresh().await.unwrap();
        assert_ne!(
            refreshed, older,
            "the second call has joined the first, which had ended"
        );
        identity.await.unwrap().unwrap();
        device.await.unwrap().unwrap();
        assert!(auth.identity().await.unwrap().is_some());
        assert!(auth.device("ana").await.unwrap().is_some());
        assert_eq!(other.tokens().await.unwrap(), refreshed);
    });
}

#[test]
fn a_caller_that_gives_up_is_told_the_truth() {
    in_every_order(async || {
        let world = World::signed_in(false).await;
        let auth = Process::of(&world).auth();
        let impatient = auth.clone();
        let call = tokio::spawn(async move { impatient.set_identity(identity()).await });
        let time = tokio::spawn(async { tokio::time::let_them_pass() });
        let told = call.await.unwrap();
        time.await.unwrap();
        // It comes when the late worker has ended.
        let is_on_record = auth.identity().await.unwrap().is_some();
        assert_eq!(told.is_ok(), is_on_record, "{told:?}");
    });
}

#[test]
fn a_refresh_beside_a_sign_out_brings_no_session_back_and_forgets_no_token() {
    in_every_order(async || {
        let world = World::signed_in(true).await;
        let auth = Process::of(&world).auth();
        let calls: Vec<_> = (0..2)
            .map(|_| {
                let auth = auth.clone();
                tokio::spawn(async move { auth.refresh().await })
            })
            .collect();
        let result = auth.sign_out(SignOutOptions::local()).await;
        assert!(result.signed_out_locally(), "{result:?}");
        assert_eq!(auth.session().await, SessionState::SignedOut);
        for call in calls {
            let _either = call.await.unwrap();
        }
        assert_eq!(auth.session().await, SessionState::SignedOut);
        assert!(world.knows_every_live_token([&result]), "{result:?}, {}", world.disk());
        let _resumed = auth.resume().await.unwrap();
        assert_eq!(world.disk(), "");
    });
}

#[test]
fn a_debt_is_never_paid_by_two_calls_at_once() {
    in_every_order(async || {
        let world = World::signed_in(false).await;
        let auth = Process::of(&world).auth();
        world.server().is_offline = true;
        let SignOutResult::Partial(partial) = auth.sign_out(SignOutOptions::local()).await else {
            panic!("there is no network");
        };
        world.server().is_offline = false;
        let (settles, resumes) = (auth.clone(), auth.clone());
        let settles = tokio::spawn(async move { settles.settle_pending().await });
        let resumes = tokio::spawn(async move { resumes.resume().await });
        let retried = auth.retry(&partial).await;
        settles.await.unwrap().unwrap();
        let _resumed = resumes.await.unwrap().unwrap();
        assert!(matches!(retried, SignOutResult::Complete(_)), "{retried:?}");
        assert_eq!(world.disk(), "");
        assert!(world.server().live.is_empty());
    });
}

/// What two processes do, each of which can die before any of its operations; then a third finds the record.
fn two_processes(rotates: bool, first_dies: bool, other_dies: bool) {
    in_every_order(async move || {
        let world = World::signed_in(rotates).await;
        let process = |dies: bool| {
            if dies {
                Process::mortal(&world)
            } else {
                Process::of(&world)
            }
        };
        let (first, other) = (process(first_dies), process(other_dies));
        let (signs_out, refreshes) = (first.auth(), other.auth());
        let calls = [
            tokio::spawn(async move { signs_out.sign_out(SignOutOptions::local()).await }),
            tokio::spawn(async move {
                let _either = refreshes.refresh().await;
                refreshes.sign_out(SignOutOptions::global()).await
            }),
        ];
        let mut results = Vec::new();
        for (call, process) in calls.into_iter().zip([&first, &other]) {
            let result = call.await.unwrap();
            // Nobody gets the result of a dead process.
            results.extend((!process.is_dead()).then_some(result));
        }
        // A response that a process has not written down when it dies takes a rotated token with it.
        let is_lost = rotates && other.is_dead();
        assert!(
            is_lost || world.knows_every_live_token(&results),
            "{results:?}, {}",
            world.disk()
        );

        let third = Process::of(&world).auth();
        let session = third.session().await;
        if results.iter().any(SignOutResult::signed_out_locally) {
            assert_eq!(session, SessionState::SignedOut);
        }
        let _resumed = third.resume().await.unwrap();
        if session == SessionState::SignedOut {
            assert_eq!(world.disk(), "");
            assert!(is_lost || world.server().live.is_empty(), "{results:?}");
        }
    });
}

#[test]
fn two_processes_over_one_record_keep_the_promises() {
    two_processes(false, false, false);
    two_processes(true, false, false);
}

#[test]
fn two_processes_over_one_record_keep_the_promises_if_one_dies() {
    two_processes(false, true, false);
    two_processes(true, false, true);
}

#[test]
fn two_processes_over_one_record_keep_the_promises_if_both_die() {
    two_processes(false, true, true);
}
