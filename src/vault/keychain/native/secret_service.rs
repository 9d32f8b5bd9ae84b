//! The Secret Service of Linux and the BSDs, without prompts.
//!
//! The store of `zbus-secret-service-keyring-store` unlocks whatever it needs: the desktop opens a prompt, and the call waits,
//! without a limit, until the user answers. A write that waits there could be made long after its caller has given up. So each
//! operation first checks whether its item is locked, and fails with "locked" if it is. The collection may still be locked
//! between the check and the operation. That window is as short as one call on the bus.
//!
//! The check also keeps a locked keychain from looking empty: some services find nothing in a locked collection.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::api::{CredentialApi, CredentialStoreApi};
use keyring_core::{Credential, CredentialStore, Entry, Error, Result};
use secret_service::blocking::SecretService;
use secret_service::{EncryptionType, Error as ServiceError};
use zbus_secret_service_keyring_store as zbus_store;

use crate::vault::VaultError;
use crate::vault::keychain::open_store::OpenStore;

/// Connects to the user's Secret Service. There are no access groups here.
pub(in crate::vault::keychain) fn open(_access_group: Option<&str>) -> Result<OpenStore> {
    let store: Arc<CredentialStore> = Arc::new(Store {
        inner: zbus_store::Store::new()?,
        looker: Arc::new(connect().map_err(zbus_store::errors::platform_failure)?),
    });
    Ok(OpenStore::plain(store))
}

/// Opens the desktop's prompt for the default collection, and waits for the user's answer.
pub(in crate::vault::keychain) fn ask_to_unlock() -> Result<()> {
    let unlock = || connect()?.get_default_collection()?.unlock();
    unlock().map_err(zbus_store::errors::decode_error)
}

/// A connection over which no secrets are sent, so it needs no encryption.
fn connect() -> std::result::Result<SecretService<'static>, ServiceError> {
    SecretService::connect(EncryptionType::Plain)
}

/// What an error of the service means, if keyring-core does not say it.
pub(in crate::vault::keychain) fn explain(error: &Error) -> Option<VaultError> {
    let (Error::PlatformFailure(error) | Error::NoStorageAccess(error)) = error else {
        return None;
    };
    let error = error.downcast_ref::<ServiceError>()?;
    match error {
        ServiceError::Unavailable => Some(VaultError::Unavailable(error.to_string())),
        ServiceError::NoResult => Some(VaultError::Unavailable(
            "the Secret Service has no default collection".into(),
        )),
        ServiceError::Zbus(zbus::Error::MethodError(name, _, _)) => match name.as_str() {
            "org.freedesktop.Secret.Error.IsLocked" => Some(VaultError::Locked("the collection is locked".into())),
            "org.freedesktop.DBus.Error.ServiceUnknown" | "org.freedesktop.DBus.Error.NameHasNoOwner" => {
                Some(VaultError::Unavailable("no Secret Service runs".into()))
            }
            _ => None,
        },
        ServiceError::Zbus(zbus::Error::InputOutput(why)) => Some(VaultError::Unavailable(format!("D-Bus: {why}"))),
        _ => None,
    }
}

struct Store {
    inner: Arc<zbus_store::Store>,
    looker: Arc<SecretService<'static>>,
}

impl CredentialStoreApi for Store {
    fn vendor(&self) -> String {
        self.inner.vendor()
    }

    fn id(&self) -> String {
        self.inner.id()
    }

    fn build(&self, service: &str, user: &str, modifiers: Option<&HashMap<&str, &str>>) -> Result<Entry> {
        Ok(Entry::new_with_credential(Arc::new(Quiet {
            inner: self.inner.build(service, user, modifiers)?,
            looker: self.looker.clone(),
            service: service.into(),
            user: user.into(),
        })))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn debug_fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.inner.debug_fmt(f)
    }
}

/// An entry that fails with "locked" if the inner one would prompt.
struct Quiet {
    inner: Entry,
    looker: Arc<SecretService<'static>>,
    service: String,
    user: String,
}

impl Quiet {
    /// The inner entry, if its item is unlocked. If there seems to be no item, the default collection must be unlocked.
    fn unlocked(&self) -> Result<&Entry> {
        let attributes = HashMap::from([("service", self.service.as_str()), ("username", self.user.as_str())]);
        let decode = zbus_store::errors::decode_error;
        let found = self.looker.search_items(attributes).map_err(decode)?;
        let locked = if !found.locked.is_empty() {
            true
        } else if !found.unlocked.is_empty() {
            false
        } else {
            match self.looker.get_default_collection() {
                Ok(collection) => collection.is_locked().map_err(decode)?,
                // There is nothing to read, and a write reports that the collection is missing.
                Err(ServiceError::NoResult) => false,
                Err(error) => return Err(decode(error)),
            }
        };
        if locked {
            Err(decode(ServiceError::Locked))
        } else {
            Ok(&self.inner)
        }
    }
}

impl CredentialApi for Quiet {
    fn set_secret(&self, secret: &[u8]) -> Result<()> {
        self.unlocked()?.set_secret(secret)
    }

    fn get_secret(&self) -> Result<Vec<u8>> {
        self.unlocked()?.get_secret()
    }

    fn delete_credential(&self) -> Result<()> {
        self.unlocked()?.delete_credential()
    }

    fn get_credential(&self) -> Result<Option<Arc<Credential>>> {
        self.unlocked()?;
        Ok(None)
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        self.inner.get_specifiers()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn debug_fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&self.inner, f)
    }
}
