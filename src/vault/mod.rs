//! Where the record of one app client is stored: the platform's keychain, memory, or a store of the app's own.
//!
//! [`KeychainVault`] (feature `keychain`) uses:
//!
//! | on | store | what to know |
//! |---|---|---|
//! | Linux, BSD | the default collection of the Secret Service (GNOME Keyring, KDE Wallet, KeePassXC) | a locked collection gives [`VaultError::Locked`] and no prompt: see [`KeychainVault::ask_to_unlock`] |
//! | macOS | the user's login keychain; with an access group, the protected keychain, as on iOS | the system may ask the user before another app, or this app with a new signature, reads the login keychain |
//! | iOS | the keychain, in the app's own access group or a named one | it can be read after the first unlock, on this device only |
//! | Windows | Credential Manager, for this machine | a record above 2,560 bytes takes several entries; after an interrupted write the old record is read |
//! | Android | `SharedPreferences` `keyring-cognito-signout`, encrypted with a key in the Android Keystore | a change that does not reach the disk is an error and is undone; it is locked before the first unlock; if the Keystore fails for a moment, that is an error, and the record is not called corrupt; only one process of the app may use it; the app must give its context first; exclude the file from backups, because backups never contain the key |
//!
//! [`MemoryVault`] keeps it until the process ends. A vault stores bytes. What they mean is the same in every vault, and only the
//! library reads them. (KDE Wallet stores text only; the library's record is JSON.)

#[cfg(feature = "keychain")]
mod keychain;
mod memory;

use std::any::type_name;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::error::{ErrorCode, StepError};

#[cfg(all(feature = "keychain", any(feature = "test-util", fuzzing)))]
#[doc(hidden)]
pub use keychain::vault_with_entry_limit;
#[cfg(feature = "keychain")]
pub use keychain::{KeychainVault, KeychainVaultBuilder};
pub use memory::MemoryVault;

/// How long a call waits for the keychain. A sign-out has its own deadline instead.
pub(crate) const VAULT_TIME: Duration = Duration::from_secs(5);

/// The name of one record: one app client of one user pool.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
pub struct VaultKey {
    /// The user pool's id, for example `eu-central-1_AbCdEf`.
    pub user_pool_id: String,
    /// The app client's id.
    pub client_id: String,
}

/// A store that keeps the bytes of one record for each [`VaultKey`], if possible across restarts.
///
/// The library calls it on Tokio's blocking threads, and limits the time it waits for each call: an implementation may block,
/// prompt, or hang. After each write and delete the library reads the record back, so an implementation need not.
///
/// All [`Auth`](crate::Auth)s of a process that use one record share its state: they take turns, get the same events, and join
/// each other's sign-outs and refreshes. [`identity`](Self::identity) says which vaults are the same store. To use one vault object
/// for two `Auth`s, give each a clone of one [`Arc`]. Processes that share a store also need [`lock`](Self::lock).
///
/// This example keeps each record in a file. If several processes share it, it needs [`lock`](Self::lock) too.
///
/// ```
#[doc = include_str!("../../tests/support/folder_vault.rs")]
/// ```
pub trait Vault: Send + Sync + Debug + 'static {
    /// Reads the record; `None` if no record exists.
    ///
    /// # Errors
    /// [`VaultError`], as the store answered.
    fn read(&self, key: &VaultKey) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError>;

    /// Writes the record, and replaces an existing one. Afterwards the store has either the whole new record or the whole old one.
    ///
    /// # Errors
    /// [`VaultError`], as the store answered.
    fn write(&self, key: &VaultKey, record: &[u8]) -> Result<(), VaultError>;

    /// Deletes the record without reading it, so that a corrupt one can be removed. Deleting an absent record succeeds.
    ///
    /// # Errors
    /// [`VaultError`], as the store answered.
    fn delete(&self, key: &VaultKey) -> Result<(), VaultError>;

    /// The store's name. For every [`Auth`](crate::Auth) of this process, two vaults with equal names are the same store. Begin the
    /// name with something of your own, such as the type's name, and say where the store is, as in
    /// `format!("my_app::Folder {}", path.display())`. It must contain no secret.
    ///
    /// The default, `None`, is right if no other vault object reaches these records. If two objects reach the same records and do
    /// not say so, each can undo the other's writes: a session that one has signed out comes back.
    fn identity(&self) -> Option<String> {
        None
    }

    /// Keeps other processes away from the record until the guard is dropped. The library reads, changes and writes the record
    /// under it, and never waits for the network meanwhile. The default guards nothing, which is right for a store that only one
    /// process uses.
    ///
    /// Wait for at most `patience`: soon after that the caller stops waiting.
    ///
    /// # Errors
    /// [`VaultError::Locked`] if another process keeps holding it.
    fn lock(&self, key: &VaultKey, patience: Duration) -> Result<VaultGuard, VaultError> {
        let _ = (key, patience);
        Ok(VaultGuard::none())
    }
}

/// All clones of the `Arc` are the same vault. If the vault has no name, its address in memory is its name.
impl<V: Vault + ?Sized> Vault for Arc<V> {
    fn read(&self, key: &VaultKey) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        (**self).read(key)
    }

    fn write(&self, key: &VaultKey, record: &[u8]) -> Result<(), VaultError> {
        (**self).write(key, record)
    }

    fn delete(&self, key: &VaultKey) -> Result<(), VaultError> {
        (**self).delete(key)
    }

    fn identity(&self) -> Option<String> {
        let place = || format!("{} {:p}", type_name::<V>(), Arc::as_ptr(self));
        Some((**self).identity().unwrap_or_else(place))
    }

    fn lock(&self, key: &VaultKey, patience: Duration) -> Result<VaultGuard, VaultError> {
        (**self).lock(key, patience)
    }
}

/// The result of [`Vault::lock`]. Dropping it lets other processes use the record again.
#[must_use = "the record is guarded only while this lives"]
pub struct VaultGuard(#[allow(dead_code, reason = "held for its Drop")] Option<Box<dyn Send>>);

impl VaultGuard {
    /// A guard that holds `lock` until it is dropped.
    pub fn new(lock: impl Send + 'static) -> Self {
        Self(Some(Box::new(lock)))
    }

    /// A guard for a store that only one process uses.
    pub fn none() -> Self {
        Self(None)
    }
}

impl Debug for VaultGuard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VaultGuard")
    }
}

/// Why a store failed. None of these means "signed out".
///
/// The detail is for people. It contains nothing from the record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "ffi", derive(uniffi::Error))]
#[non_exhaustive]
pub enum VaultError {
    /// The store is locked: the device has not been unlocked since it started, or the collection is locked. Or another process
    /// holds the record; then the text says so. Try again later, or after it is unlocked.
    #[error("the keychain is locked: {0}")]
    Locked(String),
    /// There is no store: no Secret Service runs, or the app has not given the Android context. Start the service, give the
    /// context, or choose another vault.
    #[error("no keychain can be reached: {0}")]
    Unavailable(String),
    /// The app is not allowed to use this keychain or access group. Add the entitlement and sign the app.
    #[error("the app may not use this keychain: {0}")]
    MissingEntitlement(String),
    /// There is a record, but it cannot be read. Remove it with `Auth::purge_local`.
    #[error("the stored record cannot be read: {0}")]
    Corrupt(String),
    /// A newer version of this library wrote the record. Update the app. The record is not changed.
    #[error("the stored record has version {found}, this library knows versions up to {known}")]
    NewerVersion {
        /// The version in the record.
        found: u32,
        /// The newest version that this library reads.
        known: u32,
    },
    /// The store did not answer in time. Try again.
    #[error("the keychain did not answer in time")]
    TimedOut,
    /// Any other failure of the store.
    #[error("the keychain failed: {0}")]
    Other(String),
}

impl VaultError {
    /// This error's code as a step's error.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Locked(_) => ErrorCode::VaultLocked,
            Self::Unavailable(_) => ErrorCode::VaultUnavailable,
            Self::MissingEntitlement(_) => ErrorCode::VaultMissingEntitlement,
            Self::Corrupt(_) => ErrorCode::RecordCorrupt,
            Self::NewerVersion { .. } => ErrorCode::RecordTooNew,
            Self::TimedOut => ErrorCode::TimedOut,
            Self::Other(_) => ErrorCode::VaultFailed,
        }
    }
}

impl From<VaultError> for StepError {
    fn from(error: VaultError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}
