//! The output of a command: one object.

use std::collections::BTreeMap;
use std::time::Duration;

use cognito_signout::{
    AuthError, EndedSession, Report, Residual, Secret, Session, SignOutOthersResult, SignOutProgress, SignOutResult,
    SignedInWith, Skip, StepError, StepStatus, Steps, Tokens,
};
use serde::Serialize;

use crate::print::rfc3339;
use crate::problem::Problem;
use crate::program;
use crate::sessions::ShownSession;
use crate::user::for_people;
use crate::user::web::{WebStepView, WebView};

/// The output of one command. A sign-out, `resume` and `retry` have steps, whether the device is signed out, the browser's
/// sessions, and the tokens that stay valid; the other commands have the session, if there is one. If `resume` or `retry`
/// settled several debts, this is the worst result, and `results` has each, oldest first.
#[derive(Debug, Serialize)]
pub(crate) struct Output {
    pub(crate) result: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signed_out_locally: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) steps: Option<Steps>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) web: Option<WebView>,
    /// The page to open, if a sign-out waits for the browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) web_step: Option<WebStepView>,
    /// What became of a session that was to be adopted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) adoption: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<SessionView>,
    /// The user's sessions; after `sign-out --others`, those that were to be ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sessions: Option<Vec<ShownSession>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tokens: Option<TokensView>,
    /// By step, or by command if the command failed without a failed step.
    pub(crate) errors: BTreeMap<&'static str, Failure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) residual: Option<Vec<Residual>>,
    /// Whether every session of the user has ended, on every device.
    #[serde(skip)]
    pub(crate) everywhere: bool,
    /// Whether it was `sign-out --others`.
    #[serde(skip)]
    pub(crate) ended_others: bool,
    /// Whether the vault keeps what a partial sign-out still owes, for `retry` and `resume`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kept: Option<bool>,
    /// Older sign-outs that are no longer kept, to make room. Only this output has their tokens; `--reveal` shows them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) displaced: Vec<Output>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) results: Vec<Output>,
    pub(crate) elapsed_ms: u128,
}

/// From best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Complete,
    SignedIn,
    SignedOut,
    /// The sign-out waits for the browser.
    Begun,
    Partial,
    /// No sign-out waits for what `finish-sign-out` was given. Nothing has changed.
    Ignored,
    Failed,
    /// `status` cannot read the session now.
    Unavailable,
    /// The command line makes no sense. Nothing was done.
    Usage,
}

impl Verdict {
    fn exit_code(self) -> i32 {
        match self {
            Self::Complete | Self::SignedIn | Self::SignedOut | Self::Begun => 0,
            Self::Partial => 3,
            Self::Ignored | Self::Failed | Self::Unavailable => 4,
            Self::Usage => 2,
        }
    }
}

/// What went wrong, and whether the result has a token for another attempt by hand.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    #[serde(flatten)]
    pub(crate) problem: Problem,
    /// Whether there is a token; `--reveal` shows it.
    pub(crate) token_available: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<String>,
}

impl Failure {
    fn of_step(error: &StepError) -> Self {
        Problem::new(error.code(), error.message(), error.recovery()).into()
    }

    fn with_token(error: &StepError, token: &Secret, reveal: bool) -> Self {
        Self {
            token_available: true,
            token: reveal.then(|| token.reveal().to_owned()),
            ..Self::of_step(error)
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            token_available: false,
            token: None,
        }
    }
}

impl From<&AuthError> for Failure {
    fn from(error: &AuthError) -> Self {
        Problem::new(error.code(), &error.to_string(), error.recovery()).into()
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct SessionView {
    pub(crate) sub: String,
    pub(crate) username: Option<String>,
    pub(crate) signed_in_with: SignedInWith,
    pub(crate) access_token_expires: String,
    pub(crate) expired: bool,
    pub(crate) identity_id: Option<String>,
}

impl From<Session> for SessionView {
    fn from(session: Session) -> Self {
        Self {
            sub: session.sub,
            username: session.username,
            signed_in_with: session.signed_in_with,
            access_token_expires: rfc3339(session.access_token_expires),
            expired: session.expired,
            identity_id: session.identity_id,
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct TokensView {
    pub(crate) access_token: String,
    pub(crate) id_token: String,
    pub(crate) refresh_token: String,
}

impl From<&Tokens> for TokensView {
    fn from(tokens: &Tokens) -> Self {
        let [access_token, id_token, refresh_token] =
            [&tokens.access_token, &tokens.id_token, &tokens.refresh_token].map(|token| token.reveal().to_owned());
        Self {
            access_token,
            id_token,
            refresh_token,
        }
    }
}

impl Output {
    pub(crate) fn new(result: Verdict) -> Self {
        Self {
            result,
            signed_out_locally: None,
            steps: None,
            web: None,
            web_step: None,
            adoption: None,
            session: None,
            sessions: None,
            tokens: None,
            errors: BTreeMap::new(),
            residual: None,
            everywhere: false,
            ended_others: false,
            kept: None,
            displaced: Vec::new(),
            results: Vec::new(),
            elapsed_ms: 0,
        }
    }

    /// The command `at` failed.
    pub(crate) fn failed(at: &'static str, error: &AuthError) -> Self {
        let result = match error {
            AuthError::InvalidInput(_) => Verdict::Usage,
            _ => Verdict::Failed,
        };
        Self::with_error(result, at, error.into())
    }

    pub(crate) fn with_error(result: Verdict, at: &'static str, error: Failure) -> Self {
        Self {
            errors: BTreeMap::from([(at, error)]),
            ..Self::new(result)
        }
    }

    pub(crate) fn signed_out(result: &SignOutResult, reveal: bool) -> Self {
        let mut errors = BTreeMap::new();
        let (mut kept, mut displaced) = (None, Vec::new());
        let outcome = match result {
            SignOutResult::Complete(_) => Verdict::Complete,
            SignOutResult::Partial(partial) => {
                if let Some(failed) = &partial.revoke_token_error {
                    let failure = Failure::with_token(&failed.error, &failed.refresh_token, reveal);
                    errors.insert("revoke_token", failure);
                }
                if let Some(failed) = &partial.global_sign_out_error {
                    let failure = Failure::with_token(&failed.error, &failed.access_token, reveal);
                    errors.insert("global_sign_out", failure);
                }
                if let Some(failed) = &partial.hosted_ui_error {
                    errors.insert("web", Failure::of_step(&failed.error));
                }
                if let Some(failed) = &partial.local_cleanup_error {
                    errors.insert("settle", Failure::of_step(&failed.error));
                }
                kept = Some(partial.kept);
                let older = partial.displaced.iter().cloned().map(SignOutResult::Partial);
                displaced = older.map(|older| Self::signed_out(&older, reveal)).collect();
                Verdict::Partial
            }
            SignOutResult::Failed(failed) => {
                // Every failure outside the browser step prevents the commit, including a record that cannot be read.
                let web_failed = matches!(failed.report.steps.web, StepStatus::Failed(_));
                let step = if web_failed { "web" } else { "commit" };
                errors.insert(step, Failure::of_step(&failed.error));
                Verdict::Failed
            }
        };
        Self {
            errors,
            kept,
            displaced,
            elapsed_ms: result.report().elapsed.as_millis(),
            ..Self::of_sign_out(outcome, result.signed_out_locally(), result.report())
        }
    }

    /// `sign-out --others`.
    pub(crate) fn others(result: SignOutOthersResult) -> Self {
        let (verdict, sessions) = match result {
            SignOutOthersResult::Complete(complete) => (Verdict::Complete, complete.sessions),
            SignOutOthersResult::Partial(partial) => (Verdict::Partial, partial.sessions),
            SignOutOthersResult::Failed(failed) => return Self::failed("others", &failed.error),
        };
        let shown = |ended: EndedSession| {
            let problem = |error: StepError| Problem::new(error.code(), error.message(), error.recovery());
            ShownSession::to_end(ended.session, ended.error.map(problem))
        };
        Self {
            sessions: Some(sessions.into_iter().map(shown).collect()),
            ended_others: true,
            ..Self::new(verdict)
        }
    }

    /// `begin-sign-out` or `finish-sign-out`.
    pub(crate) fn progress(progress: &SignOutProgress, reveal: bool) -> Self {
        match progress {
            SignOutProgress::Open(visit) => Self {
                signed_out_locally: Some(false),
                web_step: Some(visit.into()),
                ..Self::new(Verdict::Begun)
            },
            SignOutProgress::Ignored => Self::new(Verdict::Ignored),
            SignOutProgress::Finished(result) => Self::signed_out(result, reveal),
        }
    }

    /// `resume` or `retry` with the result of each debt.
    pub(crate) fn settled(results: &[SignOutResult], reveal: bool) -> Option<Self> {
        let each = || results.iter().map(|result| Self::signed_out(result, reveal));
        let worst = each().max_by_key(|output| output.result)?;
        Some(Self {
            results: if results.len() > 1 {
                each().collect()
            } else {
                Vec::new()
            },
            ..worst
        })
    }

    /// `resume` or `retry` with nothing to do: no earlier sign-out left a debt.
    pub(crate) fn nothing_owed(signed_out_locally: bool) -> Self {
        let mut report = Report::default();
        let done = StepStatus::Skipped(Skip::AlreadyDone);
        let Steps {
            web,
            commit,
            refresh,
            global_sign_out,
            revoke_token,
            settle,
            ..
        } = &mut report.steps;
        for step in [web, commit, refresh, global_sign_out, revoke_token, settle] {
            *step = done;
        }
        // This command signed nobody out: it must not read like a global sign-out.
        Self {
            everywhere: false,
            ..Self::of_sign_out(Verdict::Complete, signed_out_locally, &report)
        }
    }

    /// `resume` or `retry` cannot read what is owed, or whether anyone is signed in.
    pub(crate) fn not_settled(error: &AuthError) -> Self {
        Self {
            errors: BTreeMap::from([("settle", error.into())]),
            ..Self::of_sign_out(Verdict::Failed, false, &Report::default())
        }
    }

    fn of_sign_out(result: Verdict, signed_out_locally: bool, report: &Report) -> Self {
        Self {
            signed_out_locally: Some(signed_out_locally),
            steps: Some(report.steps.clone()),
            web: Some(WebView::from(report)),
            residual: Some(report.residual.clone()),
            everywhere: report.signed_out_everywhere(),
            ..Self::new(result)
        }
    }

    pub(crate) fn took(self, elapsed: Duration) -> Self {
        Self {
            elapsed_ms: elapsed.as_millis(),
            ..self
        }
    }
}

impl program::Output for Output {
    fn usage(message: &str) -> Self {
        Self {
            errors: BTreeMap::from([("usage", Problem::usage(message).into())]),
            ..Self::new(Verdict::Usage)
        }
    }

    fn for_people(&self) -> String {
        for_people::text(self)
    }

    fn exit_code(&self) -> i32 {
        self.result.exit_code()
    }
}
