//! What the AWS SDK's errors mean: finds the [`RequestError`] inside, or the reason why there were no credentials.

use std::error::Error;

use aws_smithy_runtime_api::client::result::SdkError;

use super::AdminError;
use super::credentials::no_credentials;
use super::responses::RequestError;
use crate::{ErrorCode, StepError};

impl<E, R> From<SdkError<E, R>> for RequestError {
    fn from(error: SdkError<E, R>) -> Self {
        let failed = |code, message: &str| StepError::new(code, message).into();
        match &error {
            SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
                Some(error) => from_connector(error),
                None => failed(ErrorCode::InvalidInput, "the SDK could not build the request"),
            },
            SdkError::ResponseError(_) | SdkError::ServiceError(_) => failed(
                ErrorCode::UnexpectedResponse,
                "the response lacks what the operation promises",
            ),
            _ => failed(ErrorCode::InvalidInput, "the SDK could not build the request"),
        }
    }
}

/// The SDK loads credentials before the first attempt: without a [`RequestError`] inside, that failed. The reason is not
/// repeated, because it can quote a file, or the output of a command.
fn from_connector(error: &(dyn Error + 'static)) -> RequestError {
    match find::<RequestError>(error) {
        Some(error) => error.clone(),
        None => RequestError::Failed(find(error).map_or(AdminError::CredentialsUnavailable, no_credentials)),
    }
}

/// The first error of this type in the chain of sources.
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
