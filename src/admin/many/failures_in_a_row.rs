//! When a run cannot succeed: it ends, instead of failing for each user that is left.

use super::super::{AdminError, Done};

/// If this many users in a row fail for reasons that may pass, or for the same reason before anyone was signed out, the cause
/// is the service or the network, and not the users.
const FAILURES_IN_A_ROW: u64 = 64;

/// How many users have failed one after the other.
#[derive(Debug, Default)]
pub(super) struct FailuresInARow {
    /// For reasons that may pass.
    passing: u64,
    /// For the same reason.
    equal: u64,
    reason: Option<AdminError>,
    /// Whether anyone was signed out before.
    any_done: bool,
}

impl FailuresInARow {
    /// Notes how the next user's sign-out has ended. Returns why the run cannot succeed, if that is so.
    pub(super) fn note(&mut self, result: &Result<Done, AdminError>) -> Option<AdminError> {
        match result {
            Err(AdminError::NotTried) => None,
            Err(error) if error.concerns_everyone() => Some(error.clone()),
            Err(error @ AdminError::Service(_)) => {
                self.passing = if error.is_passing() { self.passing + 1 } else { 0 };
                self.equal = if self.reason.as_ref() == Some(error) {
                    self.equal + 1
                } else {
                    1
                };
                self.reason = Some(error.clone());
                let hopeless = self.equal >= FAILURES_IN_A_ROW && !self.any_done;
                (hopeless || self.passing >= FAILURES_IN_A_ROW).then(|| error.clone())
            }
            // The response "no such user" shows that the service works, but nobody was signed out.
            _ => {
                let any_done = self.any_done || result.is_ok();
                *self = Self {
                    any_done,
                    ..Self::default()
                };
                None
            }
        }
    }
}
