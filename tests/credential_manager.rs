//! `KeychainVault` on Windows' Credential Manager: which entries a record is there, and what happens if they are damaged. What every
//! keychain must do, `tests/system_keychain.rs` proves.
//!
//! It writes into the user's Credential Manager and removes what it wrote, so plain `cargo test` leaves it out:
//! `cargo test --features ffi,admin --test credential_manager`; on Linux, `cargo xtask windows --test` runs it on Wine.
#![cfg(windows)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect")]

#[path = "support/system_keychain.rs"]
mod support;
#[path = "support/vault_record.rs"]
mod vault_record;

use std::collections::HashMap;

use cognito_signout::vault::{Vault, VaultError};
use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
use support::{in_session, keychain, prefix};
use vault_record::key;
use windows_native_keyring_store::Store;

/// What the library says about its entries: `src/vault/keychain/split.rs`.
const LARGEST: usize = 2560;
const HEADER: usize = 39;

/// An entry as another program sees it.
fn entry(user: &str) -> Entry {
    let store = Store::new_with_configuration(&HashMap::from([("divider", "@")])).unwrap();
    store
        .build(&format!("{}.eu-central-1_Pool", prefix()), user, None)
        .unwrap()
}

/// The names and lengths of all entries of the record.
fn entries() -> Vec<(String, usize)> {
    let sets = ["a", "b"].into_iter();
    let parts = sets.flat_map(|set| (0..16).map(move |part| format!("client#{set}{part}")));
    let names = ["client".to_owned()].into_iter().chain(parts);
    names
        .filter_map(|name| match entry(&name).get_secret() {
            Ok(secret) => Some((name, secret.len())),
            Err(Error::NoEntry) => None,
            Err(error) => panic!("{name}: {error}"),
        })
        .collect()
}

fn named(entries: &[(&str, usize)]) -> Vec<(String, usize)> {
    entries
        .iter()
        .map(|(name, length)| ((*name).to_owned(), *length))
        .collect()
}

fn record(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

fn written(length: usize) {
    keychain().write(&key(), &record(length)).unwrap();
    assert_eq!(keychain().read(&key()).unwrap().unwrap().as_slice(), record(length));
}

#[test]
fn a_record_takes_the_entries_that_it_needs_and_leaves_none_of_the_record_before() {
    in_session(|| {
        written(LARGEST - HEADER);
        assert_eq!(entries(), named(&[("client", LARGEST)]));
        written(LARGEST - HEADER + 1);
        assert_eq!(entries(), named(&[("client", LARGEST), ("client#b0", 1)]));
        written(3 * LARGEST - HEADER);
        let three = [("client", LARGEST), ("client#a0", LARGEST), ("client#a1", LARGEST)];
        assert_eq!(entries(), named(&three));
        written(0);
        assert_eq!(entries(), named(&[("client", HEADER)]));
        keychain().delete(&key()).unwrap();
        assert_eq!(entries(), []);
    });
}

/// The largest record has 16 parts beside its head.
#[test]
fn a_record_that_is_too_long_is_refused_and_the_old_one_stays() {
    in_session(|| {
        let largest = 17 * LARGEST - HEADER;
        written(largest);
        assert_eq!(entries().len(), 17);
        let answer = keychain().write(&key(), &record(largest + 1));
        assert!(matches!(answer, Err(VaultError::Other(_))), "{answer:?}");
        assert_eq!(keychain().read(&key()).unwrap().unwrap().as_slice(), record(largest));
        keychain().delete(&key()).unwrap();
        assert_eq!(entries(), []);
    });
}

#[test]
fn what_an_interrupted_write_left_is_not_read_and_the_next_write_removes_it() {
    in_session(|| {
        written(100);
        for part in ["client#a0", "client#b0", "client#b15"] {
            entry(part).set_secret(b"of another record").unwrap();
        }
        assert_eq!(keychain().read(&key()).unwrap().unwrap().as_slice(), record(100));
        written(LARGEST);
        assert_eq!(entries().len(), 2);
        keychain().delete(&key()).unwrap();
        assert_eq!(entries(), []);
    });
}

#[test]
fn a_record_with_a_damaged_or_missing_entry_is_corrupt_and_can_be_replaced_and_deleted() {
    in_session(|| {
        let is_corrupt = || {
            let answer = keychain().read(&key());
            assert!(matches!(answer, Err(VaultError::Corrupt(_))), "{answer:?}");
        };
        let lengths = || entries().into_iter().map(|(_, length)| length).collect::<Vec<_>>();
        for damaged in 0..3 {
            written(3 * LARGEST);
            let (name, length) = entries().swap_remove(damaged);
            let mut secret = entry(&name).get_secret().unwrap();
            secret[length - 1] ^= 1;
            entry(&name).set_secret(&secret).unwrap();
            is_corrupt();
        }
        written(3 * LARGEST);
        assert_eq!(lengths(), [LARGEST, LARGEST, LARGEST, HEADER]);

        let (last, _) = entries().pop().unwrap();
        entry(&last).delete_credential().unwrap();
        is_corrupt();
        keychain().delete(&key()).unwrap();
        assert_eq!(entries(), []);
        assert_eq!(keychain().read(&key()), Ok(None));
    });
}

/// Other entries would go to other machines with the user's profile.
#[test]
fn each_entry_stays_on_this_machine() {
    in_session(|| {
        written(2 * LARGEST);
        for (name, _) in entries() {
            assert_eq!(entry(&name).get_attributes().unwrap()["persistence"], "Local", "{name}");
        }
        keychain().delete(&key()).unwrap();
    });
}
