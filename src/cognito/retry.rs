//! Further attempts, where they can help, within the time that is left.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use super::attempt::AttemptError;

/// One attempt, and two retries.
const ATTEMPTS: u32 = 3;
/// A retry waits for a random part of this; it doubles each time. It is short, because users wait for sign-outs.
pub(super) const FIRST_BACKOFF: Duration = Duration::from_millis(100);
const LONGEST_BACKOFF: Duration = Duration::from_secs(1);
/// With less time than this left, no further attempt starts.
const SHORTEST_ATTEMPT: Duration = Duration::from_millis(100);

/// What to do after an attempt without a response in time. Nobody knows whether the server has carried it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterSilence {
    /// Retry: the operation is idempotent.
    TryAgain,
    /// Give up: the operation is not idempotent. A refresh with rotation ends the refresh token in its request, at once if the
    /// app client has no grace period. A request that hangs may still arrive after a later one.
    GiveUp,
}

/// Attempts until one succeeds, fails in a way that a retry cannot change, or no attempt or time is left.
///
/// `time` is for all attempts together. Each attempt gets half of the time that is left, so that a second one is possible if
/// the first gets no response, because of a lost packet or a dead connection. After an attempt without a response, or if
/// attempts may not be repeated, an attempt gets all the time that is left. No attempt gets more than `attempt_timeout`.
pub(super) async fn retrying<T, F>(
    time: Duration,
    attempt_timeout: Duration,
    after_silence: AfterSilence,
    attempt: impl Fn(Duration) -> F,
) -> Result<T, AttemptError>
where
    F: Future<Output = Result<T, AttemptError>>,
{
    let end = Instant::now() + time;
    let mut left = time;
    let mut longest_backoff = FIRST_BACKOFF;
    let mut spares_a_half = after_silence == AfterSilence::TryAgain;
    for _ in 1..ATTEMPTS {
        let limit = if spares_a_half { left / 2 } else { left };
        let failed = match attempt(attempt_timeout.min(limit)).await {
            Ok(response) => return Ok(response),
            Err(failed) => failed,
        };
        if matches!(failed, AttemptError::Failed { retry: true, .. }) {
            tokio::time::sleep(longest_backoff.mul_f64(fastrand::f64())).await;
            longest_backoff = LONGEST_BACKOFF.min(longest_backoff * 2);
        } else if failed.is_silence() && after_silence == AfterSilence::TryAgain {
            spares_a_half = false;
        } else {
            return Err(failed);
        }
        left = end.saturating_duration_since(Instant::now());
        if left < SHORTEST_ATTEMPT {
            return Err(failed);
        }
    }
    attempt(attempt_timeout.min(left)).await
}
