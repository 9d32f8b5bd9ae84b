//! Secrets, as objects: what a record holds, a host prints.

use std::fmt;
use std::sync::Arc;

use super::live::Live;

/// A token or a client secret. Prints as `<redacted>`; the library's copy is wiped when the last owner lets go of it.
#[derive(uniffi::Object)]
#[uniffi::export(Debug, Display, Eq)]
pub struct Secret {
    value: crate::Secret,
    _live: Live,
}

#[uniffi::export]
impl Secret {
    /// Wraps a value.
    #[uniffi::constructor]
    pub fn new(value: String) -> Arc<Self> {
        crate::Secret::new(value).into()
    }

    /// The value itself, which the host's memory keeps for as long as it likes.
    pub fn reveal(&self) -> String {
        self.value.reveal().to_owned()
    }
}

impl Secret {
    pub(super) fn value(&self) -> crate::Secret {
        self.value.clone()
    }
}

impl From<crate::Secret> for Arc<Secret> {
    fn from(value: crate::Secret) -> Self {
        Self::new(Secret {
            value,
            _live: Live::new(),
        })
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.value, f)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value, f)
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for Secret {}
