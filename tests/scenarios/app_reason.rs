//! The app's own reason for signing out: which one counts, where it is found, and that Cognito never gets it.

use std::io;
use std::sync::{Arc, Mutex};

use cognito_signout::fake_cognito::FakeCognito;
use cognito_signout::fake_cognito::Operation::{GetTokensFromRefreshToken, GlobalSignOut, InitiateAuth, RevokeToken};
use cognito_signout::vault::VaultError;
use cognito_signout::{
    AppReason, AuthEvent, BrowserError, SignOutOptions, SignOutResult, SignedOutReason, UnpaidRevocations,
};
use serde_json::Value;
use tokio::task::yield_now;

use crate::device::{Device, REFUSED, SIGNED_OUT, TWO_HOURS, complete, failed, heard, partial, signed_out};
use crate::test_browser::{Does, TestBrowser};
use crate::vault::Use;

fn because(reason: AppReason) -> SignOutOptions {
    SignOutOptions::local().reason(reason)
}

fn reason_of(result: &SignOutResult) -> Option<AppReason> {
    result.report().app_reason.clone()
}

fn event(reason: SignedOutReason, app_reason: AppReason) -> AuthEvent {
    AuthEvent::SignedOut {
        reason,
        app_reason: Some(app_reason),
    }
}

/// The reasons of the debts on record.
fn on_record(device: &Device) -> Vec<Option<String>> {
    let record: Value = serde_json::from_slice(&device.vault.record().unwrap()).unwrap();
    let debts = record["pending"].as_array().unwrap().iter();
    debts
        .map(|debt| debt.get("app_reason").map(|reason| reason.as_str().unwrap().to_owned()))
        .collect()
}

#[tokio::test]
async fn of_the_calls_before_the_commit_the_first_that_gives_a_reason_decides() {
    let device = Device::signed_in().await;
    let mut events = device.auth.events();
    let commit = device.vault.hold(Use::Read);
    let without = device.begin_sign_out(SignOutOptions::local());
    commit.reached().await;
    let security = device.begin_sign_out(because(AppReason::SECURITY));
    yield_now().await;
    let user = device.begin_sign_out(SignOutOptions::global().reason(AppReason::USER));
    yield_now().await;
    commit.open();
    for call in [without, security, user] {
        let result = call.await.unwrap();
        assert_eq!(reason_of(&result), Some(AppReason::SECURITY));
        complete(result);
    }
    let expected = event(SignedOutReason::Global, AppReason::SECURITY);
    assert_eq!(heard(&mut events), [expected]);
}

#[tokio::test]
async fn a_reason_that_comes_while_the_page_is_open_counts_and_one_after_the_commit_does_not() {
    let browser = TestBrowser::that(Does::Nothing);
    let device = Device::hosted_with(&browser).await;
    let mut events = device.auth.events();
    let first = device.begin_sign_out(SignOutOptions::local());
    let page = browser.page().await;
    let during = device.begin_sign_out(because(AppReason::TIMEOUT));
    yield_now().await;
    let revoking = device.fake.on(RevokeToken).hold();
    page.completion.redirected(&SIGNED_OUT.parse().unwrap());
    revoking.reached_by(1).await;
    let late = device.begin_sign_out(because(AppReason::POLICY));
    yield_now().await;
    revoking.open();
    for call in [first, during, late] {
        assert_eq!(reason_of(&call.await.unwrap()), Some(AppReason::TIMEOUT));
    }
    let expected = event(SignedOutReason::Local, AppReason::TIMEOUT);
    assert_eq!(heard(&mut events), [expected]);
}

#[tokio::test]
async fn a_sign_out_that_failed_says_why_it_was_asked_and_changes_nothing() {
    let cancelled = TestBrowser::that(Does::Fail(BrowserError::Cancelled));
    let device = Device::hosted_with(&cancelled).await;
    let (before, mut events) = (device.vault.record(), device.auth.events());
    let result = device.auth.sign_out(because(AppReason::USER)).await;
    assert_eq!(reason_of(&result), Some(AppReason::USER));
    failed(result);
    assert_eq!(device.vault.record(), before);

    device
        .vault
        .refuse(Use::Read, VaultError::Locked("for the test".into()));
    let result = device.auth.sign_out(because(AppReason::USER)).await;
    assert_eq!(reason_of(&result), Some(AppReason::USER));
    failed(result);
    assert_eq!(heard(&mut events), []);
}

#[tokio::test]
async fn cognito_never_gets_it_and_the_log_has_it() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::INFO)
        .with_writer(move || writer.clone())
        .finish();
    // With only one subscriber, `tracing` asks the first thread that reaches an event whether anybody listens.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let _guard = tracing::subscriber::set_default(subscriber);

    let word = "kiosk-closing-time";
    let device = Device::signed_in().await;
    device.advance(TWO_HOURS);
    let options = SignOutOptions::global().reason(AppReason::new(word).unwrap());
    complete(device.auth.sign_out(options).await);
    device.assert_asked(&[InitiateAuth, GlobalSignOut, RevokeToken]);
    for request in device.fake.requests() {
        let sent = format!("{} {:?} {}", request.path(), request.headers(), request.body());
        assert!(!sent.contains(word), "{sent}");
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<_> = log.lines().filter(|line| line.contains(word)).collect();
    assert!(
        matches!(&lines[..], [line] if line.contains("signed out of this device")),
        "{log}"
    );
}

#[tokio::test]
async fn a_debt_that_makes_room_for_another_keeps_its_own_reason() {
    let policy = UnpaidRevocations::Keep {
        max_age: TWO_HOURS,
        max_debts: 1,
    };
    let device = Device::at(FakeCognito::builder(), |config| config.unpaid_revocations(policy)).await;
    device.fake.on(RevokeToken).always(REFUSED);
    device.sign_in("ana").await;
    partial(device.auth.sign_out(because(AppReason::POLICY)).await);
    device.sign_in("bob").await;
    let second = partial(device.auth.sign_out(because(AppReason::USER)).await);
    assert_eq!(second.report.app_reason, Some(AppReason::USER));
    assert_eq!(second.displaced[0].report.app_reason, Some(AppReason::POLICY));
    assert_eq!(on_record(&device), [Some("user".to_owned())]);
}

#[tokio::test]
async fn a_token_that_a_refresh_rotated_too_late_is_owed_for_the_same_reason() {
    let device = Device::with_rotation().await;
    device.sign_in("ana").await;
    device.advance(TWO_HOURS);
    let refreshing = device.fake.on(GetTokensFromRefreshToken).after_effect().hold();
    let tokens = device.begin_tokens();
    refreshing.reached_by(1).await;
    device.fake.on(RevokeToken).always(REFUSED);
    partial(device.auth.sign_out(because(AppReason::TIMEOUT)).await);
    refreshing.open();
    tokens.await.unwrap().unwrap_err();
    let timeout = Some("timeout".to_owned());
    assert_eq!(on_record(&device), [timeout.clone(), timeout]);
}

/// As with `linked`, if the record has lost it.
#[tokio::test]
async fn a_retry_remembers_the_reason_if_the_record_has_lost_it() {
    let device = Device::signed_in().await;
    device.fake.on(RevokeToken).once(REFUSED);
    let kept = partial(device.auth.sign_out(because(AppReason::SECURITY)).await);
    let record = String::from_utf8(device.vault.record().unwrap()).unwrap();
    let known = r#""app_reason":"security","#;
    assert!(record.contains(known));
    device.vault.put(Some(record.replace(known, "").into_bytes()));
    let result = device.auth.retry(&kept).await;
    assert_eq!(reason_of(&result), Some(AppReason::SECURITY));
    complete(result);
}

#[tokio::test]
async fn a_session_that_another_one_replaces_or_another_process_ends_has_no_reason() {
    let device = Device::signed_in().await;
    let mut events = device.auth.events();
    device.sign_in("bob").await;
    assert_eq!(heard(&mut events)[0], signed_out(SignedOutReason::Replaced));
    complete(device.restarted().auth.sign_out(because(AppReason::USER)).await);
    device.auth.refresh_state().await.unwrap();
    let last = heard(&mut events).pop();
    assert_eq!(last, Some(signed_out(SignedOutReason::Elsewhere)));
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
