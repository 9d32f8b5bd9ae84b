//! Every call returns in time, whatever hangs.

use std::time::Duration;

use cognito_signout::fake_cognito::Operation::{
    self, GetTokensFromRefreshToken, GlobalSignOut, InitiateAuth, RevokeToken,
};
use cognito_signout::fake_cognito::{FakeCognito, Fault};
use cognito_signout::vault::VaultError;
use cognito_signout::{AuthError, DEFAULT_DEADLINE, ErrorCode, SessionState, SignOutOptions, SignOutResult};
use tokio::time::{Instant, advance};

use crate::device::{Device, TWO_HOURS, complete, failed, partial, steps};
use crate::vault::Use;

const DEADLINE: Duration = Duration::from_secs(10);

/// Different ways to hang.
fn hanging() -> [Fault; 4] {
    [Fault::Hang, Fault::HangMidBody, Fault::Drip, Fault::EndlessBody]
}

/// A device on which ana is signed in. The time limit of an attempt is long, so only the deadline matters.
async fn patient_device() -> Device {
    let attempt = Duration::from_secs(60);
    let device = Device::at(FakeCognito::builder(), |config| config.attempt_timeout(attempt)).await;
    device.sign_in("ana").await;
    device
}

/// A global sign-out with an expired access token, at a server that does not answer `operation`.
async fn sign_out_with(operation: Operation, fault: Fault) -> (Device, SignOutResult) {
    let device = patient_device().await;
    device.fake.advance(TWO_HOURS);
    device.fake.on(operation).always(fault);
    let started = Instant::now();
    let result = device.auth.sign_out(SignOutOptions::global().deadline(DEADLINE)).await;
    assert!(started.elapsed() <= DEADLINE, "{operation:?}: {:?}", started.elapsed());
    device.assert_signed_out().await;
    (device, result)
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_hangs_leaves_time_for_revoke() {
    for fault in hanging() {
        let (device, result) = sign_out_with(InitiateAuth, fault).await;
        assert_eq!(steps(&result)[4..], ["done", "done"]);
        assert!(partial(result).global_sign_out_error.is_some());
        assert_eq!(device.fake.live_sessions("ana"), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_global_sign_out_that_hangs_leaves_time_for_revoke() {
    for fault in [Fault::Hang, Fault::EndlessBody] {
        let (device, result) = sign_out_with(GlobalSignOut, fault).await;
        assert_eq!(steps(&result)[4..], ["done", "done"]);
        assert!(partial(result).global_sign_out_error.is_some());
        assert_eq!(device.fake.live_sessions("ana"), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_revoke_that_hangs_is_partial_with_the_refresh_token() {
    let (_, result) = sign_out_with(RevokeToken, Fault::Hang).await;
    assert_eq!(steps(&result)[2..], ["done", "done", "failed:timed_out", "done"]);
    let partial = partial(result);
    assert_eq!(partial.revoke_token_error.unwrap().error.code(), ErrorCode::TimedOut);
    assert!(partial.global_sign_out_error.is_none());
}

#[tokio::test(start_paused = true)]
async fn if_a_server_never_responds_all_steps_are_tried_within_one_deadline() {
    let device = patient_device().await;
    device.fake.advance(TWO_HOURS);
    for operation in Operation::ALL {
        device.fake.on(operation).always(Fault::Hang);
    }
    let started = Instant::now();
    let result = device.auth.sign_out(SignOutOptions::global().deadline(DEADLINE)).await;
    assert!(started.elapsed() <= DEADLINE, "{:?}", started.elapsed());
    assert!(device.fake.count(InitiateAuth) > 0 && device.fake.count(RevokeToken) > 0);
    let partial = partial(result);
    assert!(partial.revoke_token_error.is_some() && partial.global_sign_out_error.is_some());
    assert!(partial.local_cleanup_error.is_none(), "the keychain had its time");
    device.assert_signed_out().await;
}

/// A device with an expired access token, and the default deadline and timeouts.
async fn device_that_must_refresh() -> Device {
    let device = Device::signed_in().await;
    device.fake.advance(TWO_HOURS);
    device
}

#[tokio::test(start_paused = true)]
async fn a_request_that_gets_no_response_at_any_step_is_sent_again_within_the_default_deadline() {
    let steps = [InitiateAuth, GlobalSignOut, RevokeToken];
    for swallowed in [&steps[..1], &steps[1..2], &steps[2..], &steps] {
        let device = device_that_must_refresh().await;
        for operation in swallowed {
            device.fake.on(*operation).once(Fault::Hang);
        }
        let started = Instant::now();
        complete(device.sign_out_globally().await);
        assert!(
            started.elapsed() <= DEFAULT_DEADLINE,
            "{swallowed:?}: {:?}",
            started.elapsed()
        );
        for operation in steps {
            let times = 1 + usize::from(swallowed.contains(&operation));
            assert_eq!(
                device.fake.count(operation),
                times,
                "{operation:?}, {swallowed:?} swallowed"
            );
        }
        assert_eq!(device.fake.live_sessions("ana"), 0);
    }
}

/// The request arrived and its response was lost: it is sent again although the token is already revoked.
#[tokio::test(start_paused = true)]
async fn a_revocation_whose_response_is_lost_is_complete() {
    let device = Device::signed_in().await;
    device.fake.on(RevokeToken).after_effect().once(Fault::Hang);
    complete(device.sign_out().await);
    device.assert_asked(&[RevokeToken, RevokeToken]);
}

#[tokio::test(start_paused = true)]
async fn on_a_slow_network_the_first_attempt_succeeds() {
    let device = device_that_must_refresh().await;
    device.fake.set_delay(Duration::from_millis(1900));
    complete(device.sign_out_globally().await);
    device.assert_asked(&[InitiateAuth, GlobalSignOut, RevokeToken]);
}

/// The first request may have ended the token of a second one.
#[tokio::test(start_paused = true)]
async fn a_refresh_that_rotates_is_not_sent_again() {
    let device = Device::with_rotation().await;
    device.sign_in("ana").await;
    device.fake.advance(TWO_HOURS);
    device.fake.on(GetTokensFromRefreshToken).once(Fault::Hang);
    let partial = partial(device.sign_out_globally().await);
    assert!(partial.revoke_token_error.is_none());
    device.assert_asked(&[GetTokensFromRefreshToken, RevokeToken]);
}

#[tokio::test(start_paused = true)]
async fn a_keychain_that_hangs_at_the_commit_fails_in_time_and_the_late_write_is_undone() {
    let device = Device::signed_in().await;
    let before = device.vault.record();
    let hold = device.vault.hold(Use::Write);
    let signing_out = device.begin_sign_out(SignOutOptions::local().deadline(DEADLINE));
    hold.reached().await;
    // The paused clock does not move while a thread is busy.
    advance(DEADLINE).await;
    assert_eq!(failed(signing_out.await.unwrap()).error.code(), ErrorCode::TimedOut);

    hold.open();
    device.assert_signed_in_as("ana").await;
    assert_eq!(device.vault.record(), before);
    device.assert_asked(&[]);
}

#[tokio::test(start_paused = true)]
async fn a_keychain_that_hangs_at_the_settling_is_partial_in_time() {
    let device = Device::signed_in().await;
    let hold = device.vault.hold(Use::Delete);
    let signing_out = device.begin_sign_out(SignOutOptions::local().deadline(DEADLINE));
    hold.reached().await;
    advance(DEADLINE).await;
    let partial = partial(signing_out.await.unwrap());
    assert_eq!(partial.local_cleanup_error.unwrap().error.code(), ErrorCode::TimedOut);
    assert!(partial.revoke_token_error.is_none());
    hold.open();
    device.assert_signed_out().await;
}

#[tokio::test(start_paused = true)]
async fn a_keychain_that_hangs_makes_the_session_unavailable_and_not_signed_out() {
    let device = Device::signed_in().await;
    let hold = device.vault.hold(Use::Read);
    let auth = device.auth.clone();
    let asking = tokio::spawn(async move { (auth.session().await, auth.tokens().await) });
    hold.reached().await;
    // One call after the other, each with its five seconds.
    advance(Duration::from_secs(6)).await;
    tokio::task::yield_now().await;
    advance(Duration::from_secs(6)).await;
    let (session, tokens) = asking.await.unwrap();
    assert_eq!(session, SessionState::Unavailable(VaultError::TimedOut));
    assert_eq!(tokens, Err(AuthError::Vault(VaultError::TimedOut)));
    hold.open();
    device.assert_signed_in_as("ana").await;
}
