//! Further attempts, where they can help, within the time that is left.

use std::time::Duration;

use tokio::time::Instant;

use super::attempt::{AttemptError, exchange};
use crate::transport::{HttpRequest, HttpResponse, HttpTransport};

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

/// A request, and how often it may be tried. There is one type of attempts for all requests: it is compiled once.
pub(super) struct Attempts<'a> {
    pub(super) transport: &'a dyn HttpTransport,
    /// Each attempt sends a clone, which is wiped after it.
    pub(super) request: &'a HttpRequest,
    /// Accepts a success, and says what any other response means.
    pub(super) judge: &'a (dyn Fn(&HttpResponse) -> Result<(), AttemptError> + Sync),
    /// The longest time for one attempt.
    pub(super) attempt_timeout: Duration,
    pub(super) after_silence: AfterSilence,
}

impl Attempts<'_> {
    /// Attempts until one succeeds, fails in a way that a retry cannot change, or no attempt or time is left.
    ///
    /// `time` is for all attempts together. Each attempt gets half of the time that is left, so that a second one is possible if
    /// the first gets no response, because of a lost packet or a dead connection. After an attempt without a response, or if
    /// attempts may not be repeated, an attempt gets all the time that is left. No attempt gets more than `attempt_timeout`.
    pub(super) async fn within(&self, time: Duration) -> Result<HttpResponse, AttemptError> {
        let end = Instant::now() + time;
        let mut left = time;
        let mut longest_backoff = FIRST_BACKOFF;
        let mut spares_a_half = self.after_silence == AfterSilence::TryAgain;
        for _ in 1..ATTEMPTS {
            let limit = if spares_a_half { left / 2 } else { left };
            let failed = match self.attempt(limit).await {
                Ok(response) => return Ok(response),
                Err(failed) => failed,
            };
            if matches!(failed, AttemptError::Failed { retry: true, .. }) {
                tokio::time::sleep(longest_backoff.mul_f64(fastrand::f64())).await;
                longest_backoff = LONGEST_BACKOFF.min(longest_backoff * 2);
            } else if failed.is_silence() && self.after_silence == AfterSilence::TryAgain {
                spares_a_half = false;
            } else {
                return Err(failed);
            }
            left = end.saturating_duration_since(Instant::now());
            if left < SHORTEST_ATTEMPT {
                return Err(failed);
            }
        }
        self.attempt(left).await
    }

    async fn attempt(&self, limit: Duration) -> Result<HttpResponse, AttemptError> {
        let limit = self.attempt_timeout.min(limit);
        let response = exchange(self.transport, self.request.clone(), limit).await?;
        (self.judge)(&response)?;
        Ok(response)
    }
}
