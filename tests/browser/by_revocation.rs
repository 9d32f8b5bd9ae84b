//! The browser's session ends by `RevokeToken`, without a page: what Chromium's next sign-in then meets.

use std::time::Duration;

use cognito_signout::BrowserSessionState::{EndRequested, MayPersist};
use cognito_signout::SessionHolder::HostedUi;
use cognito_signout::fake_cognito::Operation::RevokeToken;
use cognito_signout::fake_cognito::{Fault, ServiceError};
use cognito_signout::{ErrorCode, Prompt, SignOutResult, StepStatus, WebPolicy};

use crate::app::{App, sessions};
use crate::pages::Pages;
use crate::{assert_complete, local};

async fn app(linked_sessions_delay: Duration) -> App {
    let pages = Pages::of_the_fake_with_tracking(linked_sessions_delay).await;
    let app = App::at(pages).await.signed_in().await;
    assert!(app.has_cookie().await);
    assert!(!app.asks_who_it_is().await);
    app.pages.fake().forget_requests();
    app
}

#[tokio::test]
async fn a_sign_out_by_revocation_opens_no_page_and_the_next_sign_in_asks_again() {
    let mut app = app(Duration::ZERO).await;

    let result = app.sign_out(local()).await;
    assert_complete(&result);
    assert_eq!(app.pages.fake().operations(), [RevokeToken], "no page was opened");
    assert_eq!(result.report().steps.web, StepStatus::Requested);
    assert_eq!(sessions(&result), [(HostedUi, EndRequested)]);
    assert!(!app.refreshes().await);

    // No page was there to remove the cookie. It is dead.
    assert!(app.has_cookie().await);
    assert!(app.asks_who_it_is().await);
    assert!(app.sign_in().await, "the form is back");
    assert!(app.is_signed_in().await);
    app.chromium.quit().await;
}

#[tokio::test]
async fn with_the_policy_skip_the_next_sign_in_goes_through_without_a_question() {
    let mut app = app(Duration::ZERO).await;

    let result = app.sign_out(local().web(WebPolicy::Skip)).await;
    assert_complete(&result);
    assert_eq!(app.pages.fake().operations(), [RevokeToken]);
    assert_eq!(sessions(&result), [(HostedUi, MayPersist)]);
    assert!(!app.refreshes().await);

    assert!(!app.sign_in().await, "nobody is asked anything");
    assert!(app.is_signed_in().await);
    app.chromium.quit().await;
}

/// AWS says "typically within a few seconds". Here the delay is longer than this test takes.
#[tokio::test]
async fn until_the_server_has_ended_the_browsers_session_the_hint_of_the_report_makes_the_pages_ask() {
    let delay = Duration::from_secs(300);
    let app = app(delay).await;

    let result = app.sign_out(local()).await;
    assert_complete(&result);
    assert!(!app.asks_who_it_is().await, "the server has not ended it yet");
    let hint = result.report().next_sign_in();
    assert_eq!(hint, Some(Prompt::Login));
    let (name, value) = hint.unwrap().authorize_url_hint();
    let mut hinted = app.pages.authorize_url();
    hinted.query_pairs_mut().append_pair(name, value);
    assert!(app.asks_at(&hinted).await);

    app.pages.fake().advance(delay);
    assert!(app.asks_who_it_is().await);
    app.chromium.quit().await;
}

#[tokio::test]
async fn if_the_revocation_fails_the_browsers_session_stays_until_a_retry_and_neither_opens_a_page() {
    let app = app(Duration::ZERO).await;
    app.pages
        .fake()
        .on(RevokeToken)
        .once(Fault::Refuse(ServiceError::InvalidParameter));

    let result = app.sign_out(local()).await;
    let SignOutResult::Partial(partial) = &result else {
        panic!("{result:?}");
    };
    let left = partial.hosted_ui_error.as_ref().unwrap();
    assert_eq!(left.error.code(), ErrorCode::Refused);
    let logout_uri = [
        ("client_id", app.pages.client_id.as_str()),
        ("logout_uri", &app.pages.sign_out_uri),
    ];
    assert_eq!(left.url, Some(app.pages.logout_url(&logout_uri)));
    assert!(!app.is_signed_in().await);
    assert!(!app.asks_who_it_is().await);
    app.pages.fake().forget_requests();

    assert_complete(&app.auth.retry(partial).await);
    assert_eq!(app.pages.fake().operations(), [RevokeToken], "no page was opened");
    assert!(app.asks_who_it_is().await);
    app.chromium.quit().await;
}
