//! Secrets cross as objects: a host would print the fields of a record.

use std::fmt;
use std::sync::Arc;

use super::live::Live;
use crate::Secret;

/// A token or a client secret, called `Secret` in the generated code. It prints as `<redacted>`. The library's copy is wiped
/// when the last owner releases it.
#[derive(uniffi::Object)]
#[uniffi::export(Debug, Display, Eq)]
pub struct SecretObject {
    value: Secret,
    _live: Live,
}

#[uniffi::export]
impl SecretObject {
    /// Wraps a value.
    #[uniffi::constructor]
    pub fn new(value: String) -> Arc<Self> {
        Secret::new(value).into()
    }

    /// Wraps a value where the host has it, in UTF-8. For a host whose strings UniFFI would copy into memory that nobody wipes.
    #[uniffi::constructor]
    pub fn from_utf8(value: &[u8]) -> Arc<Self> {
        Secret::new(String::from_utf8_lossy(value)).into()
    }

    /// The value itself. The host decides how long its copy stays in memory.
    pub fn reveal(&self) -> String {
        self.value.reveal().to_owned()
    }
}

impl SecretObject {
    pub(super) fn value(&self) -> Secret {
        self.value.clone()
    }
}

impl From<Secret> for Arc<SecretObject> {
    fn from(value: Secret) -> Self {
        Self::new(SecretObject {
            value,
            _live: Live::new(),
        })
    }
}

impl fmt::Debug for SecretObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.value, f)
    }
}

impl fmt::Display for SecretObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value, f)
    }
}

impl PartialEq for SecretObject {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for SecretObject {}
