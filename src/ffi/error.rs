//! Errors that can cross. No field is called `message`, because Kotlin's exceptions already have one.

use crate::error::StepError;
use crate::spelling;

/// An error: a stable code for programs, a text for people, and what to do about it. It contains no secret.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Problem {
    /// The stable code, for example `network_unavailable`.
    pub code: String,
    /// What happened, for people.
    pub detail: String,
    /// What to do about it.
    pub recovery: String,
    /// The setting that is wrong, if it is one. The host puts it before the detail, with a colon.
    #[uniffi(default = None)]
    pub setting: Option<Box<Setting>>,
}

/// A setting's name in each language.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Setting {
    /// For example `attempt_timeout`: in Rust and in the C ABI's JSON.
    pub name: String,
    /// For example `attemptTimeout`.
    pub swift: String,
    /// For example `attemptTimeoutMillis`.
    pub kotlin: String,
}

impl From<StepError> for Problem {
    fn from(error: StepError) -> Self {
        let detail = error.message();
        let without = |setting| detail.strip_prefix(setting)?.strip_prefix(": ");
        let (setting, detail) = match error.setting().and_then(|name| Some((name, without(name)?))) {
            Some((name, detail)) => (Some(name), detail),
            None => (None, detail),
        };
        Self {
            code: error.code().as_str().to_owned(),
            detail: detail.to_owned(),
            recovery: error.recovery().to_owned(),
            setting: setting.map(|name| {
                let (swift, kotlin) = spelling::in_swift_and_kotlin(name);
                Box::new(Setting {
                    name: name.to_owned(),
                    swift,
                    kotlin,
                })
            }),
        }
    }
}

/// Why a call other than `sign_out` failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum AuthError {
    /// Nobody is signed in.
    #[error("{}", problem.detail)]
    SignedOut {
        /// What happened.
        problem: Problem,
    },
    /// Cognito said that the session has ended; `verify` says why. Nothing was removed.
    #[error("{}", problem.detail)]
    SessionExpired {
        /// What happened.
        problem: Problem,
    },
    /// The keychain could not be read or written.
    #[error("{}", problem.detail)]
    Vault {
        /// What happened.
        problem: Problem,
    },
    /// Cognito could not be reached, or refused. The session has not changed.
    #[error("{}", problem.detail)]
    Service {
        /// What happened.
        problem: Problem,
    },
    /// A configuration or the tokens are not valid. Nothing was stored.
    #[error("{}", problem.detail)]
    InvalidInput {
        /// What happened. The detail names the setting.
        problem: Problem,
    },
    /// The library's own thread could not be started, or the task that ran the call was lost.
    #[error("{}", problem.detail)]
    Runtime {
        /// What happened.
        problem: Problem,
    },
}

impl AuthError {
    pub(super) fn problem(self) -> Problem {
        match self {
            Self::SignedOut { problem }
            | Self::SessionExpired { problem }
            | Self::Vault { problem }
            | Self::Service { problem }
            | Self::InvalidInput { problem }
            | Self::Runtime { problem } => problem,
        }
    }

    pub(super) fn invalid_input(error: impl Into<StepError>) -> Self {
        Self::InvalidInput {
            problem: error.into().into(),
        }
    }
}

impl From<&crate::AuthError> for Problem {
    fn from(error: &crate::AuthError) -> Self {
        Self {
            code: error.code().as_str().to_owned(),
            detail: error.to_string(),
            recovery: error.recovery().to_owned(),
            setting: None,
        }
    }
}

impl From<crate::AuthError> for AuthError {
    fn from(error: crate::AuthError) -> Self {
        let problem = Problem::from(&error);
        match error {
            crate::AuthError::SignedOut => Self::SignedOut { problem },
            crate::AuthError::SessionExpired => Self::SessionExpired { problem },
            crate::AuthError::Vault(_) => Self::Vault { problem },
            crate::AuthError::Service(_) => Self::Service { problem },
            crate::AuthError::InvalidInput(_) => Self::InvalidInput { problem },
        }
    }
}

/// Any exception of a listener. It is only logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum HostError {
    /// The listener threw.
    #[error("the app's code threw")]
    Thrown,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for HostError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Thrown
    }
}
