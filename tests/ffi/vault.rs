//! A host's own vault.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use cognito_signout::ffi::{AuthError, Ports, SessionState, Vault, VaultChoice};
use cognito_signout::vault::{VaultError, VaultKey};
use cognito_signout::{Device, SignedInWith};
use uniffi::UnexpectedUniFFICallbackError;

use crate::host::{App, Online, assert_complete, failed, local, ports, tokens};

#[derive(Default)]
struct Shelf {
    records: Mutex<HashMap<String, Vec<u8>>>,
    throws: Mutex<bool>,
    /// Whether others hold it, and the history of its locks.
    is_taken: Mutex<bool>,
    locks: Mutex<Vec<&'static str>>,
}

impl Shelf {
    fn records(&self) -> Result<std::sync::MutexGuard<'_, HashMap<String, Vec<u8>>>, VaultError> {
        // Lets other threads run first.
        (0..20).for_each(|_| std::thread::yield_now());
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

    fn lock(&self, _: VaultKey, patience: u64) -> Result<(), VaultError> {
        assert!((1..5_000).contains(&patience), "{patience} ms");
        if *self.is_taken.lock().unwrap() {
            return Err(VaultError::Locked("another process holds the record".into()));
        }
        self.locks.lock().unwrap().push("locked");
        Ok(())
    }

    fn unlock(&self, _: VaultKey) -> Result<(), VaultError> {
        self.locks.lock().unwrap().push("unlocked");
        // The library can do no more if a host throws here: it counts as unlocked.
        Err(UnexpectedUniFFICallbackError::new("SECRET").into())
    }
}

/// The identity is the object's address, as in a host's facade.
fn choice(shelf: &Arc<Shelf>) -> VaultChoice {
    VaultChoice::Host {
        vault: Arc::new(Lowered(Arc::clone(shelf))),
        identity: Arc::as_ptr(shelf).expose_provenance() as u64,
    }
}

/// Each time another object, as UniFFI makes for a host's object.
struct Lowered(Arc<Shelf>);

impl Vault for Lowered {
    fn read(&self, key: VaultKey) -> Result<Option<Vec<u8>>, VaultError> {
        self.0.read(key)
    }

    fn write(&self, key: VaultKey, record: Vec<u8>) -> Result<(), VaultError> {
        self.0.write(key, record)
    }

    fn delete(&self, key: VaultKey) -> Result<(), VaultError> {
        self.0.delete(key)
    }

    fn lock(&self, key: VaultKey, patience: u64) -> Result<(), VaultError> {
        self.0.lock(key, patience)
    }

    fn unlock(&self, key: VaultKey) -> Result<(), VaultError> {
        self.0.unlock(key)
    }
}

async fn app(shelf: &Arc<Shelf>) -> App {
    App::with(Ports {
        vault: choice(shelf),
        ..ports(Online::new())
    })
    .await
}

#[tokio::test]
async fn a_hosts_vault_keeps_the_session_and_is_cleared_by_a_sign_out() {
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
async fn a_vault_that_throws_is_an_error_and_its_text_is_not_repeated() {
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_handles_over_one_host_vault_bring_no_session_back() {
    let shelf = Arc::new(Shelf::default());
    let app = app(&shelf).await;
    let other = app.another_handle(choice(&shelf));
    for run in 0..120 {
        app.store_anew().await;
        let beside = Arc::clone(&other);
        let beside = tokio::spawn(async move {
            for _ in 0..4 {
                let device = Device::new("key", "group", "password");
                beside.set_device("ana".into(), Some(device)).await.unwrap();
            }
        });
        assert_complete(&app.auth.sign_out(local()).await);
        beside.await.unwrap();
        assert!(!app.is_signed_in().await, "run {run}");
        assert!(matches!(other.session().await, SessionState::SignedOut), "run {run}");
    }
}

#[tokio::test]
async fn each_successful_lock_is_unlocked_once_even_if_unlocking_throws() {
    let shelf = Arc::new(Shelf::default());
    let app = app(&shelf).await;
    app.store(SignedInWith::Api).await;
    *shelf.throws.lock().unwrap() = true;
    failed(app.auth.sign_out(local()).await);
    *shelf.throws.lock().unwrap() = false;
    assert_complete(&app.auth.sign_out(local()).await);
    let locks = shelf.locks.lock().unwrap();
    assert!(locks.len() >= 4, "{locks:?}");
    assert!(locks.chunks(2).all(|pair| pair == ["locked", "unlocked"]), "{locks:?}");
}

#[tokio::test]
async fn a_lock_that_another_process_holds_is_vault_locked_and_nothing_changes() {
    let shelf = Arc::new(Shelf::default());
    let app = app(&shelf).await;
    app.store(SignedInWith::Api).await;
    let before = shelf.locks.lock().unwrap().len();
    *shelf.is_taken.lock().unwrap() = true;
    let error = failed(app.auth.sign_out(local()).await);
    assert_eq!(
        (&*error.code, &*error.detail),
        (
            "vault_locked",
            "the keychain is locked: another process holds the record"
        )
    );
    assert_eq!(shelf.locks.lock().unwrap().len(), before, "no lock, nothing to unlock");
    *shelf.is_taken.lock().unwrap() = false;
    assert!(app.is_signed_in().await);
}
