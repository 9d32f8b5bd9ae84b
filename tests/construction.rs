//! Creating an `Auth` does no work. An app does it at launch, on its main thread, before it knows whether anybody is signed in.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests are tests"
)]

use cognito_signout::transport::{Exchange, HttpRequest, HttpTransport};
use cognito_signout::vault::{Vault, VaultError, VaultKey};
use cognito_signout::{Auth, AuthConfig, SessionState};
use zeroize::Zeroizing;

/// A vault and a transport that must not be used.
#[derive(Debug)]
struct Untouchable;

impl Vault for Untouchable {
    fn read(&self, _: &VaultKey) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        panic!("the vault was read")
    }

    fn write(&self, _: &VaultKey, _: &[u8]) -> Result<(), VaultError> {
        panic!("the vault was written")
    }

    fn delete(&self, _: &VaultKey) -> Result<(), VaultError> {
        panic!("the vault was cleared")
    }
}

impl HttpTransport for Untouchable {
    fn send(&self, _: HttpRequest) -> Exchange {
        panic!("the network was asked")
    }
}

fn untouched() -> Auth {
    let config = AuthConfig::builder("eu-central-1_Example", "client").build().unwrap();
    Auth::builder(config, Untouchable, Untouchable).build()
}

/// There is no runtime here, so no background work can start.
#[test]
fn creating_cloning_and_subscribing_use_neither_vault_nor_network() {
    let auth = untouched();
    let mut events = auth.clone().events();
    assert_eq!(events.try_next(), None);
    assert!(format!("{auth:?}").contains("Untouchable"));
}

#[tokio::test]
async fn asking_for_the_session_uses_the_vault() {
    let SessionState::Unavailable(VaultError::Other(why)) = untouched().session().await else {
        panic!("the vault was not asked");
    };
    assert_eq!(why, "the vault panicked");
}
