//! What an app gives the library about a user who has signed in: the tokens, and what is kept beside them.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::secret::Secret;

/// The three tokens that Cognito gives at sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
#[non_exhaustive]
pub struct Tokens {
    /// Authorises the user's own operations at Cognito and the app's APIs. A JWT.
    pub access_token: Secret,
    /// Identifies the user. A JWT.
    pub id_token: Secret,
    /// Used to get new access and ID tokens, until it is revoked or expires. Opaque.
    pub refresh_token: Secret,
}

impl Tokens {
    /// Makes a set of three tokens. They are checked when they are stored.
    pub fn new(access_token: impl Into<Secret>, id_token: impl Into<Secret>, refresh_token: impl Into<Secret>) -> Self {
        Self {
            access_token: access_token.into(),
            id_token: id_token.into(),
            refresh_token: refresh_token.into(),
        }
    }
}

/// How the user signed in. This decides whether a browser has a session too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SignedInWith {
    /// Through Cognito's API: no browser was involved.
    Api,
    /// Through the hosted pages in the user's own browser, which still has their cookie.
    HostedUi,
    /// Through the hosted pages in a private (ephemeral) browser session, which keeps no cookie.
    HostedUiPrivate,
}

/// Credentials of an identity pool, kept beside the session and cleared with it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The identity id, as `eu-central-1:1234…`.
    pub identity_id: String,
    /// The AWS credentials, if there are any.
    pub credentials: Option<AwsCredentials>,
}

impl Identity {
    /// An identity, with its credentials if there are any.
    pub fn new(identity_id: impl Into<String>, credentials: Option<AwsCredentials>) -> Self {
        Self {
            identity_id: identity_id.into(),
            credentials,
        }
    }
}

/// Temporary AWS credentials of an identity pool. Signing out removes them from this device; AWS accepts them until they
/// expire.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AwsCredentials {
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: Secret,
    /// The session token.
    pub session_token: Secret,
    /// When they expire.
    pub expires: SystemTime,
}

impl AwsCredentials {
    /// Makes credentials.
    pub fn new(
        access_key_id: impl Into<String>,
        secret_access_key: impl Into<Secret>,
        session_token: impl Into<Secret>,
        expires: SystemTime,
    ) -> Self {
        Self {
            access_key_id: access_key_id.into(),
            secret_access_key: secret_access_key.into(),
            session_token: session_token.into(),
            expires,
        }
    }
}

/// A device that Cognito remembers for a user. It stays on record after a sign-out, so that Cognito
/// recognises it at the next sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
#[non_exhaustive]
pub struct Device {
    /// `DEVICE_KEY`: needed to refresh the tokens of a remembered device.
    pub key: String,
    /// `DEVICE_GROUP_KEY`.
    pub group_key: String,
    /// The device's password.
    pub password: Secret,
}

impl Device {
    /// Makes device metadata.
    pub fn new(key: impl Into<String>, group_key: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self {
            key: key.into(),
            group_key: group_key.into(),
            password: password.into(),
        }
    }
}
