//! `KeychainVault` on the real Secret Service: GNOME Keyring, in a private D-Bus session for each test.
//!
//! Needs Debian's `dbus` and `gnome-keyring`, so plain `cargo test` leaves it out: `cargo test --test secret_service`.
#![cfg(all(unix, not(any(target_vendor = "apple", target_os = "android"))))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect")]

#[path = "support/secret_service.rs"]
mod support;

use std::time::{Duration, Instant};

use cognito_signout::vault::{KeychainVault, Vault, VaultError, VaultKey};
use support::{Keyring, again, in_session, role, without_a_bus};

fn key() -> VaultKey {
    VaultKey {
        user_pool_id: "eu-central-1_Pool".into(),
        client_id: "client".into(),
    }
}

/// As long as a token set with many claims.
fn six_kilobytes() -> Vec<u8> {
    (0..6 * 1024).map(|i| b'A' + (i % 53) as u8).collect()
}

fn bytes_in(vault: &KeychainVault) -> Option<Vec<u8>> {
    vault.read(&key()).unwrap().map(|record| record.to_vec())
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
fn a_record_is_written_replaced_and_deleted() {
    in_session(|| {
        let _keyring = Keyring::start();
        let vault = KeychainVault::native();
        assert_eq!(bytes_in(&vault), None);
        vault.write(&key(), b"one").unwrap();
        assert_eq!(bytes_in(&vault), Some(b"one".to_vec()));
        vault.write(&key(), b"two").unwrap();
        assert_eq!(bytes_in(&vault), Some(b"two".to_vec()));
        vault.delete(&key()).unwrap();
        assert_eq!(bytes_in(&vault), None);
        vault.delete(&key()).unwrap();
    });
}

#[test]
fn a_token_set_of_six_kilobytes_survives_another_vault_and_another_process() {
    in_session(|| {
        if role().as_deref() == Some("reader") {
            assert_eq!(bytes_in(&KeychainVault::native()), Some(six_kilobytes()));
            return;
        }
        let _keyring = Keyring::start();
        KeychainVault::native().write(&key(), &six_kilobytes()).unwrap();
        assert_eq!(bytes_in(&KeychainVault::native()), Some(six_kilobytes()));
        let status = again("reader").status().unwrap();
        assert!(status.success(), "the other process did not read it");
    });
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
fn a_secret_service_that_was_restarted_is_used_again_after_one_error() {
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
        vault.read(&key()).unwrap_err();
        assert_eq!(bytes_in(&vault), Some(b"record".to_vec()));
    });
}

#[test]
fn twelve_processes_that_change_one_record_under_its_lock_lose_no_update() {
    const TIMES: u32 = 5;
    in_session(|| {
        let vault = KeychainVault::native();
        let count = || -> u32 { String::from_utf8(bytes_in(&vault).unwrap()).unwrap().parse().unwrap() };
        if role().as_deref() == Some("counter") {
            for _ in 0..TIMES {
                let _guard = vault.lock(&key(), Duration::from_secs(2)).unwrap();
                vault.write(&key(), (count() + 1).to_string().as_bytes()).unwrap();
            }
            return;
        }
        let _keyring = Keyring::start();
        vault.write(&key(), b"0").unwrap();
        let counters: Vec<_> = (0..12).map(|_| again("counter").spawn().unwrap()).collect();
        for mut counter in counters {
            assert!(counter.wait().unwrap().success());
        }
        assert_eq!(count(), 12 * TIMES);
    });
}
