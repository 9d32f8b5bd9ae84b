//! The record that the tests of a keychain write and read.

#![allow(dead_code, reason = "each test uses a part of it")]

use cognito_signout::vault::{KeychainVault, Vault, VaultKey};

pub(crate) fn key() -> VaultKey {
    VaultKey {
        user_pool_id: "eu-central-1_Pool".into(),
        client_id: "client".into(),
    }
}

pub(crate) fn bytes_in(vault: &KeychainVault) -> Option<Vec<u8>> {
    vault.read(&key()).unwrap().map(|record| record.to_vec())
}
