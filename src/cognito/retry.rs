//! Another attempt, where one may help.

use std::future::Future;
use std::time::Duration;

use crate::transport::attempt::AttemptError;

/// The first attempt and two more.
const ATTEMPTS: u32 = 3;
/// A retry waits for a random part of this, doubled each time. Users wait for sign-outs.
pub(super) const FIRST_BACKOFF: Duration = Duration::from_millis(100);
const LONGEST_BACKOFF: Duration = Duration::from_secs(1);

/// Attempts until there is a success, or a failure against which no further attempt helps, or no attempt left.
pub(super) async fn retrying<T, F>(attempt: impl Fn() -> F) -> Result<T, AttemptError>
where
    F: Future<Output = Result<T, AttemptError>>,
{
    let mut longest = FIRST_BACKOFF;
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(AttemptError::Failed { retry: Some(_), .. }) => {}
            end => return end,
        }
        tokio::time::sleep(longest.mul_f64(fastrand::f64())).await;
        longest = LONGEST_BACKOFF.min(longest * 2);
    }
    attempt().await
}
