//! Where the record is kept.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::error::AuthError;
use super::runtime;
use crate::task;
use crate::vault::{self, KeychainVault, VaultGuard, VaultKey};

/// Where the record is kept.
#[derive(uniffi::Enum)]
pub enum VaultChoice {
    /// In the platform's keychain.
    Keychain {
        /// What is out of the ordinary about it.
        options: KeychainOptions,
    },
    /// In memory, until the process ends.
    Memory,
    /// In a place of the host's own.
    Host {
        /// It.
        vault: Arc<dyn Vault>,
        /// Which one it is: the same number for the same vault, and no other's for as long as this one is in use. All
        /// `Auth`s of the process over one vault share what belongs to a record.
        identity: u64,
    },
}

/// What the platform's keychain may be told.
#[derive(Debug, Clone, Default, uniffi::Record)]
pub struct KeychainOptions {
    /// Apple's: the access group, for an app that shares its session with its extensions.
    #[uniffi(default = None)]
    pub access_group: Option<String>,
    /// What the entries' service names begin with. Unset: `cognito-signout`.
    #[uniffi(default = None)]
    pub service_prefix: Option<String>,
    /// A folder that all processes share which share the record, for their locks. Unset: the platform's own place.
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

/// Asks the user to unlock the keychain, where the platform leaves that to the app (Linux desktops do), and waits for the
/// answer. Everywhere else it returns at once.
///
/// # Errors
/// [`AuthError::Vault`] if the user declines, or there is nobody to ask.
#[uniffi::export]
pub async fn ask_to_unlock_keychain() -> Result<(), AuthError> {
    let runtime = runtime::runtime()?;
    let asked = task::spawn_blocking(runtime, || KeychainVault::native().ask_to_unlock());
    let answer = asked.await.map_err(|_| runtime::Lost)?;
    Ok(answer.map_err(crate::AuthError::from)?)
}

/// A place of the host's own that keeps one record per app client. Called on threads that may block. What is written holds
/// tokens.
#[uniffi::export(with_foreign)]
pub trait Vault: Send + Sync {
    /// Reads the record; nothing, if there is none.
    ///
    /// # Errors
    /// [`VaultError`].
    fn read(&self, key: VaultKey) -> Result<Option<Vec<u8>>, VaultError>;

    /// Writes the record in place of what stands there: the whole of it or, failing, none of it.
    ///
    /// # Errors
    /// [`VaultError`].
    fn write(&self, key: VaultKey, record: Vec<u8>) -> Result<(), VaultError>;

    /// Deletes the record without reading it. Deleting nothing is a success.
    ///
    /// # Errors
    /// [`VaultError`].
    fn delete(&self, key: VaultKey) -> Result<(), VaultError>;

    /// Holds others that share the store off the record, until it is unlocked: other processes, other vault objects. Waits
    /// for no longer than `patience`, in milliseconds. A store that nobody shares has nothing to do here.
    ///
    /// # Errors
    /// [`VaultError::Locked`] if another one keeps holding it. Then it is not unlocked.
    fn lock(&self, key: VaultKey, patience: u64) -> Result<(), VaultError>;

    /// Lets others at the record again. Called once after each lock that succeeded.
    ///
    /// # Errors
    /// Whatever it throws is noted in the log.
    fn unlock(&self, key: VaultKey) -> Result<(), VaultError>;
}

/// Why a host's vault could not do what it was asked. The details are for people, and must hold nothing of the record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum VaultError {
    /// It is locked: try again after it is unlocked.
    #[error("the keychain is locked: {detail}")]
    Locked {
        /// What happened.
        detail: String,
    },
    /// There is no such store here.
    #[error("no keychain can be reached: {detail}")]
    Unavailable {
        /// What happened.
        detail: String,
    },
    /// The app is not allowed to use it.
    #[error("the app may not use this keychain: {detail}")]
    MissingEntitlement {
        /// What happened.
        detail: String,
    },
    /// Anything else.
    #[error("the keychain failed: {detail}")]
    Other {
        /// What happened.
        detail: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for VaultError {
    /// The exception's own text may hold what was written.
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Other {
            detail: "the app's vault threw".into(),
        }
    }
}

impl From<VaultError> for vault::VaultError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Locked { detail } => Self::Locked(detail),
            VaultError::Unavailable { detail } => Self::Unavailable(detail),
            VaultError::MissingEntitlement { detail } => Self::MissingEntitlement(detail),
            VaultError::Other { detail } => Self::Other(detail),
        }
    }
}

/// The port, as the core has it, over the host's.
pub(super) struct HostVault {
    pub(super) vault: Arc<dyn Vault>,
    pub(super) identity: u64,
}

impl vault::Vault for HostVault {
    fn read(&self, key: &VaultKey) -> Result<Option<Zeroizing<Vec<u8>>>, vault::VaultError> {
        Ok(self.vault.read(key.clone())?.map(Zeroizing::new))
    }

    fn write(&self, key: &VaultKey, record: &[u8]) -> Result<(), vault::VaultError> {
        Ok(self.vault.write(key.clone(), record.to_vec())?)
    }

    fn delete(&self, key: &VaultKey) -> Result<(), vault::VaultError> {
        Ok(self.vault.delete(key.clone())?)
    }

    /// The host's word for it: UniFFI makes a new object of the host's each time that it comes over.
    fn identity(&self) -> Option<String> {
        Some(format!("cognito_signout::HostVault {}", self.identity))
    }

    fn lock(&self, key: &VaultKey, patience: Duration) -> Result<VaultGuard, vault::VaultError> {
        let patience = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
        self.vault.lock(key.clone(), patience)?;
        Ok(VaultGuard::new(Locked {
            vault: Arc::clone(&self.vault),
            key: key.clone(),
        }))
    }
}

/// A record that the host has locked: dropping it unlocks it.
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
