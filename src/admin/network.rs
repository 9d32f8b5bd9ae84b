//! Whether Cognito is reachable, judged by the requests of one run.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::lock::lock;

/// After this many requests in a row without a response, the network is unavailable: it is not the single request. Fewer than
/// the attempts of one request.
const LIMIT: u32 = 3;

/// How long to wait before the first response ever: more likely than an outage, the endpoint is wrong.
const FIRST_CONTACT: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Network {
    /// How long to wait for an outage to end.
    patience: Duration,
    state: Mutex<State>,
    /// Its holder alone sends requests while the network is unavailable.
    pub(super) probe: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    /// Whether there was ever a response.
    reached: bool,
    /// Requests without a response, since the last response.
    failures: u32,
    /// When the first of them failed.
    since: Option<Instant>,
}

/// What a request without a response means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// It may be this request alone.
    OneRequest,
    /// The network is unavailable; the run waits for it.
    Outage,
    /// The run has waited long enough.
    GiveUp,
}

impl Network {
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            patience,
            state: Mutex::default(),
            probe: tokio::sync::Mutex::new(()),
        }
    }

    /// There was a response, whatever it said.
    pub(super) fn responded(&self) {
        self.with(|state| {
            *state = State {
                reached: true,
                ..State::default()
            }
        });
    }

    /// There was no response.
    pub(super) fn no_response(&self) -> Sign {
        self.with(|state| {
            state.failures += 1;
            let since = *state.since.get_or_insert_with(Instant::now);
            let patience = if state.reached {
                self.patience
            } else {
                self.patience.min(FIRST_CONTACT)
            };
            match state.failures {
                ..LIMIT => Sign::OneRequest,
                _ if since.elapsed() < patience => Sign::Outage,
                _ => Sign::GiveUp,
            }
        })
    }

    /// For how long the network has been unavailable, if it is.
    pub(super) fn unavailable_for(&self) -> Option<Duration> {
        self.with(|state| {
            let since = state.since.filter(|_| state.failures >= LIMIT);
            since.map(|since| since.elapsed())
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut lock(&self.state))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_outage_begins_after_requests_in_a_row_and_ends_with_the_first_response() {
        let network = Network::new(Duration::from_secs(60));
        network.responded();
        for _ in 0..2 {
            assert_eq!(network.no_response(), Sign::OneRequest);
            assert_eq!(network.no_response(), Sign::OneRequest);
            assert_eq!(network.unavailable_for(), None);
            network.responded();
        }
        assert_eq!([network.no_response(), network.no_response()], [Sign::OneRequest; 2]);
        tokio::time::advance(Duration::from_secs(59)).await;
        assert_eq!(network.no_response(), Sign::Outage);
        assert_eq!(network.unavailable_for(), Some(Duration::from_secs(59)));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(network.no_response(), Sign::GiveUp);
        network.responded();
        assert_eq!(network.unavailable_for(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn before_the_first_response_ever_the_wait_is_half_a_minute() {
        let network = Network::new(Duration::from_secs(600));
        assert_eq!([network.no_response(), network.no_response()], [Sign::OneRequest; 2]);
        tokio::time::advance(FIRST_CONTACT).await;
        assert_eq!(network.no_response(), Sign::GiveUp);
    }
}
