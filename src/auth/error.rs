//! The errors of all calls except sign-outs.

use crate::error::{ErrorCode, StepError};
use crate::vault::VaultError;

/// Why a call other than a sign-out failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// Nobody is signed in. Sign in.
    #[error("nobody is signed in")]
    SignedOut,
    /// Cognito has said that the session has ended. Sign in again; nothing was removed. [`Auth::verify`](crate::Auth::verify) says
    /// why. The cause can be a sign-in elsewhere: a pool that tracks sessions has a limit of sessions per user (`MaxPerUser`).
    #[error("the session has expired")]
    SessionExpired,
    /// The keychain could not be read or written. See the reason: most are temporary.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Cognito could not be reached, or it refused. The session has not changed.
    #[error("{}", .0.message())]
    Service(#[from] StepError),
    /// An argument is not valid; the message says which. Nothing was stored.
    #[error("{0}")]
    InvalidInput(String),
}

impl AuthError {
    /// What went wrong, as a stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::SignedOut => ErrorCode::SignedOut,
            Self::SessionExpired => ErrorCode::SessionExpired,
            Self::Vault(error) => error.code(),
            Self::Service(error) => error.code(),
            Self::InvalidInput(_) => ErrorCode::InvalidInput,
        }
    }

    /// What to do about it.
    pub fn recovery(&self) -> &'static str {
        self.code().recovery()
    }
}
