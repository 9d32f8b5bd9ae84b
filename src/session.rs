//! A signed-in user's session, as an app gives it and sees it.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::secret::Secret;

/// The three tokens that Cognito gives at sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tokens {
    /// Authorises the user's own operations at Cognito and the app's APIs. A JWT.
    pub access_token: Secret,
    /// Says who the user is. A JWT.
    pub id_token: Secret,
    /// Gets new access and ID tokens, until it is revoked or expires. Opaque.
    pub refresh_token: Secret,
}

impl Tokens {
    /// Puts three tokens together. They are looked at when they are stored.
    pub fn new(access_token: impl Into<Secret>, id_token: impl Into<Secret>, refresh_token: impl Into<Secret>) -> Self {
        Self {
            access_token: access_token.into(),
            id_token: id_token.into(),
            refresh_token: refresh_token.into(),
        }
    }
}

/// How the user signed in: it decides whether a browser holds a session too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SignedInWith {
    /// Through Cognito's API: no browser was involved.
    Api,
    /// Through the hosted pages in the user's own browser, whose cookie is still there.
    HostedUi,
    /// Through the hosted pages in a private (ephemeral) browser session, which has forgotten its cookie.
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

/// Temporary AWS credentials of an identity pool. Signing out clears them here; AWS honours them until they expire.
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
    /// Puts credentials together.
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

/// A device that Cognito remembers for a user. It outlives sign-out, so that the next sign-in on it is still known.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Device {
    /// `DEVICE_KEY`, which refreshing a remembered device's tokens asks for.
    pub key: String,
    /// `DEVICE_GROUP_KEY`.
    pub group_key: String,
    /// The device's password.
    pub password: Secret,
}

impl Device {
    /// Puts device metadata together.
    pub fn new(key: impl Into<String>, group_key: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self {
            key: key.into(),
            group_key: group_key.into(),
            password: password.into(),
        }
    }
}
