//! What an app found in another library's store.

use std::collections::BTreeMap;
use std::fmt;

use super::AdoptError;
use super::place::Json;
use crate::secret::Secret;

/// The items of another library's store, by name. Each value is a [`Secret`]: it is not printed, and is wiped when it is dropped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct StoredItems(BTreeMap<String, Secret>);

impl StoredItems {
    /// Reads a dump: one JSON object whose fields are the items, each a string. Numbers and booleans are taken as their text.
    ///
    /// # Errors
    /// [`AdoptError::Invalid`], which names the place and nothing of the content.
    pub fn from_json(json: &str) -> Result<Self, AdoptError> {
        Json::parse(json, "the dump")?.root().items().map(Self)
    }

    /// Adds an item, in place of one with the same name.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Secret>) {
        self.0.insert(name.into(), value.into());
    }

    pub(super) fn get(&self, name: &str) -> Option<(&str, &Secret)> {
        self.0.get_key_value(name).map(|(name, value)| (name.as_str(), value))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl FromIterator<(String, Secret)> for StoredItems {
    fn from_iter<T: IntoIterator<Item = (String, Secret)>>(items: T) -> Self {
        Self(items.into_iter().collect())
    }
}

/// Only how many there are: names contain usernames.
impl fmt::Debug for StoredItems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredItems({})", self.0.len())
    }
}
