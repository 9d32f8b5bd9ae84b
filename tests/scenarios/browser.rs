//! The web step through a `Browser`: scenarios 7 to 13, and what this library promises beyond them.

use std::time::Duration;

use cognito_signout::fake_cognito::Operation::RevokeToken;
use cognito_signout::{
    BrowserError, BrowserSessionState, ErrorCode, NextPage, Prompt, SessionHolder, SignOutOptions, SignOutResult,
    SignedInWith, SignedOutReason, WebPolicy,
};
use tokio::time::Instant;

use crate::device::{Device, REFUSED, SIGNED_OUT, complete, failed, heard, partial, signed_out, steps};
use crate::test_browser::{Does, TestBrowser};

/// Signs out under `policy`, with a browser that does this.
async fn sign_out(does: Does, policy: WebPolicy) -> (Device, SignOutResult) {
    let device = Device::hosted_with(&TestBrowser::that(does)).await;
    let result = device.auth.sign_out(SignOutOptions::local().web(policy)).await;
    (device, result)
}

fn best_effort() -> SignOutOptions {
    SignOutOptions::local().web(WebPolicy::BestEffort)
}

/// A sign-out by policy `Required` fails with this code, and nothing has changed.
async fn assert_failed_and_unchanged(does: Does, code: ErrorCode) {
    let device = Device::hosted_with(&TestBrowser::that(does)).await;
    let (before, mut events) = (device.vault.record(), device.auth.events());
    // `Required` is the default for a session in a shared browser.
    for options in [
        SignOutOptions::local(),
        SignOutOptions::global().web(WebPolicy::Required),
    ] {
        let result = device.auth.sign_out(options).await;
        let web = format!("failed:{code}");
        assert_eq!(steps(&result)[..2], [&*web, "skipped:not_reached"]);
        let logout_url = device.config.logout_url(Some(SIGNED_OUT)).unwrap();
        assert_eq!(result.report().logout_url, Some(logout_url), "to try again with");
        assert_eq!(failed(result).error.code(), code);
    }
    device.assert_asked(&[]);
    assert_eq!(device.vault.record(), before);
    assert_eq!(heard(&mut events), []);
    device.assert_signed_in_as("ana").await;
}

/// A sign-out by policy `BestEffort` is partial: signed out of this device, with the URL to end the browser's session.
async fn assert_partial_with_the_url(does: Does, code: ErrorCode) {
    let (device, result) = sign_out(does, WebPolicy::BestEffort).await;
    assert_eq!(steps(&result)[0], format!("failed:{code}"));
    let partial = partial(result);
    let failed = partial.hosted_ui_error.unwrap();
    assert_eq!(failed.error.code(), code);
    assert_eq!(failed.url, Some(device.config.logout_url(Some(SIGNED_OUT)).unwrap()));
    assert!(partial.revoke_token_error.is_none() && partial.global_sign_out_error.is_none());
    device.assert_asked(&[RevokeToken]);
    device.assert_signed_out().await;
}

#[tokio::test]
async fn s07_a_browser_that_comes_back_makes_it_complete() {
    let browser = TestBrowser::that(Does::ComeBack);
    let device = Device::hosted_with(&browser).await;
    let mut events = device.auth.events();
    let result = device.auth.sign_out(SignOutOptions::local()).await;
    assert_eq!(steps(&result)[..2], ["done", "done"]);
    assert_eq!(
        browser.urls(),
        [device.config.logout_url(Some(SIGNED_OUT)).unwrap().to_string()]
    );
    let report = complete(result).report;
    assert_eq!(report.browser_sessions.len(), 1);
    assert_eq!(report.browser_sessions[0].holder, SessionHolder::HostedUi);
    assert_eq!(report.browser_sessions[0].state, BrowserSessionState::Ended);
    assert_eq!((report.next_sign_in(), report.logout_url), (None, None));
    assert_eq!(heard(&mut events), [signed_out(SignedOutReason::Local)]);
    device.assert_asked(&[RevokeToken]);
    device.assert_signed_out().await;
}

#[tokio::test]
async fn s07_while_the_browser_is_open_nothing_is_sent_to_cognito_and_the_session_stays() {
    let browser = TestBrowser::that(Does::Nothing);
    let device = Device::hosted_with(&browser).await;
    let signing_out = device.begin_sign_out(SignOutOptions::global());
    let page = browser.page().await;
    device.assert_asked(&[]);
    device.assert_signed_in_as("ana").await;
    assert!(matches!(
        page.completion.redirected(&SIGNED_OUT.parse().unwrap()),
        NextPage::End { leave_at: None }
    ));
    assert!(page.completion.signed_out().await, "the last page may say so");
    complete(signing_out.await.unwrap());
}

#[tokio::test]
async fn s08_cancelled_changes_nothing_under_required() {
    assert_failed_and_unchanged(Does::Fail(BrowserError::Cancelled), ErrorCode::HostedUiCancelled).await;
}

#[tokio::test]
async fn s08_cancelled_is_partial_under_best_effort() {
    assert_partial_with_the_url(Does::Fail(BrowserError::Cancelled), ErrorCode::HostedUiCancelled).await;
}

#[tokio::test]
async fn s09_a_browser_that_cannot_start_changes_nothing_under_required() {
    let unavailable = || Does::Fail(BrowserError::Unavailable("for the test".into()));
    assert_failed_and_unchanged(unavailable(), ErrorCode::HostedUiUnavailable).await;
    assert_partial_with_the_url(unavailable(), ErrorCode::HostedUiUnavailable).await;
    let taken = || Does::Fail(BrowserError::RedirectTaken("for the test".into()));
    assert_failed_and_unchanged(taken(), ErrorCode::HostedUiRedirectTaken).await;
    assert_partial_with_the_url(taken(), ErrorCode::HostedUiRedirectTaken).await;
}

#[tokio::test]
async fn s09_without_a_browser_the_error_says_so_and_has_the_url() {
    let device = Device::hosted().await;
    let failed = failed(device.auth.sign_out(SignOutOptions::local()).await);
    assert_eq!(failed.error.code(), ErrorCode::HostedUiUnavailable);
    assert!(failed.report.logout_url.is_some());
    let partial = partial(device.auth.sign_out(best_effort()).await);
    assert!(partial.hosted_ui_error.unwrap().url.is_some());
}

#[tokio::test]
async fn s10_a_redirect_with_an_error_is_a_hosted_ui_error() {
    let with_error = || Does::GoTo(&["myapp://signed-out?error=invalid_request&error_description=SECRET"]);
    assert_failed_and_unchanged(with_error(), ErrorCode::HostedUiFailed).await;
    assert_partial_with_the_url(with_error(), ErrorCode::HostedUiFailed).await;

    let (_, result) = sign_out(with_error(), WebPolicy::Required).await;
    let error = failed(result).error;
    assert!(error.message().ends_with("with an error: invalid_request"), "{error}");
}

#[tokio::test]
async fn s11_s12_a_sign_in_that_left_nothing_in_the_browser_reports_no_browser_session() {
    for how in [SignedInWith::Api, SignedInWith::HostedUiPrivate] {
        let device = Device::new().await;
        device.sign_in_with("ana", how).await;
        assert_eq!(complete(device.sign_out().await).report.browser_sessions, []);
    }
}

#[tokio::test]
async fn s13_without_hosted_pages_in_the_configuration_the_error_explains_it_and_nothing_changes() {
    let device = Device::new().await;
    device.sign_in_with("ana", SignedInWith::HostedUi).await;
    let before = device.vault.record();
    let failed = failed(device.auth.sign_out(SignOutOptions::local()).await);
    assert_eq!(failed.error.code(), ErrorCode::HostedUiNotConfigured);
    assert!(
        failed.error.recovery().contains("in the configuration"),
        "{}",
        failed.error.recovery()
    );
    assert_eq!(device.vault.record(), before);
    device.assert_asked(&[]);
}

#[tokio::test]
async fn the_error_for_a_sign_out_uri_that_is_not_configured_explains_it_and_nothing_changes() {
    let browser = TestBrowser::that(Does::ComeBack);
    let device = Device::hosted_with(&browser).await;
    let before = device.vault.record();
    let options = SignOutOptions::local().sign_out_uri("myapp://signed-out/");
    let failed = failed(device.auth.sign_out(options).await);
    assert_eq!(failed.error.code(), ErrorCode::InvalidInput);
    assert!(failed.error.message().contains("trailing slash"), "{}", failed.error);
    assert_eq!((browser.urls(), device.vault.record()), (vec![], before));

    let options = SignOutOptions::local().sign_out_uri("https://example.com/a&b?c=%20d");
    device.auth.sign_out(options).await.signed_out_locally();
    assert!(
        browser.urls()[0].ends_with("logout_uri=https%3A%2F%2Fexample.com%2Fa%26b%3Fc%3D%2520d"),
        "{:?}",
        browser.urls()
    );
}

#[tokio::test]
async fn with_skip_the_result_is_complete_and_the_report_says_that_the_browsers_session_may_persist() {
    let (device, result) = sign_out(Does::Nothing, WebPolicy::Skip).await;
    assert_eq!(steps(&result)[0], "skipped:by_policy");
    let report = complete(result).report;
    assert_eq!(report.browser_sessions[0].state, BrowserSessionState::MayPersist);
    assert_eq!(report.next_sign_in(), Some(Prompt::Login));
    assert_eq!(report.logout_url, Some(device.config.logout_url(None).unwrap()));
    device.assert_asked(&[RevokeToken]);
    device.assert_signed_out().await;
}

#[tokio::test]
async fn the_last_page_says_whether_the_user_is_signed_out_of_the_device_whatever_the_hosted_pages_said() {
    for (policy, signed_out) in [(WebPolicy::BestEffort, true), (WebPolicy::Required, false)] {
        let browser = TestBrowser::that(Does::Nothing);
        let device = Device::hosted_with(&browser).await;
        let signing_out = device.begin_sign_out(SignOutOptions::local().web(policy));
        let page = browser.page().await;
        let error = format!("{SIGNED_OUT}?error=server_error");
        page.completion.redirected(&error.parse().unwrap());
        assert_eq!(page.completion.signed_out().await, signed_out);
        assert_eq!(signing_out.await.unwrap().signed_out_locally(), signed_out);
    }
}

#[tokio::test]
async fn a_redirect_to_another_url_is_ignored() {
    let elsewhere = &[
        "myapp://signed-in",
        "other://signed-out",
        "https://example.com/signed-out",
        "myapp://signed-out",
    ];
    let (_, result) = sign_out(Does::GoTo(elsewhere), WebPolicy::Required).await;
    complete(result);
    assert_nothing_ends_the_wait(&elsewhere[..3]).await;
}

/// Asserts that none of these URLs counts as this sign-out's redirect.
async fn assert_nothing_ends_the_wait(urls: &[&str]) {
    let browser = TestBrowser::that(Does::Nothing);
    let device = Device::hosted_with(&browser).await;
    let _signing_out = device.begin_sign_out(SignOutOptions::local());
    let page = browser.page().await;
    for url in urls {
        assert_eq!(page.completion.redirected(&url.parse().unwrap()), NextPage::Ignored);
    }
}

#[tokio::test]
async fn a_second_redirect_has_no_effect() {
    let browser = TestBrowser::that(Does::GoTo(&["myapp://signed-out", "myapp://signed-out?error=late"]));
    let device = Device::hosted_with(&browser).await;
    let mut events = device.auth.events();
    complete(device.auth.sign_out(SignOutOptions::local()).await);
    let page = browser.page().await;
    assert_eq!(
        page.completion.redirected(&SIGNED_OUT.parse().unwrap()),
        NextPage::Ignored
    );
    page.completion.failed(BrowserError::Cancelled);
    device.assert_asked(&[RevokeToken]);
    assert_eq!(heard(&mut events), [signed_out(SignedOutReason::Local)]);
}

#[tokio::test(start_paused = true)]
async fn a_tab_that_never_comes_back_ends_by_the_browser_deadline() {
    let browser = TestBrowser::that(Does::Nothing);
    let device = Device::hosted_with(&browser).await;
    let before = device.vault.record();
    let (limit, started) = (Duration::from_secs(30), Instant::now());
    let options = SignOutOptions::local().browser_deadline(limit);
    let failed = failed(device.auth.sign_out(options).await);
    assert_eq!(failed.error.code(), ErrorCode::HostedUiTimedOut);
    assert!(
        started.elapsed() >= limit && started.elapsed() <= limit + Duration::from_secs(1),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(device.vault.record(), before);

    let late = browser.page().await.completion.redirected(&SIGNED_OUT.parse().unwrap());
    assert_eq!(late, NextPage::Ignored);
    device.assert_signed_in_as("ana").await;
    device.assert_asked(&[]);
}

#[tokio::test(start_paused = true)]
async fn the_users_time_in_the_browser_does_not_count_for_the_deadline() {
    let browser = TestBrowser::that(Does::Nothing);
    let device = Device::hosted_with(&browser).await;
    let signing_out = device.begin_sign_out(SignOutOptions::local().deadline(Duration::from_secs(5)));
    let page = browser.page().await;
    tokio::time::sleep(Duration::from_secs(120)).await;
    page.completion.redirected(&SIGNED_OUT.parse().unwrap());
    complete(signing_out.await.unwrap());
}

#[tokio::test]
async fn after_the_local_sign_out_a_retry_runs_only_the_failed_web_step() {
    let (device, result) = sign_out(Does::Fail(BrowserError::Cancelled), WebPolicy::BestEffort).await;
    let partial = partial(result);
    let browser = TestBrowser::that(Does::ComeBack);
    let device = device.with_browser(Some(&browser));
    device.fake.forget_requests();
    let mut events = device.auth.events();
    let result = device.auth.retry(&partial).await;
    assert_eq!(steps(&result)[0], "done");
    let report = complete(result).report;
    assert_eq!(report.browser_sessions[0].state, BrowserSessionState::Ended);
    assert_eq!(browser.urls().len(), 1);
    device.assert_asked(&[]);
    assert_eq!(heard(&mut events), []);
}

#[tokio::test]
async fn a_retry_pays_cognito_before_it_opens_the_browser() {
    let device = Device::hosted_with(&TestBrowser::that(Does::Fail(BrowserError::Cancelled))).await;
    device.fake.on(RevokeToken).once(REFUSED);
    let first = partial(device.auth.sign_out(best_effort()).await);
    assert!(first.hosted_ui_error.is_some() && first.revoke_token_error.is_some());

    let browser = TestBrowser::that(Does::Nothing);
    let device = device.with_browser(Some(&browser));
    let retrying = tokio::spawn({
        let auth = device.auth.clone();
        async move { auth.retry(&first).await }
    });
    let page = browser.page().await;
    assert_eq!(device.fake.live_sessions("ana"), 0, "paid already");
    page.completion.failed(BrowserError::Cancelled);
    let again = partial(retrying.await.unwrap());
    assert!(again.hosted_ui_error.is_some() && again.revoke_token_error.is_none());
}

#[tokio::test]
async fn a_retry_without_a_browser_does_not_call_the_session_ended() {
    let device = Device::hosted().await;
    let first = partial(device.auth.sign_out(best_effort()).await);
    let again = device.auth.retry(&first).await;
    assert_eq!(steps(&again)[0], "failed:hosted_ui_unavailable");
    assert!(partial(again).hosted_ui_error.is_some());
}

#[tokio::test]
async fn a_call_that_joins_while_the_browser_is_in_front_can_make_it_global() {
    let browser = TestBrowser::that(Does::Nothing);
    let device = Device::hosted_with(&browser).await;
    let local = device.begin_sign_out(SignOutOptions::local());
    let page = browser.page().await;
    let global = device.begin_sign_out(SignOutOptions::global());
    tokio::task::yield_now().await;
    page.completion.redirected(&SIGNED_OUT.parse().unwrap());
    for result in [local, global] {
        let steps = steps(&result.await.unwrap());
        assert_eq!((&*steps[0], &*steps[3]), ("done", "done"));
    }
    assert_eq!(browser.urls().len(), 1);
}
