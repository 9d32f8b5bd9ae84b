//! The library on the keychain of the system that runs this test: the Keychain on a Mac, Windows' Credential Manager, and on Linux
//! a Secret Service of the test's own. The files named for one keychain prove what only that one can do.
//!
//! It writes into the user's keychain and removes what it wrote, so plain `cargo test` leaves it out:
//! `cargo test --features ffi,admin --test system_keychain`.
#![cfg(not(any(target_os = "android", target_os = "ios")))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect")]

#[cfg(target_os = "linux")]
#[path = "support/secret_service.rs"]
mod support;

/// The user's own keychain needs no preparation.
#[cfg(not(target_os = "linux"))]
mod support {
    pub(crate) struct Keyring;

    impl Keyring {
        pub(crate) fn start() -> Self {
            Self
        }
    }

    pub(crate) fn in_session<F: FnOnce()>(body: F) {
        body();
    }
}

use cognito_signout::fake_cognito::FakeCognito;
use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::{KeychainVault, Vault, VaultKey};
use cognito_signout::{Auth, AuthConfig, SessionState, SignOutOptions, SignOutResult, SignedInWith, Tokens};
use support::{Keyring, in_session};

/// Another name for each test and run: a run that was ended leaves nothing that the next one finds.
fn vault(test: &str) -> KeychainVault {
    KeychainVault::builder()
        .service_prefix(format!("cognito-signout-test-{test}-{}", std::process::id()))
        .build()
}

/// 32 kB fill a dozen entries of the Credential Manager.
#[test]
fn a_large_record_is_written_replaced_and_deleted() {
    in_session(|| {
        let _keyring = Keyring::start();
        let vault = vault("record");
        let key = VaultKey {
            user_pool_id: "eu-central-1_Pool".into(),
            client_id: "client".into(),
        };
        let read = || vault.read(&key).unwrap().map(|record| record.to_vec());
        let large: Vec<u8> = (0..32 * 1024).map(|i| b'A' + (i % 53) as u8).collect();
        assert_eq!(read(), None);
        vault.write(&key, b"small").unwrap();
        assert_eq!(read(), Some(b"small".to_vec()));
        vault.write(&key, &large).unwrap();
        assert_eq!(read(), Some(large));
        vault.delete(&key).unwrap();
        assert_eq!(read(), None);
    });
}

#[test]
fn a_session_survives_a_restart_and_is_gone_after_a_sign_out() {
    in_session(|| {
        let _keyring = Keyring::start();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let fake = FakeCognito::start().await.unwrap();
            let launch = || {
                let config = AuthConfig::builder(fake.user_pool_id(), fake.client_id()).endpoint(fake.url().as_str());
                Auth::builder(config.build().unwrap(), vault("session"), RustlsTransport::new()).build()
            };
            let issued = fake.sign_in("ana");
            let tokens = Tokens::new(issued.access, issued.id, issued.refresh);
            launch().store_session(tokens, SignedInWith::Api).await.unwrap();

            let restarted = launch();
            assert!(matches!(restarted.session().await, SessionState::SignedIn(_)));
            let result = restarted.sign_out(SignOutOptions::global()).await;
            assert!(matches!(result, SignOutResult::Complete(_)), "{result:?}");
            drop(restarted);

            assert!(matches!(launch().session().await, SessionState::SignedOut));
        });
    });
}
