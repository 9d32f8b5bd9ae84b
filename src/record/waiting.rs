//! The note on record that a web step is under way: what it takes to go on with the sign-out in another process.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::debt::Debt;
use crate::browser::Visit;
use crate::clock::seconds;
use crate::options::WebPolicy;

/// A sign-out that waits for the browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Interrupted {
    /// Tells this note from one that another call, or process, has put in its place.
    pub(crate) id: u64,
    /// Of the session that is to end: another one's sign-out is none of this.
    pub(crate) generation: u64,
    pub(crate) global: bool,
    pub(crate) policy: WebPolicy,
    pub(crate) deadline_millis: u64,
    pub(crate) visit: Visit,
    /// Until when the browser has time, in seconds since 1970.
    until: u64,
}

impl Interrupted {
    pub(crate) fn new(
        generation: u64,
        global: bool,
        policy: WebPolicy,
        deadline: Duration,
        visit: Visit,
        until: SystemTime,
    ) -> Self {
        Self {
            // Exact in any JSON reader.
            id: fastrand::u64(..1 << 52),
            generation,
            global,
            policy,
            deadline_millis: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
            visit,
            until: seconds(until),
        }
    }

    pub(crate) fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_millis)
    }

    /// Whether the browser's time is over: whatever comes of it now comes too late.
    pub(crate) fn is_over(&self, now: SystemTime) -> bool {
        seconds(now) > self.until
    }
}

/// The sign-out on record, and the session that it is of.
pub(crate) struct NotedSignOut {
    pub(crate) interrupted: Interrupted,
    pub(crate) debt: Debt,
}
