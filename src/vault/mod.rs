//! Where the record of one app client is kept: the platform's keychain, memory, or a place of the app's own.
//!
//! [`KeychainVault`] keeps it, feature `keychain` given,
//!
//! | on | in | such that |
//! |---|---|---|
//! | Linux, BSD | the default collection of the Secret Service (GNOME Keyring, KDE Wallet, KeePassXC) | a locked collection is [`VaultError::Locked`], without a prompt: see [`KeychainVault::ask_to_unlock`] |
//! | macOS | the user's login keychain; with an access group, the protected keychain, as on iOS | the system may ask the user before another app, or this one signed anew, reads the login keychain |
//! | iOS | the keychain, in the app's own access group or the one that is named | it can be read after the first unlock, on this device only |
//! | Windows | Credential Manager, for this machine | a record above 2,560 bytes takes several entries; a torn write reads as the old record |
//! | Android | `SharedPreferences` `keyring-cognito-signout`, encrypted with a key in the Android Keystore | what does not reach the disk is an error, and is not there; it is locked before the first unlock; what the Keystore cannot do for a moment is an error and no broken record; one process of the app may use it; the app must give its context first; leave the file out of backups, for the key is never in them |
//!
//! [`MemoryVault`] keeps it until the process ends. What the record says is the library's business, and the same in
//! each: a vault stores bytes. (KDE Wallet keeps text alone; the library's record is JSON.)

#[cfg(feature = "keychain")]
mod keychain;
mod memory;

use std::any::type_name;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::error::{ErrorCode, StepError};

#[cfg(feature = "keychain")]
pub use keychain::{KeychainVault, KeychainVaultBuilder};
pub use memory::MemoryVault;

/// How long the keychain is waited for, except by a sign-out, which has a deadline of its own.
pub(crate) const VAULT_TIME: Duration = Duration::from_secs(5);

/// Names one record: one app client of one user pool.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
pub struct VaultKey {
    /// The user pool's id, as `eu-central-1_AbCdEf`.
    pub user_pool_id: String,
    /// The app client's id.
    pub client_id: String,
}

/// A place that keeps one blob per [`VaultKey`], across restarts where it can.
///
/// The library calls it on Tokio's blocking threads, and bounds the time it waits for each call: an implementation may block,
/// prompt, or hang. After each write and delete the library reads back what stands there, so an implementation need not.
///
/// All [`Auth`](crate::Auth)s of a process that use one record share its state: they take turns, hear the same events, and
/// join each other's sign-outs and refreshes. [`identity`](Self::identity) says which vaults are one store. To use one vault
/// object for two of them, give each a clone of one [`Arc`]. Processes that share a store need [`lock`](Self::lock) as well.
///
/// This one keeps each record in a file. Where several processes share it, it needs [`lock`](Self::lock) too.
///
/// ```
#[doc = include_str!("../../tests/support/folder_vault.rs")]
/// ```
pub trait Vault: Send + Sync + Debug + 'static {
    /// Reads the record; `None` if there is none.
    ///
    /// # Errors
    /// [`VaultError`], as the store answered.
    fn read(&self, key: &VaultKey) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError>;

    /// Writes the record, in place of the one that stands there, if any. Either the whole new record stands
    /// afterwards or the whole old one does.
    ///
    /// # Errors
    /// [`VaultError`], as the store answered.
    fn write(&self, key: &VaultKey, record: &[u8]) -> Result<(), VaultError>;

    /// Deletes the record without reading it, so that a corrupt one can be removed. Deleting nothing is a success.
    ///
    /// # Errors
    /// [`VaultError`], as the store answered.
    fn delete(&self, key: &VaultKey) -> Result<(), VaultError>;

    /// Names the store, where another object may be the same one: two vaults with equal names are one store to every
    /// [`Auth`](crate::Auth) of this process. Begin it with something of your own, such as the type's name, and say where the
    /// store is, as in `format!("my_app::Folder {}", path.display())`. It must hold no secret.
    ///
    /// The default, `None`, is right where no other object reaches these records. Two that do, and that do not say so, can
    /// undo each other's writes: a session that one has signed out comes back.
    fn identity(&self) -> Option<String> {
        None
    }

    /// Holds other processes off the record until the guard is dropped. The library reads, changes and writes under
    /// it, and never waits for the network meanwhile. The default guards nothing, which is right for a store that
    /// only one process uses.
    ///
    /// Wait for no longer than `patience`: the caller's own time is over soon after that.
    ///
    /// # Errors
    /// [`VaultError::Locked`] if another process keeps holding it.
    fn lock(&self, key: &VaultKey, patience: Duration) -> Result<VaultGuard, VaultError> {
        let _ = (key, patience);
        Ok(VaultGuard::none())
    }
}

/// The vault itself, whoever has a clone of the `Arc`: if it has no name of its own, its place in memory is one.
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

/// What [`Vault::lock`] hands out: dropping it lets other processes at the record again.
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

/// Why a store could not do what it was asked. None of these means "signed out".
///
/// The detail is for people, and holds nothing of what the record says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The store is locked: the device before its first unlock, a locked collection; or another process holds the record,
    /// as the text says then. Try again after it is unlocked.
    #[error("the keychain is locked: {0}")]
    Locked(String),
    /// There is no such store here: no Secret Service runs, the Android context was not given. Start it, or choose
    /// another vault.
    #[error("no keychain can be reached: {0}")]
    Unavailable(String),
    /// The app is not allowed to use this keychain or access group. Add the entitlement and sign the app.
    #[error("the app may not use this keychain: {0}")]
    MissingEntitlement(String),
    /// A record stands there that cannot be read. Remove it with `Auth::purge_local`.
    #[error("the stored record cannot be read: {0}")]
    Corrupt(String),
    /// A newer version of this library wrote the record. Update the app; the record is left as it is.
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
    /// Anything else that the store said.
    #[error("the keychain failed: {0}")]
    Other(String),
}

impl VaultError {
    /// The code that this error has among a step's errors.
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
