//! What a sign-out achieved: `Complete`, `Partial` or `Failed`, each with a report; and how a run's ending becomes that.

use std::time::{Duration, SystemTime};

use url::Url;

use super::app_steps::AppStepError;
use super::facts::{Residual, TokenKind};
use super::machine::{Errors, Machine, State};
use super::steps::{Skip, StepStatus, Steps};
use crate::app_reason::AppReason;
use crate::browser::{BrowserSession, Prompt, Visit, prompt_after, sessions_after};
use crate::error::{ErrorCode, StepError};
use crate::options::SignOutOptions;
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
    /// Still signed in, and nothing has changed: the session is on record as before, and no token was revoked.
    Failed(Failed),
}

/// Signed out, without errors. If nobody was signed in there was nothing to do: then a global sign-out is complete too, and
/// [`Report::signed_out_everywhere`] says that it ended no session on other devices.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Complete {
    /// The outcome of each step.
    pub report: Report,
}

/// Signed out of this device, but the steps whose errors are set here failed. Give it to [`Auth::retry`](crate::Auth::retry),
/// or use its tokens yourself. [`kept`](Self::kept) says whether the library tries again by itself; if it does not, the
/// tokens are in this value and nowhere else.
///
/// If `GlobalSignOut` failed and `RevokeToken` succeeded, a retry cannot help: Cognito no longer accepts the access token. The
/// user's other sessions may be alive. The user has to sign in again, and then sign out globally.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Partial {
    /// `RevokeToken` failed, or token revocation is off: the session's refresh token is still alive.
    pub revoke_token_error: Option<RevokeTokenError>,
    /// `GlobalSignOut` failed: the user's other sessions may still be alive.
    pub global_sign_out_error: Option<GlobalSignOutError>,
    /// The browser's session was not ended. [`Auth::retry`](crate::Auth::retry) ends it in the library's browser,
    /// [`Auth::begin_retry`](crate::Auth::begin_retry) in a browser that the app opens. If `RevokeToken` was to end it
    /// ([`WebPolicy::ByRevocation`](crate::WebPolicy::ByRevocation)), both send that request again and open no page.
    pub hosted_ui_error: Option<HostedUiError>,
    /// The app's own steps that failed, or that nobody has registered. [`Auth::retry`](crate::Auth::retry) runs these again, and
    /// no others.
    pub app_step_errors: Vec<AppStepError>,
    /// What was paid or handed over could not be removed from the keychain. The session itself is gone all the same.
    pub local_cleanup_error: Option<LocalCleanupError>,
    /// What is unpaid is also on record and is tried again: by [`Auth::resume`](crate::Auth::resume), by
    /// [`Auth::settle_pending`](crate::Auth::settle_pending), and when the next user signs in. If false, the tokens in the
    /// errors here are nowhere else.
    pub kept: bool,
    /// What the oldest of the earlier sign-outs still owe, each for [`Auth::retry`](crate::Auth::retry): first those that owe only
    /// [app steps](crate::AppStep), each kind the oldest first. They were taken off the record because this sign-out left more debts than
    /// [`max_debts`](crate::UnpaidRevocations::Keep) allows, so their tokens are nowhere else. Empty, unless the device could
    /// not reach Cognito for many sign-outs.
    pub displaced: Vec<Partial>,
    /// The outcome of each step.
    pub report: Report,
    pub(crate) debt: Debt,
    pub(crate) visit: Option<Visit>,
}

impl Partial {
    /// What is left of an earlier sign-out whose debt was taken off the record.
    fn displaced(debt: Debt, now: SystemTime) -> Self {
        let error = StepError::new(
            ErrorCode::Displaced,
            "this device already keeps as many unpaid sign-outs as the configuration allows, and this was the oldest",
        );
        let (done, failed) = (StepStatus::Skipped(Skip::AlreadyDone), StepStatus::Failed(error.code()));
        let linked = debt.revoke && debt.linked;
        let steps = Steps {
            web: if linked { failed } else { done },
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
            app: Vec::new(),
        };
        let app = debt.app_steps.iter();
        let errors = Errors {
            app: app.map(|name| AppStepError::new(name, error.clone())).collect(),
            web: linked.then(|| error.clone()),
            global_sign_out: debt.global.then(|| error.clone()),
            revoke_token: debt.revoke.then_some(error),
            ..Errors::default()
        };
        let report = Report {
            steps,
            residual: Residual::of(&debt.held, now),
            app_reason: debt.app_reason.clone(),
            ..Report::default()
        };
        Self::of(debt, errors, report)
    }

    /// What is left of `debt` after these errors, which nobody keeps.
    fn of(mut debt: Debt, errors: Errors, report: Report) -> Self {
        debt.global = errors.global_sign_out.is_some();
        debt.revoke = errors.revoke_token.is_some();
        debt.app_steps = errors.app.iter().map(|failed| failed.name.clone()).collect();
        let tokens = &debt.held.tokens;
        Self {
            revoke_token_error: errors.revoke_token.map(|error| RevokeTokenError {
                error,
                refresh_token: tokens.refresh_token.clone(),
            }),
            global_sign_out_error: errors.global_sign_out.map(|error| GlobalSignOutError {
                error,
                access_token: tokens.access_token.clone(),
            }),
            hosted_ui_error: errors.web.map(|error| HostedUiError {
                error,
                url: report.logout_url.clone(),
            }),
            app_step_errors: errors.app,
            local_cleanup_error: errors.settle.map(|error| LocalCleanupError { error }),
            kept: false,
            displaced: Vec::new(),
            report,
            debt,
            visit: None,
        }
    }

    /// Whether a retry has to open a page: the browser's session was not ended, and not because `RevokeToken`, which was to end
    /// it, failed.
    pub(crate) fn owes_a_page(&self) -> bool {
        let revocation = self.revoke_token_error.as_ref().filter(|_| self.debt.linked);
        self.hosted_ui_error
            .as_ref()
            .is_some_and(|failed| revocation.is_none_or(|revocation| revocation.error != failed.error))
    }

    /// Each error that is set, with the name of its step: the library's own steps as in [`Steps::named`] and in the order in
    /// which they run, then the app's.
    ///
    /// ```
    /// # use cognito_signout::Partial;
    /// fn log(partial: &Partial) {
    ///     for (step, error) in partial.errors() {
    ///         eprintln!("{step}: {error} {}", error.recovery());
    ///     }
    /// }
    /// ```
    pub fn errors(&self) -> impl Iterator<Item = (&str, &StepError)> {
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
        .chain(
            self.app_step_errors
                .iter()
                .map(|failed| (failed.name.as_str(), &failed.error)),
        )
    }
}

/// Still signed in; nothing has changed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Failed {
    /// The reason.
    pub error: StepError,
    /// The outcome of each step.
    pub report: Report,
}

/// `RevokeToken` failed, or token revocation is off for the app client.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
#[non_exhaustive]
pub struct RevokeTokenError {
    /// What happened, and what to do about it.
    pub error: StepError,
    /// The refresh token that is still alive.
    pub refresh_token: Secret,
}

/// `GlobalSignOut` failed.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
#[non_exhaustive]
pub struct GlobalSignOutError {
    /// What happened, and what to do about it.
    pub error: StepError,
    /// The access token for `GlobalSignOut`. Once `RevokeToken` has succeeded, Cognito no longer accepts it.
    pub access_token: Secret,
}

/// The browser step failed.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
#[non_exhaustive]
pub struct HostedUiError {
    /// What happened, and what to do about it.
    pub error: StepError,
    /// The URL that ends the session when it is opened in the user's browser, if one could be built.
    pub url: Option<Url>,
}

/// What was paid or handed over could not be removed from the keychain.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
#[non_exhaustive]
pub struct LocalCleanupError {
    /// What happened, and what to do about it.
    pub error: StepError,
}

/// How a run has ended.
pub(super) struct Ending {
    pub(super) machine: Machine,
    /// The debt; or, if the sign-out ended before the commit, the debt that the session would have become. `None`: nobody was
    /// signed in.
    pub(super) debt: Option<Debt>,
    pub(super) app_reason: Option<AppReason>,
    pub(super) is_on_record: bool,
    /// The older debts that only this result has.
    pub(super) displaced: Vec<Debt>,
    pub(super) visit: Option<Visit>,
    pub(super) logout_url: Option<Url>,
    pub(super) elapsed: Duration,
}

impl SignOutResult {
    /// The result for a call with the options `asked`. A call that joined may have asked for more than was done: it is never
    /// told `Complete` for a step that did not run. Without options, the result is for what the run itself was asked.
    pub(super) fn of(ending: Ending, asked: Option<&SignOutOptions>, now: SystemTime) -> Self {
        let machine = ending.machine;
        let mut errors = machine.errors().clone();
        let mut report = Report {
            steps: machine.steps().clone(),
            app_reason: ending.app_reason,
            elapsed: ending.elapsed,
            ..Report::default()
        };
        if machine.state != State::Finished {
            machine.interrupt(&mut errors, &mut report.steps);
        }
        if let Some(debt) = ending.debt.as_ref().filter(|debt| debt.held.is_in_shared_browser()) {
            let provider = debt.held.identity_provider();
            let end_requested = machine.is_linked() && report.steps.revoke_token == StepStatus::Done;
            report.browser_sessions = sessions_after(ending.visit.as_ref(), end_requested, provider.as_deref());
            report.logout_url = ending.logout_url;
        }
        if let Some(error) = errors.fatal {
            return Self::Failed(Failed { error, report });
        }
        // Without a session nothing was owed, so nothing can have failed.
        let Some(debt) = ending.debt else {
            return Self::Complete(Complete { report });
        };
        report.residual = Residual::of(&debt.held, now);
        if report.steps.revoke_token == StepStatus::Skipped(Skip::RevocationOff) && errors.revoke_token.is_some() {
            report.residual.push(Residual {
                token: TokenKind::Refresh,
                valid_until: None,
            });
        }
        let unpaid = errors.revoke_token.is_some() || errors.global_sign_out.is_some() || !errors.app.is_empty();
        if let Some(asked) = asked {
            joined_too_late(asked, &machine, &mut report.steps, &mut errors);
        }
        if errors == Errors::default() {
            return Self::Complete(Complete { report });
        }
        let displaced = ending.displaced.into_iter();
        Self::Partial(Partial {
            kept: unpaid && ending.is_on_record,
            displaced: displaced.map(|debt| Partial::displaced(debt, now)).collect(),
            visit: ending.visit,
            ..Partial::of(debt, errors, report)
        })
    }

    /// Whether every step that was asked for is done: true for `Complete`. The [`report`](Self::report) says which tokens and
    /// browser sessions others may still accept.
    pub fn is_complete(&self) -> bool {
        matches!(self, Self::Complete(_))
    }

    /// Whether this device is signed out: true for `Complete` and `Partial`.
    pub fn signed_out_locally(&self) -> bool {
        !matches!(self, Self::Failed(_))
    }

    /// The outcome of each step.
    pub fn report(&self) -> &Report {
        match self {
            Self::Complete(complete) => &complete.report,
            Self::Partial(partial) => &partial.report,
            Self::Failed(failed) => &failed.report,
        }
    }
}

/// Adds an error for each step that a joining call asked for when it was too late.
fn joined_too_late(asked: &SignOutOptions, run: &Machine, steps: &mut Steps, errors: &mut Errors) {
    if asked.global && !run.global {
        let error = StepError::new(
            ErrorCode::JoinedTooLate,
            "a local sign-out was already running, and had already asked Cognito to revoke the session",
        );
        steps.global_sign_out = StepStatus::Failed(error.code());
        errors.global_sign_out = Some(error);
    }
    let running = match steps.web {
        StepStatus::Skipped(Skip::ByPolicy) => Some("leaves the browser's session alone"),
        StepStatus::Requested | StepStatus::Failed(_) if run.is_linked() => {
            Some("ends the browser's session without a page")
        }
        _ => None,
    };
    if let Some(running) = running.filter(|_| asked.web.unwrap_or(run.default_web) > run.web()) {
        let message = format!("a sign-out that {running} was already running");
        let error = StepError::new(ErrorCode::JoinedTooLate, message);
        steps.web = StepStatus::Failed(error.code());
        errors.web = Some(error);
    }
}

/// What was done, what was not, and what other services still accept.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Report {
    /// The outcome of each step.
    pub steps: Steps,
    /// The tokens that are still accepted. Services that verify access and ID tokens offline (API Gateway, AppSync, your own
    /// back end) accept them until they expire, whatever Cognito was told. The refresh token is here if Cognito cannot
    /// revoke it. Empty if there was no session.
    pub residual: Vec<Residual>,
    /// The sessions that the user's browser had, and the outcome of each. Empty if the user signed in without a browser or in
    /// a private browser session.
    pub browser_sessions: Vec<BrowserSession>,
    /// The page that ends what may be left in the browser, if one is known. Open it in the user's browser.
    pub logout_url: Option<Url>,
    /// Why the app signed out, if a call [said so](crate::SignOutOptions::reason). A later payment of what is owed has it too. A
    /// call that was refused before it began has none.
    pub app_reason: Option<AppReason>,
    /// How long the call took, from the first step to the last.
    pub elapsed: Duration,
}

impl Report {
    /// What the next sign-in should ask for, so that it does not silently use a session that may persist in the browser:
    /// see [`Prompt::authorize_url_hint`].
    pub fn next_sign_in(&self) -> Option<Prompt> {
        prompt_after(&self.browser_sessions)
    }

    /// Whether every session of the user has ended, on every device: `GlobalSignOut` succeeded, in this call or in the call
    /// that this one retries. False for a global sign-out that found nobody signed in: it asked nothing of Cognito, and
    /// another process may have signed out of this device alone.
    pub fn signed_out_everywhere(&self) -> bool {
        self.steps.every_session_has_ended()
    }
}
