//! Why the app signs out, in a word of its own.

use std::borrow::Cow;
use std::fmt::{self, Display};

use serde::{Deserialize, Deserializer, Serialize};

use crate::error::{ErrorCode, StepError};

/// The longest word, in characters.
const LONGEST: usize = 32;

/// Why the app signs out: a short word for [`SignOutOptions::reason`](crate::SignOutOptions::reason), which the library passes
/// on and never interprets. It prints as the word. It is never sent to Cognito, but it is in the log and on record: name no user
/// in it.
///
/// ```
/// use cognito_signout::{AppReason, SignOutOptions};
///
/// let after_ten_minutes = SignOutOptions::local().reason(AppReason::TIMEOUT);
/// let at_the_end_of_a_shift = SignOutOptions::local().reason(AppReason::new("shift_end")?);
/// # let _ = (after_ten_minutes, at_the_end_of_a_shift);
/// # Ok::<(), cognito_signout::StepError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct AppReason(Cow<'static, str>);

impl AppReason {
    /// `user`: the user asked for it.
    pub const USER: Self = Self(Cow::Borrowed("user"));
    /// `timeout`: the user was away for too long.
    pub const TIMEOUT: Self = Self(Cow::Borrowed("timeout"));
    /// `security`: the session may be in the wrong hands.
    pub const SECURITY: Self = Self(Cow::Borrowed("security"));
    /// `policy`: a rule of the organisation, for example about the device.
    pub const POLICY: Self = Self(Cow::Borrowed("policy"));
    /// `account_deleted`: the user's account is gone.
    pub const ACCOUNT_DELETED: Self = Self(Cow::Borrowed("account_deleted"));

    /// A word of the app's own: 1 to 32 characters, each one of `a` to `z`, `0` to `9`, `_`, `.` and `-`.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidInput`](crate::ErrorCode::InvalidInput) for any other text. The message does not repeat it.
    pub fn new(word: impl Into<Cow<'static, str>>) -> Result<Self, StepError> {
        let word = word.into();
        let is_allowed = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-');
        if (1..=LONGEST).contains(&word.len()) && word.bytes().all(is_allowed) {
            return Ok(Self(word));
        }
        let message = "reason: must be 1 to 32 characters of a to z, 0 to 9, _, . and -";
        Err(StepError::new(ErrorCode::InvalidInput, message).of_setting(Some("reason")))
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads a reason from the record. A word that this version does not allow counts as none: a later version may allow it, and a
/// reason is no cause to lose a record.
pub(crate) fn on_record<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<AppReason>, D::Error> {
    let word = Option::<String>::deserialize(deserializer)?;
    Ok(word.and_then(|word| AppReason::new(word).ok()))
}

impl Display for AppReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_the_apps_own_is_short_and_plain() {
        let longest = "x".repeat(LONGEST);
        for word in ["user", "shift-end", "v2.kiosk_9", "x", &longest] {
            assert_eq!(AppReason::new(word.to_owned()).unwrap().to_string(), word);
        }
        let too_long = "x".repeat(LONGEST + 1);
        for word in ["", "User", "two words", "a\nb", "é", "a@b", &too_long] {
            let refused = AppReason::new(word.to_owned()).unwrap_err();
            assert_eq!(refused.code(), ErrorCode::InvalidInput);
            assert_eq!(refused.setting(), Some("reason"));
        }
    }

    #[test]
    fn the_words_for_all_apps_are_words_that_an_app_could_choose() {
        let words = [
            AppReason::USER,
            AppReason::TIMEOUT,
            AppReason::SECURITY,
            AppReason::POLICY,
            AppReason::ACCOUNT_DELETED,
        ];
        for word in words {
            assert_eq!(AppReason::new(word.to_string()), Ok(word));
        }
    }
}
