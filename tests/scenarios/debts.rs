//! What a sign-out owes when Cognito could not be told: handed over, kept within bounds, resumed, paid.

use std::time::Duration;

use cognito_signout::fake_cognito::Operation::{GlobalSignOut, RevokeToken};
use cognito_signout::fake_cognito::{FakeCognito, Fault, ServiceError};
use cognito_signout::vault::VaultError;
use cognito_signout::{AuthEvent, ErrorCode, SignOutResult, SignedOutReason, UnpaidRevocations};

use crate::device::{Device, REFUSED, TWO_HOURS, complete, heard, partial, steps};
use crate::vault::Use;

async fn keeping(max_age: Duration, max_attempts: u32) -> Device {
    let policy = UnpaidRevocations::Keep { max_age, max_attempts };
    let device = Device::at(FakeCognito::builder(), |config| config.unpaid_revocations(policy)).await;
    device.sign_in("ana").await;
    device
}

/// The answers of `settle_pending`, of which there must be one.
async fn settle_one(device: &Device) -> SignOutResult {
    let mut results = device.auth.settle_pending().await.unwrap();
    assert_eq!(results.len(), 1);
    results.remove(0)
}

#[tokio::test(start_paused = true)]
async fn by_default_what_is_unpaid_is_handed_over_and_removed() {
    let device = Device::signed_in().await;
    device.fake.go_offline().await.unwrap();
    assert!(partial(device.sign_out().await).revoke_token_error.is_some());
    assert_eq!(device.vault.record(), None);
    device.fake.go_online().await.unwrap();
    assert!(device.auth.settle_pending().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_is_paid_by_the_next_process_and_told_as_settled() {
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
async fn what_is_kept_is_tried_as_often_as_the_policy_says() {
    let device = keeping(30 * 12 * TWO_HOURS, 3).await;
    device.fake.go_offline().await.unwrap();
    partial(device.sign_out().await);
    assert!(device.vault.record().is_some(), "tried once");
    partial(settle_one(&device).await);
    assert!(device.vault.record().is_some(), "tried twice");
    partial(settle_one(&device).await);
    assert_eq!(device.vault.record(), None, "tried three times");
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_is_dropped_when_it_is_too_old() {
    let device = keeping(TWO_HOURS, 10).await;
    device.fake.go_offline().await.unwrap();
    partial(device.sign_out().await);
    device.fake.advance(TWO_HOURS - Duration::from_secs(60));
    partial(settle_one(&device).await);
    assert!(device.vault.record().is_some(), "a minute is left");
    device.fake.advance(Duration::from_secs(120));
    partial(settle_one(&device).await);
    assert_eq!(device.vault.record(), None);
}

#[tokio::test]
async fn what_is_kept_outlives_a_new_session_and_does_not_touch_it() {
    let device = keeping(TWO_HOURS, 10).await;
    device.fake.on(RevokeToken).once(REFUSED);
    partial(device.sign_out().await);
    let bob = device.sign_in("bob").await;
    complete(settle_one(&device).await);
    assert_eq!(device.fake.live_sessions("ana"), 0);
    assert!(device.fake.is_refresh_token_live(&bob.refresh));
    device.assert_signed_in_as("bob").await;
}

#[tokio::test]
async fn what_can_never_be_paid_is_not_kept() {
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
async fn resume_leaves_alone_what_this_process_is_paying() {
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
async fn a_session_that_replaces_another_users_puts_that_one_on_record_to_be_revoked() {
    let device = Device::new().await;
    let ana = device.sign_in("ana").await;
    let mut events = device.auth.events();
    let bob = device.sign_in("bob").await;

    let expected = [AuthEvent::SignedOut(SignedOutReason::Replaced), AuthEvent::SignedIn];
    assert_eq!(heard(&mut events), expected);
    device.assert_signed_in_as("bob").await;
    device.assert_asked(&[]);
    assert!(device.fake.is_refresh_token_live(&ana.refresh));

    let result = settle_one(&device).await;
    assert_eq!(steps(&result)[..2], ["skipped:already_done"; 2]);
    complete(result);
    assert!(!device.fake.is_refresh_token_live(&ana.refresh));
    assert!(device.fake.is_refresh_token_live(&bob.refresh));
    device.assert_signed_in_as("bob").await;
}
