//! What a caller of `sign_out` may choose.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How to sign out. The default: this device, the web step as the session needs it, ten seconds.
///
/// ```
/// use std::time::Duration;
/// use cognito_signout::SignOutOptions;
///
/// let everywhere = SignOutOptions::global().deadline(Duration::from_secs(5));
/// # let _ = everywhere;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct SignOutOptions {
    pub(crate) global: bool,
    pub(crate) web: Option<WebPolicy>,
    pub(crate) sign_out_uri: Option<String>,
    pub(crate) deadline: Duration,
    pub(crate) browser_deadline: Duration,
}

/// The deadline when none is set.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(10);

/// The user's time in the browser when none is set.
pub const DEFAULT_BROWSER_DEADLINE: Duration = Duration::from_secs(3 * 60);

impl SignOutOptions {
    /// Signs out of this device: revokes this session's refresh token and clears the keychain.
    pub fn local() -> Self {
        Self {
            global: false,
            web: None,
            sign_out_uri: None,
            deadline: DEFAULT_DEADLINE,
            browser_deadline: DEFAULT_BROWSER_DEADLINE,
        }
    }

    /// Ends every session of the user, on every device, and this one as [`local`](Self::local) does.
    pub fn global() -> Self {
        Self {
            global: true,
            ..Self::local()
        }
    }

    /// Chooses the web policy. Unset: [`WebPolicy::Required`] for a session that began in the shared browser,
    /// no web step for any other.
    pub fn web(mut self, policy: WebPolicy) -> Self {
        self.web = Some(policy);
        self
    }

    /// The time within which the call answers, the user's time in the browser not counted. A fifth of it, two seconds at
    /// the most, is the keychain's; the rest is the network's. Calls that join one sign-out share the earliest deadline.
    /// More than a day counts as a day.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The time that the user has in the browser: from its opening to the last redirect. A tab that was closed cannot be
    /// told from one that is still being read, so this is what ends the wait. The first of the calls that join one
    /// sign-out decides. Default: three minutes. More than a day counts as a day.
    pub fn browser_deadline(mut self, deadline: Duration) -> Self {
        self.browser_deadline = deadline;
        self
    }

    /// Chooses one of the configured sign-out URIs. Unset: the first that the browser can come back to. One that is not
    /// configured is a hosted UI error, [`ErrorCode::InvalidInput`](crate::ErrorCode::InvalidInput).
    pub fn sign_out_uri(mut self, uri: impl Into<String>) -> Self {
        self.sign_out_uri = Some(uri.into());
        self
    }
}

impl Default for SignOutOptions {
    fn default() -> Self {
        Self::local()
    }
}

/// What the web step means for a session that began in the shared browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WebPolicy {
    /// Leave the browser's session alone.
    Skip,
    /// Try to end it; sign out of this device whatever becomes of it.
    BestEffort,
    /// End it first; if that is cancelled or fails, the user stays signed in and nothing has changed.
    Required,
}
