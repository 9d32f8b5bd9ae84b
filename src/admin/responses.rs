//! What Cognito's responses mean to an administrator's request.

use super::AdminError;
use crate::cognito::responses;
use crate::transport::HttpResponse;
use crate::{EndReason, ErrorCode, StepError};

/// Why a request failed. It travels through the SDK inside the SDK's own error.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum RequestError {
    /// The access token sent with `GetUser` had been revoked before.
    #[error("the token had been revoked before")]
    TokenRevoked,
    #[error(transparent)]
    Failed(#[from] AdminError),
}

impl From<StepError> for RequestError {
    fn from(error: StepError) -> Self {
        Self::Failed(AdminError::Service(error))
    }
}

/// No part of the public API, as [`RequestError`] is private.
impl From<RequestError> for AdminError {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Failed(error) => error,
            RequestError::TokenRevoked => Self::Service(StepError::new(ErrorCode::SessionExpired, error.to_string())),
        }
    }
}

/// Accepts a success; otherwise says what the error means: one of AWS's common errors, or one of this operation's.
pub(super) fn judge(operation: &str, response: &HttpResponse) -> Result<(), RequestError> {
    // Not an administrator's operation: the access token alone authorises it.
    if operation == "GetUser" {
        return responses::judge(operation, response).map_err(|error| {
            let error = StepError::from(error);
            match error.end_reason() {
                Some(EndReason::Revoked) => RequestError::TokenRevoked,
                _ => error.into(),
            }
        });
    }
    responses::judge_by(operation, response, |name, _| match meaning(operation, name) {
        Ok(error) => RequestError::Failed(error),
        Err(code) => responses::refusal(code, name, operation).into(),
    })
}

fn meaning(operation: &str, name: &str) -> Result<AdminError, ErrorCode> {
    if let Some(code) = responses::of_any_operation(name) {
        return Err(code);
    }
    Ok(match name {
        "UserNotFoundException" => AdminError::UserNotFound,
        "ResourceNotFoundException" => match operation {
            "ListUsersInGroup" => AdminError::GroupNotFound,
            "DescribeUserPoolClient" | "UpdateUserPoolClient" | "GetUserPoolClientSessionConfiguration" => {
                AdminError::ClientNotFound
            }
            "AdminRevokeUserSession" => AdminError::SessionNotFound,
            _ => AdminError::PoolNotFound,
        },
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => AdminError::AccessDenied {
            action: format!("cognito-idp:{operation}"),
        },
        "OperationNotEnabledException" => {
            let operation = operation.to_owned();
            match operation.as_str() {
                // AWS does not say that this is the error of a user pool that does not track sessions, but it has no other.
                "AdminListUserSessions" | "AdminRevokeUserSession" => AdminError::SessionTrackingOff { operation },
                _ => AdminError::NotEnabled { operation },
            }
        }
        "UnknownOperationException" if operation.contains("Session") => return Err(ErrorCode::SessionsNotSupported),
        "FeatureUnavailableInTierException" => AdminError::NotInTier,
        "ConcurrentModificationException" => AdminError::ClientChanged,
        // The caller chooses the filter; this library makes every other parameter, and makes them right.
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
