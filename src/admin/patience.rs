//! How often a request is made in all, and what pauses there are between.

use std::time::Duration;

use tokio::time::Instant;

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
    /// How long a network that is away is waited for, and since when it is.
    network: Duration,
    away_since: Option<Instant>,
}

impl Patience {
    /// One that waits so long for a network that is away, however many attempts that takes.
    pub(super) fn with_network(network: Duration) -> Self {
        Self {
            network,
            ..Self::default()
        }
    }

    /// How long to wait before the next attempt; nothing if this was the last.
    pub(super) fn after(&mut self, error: &AdminError) -> Option<Duration> {
        let away_since = error
            .is_of_network()
            .then(|| *self.away_since.get_or_insert_with(Instant::now));
        let attempts_left = if error.is_throttling() {
            self.throttled += 1;
            self.throttled < THROTTLED_ATTEMPTS
        } else {
            self.failures += 1;
            let waits = away_since.is_some_and(|since| since.elapsed() < self.network);
            error.is_passing() && (self.failures < ATTEMPTS || waits)
        };
        let doublings = (self.failures + self.throttled).min(16);
        let most = FIRST_PAUSE.saturating_mul(1 << doublings);
        let most = most.min(LONGEST_PAUSE).mul_f64(0.5 + fastrand::f64() / 2.0);
        attempts_left.then_some(most)
    }
}
