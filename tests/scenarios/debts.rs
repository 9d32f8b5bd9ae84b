//! What a sign-out owes if Cognito could not be reached: debts are handed over, kept within bounds, resumed and paid.

use std::time::Duration;

use cognito_signout::fake_cognito::Operation::{GlobalSignOut, RevokeToken};
use cognito_signout::fake_cognito::{FakeClock, FakeCognito, Fault, IssuedTokens, ServiceError};
use cognito_signout::vault::VaultError;
use cognito_signout::{AuthEvent, ErrorCode, Partial, SignOutResult, SignedOutReason, UnpaidRevocations};

use crate::device::{Device, REFUSED, TWO_HOURS, complete, heard, partial, signed_out};
use crate::vault::Use;

pub(crate) async fn keeping(max_age: Duration, max_debts: u32) -> Device {
    with_policy(UnpaidRevocations::Keep { max_age, max_debts }).await
}

async fn with_policy(policy: UnpaidRevocations) -> Device {
    let device = Device::at(FakeCognito::builder(), |config| config.unpaid_revocations(policy)).await;
    device.sign_in("ana").await;
    device
}

/// The one result of `settle_pending`.
async fn settle_one(device: &Device) -> SignOutResult {
    let mut results = device.auth.settle_pending().await.unwrap();
    assert_eq!(results.len(), 1);
    results.remove(0)
}

/// A sign-out that pays nothing.
async fn sign_out_unpaid(device: &Device) -> Partial {
    device.fake.on(RevokeToken).once(REFUSED);
    partial(device.sign_out().await)
}

#[tokio::test(start_paused = true)]
async fn by_default_a_debt_is_in_the_result_and_kept() {
    let device = Device::new().await;
    let tokens = device.sign_in("ana").await;
    device.fake.go_offline().await.unwrap();
    let unpaid = partial(device.sign_out().await);
    assert_eq!(unpaid.revoke_token_error.unwrap().refresh_token, tokens.refresh);
    assert!(unpaid.kept);
    device.fake.go_online().await.unwrap();
    complete(settle_one(&device).await);
    assert_eq!(device.vault.record(), None);
}

#[tokio::test(start_paused = true)]
async fn a_debt_that_is_handed_over_to_the_caller_is_removed() {
    let device = with_policy(UnpaidRevocations::HandOver).await;
    device.fake.go_offline().await.unwrap();
    let unpaid = partial(device.sign_out().await);
    assert!(unpaid.revoke_token_error.is_some() && !unpaid.kept);
    assert_eq!(device.vault.record(), None);
    device.fake.go_online().await.unwrap();
    assert!(device.auth.settle_pending().await.unwrap().is_empty());
}

#[tokio::test]
async fn nothing_is_handed_over_to_a_caller_of_resume_or_settle_pending() {
    let device = with_policy(UnpaidRevocations::HandOver).await;
    let gate = device.fake.on(RevokeToken).hold();
    let dying = device.begin_sign_out(Default::default());
    gate.reached_by(1).await;
    let next = device.killed();
    device.fake.heal();
    device.fake.on(RevokeToken).always(REFUSED);
    for _ in 0..3 {
        assert!(partial(next.auth.resume().await.unwrap().settled.remove(0)).kept);
        assert!(partial(settle_one(&next).await).kept);
    }
    device.fake.heal();
    complete(settle_one(&next).await);
    assert_eq!(device.fake.live_sessions("ana"), 0);
    assert_eq!(next.vault.record(), None);
    gate.open();
    complete(dying.await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn the_next_process_pays_a_kept_debt_and_sends_the_event() {
    let device = keeping(TWO_HOURS, 10).await;
    device.fake.go_offline().await.unwrap();
    partial(device.sign_out_globally().await);
    device.assert_signed_out().await;
    device.fake.go_online().await.unwrap();

    let next = device.restarted();
    let mut events = next.auth.events();
    complete(settle_one(&next).await);
    next.assert_asked(&[GlobalSignOut, RevokeToken]);
    assert_eq!(heard(&mut events), [AuthEvent::RevocationSettled]);
    assert_eq!(device.fake.live_sessions("ana"), 0);
    assert_eq!(device.vault.record(), None);
}

#[tokio::test(start_paused = true)]
async fn a_kept_debt_is_given_up_at_the_second_failure_past_its_age_and_the_result_says_so() {
    let device = keeping(TWO_HOURS, 5).await;
    device.fake.go_offline().await.unwrap();
    partial(device.sign_out().await);
    device.advance(TWO_HOURS - Duration::from_secs(60));
    for _ in 0..3 {
        assert!(partial(settle_one(&device).await).kept, "a minute is left");
    }
    device.advance(Duration::from_secs(120));
    assert!(partial(settle_one(&device).await).kept, "the first past its age");
    let given_up = partial(settle_one(&device).await);
    assert!(given_up.revoke_token_error.is_some() && !given_up.kept);
    assert_eq!(device.vault.record(), None);
}

/// Another user signs in, and so many debts are tried in the background and refused. It is over when this returns.
async fn sign_in_while_refused(device: &Device, user: &str, debts: usize) -> IssuedTokens {
    let asked = device.fake.count(RevokeToken);
    let tokens = device.sign_in(user).await;
    until(|| device.fake.count(RevokeToken) == asked + debts).await;
    // Then only its last write is left.
    while device.auth.settle_pending().await.unwrap().len() < debts {}
    tokens
}

pub(crate) async fn until(so: impl Fn() -> bool) {
    let waiting = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap();
}

#[tokio::test]
async fn a_sign_out_that_leaves_too_many_debts_hands_over_the_oldest_in_its_result() {
    let device = keeping(TWO_HOURS, 2).await;
    device.fake.on(RevokeToken).always(REFUSED);
    let mut tokens = vec![device.auth.tokens().await.unwrap().refresh_token];
    for (user, debts) in [("bob", 1), ("cid", 2)] {
        assert!(partial(device.sign_out().await).displaced.is_empty());
        tokens.push(sign_in_while_refused(&device, user, debts).await.refresh);
    }
    let third = partial(device.sign_out().await);

    assert!(third.kept);
    let [displaced] = &third.displaced[..] else {
        panic!("{:?}", third.displaced)
    };
    let error = displaced.revoke_token_error.as_ref().unwrap();
    assert_eq!(error.error.code(), ErrorCode::Displaced);
    assert_eq!(error.refresh_token, tokens[0]);
    assert!(!displaced.kept);
    assert!(partial(device.auth.retry(displaced).await).kept, "back on record");

    device.fake.heal();
    complete(device.auth.retry(displaced).await);
    assert!(!device.fake.is_refresh_token_live(&tokens[0]));
    let settled = device.auth.settle_pending().await.unwrap();
    assert_eq!(settled.into_iter().map(complete).count(), 2);
    assert!(tokens.iter().all(|token| !device.fake.is_refresh_token_live(token)));
    assert_eq!(device.vault.record(), None);
}

#[tokio::test]
async fn replaced_sessions_put_the_record_over_its_bound_and_nothing_is_dropped() {
    let device = keeping(TWO_HOURS, 1).await;
    device.fake.on(RevokeToken).always(REFUSED);
    for (user, debts) in [("bob", 1), ("cid", 2), ("dan", 3)] {
        sign_in_while_refused(&device, user, debts).await;
    }
    device.fake.heal();
    let settled = device.auth.settle_pending().await.unwrap();
    assert_eq!(settled.into_iter().map(complete).count(), 3);
    for (user, live) in [("ana", 0), ("bob", 0), ("cid", 0), ("dan", 1)] {
        assert_eq!(device.fake.live_sessions(user), live, "{user}");
    }
}

#[tokio::test]
async fn a_debt_over_the_limit_stays_on_record_if_the_caller_is_gone() {
    let device = keeping(TWO_HOURS, 1).await;
    device.fake.on(RevokeToken).always(REFUSED);
    partial(device.sign_out().await);
    sign_in_while_refused(&device, "bob", 1).await;
    let commit = device.vault.hold(Use::Write);
    let caller = device.begin_sign_out(Default::default());
    commit.reached().await;
    caller.abort();
    commit.open();
    let both = async { while device.auth.settle_pending().await.unwrap().len() < 2 {} };
    tokio::time::timeout(Duration::from_secs(20), both).await.unwrap();
}

#[tokio::test]
async fn a_kept_debt_outlives_a_new_session_and_does_not_touch_it() {
    let device = keeping(TWO_HOURS, 10).await;
    device.fake.on(RevokeToken).once(REFUSED);
    partial(device.sign_out().await);
    let bob = device.sign_in("bob").await;
    until(|| device.fake.live_sessions("ana") == 0).await;
    assert!(device.fake.is_refresh_token_live(&bob.refresh));
    device.assert_signed_in_as("bob").await;
}

#[tokio::test]
async fn a_debt_that_can_never_be_paid_is_not_kept() {
    let device = keeping(TWO_HOURS, 10).await;
    device
        .fake
        .on(RevokeToken)
        .once(Fault::Refuse(ServiceError::UnsupportedOperation));
    let partial = partial(device.sign_out().await);
    assert_eq!(
        partial.revoke_token_error.unwrap().error.code(),
        ErrorCode::RevocationDisabled
    );
    assert_eq!(device.vault.record(), None);
}

#[tokio::test]
async fn a_process_that_was_killed_while_it_revoked_is_signed_out_and_the_next_one_resumes() {
    for after_effect in [false, true] {
        let device = Device::signed_in().await;
        let on = device.fake.on(RevokeToken);
        let gate = if after_effect { on.after_effect() } else { on }.hold();
        let dying = device.begin_sign_out(Default::default());
        gate.reached_by(1).await;
        let next = device.killed();
        next.assert_signed_out().await;
        gate.open();
        dying.await.unwrap().report();

        complete(next.auth.resume().await.unwrap().settled.remove(0));
        assert_eq!(device.fake.live_sessions("ana"), 0);
        assert_eq!(next.vault.record(), None);
        assert!(next.auth.resume().await.unwrap().settled.is_empty(), "once");
    }
}

#[tokio::test]
async fn a_process_that_was_killed_before_its_commit_is_still_signed_in() {
    let device = Device::signed_in().await;
    let hold = device.vault.hold(Use::Write);
    let dying = device.begin_sign_out(Default::default());
    hold.reached().await;
    let next = device.killed();
    next.assert_signed_in_as("ana").await;
    assert!(next.auth.resume().await.unwrap().settled.is_empty());
    device.assert_asked(&[]);
    hold.open();
    complete(dying.await.unwrap());
}

#[tokio::test]
async fn resume_does_not_touch_a_debt_that_this_process_is_paying() {
    let device = Device::signed_in().await;
    let gate = device.fake.on(RevokeToken).hold();
    let signing_out = device.begin_sign_out(Default::default());
    gate.reached_by(1).await;
    assert!(device.auth.resume().await.unwrap().settled.is_empty());
    gate.open();
    complete(signing_out.await.unwrap());
    device.assert_asked(&[RevokeToken]);
}

#[tokio::test]
async fn resume_with_a_keychain_that_cannot_be_read_is_an_error_and_can_be_repeated() {
    let device = keeping(TWO_HOURS, 10).await;
    device.fake.on(RevokeToken).once(REFUSED);
    partial(device.sign_out().await);
    device
        .vault
        .refuse(Use::Read, VaultError::Locked("until it is unlocked".into()));
    assert_eq!(device.auth.resume().await.unwrap_err().code().as_str(), "vault_locked");
    device.vault.heal();
    complete(device.auth.resume().await.unwrap().settled.remove(0));
}

#[tokio::test]
async fn a_session_that_is_replaced_by_another_users_is_revoked_in_the_background() {
    let device = Device::new().await;
    let ana = device.sign_in("ana").await;
    let mut events = device.auth.events();
    let bob = device.sign_in("bob").await;

    let expected = [signed_out(SignedOutReason::Replaced), AuthEvent::SignedIn];
    assert_eq!(heard(&mut events), expected);
    device.assert_signed_in_as("bob").await;
    assert_eq!(events.next().await, Some(AuthEvent::RevocationSettled));
    device.assert_asked(&[RevokeToken]);
    assert!(!device.fake.is_refresh_token_live(&ana.refresh));
    assert!(device.fake.is_refresh_token_live(&bob.refresh));
    device.assert_signed_in_as("bob").await;
}

/// The likely case: the first launch failed because the device was offline.
#[tokio::test(start_paused = true)]
async fn by_default_offline_launches_lose_no_debt_if_the_app_ignores_their_results() {
    let device = Device::signed_in().await;
    device.fake.go_offline().await.unwrap();
    drop(device.begin_sign_out(Default::default()).await.unwrap());
    for launch in 0..3 {
        let offline = device.restarted();
        let settled = offline.auth.resume().await.unwrap().settled;
        assert_eq!(settled.len(), 1, "launch {launch}");
    }
    device.fake.go_online().await.unwrap();
    complete(device.restarted().auth.resume().await.unwrap().settled.remove(0));
    assert_eq!(device.fake.live_sessions("ana"), 0);
    assert_eq!(device.vault.record(), None);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_wrong_for_one_call_loses_nothing() {
    let device = keeping(TWO_HOURS, 5).await;
    device.fake.on(RevokeToken).always(REFUSED);
    partial(device.sign_out().await);
    let clock = FakeClock::default();
    clock.advance(400 * 12 * TWO_HOURS);
    let wrong = device.with_clock(&clock);
    wrong.auth.set_device("ana", None).await.unwrap();
    assert!(partial(settle_one(&wrong).await).kept);

    // The clock is right again, and then wrong for another call.
    assert!(partial(settle_one(&device).await).kept);
    assert!(partial(settle_one(&wrong).await).kept);
    device.fake.heal();
    complete(settle_one(&device).await);
    assert_eq!(device.fake.live_sessions("ana"), 0);
}

#[tokio::test]
async fn a_sign_in_does_not_wait_for_payments_in_the_background_and_each_debt_is_paid_once() {
    let device = keeping(TWO_HOURS, 5).await;
    sign_out_unpaid(&device).await;
    let gate = device.fake.on(RevokeToken).hold();
    device.sign_in("bob").await;
    gate.reached_by(1).await;
    device.assert_signed_in_as("bob").await;
    assert!(device.auth.settle_pending().await.unwrap().is_empty(), "in payment");
    gate.open();
    until(|| device.fake.live_sessions("ana") == 0).await;
    device.assert_asked(&[RevokeToken, RevokeToken]);
}

/// If nobody gets the result, even a debt that can never be paid stays on record.
#[tokio::test]
async fn the_next_resume_reports_what_the_background_cannot_pay() {
    let device = keeping(TWO_HOURS, 5).await;
    sign_out_unpaid(&device).await;
    let off = Fault::Refuse(ServiceError::UnsupportedOperation);
    device.fake.on(RevokeToken).always(off);
    device.sign_in("bob").await;
    until(|| device.fake.count(RevokeToken) == 2).await;
    let resumed = async {
        loop {
            // Until the background has finished with it.
            if let Some(told) = device.auth.resume().await.unwrap().settled.pop() {
                return partial(told);
            }
        }
    };
    let told = tokio::time::timeout(Duration::from_secs(20), resumed).await.unwrap();
    let error = told.revoke_token_error.unwrap().error;
    assert_eq!(error.code(), ErrorCode::RevocationDisabled);
    assert!(!told.kept);
}
