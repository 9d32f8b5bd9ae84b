//! What an administrator's request can meet, and what Cognito's answers to it mean.

use std::error::Error;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::date_time::{DateTime, Format};

use super::credentials::NoProfile;
use crate::cognito::attempt::AttemptError;
use crate::cognito::responses as answers;
use crate::config::ConfigError;
use crate::transport::HttpResponse;
use crate::{ErrorCode, StepError};

/// Why an administrator's request failed. Match on the variant, or on [`code`](Self::code), which never changes.
///
/// None repeats what the server said in its own words.
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
    /// The credentials are good, but no policy allows this action on this user pool.
    #[error("not allowed: {action}")]
    AccessDenied {
        /// The IAM action that is missing, as `cognito-idp:AdminUserGlobalSignOut`.
        action: String,
    },
    /// The service does not carry this operation out for this user pool here: a replica Region, or the pool's configuration.
    #[error("{operation} is not enabled for this user pool in this Region")]
    NotEnabled {
        /// The operation, as `AdminUserGlobalSignOut`.
        operation: String,
    },
    /// Cognito cannot read the filter of `ListUsers`.
    #[error("Cognito cannot read the filter")]
    FilterRefused,
    /// Neither the environment, nor the profile, nor the machine has AWS credentials, or the profile is wrong.
    #[error("there are no AWS credentials")]
    NoCredentials,
    /// The profile that was asked for by name does not exist, or has no credentials. No other credentials were used.
    #[error("there is no AWS profile {name:?}, or it has no credentials")]
    NoProfile {
        /// The profile's name.
        name: String,
    },
    /// What has the AWS credentials failed, or did not give them within a minute: STS, SSO, a command, the machine.
    #[error("the AWS credentials could not be had")]
    CredentialsUnavailable,
    /// The temporary credentials are over.
    #[error("the AWS credentials have expired")]
    CredentialsExpired,
    /// AWS does not know the credentials, or the signature made with them is wrong.
    #[error("AWS does not accept the credentials")]
    CredentialsRejected,
    /// Cognito is throttling, failing, out of reach, or refused for a reason of its own. See the error's code.
    #[error("{}", .0.message())]
    Service(StepError),
    /// The app client's settings are no longer those that the fix was planned for. Nothing was sent: plan it again.
    #[error("the app client's settings were changed meanwhile")]
    ClientChanged,
    /// The fix was sent, but the settings that were read afterwards are not those that were sent, or could not be read.
    #[error("the app client's settings could not be confirmed: {}", if settings.is_empty() { "unread".to_owned() } else { settings.join(", ") })]
    FixNotConfirmed {
        /// The names of the settings that differ; none if they could not be read.
        settings: Vec<String>,
    },
    /// The journal cannot be used.
    #[error("the journal {path}: {problem}")]
    Journal {
        /// Where it is.
        path: String,
        /// What is wrong with it.
        problem: JournalProblem,
    },
    /// The run ended before this user's turn came. They are as signed in as they were; nothing was sent for them, unless their
    /// outcome says that they were disabled.
    #[error("the run ended before it came to this user")]
    NotTried,
    /// The list of user names says that it is not whole: the run that wrote it broke off, and knows of more users.
    #[error("the list of user names is not whole: the run that wrote it broke off before it had read everyone's name")]
    ListNotWhole,
    /// What was given is not what it must be. Nothing was sent.
    #[error("{0}")]
    InvalidInput(String),
}

/// Why a journal cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JournalProblem {
    /// Another run is writing it.
    #[error("another run is writing it{}", writer(*.process, *.since))]
    InUse {
        /// The process that does, as it has written it down itself.
        process: Option<u32>,
        /// When that run began.
        since: Option<SystemTime>,
    },
    /// It is of another user pool, or of a run that disables users where this one does not, or the other way round.
    #[error("it is of another task: another user pool, or disable")]
    OtherTask,
    /// The file is no journal.
    #[error("it is no journal")]
    NotAJournal,
    /// It is of a run that has signed everyone out: whoever signed in again since would be passed over.
    #[error("it is of {}, and everyone in it was signed out then", date(*.begun))]
    Finished {
        /// When the journal was begun.
        begun: SystemTime,
    },
    /// It was begun more than a day ago: whoever signed in again since would be passed over.
    #[error("it is of {}, more than a day ago", date(*.begun))]
    Old {
        /// When the journal was begun.
        begun: SystemTime,
    },
    /// It belongs to another user of this machine, others may write to it, or it is a link or no ordinary file: somebody
    /// else could have written there that a user is signed out.
    #[error("it is a link, belongs to another user, or others may write to it")]
    NotOurs,
    /// The disk or the file system failed.
    #[error("{0}")]
    Io(ErrorKind),
}

impl JournalProblem {
    fn recovery(self) -> &'static str {
        match self {
            Self::InUse { .. } => "Wait for that run, or end it; then run again.",
            Self::OtherTask | Self::NotAJournal => "Name another file: each task has a journal of its own.",
            Self::Finished { .. } | Self::Old { .. } => {
                "For a new incident name a new file. To go on with the old run, say so (--continue): who is in the journal \
                 as signed out is passed over, though they may have signed in again."
            }
            Self::NotOurs => "Name a file of your own that nobody else may write to (chmod 600).",
            Self::Io(ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge) => {
                "Make room on the disk; then run the same again with the same journal."
            }
            Self::Io(ErrorKind::NotFound) => "Make the folder of the journal, or name another.",
            Self::Io(ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
                "Let this user write the journal and its folder, or name another file."
            }
            Self::Io(_) => "Look at the disk, or name another file.",
        }
    }
}

fn writer(process: Option<u32>, since: Option<SystemTime>) -> String {
    let process = process.map(|process| format!(", process {process}"));
    let since = since.map(|since| format!(", since {}", date(since)));
    [process, since].into_iter().flatten().collect()
}

/// As RFC 3339 has it, in UTC, to the second.
pub(super) fn date(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let time = DateTime::from_secs(i64::try_from(seconds).unwrap_or_default());
    time.fmt(Format::DateTime).unwrap_or_default()
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

    /// What to do about it, in a sentence.
    pub fn recovery(&self) -> &'static str {
        match self {
            Self::Journal { problem, .. } => problem.recovery(),
            // The code's own words are for whoever holds a phone.
            Self::Service(error) if self.is_of_network() || error.code() == ErrorCode::UntrustedServer => {
                "Check this machine's network, name service, proxy and clock, and the Region or endpoint; then run again."
            }
            _ => self.code().recovery(),
        }
    }

    /// Whether every other user would meet the same, so that going on is of no use.
    pub(super) fn concerns_everyone(&self) -> bool {
        match self {
            Self::UserNotFound | Self::InvalidInput(_) | Self::NotTried => false,
            Self::Service(error) => matches!(error.code(), ErrorCode::UntrustedServer | ErrorCode::Forbidden),
            _ => true,
        }
    }

    pub(super) fn is_throttling(&self) -> bool {
        matches!(self, Self::Service(error) if error.code() == ErrorCode::Throttled)
    }

    /// Whether there was no answer at all, be it from Cognito or from where the credentials come from.
    pub(super) fn is_of_network(&self) -> bool {
        match self {
            Self::CredentialsUnavailable => true,
            Self::Service(error) => matches!(error.code(), ErrorCode::NetworkUnavailable | ErrorCode::TimedOut),
            _ => false,
        }
    }

    /// Whether the same request may succeed a little later, with nothing mended.
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

    /// Whether the request may have had its effect all the same: no answer says that it has not.
    pub(super) fn leaves_open(&self) -> bool {
        self.is_passing() && !self.is_throttling() && *self != Self::CredentialsUnavailable
    }

    pub(super) fn from_credentials(error: &CredentialsError) -> Self {
        if let Some(NoProfile(name)) = find(error) {
            return Self::NoProfile { name: name.clone() };
        }
        match error {
            CredentialsError::CredentialsNotLoaded(_) | CredentialsError::InvalidConfiguration(_) => {
                Self::NoCredentials
            }
            _ => Self::CredentialsUnavailable,
        }
    }

    pub(super) fn from_sdk<E: Error + 'static, R: std::fmt::Debug + 'static>(error: &SdkError<E, R>) -> Self {
        // It holds no attempt: the SDK asks for credentials before it makes one. Why there are none is not repeated: it can
        // quote a file, or what a command printed.
        if let SdkError::DispatchFailure(failure) = error
            && let Some(error) = failure.as_connector_error()
            && find::<AttemptError>(error).is_none()
        {
            return match find(error) {
                Some(error) => Self::from_credentials(error),
                None => Self::CredentialsUnavailable,
            };
        }
        match AttemptError::from_sdk(error) {
            AttemptError::Admin(error) => error,
            AttemptError::Failed { error, .. } => Self::Service(error),
            already @ AttemptError::AlreadyRevoked => Self::Service(already.into()),
        }
    }
}

fn find<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// Where only a step's error fits.
impl From<AdminError> for StepError {
    fn from(error: AdminError) -> Self {
        match error {
            AdminError::Service(error) => error,
            AdminError::InvalidInput(message) => Self::new(ErrorCode::InvalidInput, message),
            other => Self::new(ErrorCode::Refused, other.to_string()),
        }
    }
}

impl From<ConfigError> for AdminError {
    fn from(error: ConfigError) -> Self {
        Self::InvalidInput(error.to_string())
    }
}

/// Lets a success through and says what anything else is, by AWS's common errors and those of each operation.
pub(super) fn judge(operation: &str, answer: &HttpResponse) -> Result<(), AttemptError> {
    // Not an administrator's: the access token alone authorises it.
    if operation == "GetUser" {
        return answers::judge(operation, answer);
    }
    answers::judge_by(operation, answer, |name, _| match meaning(operation, name) {
        Ok(error) => AttemptError::Admin(error),
        Err(code) => answers::refusal(code, name, operation).into(),
    })
}

fn meaning(operation: &str, name: &str) -> Result<AdminError, ErrorCode> {
    if let Some(code) = answers::of_any_operation(name) {
        return Err(code);
    }
    Ok(match name {
        "UserNotFoundException" => AdminError::UserNotFound,
        "ResourceNotFoundException" => match operation {
            "ListUsersInGroup" => AdminError::GroupNotFound,
            "DescribeUserPoolClient" | "UpdateUserPoolClient" => AdminError::ClientNotFound,
            _ => AdminError::PoolNotFound,
        },
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => AdminError::AccessDenied {
            action: format!("cognito-idp:{operation}"),
        },
        "OperationNotEnabledException" => AdminError::NotEnabled {
            operation: operation.to_owned(),
        },
        // All else that it is given is right by the way it is made.
        "InvalidParameterException" if operation == "ListUsers" => AdminError::FilterRefused,
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => AdminError::CredentialsExpired,
        "IncompleteSignature"
        | "IncompleteSignatureException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "NotAuthorized"
        | "OptInRequired"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClientException" => AdminError::CredentialsRejected,
        _ => return Err(ErrorCode::Refused),
    })
}
