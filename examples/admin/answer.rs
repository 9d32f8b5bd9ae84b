//! What the program answers: one object, for people or as JSON.

use std::collections::BTreeMap;
use std::time::Duration;

use cognito_signout::ErrorCode;
use cognito_signout::admin::{AdminError, Difference, Ended, Examination, Finding, Severity, Summary};
use serde::Serialize;

use crate::sample::Checked;

/// The answer to one command.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    pub(crate) result: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) disabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) users: Option<Users>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sample: Option<Checked>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) findings: Option<Vec<Seen>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fixed: Option<Fixed>,
    /// By what was being done.
    pub(crate) errors: BTreeMap<&'static str, Problem>,
    pub(crate) elapsed_ms: u128,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Complete,
    Partial,
    Failed,
    /// What was asked makes no sense; nothing was done.
    Usage,
}

impl Outcome {
    pub(crate) fn exit_code(self) -> i32 {
        match self {
            Self::Complete => 0,
            Self::Partial => 3,
            Self::Failed => 4,
            Self::Usage => 2,
        }
    }
}

/// What became of many users.
#[derive(Debug, Serialize)]
pub(crate) struct Users {
    pub(crate) signed_out: u64,
    pub(crate) disabled: u64,
    pub(crate) already_done: u64,
    pub(crate) would_sign_out: u64,
    pub(crate) failed: u64,
    /// Among the failed.
    pub(crate) not_found: u64,
    pub(crate) requests: u64,
    pub(crate) throttled: u64,
    pub(crate) slowest_rate: f64,
    /// `all_tried`, `stopped` or `aborted`.
    pub(crate) ended: &'static str,
}

/// One of the doctor's findings.
#[derive(Debug, Serialize)]
pub(crate) struct Seen {
    pub(crate) severity: &'static str,
    pub(crate) code: &'static str,
    pub(crate) means: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fix: Option<String>,
}

/// What `--fix` did.
#[derive(Debug, Serialize)]
pub(crate) struct Fixed {
    /// Whether the settings were changed; `null` if that was sent, but could not be confirmed.
    pub(crate) applied: Option<bool>,
    pub(crate) differences: Vec<Differing>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Differing {
    pub(crate) setting: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

impl From<Finding> for Seen {
    fn from(finding: Finding) -> Self {
        Self {
            severity: finding.severity.as_str(),
            code: finding.code,
            means: finding.means,
            fix: finding.fix,
        }
    }
}

impl From<Difference> for Differing {
    fn from(difference: Difference) -> Self {
        Self {
            setting: difference.setting,
            before: difference.before,
            after: difference.after,
        }
    }
}

/// What went wrong, and what to do about it.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) recovery: &'static str,
}

impl From<&AdminError> for Problem {
    fn from(error: &AdminError) -> Self {
        Self {
            code: error.code().as_str(),
            message: error.to_string(),
            recovery: error.recovery(),
        }
    }
}

impl Answer {
    pub(crate) fn new(result: Outcome) -> Self {
        Self {
            result,
            disabled: None,
            users: None,
            sample: None,
            findings: None,
            fixed: None,
            errors: BTreeMap::new(),
            elapsed_ms: 0,
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        let problem = Problem {
            code: ErrorCode::InvalidInput.as_str(),
            message: message.into(),
            recovery: ErrorCode::InvalidInput.recovery(),
        };
        Self {
            errors: BTreeMap::from([("usage", problem)]),
            ..Self::new(Outcome::Usage)
        }
    }

    /// It was not done, for this reason.
    pub(crate) fn failed(at: &'static str, error: &AdminError) -> Self {
        let result = match error {
            AdminError::InvalidInput(_) => Outcome::Usage,
            _ => Outcome::Failed,
        };
        Self {
            errors: BTreeMap::from([(at, error.into())]),
            ..Self::new(result)
        }
    }

    /// What the doctor saw; partial from a warning on.
    pub(crate) fn examined(examination: Examination) -> Self {
        let result = if examination.worst() >= Severity::Warning {
            Outcome::Partial
        } else {
            Outcome::Complete
        };
        Self {
            findings: Some(examination.findings.into_iter().map(Seen::from).collect()),
            ..Self::new(result)
        }
    }

    /// The user is disabled, but not signed out.
    pub(crate) fn partial(at: &'static str, error: &AdminError) -> Self {
        Self {
            result: Outcome::Partial,
            disabled: Some(true),
            ..Self::failed(at, error)
        }
    }

    pub(crate) fn signed_out(disabled: bool) -> Self {
        Self {
            disabled: Some(disabled),
            ..Self::new(Outcome::Complete)
        }
    }

    pub(crate) fn of_many(summary: &Summary) -> Self {
        let done = summary.signed_out + summary.disabled + summary.already_done + summary.would_sign_out;
        let result = match &summary.ended {
            _ if summary.is_complete() => Outcome::Complete,
            Ended::Aborted(_) if done == 0 => Outcome::Failed,
            _ => Outcome::Partial,
        };
        let (ended, errors) = match &summary.ended {
            Ended::Aborted(error) => ("aborted", BTreeMap::from([("run", error.into())])),
            Ended::Stopped => ("stopped", BTreeMap::new()),
            _ => ("all_tried", BTreeMap::new()),
        };
        let users = Users {
            signed_out: summary.signed_out,
            disabled: summary.disabled,
            already_done: summary.already_done,
            would_sign_out: summary.would_sign_out,
            failed: summary.failed,
            not_found: summary.not_found,
            requests: summary.requests,
            throttled: summary.throttled,
            slowest_rate: summary.slowest_rate,
            ended,
        };
        Self {
            users: Some(users),
            errors,
            ..Self::new(result)
        }
    }

    /// All is done but this, which is the program's own.
    pub(crate) fn lacks(mut self, at: &'static str, message: String) -> Self {
        if self.result == Outcome::Complete {
            self.result = Outcome::Partial;
        }
        let problem = Problem {
            code: "file",
            message,
            recovery: "Make room, or choose another file; what is missing there is in the journal.",
        };
        self.errors.insert(at, problem);
        self
    }

    pub(crate) fn took(self, elapsed: Duration) -> Self {
        Self {
            elapsed_ms: elapsed.as_millis(),
            ..self
        }
    }
}
