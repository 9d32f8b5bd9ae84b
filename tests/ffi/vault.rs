//! A host's own vault.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use cognito_signout::SignedInWith;
use cognito_signout::ffi::{AuthError, Ports, SessionState, Vault, VaultChoice, VaultError};
use cognito_signout::vault::VaultKey;
use uniffi::UnexpectedUniFFICallbackError;

use crate::host::{App, Online, assert_complete, failed, local, ports, tokens};

#[derive(Default)]
struct Shelf {
    records: Mutex<HashMap<String, Vec<u8>>>,
    throws: Mutex<bool>,
}

impl Shelf {
    fn records(&self) -> Result<std::sync::MutexGuard<'_, HashMap<String, Vec<u8>>>, VaultError> {
        if *self.throws.lock().unwrap() {
            return Err(UnexpectedUniFFICallbackError::new("SECRET").into());
        }
        Ok(self.records.lock().unwrap())
    }
}

impl Vault for Shelf {
    fn read(&self, key: VaultKey) -> Result<Option<Vec<u8>>, VaultError> {
        Ok(self.records()?.get(&key.client_id).cloned())
    }

    fn write(&self, key: VaultKey, record: Vec<u8>) -> Result<(), VaultError> {
        self.records()?.insert(key.client_id, record);
        Ok(())
    }

    fn delete(&self, key: VaultKey) -> Result<(), VaultError> {
        self.records()?.remove(&key.client_id);
        Ok(())
    }
}

async fn app(shelf: &Arc<Shelf>) -> App {
    App::with(Ports {
        vault: VaultChoice::Host {
            vault: Arc::clone(shelf) as Arc<dyn Vault>,
        },
        ..ports(Online::new())
    })
    .await
}

#[tokio::test]
async fn it_keeps_the_session_and_is_cleared_by_a_sign_out() {
    let shelf = Arc::new(Shelf::default());
    let app = app(&shelf).await;
    app.store(SignedInWith::Api).await;
    let holds_the_token = || {
        let records = shelf.records.lock().unwrap();
        let mut records = records
            .values()
            .map(|record| String::from_utf8_lossy(record).into_owned());
        records.any(|record| record.contains(app.issued.refresh.reveal()))
    };
    assert!(holds_the_token());
    assert_complete(&app.auth.sign_out(local()).await);
    assert!(!holds_the_token());
}

#[tokio::test]
async fn one_that_throws_is_no_sign_out_and_what_it_said_goes_nowhere() {
    let shelf = Arc::new(Shelf::default());
    let app = app(&shelf).await;
    app.store(SignedInWith::Api).await;
    *shelf.throws.lock().unwrap() = true;

    let error = failed(app.auth.sign_out(local()).await);
    assert_eq!(
        (&*error.code, &*error.detail),
        ("vault_failed", "the keychain failed: the app's vault threw")
    );
    assert!(matches!(app.auth.session().await, SessionState::Unavailable { .. }));
    let stored = app.auth.store_session(tokens(&app.issued), SignedInWith::Api).await;
    assert!(matches!(stored, Err(AuthError::Vault { .. })));

    *shelf.throws.lock().unwrap() = false;
    assert!(app.is_signed_in().await, "nothing has changed");
}
