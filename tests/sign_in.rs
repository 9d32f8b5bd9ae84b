//! The sign-ins of `docs/beside-your-sign-in.md`, whose code is in `examples/sign_in`, against FakeCognito. In `tests/real_servers`
//! and `tests/browser` the same code runs at servers by other authors.

#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

#[path = "../examples/sign_in/aws_sdk.rs"]
mod aws_sdk;
#[path = "../examples/demo/headless.rs"]
#[allow(dead_code, reason = "the demo shows the window")]
mod headless;
#[path = "../examples/sign_in/hosted_pages.rs"]
mod hosted_pages;
#[path = "support/sign_in.rs"]
mod support;

use cognito_signout::fake_cognito::{FakeCognito, Operation};
use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::MemoryVault;
use cognito_signout::{Auth, AuthConfig, Prompt, SessionState, SignOutOptions, SignedInWith, WebPolicy};
use headless::Headless;
use hosted_pages::{Pages, SignIn};
use support::{http, sdk};
use url::Url;

const CALLBACK: &str = "myapp://signed-in";

fn auth(fake: &FakeCognito) -> Auth {
    let config = AuthConfig::builder(fake.user_pool_id(), fake.client_id()).endpoint(fake.url().as_str());
    Auth::builder(config.build().unwrap(), MemoryVault::default(), RustlsTransport::new())
        .clock(fake.clock())
        .build()
}

async fn signed_in_with(auth: &Auth) -> Option<SignedInWith> {
    match auth.session().await {
        SessionState::SignedIn(session) => Some(session.signed_in_with),
        _ => None,
    }
}

/// Signs out, and returns whether the refresh token lives on.
async fn lives_on_after_sign_out(fake: &FakeCognito, auth: &Auth) -> bool {
    let refresh = auth.tokens().await.unwrap().refresh_token;
    assert!(fake.is_refresh_token_live(&refresh));
    let result = auth.sign_out(SignOutOptions::global().web(WebPolicy::Skip)).await;
    assert!(result.is_complete(), "{result:?}");
    fake.is_refresh_token_live(&refresh)
}

#[tokio::test]
async fn a_sign_in_with_the_aws_sdk_is_on_record_and_signs_out_everywhere() {
    let fake = FakeCognito::start().await.unwrap();
    fake.add_user("ana", "Passw0rd!x");
    let auth = auth(&fake);
    let client_id = fake.client_id();
    aws_sdk::sign_in(&sdk(fake.url().as_str()), &client_id, "ana", "Passw0rd!x", &auth)
        .await
        .unwrap();
    assert_eq!(signed_in_with(&auth).await, Some(SignedInWith::Api));
    assert!(!lives_on_after_sign_out(&fake, &auth).await);
}

#[tokio::test]
async fn a_sign_in_with_the_aws_sdk_that_fails_leaves_nothing_on_record() {
    let fake = FakeCognito::start().await.unwrap();
    fake.add_user("ana", "Passw0rd!x");
    let auth = auth(&fake);
    let client_id = fake.client_id();
    let failed = aws_sdk::sign_in(&sdk(fake.url().as_str()), &client_id, "ana", "wrong", &auth).await;
    assert!(failed.is_err());
    assert_eq!(auth.session().await, SessionState::SignedOut);
}

/// The hosted pages with the app's own client.
async fn hosted() -> (FakeCognito, Pages, Auth) {
    let fake = FakeCognito::builder().callback_uris([CALLBACK]).start().await.unwrap();
    let origin = fake.url().origin().ascii_serialization();
    let pages = hosted_pages::pages(&origin, &fake.client_id(), None, CALLBACK).unwrap();
    let auth = auth(&fake);
    (fake, pages, auth)
}

#[tokio::test]
async fn a_sign_in_at_the_hosted_pages_is_on_record_and_signs_out_everywhere() {
    let (fake, pages, auth) = hosted().await;
    let (page, sign_in) = SignIn::begin(&pages, None);
    let callback = Headless::new().sign_in(&page, "ana").await.unwrap().url;
    sign_in.finish(&pages, &callback, &http, &auth).await.unwrap();
    assert_eq!(signed_in_with(&auth).await, Some(SignedInWith::HostedUi));
    fake.assert_no_token_in_urls();
    assert!(!lives_on_after_sign_out(&fake, &auth).await);
}

#[tokio::test]
async fn the_prompt_of_the_last_sign_out_makes_the_hosted_pages_ask_again() {
    let (_fake, pages, _) = hosted().await;
    let browser = Headless::new();
    let (page, _) = SignIn::begin(&pages, None);
    browser.sign_in(&page, "ana").await.unwrap();

    let is_asked = async |prompt| {
        let (page, _) = SignIn::begin(&pages, prompt);
        let shown = browser.open(&page).await.unwrap();
        shown.text.contains("password")
    };
    assert!(!is_asked(None).await);
    assert!(is_asked(Some(Prompt::Login)).await);
}

#[tokio::test]
async fn an_answer_to_another_sign_in_or_another_apps_code_is_refused_and_nothing_is_on_record() {
    let (fake, pages, auth) = hosted().await;
    let (page, _) = SignIn::begin(&pages, None);
    let callback = Headless::new().sign_in(&page, "ana").await.unwrap().url;
    let (_, other) = SignIn::begin(&pages, None);
    other.finish(&pages, &callback, &http, &auth).await.unwrap_err();
    assert_eq!(fake.count(Operation::OAuth2Token), 0);

    // Its state is right, but its verifier is not.
    let (page, sign_in) = SignIn::begin(&pages, None);
    let state = |url: &Url| {
        url.query_pairs()
            .find(|(name, _)| name == "state")
            .unwrap()
            .1
            .into_owned()
    };
    let stolen = callback.as_str().replace(&state(&callback), &state(&page));
    let stolen = Url::parse(&stolen).unwrap();
    sign_in.finish(&pages, &stolen, &http, &auth).await.unwrap_err();
    assert_eq!(fake.count(Operation::OAuth2Token), 1);
    assert_eq!(auth.session().await, SessionState::SignedOut);
}
