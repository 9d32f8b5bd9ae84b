//! Where the record is stored.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::error::AuthError;
use super::runtime;
use crate::task;
use crate::vault::{self, KeychainVault, VaultError, VaultGuard, VaultKey};

/// Where the record is stored.
#[derive(uniffi::Enum)]
pub enum VaultChoice {
    /// In the platform's keychain.
    Keychain {
        /// Settings that differ from the defaults.
        options: KeychainOptions,
    },
    /// In memory, until the process ends.
    Memory,
    /// In the host's own storage.
    Host {
        /// The storage.
        vault: Arc<dyn Vault>,
        /// The same number for the same vault, and a different one for every other vault in use. All `Auth`s of the process over
        /// one vault share a record's state.
        identity: u64,
    },
}

/// Settings of the platform's keychain.
#[derive(Debug, Clone, Default, uniffi::Record)]
pub struct KeychainOptions {
    /// On Apple's systems: the access group, for an app that shares its session with its extensions.
    #[uniffi(default = None)]
    pub access_group: Option<String>,
    /// The beginning of the entries' service names. Default: `cognito-signout`.
    #[uniffi(default = None)]
    pub service_prefix: Option<String>,
    /// A folder for lock files, which every process that shares the record must use. Default: the platform's own place.
    #[uniffi(default = None)]
    pub lock_directory: Option<String>,
}

impl From<KeychainOptions> for KeychainVault {
    fn from(options: KeychainOptions) -> Self {
        let mut vault = Self::builder();
        if let Some(group) = options.access_group {
            vault = vault.access_group(group);
        }
        if let Some(prefix) = options.service_prefix {
            vault = vault.service_prefix(prefix);
        }
        if let Some(directory) = options.lock_directory {
            vault = vault.lock_directory(directory);
        }
        vault.build()
    }
}

/// Asks the user to unlock the keychain, and waits for the answer. Only Linux desktops leave this to the app; on other
/// platforms the call returns at once.
///
/// # Errors
/// [`AuthError::Vault`] if the user declines, or no one can be asked.
#[uniffi::export]
pub async fn ask_to_unlock_keychain() -> Result<(), AuthError> {
    let runtime = runtime::runtime()?;
    let asked = task::spawn_blocking(runtime, || KeychainVault::native().ask_to_unlock());
    let answer = asked.await.map_err(|_| runtime::Lost)?;
    Ok(answer.map_err(crate::AuthError::from)?)
}

/// The host's own storage, with one record per app client. Called on threads that may block. A record contains tokens.
#[uniffi::export(with_foreign)]
pub trait Vault: Send + Sync {
    /// Reads the record. Unset if no record exists.
    ///
    /// # Errors
    /// [`VaultError`].
    fn read(&self, key: VaultKey) -> Result<Option<Vec<u8>>, VaultError>;

    /// Replaces the record. If it fails, the old record must be unchanged.
    ///
    /// # Errors
    /// [`VaultError`].
    fn write(&self, key: VaultKey, record: Vec<u8>) -> Result<(), VaultError>;

    /// Deletes the record without reading it. It succeeds if there is no record.
    ///
    /// # Errors
    /// [`VaultError`].
    fn delete(&self, key: VaultKey) -> Result<(), VaultError>;

    /// Locks the record against others that share the storage (other processes, other vault objects), until `unlock`. It waits
    /// no longer than `patience` milliseconds. For storage that is not shared, it does nothing.
    ///
    /// # Errors
    /// [`VaultError::Locked`] if another still has the lock. `unlock` is not called then.
    fn lock(&self, key: VaultKey, patience: u64) -> Result<(), VaultError>;

    /// Releases the lock. Called once after each successful `lock`.
    ///
    /// # Errors
    /// Any error is logged.
    fn unlock(&self, key: VaultKey) -> Result<(), VaultError>;
}

impl From<uniffi::UnexpectedUniFFICallbackError> for VaultError {
    /// The exception's own text may contain parts of the record.
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Other("the app's vault threw".into())
    }
}

/// The core's vault port, implemented by the host's vault.
pub(super) struct HostVault {
    pub(super) vault: Arc<dyn Vault>,
    pub(super) identity: u64,
}

impl vault::Vault for HostVault {
    fn read(&self, key: &VaultKey) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        Ok(self.vault.read(key.clone())?.map(Zeroizing::new))
    }

    fn write(&self, key: &VaultKey, record: &[u8]) -> Result<(), VaultError> {
        self.vault.write(key.clone(), record.to_vec())
    }

    fn delete(&self, key: &VaultKey) -> Result<(), VaultError> {
        self.vault.delete(key.clone())
    }

    /// From the host, because UniFFI creates a new object each time the host passes its vault.
    fn identity(&self) -> Option<String> {
        Some(format!("cognito_signout::HostVault {}", self.identity))
    }

    fn lock(&self, key: &VaultKey, patience: Duration) -> Result<VaultGuard, VaultError> {
        let patience = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
        self.vault.lock(key.clone(), patience)?;
        Ok(VaultGuard::new(Locked {
            vault: Arc::clone(&self.vault),
            key: key.clone(),
        }))
    }
}

/// A record that the host has locked. Dropping this unlocks it.
struct Locked {
    vault: Arc<dyn Vault>,
    key: VaultKey,
}

impl Drop for Locked {
    fn drop(&mut self) {
        if self.vault.unlock(self.key.clone()).is_err() {
            tracing::warn!("the app's vault could not be unlocked");
        }
    }
}

impl fmt::Debug for HostVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostVault")
    }
}
