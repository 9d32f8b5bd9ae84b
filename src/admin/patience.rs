//! How often a failed request is repeated, and the pauses in between. The SDK's own retries are off.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::AdminError;
use super::responses::RequestError;

const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// When one request is repeated.
#[derive(Debug)]
pub(super) struct Patience {
    /// How many attempts may fail.
    attempts: u32,
    /// How many attempts Cognito may throttle. `None`: they count as other failures do.
    throttled_attempts: Option<u32>,
    /// Whether an error is worth another attempt.
    retries: fn(&AdminError) -> bool,
    /// The longest first pause. Each pause is up to half shorter, at random.
    first_pause: Duration,
    failures: u32,
    throttled: u32,
    /// How long to wait for an unavailable network, and since when it is unavailable.
    network: Duration,
    unavailable_since: Option<Instant>,
}

impl Patience {
    /// For a caller who waits for a single request: five attempts, with 3 s of pauses at most.
    pub(super) fn brief() -> Self {
        Self {
            attempts: 5,
            throttled_attempts: None,
            retries: AdminError::is_worth_another_attempt,
            first_pause: Duration::from_millis(200),
            ..Self::long()
        }
    }

    /// For a run or a listing, which nobody watches. Throttling says nothing about the request itself: it is waited out for
    /// some minutes.
    pub(super) fn long() -> Self {
        Self {
            attempts: 4,
            throttled_attempts: Some(20),
            retries: AdminError::is_passing,
            first_pause: Duration::from_millis(500),
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
        RequestError: From<E>,
    {
        loop {
            let error = match request().await {
                Ok(value) => return Ok(value),
                Err(error) => AdminError::from(RequestError::from(error)),
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
        let doublings = (self.failures + self.throttled).min(16);
        let attempts_left = match self.throttled_attempts {
            Some(attempts) if error.is_throttling() => {
                self.throttled += 1;
                self.throttled < attempts
            }
            _ => {
                self.failures += 1;
                let waits = unavailable_since.is_some_and(|since| since.elapsed() < self.network);
                (self.retries)(error) && (self.failures < self.attempts || waits)
            }
        };
        let longest = self.first_pause.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
        attempts_left.then(|| longest.mul_f64(0.5 + fastrand::f64() / 2.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorCode, StepError};

    fn failed(code: ErrorCode) -> AdminError {
        AdminError::Service(StepError::new(code, ""))
    }

    /// How often a request is made that fails with these errors in turn, and how long all pauses take.
    async fn persisted(patience: Patience, codes: &[ErrorCode]) -> (usize, Duration) {
        let attempts = std::cell::Cell::new(0);
        let started = Instant::now();
        let request = async || {
            let code = codes[attempts.get() % codes.len()];
            attempts.set(attempts.get() + 1);
            Err::<(), _>(failed(code))
        };
        patience.send(request).await.unwrap_err();
        (attempts.get(), started.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_single_call_makes_five_attempts_with_three_seconds_of_pauses_at_most() {
        use ErrorCode::{NetworkUnavailable, ServiceUnavailable, Throttled};
        for codes in [
            &[Throttled][..],
            &[ServiceUnavailable],
            &[NetworkUnavailable],
            &[Throttled, ServiceUnavailable],
            &[ServiceUnavailable, Throttled, NetworkUnavailable],
        ] {
            for _ in 0..100 {
                let (attempts, pauses) = persisted(Patience::brief(), codes).await;
                assert_eq!(attempts, 5, "{codes:?}");
                // The clock of the tests counts whole milliseconds, and each of the four pauses is rounded up.
                let allowed = Duration::from_millis(1500)..=Duration::from_millis(3004);
                assert!(allowed.contains(&pauses), "{codes:?}: {pauses:?}");
            }
        }
    }

    #[test]
    fn the_pauses_of_a_single_call_double_from_200_ms() {
        for _ in 0..100 {
            let mut patience = Patience::brief();
            for longest in [200, 400, 800, 1600] {
                let pause = patience.after(&failed(ErrorCode::ServiceUnavailable)).unwrap();
                let allowed = Duration::from_millis(longest / 2)..=Duration::from_millis(longest);
                assert!(allowed.contains(&pause), "{pause:?}");
            }
            assert_eq!(patience.after(&failed(ErrorCode::ServiceUnavailable)), None);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_run_waits_out_throttling_in_addition_to_other_failures() {
        let (attempts, _) = persisted(Patience::long(), &[ErrorCode::ServiceUnavailable]).await;
        assert_eq!(attempts, 4);
        let (attempts, pauses) = persisted(Patience::long(), &[ErrorCode::Throttled]).await;
        assert_eq!(attempts, 20);
        assert!(pauses > Duration::from_secs(120), "{pauses:?}");
        let mut patience = Patience::long();
        for _ in 0..19 {
            let pause = patience.after(&failed(ErrorCode::Throttled)).unwrap();
            assert!(pause <= LONGEST_PAUSE, "{pause:?}");
        }
        for _ in 0..3 {
            assert!(patience.after(&failed(ErrorCode::ServiceUnavailable)).is_some());
        }
        assert_eq!(patience.after(&failed(ErrorCode::ServiceUnavailable)), None);
    }
}
