//! A sign-out that waits for the browser, as it is on record: enough to go on with it in another process.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::app_reason::{self, AppReason};
use crate::browser::Visit;
use crate::clock::seconds;
use crate::options::WebPolicy;

/// A sign-out that waits for the browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WaitingSignOut {
    /// Tells this one from a later one that another call or process has put in its place.
    pub(crate) id: u64,
    /// Generation of the session being signed out. Ignored if the record has moved on.
    pub(crate) generation: u64,
    pub(crate) global: bool,
    pub(crate) policy: WebPolicy,
    pub(crate) deadline_millis: u64,
    pub(crate) visit: Visit,
    /// Why the app signs out.
    #[serde(
        default,
        deserialize_with = "app_reason::on_record",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) app_reason: Option<AppReason>,
    /// Until when the user has time in the browser, in seconds since 1970.
    until: u64,
}

impl WaitingSignOut {
    pub(crate) fn new(
        generation: u64,
        global: bool,
        policy: WebPolicy,
        deadline: Duration,
        visit: Visit,
        until: SystemTime,
    ) -> Self {
        Self {
            // A JSON number that every reader keeps exactly.
            id: fastrand::u64(..1 << 52),
            generation,
            global,
            policy,
            deadline_millis: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
            visit,
            app_reason: None,
            until: seconds(until),
        }
    }

    /// The time that is left for the steps after the browser's.
    pub(crate) fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_millis)
    }

    /// Whether the user's time in the browser is over: an answer that comes now is too late.
    pub(crate) fn is_over(&self, now: SystemTime) -> bool {
        seconds(now) > self.until
    }
}
