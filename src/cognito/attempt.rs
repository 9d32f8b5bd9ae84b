//! One attempt at a request, and whether another may help.

use std::time::Duration;

use aws_smithy_types::retry::ErrorKind;

use crate::error::{ErrorCode, StepError};
use crate::transport::{HttpRequest, HttpResponse, HttpTransport, MAX_RESPONSE_BYTES, TransportError};

/// Why an attempt brought no success.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum AttemptError {
    /// The token that the request came with had been revoked before. `RevokeToken` has nothing left to do then; of the user's
    /// other sessions it proves nothing.
    #[error("already revoked")]
    AlreadyRevoked,
    /// Anything else, and whether another attempt may help.
    #[error("{error}")]
    Failed { error: StepError, retry: Option<ErrorKind> },
    /// What only an administrator meets. Another attempt would bring the same.
    #[cfg(feature = "admin")]
    #[error("{0}")]
    Admin(crate::admin::AdminError),
}

/// A judged answer: another attempt helps against throttling and the service's own failures only.
impl From<StepError> for AttemptError {
    fn from(error: StepError) -> Self {
        let retry = match error.code() {
            ErrorCode::Throttled => Some(ErrorKind::ThrottlingError),
            ErrorCode::ServiceUnavailable => Some(ErrorKind::ServerError),
            _ => None,
        };
        Self::Failed { error, retry }
    }
}

/// No answer: another attempt helps if there was no connection, or if it broke.
impl From<TransportError> for AttemptError {
    fn from(error: TransportError) -> Self {
        let retry = match error {
            TransportError::Connect(_) | TransportError::Io(_) => Some(ErrorKind::TransientError),
            _ => None,
        };
        Self::Failed {
            error: error.into(),
            retry,
        }
    }
}

impl From<AttemptError> for StepError {
    fn from(error: AttemptError) -> Self {
        match error {
            AttemptError::AlreadyRevoked => Self::new(ErrorCode::SessionExpired, "the token had been revoked before"),
            AttemptError::Failed { error, .. } => error,
            #[cfg(feature = "admin")]
            AttemptError::Admin(error) => error.into(),
        }
    }
}

impl AttemptError {
    /// Whether no answer came in time.
    pub(crate) fn is_silence(&self) -> bool {
        matches!(self, Self::Failed { error, .. } if error.code() == ErrorCode::TimedOut)
    }
}

/// One attempt at one request.
pub(crate) async fn exchange(
    transport: &dyn HttpTransport,
    request: HttpRequest,
    timeout: Duration,
) -> Result<HttpResponse, AttemptError> {
    let answer = match tokio::time::timeout(timeout, transport.send(request)).await {
        Ok(answer) => answer?,
        Err(_) => return Err(StepError::new(ErrorCode::TimedOut, "no answer came in time").into()),
    };
    if answer.body.len() > MAX_RESPONSE_BYTES {
        return Err(TransportError::too_large().into());
    }
    Ok(answer)
}
