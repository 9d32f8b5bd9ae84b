//! A session, as a host gives it and sees it.

use std::sync::Arc;

use super::error::{AuthError, Problem};
use super::secret::Secret;
use super::time::{point_in_time, since_1970};
use crate::SignedInWith;
use crate::error::StepError;

/// The three tokens that Cognito gives at sign-in.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Tokens {
    /// Authorises the user's own operations at Cognito and the app's APIs. A JWT.
    pub access_token: Arc<Secret>,
    /// Says who the user is. A JWT.
    pub id_token: Arc<Secret>,
    /// Gets new access and ID tokens, until it is revoked or expires. Opaque.
    pub refresh_token: Arc<Secret>,
}

impl From<crate::Tokens> for Tokens {
    fn from(tokens: crate::Tokens) -> Self {
        Self {
            access_token: tokens.access_token.into(),
            id_token: tokens.id_token.into(),
            refresh_token: tokens.refresh_token.into(),
        }
    }
}

impl From<Tokens> for crate::Tokens {
    fn from(tokens: Tokens) -> Self {
        Self::new(
            tokens.access_token.value(),
            tokens.id_token.value(),
            tokens.refresh_token.value(),
        )
    }
}

/// Whether somebody is signed in, as the device knows it.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum SessionState {
    /// A session is on record.
    SignedIn {
        /// What can be said of it.
        session: Session,
    },
    /// None is.
    SignedOut,
    /// The record cannot be read now. This is *not* "signed out".
    Unavailable {
        /// Why.
        problem: Problem,
    },
}

impl From<crate::SessionState> for SessionState {
    fn from(state: crate::SessionState) -> Self {
        match state {
            crate::SessionState::SignedIn(session) => Self::SignedIn {
                session: session.into(),
            },
            crate::SessionState::SignedOut => Self::SignedOut,
            crate::SessionState::Unavailable(error) => Self::Unavailable {
                problem: StepError::from(error).into(),
            },
        }
    }
}

/// What can be said of a session without showing its tokens.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Session {
    /// The user's `sub`: stable and unique in the user pool.
    pub sub: String,
    /// The username, where the tokens name one.
    pub username: Option<String>,
    /// How the user signed in.
    pub signed_in_with: SignedInWith,
    /// When the access token expires, in milliseconds since 1970.
    pub access_token_expires: u64,
    /// Whether Cognito has said that the refresh token is dead.
    pub expired: bool,
    /// The identity pool's id of the user, if the app has stored one.
    pub identity_id: Option<String>,
}

impl From<crate::Session> for Session {
    fn from(session: crate::Session) -> Self {
        Self {
            sub: session.sub,
            username: session.username,
            signed_in_with: session.signed_in_with,
            access_token_expires: since_1970(session.access_token_expires),
            expired: session.expired,
            identity_id: session.identity_id,
        }
    }
}

/// Credentials of an identity pool, kept beside the session and cleared with it.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Identity {
    /// The identity id, as `eu-central-1:1234…`.
    pub identity_id: String,
    /// The AWS credentials, if there are any.
    #[uniffi(default = None)]
    pub credentials: Option<AwsCredentials>,
}

impl From<crate::Identity> for Identity {
    fn from(identity: crate::Identity) -> Self {
        Self {
            identity_id: identity.identity_id,
            credentials: identity.credentials.map(Into::into),
        }
    }
}

impl TryFrom<Identity> for crate::Identity {
    type Error = AuthError;

    fn try_from(identity: Identity) -> Result<Self, AuthError> {
        let credentials = identity.credentials.map(TryInto::try_into).transpose()?;
        Ok(Self::new(identity.identity_id, credentials))
    }
}

/// Temporary AWS credentials of an identity pool.
#[derive(Debug, Clone, uniffi::Record)]
pub struct AwsCredentials {
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: Arc<Secret>,
    /// The session token.
    pub session_token: Arc<Secret>,
    /// When they expire, in milliseconds since 1970.
    pub expires: i64,
}

impl From<crate::AwsCredentials> for AwsCredentials {
    fn from(credentials: crate::AwsCredentials) -> Self {
        Self {
            access_key_id: credentials.access_key_id,
            secret_access_key: credentials.secret_access_key.into(),
            session_token: credentials.session_token.into(),
            expires: i64::try_from(since_1970(credentials.expires)).unwrap_or(i64::MAX),
        }
    }
}

impl TryFrom<AwsCredentials> for crate::AwsCredentials {
    type Error = AuthError;

    fn try_from(credentials: AwsCredentials) -> Result<Self, AuthError> {
        let expires = point_in_time("credentials.expires", credentials.expires).map_err(AuthError::invalid_input)?;
        Ok(Self::new(
            credentials.access_key_id,
            credentials.secret_access_key.value(),
            credentials.session_token.value(),
            expires,
        ))
    }
}

/// A device that Cognito remembers for a user. It outlives sign-out.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Device {
    /// `DEVICE_KEY`, which refreshing a remembered device's tokens asks for.
    pub key: String,
    /// `DEVICE_GROUP_KEY`.
    pub group_key: String,
    /// The device's password.
    pub password: Arc<Secret>,
}

impl From<crate::Device> for Device {
    fn from(device: crate::Device) -> Self {
        Self {
            key: device.key,
            group_key: device.group_key,
            password: device.password.into(),
        }
    }
}

impl From<Device> for crate::Device {
    fn from(device: Device) -> Self {
        Self::new(device.key, device.group_key, device.password.value())
    }
}
