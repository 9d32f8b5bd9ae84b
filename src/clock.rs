//! The wall clock, as a port. Token expiry depends on it, so tests must be able to set it.

use std::fmt::Debug;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_smithy_types::date_time::{DateTime, Format};

/// Returns the time of day. Deadlines do not use it: they use Tokio's monotonic clock. So if this clock jumps, only the expiry
/// of tokens is affected.
pub trait Clock: Send + Sync + Debug + 'static {
    /// The current time.
    fn now(&self) -> SystemTime;
}

/// The system's clock, which is the default.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// Seconds since 1970, the record's format. A time before 1970 is 0.
pub(crate) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// In UTC, to the second, as in `2026-11-21T09:00:00Z`. A time before 1970 becomes 1970; Cognito has no such times.
pub(crate) fn rfc3339(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let time = DateTime::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    // `fmt` cannot write a year after 9999. No claim that this library reads has one.
    time.fmt(Format::DateTime)
        .unwrap_or_else(|_| "9999-12-31T23:59:59Z".to_owned())
}
