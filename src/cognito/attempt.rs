//! One attempt at a request, and whether another attempt may help.

use std::time::Duration;

use crate::error::{ErrorCode, StepError};
use crate::transport::{HttpRequest, HttpResponse, HttpTransport, MAX_RESPONSE_BYTES, TransportError};

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum AttemptError {
    /// The token sent with the request had been revoked before. Nothing is left for `RevokeToken` to do; it proves nothing about
    /// the user's other sessions.
    #[error("already revoked")]
    AlreadyRevoked,
    /// Any other error, and whether another attempt may help.
    #[error("{error}")]
    Failed { error: StepError, retry: bool },
}

/// An error response. Another attempt may help only after throttling and after failures of the service itself.
impl From<StepError> for AttemptError {
    fn from(error: StepError) -> Self {
        let retry = matches!(error.code(), ErrorCode::Throttled | ErrorCode::ServiceUnavailable);
        Self::Failed { error, retry }
    }
}

/// No response. Another attempt may help if there was no connection, or if it broke.
impl From<TransportError> for AttemptError {
    fn from(error: TransportError) -> Self {
        let retry = matches!(error, TransportError::Connect(_) | TransportError::Io(_));
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
        }
    }
}

impl AttemptError {
    /// Whether no response came in time.
    pub(crate) fn is_silence(&self) -> bool {
        matches!(self, Self::Failed { error, .. } if error.code() == ErrorCode::TimedOut)
    }
}

/// Makes one attempt at one request.
pub(crate) async fn exchange(
    transport: &dyn HttpTransport,
    request: HttpRequest,
    timeout: Duration,
) -> Result<HttpResponse, AttemptError> {
    let response = match tokio::time::timeout(timeout, transport.send(request)).await {
        Ok(response) => response?,
        Err(_) => return Err(StepError::new(ErrorCode::TimedOut, "no response came in time").into()),
    };
    if response.body.len() > MAX_RESPONSE_BYTES {
        return Err(TransportError::too_large().into());
    }
    Ok(response)
}
