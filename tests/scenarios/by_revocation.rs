//! The browser's session ends by `RevokeToken`: what is on record, the time it takes, and calls and processes that meet. The
//! results themselves are in the shared list.

use std::time::Duration;

use cognito_signout::fake_cognito::Operation::{OAuth2Revoke, RevokeToken};
use cognito_signout::fake_cognito::{FakeCognito, Fault, IssuedTokens};
use cognito_signout::{
    AuthConfig, AuthConfigBuilder, BrowserError, ErrorCode, HostedUi, Partial, RevocationRoute, SignOutOptions,
    SignedInWith, StepStatus, UnpaidRevocations, WebPolicy,
};
use serde_json::{Value, json};
use tokio::task::yield_now;
use tokio::time::Instant;

use crate::debts::until;
use crate::device::{Device, REFUSED, SIGNED_OUT, complete, failed, of, partial};
use crate::test_browser::{Does, TestBrowser};
use crate::vault::{TestVault, Use};

fn hosted(config: AuthConfigBuilder) -> AuthConfigBuilder {
    let hosted_ui = HostedUi::builder("auth.example.com").sign_out_uri(SIGNED_OUT);
    config.hosted_ui(hosted_ui.build().unwrap())
}

/// A device at a pool that tracks sessions. Ana has signed in there in her browser.
async fn device() -> Device {
    configured(|config| config).await
}

async fn configured(configure: impl FnOnce(AuthConfigBuilder) -> AuthConfigBuilder) -> Device {
    let tracking = |config: AuthConfigBuilder| configure(hosted(config).session_tracking(true));
    let device = Device::at(FakeCognito::builder().session_tracking(), tracking).await;
    sign_in(&device, "ana").await;
    device
}

/// The user signs in through the browser.
async fn sign_in(device: &Device, user: &str) -> IssuedTokens {
    let tokens = device.fake.sign_in_through_browser(user);
    let stored = device.auth.store_session(of(&tokens), SignedInWith::HostedUi).await;
    stored.unwrap();
    tokens
}

/// The same app with another configuration.
fn otherwise(device: &Device, configure: impl FnOnce(AuthConfigBuilder) -> AuthConfigBuilder) -> Device {
    let (pool, client) = (device.fake.user_pool_id(), device.fake.client_id());
    let config = AuthConfig::builder(pool, client).endpoint(device.fake.url().as_str());
    device.configured_otherwise(configure(hosted(config)).build().unwrap())
}

fn debts(device: &Device) -> Vec<Value> {
    let record = device.vault.record().unwrap_or_else(|| b"{}".to_vec());
    let record: Value = serde_json::from_slice(&record).unwrap();
    record["pending"].as_array().cloned().unwrap_or_default()
}

/// For each `RevokeToken` so far, whether it was to end the browser's session.
fn linked(device: &Device) -> Vec<bool> {
    let requests = device.fake.requests().into_iter();
    let revocations = requests.filter(|request| request.operation() == Some(RevokeToken));
    let linked = revocations.map(|request| match request.body().get("RevokeAssociatedSessions") {
        None => false,
        Some(associated) => {
            assert_eq!(*associated, json!("LINKED"));
            true
        }
    });
    linked.collect()
}

#[tokio::test]
async fn a_debt_says_that_it_owes_the_browsers_session_and_no_other_debt_does() {
    let device = device().await;
    device.fake.on(RevokeToken).always(REFUSED);
    for (web, owes) in [
        (None, true),
        (Some(WebPolicy::ByRevocation), true),
        (Some(WebPolicy::Skip), false),
    ] {
        sign_in(&device, "ana").await;
        let mut options = SignOutOptions::local();
        if let Some(policy) = web {
            options = options.web(policy);
        }
        let partial = partial(device.auth.sign_out(options).await);
        assert_eq!(partial.hosted_ui_error.is_some(), owes);
        let debt = debts(&device).pop().unwrap();
        assert_eq!(debt.get("linked"), owes.then_some(&json!(true)), "{web:?}");
    }
}

#[tokio::test]
async fn a_session_that_another_sign_in_replaces_leaves_the_browser_alone() {
    let device = device().await;
    device.fake.on(RevokeToken).always(REFUSED);
    sign_in(&device, "bob").await;
    let replaced = debts(&device);
    assert_eq!((replaced.len(), replaced[0].get("linked")), (1, None));
    device.fake.heal();
    let _ = device.auth.settle_pending().await.unwrap();
    until(|| device.fake.live_sessions("ana") == 0).await;
    assert!(linked(&device).iter().all(|linked| !linked));
    assert!(device.fake.has_browser_session("ana"));
}

#[tokio::test(start_paused = true)]
async fn a_revocation_that_hangs_is_partial_with_both_errors_in_time() {
    let deadline = Duration::from_secs(10);
    for fault in [Fault::Hang, Fault::HangMidBody, Fault::Drip, Fault::EndlessBody] {
        let device = device().await;
        device.fake.on(RevokeToken).always(fault.clone());
        let started = Instant::now();
        let result = device.auth.sign_out(SignOutOptions::local().deadline(deadline)).await;
        assert!(started.elapsed() <= deadline, "{fault:?}: {:?}", started.elapsed());
        let partial = partial(result);
        let left = partial.hosted_ui_error.as_ref().unwrap();
        assert_eq!(
            left.error.code(),
            partial.revoke_token_error.as_ref().unwrap().error.code()
        );
        assert!(left.url.is_some());
        device.assert_signed_out().await;
        assert_eq!(debts(&device)[0]["linked"], json!(true));
    }
}

#[tokio::test]
async fn a_process_that_was_killed_while_it_revoked_leaves_the_browsers_session_to_the_next_one() {
    let device = device().await;
    let gate = device.fake.on(RevokeToken).hold();
    let signing_out = device.begin_sign_out(SignOutOptions::local());
    gate.reached_by(1).await;
    let next = device.killed();
    signing_out.abort();
    device.fake.heal();

    let resumed = next.auth.resume().await.unwrap();
    let [settled] = resumed.settled.try_into().unwrap();
    assert_eq!(complete(settled).report.steps.web, StepStatus::Requested);
    assert_eq!(linked(&device), [true, true]);
    assert!(!device.fake.has_browser_session("ana"));
    assert_eq!(next.vault.record(), None);
}

#[tokio::test]
async fn a_payment_that_fails_again_still_has_the_url_to_open() {
    let device = device().await;
    device.fake.on(RevokeToken).always(REFUSED);
    let first = partial(device.sign_out().await);
    let url = first.hosted_ui_error.clone().unwrap().url;
    assert!(url.is_some());
    let retried = partial(device.auth.retry(&first).await);
    assert_eq!(retried.hosted_ui_error.unwrap().url, url);
    let resumed = device.restarted().auth.resume().await.unwrap();
    let [settled] = resumed.settled.try_into().unwrap();
    assert_eq!(partial(settled).hosted_ui_error.unwrap().url, url);
}

#[tokio::test]
async fn before_the_record_is_read_the_strongest_policy_of_the_calls_counts() {
    use WebPolicy::{ByRevocation, Required, Skip};
    for (first, second, by_page) in [
        (ByRevocation, Required, true),
        (Required, ByRevocation, true),
        (ByRevocation, Skip, false),
        (Skip, ByRevocation, false),
    ] {
        let browser = TestBrowser::that(Does::ComeBack);
        let device = device().await.with_browser(Some(&browser));
        let hold = device.vault.hold(Use::Read);
        let calls = [first, second].map(|policy| device.begin_sign_out(SignOutOptions::local().web(policy)));
        hold.reached().await;
        yield_now().await;
        hold.open();
        for call in calls {
            complete(call.await.unwrap());
        }
        assert_eq!(browser.urls().len(), usize::from(by_page), "{first:?}, {second:?}");
        assert_eq!(linked(&device), [!by_page], "{first:?}, {second:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stricter_call_that_joins_too_late_gets_its_page_by_a_retry_also_if_the_revocation_fails_again() {
    let browser = TestBrowser::that(Does::Fail(BrowserError::Cancelled));
    let device = device().await.with_browser(Some(&browser));
    device.fake.on(RevokeToken).always(Fault::Hang);
    let first = device.begin_sign_out(SignOutOptions::local().web(WebPolicy::ByRevocation));
    until(|| device.fake.count(RevokeToken) == 1).await;
    let joined = device.begin_sign_out(SignOutOptions::local().web(WebPolicy::Required));
    let code = |failed: &Partial| failed.hosted_ui_error.as_ref().unwrap().error.code();
    assert_eq!(code(&partial(first.await.unwrap())), ErrorCode::TimedOut);
    let joined = partial(joined.await.unwrap());
    assert_eq!(code(&joined), ErrorCode::JoinedTooLate);

    let retried = partial(device.auth.retry(&joined).await);
    assert_eq!(
        (code(&retried), browser.urls().len()),
        (ErrorCode::HostedUiCancelled, 1)
    );
    assert!(retried.revoke_token_error.is_some());
    device.fake.heal();
    let _ = device.auth.retry(&retried).await;
    assert_eq!(browser.urls().len(), 2);
}

#[tokio::test]
async fn a_refused_call_names_the_setting_and_a_sign_out_that_is_running_goes_on() {
    let by_revocation = || SignOutOptions::local().web(WebPolicy::ByRevocation);
    let device = configured(|config| config.session_tracking(false)).await;
    let gate = device.fake.on(RevokeToken).hold();
    let running = device.begin_sign_out(SignOutOptions::local().web(WebPolicy::Skip));
    gate.reached_by(1).await;
    let refused = failed(device.auth.sign_out(by_revocation()).await);
    assert_eq!(refused.error.code(), ErrorCode::InvalidInput);
    assert_eq!(refused.error.setting(), Some("session_tracking"));
    gate.open();
    complete(running.await.unwrap());
    assert_eq!(linked(&device), [false]);

    let device = configured(|config| config.revocation_route(RevocationRoute::PoolDomain)).await;
    let refused = failed(device.auth.sign_out(by_revocation()).await);
    assert_eq!(refused.error.setting(), Some("revocation_route"));
    device.assert_asked(&[]);
    device.assert_signed_in_as("ana").await;
}

/// The debt was made when the configuration allowed it.
#[tokio::test]
async fn a_debt_keeps_owing_the_browsers_session_under_the_apps_next_configuration() {
    let next: [fn(AuthConfigBuilder) -> AuthConfigBuilder; 2] = [
        |config| config,
        |config| config.revocation_route(RevocationRoute::PoolDomain),
    ];
    for configure in next {
        let device = device().await;
        device.fake.on(RevokeToken).once(REFUSED);
        partial(device.sign_out().await);
        let next = otherwise(&device, configure);
        assert_eq!(next.auth.resume().await.unwrap().settled.len(), 1);
        assert_eq!(linked(&device), [true, true]);
        assert_eq!(device.fake.count(OAuth2Revoke), 0);
        assert!(!device.fake.has_browser_session("ana"));
    }
}

#[tokio::test]
async fn a_debt_that_is_displaced_is_handed_over_with_both_errors_and_its_retry_ends_the_browsers_session() {
    let keep_one = UnpaidRevocations::Keep {
        max_age: Duration::from_secs(3600),
        max_debts: 1,
    };
    let device = configured(|config| config.unpaid_revocations(keep_one)).await;
    device.fake.on(RevokeToken).always(REFUSED);
    partial(device.sign_out().await);
    sign_in(&device, "bob").await;
    let [displaced] = partial(device.sign_out().await).displaced.try_into().unwrap();
    assert!(displaced.revoke_token_error.is_some() && displaced.hosted_ui_error.is_some());

    device.fake.heal();
    let retried = complete(device.auth.retry(&displaced).await);
    assert_eq!(retried.report.steps.web, StepStatus::Requested);
    assert!(!device.fake.has_browser_session("ana"));
    assert!(device.fake.has_browser_session("bob"));
}

/// After a downgrade of the app: a version of the library that does not know `linked` pays without it, and keeps it, as this one
/// keeps what it does not know. After the update it counts again.
#[tokio::test]
async fn an_older_version_pays_what_it_knows_of_a_debt_and_keeps_the_rest_for_the_next_update() {
    let device = device().await;
    device.fake.on(RevokeToken).once(REFUSED);
    partial(device.sign_out().await);
    let (known, newer) = (r#""linked":true"#, r#""from_a_newer_version":true"#);
    let record = |vault: &TestVault, from: &str, to: &str| {
        let record = String::from_utf8(vault.record().unwrap()).unwrap();
        assert!(record.contains(from));
        Some(record.replace(from, to).into_bytes())
    };

    let older = device.killed();
    older.vault.put(record(&device.vault, known, newer));
    device.fake.on(RevokeToken).once(REFUSED);
    partial(older.auth.resume().await.unwrap().settled.remove(0));
    assert_eq!(linked(&device), [true, false]);

    let updated = older.killed();
    updated.vault.put(record(&older.vault, newer, known));
    complete(updated.auth.resume().await.unwrap().settled.remove(0));
    assert_eq!(linked(&device), [true, false, true]);
    assert!(!device.fake.has_browser_session("ana"));
}

#[tokio::test]
async fn a_retry_remembers_linked_if_the_record_has_lost_it() {
    let device = device().await;
    device.fake.on(RevokeToken).once(REFUSED);
    let kept = partial(device.sign_out().await);
    let record = String::from_utf8(device.vault.record().unwrap()).unwrap();
    let without = record.replace(r#""linked":true,"#, "");
    assert_ne!(without, record);
    device.vault.put(Some(without.into_bytes()));
    complete(device.auth.retry(&kept).await);
    assert_eq!(linked(&device), [true, true]);
    assert!(!device.fake.has_browser_session("ana"));
}
