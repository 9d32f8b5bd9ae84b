//! Signing out in two calls, for an app that opens the browser itself and may be killed while the browser is open.

use std::time::Duration;

use cognito_signout::fake_cognito::Operation::{GlobalSignOut, RevokeToken};
use cognito_signout::fake_cognito::{FakeCognito, Fault};
use cognito_signout::vault::VaultError;
use cognito_signout::{
    BrowserError, ErrorCode, HostedUi, SignOutOptions, SignOutProgress, SignOutResult, SignedInWith, SignedOutReason,
    UnpaidRevocations, WebPolicy, WebVisit,
};
use tokio::time::{Instant, sleep};
use url::Url;

use crate::device::{Device, REFUSED, SIGNED_OUT, complete, failed, heard, partial, signed_out, steps};
use crate::test_browser::{Does, TestBrowser};
use crate::vault::Use;

fn callback() -> Result<Url, BrowserError> {
    Ok(SIGNED_OUT.parse().unwrap())
}

#[track_caller]
fn open(progress: SignOutProgress) -> WebVisit {
    match progress {
        SignOutProgress::Open(visit) => visit,
        other => panic!("nothing to open: {other:?}"),
    }
}

#[track_caller]
fn finished(progress: SignOutProgress) -> SignOutResult {
    match progress {
        SignOutProgress::Finished(result) => result,
        other => panic!("not finished: {other:?}"),
    }
}

#[track_caller]
fn assert_ignored(progress: SignOutProgress) {
    assert!(matches!(progress, SignOutProgress::Ignored), "{progress:?}");
}

/// A device whose app has begun to sign out, and the page to open.
async fn begun(options: SignOutOptions) -> (Device, WebVisit) {
    let device = Device::hosted().await;
    let visit = open(device.auth.begin_sign_out(options).await);
    (device, visit)
}

#[tokio::test]
async fn begin_gives_the_url_and_finish_signs_out() {
    let (device, visit) = begun(SignOutOptions::local()).await;
    assert_eq!(visit.url, device.config.logout_url(None).unwrap());
    assert_eq!(visit.redirect.as_str(), SIGNED_OUT);
    device.assert_asked(&[]);
    device.assert_signed_in_as("ana").await;

    let mut events = device.auth.events();
    let result = finished(device.auth.finish_sign_out(callback()).await);
    assert_eq!(steps(&result)[..2], ["done", "done"]);
    complete(result);
    assert_eq!(heard(&mut events), [signed_out(SignedOutReason::Local)]);
    device.assert_asked(&[RevokeToken]);
    device.assert_signed_out().await;
    assert_eq!(device.vault.record(), None, "nothing is left");
}

/// A callback comes only once. It must not be lost with the screen that received it.
#[tokio::test]
async fn cancelling_the_caller_while_finish_reads_the_record_stops_nothing() {
    let (device, _) = begun(SignOutOptions::local()).await;
    let mut events = device.auth.events();
    let hold = device.vault.hold(Use::Read);
    let auth = device.auth.clone();
    let caller = tokio::spawn(async move { auth.finish_sign_out(callback()).await });
    hold.reached().await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());

    hold.open();
    assert_eq!(events.next().await, Some(signed_out(SignedOutReason::Local)));
    device.assert_signed_out().await;
}

#[tokio::test]
async fn a_session_that_needs_no_browser_is_signed_out_at_once() {
    let device = Device::signed_in().await;
    complete(finished(device.auth.begin_sign_out(SignOutOptions::local()).await));
    device.assert_signed_out().await;
    assert_ignored(device.auth.finish_sign_out(callback()).await);
}

#[tokio::test]
async fn the_next_process_finishes_what_a_killed_one_began() {
    let (device, visit) = begun(SignOutOptions::global()).await;
    let next = device.killed();
    next.assert_signed_in_as("ana").await;
    let resumed = next.auth.resume().await.unwrap();
    assert_eq!(resumed.web_step, Some(visit));
    assert!(resumed.settled.is_empty());

    complete(finished(next.auth.finish_sign_out(callback()).await));
    next.assert_asked(&[GlobalSignOut, RevokeToken]);
    next.assert_signed_out().await;
    let resumed = next.restarted().auth.resume().await.unwrap();
    assert_eq!((resumed.web_step, resumed.settled.len()), (None, 0));
}

#[tokio::test]
async fn the_next_process_finishes_what_the_librarys_browser_had_open() {
    let browser = TestBrowser::that(Does::Nothing);
    let device = Device::hosted_with(&browser).await;
    let _forgotten = device.begin_sign_out(SignOutOptions::local());
    browser.page().await;
    let next = device.killed();
    assert!(next.auth.resume().await.unwrap().web_step.is_some());
    complete(finished(next.auth.finish_sign_out(callback()).await));
    next.assert_signed_out().await;
}

#[tokio::test]
async fn cancelled_under_required_leaves_the_record_as_it_was() {
    for answer in [
        BrowserError::Cancelled,
        BrowserError::TimedOut,
        BrowserError::Unavailable("for the test".into()),
    ] {
        let device = Device::hosted().await;
        let (before, mut events) = (device.vault.record(), device.auth.events());
        open(device.auth.begin_sign_out(SignOutOptions::local()).await);
        let next = device.killed();
        let expected = match answer {
            BrowserError::Cancelled => ErrorCode::HostedUiCancelled,
            BrowserError::TimedOut => ErrorCode::HostedUiTimedOut,
            _ => ErrorCode::HostedUiUnavailable,
        };
        let failed = failed(finished(next.auth.finish_sign_out(Err(answer)).await));
        assert_eq!(failed.error.code(), expected);
        assert_eq!(failed.report.logout_url, Some(next.config.logout_url(None).unwrap()));
        assert_eq!(next.vault.record(), before);
        assert_eq!(heard(&mut events), []);
        next.assert_asked(&[]);
        next.assert_signed_in_as("ana").await;
        assert_ignored(next.auth.finish_sign_out(callback()).await);
    }
}

#[tokio::test]
async fn cancelled_under_best_effort_is_partial_with_the_url() {
    let (device, visit) = begun(SignOutOptions::local().web(WebPolicy::BestEffort)).await;
    let next = device.killed();
    let partial = partial(finished(next.auth.finish_sign_out(Err(BrowserError::Cancelled)).await));
    assert_eq!(partial.hosted_ui_error.unwrap().url, Some(visit.url));
    next.assert_asked(&[RevokeToken]);
    next.assert_signed_out().await;
}

#[tokio::test]
async fn a_redirect_with_an_error_fails_and_one_to_another_url_is_ignored() {
    let (device, _) = begun(SignOutOptions::local()).await;
    assert_ignored(
        device
            .auth
            .finish_sign_out(Ok("myapp://signed-in".parse().unwrap()))
            .await,
    );
    let error = Ok("myapp://signed-out?error=server_error".parse().unwrap());
    let failed = failed(finished(device.auth.finish_sign_out(error).await));
    assert_eq!(failed.error.code(), ErrorCode::HostedUiFailed);
    device.assert_signed_in_as("ana").await;
}

#[tokio::test]
async fn a_callback_that_comes_twice_or_without_a_sign_out_is_ignored() {
    let device = Device::hosted().await;
    assert_ignored(device.auth.finish_sign_out(callback()).await);
    assert_ignored(device.auth.finish_sign_out(Err(BrowserError::Cancelled)).await);
    device.assert_signed_in_as("ana").await;

    open(device.auth.begin_sign_out(SignOutOptions::local()).await);
    complete(finished(device.auth.finish_sign_out(callback()).await));
    assert_ignored(device.auth.finish_sign_out(callback()).await);
    assert_ignored(
        device
            .restarted()
            .auth
            .finish_sign_out(Err(BrowserError::Cancelled))
            .await,
    );
    device.assert_asked(&[RevokeToken]);
}

#[tokio::test]
async fn many_callbacks_at_once_are_one_sign_out() {
    let (device, _) = begun(SignOutOptions::local()).await;
    let mut events = device.auth.events();
    let callbacks: Vec<_> = (0..20)
        .map(|_| {
            let auth = device.auth.clone();
            tokio::spawn(async move { auth.finish_sign_out(callback()).await })
        })
        .collect();
    let mut results = 0;
    for progress in callbacks {
        match progress.await.unwrap() {
            SignOutProgress::Ignored => {}
            progress => {
                complete(finished(progress));
                results += 1;
            }
        }
    }
    assert!(results > 0);
    assert_eq!(heard(&mut events), [signed_out(SignedOutReason::Local)]);
    device.assert_asked(&[RevokeToken]);
}

#[tokio::test]
async fn a_callback_that_comes_too_late_is_a_timeout_and_nothing_changes() {
    let device = Device::hosted().await;
    let before = device.vault.record();
    let options = SignOutOptions::local().browser_deadline(Duration::from_secs(60));
    let visit = open(device.auth.begin_sign_out(options).await);
    device.advance(Duration::from_secs(61));

    let next = device.killed();
    let resumed = next.auth.resume().await.unwrap();
    assert_eq!(resumed.web_step, Some(visit), "it still waits for an answer");
    let failed = failed(finished(next.auth.finish_sign_out(callback()).await));
    assert_eq!(failed.error.code(), ErrorCode::HostedUiTimedOut);
    assert_eq!(next.vault.record(), before);
    next.assert_signed_in_as("ana").await;
    assert_ignored(next.auth.finish_sign_out(callback()).await);
}

#[tokio::test]
async fn under_best_effort_a_callback_that_comes_too_late_still_signs_out() {
    for answer in [callback(), Err(BrowserError::TimedOut)] {
        let options = SignOutOptions::local().web(WebPolicy::BestEffort);
        let (device, _) = begun(options.browser_deadline(Duration::from_secs(60))).await;
        device.advance(Duration::from_secs(61));
        let partial = partial(finished(device.auth.finish_sign_out(answer).await));
        assert_eq!(
            partial.hosted_ui_error.unwrap().error.code(),
            ErrorCode::HostedUiTimedOut
        );
        device.assert_signed_out().await;
    }
}

#[tokio::test]
async fn a_callback_ends_only_the_session_that_it_was_begun_for() {
    let (device, _) = begun(SignOutOptions::local()).await;
    device.sign_in_with("bea", SignedInWith::HostedUi).await;
    assert_eq!(device.auth.resume().await.unwrap().web_step, None);
    assert_ignored(device.auth.finish_sign_out(callback()).await);
    device.assert_signed_in_as("bea").await;
}

#[tokio::test]
async fn a_refresh_while_the_browser_is_open_does_not_affect_the_sign_out() {
    let (device, _) = begun(SignOutOptions::local()).await;
    let refreshed = device.auth.refresh().await.unwrap();
    complete(finished(device.restarted().auth.finish_sign_out(callback()).await));
    assert!(!device.fake.is_refresh_token_live(&refreshed.refresh_token));
    device.assert_signed_out().await;
}

#[tokio::test]
async fn a_locked_keychain_at_the_callback_fails_and_the_callback_can_be_given_again() {
    let (device, _) = begun(SignOutOptions::local()).await;
    device
        .vault
        .refuse(Use::Read, VaultError::Locked("for the test".into()));
    let failed = failed(finished(device.auth.finish_sign_out(callback()).await));
    assert_eq!(failed.error.code(), ErrorCode::VaultLocked);
    device.vault.heal();
    complete(finished(device.auth.finish_sign_out(callback()).await));
    device.assert_signed_out().await;
}

#[tokio::test]
async fn a_keychain_that_cannot_record_the_web_step_fails_before_a_page_is_opened() {
    let browser = TestBrowser::that(Does::ComeBack);
    let device = Device::hosted_with(&browser).await;
    device
        .vault
        .refuse(Use::Write, VaultError::Locked("for the test".into()));
    for result in [
        device.auth.sign_out(SignOutOptions::local()).await,
        finished(device.auth.begin_sign_out(SignOutOptions::local()).await),
    ] {
        assert_eq!(failed(result).error.code(), ErrorCode::VaultLocked);
    }
    assert_eq!(browser.urls().len(), 0);
    device.assert_signed_in_as("ana").await;
}

#[tokio::test]
async fn the_apps_cancel_button_ends_the_page_in_the_librarys_browser() {
    let browser = TestBrowser::that(Does::Nothing);
    let device = Device::hosted_with(&browser).await;
    let signing_out = device.begin_sign_out(SignOutOptions::local());
    let page = browser.page().await;
    let told = failed(finished(
        device.auth.finish_sign_out(Err(BrowserError::Cancelled)).await,
    ));
    assert_eq!(told.error.code(), ErrorCode::HostedUiCancelled);
    assert_eq!(failed(signing_out.await.unwrap()).error, told.error);
    page.completion.closed().await;
    assert!(!page.completion.signed_out().await);
    device.assert_signed_in_as("ana").await;
}

#[tokio::test]
async fn the_apps_cancel_button_works_before_the_browser_is_open() {
    let browser = TestBrowser::that(Does::Nothing);
    let device = Device::hosted_with(&browser).await;
    let before = device.vault.record();
    let noting = device.vault.hold(Use::Write);
    let signing_out = device.begin_sign_out(SignOutOptions::local());
    noting.reached().await;
    let auth = device.auth.clone();
    let cancelling = tokio::spawn(async move { auth.finish_sign_out(Err(BrowserError::Cancelled)).await });
    tokio::task::yield_now().await;
    noting.open();

    let told = failed(finished(cancelling.await.unwrap()));
    assert_eq!(told.error.code(), ErrorCode::HostedUiCancelled);
    assert_eq!(failed(signing_out.await.unwrap()).error, told.error);
    assert_eq!(browser.urls().len(), 0);
    assert_eq!(device.vault.record(), before);
}

#[tokio::test]
async fn a_web_step_that_fails_removes_its_own_waiting_sign_out_and_not_another_processes() {
    let browser = TestBrowser::that(Does::Nothing);
    let first = Device::hosted_with(&browser).await;
    let signing_out = first.begin_sign_out(SignOutOptions::local());
    let page = browser.page().await;
    let second = first.restarted();
    let visit = open(second.auth.begin_sign_out(SignOutOptions::local()).await);

    page.completion.failed(BrowserError::Cancelled);
    failed(signing_out.await.unwrap());
    let resumed = second.killed().auth.resume().await.unwrap();
    assert_eq!(resumed.web_step, Some(visit));
}

#[tokio::test]
async fn a_callback_that_reaches_the_app_finishes_the_librarys_web_step() {
    let browser = TestBrowser::that(Does::Nothing);
    let device = Device::hosted_with(&browser).await;
    let signing_out = device.begin_sign_out(SignOutOptions::local());
    browser.page().await;
    complete(finished(device.auth.finish_sign_out(callback()).await));
    complete(signing_out.await.unwrap());
    device.assert_asked(&[RevokeToken]);
}

#[tokio::test]
async fn a_second_begin_starts_again() {
    let (device, _) = begun(SignOutOptions::local()).await;
    open(device.auth.begin_sign_out(SignOutOptions::global()).await);
    complete(finished(device.auth.finish_sign_out(callback()).await));
    device.assert_asked(&[GlobalSignOut, RevokeToken]);

    let (device, _) = begun(SignOutOptions::local()).await;
    complete(device.auth.sign_out(SignOutOptions::local().web(WebPolicy::Skip)).await);
    assert_ignored(device.auth.finish_sign_out(callback()).await);
    device.assert_asked(&[RevokeToken]);
}

#[tokio::test]
async fn a_sign_out_that_meets_one_that_is_beginning_gets_its_own_result() {
    let device = Device::hosted().await;
    let hold = device.vault.hold(Use::Read);
    let beginning = tokio::spawn({
        let auth = device.auth.clone();
        async move { auth.begin_sign_out(SignOutOptions::local()).await }
    });
    hold.reached().await;
    let signing_out = device.begin_sign_out(SignOutOptions::local().web(WebPolicy::Skip));
    tokio::task::yield_now().await;
    hold.open();
    open(beginning.await.unwrap());
    complete(signing_out.await.unwrap());
    device.assert_signed_out().await;
}

#[tokio::test(start_paused = true)]
async fn a_callback_that_comes_twice_shortens_no_deadline() {
    let seconds = Duration::from_secs;
    let hosted_ui = HostedUi::builder("auth.example.com")
        .sign_out_uri(SIGNED_OUT)
        .build()
        .unwrap();
    let device = Device::at(FakeCognito::builder(), |config| {
        config.hosted_ui(hosted_ui).attempt_timeout(seconds(30))
    })
    .await;
    device.sign_in_with("ana", SignedInWith::HostedUi).await;
    open(
        device
            .auth
            .begin_sign_out(SignOutOptions::local().deadline(seconds(60)))
            .await,
    );
    device.fake.on(RevokeToken).always(Fault::Hang);
    let started = Instant::now();
    let finish = || {
        let auth = device.auth.clone();
        tokio::spawn(async move { auth.finish_sign_out(callback()).await })
    };
    let mut finishing = vec![finish(), finish()];
    sleep(seconds(1)).await;
    finishing.push(finish());
    for progress in finishing {
        match progress.await.unwrap() {
            SignOutProgress::Ignored => {}
            progress => drop(partial(finished(progress))),
        }
    }
    assert!(started.elapsed() > seconds(20), "{:?}", started.elapsed());
}

/// A device whose app opens the browser itself, and a partial sign-out that has left the browser's session.
async fn left_in_the_browser() -> (Device, cognito_signout::Partial) {
    let (device, _) = begun(SignOutOptions::local().web(WebPolicy::BestEffort)).await;
    let closed = device.auth.finish_sign_out(Err(BrowserError::Cancelled)).await;
    (device, partial(finished(closed)))
}

#[tokio::test]
async fn a_retry_in_two_calls_ends_the_browsers_session() {
    let (device, left) = left_in_the_browser().await;
    let visit = open(device.auth.begin_retry(&left).await);
    assert_eq!(Some(&visit.url), left.hosted_ui_error.unwrap().url.as_ref());
    assert_ignored(
        device
            .auth
            .finish_sign_out(Ok("myapp://elsewhere".parse().unwrap()))
            .await,
    );
    let result = finished(device.auth.finish_sign_out(callback()).await);
    assert_eq!(steps(&result)[0], "done");
    complete(result);
    assert_ignored(device.auth.finish_sign_out(callback()).await);
    device.assert_asked(&[RevokeToken]);
}

#[tokio::test]
async fn a_retry_in_two_calls_pays_before_it_opens_the_page_and_can_be_begun_again() {
    let (device, _) = begun(SignOutOptions::global().web(WebPolicy::BestEffort)).await;
    device.fake.on(GlobalSignOut).once(REFUSED);
    device.fake.on(RevokeToken).once(REFUSED);
    let closed = || async { finished(device.auth.finish_sign_out(Err(BrowserError::Cancelled)).await) };
    let left = partial(closed().await);
    device.assert_asked(&[GlobalSignOut, RevokeToken]);

    open(device.auth.begin_retry(&left).await);
    device.assert_asked(&[GlobalSignOut, RevokeToken, GlobalSignOut, RevokeToken]);
    let left = partial(closed().await);
    assert!(left.revoke_token_error.is_none() && left.global_sign_out_error.is_none());
    assert_eq!(
        left.hosted_ui_error.as_ref().unwrap().error.code(),
        ErrorCode::HostedUiCancelled
    );

    open(device.auth.begin_retry(&left).await);
    complete(finished(device.auth.finish_sign_out(callback()).await));
    device.assert_asked(&[GlobalSignOut, RevokeToken, GlobalSignOut, RevokeToken]);
}

#[tokio::test]
async fn a_retry_in_two_calls_that_needs_no_browser_is_finished_at_once() {
    let device = Device::signed_in().await;
    device.fake.on(RevokeToken).once(REFUSED);
    let left = partial(device.sign_out().await);
    complete(finished(device.auth.begin_retry(&left).await));
    assert_eq!(device.vault.record(), None);
}

#[tokio::test]
async fn a_debt_that_a_retry_in_two_calls_could_not_pay_is_on_record_if_the_process_is_killed() {
    let hosted_ui = HostedUi::builder("auth.example.com")
        .sign_out_uri(SIGNED_OUT)
        .build()
        .unwrap();
    let device = Device::at(FakeCognito::builder(), |config| {
        config
            .hosted_ui(hosted_ui)
            .unpaid_revocations(UnpaidRevocations::HandOver)
    })
    .await;
    device.sign_in_with("ana", SignedInWith::HostedUi).await;
    let options = SignOutOptions::local().web(WebPolicy::BestEffort);
    open(device.auth.begin_sign_out(options).await);
    device.fake.on(RevokeToken).always(REFUSED);
    let closed = device.auth.finish_sign_out(Err(BrowserError::Cancelled)).await;
    let left = partial(finished(closed));
    assert_eq!(device.vault.record(), None, "it was handed over");
    open(device.auth.begin_retry(&left).await);

    device.fake.heal();
    let next = device.killed();
    for settled in next.auth.resume().await.unwrap().settled {
        complete(settled);
    }
    assert_eq!(device.fake.live_sessions("ana"), 0);
    assert_eq!(next.vault.record(), None);
}

#[tokio::test(start_paused = true)]
async fn a_retry_in_two_calls_whose_page_gets_no_answer_times_out() {
    let (device, left) = left_in_the_browser().await;
    open(device.auth.begin_retry(&left).await);
    sleep(Duration::from_secs(4 * 60)).await;
    assert_ignored(device.auth.finish_sign_out(callback()).await);
}

#[tokio::test]
async fn a_foreign_page_on_record_is_not_given_to_the_app() {
    let (device, visit) = begun(SignOutOptions::local()).await;
    let record = String::from_utf8(device.vault.record().unwrap().to_vec()).unwrap();
    let forged = record.replace(visit.url.as_str(), "smb://evil.example/share");
    assert_ne!(record, forged);
    device.vault.put(Some(forged.into_bytes()));

    let next = device.restarted();
    assert_eq!(next.auth.resume().await.unwrap().web_step, None);
    assert_ignored(next.auth.finish_sign_out(callback()).await);
    next.assert_signed_in_as("ana").await;
    // The next sign-out replaces it.
    assert_eq!(open(next.auth.begin_sign_out(SignOutOptions::local()).await), visit);
    complete(finished(next.auth.finish_sign_out(callback()).await));
}
