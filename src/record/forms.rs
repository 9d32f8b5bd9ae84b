//! How the public types are written on record. They have no `Serialize` themselves, so that no app writes a token into JSON by
//! accident.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::unknown::Unknown;
use crate::end_reason::EndReason;
use crate::secret::{self, Secret};
use crate::session::{AwsCredentials, Device, Identity, SignedInWith, Tokens};

/// The session on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredSession {
    #[serde(with = "TokensForm")]
    pub(crate) tokens: Tokens,
    pub(crate) signed_in_with: SignedInWith,
    pub(crate) username: Option<String>,
    /// Cognito has said that the session has ended.
    #[serde(default)]
    pub(crate) expired: bool,
    /// Why, if `expired`. Versions before it was kept left it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) end_reason: Option<EndReason>,
    #[serde(default)]
    pub(crate) identity: Option<StoredIdentity>,
    /// What a later version has written about it.
    #[serde(flatten, skip_deserializing)]
    pub(crate) unknown: Unknown,
}

/// [`Tokens`] on record.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Tokens")]
pub(super) struct TokensForm {
    #[serde(with = "secret::plain")]
    access_token: Secret,
    #[serde(with = "secret::plain")]
    id_token: Secret,
    #[serde(with = "secret::plain")]
    refresh_token: Secret,
}

/// An [`Identity`] on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredIdentity {
    pub(crate) identity_id: String,
    credentials: Option<StoredCredentials>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct StoredCredentials {
    access_key_id: String,
    #[serde(with = "secret::plain")]
    secret_access_key: Secret,
    #[serde(with = "secret::plain")]
    session_token: Secret,
    expires: SystemTime,
}

impl From<Identity> for StoredIdentity {
    fn from(identity: Identity) -> Self {
        let credentials = identity.credentials.map(|credentials| StoredCredentials {
            access_key_id: credentials.access_key_id,
            secret_access_key: credentials.secret_access_key,
            session_token: credentials.session_token,
            expires: credentials.expires,
        });
        Self {
            identity_id: identity.identity_id,
            credentials,
        }
    }
}

impl From<StoredIdentity> for Identity {
    fn from(stored: StoredIdentity) -> Self {
        let credentials = stored.credentials.map(|credentials| {
            AwsCredentials::new(
                credentials.access_key_id,
                credentials.secret_access_key,
                credentials.session_token,
                credentials.expires,
            )
        });
        Identity::new(stored.identity_id, credentials)
    }
}

/// A [`Device`] on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredDevice {
    pub(super) key: String,
    group_key: String,
    #[serde(with = "secret::plain")]
    password: Secret,
}

impl From<Device> for StoredDevice {
    fn from(device: Device) -> Self {
        Self {
            key: device.key,
            group_key: device.group_key,
            password: device.password,
        }
    }
}

impl From<StoredDevice> for Device {
    fn from(stored: StoredDevice) -> Self {
        Device::new(stored.key, stored.group_key, stored.password)
    }
}
