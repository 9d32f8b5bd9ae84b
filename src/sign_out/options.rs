//! What a caller of `sign_out` may choose.

use std::time::Duration;

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
    pub(crate) deadline: Duration,
}

/// The deadline when none is set.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(10);

impl SignOutOptions {
    /// Signs out of this device: revokes this session's refresh token and clears the keychain.
    pub fn local() -> Self {
        Self {
            global: false,
            web: None,
            deadline: DEFAULT_DEADLINE,
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
}

impl Default for SignOutOptions {
    fn default() -> Self {
        Self::local()
    }
}

/// What the web step means for a session that began in the shared browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WebPolicy {
    /// Leave the browser's session alone.
    Skip,
    /// Try to end it; sign out of this device whatever becomes of it.
    BestEffort,
    /// End it first; if that is cancelled or fails, the user stays signed in and nothing has changed.
    Required,
}
