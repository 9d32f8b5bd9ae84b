//! How often a request is made in all, and what pauses there are between.

use std::time::Duration;

use super::AdminError;

/// A request that fails so often, for reasons that may pass, has failed.
const ATTEMPTS: u32 = 4;
/// Throttling does not tell of the request: the pace is what has to change. With the pauses it is waited out for some minutes.
const THROTTLED_ATTEMPTS: u32 = 20;
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Of one request that is made again while that may help.
#[derive(Debug, Default)]
pub(super) struct Patience {
    failures: u32,
    throttled: u32,
}

impl Patience {
    /// How long to wait before the next attempt; nothing if this was the last.
    pub(super) fn after(&mut self, error: &AdminError) -> Option<Duration> {
        let attempts_left = if error.is_throttling() {
            self.throttled += 1;
            self.throttled < THROTTLED_ATTEMPTS
        } else {
            self.failures += 1;
            error.is_passing() && self.failures < ATTEMPTS
        };
        let most = FIRST_PAUSE.saturating_mul(1 << (self.failures + self.throttled));
        let most = most.min(LONGEST_PAUSE).mul_f64(0.5 + fastrand::f64() / 2.0);
        attempts_left.then_some(most)
    }
}
