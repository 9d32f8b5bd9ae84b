//! Moving in from another library: its store is read, and its session adopted.

use std::collections::HashMap;

use super::config::AuthConfig;
use super::error::{AuthError, Problem};
use super::session::Identity;
use crate::adopt::{Layout, StoredItems};
use crate::error::StepError;
use crate::{Device, Secret, SignedInWith, Tokens};

/// A user's session as another library has stored it.
#[derive(Debug, Clone, uniffi::Record)]
pub struct AdoptedSession {
    /// The three tokens of the user pool.
    pub tokens: Tokens,
    /// How the user signed in.
    pub signed_in_with: SignedInWith,
    /// The username.
    pub username: Option<String>,
    /// The user's identity in the identity pool.
    pub identity: Option<Identity>,
    /// The device that Cognito remembers for this user.
    pub device: Option<Device>,
    /// The identity provider that the user signed in through.
    pub provider: Option<String>,
}

impl From<crate::adopt::AdoptedSession> for AdoptedSession {
    fn from(session: crate::adopt::AdoptedSession) -> Self {
        Self {
            tokens: session.tokens,
            signed_in_with: session.signed_in_with,
            username: session.username,
            identity: session.identity.map(Into::into),
            device: session.device,
            provider: session.provider,
        }
    }
}

impl TryFrom<AdoptedSession> for crate::adopt::AdoptedSession {
    type Error = AuthError;

    fn try_from(session: AdoptedSession) -> Result<Self, AuthError> {
        let mut adopted = Self::new(session.tokens, session.signed_in_with);
        adopted.username = session.username;
        adopted.identity = session.identity.map(TryInto::try_into).transpose()?;
        adopted.device = session.device;
        adopted.provider = session.provider;
        Ok(adopted)
    }
}

/// What became of a session that was to be adopted.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Adoption {
    /// The session is on record now.
    Adopted,
    /// A session was on record already. It is untouched.
    AlreadySignedIn,
    /// This session was on record here before, and has ended. It stays signed out.
    AlreadySignedOut,
    /// Nothing was stored.
    Refused {
        /// The reason.
        problem: Problem,
    },
}

impl From<crate::Adoption> for Adoption {
    fn from(adoption: crate::Adoption) -> Self {
        match adoption {
            crate::Adoption::Adopted => Self::Adopted,
            crate::Adoption::AlreadySignedIn => Self::AlreadySignedIn,
            crate::Adoption::AlreadySignedOut => Self::AlreadySignedOut,
            crate::Adoption::Refused(error) => Self::Refused {
                problem: (&error).into(),
            },
        }
    }
}

/// Why no session could be read from another library's store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum AdoptError {
    /// The store has no session.
    #[error("{}", problem.detail)]
    NobodySignedIn {
        /// What happened.
        problem: Problem,
    },
    /// The store has a guest of the identity pool.
    #[error("{}", problem.detail)]
    Guest {
        /// What happened.
        problem: Problem,
    },
    /// The store has a session of the identity pool alone.
    #[error("{}", problem.detail)]
    Federated {
        /// What happened.
        problem: Problem,
    },
    /// The store has a session of another configuration.
    #[error("{}", problem.detail)]
    OtherConfiguration {
        /// What happened.
        problem: Problem,
    },
    /// A part of the session is missing in the store.
    #[error("{}", problem.detail)]
    Missing {
        /// What happened.
        problem: Problem,
    },
    /// A part of the session has the wrong form.
    #[error("{}", problem.detail)]
    Invalid {
        /// What happened.
        problem: Problem,
    },
}

impl From<crate::adopt::AdoptError> for AdoptError {
    fn from(error: crate::adopt::AdoptError) -> Self {
        use crate::adopt::AdoptError as Error;
        let problem = Problem {
            code: error.code().as_str().to_owned(),
            detail: error.to_string(),
            recovery: error.recovery().to_owned(),
            setting: None,
        };
        match error {
            Error::NobodySignedIn => Self::NobodySignedIn { problem },
            Error::Guest => Self::Guest { problem },
            Error::Federated => Self::Federated { problem },
            Error::OtherConfiguration { .. } => Self::OtherConfiguration { problem },
            Error::Missing { .. } => Self::Missing { problem },
            Error::Invalid { .. } => Self::Invalid { problem },
        }
    }
}

#[uniffi::export]
impl AuthConfig {
    /// Reads a session of this app client from the items of another library's store.
    ///
    /// # Errors
    /// [`AdoptError`].
    pub fn read_session(
        &self,
        layout: Layout,
        items: HashMap<String, Secret>,
        identity_pool_id: Option<String>,
    ) -> Result<AdoptedSession, AdoptError> {
        let items: StoredItems = items.into_iter().collect();
        let session = layout.read(&items, &self.config, identity_pool_id.as_deref())?;
        Ok(session.into())
    }

    /// The names of the items that make up that session, in the order in which to remove them.
    ///
    /// # Errors
    /// [`AdoptError::Missing`], [`AdoptError::Invalid`].
    pub fn names_to_forget(
        &self,
        layout: Layout,
        items: HashMap<String, Secret>,
        identity_pool_id: Option<String>,
    ) -> Result<Vec<String>, AdoptError> {
        let items: StoredItems = items.into_iter().collect();
        Ok(layout.names_to_forget(&items, &self.config, identity_pool_id.as_deref())?)
    }
}

/// Why another library's store could not be read or changed, for a host that does so itself. `VaultError`'s code, text and recovery.
#[uniffi::export]
pub fn store_problem(error: crate::vault::VaultError) -> Problem {
    StepError::from(error).into()
}
