//! How fast a run sends requests: at most at a set rate, and slower while Cognito throttles.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::lock::lock;

/// Missed turns can be caught up for this long, so that late timers cost nothing.
const CATCH_UP: Duration = Duration::from_millis(100);
/// Responses that say "throttled" come in bursts, because the requests were sent at the same moment: they count once. For as long
/// after one of them the rate does not rise, although most responses may be good: the limit is near.
const ONE_BURST: Duration = Duration::from_secs(1);
/// Without further throttling, any rate is back at the limit after this time.
const RECOVERY: Duration = Duration::from_secs(30);
/// The slowest rate: one turn a second, or the limit if that is slower.
const SLOWEST: f64 = 1.0;

/// Gives turns at an even pace. Halves the rate when Cognito throttles, at most once a second, and raises it again in
/// equal steps (AIMD, as in TCP). Everyone with a reference shares the pace.
#[derive(Debug)]
pub(super) struct Limiter {
    /// Turns a second.
    limit: f64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    rate: f64,
    next: Instant,
    /// When the rate was halved or raised last.
    adapted: Instant,
    /// When Cognito throttled last. `None`: never.
    throttled: Option<Instant>,
    slowest: f64,
}

impl Limiter {
    pub(super) fn new(limit: f64) -> Self {
        let now = Instant::now();
        let state = State {
            rate: limit,
            next: now,
            adapted: now,
            throttled: None,
            slowest: limit,
        };
        Self {
            limit,
            state: Mutex::new(state),
        }
    }

    /// Waits for the next turn.
    pub(super) async fn turn(&self) {
        let turn = self.with(|state| {
            let now = Instant::now();
            let earliest = now.checked_sub(CATCH_UP).unwrap_or(now);
            let turn = state.next.max(earliest);
            state.next = turn + Duration::from_secs_f64(1.0 / state.rate);
            turn
        });
        sleep_until(turn).await;
    }

    /// Cognito has throttled.
    pub(super) fn throttled(&self) {
        self.with(|state| {
            let now = Instant::now();
            let before = state.throttled.replace(now);
            // Part of the same burst.
            if before.is_some() && now < state.adapted + ONE_BURST {
                return;
            }
            state.rate = (state.rate / 2.0).max(SLOWEST.min(self.limit));
            state.slowest = state.slowest.min(state.rate);
            state.adapted = now;
        });
    }

    /// Cognito has responded without throttling.
    pub(super) fn responded(&self) {
        self.with(|state| {
            let now = Instant::now();
            let quiet_since = state
                .throttled
                .map_or(state.adapted, |throttled| throttled.max(state.adapted));
            if state.rate >= self.limit || now < quiet_since + ONE_BURST {
                return;
            }
            let step = self.limit * ONE_BURST.as_secs_f64() / RECOVERY.as_secs_f64();
            state.rate = (state.rate + step).min(self.limit);
            state.adapted = now;
        });
    }

    /// The lowest rate so far, in turns a second.
    pub(super) fn slowest(&self) -> f64 {
        self.with(|state| state.slowest)
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut lock(&self.state))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many turns there are in this time.
    async fn turns(limiter: &Limiter, within: Duration) -> u32 {
        let end = Instant::now() + within;
        let mut turns = 0;
        while tokio::time::timeout_at(end, limiter.turn()).await.is_ok() {
            turns += 1;
        }
        turns
    }

    #[tokio::test(start_paused = true)]
    async fn turns_come_at_the_rate_and_not_faster() {
        let limiter = Limiter::new(20.0);
        let given = turns(&limiter, Duration::from_secs(10)).await;
        assert!((200..=201).contains(&given), "{given}");
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_pause_at_most_a_tenth_of_a_second_is_caught_up() {
        let limiter = Limiter::new(100.0);
        limiter.turn().await;
        tokio::time::sleep(Duration::from_secs(60)).await;
        let given = turns(&limiter, Duration::from_secs(1)).await;
        assert!((110..=112).contains(&given), "{given}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_of_throttled_responses_halves_the_rate_once() {
        let limiter = Limiter::new(80.0);
        (0..50).for_each(|_| limiter.throttled());
        let given = turns(&limiter, Duration::from_secs(1)).await;
        assert!((38..=42).contains(&given), "{given}");
        limiter.throttled();
        assert!((limiter.slowest() - 20.0).abs() < 0.1);
    }

    /// Above the limit of Cognito most responses are good: those within it.
    #[tokio::test(start_paused = true)]
    async fn the_rate_does_not_rise_while_some_responses_are_throttled() {
        let limiter = Limiter::new(80.0);
        let mut rates = Vec::new();
        for _ in 0..30 {
            (0..5).for_each(|_| limiter.responded());
            limiter.throttled();
            tokio::time::advance(ONE_BURST / 10).await;
            rates.push(limiter.with(|state| state.rate));
        }
        rates.dedup();
        assert_eq!(rates, [40.0, 20.0, 10.0]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_never_falls_below_one_a_second_nor_below_a_lower_limit() {
        for (limit, least) in [(80.0, 1.0), (0.5, 0.5)] {
            let limiter = Limiter::new(limit);
            for _ in 0..20 {
                limiter.throttled();
                tokio::time::advance(ONE_BURST).await;
            }
            assert!((limiter.slowest() - least).abs() < 1e-9, "{}", limiter.slowest());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_recovers_in_equal_steps_up_to_the_limit() {
        let limiter = Limiter::new(60.0);
        limiter.throttled();
        let mut rates = Vec::new();
        for _ in 0..40 {
            tokio::time::advance(ONE_BURST).await;
            (0..10).for_each(|_| limiter.responded());
            rates.push(limiter.with(|state| state.rate));
        }
        assert_eq!(rates[..3], [32.0, 34.0, 36.0]);
        assert_eq!(rates[14..], [60.0; 26]);
    }
}
