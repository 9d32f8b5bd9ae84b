//! A vault in the platform's keychain.

mod error;
mod items;
mod lock_directory;
mod native;
mod open_store;
mod process_lock;
mod split;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use keyring_core::CredentialStore;
use zeroize::Zeroizing;

use super::{Vault, VaultError, VaultGuard, VaultKey};
use crate::lock::lock;
use error::{opening_error, vault_error};
use items::Items;
use open_store::OpenStore;

/// Keeps records in the platform's keychain, or in any other keyring-core store.
///
/// The first operation opens the keychain, not the constructor. If opening fails, the next operation tries again. If an open
/// keychain stops working (the Secret Service was restarted), it is opened again, once for each operation.
///
/// A record's entry has the service name `<service prefix>.<user pool id>` and the user name `<client id>`. The documentation
/// of [the module](super) says where each platform keeps it.
///
/// ```no_run
/// use cognito_signout::vault::{KeychainVault, Vault, VaultKey};
///
/// let vault = KeychainVault::native();
/// let key = VaultKey { user_pool_id: "eu-central-1_Example".into(), client_id: "client".into() };
/// vault.write(&key, b"record")?;
/// assert_eq!(vault.read(&key)?.as_deref().map(Vec::as_slice), Some(&b"record"[..]));
/// # Ok::<(), cognito_signout::vault::VaultError>(())
/// ```
pub struct KeychainVault {
    settings: KeychainVaultBuilder,
    /// Not a `OnceCell`, because a store that has stopped working is dropped.
    open: Mutex<Option<OpenStore>>,
}

/// Settings for a [`KeychainVault`]. Made by [`KeychainVault::builder`].
pub struct KeychainVaultBuilder {
    /// Used instead of the native store.
    store: Option<Arc<CredentialStore>>,
    access_group: Option<String>,
    service_prefix: String,
    lock_directory: Option<PathBuf>,
}

impl KeychainVault {
    /// The platform's keychain with default settings.
    pub fn native() -> Self {
        Self::builder().build()
    }

    /// A store of the app's choice, for platforms and tests that do not use the native one.
    ///
    /// ```
    /// use cognito_signout::vault::{KeychainVault, Vault, VaultKey};
    ///
    /// let vault = KeychainVault::with_store(keyring_core::mock::Store::new()?);
    /// let key = VaultKey { user_pool_id: "eu-central-1_Example".into(), client_id: "client".into() };
    /// vault.write(&key, b"record")?;
    /// vault.delete(&key)?;
    /// assert_eq!(vault.read(&key)?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_store(store: Arc<CredentialStore>) -> Self {
        Self::builder().store(store).build()
    }

    /// Starts with the platform's keychain. For an access group, another service name, or an app extension that shares it.
    ///
    /// ```
    /// use cognito_signout::vault::KeychainVault;
    ///
    /// let vault = KeychainVault::builder()
    ///     .access_group("ABCDE12345.com.example.shared")
    ///     .lock_directory("/path/of/the/app/group/container")
    ///     .build();
    /// ```
    pub fn builder() -> KeychainVaultBuilder {
        KeychainVaultBuilder {
            store: None,
            access_group: None,
            service_prefix: "cognito-signout".into(),
            lock_directory: None,
        }
    }

    /// Asks the user to unlock the keychain, if the platform leaves that to the app, and waits for the answer without a time
    /// limit. Call it after [`VaultError::Locked`], when the app has a window, on a thread that may block.
    ///
    /// On Linux this opens the desktop's prompt. On other platforms it does nothing and returns at once.
    ///
    /// # Errors
    /// [`VaultError::Locked`] if the user declines, [`VaultError::Unavailable`] if no Secret Service runs.
    pub fn ask_to_unlock(&self) -> Result<(), VaultError> {
        match self.settings.store {
            None => native::ask_to_unlock().map_err(vault_error),
            Some(_) => Ok(()),
        }
    }

    fn service(&self, key: &VaultKey) -> String {
        format!("{}.{}", self.settings.service_prefix, key.user_pool_id)
    }

    /// Runs `operation` on the entries of this record. If the connection to the keychain fails meanwhile, it runs once more over a
    /// new one: that it was carried out twice makes no difference.
    fn on<T>(&self, key: &VaultKey, operation: impl Fn(&Items<'_>) -> Result<T, VaultError>) -> Result<T, VaultError> {
        let once = || {
            let open = self.open_store()?;
            let outcome = operation(&Items {
                open: &open,
                service: &self.service(key),
                user: &key.client_id,
            });
            if let Err(VaultError::Unavailable(_) | VaultError::Other(_)) = outcome {
                self.slot().take();
            }
            outcome
        };
        match once() {
            Err(VaultError::Unavailable(_)) => once(),
            outcome => outcome,
        }
    }

    fn open_store(&self) -> Result<OpenStore, VaultError> {
        let mut slot = self.slot();
        if let Some(open) = &*slot {
            return Ok(open.clone());
        }
        let open = match &self.settings.store {
            None => native::open(self.settings.access_group.as_deref()).map_err(opening_error)?,
            Some(store) => OpenStore::plain(store.clone()),
        };
        Ok(slot.insert(open).clone())
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<OpenStore>> {
        lock(&self.open)
    }
}

impl KeychainVaultBuilder {
    /// Uses a store of the app's choice instead of the native one.
    pub fn store(mut self, store: Arc<CredentialStore>) -> Self {
        self.store = Some(store);
        self
    }

    /// On iOS and macOS: the keychain access group to use, as `<team id>.<name>`. Default: the app's own group. On macOS it also
    /// selects the protected keychain; without it, the login keychain is used. Other platforms ignore it.
    pub fn access_group(mut self, group: impl Into<String>) -> Self {
        self.access_group = Some(group.into());
        self
    }

    /// What the service names begin with. Default: `cognito-signout`. Two desktop apps that use the same app client but must not
    /// share a session need different prefixes.
    pub fn service_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.service_prefix = prefix.into();
        self
    }

    /// The directory of the lock file. With it, processes keep each other from changing a record at the same time. All processes
    /// that share the record must name the same directory. Threads of one process need no lock file on any system.
    ///
    /// - **Desktops:** an app need not call this. The default is a directory of the user's own, and no environment variable moves
    ///   it: on Linux `/run/user/<uid>/cognito-signout`, or the cache in the home directory; on macOS the user's temporary
    ///   directory; on Windows `AppData\\Local`. If the directory belongs to another user, if others can write to it, or if it is
    ///   a link, operations fail with [`VaultError::Unavailable`].
    /// - **iOS:** there is none by default, because only an app with an extension shares its keychain. Such an app names a
    ///   directory in the app group container. iOS ends an app that is suspended while it holds a lock there. A record is locked
    ///   for milliseconds only, but sign out within a background task.
    /// - **Android:** name none. An app's preferences belong to one process, and Rust's standard library cannot lock files there:
    ///   each operation would fail with [`VaultError::Unavailable`].
    pub fn lock_directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.lock_directory = Some(directory.into());
        self
    }

    /// Makes the vault. The keychain is not opened yet.
    pub fn build(self) -> KeychainVault {
        KeychainVault {
            settings: self,
            open: Mutex::new(None),
        }
    }
}

impl std::fmt::Debug for KeychainVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The store is left out: some stores print the secrets that they hold.
        f.debug_struct("KeychainVault")
            .field("service_prefix", &self.settings.service_prefix)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for KeychainVaultBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeychainVaultBuilder")
            .field("service_prefix", &self.service_prefix)
            .finish_non_exhaustive()
    }
}

/// A vault in a store whose entries hold at most `limit` bytes, as on Windows. For the fuzz targets, in `fuzz/`.
#[cfg(any(feature = "test-util", fuzzing))]
pub fn vault_with_entry_limit(store: Arc<CredentialStore>, limit: usize) -> KeychainVault {
    let open = OpenStore {
        entry_limit: Some(limit),
        ..OpenStore::plain(store)
    };
    let vault = KeychainVault::native();
    *vault.slot() = Some(open);
    vault
}

/// The name of an entry that is the record itself.
const WHOLE: &str = "";

impl Vault for KeychainVault {
    fn read(&self, key: &VaultKey) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        self.on(key, |items| match items.open.entry_limit {
            None => items.get(WHOLE),
            Some(_) => split::read(items),
        })
    }

    fn write(&self, key: &VaultKey, record: &[u8]) -> Result<(), VaultError> {
        self.on(key, |items| match items.open.entry_limit {
            None => items.set(WHOLE, record),
            Some(limit) => split::write(items, limit, record),
        })
    }

    fn delete(&self, key: &VaultKey) -> Result<(), VaultError> {
        self.on(key, |items| match items.open.entry_limit {
            None => items.delete(WHOLE),
            Some(_) => split::delete(items),
        })
    }

    fn identity(&self) -> Option<String> {
        let settings = &self.settings;
        // Other platforms have no access groups.
        let group = settings
            .access_group
            .as_deref()
            .filter(|_| cfg!(target_vendor = "apple"));
        let store = settings.store.as_ref().map(|store| Arc::as_ptr(store).cast::<()>());
        let prefix = &settings.service_prefix;
        Some(format!("cognito_signout::KeychainVault {store:?} {group:?} {prefix:?}"))
    }

    fn lock(&self, key: &VaultKey, patience: Duration) -> Result<VaultGuard, VaultError> {
        let service = self.service(key);
        // Before the record is held, because other processes wait for it. If this fails, the operations under the guard report it.
        let begin = self.open_store().ok().and_then(|open| open.turn);
        let hold = |directory: &Path| process_lock::hold(directory, &service, &key.client_id, patience);
        let held = match &self.settings.lock_directory {
            Some(directory) => hold(directory)?,
            None => match lock_directory::default_directory()? {
                Some(directory) => hold(&directory)?,
                None => return Ok(VaultGuard::none()),
            },
        };
        let turn = begin.map(|begin| begin(&service, &key.client_id));
        // They are dropped in this order: the turn ends first.
        Ok(VaultGuard::new((turn, held)))
    }
}
