//! `KeychainVault` on the real Secret Service: GNOME Keyring, in a private D-Bus session for each test. What every keychain must do,
//! `tests/system_keychain.rs` proves.
//!
//! Needs Debian's `dbus` and `gnome-keyring`, so plain `cargo test` leaves it out: `cargo test --test secret_service`.
#![cfg(all(unix, not(any(target_vendor = "apple", target_os = "android"))))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect")]

#[path = "support/secret_service.rs"]
mod support;
#[path = "support/vault_record.rs"]
mod vault_record;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cognito_signout::vault::{KeychainVault, Vault, VaultError};
use keyring_core::api::CredentialStoreApi;
use support::{Keyring, in_session, without_a_bus};
use vault_record::{bytes_in, key};
use zbus_secret_service_keyring_store as keyring_cores;

/// The home directory is this session's, so no other test waits for the lock.
fn with_a_lock_of_its_own() -> KeychainVault {
    let home = std::env::var("HOME").unwrap();
    KeychainVault::builder().lock_directory(home).build()
}

/// The result of `call`, which must come at once.
fn promptly<T>(call: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let answer = call();
    let took = started.elapsed();
    assert!(took < Duration::from_secs(1), "it took {took:?}");
    answer
}

#[test]
fn a_locked_collection_is_an_error_at_once_and_can_be_read_after_unlocking() {
    in_session(|| {
        let _keyring = Keyring::start();
        // If the library opened a prompt, it would wait for ever.
        let _prompter = support::prompter_that_is_never_answered();
        let vault = KeychainVault::native();
        vault.write(&key(), b"record").unwrap();

        support::lock();
        let locked =
            |answer: Result<(), VaultError>| assert!(matches!(answer, Err(VaultError::Locked(_))), "{answer:?}");
        locked(promptly(|| vault.read(&key()).map(drop)));
        locked(promptly(|| vault.write(&key(), b"changed")));
        locked(promptly(|| vault.delete(&key())));

        support::unlock();
        assert_eq!(bytes_in(&vault), Some(b"record".to_vec()), "nothing has changed it");
    });
}

#[test]
fn an_absent_record_in_a_locked_collection_is_locked_and_not_absent() {
    in_session(|| {
        let _keyring = Keyring::start();
        let _prompter = support::prompter_that_is_never_answered();
        support::lock();
        let vault = KeychainVault::native();
        let answer = promptly(|| vault.read(&key()));
        assert!(matches!(answer, Err(VaultError::Locked(_))), "{answer:?}");
        let answer = promptly(|| vault.write(&key(), b"record"));
        assert!(matches!(answer, Err(VaultError::Locked(_))), "{answer:?}");
    });
}

#[test]
fn asking_to_unlock_opens_the_prompt_and_a_dismissed_one_is_locked() {
    in_session(|| {
        let _keyring = Keyring::start();
        support::lock();
        // No prompter runs here. GNOME Keyring treats that as "dismissed".
        let answer = KeychainVault::native().ask_to_unlock();
        assert!(matches!(answer, Err(VaultError::Locked(_))), "{answer:?}");

        let _prompter = support::prompter_that_is_never_answered();
        let asking = std::thread::spawn(|| KeychainVault::native().ask_to_unlock());
        std::thread::sleep(Duration::from_millis(300));
        assert!(!asking.is_finished(), "it waits for the user");
    });
}

#[test]
fn without_d_bus_the_keychain_is_unavailable() {
    without_a_bus(|| {
        let vault = KeychainVault::native();
        let answer = promptly(|| vault.read(&key()));
        assert!(matches!(answer, Err(VaultError::Unavailable(_))), "{answer:?}");
        let answer = promptly(|| vault.write(&key(), b"record"));
        assert!(matches!(answer, Err(VaultError::Unavailable(_))), "{answer:?}");
    });
}

#[test]
fn without_a_secret_service_the_keychain_is_unavailable_until_one_is_started() {
    in_session(|| {
        let vault = KeychainVault::native();
        let answer = promptly(|| vault.read(&key()));
        assert!(matches!(answer, Err(VaultError::Unavailable(_))), "{answer:?}");

        let _keyring = Keyring::start();
        assert_eq!(bytes_in(&vault), None);
        vault.write(&key(), b"record").unwrap();
    });
}

#[test]
fn a_secret_service_that_was_restarted_is_used_again_at_once() {
    in_session(|| {
        let first = Keyring::start();
        let vault = KeychainVault::native();
        vault.write(&key(), b"record").unwrap();

        drop(first);
        let answer = promptly(|| vault.read(&key()));
        assert!(matches!(answer, Err(VaultError::Unavailable(_))), "{answer:?}");

        let second = Keyring::start();
        assert_eq!(bytes_in(&vault), Some(b"record".to_vec()));

        // This time nothing happens while it is away, but the vault's session with it is gone.
        drop(second);
        let _third = Keyring::start();
        assert_eq!(bytes_in(&vault), Some(b"record".to_vec()));
    });
}

/// keyring-core's own store for the Secret Service. Version 0.1 of this library has written its records with it.
fn keyring_cores_store() -> Arc<keyring_cores::Store> {
    keyring_cores::Store::new().unwrap()
}

#[test]
fn an_entry_is_the_same_as_that_of_keyring_cores_own_store() {
    in_session(|| {
        let _keyring = Keyring::start();
        let (ours, theirs) = (
            KeychainVault::native(),
            KeychainVault::with_store(keyring_cores_store()),
        );
        let look = || {
            let entry = keyring_cores_store()
                .build("cognito-signout.eu-central-1_Pool", "client", None)
                .unwrap();
            let specifier = entry.as_any().downcast_ref::<keyring_cores::cred::Specifier>().unwrap();
            let mut attributes = entry.get_attributes().unwrap();
            // GNOME Keyring adds it, or not, by the order in which the label and the attributes arrive.
            attributes.remove("xdg:schema");
            (attributes, specifier.get_label().unwrap())
        };
        theirs.write(&key(), b"theirs").unwrap();
        assert_eq!(bytes_in(&ours), Some(b"theirs".to_vec()));
        let their_look = look();
        ours.write(&key(), b"changed").unwrap();
        assert_eq!(bytes_in(&theirs), Some(b"changed".to_vec()));
        ours.delete(&key()).unwrap();
        assert_eq!(bytes_in(&theirs), None);

        ours.write(&key(), b"ours").unwrap();
        assert_eq!(bytes_in(&theirs), Some(b"ours".to_vec()));
        assert_eq!(look(), their_look);
    });
}

#[test]
fn two_entries_of_one_name_are_corrupt_and_are_both_deleted() {
    in_session(|| {
        let _keyring = Keyring::start();
        let vault = KeychainVault::native();
        vault.write(&key(), b"record").unwrap();
        let another = HashMap::from([
            ("service", "cognito-signout.eu-central-1_Pool"),
            ("username", "client"),
            ("and", "another"),
        ]);
        support::create_item(&another, b"another");
        let answer = vault.read(&key());
        assert!(matches!(answer, Err(VaultError::Corrupt(_))), "{answer:?}");
        let answer = vault.write(&key(), b"new");
        assert!(matches!(answer, Err(VaultError::Corrupt(_))), "{answer:?}");
        vault.delete(&key()).unwrap();
        assert_eq!(bytes_in(&vault), None);
    });
}

#[test]
fn an_item_that_another_program_deletes_during_a_turn_is_absent_and_is_written_anew() {
    in_session(|| {
        let _keyring = Keyring::start();
        let vault = with_a_lock_of_its_own();
        vault.write(&key(), b"record").unwrap();
        let _guard = vault.lock(&key(), Duration::from_secs(2)).unwrap();
        let delete_and = |act: &dyn Fn()| {
            vault.write(&key(), b"record").unwrap();
            assert_eq!(bytes_in(&vault), Some(b"record".to_vec()));
            KeychainVault::native().delete(&key()).unwrap();
            act();
        };
        delete_and(&|| assert_eq!(bytes_in(&vault), None));
        delete_and(&|| vault.delete(&key()).unwrap());
        delete_and(&|| vault.write(&key(), b"new").unwrap());
        assert_eq!(bytes_in(&vault), Some(b"new".to_vec()));
    });
}

#[test]
fn a_collection_that_is_locked_during_a_turn_is_an_error_at_once() {
    in_session(|| {
        let _keyring = Keyring::start();
        let _prompter = support::prompter_that_is_never_answered();
        let vault = with_a_lock_of_its_own();
        vault.write(&key(), b"record").unwrap();
        let _guard = vault.lock(&key(), Duration::from_secs(2)).unwrap();
        assert_eq!(bytes_in(&vault), Some(b"record".to_vec()));
        support::lock();
        let locked =
            |answer: Result<(), VaultError>| assert!(matches!(answer, Err(VaultError::Locked(_))), "{answer:?}");
        locked(promptly(|| vault.delete(&key())));
        locked(promptly(|| vault.write(&key(), b"changed")));
        locked(promptly(|| vault.read(&key()).map(drop)));
        support::unlock();
        assert_eq!(bytes_in(&vault), Some(b"record".to_vec()));
    });
}
