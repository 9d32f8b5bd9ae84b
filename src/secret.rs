//! The one type for tokens and client secrets.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroize;

/// A token or a client secret. It prints as `<redacted>`, is wiped from memory when its last clone is dropped, and gives its
/// value only by [`reveal`](Secret::reveal).
///
/// ```
/// use cognito_signout::Secret;
///
/// let token = Secret::new("eyJraWQ…");
/// assert_eq!(format!("{token} {token:?}"), "<redacted> <redacted>");
/// assert_eq!(token.reveal(), "eyJraWQ…");
/// ```
#[derive(Clone)]
pub struct Secret(Arc<SecretString>);

impl Secret {
    /// Wraps a value. It takes over the memory of a `String`. If the `String` has spare capacity, the value is copied to memory of
    /// the right size, and the old memory is wiped.
    pub fn new(value: impl Into<String>) -> Self {
        let mut value: String = value.into();
        let exact: Box<str> = match value.capacity() == value.len() {
            true => value.into_boxed_str(),
            // Shrinking may move the text, and would leave the old copy in memory.
            false => {
                let copy = value.as_str().into();
                value.zeroize();
                copy
            }
        };
        Self(Arc::new(SecretString::new(exact)))
    }

    /// The value itself. Search for calls of this method to see where secrets are used.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self::new(value)
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.reveal() == other.reveal()
    }
}

impl Eq for Secret {}

/// A secret as plain text. Only the record may write it so, and only responses are read so besides. [`Secret`] itself has no `Serialize`, so that nobody writes a
/// secret into JSON by accident.
pub(crate) mod plain {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Secret;

    pub(crate) fn serialize<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.reveal())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }

    /// One that may be missing.
    pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
        Option::<String>::deserialize(deserializer).map(|text| text.map(Secret::new))
    }
}
