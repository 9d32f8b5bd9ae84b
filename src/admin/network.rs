//! Whether Cognito can be reached, as the requests of one run see it.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::lock::lock;

/// So many requests in a row that nobody answered: it is the network, and not the request. Fewer than a request has attempts.
const SIGNS: u32 = 3;

/// Where nobody has answered yet, it is not an outage that passes, but more likely a wrong endpoint.
const FIRST_CONTACT: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Network {
    /// How long an outage is waited out.
    patience: Duration,
    state: Mutex<State>,
    /// Whoever holds it asks for all, while the network is away.
    pub(super) probe: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    /// Whether anything was ever answered.
    met: bool,
    unanswered: u32,
    /// When the first of them failed.
    since: Option<Instant>,
}

/// What a request without an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// Nothing yet: it may be this request alone.
    Nothing,
    /// The network is away, and is waited for.
    Outage,
    /// It was waited for long enough.
    End,
}

impl Network {
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            patience,
            state: Mutex::default(),
            probe: tokio::sync::Mutex::new(()),
        }
    }

    /// Somebody answered, whatever it was.
    pub(super) fn answered(&self) {
        self.with(|state| {
            *state = State {
                met: true,
                ..State::default()
            }
        });
    }

    /// Nobody answered.
    pub(super) fn unanswered(&self) -> Sign {
        self.with(|state| {
            state.unanswered += 1;
            let since = *state.since.get_or_insert_with(Instant::now);
            let patience = if state.met {
                self.patience
            } else {
                self.patience.min(FIRST_CONTACT)
            };
            match state.unanswered {
                ..SIGNS => Sign::Nothing,
                _ if since.elapsed() < patience => Sign::Outage,
                _ => Sign::End,
            }
        })
    }

    /// For how long the network has been away, if it is.
    pub(super) fn away_for(&self) -> Option<Duration> {
        self.with(|state| {
            let since = state.since.filter(|_| state.unanswered >= SIGNS);
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
    async fn an_outage_shows_by_requests_in_a_row_and_ends_with_the_first_answer() {
        let network = Network::new(Duration::from_secs(60));
        network.answered();
        for _ in 0..2 {
            assert_eq!(network.unanswered(), Sign::Nothing);
            assert_eq!(network.unanswered(), Sign::Nothing);
            assert_eq!(network.away_for(), None);
            network.answered();
        }
        assert_eq!([network.unanswered(), network.unanswered()], [Sign::Nothing; 2]);
        tokio::time::advance(Duration::from_secs(59)).await;
        assert_eq!(network.unanswered(), Sign::Outage);
        assert_eq!(network.away_for(), Some(Duration::from_secs(59)));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(network.unanswered(), Sign::End);
        network.answered();
        assert_eq!(network.away_for(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn who_never_answered_is_waited_for_half_a_minute() {
        let network = Network::new(Duration::from_secs(600));
        assert_eq!([network.unanswered(), network.unanswered()], [Sign::Nothing; 2]);
        tokio::time::advance(FIRST_CONTACT).await;
        assert_eq!(network.unanswered(), Sign::End);
    }
}
