//! What a sign-out achieved, as enums and records that carry all of it.

use std::sync::Arc;

use super::browser::BrowserError;
use super::error::Problem;
use super::live::Live;
use super::runtime::Lost;
use super::secret::Secret;
use super::time::{millis, since_1970};
use crate::error::StepError;
use crate::{BrowserSession, Prompt, TokenKind};

/// What a sign-out achieved. There will be no fourth case.
#[derive(uniffi::Enum)]
#[allow(clippy::large_enum_variant, reason = "made once a sign-out, and on its way out")]
pub enum SignOutResult {
    /// Signed out, and every step that was asked for is done.
    Complete {
        /// What became of each step.
        report: Report,
    },
    /// Signed out of this device, but at least one step failed.
    Partial {
        /// `RevokeToken` failed: the session's refresh token is still alive.
        revoke_token_error: Option<RevokeTokenError>,
        /// `GlobalSignOut` failed: the user's other sessions are still alive.
        global_sign_out_error: Option<GlobalSignOutError>,
        /// The browser's session was not ended.
        hosted_ui_error: Option<HostedUiError>,
        /// The keychain could not be cleared of what was paid or handed over.
        local_cleanup_error: Option<LocalCleanupError>,
        /// What is unpaid is also on record, and is tried again. If not, the tokens in the errors are nowhere else.
        kept: bool,
        /// What the oldest of the earlier sign-outs still owe, taken off the record to make room: each is a `Partial`, whose
        /// tokens are nowhere else.
        displaced: Vec<SignOutResult>,
        /// What became of each step.
        report: Report,
        /// All of it, for [`Auth::retry`](super::Auth::retry).
        partial: Arc<PartialSignOut>,
    },
    /// Still signed in, and nothing has changed.
    Failed {
        /// Why.
        error: Problem,
        /// What became of each step.
        report: Report,
    },
}

impl From<crate::SignOutResult> for SignOutResult {
    fn from(result: crate::SignOutResult) -> Self {
        match result {
            crate::SignOutResult::Complete(complete) => Self::Complete {
                report: complete.report.into(),
            },
            crate::SignOutResult::Partial(partial) => Self::partial(partial),
            crate::SignOutResult::Failed(failed) => Self::Failed {
                error: failed.error.into(),
                report: failed.report.into(),
            },
        }
    }
}

impl From<Lost> for SignOutResult {
    fn from(lost: Lost) -> Self {
        Self::not_begun(lost.into())
    }
}

impl SignOutResult {
    /// Nothing has been done.
    pub(super) fn not_begun(error: StepError) -> Self {
        Self::Failed {
            error: error.into(),
            report: crate::Report::default().into(),
        }
    }

    fn partial(partial: crate::Partial) -> Self {
        let retry = Arc::new(PartialSignOut {
            partial: partial.clone(),
            _live: Live::new(),
        });
        Self::Partial {
            revoke_token_error: partial.revoke_token_error.map(Into::into),
            global_sign_out_error: partial.global_sign_out_error.map(Into::into),
            hosted_ui_error: partial.hosted_ui_error.map(Into::into),
            local_cleanup_error: partial.local_cleanup_error.map(|failed| LocalCleanupError {
                error: failed.error.into(),
            }),
            kept: partial.kept,
            displaced: partial.displaced.into_iter().map(Self::partial).collect(),
            report: partial.report.into(),
            partial: retry,
        }
    }
}

/// A partial sign-out, with what it takes to try again what failed.
#[derive(uniffi::Object)]
pub struct PartialSignOut {
    pub(super) partial: crate::Partial,
    _live: Live,
}

/// `RevokeToken` failed.
#[derive(Debug, Clone, uniffi::Record)]
pub struct RevokeTokenError {
    /// What happened.
    pub error: Problem,
    /// The refresh token that is still alive.
    pub refresh_token: Arc<Secret>,
}

impl From<crate::RevokeTokenError> for RevokeTokenError {
    fn from(failed: crate::RevokeTokenError) -> Self {
        Self {
            error: failed.error.into(),
            refresh_token: failed.refresh_token.into(),
        }
    }
}

/// `GlobalSignOut` failed.
#[derive(Debug, Clone, uniffi::Record)]
pub struct GlobalSignOutError {
    /// What happened.
    pub error: Problem,
    /// The access token that `GlobalSignOut` asks for.
    pub access_token: Arc<Secret>,
}

impl From<crate::GlobalSignOutError> for GlobalSignOutError {
    fn from(failed: crate::GlobalSignOutError) -> Self {
        Self {
            error: failed.error.into(),
            access_token: failed.access_token.into(),
        }
    }
}

/// The browser step failed.
#[derive(Debug, Clone, uniffi::Record)]
pub struct HostedUiError {
    /// What happened.
    pub error: Problem,
    /// The URL that ends the session when it is opened in the user's browser, where one could be built.
    pub url: Option<String>,
}

impl From<crate::HostedUiError> for HostedUiError {
    fn from(failed: crate::HostedUiError) -> Self {
        Self {
            error: failed.error.into(),
            url: failed.url.map(Into::into),
        }
    }
}

/// The keychain could not be cleared.
#[derive(Debug, Clone, uniffi::Record)]
pub struct LocalCleanupError {
    /// What happened.
    pub error: Problem,
}

/// What was done, what was not, and what other services will go on accepting.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Report {
    /// What became of each step.
    pub steps: Steps,
    /// Tokens that services which verify them offline accept until they expire, whatever Cognito was told; and the
    /// refresh token, if Cognito cannot revoke it.
    pub residual: Vec<Residual>,
    /// Whether every session of the user has ended, on every device.
    pub signed_out_everywhere: bool,
    /// The sessions that the user's browser held, and what became of each.
    pub browser_sessions: Vec<BrowserSession>,
    /// The page that ends what may persist in the browser, where one is known.
    pub logout_url: Option<String>,
    /// What the next sign-in should ask for, so that it does not silently use a session that may persist in the browser.
    pub next_sign_in: Option<Prompt>,
    /// How long the call took, in milliseconds.
    pub elapsed: u64,
}

impl From<crate::Report> for Report {
    fn from(report: crate::Report) -> Self {
        Self {
            next_sign_in: report.next_sign_in(),
            signed_out_everywhere: report.signed_out_everywhere(),
            steps: report.steps.into(),
            residual: report.residual.into_iter().map(Into::into).collect(),
            browser_sessions: report.browser_sessions,
            logout_url: report.logout_url.map(Into::into),
            elapsed: millis(report.elapsed),
        }
    }
}

/// The six steps of a sign-out, in the order in which they run.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Steps {
    /// Ending the browser's session at the hosted pages.
    pub web: StepStatus,
    /// Reading the record, and the one write that signs this device out.
    pub commit: StepStatus,
    /// Getting a valid access token for `GlobalSignOut`.
    pub refresh: StepStatus,
    /// `GlobalSignOut`: every session of the user.
    pub global_sign_out: StepStatus,
    /// `RevokeToken`: this session's refresh token.
    pub revoke_token: StepStatus,
    /// Removing what is paid or handed over from the keychain.
    pub settle: StepStatus,
}

impl From<crate::Steps> for Steps {
    fn from(steps: crate::Steps) -> Self {
        Self {
            web: steps.web.into(),
            commit: steps.commit.into(),
            refresh: steps.refresh.into(),
            global_sign_out: steps.global_sign_out.into(),
            revoke_token: steps.revoke_token.into(),
            settle: steps.settle.into(),
        }
    }
}

/// What became of one step.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum StepStatus {
    /// It was carried out.
    Done,
    /// It was not needed, or not reached.
    Skipped {
        /// Why, as `no_session`: a string that never changes.
        why: String,
    },
    /// It was tried, and failed.
    Failed {
        /// The stable code.
        code: String,
    },
}

impl From<crate::StepStatus> for StepStatus {
    fn from(status: crate::StepStatus) -> Self {
        match status {
            crate::StepStatus::Done => Self::Done,
            crate::StepStatus::Skipped(why) => Self::Skipped {
                why: why.as_str().to_owned(),
            },
            crate::StepStatus::Failed(code) => Self::Failed {
                code: code.as_str().to_owned(),
            },
        }
    }
}

/// A token that is still accepted: an access or ID token by whoever verifies it offline, a refresh token by Cognito.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Residual {
    /// Which token.
    pub token: TokenKind,
    /// Its `exp`, in milliseconds since 1970: until then. Unset for a refresh token, which does not say.
    pub valid_until: Option<u64>,
}

impl From<crate::Residual> for Residual {
    fn from(residual: crate::Residual) -> Self {
        Self {
            token: residual.token,
            valid_until: residual.valid_until.map(since_1970),
        }
    }
}

/// A page for the app to open in the user's browser.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct WebVisit {
    /// What to open.
    pub url: String,
    /// Where the browser is sent in the end: the callback URL begins with it.
    pub redirect: String,
}

impl From<crate::WebVisit> for WebVisit {
    fn from(visit: crate::WebVisit) -> Self {
        Self {
            url: visit.url.into(),
            redirect: visit.redirect.to_string(),
        }
    }
}

/// How far a sign-out has come whose web step the app carries out itself.
#[derive(uniffi::Enum)]
#[allow(clippy::large_enum_variant, reason = "made once a sign-out, and on its way out")]
pub enum SignOutProgress {
    /// Show this page in the user's browser, and give what comes of it to `finish_sign_out`.
    Show {
        /// The page.
        visit: WebVisit,
    },
    /// What was given was not this sign-out's, or it had ended before: nothing has happened.
    Ignored,
    /// The sign-out has ended.
    Finished {
        /// What it achieved.
        result: SignOutResult,
    },
}

impl From<crate::SignOutProgress> for SignOutProgress {
    fn from(progress: crate::SignOutProgress) -> Self {
        match progress {
            crate::SignOutProgress::Open(visit) => Self::Show { visit: visit.into() },
            crate::SignOutProgress::Ignored => Self::Ignored,
            crate::SignOutProgress::Finished(result) => Self::Finished { result: result.into() },
        }
    }
}

impl From<SignOutResult> for SignOutProgress {
    fn from(result: SignOutResult) -> Self {
        Self::Finished { result }
    }
}

impl From<Lost> for SignOutProgress {
    fn from(lost: Lost) -> Self {
        SignOutResult::from(lost).into()
    }
}

/// What came of the page that was opened.
#[derive(uniffi::Enum)]
pub enum BrowserAnswer {
    /// The browser was sent to this callback URL.
    Redirected {
        /// The whole of it.
        callback: String,
    },
    /// It was not.
    Failed {
        /// Why.
        error: BrowserError,
    },
}

/// What was found at launch.
#[derive(uniffi::Record)]
pub struct Resumed {
    /// What became of each debt of an earlier sign-out, the oldest first.
    pub settled: Vec<SignOutResult>,
    /// A web step was under way when the process ended: the user is signed in.
    pub web_step: Option<WebVisit>,
}

impl From<crate::Resumed> for Resumed {
    fn from(resumed: crate::Resumed) -> Self {
        Self {
            settled: resumed.settled.into_iter().map(Into::into).collect(),
            web_step: resumed.web_step.map(Into::into),
        }
    }
}
