//! Whether the session lives at Cognito, and what refusals say.

use super::error::Problem;
use super::runtime::Lost;
use crate::error::StepError;
use crate::{EndReason, Refusal};

/// Whether the session lives at Cognito.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Verification {
    /// Cognito has just accepted the session's tokens.
    Alive,
    /// Cognito no longer accepts the session. It is marked as expired on this device.
    Ended {
        /// Why.
        reason: EndReason,
    },
    /// It is not known now, and nothing has changed.
    Unknown {
        /// Why not.
        problem: Problem,
    },
}

impl From<crate::Verification> for Verification {
    fn from(verification: crate::Verification) -> Self {
        match verification {
            crate::Verification::Alive => Self::Alive,
            crate::Verification::Ended(reason) => Self::Ended { reason },
            crate::Verification::Unknown(error) => Self::Unknown {
                problem: (&error).into(),
            },
        }
    }
}

impl From<Lost> for Verification {
    fn from(lost: Lost) -> Self {
        Self::Unknown {
            problem: StepError::from(lost).into(),
        }
    }
}

/// What became of a push message.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum RemoteSignOut {
    /// The message is not about a sign-out, or it cannot be read. Nothing has happened.
    NotRecognized,
    /// It is about another user or another session than the one on record, or nobody is signed in. Nothing has happened.
    OtherSession,
    /// It is about the session on record, and Cognito was asked about that session.
    Verified {
        /// What Cognito said.
        verification: Verification,
    },
}

impl From<crate::RemoteSignOut> for RemoteSignOut {
    fn from(outcome: crate::RemoteSignOut) -> Self {
        match outcome {
            crate::RemoteSignOut::NotRecognized => Self::NotRecognized,
            crate::RemoteSignOut::OtherSession => Self::OtherSession,
            crate::RemoteSignOut::Verified(verification) => Self::Verified {
                verification: verification.into(),
            },
        }
    }
}

impl From<Lost> for RemoteSignOut {
    fn from(lost: Lost) -> Self {
        Self::Verified {
            verification: lost.into(),
        }
    }
}

/// What a refusal by Cognito says about the token that the app sent.
#[uniffi::export]
pub fn classify(status: u16, body: String) -> Refusal {
    crate::Auth::classify(status, body)
}

/// What a refusal by an app's own API says about the token, from the header `WWW-Authenticate`.
#[uniffi::export]
pub fn classify_www_authenticate(header: String) -> Refusal {
    crate::Auth::classify_www_authenticate(&header)
}
