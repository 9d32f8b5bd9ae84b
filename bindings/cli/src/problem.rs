//! How a program reports an error.

use cognito_signout::ErrorCode;
use serde::Serialize;

/// What went wrong, and what to do about it.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) recovery: &'static str,
}

impl Problem {
    pub(crate) fn new(code: ErrorCode, message: &str, recovery: &'static str) -> Self {
        Self {
            code: code.as_str(),
            message: message.to_owned(),
            recovery,
        }
    }

    /// The command line makes no sense.
    pub(crate) fn usage(message: &str) -> Self {
        let code = ErrorCode::InvalidInput;
        Self::new(code, message, code.recovery())
    }
}
