//! A URI that the hosted pages may send the browser to. Its text is kept unchanged, because Cognito compares it byte by byte.

#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::Url;

use super::ConfigError;
use super::check::parse_url;
use crate::url_policy::is_loopback;

/// Schemes that are not an app's own: a browser handles them itself, or nothing can come back to them.
const NOT_AN_APPS: [&str; 9] = [
    "about",
    "blob",
    "data",
    "file",
    "ftp",
    "javascript",
    "mailto",
    "ws",
    "wss",
];

/// A sign-out or callback URI of the app client: `https`, the app's own scheme, or `http` on a loopback host.
///
/// It is sent exactly as it was written, encoded once, because Cognito needs exactly the text of the app client's list. A
/// callback is compared with it part by part, because browsers write URLs in their own form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    url: Url,
}

impl RedirectUri {
    pub(crate) fn parse(field: &str, text: &str) -> Result<Self, ConfigError> {
        let invalid = |must| Err(ConfigError::invalid(field, must));
        if text.chars().any(|char| char.is_whitespace() || char.is_control()) {
            return invalid("a URI without white space: write %20 for a space");
        }
        let must = "a URI with a scheme, such as https://example.com/signed-out or myapp://signed-out";
        let url = parse_url(field, text, must)?;
        let usable = match url.scheme() {
            "https" => url.has_host(),
            "http" => is_loopback(&url),
            scheme => !NOT_AN_APPS.contains(&scheme),
        };
        if !usable {
            return invalid("https, the app's own scheme, or http on a loopback host");
        }
        if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return invalid("a URI without fragment, user name or password");
        }
        Ok(Self {
            text: text.to_owned(),
            url,
        })
    }

    /// The URI as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The URI as a URL in normal form.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether it is `http` on a loopback host. A desktop app can listen there.
    pub fn is_loopback(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// Whether a browser at `callback` was sent to this URI: the same scheme, host, port and path, and every parameter of this
    /// URI. More parameters are allowed, because the server adds some.
    pub fn is_at(&self, callback: &Url) -> bool {
        // A browser adds a slash after the host of a URL without a path.
        let path = |url: &Url| url.path().strip_prefix('/').unwrap_or(url.path()).to_owned();
        self.url.scheme() == callback.scheme()
            && self.url.host_str() == callback.host_str()
            && self.url.port_or_known_default() == callback.port_or_known_default()
            && path(&self.url) == path(callback)
            && self
                .url
                .query_pairs()
                .all(|ours| callback.query_pairs().any(|theirs| theirs == ours))
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for RedirectUri {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RedirectUri {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse("redirect", &text).map_err(serde::de::Error::custom)
    }
}
