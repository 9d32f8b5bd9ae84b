//! What is wrong with a configuration: which setting, and what it must be.

use crate::ErrorCode;

/// Why a configuration was not accepted. Correct what it names.
///
/// None of these repeats the value that it found: a secret pasted into the wrong setting stays out of logs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file is not JSON. Correct it there.
    #[error("the file: not JSON from line {line}, column {column} on")]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1; 0 at the end of the line before.
        column: usize,
    },
    /// A setting is not there. Add it.
    #[error("{field}: missing")]
    Missing {
        /// The setting's path in the JSON file.
        field: String,
    },
    /// A setting is not what it must be. Correct it.
    #[error("{field}: must be {must}")]
    Invalid {
        /// The setting: its name in the builder, or its path in the JSON file.
        field: String,
        /// What it must be, in words that follow "must be".
        must: &'static str,
    },
}

impl ConfigError {
    pub(super) fn invalid(field: &str, must: &'static str) -> Self {
        Self::Invalid {
            field: field.to_owned(),
            must,
        }
    }

    /// The code that this error has among a step's errors: [`ErrorCode::InvalidInput`].
    pub fn code(&self) -> ErrorCode {
        ErrorCode::InvalidInput
    }
}
