//! What a sign-out achieved.

use std::sync::Arc;

use url::Url;

use super::live::Live;
use super::runtime::Lost;
use super::time::{millis, since_1970};
use crate::error::StepError;
use crate::{
    AppReason, AppStepError, BrowserError, BrowserSession, GlobalSignOutError, HostedUiError, LocalCleanupError,
    Prompt, RevokeTokenError, Steps, TokenKind, WebVisit,
};

/// What a sign-out achieved. There will be no fourth case.
#[derive(uniffi::Enum)]
#[allow(
    clippy::large_enum_variant,
    reason = "made once for a sign-out, and passed on at once"
)]
pub enum SignOutResult {
    /// Signed out. Every requested step is done.
    Complete {
        /// The outcome of each step.
        report: Report,
    },
    /// Signed out of this device, but at least one step failed.
    ///
    /// If `GlobalSignOut` failed and `RevokeToken` succeeded, a retry cannot help: Cognito no longer accepts the access token. The
    /// user has to sign in again, and then sign out globally.
    Partial {
        /// `RevokeToken` failed: the session's refresh token is still valid.
        revoke_token_error: Option<RevokeTokenError>,
        /// `GlobalSignOut` failed: the user's other sessions are still valid.
        global_sign_out_error: Option<GlobalSignOutError>,
        /// The browser's session was not ended.
        hosted_ui_error: Option<HostedUiError>,
        /// The app's own steps that failed, or that nobody has registered.
        app_step_errors: Vec<AppStepError>,
        /// Paid or handed-over debts could not be removed from the keychain.
        local_cleanup_error: Option<LocalCleanupError>,
        /// The unpaid debt is also on record, and is tried again. If not, the tokens in these errors exist nowhere else.
        kept: bool,
        /// Debts of the oldest earlier sign-outs, removed from the record to make room. Each is a `Partial`, and its tokens
        /// exist nowhere else.
        displaced: Vec<SignOutResult>,
        /// The outcome of each step.
        report: Report,
        /// All of this, for [`Auth::retry`](super::Auth::retry).
        partial: Arc<PartialSignOut>,
    },
    /// Still signed in. Nothing has changed.
    Failed {
        /// The reason.
        error: StepError,
        /// The outcome of each step.
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
                error: failed.error,
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
    /// Failed before the first step.
    pub(super) fn not_begun(error: StepError) -> Self {
        Self::Failed {
            error,
            report: crate::Report::default().into(),
        }
    }

    fn partial(partial: crate::Partial) -> Self {
        let retry = Arc::new(PartialSignOut {
            partial: partial.clone(),
            _live: Live::new(),
        });
        Self::Partial {
            revoke_token_error: partial.revoke_token_error,
            global_sign_out_error: partial.global_sign_out_error,
            hosted_ui_error: partial.hosted_ui_error,
            app_step_errors: partial.app_step_errors,
            local_cleanup_error: partial.local_cleanup_error,
            kept: partial.kept,
            displaced: partial.displaced.into_iter().map(Self::partial).collect(),
            report: partial.report.into(),
            partial: retry,
        }
    }
}

/// A partial sign-out, with everything that a retry needs.
#[derive(uniffi::Object)]
pub struct PartialSignOut {
    pub(super) partial: crate::Partial,
    _live: Live,
}

/// The outcome of each step, and what other services still accept.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Report {
    /// The outcome of each step.
    pub steps: Steps,
    /// Tokens that are still accepted: access and ID tokens, until they expire, by services that verify them offline; and the
    /// refresh token, if Cognito cannot revoke it.
    pub residual: Vec<Residual>,
    /// Whether every session of the user has ended, on every device.
    pub signed_out_everywhere: bool,
    /// The sessions in the user's browser, and the outcome of each.
    pub browser_sessions: Vec<BrowserSession>,
    /// The page that ends the sessions that may persist in the browser, if one is known.
    pub logout_url: Option<Url>,
    /// The `prompt` that the next sign-in should use, so that it does not silently reuse a session in the browser.
    pub next_sign_in: Option<Prompt>,
    /// Why the app signed out, if it said so.
    pub app_reason: Option<AppReason>,
    /// The duration of the call, in milliseconds.
    pub elapsed: u64,
}

impl From<crate::Report> for Report {
    fn from(report: crate::Report) -> Self {
        Self {
            next_sign_in: report.next_sign_in(),
            signed_out_everywhere: report.signed_out_everywhere(),
            steps: report.steps,
            residual: report.residual.into_iter().map(Into::into).collect(),
            browser_sessions: report.browser_sessions,
            logout_url: report.logout_url,
            app_reason: report.app_reason,
            elapsed: millis(report.elapsed),
        }
    }
}

/// A token that is still accepted.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Residual {
    /// The kind of token.
    pub token: TokenKind,
    /// Its `exp`, in milliseconds since 1970. Unset for a refresh token, which does not contain it.
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

/// How far a sign-out has come if the app opens the browser itself.
#[derive(uniffi::Enum)]
#[allow(
    clippy::large_enum_variant,
    reason = "made once for a sign-out, and passed on at once"
)]
pub enum SignOutProgress {
    /// Show this page in the user's browser, and pass the outcome to `finish_sign_out`.
    Show {
        /// The page.
        visit: WebVisit,
    },
    /// The callback did not belong to this sign-out, or the sign-out had already ended. Nothing has changed.
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
            crate::SignOutProgress::Open(visit) => Self::Show { visit },
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

/// The outcome of the page that the app opened.
#[derive(uniffi::Enum)]
pub enum BrowserAnswer {
    /// The browser was sent to this callback URL.
    Redirected {
        /// The whole URL. If it is not a URL, it is ignored.
        callback: String,
    },
    /// The browser did not come back.
    Failed {
        /// The reason.
        error: BrowserError,
    },
}

/// What `resume` found at launch.
#[derive(uniffi::Record)]
pub struct Resumed {
    /// The outcome of each debt of an earlier sign-out, the oldest first.
    pub settled: Vec<SignOutResult>,
    /// A web step was in progress when the process ended: the user is still signed in.
    pub web_step: Option<WebVisit>,
}

impl From<crate::Resumed> for Resumed {
    fn from(resumed: crate::Resumed) -> Self {
        Self {
            settled: resumed.settled.into_iter().map(Into::into).collect(),
            web_step: resumed.web_step,
        }
    }
}
