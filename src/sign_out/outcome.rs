//! What a sign-out achieved: `Complete`, `Partial` or `Failed`, and the report that each carries.

use std::fmt;
use std::time::{Duration, SystemTime};

use url::Url;

use super::debt::Debt;
use crate::error::{ErrorCode, StepError};
use crate::hosted_ui::{BrowserSession, Prompt, Visit, prompt_after};
use crate::secret::Secret;

use super::web::WebVisit;

/// What a sign-out achieved. Not a `Result`: every outcome is data, and each carries a [`Report`].
///
/// There will be no fourth case: match on all three.
///
/// ```
/// # use cognito_signout::SignOutResult;
/// fn tell(result: &SignOutResult) -> String {
///     match result {
///         SignOutResult::Complete(_) => "signed out".into(),
///         SignOutResult::Partial(partial) => match &partial.revoke_token_error {
///             Some(failed) => format!("signed out here; to do: {}", failed.error.recovery()),
///             None => "signed out here".into(),
///         },
///         SignOutResult::Failed(failed) => format!("still signed in: {}", failed.error),
///     }
/// }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a sign-out can leave a live refresh token in its result"]
#[allow(
    clippy::large_enum_variant,
    reason = "matched on by every app, made once a sign-out: a box would be in the way"
)]
pub enum SignOutResult {
    /// Signed out, and every step that was asked for is done.
    Complete(Complete),
    /// Signed out of this device, but at least one step failed: its error holds what is needed to try it again.
    Partial(Partial),
    /// Still signed in, and nothing has changed: the stored session is what it was and no token was revoked.
    Failed(Failed),
}

/// Signed out, without errors.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Complete {
    /// What became of each step.
    pub report: Report,
}

/// Signed out of this device; what is set here failed. Give it to [`Auth::retry`](crate::Auth::retry), or use the
/// tokens in it by hand: with [`UnpaidRevocations::HandOver`](crate::UnpaidRevocations::HandOver) they are nowhere else.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Partial {
    /// `RevokeToken` failed: the session's refresh token is still alive.
    pub revoke_token_error: Option<RevokeTokenError>,
    /// `GlobalSignOut` failed: the user's other sessions are still alive.
    pub global_sign_out_error: Option<GlobalSignOutError>,
    /// The browser's session was not ended. [`Auth::retry`](crate::Auth::retry) ends it in the library's browser,
    /// [`Auth::begin_retry`](crate::Auth::begin_retry) in one that the app opens.
    pub hosted_ui_error: Option<HostedUiError>,
    /// The keychain could not be cleared of what was paid or handed over. The session itself is gone all the same.
    pub local_cleanup_error: Option<LocalCleanupError>,
    /// What became of each step.
    pub report: Report,
    pub(crate) debt: Debt,
    pub(crate) visit: Option<Visit>,
}

/// Still signed in; nothing has changed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Failed {
    /// Why.
    pub error: StepError,
    /// What became of each step.
    pub report: Report,
}

/// `RevokeToken` failed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RevokeTokenError {
    /// What happened, and what to do about it.
    pub error: StepError,
    /// The refresh token that is still alive.
    pub refresh_token: Secret,
}

/// `GlobalSignOut` failed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GlobalSignOutError {
    /// What happened, and what to do about it.
    pub error: StepError,
    /// The access token that `GlobalSignOut` asks for. Once `RevokeToken` has succeeded it no longer authorises one.
    pub access_token: Secret,
}

/// The browser step failed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HostedUiError {
    /// What happened, and what to do about it.
    pub error: StepError,
    /// The URL that ends the session when it is opened in the user's browser, where one could be built.
    pub url: Option<Url>,
}

/// The keychain could not be cleared.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LocalCleanupError {
    /// What happened, and what to do about it.
    pub error: StepError,
}

/// How far a sign-out has come whose web step the app carries out itself. From
/// [`Auth::begin_sign_out`](crate::Auth::begin_sign_out), [`Auth::begin_retry`](crate::Auth::begin_retry) and
/// [`Auth::finish_sign_out`](crate::Auth::finish_sign_out).
#[derive(Debug, Clone)]
#[must_use = "a sign-out that waits for the browser has not happened yet"]
#[allow(
    clippy::large_enum_variant,
    reason = "as for the result: matched on, and made once a sign-out"
)]
pub enum SignOutProgress {
    /// Open this page in the user's browser, and give what comes of it to `finish_sign_out`.
    Open(WebVisit),
    /// What was given was not this sign-out's, or it had ended before: nothing has happened.
    Ignored,
    /// The sign-out has ended.
    Finished(SignOutResult),
}

/// What was found at launch. From [`Auth::resume`](crate::Auth::resume).
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Resumed {
    /// What became of each debt of an earlier sign-out, the oldest first, each as `sign_out` would have given it.
    pub settled: Vec<SignOutResult>,
    /// A web step was under way when the process ended: the user is signed in. Give the callback URL that the app was
    /// opened with to [`Auth::finish_sign_out`](crate::Auth::finish_sign_out); or open the page again; or say that it was
    /// cancelled. Once its `browser_deadline` is over, whatever is answered ends it as timed out.
    pub web_step: Option<WebVisit>,
}

impl SignOutResult {
    /// Whether this device is signed out: true for `Complete` and `Partial`.
    pub fn signed_out_locally(&self) -> bool {
        !matches!(self, Self::Failed(_))
    }

    /// What became of each step.
    pub fn report(&self) -> &Report {
        match self {
            Self::Complete(complete) => &complete.report,
            Self::Partial(partial) => &partial.report,
            Self::Failed(failed) => &failed.report,
        }
    }
}

/// What was done, what was not, and what other services will go on accepting.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Report {
    /// What became of each step.
    pub steps: Steps,
    /// Tokens that services which verify them offline (API Gateway, AppSync, your own back end) accept until they
    /// expire, whatever Cognito was told. Empty where there was no session.
    pub residual: Vec<Residual>,
    /// The sessions that the user's browser held, and what became of each. Empty for a user who did not sign in there,
    /// or in a private session.
    pub browser_sessions: Vec<BrowserSession>,
    /// The page that ends what may persist in the browser, where one is known: opened in the user's browser it does.
    pub logout_url: Option<Url>,
    /// How long the call took, from the first step to the last.
    pub elapsed: Duration,
}

impl Report {
    /// What the next sign-in should ask for, so that it does not silently use a session that may persist in the browser:
    /// see [`Prompt::authorize_url_hint`].
    pub fn next_sign_in(&self) -> Option<Prompt> {
        prompt_after(&self.browser_sessions)
    }
}

/// The six steps of a sign-out, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Steps {
    /// Ending the browser's session at the hosted pages.
    pub web: StepStatus,
    /// Reading the record, and the one write that signs this device out.
    pub commit: StepStatus,
    /// Getting a valid access token for `GlobalSignOut`.
    pub refresh: StepStatus,
    /// `GlobalSignOut`: every session of the user.
    pub global_sign_out: StepStatus,
    /// `RevokeToken`: this session's refresh token, and every access token minted from it.
    pub revoke_token: StepStatus,
    /// Removing what is paid or handed over from the keychain.
    pub settle: StepStatus,
}

impl Steps {
    /// Each step with its name, in the order in which they run: for tables, logs and JSON.
    pub fn named(&self) -> [(&'static str, StepStatus); 6] {
        [
            ("web", self.web),
            ("commit", self.commit),
            ("refresh", self.refresh),
            ("global_sign_out", self.global_sign_out),
            ("revoke_token", self.revoke_token),
            ("settle", self.settle),
        ]
    }
}

/// What became of one step. Prints as `done`, `skipped:WHY` or `failed:CODE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepStatus {
    /// It was carried out.
    Done,
    /// It was not needed, or not reached.
    Skipped(Skip),
    /// It was tried, and failed.
    Failed(ErrorCode),
}

impl Default for StepStatus {
    fn default() -> Self {
        Self::Skipped(Skip::NotReached)
    }
}

impl fmt::Display for StepStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("done"),
            Self::Skipped(why) => write!(f, "skipped:{}", why.as_str()),
            Self::Failed(code) => write!(f, "failed:{code}"),
        }
    }
}

/// Why a step was skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Skip {
    /// An earlier step ended the sign-out before this one.
    NotReached,
    /// Nobody was signed in.
    NoSession,
    /// The session did not begin in a browser.
    NotABrowserSession,
    /// The session began in a private (ephemeral) browser session, which leaves no cookie behind.
    PrivateBrowserSession,
    /// The web policy says so.
    ByPolicy,
    /// A global sign-out was not asked for.
    NotRequested,
    /// The access token was still valid, or nothing needed one.
    NotNeeded,
    /// The access token carries no `origin_jti`: token revocation is off for the app client.
    RevocationOff,
    /// Cognito says that the session was revoked before.
    AlreadyRevoked,
    /// An earlier sign-out had done this already.
    AlreadyDone,
}

impl Skip {
    /// The reason as a string that never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotReached => "not_reached",
            Self::NoSession => "no_session",
            Self::NotABrowserSession => "not_a_browser_session",
            Self::PrivateBrowserSession => "private_browser_session",
            Self::ByPolicy => "by_policy",
            Self::NotRequested => "not_requested",
            Self::NotNeeded => "not_needed",
            Self::RevocationOff => "revocation_off",
            Self::AlreadyRevoked => "already_revoked",
            Self::AlreadyDone => "already_done",
        }
    }
}

/// A token that is still accepted by whoever verifies it offline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Residual {
    /// Which token.
    pub token: TokenKind,
    /// Its `exp`: until then.
    pub valid_until: SystemTime,
}

/// The two kinds of token that are verified offline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum TokenKind {
    /// The access token.
    Access,
    /// The ID token.
    Id,
}

impl TokenKind {
    /// `access` or `id`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Id => "id",
        }
    }
}
