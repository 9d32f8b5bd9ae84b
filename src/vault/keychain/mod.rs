//! A vault in the platform's keychain.

mod error;
#[cfg(test)]
mod faulty_store;
mod items;
mod lock_directory;
mod native;
mod process_lock;
mod split;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use keyring_core::CredentialStore;
use zeroize::Zeroizing;

use super::{Vault, VaultError, VaultGuard, VaultKey};
use crate::lock::lock;
use error::opening_error;
use items::{Items, OpenStore};

/// Keeps records in the platform's keychain, or in any other keyring-core store.
///
/// Making one touches nothing: the keychain is opened by the first operation. If that fails, the next operation tries
/// again; an open one that has stopped working (the Secret Service was restarted) is opened anew.
///
/// A record's entry has the service name `<service prefix>.<user pool id>` and the user name `<client id>`. What is
/// kept where is told in the documentation of [the module](super).
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
    /// Not a `OnceCell`, since a store that has stopped working is forgotten.
    open: Mutex<Option<OpenStore>>,
}

/// What a [`KeychainVault`] may be told. Made by [`KeychainVault::builder`].
pub struct KeychainVaultBuilder {
    /// Instead of the native one.
    store: Option<Arc<CredentialStore>>,
    access_group: Option<String>,
    service_prefix: String,
    lock_directory: Option<PathBuf>,
}

impl KeychainVault {
    /// The platform's keychain, with nothing out of the ordinary.
    pub fn native() -> Self {
        Self::builder().build()
    }

    /// A store of the app's choice, for platforms and tests that want another than the native one.
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

    /// The platform's keychain, in an access group, under another name, or shared with an app extension.
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

    /// Asks the user to unlock the keychain, where the platform leaves that to the app, and waits for the answer: as
    /// long as it takes. Call it after [`VaultError::Locked`], when the app has a window to ask from, on a thread that
    /// may block.
    ///
    /// On Linux this opens the desktop's prompt. Everywhere else there is nothing to ask, and it returns at once.
    ///
    /// # Errors
    /// [`VaultError::Locked`] if the user declines, [`VaultError::Unavailable`] if there is nobody to ask.
    pub fn ask_to_unlock(&self) -> Result<(), VaultError> {
        match self.settings.store {
            None => native::ask_to_unlock(),
            Some(_) => Ok(()),
        }
    }

    fn service(&self, key: &VaultKey) -> String {
        format!("{}.{}", self.settings.service_prefix, key.user_pool_id)
    }

    /// Runs `operation` on the entries of this record.
    fn on<T>(
        &self,
        key: &VaultKey,
        operation: impl FnOnce(&Items<'_>) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        let open = self.open_store()?;
        let outcome = operation(&Items {
            open: &open,
            service: &self.service(key),
            user: &key.client_id,
        });
        // The connection may be what has failed: let the next operation have a new one.
        if let Err(VaultError::Unavailable(_) | VaultError::Other(_)) = outcome {
            self.slot().take();
        }
        outcome
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
    /// A store of the app's choice, instead of the native one.
    pub fn store(mut self, store: Arc<CredentialStore>) -> Self {
        self.store = Some(store);
        self
    }

    /// On iOS and macOS: the keychain access group to use, as `<team id>.<name>`; the app's own by default. On macOS it
    /// also chooses the protected keychain, where the default is the login keychain. Other platforms have no such thing
    /// and ignore it.
    pub fn access_group(mut self, group: impl Into<String>) -> Self {
        self.access_group = Some(group.into());
        self
    }

    /// What the service names begin with, instead of `cognito-signout`. Two desktop apps that use the same app client
    /// and must not share a session choose different ones.
    pub fn service_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.service_prefix = prefix.into();
        self
    }

    /// Where the file stands by which processes hold each other off a record. All that share the record must name the
    /// same directory.
    ///
    /// Desktop apps need not: by default it is a directory of the user's own, whatever the environment says: on Linux
    /// `/run/user/<uid>/cognito-signout`, or in the cache of the home directory; on macOS in the user's temporary directory, on
    /// Windows in `AppData\\Local`. A directory that belongs to another user, that others can write to, or that is a link, is
    /// [`VaultError::Unavailable`]. Within one process no lock file is needed, on any system. On iOS there is none by default, since only an app with an extension shares its keychain: such
    /// an app names a directory in their common app group container. (iOS ends an app that is suspended while it holds
    /// a lock there; a record is held for milliseconds, but do not sign out without a background task.) On Android an
    /// app's preferences belong to one process, and Rust's standard library locks no files: name none, or each
    /// operation is [`VaultError::Unavailable`].
    pub fn lock_directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.lock_directory = Some(directory.into());
        self
    }

    /// The vault. Nothing is opened yet.
    pub fn build(self) -> KeychainVault {
        KeychainVault {
            settings: self,
            open: Mutex::new(None),
        }
    }
}

impl std::fmt::Debug for KeychainVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Not the store: some print what they hold.
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
        // Nobody else has access groups.
        let group = settings
            .access_group
            .as_deref()
            .filter(|_| cfg!(target_vendor = "apple"));
        let store = settings.store.as_ref().map(|store| Arc::as_ptr(store).cast::<()>());
        let prefix = &settings.service_prefix;
        Some(format!("cognito_signout::KeychainVault {store:?} {group:?} {prefix:?}"))
    }

    fn lock(&self, key: &VaultKey, patience: Duration) -> Result<VaultGuard, VaultError> {
        let hold = |directory: &Path| {
            process_lock::hold(directory, &self.service(key), &key.client_id, patience).map(VaultGuard::new)
        };
        match &self.settings.lock_directory {
            Some(directory) => hold(directory),
            None => match lock_directory::default_directory()? {
                Some(directory) => hold(&directory),
                None => Ok(VaultGuard::none()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::keychain::faulty_store::Fault;
    use crate::vault::keychain::faulty_store::FaultyStore;

    fn key(client_id: &str) -> VaultKey {
        VaultKey {
            user_pool_id: "eu-central-1_Pool".into(),
            client_id: client_id.into(),
        }
    }

    fn bytes_of(vault: &KeychainVault, key: &VaultKey) -> Option<Vec<u8>> {
        vault.read(key).unwrap().map(|record| record.to_vec())
    }

    #[test]
    fn a_record_is_one_entry_named_after_pool_and_client() {
        let store = FaultyStore::default();
        let vault = KeychainVault::with_store(store.shared());
        vault.write(&key("client"), b"record").unwrap();
        assert_eq!(
            store.names(),
            [("cognito-signout.eu-central-1_Pool".to_string(), "client".to_string())]
        );
    }

    #[test]
    fn records_of_two_clients_do_not_meet() {
        let vault = KeychainVault::with_store(FaultyStore::default().shared());
        vault.write(&key("one"), b"first").unwrap();
        vault.write(&key("two"), b"second").unwrap();
        vault.delete(&key("one")).unwrap();
        assert_eq!(bytes_of(&vault, &key("one")), None);
        assert_eq!(bytes_of(&vault, &key("two")), Some(b"second".to_vec()));
    }

    #[test]
    fn apps_with_different_prefixes_do_not_share_records() {
        let store = FaultyStore::default().shared();
        let vault_with = |prefix: &str| {
            KeychainVault::builder()
                .store(store.clone())
                .service_prefix(prefix)
                .build()
        };
        vault_with("com.example.one").write(&key("client"), b"record").unwrap();
        assert_eq!(bytes_of(&vault_with("com.example.two"), &key("client")), None);
        assert!(bytes_of(&vault_with("com.example.one"), &key("client")).is_some());
    }

    #[test]
    fn a_store_that_has_failed_is_used_again() {
        let store = FaultyStore::default();
        let vault = KeychainVault::with_store(store.shared());
        store.fail_at(0, Fault::Refused);
        assert!(matches!(
            vault.write(&key("client"), b"record"),
            Err(VaultError::Other(_))
        ));
        vault.write(&key("client"), b"record").unwrap();
        assert_eq!(bytes_of(&vault, &key("client")), Some(b"record".to_vec()));
    }

    #[test]
    fn a_lock_in_the_directory_that_was_named_holds_others_off_this_record() {
        let directory = tempfile::tempdir().unwrap();
        let vault = KeychainVault::builder().lock_directory(directory.path()).build();
        let soon = Duration::from_millis(30);
        let held = vault.lock(&key("client"), soon).unwrap();
        let _other_record = vault.lock(&key("other"), soon).unwrap();

        let elsewhere = || process_lock::hold(directory.path(), &vault.service(&key("client")), "client", soon);
        assert!(matches!(elsewhere(), Err(VaultError::Locked(_))));
        drop(held);
        elsewhere().unwrap();
    }

    #[test]
    fn debug_shows_nothing_of_the_store() {
        let vault = KeychainVault::with_store(keyring_core::mock::Store::new().unwrap());
        vault.write(&key("client"), b"secret record").unwrap();
        assert_eq!(
            format!("{vault:?}"),
            r#"KeychainVault { service_prefix: "cognito-signout", .. }"#
        );
    }
}
