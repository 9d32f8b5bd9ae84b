//! The clock by which the fake's tokens expire.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use crate::Clock;

/// The system's clock, plus or minus what a test has moved it by. Clones move together: give the library a clone of
/// [`FakeCognito::clock`](super::FakeCognito::clock), so that both agree on what has expired.
#[derive(Debug, Clone, Default)]
pub struct FakeClock {
    ahead_by_ms: Arc<AtomicI64>,
}

impl FakeClock {
    /// Moves the clock forward, with a precision of a millisecond.
    pub fn advance(&self, by: Duration) {
        self.ahead_by_ms.fetch_add(millis(by), Ordering::SeqCst);
    }

    /// Moves the clock back, as a user or a time server can.
    pub fn rewind(&self, by: Duration) {
        self.ahead_by_ms.fetch_sub(millis(by), Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> SystemTime {
        let now = SystemTime::now();
        let ahead_by = self.ahead_by_ms.load(Ordering::SeqCst);
        let distance = Duration::from_millis(ahead_by.unsigned_abs());
        let moved = if ahead_by < 0 {
            now.checked_sub(distance)
        } else {
            now.checked_add(distance)
        };
        moved.unwrap_or(now)
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
