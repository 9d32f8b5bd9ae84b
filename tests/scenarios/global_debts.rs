//! What a global sign-out owes if Cognito could not be reached: a later payment ends the sessions on other devices too, or says
//! why not.

use cognito_signout::fake_cognito::Operation::{
    self, GetTokensFromRefreshToken, GlobalSignOut, InitiateAuth, RevokeToken,
};
use cognito_signout::vault::VaultError;
use cognito_signout::{AuthEvent, ErrorCode, Partial, SignOutResult};

use crate::debts::keeping;
use crate::device::{Device, REFUSED, TWO_HOURS, complete, partial};
use crate::vault::Use;

/// Only an explicit call signs anyone out: the debt of an earlier sign-out does not end a later session.
#[tokio::test]
async fn a_kept_global_sign_out_does_not_end_the_same_users_next_session() {
    let device = keeping(TWO_HOURS, 5).await;
    device.fake.go_offline().await.unwrap();
    assert!(partial(device.sign_out_globally().await).kept);
    device.fake.go_online().await.unwrap();
    let mut events = device.auth.events();
    let again = device.sign_in("ana").await;
    assert_eq!(events.next().await, Some(AuthEvent::SignedIn));

    let settled = device.auth.settle_pending().await.unwrap();
    let [SignOutResult::Partial(settled)] = &settled[..] else {
        panic!("{settled:?}")
    };
    let error = &settled.global_sign_out_error.as_ref().unwrap().error;
    assert_eq!(error.code(), ErrorCode::JoinedTooLate);
    assert!(
        settled.revoke_token_error.is_none() && !settled.kept,
        "its own token is revoked"
    );
    assert!(device.fake.is_refresh_token_live(&again.refresh));
    assert_eq!(device.fake.live_sessions("ana"), 1);
    device.assert_signed_in_as("ana").await;
}

/// Its access token no longer authorises anything, so the debt could never be paid.
#[tokio::test]
async fn a_global_sign_out_that_failed_before_the_token_was_revoked_is_not_called_kept() {
    let device = keeping(TWO_HOURS, 5).await;
    device.fake.on(GlobalSignOut).always(REFUSED);
    let result = partial(device.sign_out_globally().await);
    assert!(result.global_sign_out_error.is_some() && result.revoke_token_error.is_none());
    assert!(!result.kept);
    assert_eq!(device.vault.record(), None);
}

/// Ana owes a global sign-out, and her access token has expired since. She is signed in elsewhere too.
async fn owe_a_global_sign_out(device: &Device) {
    device.fake.sign_in("ana");
    for operation in [GlobalSignOut, RevokeToken] {
        device.fake.on(operation).always(REFUSED);
    }
    assert!(partial(device.sign_out_globally().await).kept);
    device.fake.heal();
    device.fake.forget_requests();
    device.advance(TWO_HOURS);
}

/// What `settle_pending` says if the keychain is locked from the refresh on.
async fn settle_while_locked(device: &Device, refresh: Operation) -> Partial {
    let gate = device.fake.on(refresh).hold();
    let auth = device.auth.clone();
    let paying = tokio::spawn(async move { auth.settle_pending().await });
    gate.reached_by(1).await;
    let locked = VaultError::Locked("until it is unlocked".into());
    device.vault.refuse(Use::Read, locked);
    gate.open();
    let settled = partial(paying.await.unwrap().unwrap().remove(0));
    device.vault.heal();
    let error = &settled.global_sign_out_error.as_ref().unwrap().error;
    assert_eq!(error.code(), ErrorCode::VaultLocked);
    settled
}

/// A revoked token could never pay it.
#[tokio::test]
async fn a_payment_of_a_global_sign_out_that_cannot_read_the_record_revokes_nothing_and_the_next_one_pays_it_all() {
    let device = keeping(10 * TWO_HOURS, 5).await;
    owe_a_global_sign_out(&device).await;
    let put_off = settle_while_locked(&device, InitiateAuth).await;
    device.assert_asked(&[InitiateAuth]);
    assert_eq!(put_off.revoke_token_error.unwrap().error.code(), ErrorCode::VaultLocked);
    assert!(put_off.kept);
    assert_eq!(device.fake.live_sessions("ana"), 2);

    device.fake.forget_requests();
    let next = device.restarted();
    let paid = complete(next.auth.resume().await.unwrap().settled.remove(0));
    assert!(paid.report.signed_out_everywhere());
    device.assert_asked(&[InitiateAuth, GlobalSignOut, RevokeToken]);
    assert_eq!(device.fake.live_sessions("ana"), 0);
    assert_eq!(device.vault.record(), None);
}

/// The record has the old refresh token alone, which nobody can use any more.
#[tokio::test]
async fn a_rotated_token_that_is_not_on_record_is_revoked_although_a_global_sign_out_is_owed() {
    let device = Device::with_rotation().await;
    device.sign_in("ana").await;
    owe_a_global_sign_out(&device).await;
    let settled = settle_while_locked(&device, GetTokensFromRefreshToken).await;
    assert!(settled.revoke_token_error.is_none());
    device.assert_asked(&[GetTokensFromRefreshToken, RevokeToken]);
    assert_eq!(device.fake.live_sessions("ana"), 1, "the session elsewhere");
}
