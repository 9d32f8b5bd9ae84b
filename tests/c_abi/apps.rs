//! The apps of the tests that tell no scenario.

use std::sync::Arc;

use cognito_signout::fake_cognito::{FakeCognito, IssuedTokens};
use serde_json::{Value, json};

use crate::app::{App, Host};

const POOL: &str = "eu-central-1_AbCdEf123";

pub(crate) fn settings() -> Value {
    json!({ "user_pool_id": POOL, "client_id": "abc", "vault": { "kind": "memory" } })
}

/// A host made from a closure.
impl<F: Fn(&Arc<App>, u32, u64, Option<Value>) + Send + Sync + 'static> Host for F {
    fn hears(&self, app: &Arc<App>, kind: u32, id: u64, message: Option<Value>) {
        self(app, kind, id, message);
    }
}

pub(crate) fn deaf(_: &Arc<App>, _: u32, _: u64, _: Option<Value>) {}

pub(crate) fn quiet() -> Arc<App> {
    App::new(&settings(), deaf).unwrap()
}

/// An answer to a request that the library does not send again.
pub(crate) fn refused() -> Value {
    json!({ "error": { "case": "other", "detail": "for the test" } })
}

/// An app of `fake`, with a session that is stored in memory.
pub(crate) async fn signed_in(fake: &FakeCognito, host: impl Host) -> Arc<App> {
    let app = App::new(&settings_for(fake), host).unwrap();
    store(fake, &app).await;
    app
}

pub(crate) fn settings_for(fake: &FakeCognito) -> Value {
    let mut settings = settings();
    settings["user_pool_id"] = fake.user_pool_id().into();
    settings["client_id"] = fake.client_id().into();
    settings["endpoint"] = fake.url().as_str().into();
    settings
}

pub(crate) async fn store(fake: &FakeCognito, app: &App) {
    store_of(fake, app, "api").await;
}

pub(crate) async fn store_of(fake: &FakeCognito, app: &App, signed_in_with: &str) {
    store_tokens(app, &fake.sign_in("ana"), signed_in_with).await;
}

pub(crate) async fn store_tokens(app: &App, tokens: &IssuedTokens, signed_in_with: &str) {
    app.call("store_session", session(tokens, signed_in_with))
        .await
        .unwrap();
}

/// The arguments of `store_session`.
pub(crate) fn session(tokens: &IssuedTokens, signed_in_with: &str) -> Value {
    json!({
        "access_token": tokens.access.reveal(), "id_token": tokens.id.reveal(),
        "refresh_token": tokens.refresh.reveal(), "signed_in_with": signed_in_with,
    })
}
