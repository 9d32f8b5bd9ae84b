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

/// No sign-out takes longer than this, whatever deadline it is given.
pub(crate) const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

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

    /// The web policy, for a session that needs one.
    pub(crate) fn web_policy(&self) -> WebPolicy {
        self.web.unwrap_or(WebPolicy::Required)
    }

    /// Those of a call that wants nothing but the answer to what is under way: joining changes nothing about that.
    pub(crate) fn nothing_more() -> Self {
        Self::local().web(WebPolicy::Skip).deadline(LONGEST)
    }

    /// Chooses the web policy. Unset: [`WebPolicy::Required`] for a session that began in the shared browser,
    /// no web step for any other.
    ///
    /// Calls that join one sign-out share the strongest policy that any of them asks for: `Skip`, then `BestEffort`, then
    /// `Required`, which an unset one counts as. So a call with `BestEffort` that is joined by one with `Required` is
    /// `Failed` if the browser's session could not be ended. A call that joins after the sign-out has left that session
    /// alone, or while there is no browser to end it in, is told so: it gets `Partial` with a
    /// [`hosted_ui_error`](crate::Partial::hosted_ui_error) whose code is
    /// [`JoinedTooLate`](crate::ErrorCode::JoinedTooLate), and the URL to open; [`Auth::retry`](crate::Auth::retry) opens it.
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
    ///
    /// Of the calls that join one sign-out the first that chooses decides, if it joins before the record has been read.
    /// Another's choice is not used: it says where the browser comes back to, and not whether its session ends.
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
///
/// The order is that of their strength: `Skip`, `BestEffort`, `Required`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WebPolicy {
    /// Leave the browser's session alone.
    Skip,
    /// Try to end it; sign out of this device whatever becomes of it.
    BestEffort,
    /// End it first; if that is cancelled or fails, the user stays signed in and nothing has changed. This is about the hosted
    /// pages' session: once it has ended, nothing that becomes of an identity provider's page keeps the user signed in.
    Required,
}
