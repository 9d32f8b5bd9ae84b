//! The wall clock, as a port: token expiry is told by it, so tests must be able to set it.

use std::fmt::Debug;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_smithy_types::date_time::{DateTime, Format};

/// Tells the time of day. Deadlines do not use it: they run on Tokio's monotonic clock, so a clock that jumps moves
/// what counts as an expired token and nothing else.
pub trait Clock: Send + Sync + Debug + 'static {
    /// The time now.
    fn now(&self) -> SystemTime;
}

/// The system's clock: what the library uses unless told otherwise.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// In seconds since 1970, as the record has it. A time before 1970 is 0.
pub(crate) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// In UTC, to the second, as `2026-11-21T09:00:00Z`. What is before 1970 is 1970; nothing of Cognito's is.
pub(crate) fn rfc3339(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let time = DateTime::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    // It cannot write what is after the year 9999, and no token's claim that is read is.
    time.fmt(Format::DateTime)
        .unwrap_or_else(|_| "9999-12-31T23:59:59Z".to_owned())
}
