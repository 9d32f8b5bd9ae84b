//! The output of a command: one object.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::time::Duration;

use cognito_signout::admin::{self, AdminError, Difference, Ended, Examination, Finding, Severity, Summary};
use serde::Serialize;

use crate::admin::for_people;
use crate::admin::sample::Checked;
use crate::admin::sessions::EndedSession;
use crate::print::rfc3339;
use crate::problem::Problem;
use crate::program;
use crate::sessions::ShownSession;

/// The output of one command.
#[derive(Debug, Serialize)]
pub(crate) struct Output {
    pub(crate) result: Verdict,
    /// Whose credentials signed the requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signer: Option<Signer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) disabled: Option<bool>,
    /// The session that was ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ended: Option<EndedSession>,
    /// The session that `sign-out --others-than` keeps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kept: Option<String>,
    /// The user's sessions, or those that were to be ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sessions: Option<Vec<ShownSession>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) users: Option<Users>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sample: Option<Checked>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) findings: Option<Vec<ShownFinding>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fixed: Option<Fixed>,
    /// Why users failed, by code: only for `sign-out-all`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) failed_by_code: BTreeMap<&'static str, Failed>,
    /// By the step that failed.
    pub(crate) errors: BTreeMap<&'static str, Problem>,
    pub(crate) elapsed_ms: u128,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Complete,
    Partial,
    Failed,
    /// Some users were not tried, and the same command continues with them.
    BrokeOff,
    /// The command line makes no sense. Nothing was done.
    Usage,
}

impl Verdict {
    /// Documented in `args::AFTER_HELP`.
    pub(crate) fn exit_code(self) -> i32 {
        match self {
            Self::Complete => 0,
            Self::Partial => 3,
            Self::Failed => 4,
            Self::BrokeOff => 5,
            Self::Usage => 2,
        }
    }
}

/// Whose credentials they are, without secrets.
#[derive(Debug, Serialize)]
pub(crate) struct Signer {
    pub(crate) access_key_id_end: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account_id: Option<String>,
}

impl From<admin::Signer> for Signer {
    fn from(signer: admin::Signer) -> Self {
        Self {
            access_key_id_end: signer.access_key_id_end,
            account_id: signer.account_id,
        }
    }
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "signing with the access key …{}", self.access_key_id_end)?;
        match &self.account_id {
            Some(account) => write!(f, " of the account {account}"),
            None => Ok(()),
        }
    }
}

/// The result for many users.
#[derive(Debug, Serialize)]
pub(crate) struct Users {
    pub(crate) signed_out: u64,
    pub(crate) disabled: u64,
    pub(crate) already_done: u64,
    pub(crate) would_sign_out: u64,
    /// The first of their names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) would_sign_out_first: Vec<String>,
    pub(crate) failed: u64,
    /// `failed` counts them too.
    pub(crate) not_found: u64,
    /// Users whose names were read, but the run ended before their turn.
    pub(crate) not_tried: u64,
    /// Whether there may be more users, whose names were not read.
    pub(crate) more_not_tried: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) journal: Option<Journal>,
    pub(crate) requests: u64,
    pub(crate) throttled: u64,
    pub(crate) slowest_rate: f64,
    /// `all_tried`, `stopped` or `aborted`.
    pub(crate) ended: &'static str,
}

/// The journal that lists users as signed out.
#[derive(Debug, Serialize)]
pub(crate) struct Journal {
    pub(crate) file: String,
    /// When an earlier run began it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) begun: Option<String>,
}

/// How many names of each kind are printed; `--failures` has all.
pub(crate) const SHOWN: usize = 10;

/// Users who failed with one code.
#[derive(Debug, Serialize)]
pub(crate) struct Failed {
    pub(crate) count: u64,
    /// Each message once: a code can have several, such as one for each permission.
    pub(crate) messages: BTreeSet<String>,
    pub(crate) recovery: &'static str,
    /// The first names.
    pub(crate) first: Vec<String>,
}

impl Failed {
    /// For the first error with this code.
    pub(crate) fn with(error: &AdminError) -> Self {
        Self {
            count: 0,
            messages: BTreeSet::new(),
            recovery: error.recovery(),
            first: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, username: &str, error: &AdminError) {
        self.count += 1;
        if self.messages.len() < SHOWN {
            self.messages.insert(error.to_string());
        }
        if self.first.len() < SHOWN {
            self.first.push(username.to_owned());
        }
    }
}

/// One of the doctor's findings.
#[derive(Debug, Serialize)]
pub(crate) struct ShownFinding {
    pub(crate) severity: &'static str,
    pub(crate) code: &'static str,
    pub(crate) means: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fix: Option<String>,
}

/// What `--fix` did.
#[derive(Debug, Serialize)]
pub(crate) struct Fixed {
    /// Whether the settings were changed; `null` if the change was sent but could not be confirmed.
    pub(crate) applied: Option<bool>,
    pub(crate) differences: Vec<ChangedSetting>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ChangedSetting {
    pub(crate) setting: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
    /// Both values with their units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) in_words: Option<String>,
}

impl From<Finding> for ShownFinding {
    fn from(finding: Finding) -> Self {
        Self {
            severity: finding.severity.as_str(),
            code: finding.code,
            means: finding.means,
            fix: finding.fix,
        }
    }
}

impl From<Difference> for ChangedSetting {
    fn from(difference: Difference) -> Self {
        Self {
            setting: difference.setting,
            before: difference.before,
            after: difference.after,
            in_words: difference.in_words,
        }
    }
}

impl From<&AdminError> for Problem {
    fn from(error: &AdminError) -> Self {
        Self::new(error.code(), &error.to_string(), error.recovery())
    }
}

impl Output {
    pub(crate) fn new(result: Verdict) -> Self {
        Self {
            result,
            signer: None,
            disabled: None,
            ended: None,
            kept: None,
            sessions: None,
            users: None,
            sample: None,
            findings: None,
            fixed: None,
            failed_by_code: BTreeMap::new(),
            errors: BTreeMap::new(),
            elapsed_ms: 0,
        }
    }

    /// The command failed for this reason.
    pub(crate) fn failed(at: &'static str, error: &AdminError) -> Self {
        let result = match error {
            AdminError::InvalidInput(_) => Verdict::Usage,
            _ => Verdict::Failed,
        };
        Self {
            errors: BTreeMap::from([(at, error.into())]),
            ..Self::new(result)
        }
    }

    /// The doctor's findings; partial if one of them is a warning or worse, and is not accepted.
    pub(crate) fn examined(examination: Examination, accepted: &[String]) -> Self {
        let is_open = |finding: &&Finding| !accepted.iter().any(|accepted| accepted == finding.code);
        let mut open = examination.findings.iter().filter(is_open);
        let result = if open.any(|finding| finding.severity >= Severity::Warning) {
            Verdict::Partial
        } else {
            Verdict::Complete
        };
        Self {
            findings: Some(examination.findings.into_iter().map(ShownFinding::from).collect()),
            ..Self::new(result)
        }
    }

    /// The user is disabled, but not signed out.
    pub(crate) fn partial(at: &'static str, error: &AdminError) -> Self {
        Self {
            result: Verdict::Partial,
            disabled: Some(true),
            ..Self::failed(at, error)
        }
    }

    pub(crate) fn signed_out(disabled: bool) -> Self {
        Self {
            disabled: Some(disabled),
            ..Self::new(Verdict::Complete)
        }
    }

    pub(crate) fn of_many(summary: &Summary, journal: Option<&Path>) -> Self {
        let done_now = summary.signed_out + summary.disabled;
        let done = done_now + summary.already_done + summary.would_sign_out;
        let is_left = summary.not_tried > 0 || summary.more_not_tried;
        let result = match &summary.ended {
            _ if summary.is_complete() => Verdict::Complete,
            // The same command would fail again: something must be fixed first.
            Ended::Aborted(error) if is_left && done_now == 0 && !error.is_passing() => Verdict::Failed,
            // The same list would end here again; the command that wrote it would continue.
            Ended::Aborted(AdminError::ListNotWhole) if done_now > 0 => Verdict::Partial,
            _ if is_left => Verdict::BrokeOff,
            _ if done == 0 => Verdict::Failed,
            _ => Verdict::Partial,
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
            would_sign_out_first: Vec::new(),
            failed: summary.failed,
            not_found: summary.not_found,
            not_tried: summary.not_tried,
            more_not_tried: summary.more_not_tried,
            journal: journal.map(|file| Journal {
                file: file.display().to_string(),
                begun: summary.journal_begun.map(rfc3339),
            }),
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

    /// Everything is done except this, which is a problem of the program and not of the library.
    pub(crate) fn lacks(mut self, at: &'static str, problem: Problem) -> Self {
        if self.result == Verdict::Complete {
            self.result = Verdict::Partial;
        }
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

impl program::Output for Output {
    fn usage(message: &str) -> Self {
        Self {
            errors: BTreeMap::from([("usage", Problem::usage(message))]),
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
