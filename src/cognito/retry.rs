//! Another attempt, where one may help, within the time that there is.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use super::attempt::AttemptError;

/// The first attempt and two more.
const ATTEMPTS: u32 = 3;
/// A retry waits for a random part of this, doubled each time. Users wait for sign-outs.
pub(super) const FIRST_BACKOFF: Duration = Duration::from_millis(100);
const LONGEST_BACKOFF: Duration = Duration::from_secs(1);
/// With less time than this left, no further attempt is begun.
const SHORTEST_ATTEMPT: Duration = Duration::from_millis(100);

/// What to do when an attempt got no answer in time: nobody knows whether the server has carried it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterSilence {
    /// The operation is idempotent: carried out twice it does what it does once.
    TryAgain,
    /// It is not. A refresh that rotates ends the refresh token that it was asked with, at once if the app client has no
    /// grace period, and what hangs may still arrive after what was asked later.
    GiveUp,
}

/// Attempts until there is a success, or a failure against which no further attempt helps, or no attempt or time left.
///
/// `time` is how long the caller waits for all of them. An attempt gets half of what is left of it, so that a second one
/// fits when the first is swallowed: by a lost packet, or by a connection that died while nobody looked. Once one was
/// swallowed, or where none may be repeated, it gets all that is left. No attempt gets more than `attempt_timeout`.
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
            Ok(answer) => return Ok(answer),
            Err(failed) => failed,
        };
        if matches!(failed, AttemptError::Failed { retry: Some(_), .. }) {
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
