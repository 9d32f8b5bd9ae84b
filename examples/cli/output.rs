//! What the program answers: one object, for people or as JSON.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use cognito_signout::{
    AuthError, ErrorCode, Report, Residual, Secret, Session, SignOutProgress, SignOutResult, SignedInWith, Skip,
    StepError, StepStatus, Steps, Tokens,
};
use jiff::Timestamp;
use serde::Serialize;

use crate::web::{WebStepView, WebView};

/// The answer to one command. A sign-out, `resume` and `retry` have steps, what is signed out, what became of the
/// browser's sessions, and residual exposure; the others have the session where there is one. Where `resume` or `retry`
/// settled several debts, this is the worst of them and `results` has each, oldest first.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    pub(crate) result: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signed_out_locally: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) steps: Option<Steps>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) web: Option<WebView>,
    /// A sign-out waits for the browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) web_step: Option<WebStepView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<SessionView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tokens: Option<TokensView>,
    /// By step; where no step failed but the command did, by command.
    pub(crate) errors: BTreeMap<&'static str, Problem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) residual: Option<Vec<Residual>>,
    /// Every session of the user has ended, on every device.
    #[serde(skip)]
    pub(crate) everywhere: bool,
    /// What a partial sign-out has left is in the vault, for `retry` and `resume`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kept: Option<bool>,
    /// Older sign-outs that had to make room: `--reveal` shows their tokens, which are nowhere else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) displaced: Vec<Answer>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) results: Vec<Answer>,
    pub(crate) elapsed_ms: u128,
}

/// From best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Complete,
    SignedIn,
    SignedOut,
    /// The sign-out waits for the browser.
    Begun,
    Partial,
    /// `finish-sign-out` was given what no sign-out waits for: nothing has happened.
    Ignored,
    Failed,
    /// `status` cannot tell now.
    Unavailable,
    /// What was asked makes no sense; nothing was done.
    Usage,
}

impl Outcome {
    pub(crate) fn exit_code(self) -> i32 {
        match self {
            Self::Complete | Self::SignedIn | Self::SignedOut | Self::Begun => 0,
            Self::Partial => 3,
            Self::Ignored | Self::Failed | Self::Unavailable => 4,
            Self::Usage => 2,
        }
    }
}

/// What went wrong, and what to do about it.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) recovery: &'static str,
    /// Whether there is a token to try again with by hand; `--reveal` shows it.
    pub(crate) token_available: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<String>,
}

impl Problem {
    fn new(error: &StepError) -> Self {
        Self {
            code: error.code().as_str(),
            message: error.message().to_owned(),
            recovery: error.recovery(),
            token_available: false,
            token: None,
        }
    }

    fn with_token(error: &StepError, token: &Secret, reveal: bool) -> Self {
        Self {
            token_available: true,
            token: reveal.then(|| token.reveal().to_owned()),
            ..Self::new(error)
        }
    }

    fn usage(message: String) -> Self {
        Self {
            code: ErrorCode::InvalidInput.as_str(),
            message,
            recovery: ErrorCode::InvalidInput.recovery(),
            token_available: false,
            token: None,
        }
    }
}

impl From<&AuthError> for Problem {
    fn from(error: &AuthError) -> Self {
        Self {
            code: error.code().as_str(),
            message: error.to_string(),
            recovery: error.recovery(),
            token_available: false,
            token: None,
        }
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

impl Answer {
    pub(crate) fn new(result: Outcome) -> Self {
        Self {
            result,
            signed_out_locally: None,
            steps: None,
            web: None,
            web_step: None,
            session: None,
            tokens: None,
            errors: BTreeMap::new(),
            residual: None,
            everywhere: false,
            kept: None,
            displaced: Vec::new(),
            results: Vec::new(),
            elapsed_ms: 0,
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            errors: BTreeMap::from([("usage", Problem::usage(message.into()))]),
            ..Self::new(Outcome::Usage)
        }
    }

    /// The command `at` could not do what it was asked.
    pub(crate) fn failed(at: &'static str, error: &AuthError) -> Self {
        let result = match error {
            AuthError::InvalidInput(_) => Outcome::Usage,
            _ => Outcome::Failed,
        };
        Self {
            errors: BTreeMap::from([(at, Problem::from(error))]),
            ..Self::new(result)
        }
    }

    pub(crate) fn signed_out(result: &SignOutResult, reveal: bool) -> Self {
        let mut errors = BTreeMap::new();
        let (mut kept, mut displaced) = (None, Vec::new());
        let outcome = match result {
            SignOutResult::Complete(_) => Outcome::Complete,
            SignOutResult::Partial(partial) => {
                if let Some(failed) = &partial.revoke_token_error {
                    let problem = Problem::with_token(&failed.error, &failed.refresh_token, reveal);
                    errors.insert("revoke_token", problem);
                }
                if let Some(failed) = &partial.global_sign_out_error {
                    let problem = Problem::with_token(&failed.error, &failed.access_token, reveal);
                    errors.insert("global_sign_out", problem);
                }
                if let Some(failed) = &partial.hosted_ui_error {
                    errors.insert("web", Problem::new(&failed.error));
                }
                if let Some(failed) = &partial.local_cleanup_error {
                    errors.insert("settle", Problem::new(&failed.error));
                }
                kept = Some(partial.kept);
                let older = partial.displaced.iter().cloned().map(SignOutResult::Partial);
                displaced = older.map(|older| Self::signed_out(&older, reveal)).collect();
                Outcome::Partial
            }
            SignOutResult::Failed(failed) => {
                // What is not the browser's kept the sign-out from its commit, be it by reading the record.
                let web_failed = matches!(failed.report.steps.web, StepStatus::Failed(_));
                let step = if web_failed { "web" } else { "commit" };
                errors.insert(step, Problem::new(&failed.error));
                Outcome::Failed
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

    /// `begin-sign-out` or `finish-sign-out`.
    pub(crate) fn progress(progress: &SignOutProgress, reveal: bool) -> Self {
        match progress {
            SignOutProgress::Open(visit) => Self {
                signed_out_locally: Some(false),
                web_step: Some(visit.into()),
                ..Self::new(Outcome::Begun)
            },
            SignOutProgress::Ignored => Self::new(Outcome::Ignored),
            SignOutProgress::Finished(result) => Self::signed_out(result, reveal),
        }
    }

    /// `resume` or `retry`: what became of each debt.
    pub(crate) fn settled(results: &[SignOutResult], reveal: bool) -> Option<Self> {
        let each = || results.iter().map(|result| Self::signed_out(result, reveal));
        let worst = each().max_by_key(|answer| answer.result)?;
        Some(Self {
            results: if results.len() > 1 {
                each().collect()
            } else {
                Vec::new()
            },
            ..worst
        })
    }

    /// `resume` or `retry` with nothing to do: an earlier sign-out had done it all.
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
        // Nobody has been signed out by this: it must not read like a global sign-out.
        Self {
            everywhere: false,
            ..Self::of_sign_out(Outcome::Complete, signed_out_locally, &report)
        }
    }

    /// `resume` or `retry` cannot see what is owed, nor whether anyone is signed in: nobody is known to be signed out.
    pub(crate) fn not_settled(error: &AuthError) -> Self {
        Self {
            errors: BTreeMap::from([("settle", Problem::from(error))]),
            ..Self::of_sign_out(Outcome::Failed, false, &Report::default())
        }
    }

    fn of_sign_out(result: Outcome, signed_out_locally: bool, report: &Report) -> Self {
        Self {
            signed_out_locally: Some(signed_out_locally),
            steps: Some(report.steps),
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

/// As `2026-11-21T09:00:00Z`. The library gives no time that this cannot write.
pub(crate) fn rfc3339(time: SystemTime) -> String {
    Timestamp::try_from(time).unwrap_or(Timestamp::MAX).to_string()
}
