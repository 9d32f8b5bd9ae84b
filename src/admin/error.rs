//! [`AdminError`]: why an administrator's request failed.

use std::path::Path;

use super::journal::problem::JournalProblem;
use crate::config::ConfigError;
use crate::{ErrorCode, StepError};

/// Why an administrator's request failed. Match on the variant, or on [`code`](Self::code), which never changes.
///
/// No variant repeats the server's own words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AdminError {
    /// The user pool has no such user: the name is misspelt, or the user was deleted.
    #[error("the user pool has no such user")]
    UserNotFound,
    /// There is no such user pool in this Region and account.
    #[error("there is no such user pool in this Region and account")]
    PoolNotFound,
    /// There is no such user pool, or it has no such app client.
    #[error("there is no such user pool, or it has no such app client")]
    ClientNotFound,
    /// There is no such user pool, or it has no such group.
    #[error("there is no such user pool, or it has no such group")]
    GroupNotFound,
    /// The credentials are valid, but no policy allows this action on this user pool.
    #[error("not allowed: {action}")]
    AccessDenied {
        /// The missing IAM action, such as `cognito-idp:AdminUserGlobalSignOut`.
        action: String,
    },
    /// The service does not perform this operation for this user pool here: it is a replica Region, or the pool is configured
    /// so.
    #[error("{operation} is not enabled for this user pool in this Region")]
    NotEnabled {
        /// The operation, such as `AdminUserGlobalSignOut`.
        operation: String,
    },
    /// The user pool does not track sessions, or the operation does not exist in this Region.
    #[error("the user pool does not track sessions, or this Region does not have {operation}")]
    SessionTrackingOff {
        /// The operation, such as `AdminListUserSessions`.
        operation: String,
    },
    /// The user has no such session: it has ended, or the id is wrong. Or there is no such user pool.
    #[error("there is no such user pool, or the user has no such session: it has ended, or the id is wrong")]
    SessionNotFound,
    /// The user pool's tier, such as Lite, does not have this feature.
    #[error("the user pool's tier does not have this feature")]
    NotInTier,
    /// Cognito does not accept the filter of `ListUsers`.
    #[error("Cognito does not accept the filter")]
    FilterRefused,
    /// Neither the environment, nor the profile, nor the machine has AWS credentials, or the profile is wrong.
    #[error("there are no AWS credentials")]
    NoCredentials,
    /// The profile given by name does not exist, or has no credentials. No other credentials were used.
    #[error("there is no AWS profile {name:?}, or it has no credentials")]
    NoProfile {
        /// The profile's name.
        name: String,
    },
    /// The source of the AWS credentials (STS, SSO, a command, the machine) failed, or did not respond within a minute.
    #[error("the AWS credentials could not be loaded")]
    CredentialsUnavailable,
    /// The temporary credentials have expired.
    #[error("the AWS credentials have expired")]
    CredentialsExpired,
    /// AWS does not know the credentials, or the signature made with them is wrong.
    #[error("AWS does not accept the credentials")]
    CredentialsRejected,
    /// Cognito throttles, fails, cannot be reached, or refused for another reason. See the error's code.
    #[error("{}", .0.message())]
    Service(StepError),
    /// The settings of the app client or the user pool changed after the fix was planned, or somebody else is changing them
    /// now. Nothing was changed: plan the fix again.
    #[error("the settings changed after the fix was planned")]
    ClientChanged,
    /// The fix was sent, but the settings read afterwards differ from those sent, or could not be read.
    #[error("the fix was sent but could not be confirmed: {}", unconfirmed(settings))]
    FixNotConfirmed {
        /// The names of the settings that differ. Empty if the settings could not be read.
        settings: Vec<String>,
    },
    /// The journal cannot be used.
    #[error("the journal {path}: {problem}")]
    Journal {
        /// The journal's path.
        path: String,
        /// What is wrong with it.
        problem: JournalProblem,
    },
    /// The run ended before this user's turn. Nothing was sent for this user, unless the outcome says that they were disabled.
    #[error("the run ended before this user's turn")]
    NotTried,
    /// The list of user names says that it is incomplete: the run that wrote it stopped early, and there are more users.
    #[error("the list of user names is incomplete: the run that wrote it stopped before it had read every name")]
    ListNotWhole,
    /// An argument is not valid. Nothing was sent.
    #[error("{0}")]
    InvalidInput(String),
}

fn unconfirmed(settings: &[String]) -> String {
    match settings {
        [] => "the settings could not be read afterwards".to_owned(),
        settings => format!("these settings differ: {}", settings.join(", ")),
    }
}

impl AdminError {
    pub(super) fn journal(path: &Path, problem: JournalProblem) -> Self {
        Self::Journal {
            path: path.display().to_string(),
            problem,
        }
    }

    /// The code, which never changes: for programs, logs, metrics and JSON.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::UserNotFound => ErrorCode::UserNotFound,
            Self::PoolNotFound => ErrorCode::UserPoolNotFound,
            Self::ClientNotFound => ErrorCode::AppClientNotFound,
            Self::GroupNotFound => ErrorCode::GroupNotFound,
            Self::AccessDenied { .. } => ErrorCode::AccessDenied,
            Self::NotEnabled { .. } => ErrorCode::OperationNotEnabled,
            Self::SessionTrackingOff { .. } => ErrorCode::SessionTrackingOff,
            Self::SessionNotFound => ErrorCode::SessionNotFound,
            Self::NotInTier => ErrorCode::NotInTier,
            Self::FilterRefused => ErrorCode::FilterRefused,
            Self::NoCredentials => ErrorCode::NoCredentials,
            Self::NoProfile { .. } => ErrorCode::NoProfile,
            Self::CredentialsUnavailable => ErrorCode::CredentialsUnavailable,
            Self::CredentialsExpired => ErrorCode::CredentialsExpired,
            Self::CredentialsRejected => ErrorCode::CredentialsRejected,
            Self::Service(error) => error.code(),
            Self::ClientChanged => ErrorCode::ClientChanged,
            Self::FixNotConfirmed { .. } => ErrorCode::FixNotConfirmed,
            Self::Journal { .. } => ErrorCode::Journal,
            Self::NotTried => ErrorCode::NotTried,
            Self::ListNotWhole => ErrorCode::ListNotWhole,
            Self::InvalidInput(_) => ErrorCode::InvalidInput,
        }
    }

    /// What to do about it, in one or two sentences.
    pub fn recovery(&self) -> &'static str {
        match self {
            Self::Journal { problem, .. } => problem.recovery(),
            // The code's own text is for the user of a phone.
            Self::Service(error) if self.is_of_network() || error.code() == ErrorCode::UntrustedServer => {
                "Check this machine's network, name service, proxy and clock, and the Region or endpoint; then run again."
            }
            _ => self.code().recovery(),
        }
    }

    /// Whether every other user would meet the same error, so that it is pointless to go on.
    pub(super) fn concerns_everyone(&self) -> bool {
        match self {
            Self::UserNotFound | Self::SessionNotFound | Self::InvalidInput(_) | Self::NotTried => false,
            Self::Service(error) => matches!(error.code(), ErrorCode::UntrustedServer | ErrorCode::Forbidden),
            _ => true,
        }
    }

    pub(super) fn is_throttling(&self) -> bool {
        matches!(self, Self::Service(error) if error.code() == ErrorCode::Throttled)
    }

    /// Whether there was no response at all, from Cognito or from the source of the credentials.
    pub(super) fn is_of_network(&self) -> bool {
        match self {
            Self::CredentialsUnavailable => true,
            Self::Service(error) => matches!(error.code(), ErrorCode::NetworkUnavailable | ErrorCode::TimedOut),
            _ => false,
        }
    }

    /// Whether the same request may succeed a little later, without any change.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::CredentialsUnavailable => true,
            Self::Service(error) => matches!(
                error.code(),
                ErrorCode::Throttled
                    | ErrorCode::ServiceUnavailable
                    | ErrorCode::NetworkUnavailable
                    | ErrorCode::TimedOut
                    | ErrorCode::UnexpectedResponse
            ),
            _ => false,
        }
    }

    /// Whether a caller who waits for a single request gets another attempt: the service throttled or failed, or the connection
    /// broke. After a timeout, or without credentials, the caller has waited long enough.
    pub(super) fn is_worth_another_attempt(&self) -> bool {
        matches!(self, Self::Service(error) if matches!(
            error.code(),
            ErrorCode::Throttled | ErrorCode::ServiceUnavailable | ErrorCode::NetworkUnavailable
        ))
    }

    /// Whether the request may have taken effect although it failed: no response says otherwise.
    pub(super) fn leaves_open(&self) -> bool {
        self.is_passing() && !self.is_throttling() && *self != Self::CredentialsUnavailable
    }
}

impl From<ConfigError> for AdminError {
    fn from(error: ConfigError) -> Self {
        Self::InvalidInput(error.to_string())
    }
}
