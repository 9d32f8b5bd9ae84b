//! How fast a run asks: at most a set rate, and less while Cognito throttles.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::lock::lock;

/// Turns that were not taken may be caught up with for this long: what a late timer costs is not lost.
const CATCH_UP: Duration = Duration::from_millis(100);
/// Answers that say "throttled" come in swarms, all to requests of the same moment: they are one sign.
const ONE_SIGN: Duration = Duration::from_secs(1);
/// From any rate back to the limit takes this long without another sign.
const RECOVERY: Duration = Duration::from_secs(30);
/// The slowest: a turn a second, or the limit if that is slower.
const LEAST: f64 = 1.0;

/// Gives turns at an even pace. Halves the rate when Cognito throttles, at most once a second, and raises it again by
/// steady steps (AIMD, as TCP does). The pace is one for all who hold a reference.
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
    adapted: Instant,
    slowest: f64,
}

impl Limiter {
    pub(super) fn new(limit: f64) -> Self {
        let now = Instant::now();
        let state = State {
            rate: limit,
            next: now,
            adapted: now,
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

    /// Cognito answered that it is too much.
    pub(super) fn throttled(&self) {
        self.with(|state| {
            let now = Instant::now();
            // A sign of the same swarm tells nothing new.
            if state.rate < self.limit && now < state.adapted + ONE_SIGN {
                return;
            }
            state.rate = (state.rate / 2.0).max(LEAST.min(self.limit));
            state.slowest = state.slowest.min(state.rate);
            state.adapted = now;
        });
    }

    /// Cognito answered.
    pub(super) fn answered(&self) {
        self.with(|state| {
            let now = Instant::now();
            if state.rate >= self.limit || now < state.adapted + ONE_SIGN {
                return;
            }
            let step = self.limit * ONE_SIGN.as_secs_f64() / RECOVERY.as_secs_f64();
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

    /// How many turns are given in this time.
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
    async fn a_pause_is_made_up_for_by_a_tenth_of_a_second_at_most() {
        let limiter = Limiter::new(100.0);
        limiter.turn().await;
        tokio::time::sleep(Duration::from_secs(60)).await;
        let given = turns(&limiter, Duration::from_secs(1)).await;
        assert!((110..=112).contains(&given), "{given}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_swarm_of_throttled_answers_halves_the_rate_once() {
        let limiter = Limiter::new(80.0);
        (0..50).for_each(|_| limiter.throttled());
        let given = turns(&limiter, Duration::from_secs(1)).await;
        assert!((38..=42).contains(&given), "{given}");
        limiter.throttled();
        assert!((limiter.slowest() - 20.0).abs() < 0.1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_never_falls_below_one_a_second_nor_below_a_lower_limit() {
        for (limit, least) in [(80.0, 1.0), (0.5, 0.5)] {
            let limiter = Limiter::new(limit);
            for _ in 0..20 {
                limiter.throttled();
                tokio::time::advance(ONE_SIGN).await;
            }
            assert!((limiter.slowest() - least).abs() < 1e-9, "{}", limiter.slowest());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_comes_back_in_even_steps_and_stops_at_the_limit() {
        let limiter = Limiter::new(60.0);
        limiter.throttled();
        let mut rates = Vec::new();
        for _ in 0..40 {
            tokio::time::advance(ONE_SIGN).await;
            (0..10).for_each(|_| limiter.answered());
            rates.push(limiter.with(|state| state.rate));
        }
        assert_eq!(rates[..3], [32.0, 34.0, 36.0]);
        assert_eq!(rates[14..], [60.0; 26]);
    }
}
