//! What a run over many users says: of each user, and of the whole.

use std::time::{Duration, SystemTime};

use super::AdminError;

/// What became of one user.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// As the source named them.
    pub username: String,
    /// What was achieved, or why not: [`AdminError::NotTried`] if the run ended first.
    pub result: Result<Done, AdminError>,
    /// Whether Cognito said that they are disabled now. They are locked out, signed out or not.
    pub disabled: bool,
    /// How many requests it took, those of `AdminDisableUser` included.
    pub requests: u32,
}

/// How a user is done with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Done {
    /// Signed out now.
    SignedOut,
    /// The journal says that an earlier run had signed them out. Nothing was sent.
    AlreadyDone,
    /// A dry run: nothing was sent.
    WouldSignOut,
}

/// What became of a run.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// Users signed out by this run.
    pub signed_out: u64,
    /// Users disabled by this run, signed out or not.
    pub disabled: u64,
    /// Users whom the journal had as signed out.
    pub already_done: u64,
    /// Users whom a dry run would have signed out.
    pub would_sign_out: u64,
    /// Users whom the pool does not have; they are among the `failed` too.
    pub not_found: u64,
    /// Users who could not be signed out.
    pub failed: u64,
    /// Users whose names were read, and whose turn had not come when the run ended. They are not among the `failed`.
    pub not_tried: u64,
    /// Whether the run ended before the source did: then there may be others, whose names were not read.
    pub more_not_tried: bool,
    /// Requests sent for users, those of `AdminDisableUser` and of retries included.
    pub requests: u64,
    /// Answers that said "too many requests".
    pub throttled: u64,
    /// The lowest rate that throttling has brought the run to, in requests a second: the set one if there was none.
    pub slowest_rate: f64,
    /// When the journal was begun, if an earlier run did that.
    pub journal_begun: Option<SystemTime>,
    /// How the run ended.
    pub ended: Ended,
    /// How long it took.
    pub elapsed: Duration,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// The source had no more names.
    AllTried,
    /// It was told to stop, or whoever read its outcomes has gone. The same run with the same journal goes on.
    Stopped,
    /// Something that concerns every user: the credentials, the permissions, the user pool, the source of the names, the
    /// journal, or a service that failed for many users in a row. Mend it; then the same run with the same journal goes on.
    Aborted(AdminError),
}

impl Summary {
    /// Whether every user of the source is signed out, or in a dry run would be tried. Not where nothing was sent because the
    /// journal has everyone as signed out: that was then.
    pub fn is_complete(&self) -> bool {
        self.failed == 0 && self.ended == Ended::AllTried && !self.is_by_the_journal_alone()
    }

    /// Whether nothing was sent because the journal has everyone as signed out. Who signed in again since is signed in.
    pub fn is_by_the_journal_alone(&self) -> bool {
        self.already_done > 0 && self.signed_out + self.would_sign_out + self.failed + self.not_tried == 0
    }

    pub(super) fn new(rate: f64, journal_begun: Option<SystemTime>) -> Self {
        Self {
            signed_out: 0,
            disabled: 0,
            already_done: 0,
            would_sign_out: 0,
            not_found: 0,
            failed: 0,
            not_tried: 0,
            more_not_tried: false,
            requests: 0,
            throttled: 0,
            slowest_rate: rate,
            journal_begun,
            ended: Ended::AllTried,
            elapsed: Duration::ZERO,
        }
    }

    pub(super) fn count(&mut self, outcome: &Outcome) {
        self.requests += u64::from(outcome.requests);
        self.disabled += u64::from(outcome.disabled);
        match &outcome.result {
            Ok(Done::SignedOut) => self.signed_out += 1,
            Ok(Done::AlreadyDone) => self.already_done += 1,
            Ok(Done::WouldSignOut) => self.would_sign_out += 1,
            Err(AdminError::NotTried) => self.not_tried += 1,
            Err(error) => {
                self.failed += 1;
                self.not_found += u64::from(*error == AdminError::UserNotFound);
            }
        }
    }
}
