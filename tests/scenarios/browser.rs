//! What the web step means while there is no browser: scenarios 9, 11 and 12.

use cognito_signout::fake_cognito::Operation::RevokeToken;
use cognito_signout::{ErrorCode, SignOutOptions, SignedInWith, WebPolicy};

use crate::device::{Device, complete, failed, heard, partial, steps};

async fn hosted() -> Device {
    let device = Device::new().await;
    device.sign_in_with("ana", SignedInWith::HostedUi).await;
    device
}

#[tokio::test]
async fn s09_hosted_without_a_browser_fails_under_required_and_nothing_has_changed() {
    let device = hosted().await;
    let before = device.vault.record();
    let mut events = device.auth.events();
    // Required is what a session from a shared browser has by default.
    for options in [
        SignOutOptions::local(),
        SignOutOptions::global().web(WebPolicy::Required),
    ] {
        let result = device.auth.sign_out(options).await;
        assert_eq!(
            steps(&result)[..2],
            ["failed:hosted_ui_unavailable", "skipped:not_reached"]
        );
        assert_eq!(failed(result).error.code(), ErrorCode::HostedUiUnavailable);
    }
    device.assert_asked(&[]);
    assert_eq!(device.vault.record(), before);
    assert_eq!(heard(&mut events), []);
    device.assert_signed_in_as("ana").await;
}

#[tokio::test]
async fn s09_hosted_without_a_browser_is_partial_under_best_effort_and_signed_out() {
    let device = hosted().await;
    let partial = partial(
        device
            .auth
            .sign_out(SignOutOptions::local().web(WebPolicy::BestEffort))
            .await,
    );

    assert_eq!(
        partial.hosted_ui_error.unwrap().error.code(),
        ErrorCode::HostedUiUnavailable
    );
    assert!(partial.revoke_token_error.is_none() && partial.global_sign_out_error.is_none());
    device.assert_asked(&[RevokeToken]);
    device.assert_signed_out().await;
}

#[tokio::test]
async fn hosted_under_skip_is_complete_and_the_report_says_by_policy() {
    let device = hosted().await;
    let result = device.auth.sign_out(SignOutOptions::local().web(WebPolicy::Skip)).await;
    assert_eq!(steps(&result)[0], "skipped:by_policy");
    complete(result);
    device.assert_asked(&[RevokeToken]);
    device.assert_signed_out().await;
}

#[tokio::test]
async fn s11_a_private_session_needs_no_browser() {
    let device = Device::new().await;
    device.sign_in_with("ana", SignedInWith::HostedUiPrivate).await;
    let result = device
        .auth
        .sign_out(SignOutOptions::local().web(WebPolicy::Required))
        .await;
    assert_eq!(steps(&result)[0], "skipped:private_browser_session");
    complete(result);
    device.assert_signed_out().await;
}

#[tokio::test]
async fn s12_a_session_that_is_not_hosted_needs_no_browser() {
    let device = Device::signed_in().await;
    let result = device
        .auth
        .sign_out(SignOutOptions::local().web(WebPolicy::Required))
        .await;
    assert_eq!(steps(&result)[0], "skipped:not_a_browser_session");
    complete(result);
    device.assert_signed_out().await;
}
