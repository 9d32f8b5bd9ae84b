//! One signed-in app without a network, for what reaches the library through its ports.

use std::future::Future;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_signout::transport::{Exchange, HttpRequest, HttpResponse, HttpTransport, TransportError};
use cognito_signout::vault::{MemoryVault, Vault, VaultKey};
use cognito_signout::{Auth, AuthConfig, Device, SignedInWith, Tokens};
use serde_json::json;

const POOL: &str = "eu-central-1_Example";
const CLIENT: &str = "client";

/// Gives every request the same answer; `None` is no connection.
#[derive(Debug, Clone)]
pub(crate) struct Always(pub(crate) Option<HttpResponse>);

impl HttpTransport for Always {
    fn send(&self, _: HttpRequest) -> Exchange {
        let answer = self.0.clone().ok_or(TransportError::Connect("offline".into()));
        Box::pin(async move { answer })
    }
}

pub(crate) fn auth(vault: &MemoryVault, answer: Option<HttpResponse>) -> Auth {
    let config = AuthConfig::builder(POOL, CLIENT)
        .build()
        .expect("a valid configuration");
    Auth::builder(config, vault.clone(), Always(answer)).build()
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

/// On a paused clock: waiting for a retry takes no time.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.expect("a runtime").block_on(test)
}

fn jwt(token_use: &str) -> String {
    let claims = json!({
        "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "username": "ana", "token_use": token_use, "client_id": CLIENT,
        "origin_jti": "o-1", "scope": "aws.cognito.signin.user.admin", "exp": 4_102_444_800_u64,
    });
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    format!("eyJhbGciOiJSUzI1NiJ9.{claims}.c2lnbmF0dXJlb2Z0aGl{token_use}")
}

/// The record that the library itself writes for a session.
pub(crate) fn valid_record() -> String {
    let vault = MemoryVault::default();
    run(async {
        let auth = auth(&vault, None);
        let tokens = Tokens::new(jwt("access"), jwt("id"), "therefreshtokenoftheuser");
        let device = Device::new("eu-central-1_device", "-group", "thepasswordofthedevice");
        auth.store_session(tokens, SignedInWith::Api)
            .await
            .expect("a valid session");
        auth.set_device("ana", Some(device)).await.expect("a valid device");
    });
    String::from_utf8(record_in(&vault).expect("a record")).expect("JSON")
}
