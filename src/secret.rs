//! The one type that tokens and client secrets travel in.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroize;

/// A token or a client secret: prints as `<redacted>`, is wiped from memory when the last clone is dropped, and shows
/// its value only to [`reveal`](Secret::reveal).
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
    /// Wraps a value. The memory of a `String` is taken over; if it has room to spare, the value is copied into a place of the
    /// right size, and that memory wiped.
    pub fn new(value: impl Into<String>) -> Self {
        let mut value: String = value.into();
        let exact: Box<str> = match value.capacity() == value.len() {
            true => value.into_boxed_str(),
            // Giving back the spare room may move the text, and would leave the old one where it was.
            false => {
                let copy = value.as_str().into();
                value.zeroize();
                copy
            }
        };
        Self(Arc::new(SecretString::new(exact)))
    }

    /// The value itself. Search for calls of this method to see where secrets leave.
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

/// Serialises a secret in the clear. Only the vault's record may use it: there is no `Serialize` on [`Secret`] itself,
/// so that nobody writes one into JSON by accident.
pub(crate) mod plain {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Secret;

    pub(crate) fn serialize<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.reveal())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }
}
