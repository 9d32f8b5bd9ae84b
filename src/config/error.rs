//! What is wrong with a configuration: which setting, and what it must be.

use percent_encoding::percent_decode_str;

use super::RedirectUri;
use crate::error::{ErrorCode, StepError};

/// Why a configuration was not accepted. Correct what it names.
///
/// None of these repeats the value that it found: a secret pasted into the wrong setting stays out of logs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file is not JSON. Correct it there.
    #[error("the Amplify configuration is no JSON: look at line {line}, column {column}")]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1; 0 at the end of the line before.
        column: usize,
    },
    /// The JSON is no configuration of Amplify's. Give the text of `amplify_outputs.json` or `amplifyconfiguration.json`.
    #[error("this is no amplify_outputs.json and no amplifyconfiguration.json: it must be an object with `auth` in it")]
    NotAmplify,
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
    /// A redirect was chosen that is not configured. Choose one that is, exactly as it is written there; and have the
    /// app client's list say the same.
    #[error("{field}: is not one of the configured ones: {likely}")]
    NotListed {
        /// What was chosen: `sign_out_uri` or `callback_uri`.
        field: String,
        /// The likely cause.
        likely: &'static str,
    },
}

impl ConfigError {
    pub(crate) fn invalid(field: &str, must: &'static str) -> Self {
        Self::Invalid {
            field: field.to_owned(),
            must,
        }
    }

    pub(crate) fn missing(field: &str) -> Self {
        Self::Missing {
            field: field.to_owned(),
        }
    }

    /// Looks for the usual causes of a mismatch.
    pub(crate) fn not_listed<'a>(field: &str, chosen: &str, mut listed: impl Iterator<Item = &'a RedirectUri>) -> Self {
        let bare = |text: &str| text.trim_end_matches('/').to_owned();
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let likely = listed.find_map(|uri| {
            let uri = uri.as_str();
            if bare(uri) == bare(chosen) {
                Some("one of them differs by a trailing slash")
            } else if decoded(uri) == decoded(chosen) {
                Some("one of them differs by its percent-encoding: give it as it is configured, it is encoded for you")
            } else if uri.eq_ignore_ascii_case(chosen) {
                Some("one of them differs by upper and lower case")
            } else {
                None
            }
        });
        Self::NotListed {
            field: field.to_owned(),
            likely: likely.unwrap_or(
                "add it to the configuration and to the app client's list, the same to the letter \
                 (a trailing slash, the encoding and the case all count)",
            ),
        }
    }

    /// The setting that is wrong: its name in the builder, or its path in the JSON file. The message begins with it.
    pub fn setting(&self) -> Option<&str> {
        match self {
            Self::NotJson { .. } | Self::NotAmplify => None,
            Self::Missing { field } | Self::Invalid { field, .. } | Self::NotListed { field, .. } => Some(field),
        }
    }

    /// The code that this error has among a step's errors: [`ErrorCode::InvalidInput`].
    pub fn code(&self) -> ErrorCode {
        ErrorCode::InvalidInput
    }
}

impl From<ConfigError> for StepError {
    fn from(error: ConfigError) -> Self {
        Self::new(error.code(), error.to_string()).of_setting(error.setting())
    }
}
