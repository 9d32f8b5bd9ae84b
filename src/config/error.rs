//! What is wrong with a configuration: which setting it is, and what it must be.

use percent_encoding::percent_decode_str;

use crate::error::{ErrorCode, StepError};

/// Why a configuration was not accepted. Correct the setting that it names.
///
/// No message repeats the value that was found, so a secret pasted into the wrong setting stays out of logs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file is not JSON. Correct it there.
    #[error("the Amplify configuration is not JSON: look at line {line}, column {column}")]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1; 0 at the end of the line before.
        column: usize,
    },
    /// The JSON is not an Amplify configuration. Give the text of `amplify_outputs.json` or `amplifyconfiguration.json`.
    #[error(
        "this is neither amplify_outputs.json nor amplifyconfiguration.json: it must be an object with the field `auth`"
    )]
    NotAmplify,
    /// A setting is missing. Add it.
    #[error("{field}: missing")]
    Missing {
        /// The setting's path in the JSON file.
        field: String,
    },
    /// A setting has a value that is not allowed. Correct it.
    #[error("{field}: must be {must}")]
    Invalid {
        /// The setting: its name in the builder, or its path in the JSON file.
        field: String,
        /// What the value must be: words that follow "must be".
        must: &'static str,
    },
    /// The app chose a redirect that is not configured. Choose a configured one, exactly as it is written there. The app
    /// client's list must have the same text.
    #[error("{field}: this URI is not in the configuration: {likely}")]
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
    pub(crate) fn not_listed<'a>(field: &str, chosen: &str, mut listed: impl Iterator<Item = &'a str>) -> Self {
        let bare = |text: &str| text.trim_end_matches('/').to_owned();
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let likely = listed.find_map(|uri| {
            if bare(uri) == bare(chosen) {
                Some("a configured one differs only by a trailing slash")
            } else if decoded(uri) == decoded(chosen) {
                Some("a configured one differs only by its percent-encoding: the library encodes it, so write it as in the configuration")
            } else if uri.eq_ignore_ascii_case(chosen) {
                Some("a configured one differs only by upper and lower case")
            } else {
                None
            }
        });
        Self::NotListed {
            field: field.to_owned(),
            likely: likely.unwrap_or(
                "add it to the configuration and to the app client's list, with exactly the same text \
                 (a trailing slash, the encoding and the case all count)",
            ),
        }
    }

    /// The setting that is wrong: its name in the builder, or its path in the JSON file. The message starts with it.
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
