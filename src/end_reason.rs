//! Why a session has ended at Cognito.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why Cognito no longer accepts a session. It is said only if the code and the text of Cognito's error leave no doubt.
///
/// There is no reason for a session that a sign-in elsewhere has evicted (`MaxPerUser` of a pool that tracks sessions): no
/// documented code or text of Cognito says so. Such a session has the reason [`Revoked`](Self::Revoked) or
/// [`Unknown`](Self::Unknown).
///
/// ```
/// use cognito_signout::EndReason;
///
/// assert_eq!(EndReason::UserDisabled.as_str(), "user_disabled");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EndReason {
    /// It was revoked: by a sign-out, by an administrator, or from another device ("Refresh Token has been revoked").
    Revoked,
    /// The lifetime of its refresh token is over ("Refresh Token has expired").
    Expired,
    /// An administrator has disabled the user ("User is disabled").
    UserDisabled,
    /// The user has been deleted (`UserNotFoundException`, "The user has been deleted for the associated refresh token").
    UserDeleted,
    /// The user must choose a new password first (`PasswordResetRequiredException`). The next sign-in asks for it.
    PasswordReset,
    /// Cognito does not say, or not in words that this version knows. An example is `RefreshTokenReuseException`: a refresh token
    /// that rotation had replaced was used again.
    #[serde(other)]
    Unknown,
}

impl EndReason {
    /// The reason as a string that never changes: for logs, metrics and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::UserDisabled => "user_disabled",
            Self::UserDeleted => "user_deleted",
            Self::PasswordReset => "password_reset",
            Self::Unknown => "unknown",
        }
    }

    /// Whether another refresh token of the same user may still be good.
    pub(crate) fn is_about_a_token(self) -> bool {
        match self {
            Self::Revoked | Self::Expired | Self::Unknown => true,
            Self::UserDisabled | Self::UserDeleted | Self::PasswordReset => false,
        }
    }
}

impl fmt::Display for EndReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
