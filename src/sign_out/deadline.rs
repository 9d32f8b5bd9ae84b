//! The time one sign-out has, and how its steps share it.

#[cfg(test)]
mod tests;

use std::future::Future;
use std::time::Duration;

use crate::options::LONGEST;

use tokio::sync::watch;
use tokio::time::Instant;

/// The longest wait for the keychain, at each of its steps.
const MAX_VAULT_TIME: Duration = Duration::from_secs(2);

/// The point in time when a sign-out must have ended. Calls that join can shorten it, and never extend it. The last part of the
/// time is reserved for the keychain, so that the last write can be made even if the network has used all the rest. The time
/// is paused while the user is in the browser.
#[derive(Debug)]
pub(crate) struct Deadline {
    end: watch::Sender<End>,
    vault_time: Duration,
}

#[derive(Debug, Clone, Copy)]
enum End {
    At(Instant),
    /// This long after the browser is done.
    After(Duration),
}

impl End {
    fn at(self) -> Instant {
        match self {
            Self::At(end) => end,
            Self::After(left) => Instant::now() + left,
        }
    }

    fn left(self) -> Duration {
        self.at().saturating_duration_since(Instant::now())
    }
}

impl Deadline {
    pub(crate) fn after(time: Duration) -> Self {
        let time = time.min(LONGEST);
        Self {
            end: watch::Sender::new(End::At(Instant::now() + time)),
            vault_time: MAX_VAULT_TIME.min(time / 5),
        }
    }

    /// Ends sooner, if `time` from now is sooner.
    pub(crate) fn shorten(&self, time: Duration) {
        let time = time.min(LONGEST);
        self.end.send_if_modified(|end| {
            let sooner = time < end.left();
            if sooner {
                *end = match end {
                    End::At(_) => End::At(Instant::now() + time),
                    End::After(_) => End::After(time),
                };
            }
            sooner
        });
    }

    /// Runs `work`, and does not count its time: it has a limit of its own.
    pub(crate) async fn paused_during<T>(&self, work: impl Future<Output = T>) -> T {
        self.end.send_modify(|end| *end = End::After(end.left()));
        let answer = work.await;
        self.end.send_modify(|end| *end = End::At(end.at()));
        answer
    }

    /// How much time is left.
    pub(crate) fn left(&self) -> Duration {
        self.end.borrow().left()
    }

    /// How long the keychain may take now.
    pub(crate) fn vault_limit(&self) -> Duration {
        self.left().min(self.vault_time)
    }

    /// Runs a network step, and tells it how long it has. `None` if its time ran out.
    ///
    /// A server that hangs in one step must leave time for the next step, and a request that gets lost must leave time to send
    /// it again. So the network's time is divided into one part for each step that is left and one more, and this step may
    /// use two parts. Of ten seconds, with one step left, that is two attempts of 4 s; with two left 2.7 s each; with three
    /// 2 s. The next steps get what a step does not use.
    pub(crate) async fn bound<F: Future>(
        &self,
        steps_left: u32,
        step: impl FnOnce(Duration) -> F,
    ) -> Option<F::Output> {
        let started = Instant::now();
        let mut end = self.end.subscribe();
        let share = |end: End| {
            let left = end.at().saturating_duration_since(started);
            left.saturating_sub(self.vault_time) * 2 / (steps_left + 1)
        };
        let first_share = share(*end.borrow_and_update());
        let step = step(first_share);
        tokio::pin!(step);
        loop {
            let limit = started + share(*end.borrow_and_update());
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(limit) => return None,
                answer = &mut step => return Some(answer),
                Ok(()) = end.changed() => {}
            }
        }
    }
}
