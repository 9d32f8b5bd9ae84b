//! [`Summary`]: the result of a run over many users.

use std::time::{Duration, SystemTime};

use super::{AdminError, Done, UserOutcome};

/// The result of a run.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// Users signed out by this run.
    pub signed_out: u64,
    /// Users disabled by this run, whether or not they were signed out.
    pub disabled: u64,
    /// Users whom the journal lists as signed out.
    pub already_done: u64,
    /// Users whom a dry run would have signed out.
    pub would_sign_out: u64,
    /// Users whom the pool does not have; `failed` counts them too.
    pub not_found: u64,
    /// Users who could not be signed out.
    pub failed: u64,
    /// Users whose names were read, but the run ended before their turn. `failed` does not count them.
    pub not_tried: u64,
    /// Whether the run ended before the source did. Then there may be more users, whose names were not read.
    pub more_not_tried: bool,
    /// Requests sent for users, including `AdminDisableUser` and retries.
    pub requests: u64,
    /// Responses that said "too many requests".
    pub throttled: u64,
    /// The lowest rate after throttling, in requests a second; the configured rate if there was no throttling.
    pub slowest_rate: f64,
    /// When the journal was begun, if an earlier run began it.
    pub journal_begun: Option<SystemTime>,
    /// How the run ended.
    pub ended: Ended,
    /// How long the run took.
    pub elapsed: Duration,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// The source had no more names.
    AllTried,
    /// The run was told to stop, or its outcomes are no longer read. The same run with the same journal continues.
    Stopped,
    /// An error that concerns every user: the credentials, the permissions, the user pool, the source of the names, the
    /// journal, or a service that failed for many users in a row. Fix it; then the same run with the same journal continues.
    Aborted(AdminError),
}

impl Summary {
    /// Whether every user of the source is signed out, or would be tried in a dry run. False if nothing was sent because the
    /// journal lists everyone as signed out: they may have signed in again since then.
    pub fn is_complete(&self) -> bool {
        self.failed == 0 && self.ended == Ended::AllTried && !self.is_by_the_journal_alone()
    }

    /// Whether nothing was sent because the journal lists everyone as signed out. Users who have signed in again since then
    /// are signed in.
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

    pub(super) fn count(&mut self, outcome: &UserOutcome) {
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
