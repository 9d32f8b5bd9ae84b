//! One entry of the Secret Service: an item with its service name and its user name as attributes.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::api::CredentialApi;
use keyring_core::{Credential, Error, Result};
use secret_service::Error as ServiceError;
use secret_service::blocking::{Collection, Item};

use super::Service;
use super::error::{failure, is_gone};
use super::turns::{Known, Name};

const CONTENT_TYPE: &str = "application/octet-stream";
/// How often an item is searched for that other processes keep deleting and writing anew.
const TRIES: usize = 5;

/// The entry, whether it exists or not.
pub(super) struct Specifier {
    service: Arc<Service>,
    name: Name,
}

impl Specifier {
    pub(super) fn new(service: Arc<Service>, name: &str, user: &str) -> Self {
        Self {
            service,
            name: (name.to_owned(), user.to_owned()),
        }
    }

    fn attributes(&self) -> HashMap<&str, &str> {
        HashMap::from([("service", self.name.0.as_str()), ("username", self.name.1.as_str())])
    }

    fn known(&self) -> Known {
        self.service.turns.known(&self.name)
    }

    fn note(&self, known: Known) {
        self.service.turns.note(&self.name, known);
    }

    /// Runs `act` on the item; `None` if there is no item.
    fn on_item<T>(&self, act: impl Fn(&Item<'_>) -> std::result::Result<T, ServiceError>) -> Result<Option<T>> {
        let mut tries = 1;
        loop {
            let found = match self.known() {
                Known::Item(path) => Some(self.service.secrets.get_item_by_path(path).map_err(failure)?),
                _ => self.only_item()?,
            };
            let Some(item) = found else {
                self.note(Known::Absent);
                return Ok(None);
            };
            match act(&item) {
                // Another process has deleted it since it was found. It may have written a new one.
                Err(error) if is_gone(&error) && tries < TRIES => {
                    self.note(Known::Nothing);
                    tries += 1;
                }
                done => {
                    self.note(Known::Item(item.item_path.clone()));
                    return done.map(Some).map_err(failure);
                }
            }
        }
    }

    fn only_item(&self) -> Result<Option<Item<'_>>> {
        let mut items = self.items()?;
        match items.len() {
            0 | 1 => Ok(items.pop()),
            many => Err(Error::BadStoreFormat(format!("{many} entries have its name"))),
        }
    }

    /// All items with these attributes. If one of them is locked, or there is none and the collection is locked, it fails.
    fn items(&self) -> Result<Vec<Item<'_>>> {
        let found = self.service.secrets.search_items(self.attributes()).map_err(failure)?;
        if !found.locked.is_empty() {
            return Err(failure(ServiceError::Locked));
        }
        if found.unlocked.is_empty() && self.known() != Known::Absent {
            match self.unlocked_collection() {
                // There is nothing to read. A write reports that the collection is missing.
                Ok(_) | Err(ServiceError::NoResult) => {}
                Err(error) => return Err(failure(error)),
            }
        }
        Ok(found.unlocked)
    }

    fn unlocked_collection(&self) -> std::result::Result<Collection<'_>, ServiceError> {
        let collection = self.service.secrets.get_default_collection()?;
        collection.ensure_unlocked()?;
        Ok(collection)
    }

    fn create(&self, secret: &[u8]) -> std::result::Result<(), ServiceError> {
        let (service, user) = &self.name;
        let label = format!("keyring:{user}@{service}");
        let collection = self.unlocked_collection()?;
        let item = collection.create_item(&label, self.attributes(), secret, true, CONTENT_TYPE)?;
        self.note(Known::Item(item.item_path));
        Ok(())
    }
}

impl CredentialApi for Specifier {
    fn set_secret(&self, secret: &[u8]) -> Result<()> {
        if self.known() != Known::Absent {
            let written = self.on_item(|item| item.set_secret(secret, CONTENT_TYPE))?;
            if written.is_some() {
                return Ok(());
            }
        }
        self.create(secret).map_err(failure)
    }

    fn get_secret(&self) -> Result<Vec<u8>> {
        self.on_item(|item| item.get_secret())?.ok_or(Error::NoEntry)
    }

    /// Deletes every item with these attributes.
    fn delete_credential(&self) -> Result<()> {
        if let Known::Item(path) = self.known()
            && self.service.delete(&path).is_ok()
        {
            self.note(Known::Absent);
            return Ok(());
        }
        let items = self.items()?;
        for item in &items {
            match self.service.delete(&item.item_path) {
                Err(error) if !is_gone(&error) => return Err(failure(error)),
                _ => {}
            }
        }
        self.note(Known::Absent);
        items.first().map(drop).ok_or(Error::NoEntry)
    }

    fn get_credential(&self) -> Result<Option<Arc<Credential>>> {
        self.only_item()?.map(|_| None).ok_or(Error::NoEntry)
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        Some(self.name.clone())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn debug_fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Specifier").field(&self.name).finish()
    }
}
