//! The forms of messages that no scenario has: what a host can set, how its ports can fail, and other libraries' stores.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use cognito_signout::fake_cognito::{FakeCognito, IssuedTokens};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::app::{App, Host, lock};
use crate::apps::{deaf, refused, settings, settings_for, signed_in, store_of, store_tokens};
use crate::library::kind;

#[tokio::test(flavor = "multi_thread")]
async fn every_setting_is_taken() {
    let texts = json!({
        "language": "de", "signed_out": "Abgemeldet", "signed_out_next": "Schließen",
        "not_signed_out": "Nicht abgemeldet", "not_signed_out_next": "Zurück",
    });
    let files = json!({
        "amplify_json": include_str!("../files/amplify_outputs.json"),
        "vault": { "kind": "keychain", "access_group": "g", "service_prefix": "p", "lock_directory": "/nowhere" },
        "region": "eu-central-1", "user_agent": "app/1",
        "connect_timeout": 1000, "attempt_timeout": 2000, "refresh_margin": 30000,
        "revocation_route": "user_pools_api",
        "browser": { "kind": "system", "app_name": "App", "closing_texts": [texts] },
    });
    let providers = json!({
        "Oidc": { "kind": "oidc", "issuer": "https://idp.example.com", "client_id": "a" },
        "Template": { "kind": "template", "url": "https://idp.example.com/out?to={redirect}&s={state}" },
        "Google": { "kind": "google" },
        "Entra": { "kind": "entra", "tenant": "common", "client_id": "a" },
        "Okta": { "kind": "okta", "domain": "example.okta.com" },
        "Auth0": { "kind": "auth0", "domain": "example.eu.auth0.com", "client_id": "a" },
        "Saml": { "kind": "saml_single_logout" },
        "Alone": { "kind": "left_alone" },
    });
    let pages = json!({
        "user_pool_id": "eu-central-1_AbCdEf123", "client_id": "a", "vault": { "kind": "memory" },
        "hosted_ui": { "domain": "auth.example.com", "sign_out_uris": ["myapp://out"] },
        "provider_logouts": providers,
        "browser": { "kind": "system", "closing_page": "<p>out</p>", "failure_page": "<p>in</p>" },
    });
    for settings in [files, pages] {
        App::new(&settings, deaf).unwrap().free();
    }
}

/// A host whose vault fails like this.
fn vault_fails(case: &'static str) -> impl Host {
    move |app: &Arc<App>, kind: u32, id: u64, _: Option<Value>| {
        app.answer(
            kind,
            id,
            &json!({ "error": { "case": case, "detail": "for the test" } }),
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_of_a_vault_is_told() {
    for (identity, case) in (100..).zip(["locked", "unavailable", "missing_entitlement", "corrupt", "other"]) {
        let mut settings = settings();
        settings["vault"] = json!({ "kind": "host", "identity": identity });
        let app = App::new(&settings, vault_fails(case)).unwrap();
        let state = app.call("session", json!({})).await.unwrap();
        assert_eq!(state["state"], "unavailable", "{case}");
        app.free();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_of_the_network_is_told() {
    let fake = FakeCognito::builder().start().await.unwrap();
    for case in ["connect", "io", "tls", "bad_response", "other"] {
        let host = move |app: &Arc<App>, kind: u32, id: u64, message: Option<Value>| {
            if message.is_some() {
                app.answer(
                    kind,
                    id,
                    &json!({ "error": { "case": case, "detail": "for the test" } }),
                );
            }
        };
        let app = signed_in(&fake, host).await;
        let result = app.call("sign_out", json!({ "deadline": 1000 })).await.unwrap();
        assert_eq!(result["result"], "partial", "{case}");
        app.free();
    }
}

/// An app whose users sign in at hosted pages, with these identity providers, and whose network fails.
async fn with_pages(fake: &FakeCognito, tokens: &IssuedTokens, providers: Value, host: impl Host) -> Arc<App> {
    let mut settings = settings_for(fake);
    settings["browser"] = json!({ "kind": "host" });
    settings["hosted_ui"] = json!({
        "domain": "auth.example.com", "sign_out_uris": ["myapp://signed-out"], "providers": providers,
    });
    let app = App::new(&settings, host).unwrap();
    store_tokens(&app, tokens, "hosted_ui").await;
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_of_a_browser_leaves_the_user_signed_in() {
    let fake = FakeCognito::builder().start().await.unwrap();
    let failed = ["cancelled", "timed_out", "unavailable", "redirect_taken"].map(|case| {
        let detail = "for the test";
        json!({ "error": { "case": case, "detail": detail } })
    });
    for answer in failed.into_iter().chain([json!({ "ok": null })]) {
        let told = answer.to_string();
        let host = move |app: &Arc<App>, kind: u32, id: u64, message: Option<Value>| {
            if message.is_some() {
                app.answer(kind, id, &answer);
            }
        };
        let app = with_pages(&fake, &fake.sign_in("ana"), json!({}), host).await;
        let options = json!({ "web": "required", "sign_out_uri": "myapp://signed-out" });
        let result = app.call("sign_out", options).await.unwrap();
        assert_eq!(result["result"], "failed", "{told}");
        app.free();
    }
}

/// What the library says to each redirect of the browser: it is at the sign-out URI, then at the provider's way back.
#[tokio::test(flavor = "multi_thread")]
async fn the_browser_is_led_on_to_the_identity_provider() {
    let template = json!({ "kind": "template", "url": "https://idp.example.com/out?to={redirect}&state={state}" });
    for (provider, said) in [
        (template, &["open", "end"][..]),
        (json!({ "kind": "google" }), &["end"]),
    ] {
        let fake = FakeCognito::builder().start().await.unwrap();
        let (sender, next) = mpsc::channel::<Value>();
        let (tokio, sender) = (Handle::current(), Mutex::new(sender));
        let host = move |app: &Arc<App>, kind: u32, id: u64, message: Option<Value>| {
            let (app, sender) = (Arc::clone(app), lock(&sender).clone());
            match (kind, message) {
                (kind::HTTP, Some(_)) => drop(app.answer(kind, id, &refused())),
                (kind::BROWSER, Some(page)) => drop(tokio.spawn(async move {
                    let mut callback = page["redirect"].as_str().unwrap().to_owned();
                    loop {
                        let redirected = json!({ "visit": id, "callback": callback });
                        let next = app.call("browser_redirected", redirected).await.unwrap();
                        sender.send(next.clone()).unwrap();
                        let Some(url) = next["url"].as_str() else { return };
                        let state = url.split("state=").nth(1).unwrap();
                        callback = format!("{}?state={state}", page["redirect"].as_str().unwrap());
                    }
                })),
                _ => {}
            }
        };
        let tokens = fake.sign_in_through("Idp", "ana");
        let app = with_pages(&fake, &tokens, json!({ "Idp": provider }), host).await;
        let result = app.call("sign_out", json!({ "web": "required" })).await.unwrap();
        assert_eq!(result["report"]["steps"]["web"], "done", "{result}");
        // The sign-out can be answered before the last redirect.
        let next = || next.recv_timeout(Duration::from_secs(20)).unwrap();
        let next: Vec<_> = said.iter().map(|_| next()).collect();
        assert!(next.iter().map(|next| &next["next"]).eq(said), "{next:?}");
        // Google does not send the browser back: it is left there.
        assert_eq!(
            next.last().unwrap()["leave_at"].is_string(),
            said.len() == 1,
            "{next:?}"
        );
        app.free();
    }
}

/// The provider's page is looked up, by the only request that is no `POST`.
#[tokio::test(flavor = "multi_thread")]
async fn an_identity_providers_page_is_looked_up() {
    let fake = FakeCognito::builder().start().await.unwrap();
    let asked = Arc::<Mutex<Vec<String>>>::default();
    let urls = Arc::clone(&asked);
    let host = move |app: &Arc<App>, kind: u32, id: u64, message: Option<Value>| {
        let Some(message) = message else { return };
        if kind == kind::HTTP && message["method"] == "GET" {
            lock(&urls).push(message["url"].as_str().unwrap().to_owned());
        }
        app.answer(
            kind,
            id,
            &match kind {
                kind::HTTP => refused(),
                _ => json!({ "error": { "case": "cancelled" } }),
            },
        );
    };
    let provider = json!({ "Idp": { "kind": "oidc", "issuer": "https://idp.example.com", "client_id": "a" } });
    let app = with_pages(&fake, &fake.sign_in_through("Idp", "ana"), provider, host).await;
    app.call("sign_out", json!({ "web": "required" })).await.unwrap();
    assert_eq!(
        *lock(&asked),
        ["https://idp.example.com/.well-known/openid-configuration"]
    );
    app.free();
}

/// Of the golden files.
const IDENTITY_POOL: &str = "eu-central-1:11112222-3333-4444-5555-666677778888";

/// The golden files of `tests/adopt`: each layout, with a session, with a guest, with a federated user and with nobody.
#[tokio::test(flavor = "multi_thread")]
async fn every_layout_is_read() {
    let mut settings = settings();
    settings["client_id"] = json!("3n4b5urk1ft4fl3mg5e62d9ado");
    let app = App::new(&settings, deaf).unwrap();
    let mut outcomes = BTreeMap::<_, Vec<_>>::new();
    for layout in [
        "amplify-swift",
        "amplify-android",
        "amplify-flutter",
        "amplify-js",
        "aws-mobile-client-ios",
        "aws-mobile-client-android",
    ] {
        for ending in ["", "_guest", "_federated", "_nobody"] {
            let file = format!("tests/files/adopt/{}{ending}.json", layout.replace('-', "_"));
            let items: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
            let store = json!({ "layout": layout, "items": items, "identity_pool_id": IDENTITY_POOL });
            let outcome = match app.call("read_session", store.clone()).await {
                Ok(session) => {
                    assert_eq!(session["username"], "ana");
                    "session".to_owned()
                }
                Err(error) => error["case"].as_str().unwrap().to_owned(),
            };
            outcomes.entry(ending).or_default().push(outcome);
            // A federated user's or a guest's store has no session to forget, and one of a session has names.
            let names = app.call("names_to_forget", store).await;
            assert_eq!(
                names.is_ok_and(|names| !names.as_array().unwrap().is_empty()),
                ending.is_empty(),
                "{layout}{ending}"
            );
        }
    }
    let mut garbage: Value = serde_json::from_str(include_str!("../files/adopt/amplify_swift.json")).unwrap();
    garbage
        .as_object_mut()
        .unwrap()
        .values_mut()
        .for_each(|item| *item = json!("{"));
    let store = json!({ "layout": "amplify-swift", "items": garbage, "identity_pool_id": IDENTITY_POOL });
    let invalid = app.call("read_session", store).await.unwrap_err();
    assert_eq!(invalid["case"], "invalid", "{invalid}");
    let expected = [
        ("", "session"),
        ("_guest", "guest"),
        ("_federated", "federated"),
        ("_nobody", "nobody_signed_in"),
    ];
    assert_eq!(
        outcomes,
        expected
            .map(|(ending, outcome)| (ending, vec![outcome.to_owned(); 6]))
            .into()
    );
    app.free();
}

/// The items of a user's session in the store of Amplify Flutter.
fn flutters(client: &str, tokens: &IssuedTokens) -> Value {
    json!({
        format!("{client}.accessToken"): tokens.access.reveal(),
        format!("{client}.idToken"): tokens.id.reveal(),
        format!("{client}.refreshToken"): tokens.refresh.reveal(),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_without_a_whole_session_of_this_app_says_why() {
    let fake = FakeCognito::builder().start().await.unwrap();
    let app = App::new(&settings_for(&fake), deaf).unwrap();
    let mut without_id_token = flutters(&fake.client_id(), &fake.sign_in("ana"));
    let id_token = format!("{}.idToken", fake.client_id());
    without_id_token.as_object_mut().unwrap().remove(&id_token).unwrap();
    for (case, items) in [
        ("other_configuration", flutters("other", &fake.sign_in("ana"))),
        ("missing", without_id_token),
    ] {
        let store = json!({ "layout": "amplify-flutter", "items": items });
        let error = app.call("read_session", store).await.unwrap_err();
        assert_eq!(error["case"], case, "{error}");
    }
    app.free();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_adopted_once_and_only_of_this_app() {
    let fake = FakeCognito::builder().start().await.unwrap();
    let app = App::new(&settings_for(&fake), deaf).unwrap();
    let session = |tokens: &IssuedTokens| {
        json!({ "session": {
            "tokens": {
                "access_token": tokens.access.reveal(), "id_token": tokens.id.reveal(), "refresh_token": tokens.refresh.reveal(),
            },
            "signed_in_with": "hosted_ui", "username": "ana", "provider": "Google",
            "identity": { "identity_id": "eu-central-1:1" },
            "device": { "key": "eu-central-1_key", "group_key": "group", "password": "password" },
        } })
    };
    let ana = fake.sign_in("ana");
    let mut forged = session(&ana);
    forged["session"]["tokens"]["access_token"] = json!("no token");
    assert_eq!(app.call("adopt", forged).await.unwrap()["adoption"], "refused");
    let adoption = async || app.call("adopt", session(&ana)).await.unwrap()["adoption"].clone();
    assert_eq!(adoption().await, "adopted");
    assert_eq!(adoption().await, "already_signed_in");
    let state = app.call("session", json!({})).await.unwrap();
    assert_eq!(state["session"]["identity_id"], "eu-central-1:1");
    app.call("clear_local", json!({})).await.unwrap();
    assert_eq!(adoption().await, "already_signed_out");
    app.free();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_of_another_process_is_an_event() {
    let fake = FakeCognito::builder().start().await.unwrap();
    let record = Arc::<Mutex<Value>>::default();
    let (sender, reasons) = mpsc::channel();
    let process = |identity: u64| {
        let (record, reasons) = (Arc::clone(&record), Mutex::new(sender.clone()));
        let host = move |app: &Arc<App>, kind: u32, id: u64, message: Option<Value>| {
            let message = message.unwrap();
            match (kind, message["do"].as_str()) {
                (kind::EVENT, _) => lock(&reasons).send(message["reason"].clone()).unwrap(),
                (kind::VAULT, Some("read")) => drop(app.answer(kind, id, &json!({ "ok": *lock(&record) }))),
                (_, used) => {
                    if used == Some("write") || used == Some("delete") {
                        *lock(&record) = message["record"].clone();
                    }
                    app.answer(kind, id, &json!({ "ok": null }));
                }
            }
        };
        let mut settings = settings_for(&fake);
        settings["vault"] = json!({ "kind": "host", "identity": identity, "locks": true });
        App::new(&settings, host).unwrap()
    };
    let (one, other) = (process(201), process(202));
    store_of(&fake, &one, "api").await;
    one.call("session", json!({})).await.unwrap();
    one.call("subscribe", json!({ "to": "events" })).await.unwrap();
    other.call("clear_local", json!({})).await.unwrap();
    one.call("refresh_state", json!({})).await.unwrap();
    assert_eq!(reasons.recv_timeout(Duration::from_secs(20)).unwrap(), "elsewhere");
    one.free();
    other.free();
}

/// Runs these tests.
pub(crate) fn all() {
    every_setting_is_taken();
    every_failure_of_a_vault_is_told();
    every_failure_of_the_network_is_told();
    every_failure_of_a_browser_leaves_the_user_signed_in();
    the_browser_is_led_on_to_the_identity_provider();
    an_identity_providers_page_is_looked_up();
    every_layout_is_read();
    a_store_without_a_whole_session_of_this_app_says_why();
    a_session_is_adopted_once_and_only_of_this_app();
    a_sign_out_of_another_process_is_an_event();
}
