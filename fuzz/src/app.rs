//! One app without a network, for what reaches the library through its ports.

use std::future::Future;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_signout::transport::{Exchange, HttpRequest, HttpResponse, HttpTransport, TransportError};
use cognito_signout::vault::{MemoryVault, Vault, VaultKey};
use cognito_signout::{Auth, AuthConfig, AuthConfigBuilder, SignedInWith, Tokens};
use serde_json::json;
use tokio::runtime::Runtime;

pub(crate) const POOL: &str = "eu-central-1_Example";
pub(crate) const CLIENT: &str = "client";
/// The user of [`signed_in`].
pub(crate) const SUB: &str = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";

/// Gives every `GET` one response and every `POST` another. `None` is no connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Responses {
    pub(crate) get: Option<HttpResponse>,
    pub(crate) post: Option<HttpResponse>,
}

impl HttpTransport for Responses {
    fn send(&self, request: HttpRequest) -> Exchange {
        let response = if request.method == "GET" { &self.get } else { &self.post };
        let response = response.clone().ok_or(TransportError::Connect("offline".into()));
        Box::pin(async move { response })
    }
}

/// Cognito's response to a revocation.
pub(crate) fn revoked() -> HttpResponse {
    HttpResponse {
        status: 200,
        headers: vec![("x-amzn-requestid".into(), "1".into())],
        body: b"{}".to_vec().into(),
    }
}

pub(crate) fn config() -> AuthConfigBuilder {
    AuthConfig::builder(POOL, CLIENT)
}

pub(crate) fn auth(config: AuthConfigBuilder, vault: &MemoryVault, responses: Responses) -> Auth {
    Auth::builder(config.build().expect("a valid configuration"), vault.clone(), responses).build()
}

/// The same, with the session of a user who signed in in this way.
pub(crate) async fn signed_in(config: AuthConfigBuilder, with: SignedInWith, responses: Responses) -> Auth {
    let auth = auth(config, &MemoryVault::default(), responses);
    let tokens = Tokens::new(jwt("access"), jwt("id"), "hunter2-refresh-token");
    auth.store_session(tokens, with).await.expect("a valid session");
    auth
}

fn key() -> VaultKey {
    VaultKey {
        user_pool_id: POOL.into(),
        client_id: CLIENT.into(),
    }
}

pub(crate) fn vault_with(record: &[u8]) -> MemoryVault {
    let vault = MemoryVault::default();
    vault.write(&key(), record).expect("memory takes everything");
    vault
}

pub(crate) fn record_in(vault: &MemoryVault) -> Option<Vec<u8>> {
    vault
        .read(&key())
        .expect("memory gives everything")
        .map(|bytes| bytes.to_vec())
}

thread_local! {
    /// On a paused clock: waiting takes no time. Kept, because a runtime takes longer to make than most inputs to run.
    static RUNTIME: Runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
}

pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.with(|runtime| runtime.block_on(work))
}

/// A token with this payload. Its signature has the mark too.
pub(crate) fn with_payload(payload: impl AsRef<[u8]>) -> String {
    format!("eyJhbGciOiJSUzI1NiJ9.{}.hunter2", URL_SAFE_NO_PAD.encode(payload))
}

/// With valid tokens of [`signed_in`]'s user for `{access}` and `{id}`: no change of bytes makes one from another text.
pub(crate) fn with_tokens(data: &[u8]) -> Vec<u8> {
    match str::from_utf8(data) {
        Ok(text) => text
            .replace("{access}", &jwt("access"))
            .replace("{id}", &jwt("id"))
            .into_bytes(),
        Err(_) => data.to_vec(),
    }
}

fn jwt(token_use: &str) -> String {
    let claims = json!({
        "sub": SUB, "username": "ana", "token_use": token_use, "client_id": CLIENT, "aud": CLIENT,
        "identities": [{ "providerName": "ExampleId" }], "origin_jti": "o-1", "jti": "hunter2",
        "scope": "aws.cognito.signin.user.admin", "exp": 4_102_444_800_u64,
    });
    with_payload(claims.to_string())
}
