//! A keychain vault over a store that fails to order, and that store.

pub(super) mod faulty_store;

use super::*;
use faulty_store::{Fault, FaultyStore};

fn key(client_id: &str) -> VaultKey {
    VaultKey {
        user_pool_id: "eu-central-1_Pool".into(),
        client_id: client_id.into(),
    }
}

fn bytes_of(vault: &KeychainVault, key: &VaultKey) -> Option<Vec<u8>> {
    vault.read(key).unwrap().map(|record| record.to_vec())
}

#[test]
fn a_record_is_one_entry_named_after_pool_and_client() {
    let store = FaultyStore::default();
    let vault = KeychainVault::with_store(store.shared());
    vault.write(&key("client"), b"record").unwrap();
    assert_eq!(
        store.names(),
        [("cognito-signout.eu-central-1_Pool".to_string(), "client".to_string())]
    );
}

#[test]
fn records_of_two_clients_do_not_meet() {
    let vault = KeychainVault::with_store(FaultyStore::default().shared());
    vault.write(&key("one"), b"first").unwrap();
    vault.write(&key("two"), b"second").unwrap();
    vault.delete(&key("one")).unwrap();
    assert_eq!(bytes_of(&vault, &key("one")), None);
    assert_eq!(bytes_of(&vault, &key("two")), Some(b"second".to_vec()));
}

#[test]
fn apps_with_different_prefixes_do_not_share_records() {
    let store = FaultyStore::default().shared();
    let vault_with = |prefix: &str| {
        KeychainVault::builder()
            .store(store.clone())
            .service_prefix(prefix)
            .build()
    };
    vault_with("com.example.one").write(&key("client"), b"record").unwrap();
    assert_eq!(bytes_of(&vault_with("com.example.two"), &key("client")), None);
    assert!(bytes_of(&vault_with("com.example.one"), &key("client")).is_some());
}

#[test]
fn a_store_that_has_failed_is_used_again() {
    let store = FaultyStore::default();
    let vault = KeychainVault::with_store(store.shared());
    store.fail_at(0, Fault::Refused);
    assert!(matches!(
        vault.write(&key("client"), b"record"),
        Err(VaultError::Other(_))
    ));
    vault.write(&key("client"), b"record").unwrap();
    assert_eq!(bytes_of(&vault, &key("client")), Some(b"record".to_vec()));
}

#[test]
fn a_lock_in_the_directory_that_was_named_holds_others_off_this_record() {
    let directory = tempfile::tempdir().unwrap();
    let vault = KeychainVault::builder().lock_directory(directory.path()).build();
    let soon = Duration::from_millis(30);
    let held = vault.lock(&key("client"), soon).unwrap();
    let _other_record = vault.lock(&key("other"), soon).unwrap();

    let elsewhere = || process_lock::hold(directory.path(), &vault.service(&key("client")), "client", soon);
    assert!(matches!(elsewhere(), Err(VaultError::Locked(_))));
    drop(held);
    elsewhere().unwrap();
}

#[test]
fn debug_shows_nothing_of_the_store() {
    let vault = KeychainVault::with_store(keyring_core::mock::Store::new().unwrap());
    vault.write(&key("client"), b"secret record").unwrap();
    assert_eq!(
        format!("{vault:?}"),
        r#"KeychainVault { service_prefix: "cognito-signout", .. }"#
    );
}
