//! The calls that no scenario makes.

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use cognito_signout::fake_cognito::FakeCognito;
use serde_json::{Value, json};

use crate::app::{App, answered, lock};
use crate::apps::{deaf, refused, settings, settings_for, signed_in, store, store_of};
use crate::library::kind;
use crate::secret_service::Keyring;

#[tokio::test(flavor = "multi_thread")]
async fn tokens_come_when_they_are_asked_for_and_not_before() {
    let fake = FakeCognito::builder().start().await.unwrap();
    let app = signed_in(&fake, |app: &Arc<App>, kind: u32, id: u64, message: Option<Value>| {
        if kind == kind::HTTP && message.is_some() {
            app.answer(kind, id, &refused());
        }
    });
    let app = app.await;
    let partial = app.call("sign_out", json!({})).await.unwrap();
    let tokens = app
        .call("partial_tokens", json!({ "partial": partial["partial"] }))
        .await
        .unwrap();
    let token = tokens["refresh_token"].as_str().unwrap();
    assert!(!partial.to_string().contains(token));
    app.call("release", json!({ "partial": partial["partial"] }))
        .await
        .unwrap();
    let released = app
        .call("partial_tokens", json!({ "partial": partial["partial"] }))
        .await;
    assert_eq!(released.unwrap_err()["case"], "invalid_input");
    app.free();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_comes_first_and_then_each_change() {
    let fake = FakeCognito::builder().start().await.unwrap();
    let (sender, states) = mpsc::channel();
    let sender = Mutex::new(sender);
    let host = move |_: &Arc<App>, kind: u32, _: u64, message: Option<Value>| {
        if kind == kind::STATE {
            drop(lock(&sender).send(message.unwrap()["state"].as_str().unwrap().to_owned()));
        }
    };
    let app = signed_in(&fake, host).await;
    app.call("subscribe", json!({ "to": "states" })).await.unwrap();
    let state = || states.recv_timeout(Duration::from_secs(20)).unwrap();
    assert_eq!(state(), "signed_in");
    app.call("clear_local", json!({})).await.unwrap();
    assert_eq!(state(), "signed_out");
    app.free();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_is_told_to_who_waits_for_it() {
    let fake = FakeCognito::builder().start().await.unwrap();
    let app = signed_in(&fake, deaf).await;
    let waits = app.begin("session_ended", json!({})).1;
    app.call("session", json!({})).await.unwrap();
    app.call("clear_local", json!({})).await.unwrap();
    assert_eq!(answered(waits).await, Ok(Value::Null));
    app.free();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_call_has_an_answer_of_its_form() {
    let fake = FakeCognito::builder().start().await.unwrap();
    let mut settings = settings();
    settings["user_pool_id"] = fake.user_pool_id().into();
    settings["client_id"] = fake.client_id().into();
    settings["hosted_ui"] = json!({
        "domain": "auth.example.com",
        "sign_out_uris": ["myapp://signed-out", { "uri": "https://example.com/out", "ends_at": "myapp://out" }],
        "callback_uris": ["myapp://callback"],
        "providers": { "Okta": { "kind": "okta", "domain": "example.okta.com" } },
    });
    settings["browser"] = json!({ "kind": "host", "redirects": ["myapp"] });
    let app = App::new(&settings, deaf).unwrap();
    assert_eq!(app.call("config", json!({})).await.unwrap()["region"], "eu-central-1");
    let url = app.call("logout_url", json!({})).await.unwrap();
    assert!(
        url.as_str().unwrap().starts_with("https://auth.example.com/logout?"),
        "{url}"
    );
    assert!(
        app.call("logout_url", json!({ "sign_out_uri": "other://" }))
            .await
            .is_err()
    );
    app.call(
        "logout_to_login_url",
        json!({ "callback_uri": "myapp://callback", "scopes": ["openid"], "state": "x" }),
    )
    .await
    .unwrap();
    assert_eq!(app.call("tokens", json!({})).await.unwrap_err()["case"], "signed_out");
    let identity = json!({ "identity_id": "eu-central-1:1", "credentials": {
        "access_key_id": "A", "secret_access_key": "S", "session_token": "T", "expires": 4_000_000_000_000_u64,
    } });
    let nobody = app
        .call("set_identity", json!({ "identity": identity }))
        .await
        .unwrap_err();
    assert_eq!(nobody["case"], "signed_out");
    store(&fake, &app).await;
    app.call("set_identity", json!({ "identity": identity })).await.unwrap();
    assert_eq!(app.call("identity", json!({})).await.unwrap(), identity);
    app.call("tokens", json!({})).await.unwrap();
    app.call("refresh_state", json!({})).await.unwrap();
    app.call("live_objects", json!({})).await.unwrap();
    assert_eq!(app.call("cancel", json!({ "call": 999 })).await.unwrap(), false);
    app.call("unsubscribe", json!({ "subscription": 999 })).await.unwrap();
    let page = app
        .call("browser_redirected", json!({ "visit": 999, "callback": "myapp://x" }))
        .await
        .unwrap();
    assert_eq!(page["next"], "ignored");
    app.free();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_amplify_flutter_is_read_adopted_and_forgotten() {
    let fake = FakeCognito::builder().start().await.unwrap();
    let mut settings = settings();
    settings["user_pool_id"] = fake.user_pool_id().into();
    settings["client_id"] = fake.client_id().into();
    let app = App::new(&settings, deaf).unwrap();
    let tokens = fake.sign_in("ana");
    let prefix = fake.client_id();
    let items = json!({
        format!("{prefix}.accessToken"): tokens.access.reveal(),
        format!("{prefix}.idToken"): tokens.id.reveal(),
        format!("{prefix}.refreshToken"): tokens.refresh.reveal(),
    });
    let store = json!({ "layout": "amplify-flutter", "items": items });
    let found = app.call("read_session", store.clone()).await.unwrap();
    assert_eq!(found["tokens"]["refresh_token"], tokens.refresh.reveal());
    let adoption = app.call("adopt", json!({ "session": found })).await.unwrap();
    assert_eq!(adoption["adoption"], "adopted");
    assert_eq!(app.call("session", json!({})).await.unwrap()["state"], "signed_in");
    let names = app.call("names_to_forget", store).await.unwrap();
    assert_eq!(names.as_array().unwrap().len(), 3);
    let empty = json!({ "layout": "amplify-flutter", "items": {} });
    assert_eq!(
        app.call("read_session", empty).await.unwrap_err()["case"],
        "nobody_signed_in"
    );
    app.free();
}

/// No browser opens, because the port is taken.
#[tokio::test(flavor = "multi_thread")]
async fn the_systems_browser_comes_back_to_the_sign_out_uri_that_its_listener_can_receive() {
    let fake = FakeCognito::start().await.unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at_the_listener = format!("http://{}/signed-out", taken.local_addr().unwrap());
    let mut settings = settings_for(&fake);
    settings["browser"] = json!({ "kind": "system" });
    settings["hosted_ui"] = json!({
        "domain": "auth.example.com", "sign_out_uris": ["myapp://signed-out", at_the_listener],
    });
    let app = App::new(&settings, deaf).unwrap();
    store_of(&fake, &app, "hosted_ui").await;

    let result = app.call("sign_out", json!({})).await.unwrap();

    assert_eq!(result["result"], "failed", "{result}");
    assert_eq!(result["error"]["code"], "hosted_ui_redirect_taken", "{result}");
}

/// FakeCognito knows no city.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_says_from_where_it_was_used() {
    let fake = FakeCognito::builder().start().await.unwrap();
    let place = json!({ "City": "Berlin", "Country": "DE" });
    let sessions = json!({ "Sessions": [{ "SessionId": format!("tkn{:025}", 1), "LastLocation": place }] }).to_string();
    let host = move |app: &Arc<App>, kind: u32, id: u64, message: Option<Value>| {
        if message.is_some() {
            let response = json!({ "status": 200, "headers": [["x-amzn-requestid", "1"]], "body": sessions });
            app.answer(kind, id, &json!({ "ok": response }));
        }
    };
    let app = signed_in(&fake, host).await;
    let sessions = app.call("sessions", json!({})).await.unwrap();
    assert_eq!(
        [&sessions[0]["city"], &sessions[0]["country"]],
        ["Berlin", "DE"],
        "{sessions}"
    );
    app.free();
}

/// In a D-Bus session without a Secret Service, and then with one that is open.
#[tokio::main]
pub(crate) async fn the_user_is_asked_to_unlock_the_keychain() {
    let app = App::new(&settings(), deaf).unwrap();
    let error = app.call("ask_to_unlock_keychain", json!({})).await.unwrap_err();
    assert_eq!(
        (&error["case"], &error["code"]),
        (&json!("vault"), &json!("vault_unavailable")),
        "{error}"
    );
    // It uses D-Bus and blocks meanwhile.
    let keyring = tokio::task::spawn_blocking(Keyring::start).await.unwrap();
    assert_eq!(app.call("ask_to_unlock_keychain", json!({})).await, Ok(Value::Null));
    tokio::task::spawn_blocking(|| drop(keyring)).await.unwrap();
    app.free();
}

/// Runs these tests.
pub(crate) fn all() {
    tokens_come_when_they_are_asked_for_and_not_before();
    the_state_comes_first_and_then_each_change();
    a_session_that_ends_is_told_to_who_waits_for_it();
    every_other_call_has_an_answer_of_its_form();
    a_session_of_amplify_flutter_is_read_adopted_and_forgotten();
    the_systems_browser_comes_back_to_the_sign_out_uri_that_its_listener_can_receive();
    a_session_says_from_where_it_was_used();
}
