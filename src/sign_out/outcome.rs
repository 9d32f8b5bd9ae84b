//! What a sign-out achieved: `Complete`, `Partial` or `Failed`, and the report that each carries.

use std::time::{Duration, SystemTime};

use url::Url;

use super::facts::Residual;
use super::steps::{Skip, StepStatus, Steps};
use crate::browser::{BrowserSession, Prompt, Visit, WebVisit, prompt_after};
use crate::error::{ErrorCode, StepError};
use crate::record::Debt;
use crate::secret::Secret;

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

/// Signed out, without errors. With nobody signed in there was nothing to do: then a global sign-out is complete too, and
/// [`Report::signed_out_everywhere`] says that it ended nothing elsewhere.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Complete {
    /// What became of each step.
    pub report: Report,
}

/// Signed out of this device; what is set here failed. Give it to [`Auth::retry`](crate::Auth::retry), or use the
/// tokens in it by hand. [`kept`](Self::kept) says whether the library tries again by itself, or they are nowhere else.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Partial {
    /// `RevokeToken` failed, or token revocation is off: the session's refresh token is still alive.
    pub revoke_token_error: Option<RevokeTokenError>,
    /// `GlobalSignOut` failed: the user's other sessions may still be alive.
    pub global_sign_out_error: Option<GlobalSignOutError>,
    /// The browser's session was not ended. [`Auth::retry`](crate::Auth::retry) ends it in the library's browser,
    /// [`Auth::begin_retry`](crate::Auth::begin_retry) in one that the app opens.
    pub hosted_ui_error: Option<HostedUiError>,
    /// The keychain could not be cleared of what was paid or handed over. The session itself is gone all the same.
    pub local_cleanup_error: Option<LocalCleanupError>,
    /// What is unpaid is also on record, and is tried again: by [`Auth::resume`](crate::Auth::resume), by
    /// [`Auth::settle_pending`](crate::Auth::settle_pending), and when the next user signs in. If not, and there is a
    /// token in an error here, that token is nowhere else.
    pub kept: bool,
    /// What the oldest of the earlier sign-outs on record still owe, taken off the record because this one left more than
    /// [`max_debts`](crate::UnpaidRevocations::Keep): the oldest first, each for [`Auth::retry`](crate::Auth::retry). Their
    /// tokens are nowhere else. Empty, but for a device that could not reach Cognito for many sign-outs.
    pub displaced: Vec<Partial>,
    /// What became of each step.
    pub report: Report,
    pub(crate) debt: Debt,
    pub(crate) visit: Option<Visit>,
}

impl Partial {
    /// What is left of an earlier sign-out whose debt was taken off the record.
    pub(crate) fn displaced(debt: Debt, now: SystemTime) -> Self {
        let error = StepError::new(
            ErrorCode::Displaced,
            "this device keeps no more unpaid sign-outs than the configuration says, and this was the oldest",
        );
        let (done, failed) = (StepStatus::Skipped(Skip::AlreadyDone), StepStatus::Failed(error.code()));
        let steps = Steps {
            web: done,
            commit: done,
            refresh: StepStatus::Skipped(Skip::NotNeeded),
            // A debt that does not owe it may come from a sign-out of this device alone.
            global_sign_out: if debt.global {
                failed
            } else {
                StepStatus::Skipped(Skip::NotRequested)
            },
            revoke_token: if debt.revoke { failed } else { done },
            settle: StepStatus::Done,
        };
        let (access_token, refresh_token) = (debt.tokens.access_token.clone(), debt.tokens.refresh_token.clone());
        Self {
            revoke_token_error: debt.revoke.then(|| RevokeTokenError {
                error: error.clone(),
                refresh_token,
            }),
            global_sign_out_error: debt.global.then_some(GlobalSignOutError { error, access_token }),
            hosted_ui_error: None,
            local_cleanup_error: None,
            kept: false,
            displaced: Vec::new(),
            report: Report {
                steps,
                residual: Residual::of(&debt, now),
                ..Report::default()
            },
            debt,
            visit: None,
        }
    }

    /// Each error that is set, with the name of its step as in [`Steps::named`], in the order in which the steps run.
    ///
    /// ```
    /// # use cognito_signout::Partial;
    /// fn log(partial: &Partial) {
    ///     for (step, error) in partial.errors() {
    ///         eprintln!("{step}: {error} {}", error.recovery());
    ///     }
    /// }
    /// ```
    pub fn errors(&self) -> impl Iterator<Item = (&'static str, &StepError)> {
        let web = self.hosted_ui_error.as_ref().map(|failed| &failed.error);
        let global = self.global_sign_out_error.as_ref().map(|failed| &failed.error);
        let revoke = self.revoke_token_error.as_ref().map(|failed| &failed.error);
        let settle = self.local_cleanup_error.as_ref().map(|failed| &failed.error);
        [
            ("web", web),
            ("global_sign_out", global),
            ("revoke_token", revoke),
            ("settle", settle),
        ]
        .into_iter()
        .filter_map(|(step, error)| Some((step, error?)))
    }
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

/// `RevokeToken` failed, or token revocation is off for the app client.
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
#[must_use = "a sign-out may wait for the browser, and what can never be paid is told here alone"]
#[non_exhaustive]
pub struct Resumed {
    /// What became of each debt of an earlier sign-out, the oldest first, each as `sign_out` would have given it. One that
    /// is not paid is [`kept`](Partial::kept) and tried again, unless that is of no use or it is past its age. One that
    /// another call, or the background payment after a sign-in, is paying at this moment is left out: if that fails, it
    /// stays on record.
    pub settled: Vec<SignOutResult>,
    /// A web step was under way when the process ended: the user is signed in. Give the callback URL that the app was
    /// opened with to [`Auth::finish_sign_out`](crate::Auth::finish_sign_out); or open the page again; or say that it was
    /// cancelled. Once its `browser_deadline` is over, whatever is answered ends it as timed out.
    ///
    /// `None` too if the page on record is none of this configuration's: whoever can write to the keychain could have put it
    /// there. The next sign-out begins anew.
    pub web_step: Option<WebVisit>,
}

impl SignOutResult {
    /// Whether every step that was asked for is done: true for `Complete`. What others still accept is in the
    /// [`report`](Self::report) all the same.
    pub fn is_complete(&self) -> bool {
        matches!(self, Self::Complete(_))
    }

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
    /// expire, whatever Cognito was told; and the refresh token, if Cognito cannot revoke it. Empty where there was no
    /// session.
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

    /// Whether every session of the user has ended, on every device: `GlobalSignOut` was carried out, by this call or by
    /// the one that it retries. False for a global sign-out that found nobody signed in: it has asked nothing of Cognito,
    /// and another process may have signed out of this device alone.
    pub fn signed_out_everywhere(&self) -> bool {
        self.steps.every_session_has_ended()
    }
}
