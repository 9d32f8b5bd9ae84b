//! What a caller of `sign_out` can choose.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::app_reason::AppReason;

/// How to sign out. Default: this device alone, the web step if the session needs one, ten seconds.
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
    pub(crate) reason: Option<AppReason>,
}

/// The longest deadline: a longer one counts as this.
pub(crate) const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The deadline if none is set.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(10);

/// The user's time in the browser if none is set.
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
            reason: None,
        }
    }

    /// Ends every session of the user, on every device; on this device as [`local`](Self::local) does.
    pub fn global() -> Self {
        Self {
            global: true,
            ..Self::local()
        }
    }

    /// The options of a call that only waits for the result of a running sign-out: joining with them changes nothing about it.
    pub(crate) fn nothing_more() -> Self {
        Self::local().web(WebPolicy::Skip).deadline(LONGEST)
    }

    /// Chooses the web policy. Unset: [`WebPolicy::Required`] for a session that began in the shared browser, no web step for
    /// any other session. With [`session_tracking`](crate::AuthConfigBuilder::session_tracking), unset is
    /// [`WebPolicy::ByRevocation`] instead of `Required`, unless a [`ProviderLogout`](crate::ProviderLogout) is configured for
    /// the provider that the user signed in with.
    ///
    /// Calls that join one sign-out share the strongest policy that any of them asks for: `Skip`, then `ByRevocation`, then
    /// `BestEffort`, then `Required`. So if a call with `BestEffort` is joined by a call with `Required` and
    /// the browser's session cannot be ended, both are `Failed`. A call can join when the sign-out has already left that session
    /// alone, or when there is no browser to end it in. It then gets `Partial` with a
    /// [`hosted_ui_error`](crate::Partial::hosted_ui_error) that has the code
    /// [`JoinedTooLate`](crate::ErrorCode::JoinedTooLate) and the URL to open; [`Auth::retry`](crate::Auth::retry) opens it.
    pub fn web(mut self, policy: WebPolicy) -> Self {
        self.web = Some(policy);
        self
    }

    /// The time within which the call returns, not counting the user's time in the browser. A fifth of it, two seconds at most,
    /// is reserved for the keychain; the network has the rest. Calls that join one sign-out share the earliest deadline. More
    /// than a day counts as a day.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The time that the user has in the browser, from its opening to the last redirect. The library cannot see whether a tab
    /// was closed or is still being read, so this limit ends the wait. Of the calls that join one sign-out, the first decides.
    /// Default: three minutes. More than a day counts as a day.
    pub fn browser_deadline(mut self, deadline: Duration) -> Self {
        self.browser_deadline = deadline;
        self
    }

    /// Chooses one of the configured sign-out URIs. Unset: the first one that the browser can come back to. If the URI is not
    /// configured, the web step fails with [`ErrorCode::InvalidInput`](crate::ErrorCode::InvalidInput).
    ///
    /// Of the calls that join one sign-out, the first that chooses decides, if it joins before the record has been read. Other
    /// choices are ignored: they only say where the browser comes back to, not whether its session ends.
    pub fn sign_out_uri(mut self, uri: impl Into<String>) -> Self {
        self.sign_out_uri = Some(uri.into());
        self
    }

    /// Says why the app signs out. The word is in the event [`SignedOut`](crate::AuthEvent::SignedOut), in the
    /// [report](crate::Report::app_reason), in the log (`tracing`), and on record with what is still owed to Cognito. It is never
    /// sent to Cognito.
    ///
    /// Of the calls that join one sign-out, the first that gives a reason decides, until the session has ended on this device.
    pub fn reason(mut self, reason: AppReason) -> Self {
        self.reason = Some(reason);
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
/// Ordered from weak to strong: `Skip`, `ByRevocation`, `BestEffort`, `Required`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WebPolicy {
    /// Leave the browser's session alone.
    Skip,
    /// End it at Cognito, by `RevokeToken` with `RevokeAssociatedSessions: LINKED`: no page opens. Cognito ends the session that
    /// the tokens came through within a few seconds, and does not say whether there was one; so the report says
    /// [`EndRequested`](crate::BrowserSessionState::EndRequested), never `Ended`. The session at an identity provider behind the
    /// hosted pages stays. If `RevokeToken` fails, the browser's session stays until a retry succeeds.
    ///
    /// Needs a user pool that tracks sessions: [`session_tracking`](crate::AuthConfigBuilder::session_tracking). Without that
    /// setting, and with [`RevocationRoute::PoolDomain`](crate::RevocationRoute::PoolDomain), which has no such parameter, the
    /// sign-out is refused: [`Failed`](crate::SignOutResult::Failed) with
    /// [`ErrorCode::InvalidInput`](crate::ErrorCode::InvalidInput).
    ByRevocation,
    /// Try to end it; sign out of this device even if that fails.
    BestEffort,
    /// End it first; if that is cancelled or fails, the user stays signed in and nothing has changed. This applies to the hosted
    /// pages' session: once it has ended, the sign-out goes on even if an identity provider's page fails.
    Required,
}
