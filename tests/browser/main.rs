//! Sign-out in a real browser, headless Chromium, with the library's `SystemBrowser`. Only its opener is replaced: it opens the
//! URL in Chromium. A plain `cargo test` does not run these tests, because they need Chromium and servers. `cargo xtask test
//! --all` provides them and runs `cargo test --test browser`.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests are tests"
)]

mod app;
mod by_revocation;
mod chromium;
mod closing_page;
mod hosted_conformance;
#[path = "../../examples/sign_in/hosted_pages.rs"]
mod hosted_pages;
mod oidc_provider;
mod pages;
#[path = "../support"]
mod support {
    #[allow(dead_code, reason = "the API's suite has tests of its own")]
    pub(crate) mod conformance;
    pub(crate) mod installed;
    #[allow(dead_code, reason = "cognitox has no hosted pages")]
    pub(crate) mod servers;
    #[allow(dead_code, reason = "nobody signs in with the AWS SDK here")]
    pub(crate) mod sign_in;
    pub(crate) mod wire;
}
mod webdriver;

use std::time::Duration;

use app::{App, sessions};
use chromium::Chromium;
use cognito_signout::BrowserSessionState::{Ended, MayPersist};
use cognito_signout::SessionHolder::{HostedUi, IdentityProvider};
use cognito_signout::{ErrorCode, Prompt, ProviderLogout, SignOutOptions, SignOutResult, StepStatus, WebPolicy};
use pages::{PROVIDER, Pages};
use support::{conformance, servers, wire};
use tokio::net::TcpStream;

/// The buttons with which oidc-provider asks whether to end a session.
const YES: &str = "button[name=logout]";
const NO: &str = "button[type=submit]:not([name])";

fn local() -> SignOutOptions {
    SignOutOptions::local()
}

#[track_caller]
fn assert_complete(result: &SignOutResult) {
    assert!(matches!(result, SignOutResult::Complete(_)), "{result:?}");
}

/// Compares the cookie, the login form and the tokens before and after. `picture` is the name of the closing page's screenshot.
async fn a_sign_out_ends_the_browsers_session(pages: Pages, picture: &str) {
    let app = App::at(pages).await.signed_in().await;
    assert!(app.has_cookie().await);
    assert!(!app.asks_who_it_is().await);
    assert!(app.refreshes().await);

    let result = app.sign_out(local()).await;
    assert_complete(&result);
    assert_eq!(sessions(&result), [(HostedUi, Ended)]);
    let steps = &result.report().steps;
    assert_eq!((steps.web, steps.revoke_token), (StepStatus::Done, StepStatus::Done));
    app.assert_closing_page().await;
    app.chromium.screenshot(picture).await;

    assert!(!app.has_cookie().await);
    assert!(app.asks_who_it_is().await);
    assert!(!app.is_signed_in().await);
    assert!(!app.refreshes().await);
    app.assert_port_is_free();
    app.chromium.quit().await;
}

#[tokio::test]
async fn at_oidc_provider_a_sign_out_ends_the_browsers_session_and_shows_the_closing_page() {
    a_sign_out_ends_the_browsers_session(Pages::of_oidc_provider().await, "signed-out-of-oidc-provider").await;
}

#[tokio::test]
async fn at_fake_cognito_a_sign_out_ends_the_browsers_session_and_shows_the_closing_page() {
    a_sign_out_ends_the_browsers_session(Pages::of_the_fake().await, "signed-out-of-fake-cognito").await;
}

#[tokio::test]
async fn a_closed_tab_ends_at_the_browsers_deadline_and_nothing_has_changed() {
    let app = App::at(Pages::that_ask().await).await.signed_in().await;
    let before = app.record();

    let deadline = Duration::from_secs(5);
    let (result, ()) = tokio::join!(app.auth.sign_out(local().browser_deadline(deadline)), async {
        app.chromium.element(YES).await;
        app.chromium.close_tab().await;
    });
    let SignOutResult::Failed(failed) = &result else {
        panic!("{result:?}");
    };
    assert_eq!(failed.error.code(), ErrorCode::HostedUiTimedOut);
    assert!(failed.report.elapsed >= deadline, "{:?}", failed.report.elapsed);
    assert_eq!(sessions(&result), [(HostedUi, MayPersist)]);

    assert!(app.record() == before, "the record has changed");
    assert!(app.is_signed_in().await);
    assert!(app.refreshes().await);
    assert!(app.has_cookie().await);
    assert!(!app.asks_who_it_is().await);
    app.assert_port_is_free();

    // The next sign-out works.
    let (result, ()) = tokio::join!(app.sign_out(local()), async {
        app.chromium.click(YES).await;
    });
    assert_complete(&result);
    app.assert_closing_page().await;
    assert!(app.asks_who_it_is().await);
    app.chromium.quit().await;
}

#[tokio::test]
async fn best_effort_with_a_closed_tab_is_partial_and_a_retry_ends_the_session_in_the_browser() {
    let app = App::at(Pages::that_ask().await).await.signed_in().await;

    let options = local()
        .web(WebPolicy::BestEffort)
        .browser_deadline(Duration::from_secs(5));
    let (result, ()) = tokio::join!(app.auth.sign_out(options), async {
        app.chromium.element(YES).await;
        app.chromium.close_tab().await;
    });
    let SignOutResult::Partial(partial) = &result else {
        panic!("{result:?}");
    };
    let left = partial.hosted_ui_error.as_ref().unwrap();
    assert_eq!(left.error.code(), ErrorCode::HostedUiTimedOut);
    let logout_uri = [("client_id", "app"), ("logout_uri", &app.pages.sign_out_uri)];
    assert_eq!(left.url, Some(app.pages.logout_url(&logout_uri)));
    assert!(!app.is_signed_in().await);
    assert!(!app.refreshes().await);
    assert!(app.has_cookie().await);
    assert!(!app.asks_who_it_is().await);

    let (result, ()) = tokio::join!(app.auth.retry(partial), async {
        app.chromium.click(YES).await;
    });
    assert_complete(&result);
    assert_eq!(sessions(&result), [(HostedUi, Ended)]);
    app.assert_closing_page().await;
    assert!(!app.has_cookie().await);
    assert!(app.asks_who_it_is().await);
    app.chromium.quit().await;
}

#[tokio::test]
async fn two_pages_end_the_session_at_the_hosted_pages_and_the_one_at_the_provider() {
    let (pages, behind) = Pages::with_a_provider_behind().await;
    let logout = ProviderLogout::oidc(&behind.issuer, "pool");
    let app = App::configured(pages, |hosted_ui| hosted_ui.provider(PROVIDER, logout)).await;
    let app = app.signed_in().await;
    assert!(app.has_cookie().await);
    assert!(app.has_providers_cookie().await);

    let (result, ()) = tokio::join!(app.sign_out(local()), async {
        app.chromium.click(YES).await;
    });
    assert_complete(&result);
    app.assert_closing_page().await;
    app.chromium.screenshot("signed-out-of-both").await;

    assert!(!app.has_cookie().await);
    assert!(!app.has_providers_cookie().await);
    assert!(app.asks_who_it_is().await);
    app.chromium.quit().await;
}

/// The provider's redirect is the same for both answers of the user.
#[tokio::test]
async fn a_user_who_keeps_the_session_at_the_provider_is_not_reported_to_have_ended_it() {
    let (pages, behind) = Pages::with_a_provider_behind().await;
    let logout = ProviderLogout::oidc(&behind.issuer, "pool");
    let app = App::configured(pages, |hosted_ui| hosted_ui.provider(PROVIDER, logout)).await;
    let app = app.signed_in().await;

    let (result, ()) = tokio::join!(app.sign_out(local()), async {
        app.chromium.click(NO).await;
    });
    assert_complete(&result);
    let provider = IdentityProvider(PROVIDER.into());
    assert_eq!(sessions(&result), [(HostedUi, Ended), (provider, MayPersist)]);
    assert_eq!(result.report().next_sign_in(), Some(Prompt::SelectAccount));
    app.assert_closing_page().await;

    assert!(!app.has_cookie().await);
    assert!(app.has_providers_cookie().await);
    app.chromium.quit().await;
}

#[tokio::test]
async fn without_the_second_page_the_provider_signs_the_user_in_again_and_the_report_warns_of_it() {
    let (pages, _behind) = Pages::with_a_provider_behind().await;
    let mut app = App::at(pages).await.signed_in().await;

    let result = app.sign_out(local()).await;
    assert_complete(&result);
    let provider = IdentityProvider(PROVIDER.into());
    assert_eq!(sessions(&result), [(HostedUi, Ended), (provider, MayPersist)]);
    assert_eq!(result.report().next_sign_in(), Some(Prompt::SelectAccount));

    assert!(!app.has_cookie().await);
    assert!(app.has_providers_cookie().await);
    assert!(!app.sign_in().await, "nobody is asked anything");
    assert!(app.is_signed_in().await);
    app.chromium.quit().await;
}

/// ministack has no session in the browser. These tests only show where its `/logout` leads, and how the library handles that.
#[tokio::test]
async fn at_ministack_a_sign_out_uri_on_the_list_comes_back() {
    let app = App::at(Pages::of_ministack().await).await.signed_in().await;
    let result = app.sign_out(local()).await;
    assert_complete(&result);
    app.assert_closing_page().await;
    assert!(!app.refreshes().await);
    app.chromium.quit().await;
}

#[tokio::test]
async fn at_ministack_a_sign_out_uri_that_is_not_on_the_list_ends_at_an_error_page_and_nothing_has_changed() {
    let pages = Pages::of_ministack().await;
    // The app's setting has a trailing slash, the list does not.
    let unlisted = format!("{}/", pages.sign_out_uri);
    let app = App::configured(pages, |hosted_ui| hosted_ui.sign_out_uri(&unlisted)).await;
    let app = app.signed_in().await;
    let before = app.record();

    let options = local().sign_out_uri(&unlisted).browser_deadline(Duration::from_secs(5));
    let result = app.auth.sign_out(options).await;
    let SignOutResult::Failed(failed) = &result else {
        panic!("{result:?}");
    };
    assert_eq!(failed.error.code(), ErrorCode::HostedUiTimedOut);
    let advice = failed.error.recovery();
    assert!(advice.contains("trailing slash") && advice.contains("list"), "{advice}");
    let refusal = "logout_uri is not allowed";
    app.chromium.shows("error page", |text| text.contains(refusal)).await;
    assert!(app.record() == before, "the record has changed");
    assert!(app.is_signed_in().await);
    assert!(app.refreshes().await);
    app.chromium.quit().await;
}

/// AWS refuses this. So a test at ministack needs an app client with a list.
#[tokio::test]
async fn at_ministack_an_app_client_without_a_list_may_sign_out_to_anywhere() {
    let pages = Pages::of_ministack().await;
    pages.set_ministacks_sign_out_uris(&[]).await;
    let chromium = Chromium::start().await;
    let anywhere = format!("{}/anywhere", pages.app_page.signed_out);
    let logout_uri = [("client_id", pages.client_id.as_str()), ("logout_uri", &anywhere)];
    chromium.open(&pages.logout_url(&logout_uri)).await;
    chromium.url("redirect", |url| url.as_str() == anywhere).await;
    chromium.quit().await;
}

#[tokio::test]
async fn fake_cognitos_pages_conform() {
    hosted_conformance::check(Pages::of_the_fake().await, &[]).await;
}

#[tokio::test]
async fn oidc_providers_pages_conform() {
    hosted_conformance::check(
        Pages::of_oidc_provider().await,
        hosted_conformance::OIDC_PROVIDER_DEVIATIONS,
    )
    .await;
}

#[tokio::test]
async fn ministacks_pages_conform() {
    hosted_conformance::check(Pages::of_ministack().await, hosted_conformance::MINISTACK_DEVIATIONS).await;
}

#[tokio::test]
async fn chromium_ends_with_its_handle() {
    let chromium = Chromium::start().await;
    let debugger = chromium.debugger();
    assert!(TcpStream::connect(debugger).await.is_ok());
    drop(chromium);
    let gone = async { while TcpStream::connect(debugger).await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(10), gone)
        .await
        .expect("the processes end");
}
