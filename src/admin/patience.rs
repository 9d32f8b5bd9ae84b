//! How often a failed request is repeated, and the pauses in between. The SDK's own retries are off.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::AdminError;

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// When one request is repeated.
#[derive(Debug)]
pub(super) struct Patience {
    /// Attempts in all, while the errors are no throttling.
    attempts: u32,
    /// Attempts in all, while Cognito throttles.
    throttled_attempts: u32,
    /// Whether an error that is no throttling is worth another attempt.
    retries: fn(&AdminError) -> bool,
    failures: u32,
    throttled: u32,
    /// How long to wait for an unavailable network, and since when it is unavailable.
    network: Duration,
    unavailable_since: Option<Instant>,
}

impl Patience {
    /// For a caller who waits for a single request.
    pub(super) fn brief() -> Self {
        Self {
            attempts: 5,
            throttled_attempts: 5,
            retries: AdminError::is_worth_another_attempt,
            ..Self::long()
        }
    }

    /// For a run or a listing, which nobody watches. Throttling says nothing about the request itself: it is waited out for
    /// some minutes.
    pub(super) fn long() -> Self {
        Self {
            attempts: 4,
            throttled_attempts: 20,
            retries: AdminError::is_passing,
            failures: 0,
            throttled: 0,
            network: Duration::ZERO,
            unavailable_since: None,
        }
    }

    /// Also waits this long for an unavailable network, however many attempts that takes.
    pub(super) fn with_network(self, network: Duration) -> Self {
        Self { network, ..self }
    }

    /// Makes the request until it succeeds, or until no further attempt may help.
    pub(super) async fn send<T, E, F>(mut self, request: impl Fn() -> F) -> Result<T, AdminError>
    where
        F: Future<Output = Result<T, E>>,
        AdminError: From<E>,
    {
        loop {
            let error = match request().await {
                Ok(value) => return Ok(value),
                Err(error) => AdminError::from(error),
            };
            let Some(pause) = self.after(&error) else {
                return Err(error);
            };
            sleep(pause).await;
        }
    }

    /// The pause before the next attempt; `None` if that was the last.
    pub(super) fn after(&mut self, error: &AdminError) -> Option<Duration> {
        let unavailable_since = error
            .is_of_network()
            .then(|| *self.unavailable_since.get_or_insert_with(Instant::now));
        let attempts_left = if error.is_throttling() {
            self.throttled += 1;
            self.throttled < self.throttled_attempts
        } else {
            self.failures += 1;
            let waits = unavailable_since.is_some_and(|since| since.elapsed() < self.network);
            (self.retries)(error) && (self.failures < self.attempts || waits)
        };
        let doublings = (self.failures + self.throttled).min(16);
        let longest = FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
        attempts_left.then(|| longest.mul_f64(0.5 + fastrand::f64() / 2.0))
    }
}
