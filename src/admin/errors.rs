//! What an administrator's request can meet, and what Cognito's answers to it mean.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::result::SdkError;

use crate::cognito::errors as answers;
use crate::config::ConfigError;
use crate::transport::HttpResponse;
use crate::transport::attempt::AttemptError;
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
    /// Neither the environment, nor the profile, nor the machine has AWS credentials, or the profile is wrong.
    #[error("there are no AWS credentials")]
    NoCredentials,
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
    /// The journal cannot be used: it is of another task, another run is writing it, or the disk failed.
    #[error("the journal {path}: {why}")]
    Journal {
        /// Where it is.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// What was given is not what it must be. Nothing was sent.
    #[error("{0}")]
    InvalidInput(String),
}

impl AdminError {
    pub(super) fn journal(path: &std::path::Path, why: &str) -> Self {
        Self::Journal {
            path: path.display().to_string(),
            why: why.to_owned(),
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
            Self::NoCredentials => ErrorCode::NoCredentials,
            Self::CredentialsUnavailable => ErrorCode::CredentialsUnavailable,
            Self::CredentialsExpired => ErrorCode::CredentialsExpired,
            Self::CredentialsRejected => ErrorCode::CredentialsRejected,
            Self::Service(error) => error.code(),
            Self::ClientChanged => ErrorCode::ClientChanged,
            Self::FixNotConfirmed { .. } => ErrorCode::FixNotConfirmed,
            Self::Journal { .. } => ErrorCode::Journal,
            Self::InvalidInput(_) => ErrorCode::InvalidInput,
        }
    }

    /// What to do about it, in a sentence.
    pub fn recovery(&self) -> &'static str {
        match self {
            Self::UserNotFound => "Check the user name: it may be misspelt, or the user deleted.",
            Self::PoolNotFound => "Check the user pool's id, and that the credentials are for its account.",
            Self::ClientNotFound => "Check the ids of the user pool and the app client.",
            Self::GroupNotFound => "Check the user pool's id and the group's name.",
            Self::AccessDenied { .. } => "Allow the action on this user pool in the IAM policy of these credentials.",
            Self::NoCredentials => {
                "Sign in (aws sso login), choose a profile (AWS_PROFILE), or set AWS_ACCESS_KEY_ID and its siblings."
            }
            Self::CredentialsUnavailable => {
                "Try again; if it stays, sign in (aws sso login), or look at the role or command that the profile names."
            }
            Self::CredentialsExpired => "Renew the credentials (aws sso login), then go on.",
            Self::CredentialsRejected => "Check the access key, its secret and session token, and the machine's clock.",
            Self::Service(error) => error.recovery(),
            Self::ClientChanged => "Look at the difference again, then apply it.",
            Self::FixNotConfirmed { .. } => "Compare these settings in the console with what they were.",
            Self::Journal { .. } => {
                "Give each task a journal of its own, on a disk with room, and run it once at a time."
            }
            Self::InvalidInput(_) => ErrorCode::InvalidInput.recovery(),
        }
    }

    /// Whether every other user would meet the same, so that going on is of no use.
    pub(super) fn concerns_everyone(&self) -> bool {
        match self {
            Self::UserNotFound | Self::InvalidInput(_) => false,
            Self::Service(error) => matches!(error.code(), ErrorCode::UntrustedServer | ErrorCode::Forbidden),
            _ => true,
        }
    }

    pub(super) fn is_throttling(&self) -> bool {
        matches!(self, Self::Service(error) if error.code() == ErrorCode::Throttled)
    }

    /// Whether the same request may succeed a little later.
    pub(super) fn is_passing(&self) -> bool {
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

    pub(super) fn from_sdk<E: Error + 'static, R: std::fmt::Debug + 'static>(error: &SdkError<E, R>) -> Self {
        // It holds no attempt: the SDK asks for credentials before it makes one. Why there are none is not repeated: it can
        // quote a file, or what a command printed.
        if let SdkError::DispatchFailure(failure) = error
            && let Some(error) = failure.as_connector_error()
            && find::<AttemptError>(error).is_none()
        {
            return match find(error) {
                Some(CredentialsError::CredentialsNotLoaded(_) | CredentialsError::InvalidConfiguration(_)) => {
                    Self::NoCredentials
                }
                _ => Self::CredentialsUnavailable,
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
