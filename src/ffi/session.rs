//! A session, without its tokens; and the identity kept beside it.

use super::error::{AuthError, Problem};
use super::time::{point_in_time, since_1970};
use crate::error::StepError;
use crate::{Secret, SignedInWith};

/// Whether a user is signed in, according to the record on this device.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum SessionState {
    /// A session is on record.
    SignedIn {
        /// What is known about it.
        session: Session,
    },
    /// No session is on record.
    SignedOut,
    /// The record cannot be read now. This does *not* mean "signed out".
    Unavailable {
        /// The reason.
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

/// A session, without its tokens.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Session {
    /// The user's `sub`: stable and unique in the user pool.
    pub sub: String,
    /// The username, if the tokens contain one.
    pub username: Option<String>,
    /// How the user signed in.
    pub signed_in_with: SignedInWith,
    /// When the access token expires, in milliseconds since 1970.
    pub access_token_expires: u64,
    /// Whether Cognito said that the session has ended. `verify` says why.
    pub expired: bool,
    /// The user's identity ID in an identity pool, if the app has stored one.
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

/// An identity of an identity pool. It is kept beside the session and removed with it.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Identity {
    /// The identity ID, for example `eu-central-1:1234…`.
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
    /// The access key ID.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: Secret,
    /// The session token.
    pub session_token: Secret,
    /// When they expire, in milliseconds since 1970.
    pub expires: i64,
}

impl From<crate::AwsCredentials> for AwsCredentials {
    fn from(credentials: crate::AwsCredentials) -> Self {
        Self {
            access_key_id: credentials.access_key_id,
            secret_access_key: credentials.secret_access_key,
            session_token: credentials.session_token,
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
            credentials.secret_access_key,
            credentials.session_token,
            expires,
        ))
    }
}
