//! What the program answers: one object, for people or as JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use cognito_signout::ErrorCode;
use cognito_signout::admin::{self, AdminError, Difference, Ended, Examination, Finding, Severity, Summary};
use serde::Serialize;

use crate::sample::Checked;

/// The answer to one command.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    pub(crate) result: Outcome,
    /// Whose credentials signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signer: Option<Signer>,
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
    /// Why users failed, by code: of `sign-out-all` alone.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) failed_by_code: BTreeMap<&'static str, Failed>,
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
    /// Users were not tried, and the same command goes on with them.
    BrokeOff,
    /// What was asked makes no sense; nothing was done.
    Usage,
}

impl Outcome {
    /// `args::AFTER_HELP` tells them.
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

/// Whose credentials they are, as far as that may be told.
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

/// What became of many users.
#[derive(Debug, Serialize)]
pub(crate) struct Users {
    pub(crate) signed_out: u64,
    pub(crate) disabled: u64,
    pub(crate) already_done: u64,
    pub(crate) would_sign_out: u64,
    /// The first names of those.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) would_sign_out_first: Vec<String>,
    pub(crate) failed: u64,
    /// Among the failed.
    pub(crate) not_found: u64,
    /// Whose names were read, and whose turn did not come.
    pub(crate) not_tried: u64,
    /// Whether there may be others, whose names were not read.
    pub(crate) more_not_tried: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) journal: Option<Journal>,
    pub(crate) requests: u64,
    pub(crate) throttled: u64,
    pub(crate) slowest_rate: f64,
    /// `all_tried`, `stopped` or `aborted`.
    pub(crate) ended: &'static str,
}

/// What said that users had been signed out before.
#[derive(Debug, Serialize)]
pub(crate) struct Journal {
    pub(crate) file: String,
    /// When an earlier run began it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) begun: Option<String>,
}

/// How many names are told of each sort; `--failures` has all.
pub(crate) const TOLD: usize = 10;

/// Users who failed with one code.
#[derive(Debug, Serialize)]
pub(crate) struct Failed {
    pub(crate) count: u64,
    /// Each once: a code may have several, as one for each permission.
    pub(crate) messages: BTreeSet<String>,
    pub(crate) recovery: &'static str,
    /// The first names.
    pub(crate) first: Vec<String>,
}

impl Failed {
    /// Of the first with this code.
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
        if self.messages.len() < TOLD {
            self.messages.insert(error.to_string());
        }
        if self.first.len() < TOLD {
            self.first.push(username.to_owned());
        }
    }
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
    /// With its unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) in_words: Option<String>,
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
            in_words: difference.in_words,
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
            signer: None,
            disabled: None,
            users: None,
            sample: None,
            findings: None,
            fixed: None,
            failed_by_code: BTreeMap::new(),
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

    /// What the doctor saw; partial from a warning on, but for those that are accepted.
    pub(crate) fn examined(examination: Examination, accepted: &[String]) -> Self {
        let is_open = |finding: &&Finding| !accepted.iter().any(|accepted| accepted == finding.code);
        let mut open = examination.findings.iter().filter(is_open);
        let result = if open.any(|finding| finding.severity >= Severity::Warning) {
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

    pub(crate) fn of_many(summary: &Summary, journal: Option<&Path>) -> Self {
        let done_now = summary.signed_out + summary.disabled;
        let done = done_now + summary.already_done + summary.would_sign_out;
        let is_left = summary.not_tried > 0 || summary.more_not_tried;
        let result = match &summary.ended {
            _ if summary.is_complete() => Outcome::Complete,
            // The same again would come no further: something has to be fixed first.
            Ended::Aborted(error) if is_left && done_now == 0 && !error.is_passing() => Outcome::Failed,
            // Nor would the same list; the command that wrote it would.
            Ended::Aborted(AdminError::ListNotWhole) if done_now > 0 => Outcome::Partial,
            _ if is_left => Outcome::BrokeOff,
            _ if done == 0 => Outcome::Failed,
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
            would_sign_out_first: Vec::new(),
            failed: summary.failed,
            not_found: summary.not_found,
            not_tried: summary.not_tried,
            more_not_tried: summary.more_not_tried,
            journal: journal.map(|file| Journal {
                file: file.display().to_string(),
                begun: summary.journal_begun.and_then(date),
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

    /// All is done but this, which is the program's own.
    pub(crate) fn lacks(mut self, at: &'static str, problem: Problem) -> Self {
        if self.result == Outcome::Complete {
            self.result = Outcome::Partial;
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

/// As RFC 3339 has it, in UTC, to the second.
fn date(time: SystemTime) -> Option<String> {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    let time = jiff::Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?;
    Some(time.to_string())
}
