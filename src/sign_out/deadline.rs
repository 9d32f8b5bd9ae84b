//! The time one sign-out has, and how its steps share it.

#[cfg(test)]
mod tests;

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// No sign-out takes longer than this, whatever deadline it is given.
pub(crate) const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The most that the keychain is waited for, at each of its steps.
const MAX_VAULT_TIME: Duration = Duration::from_secs(2);

/// A point in time that joining calls can bring forward, and never put off. The last stretch before it belongs to the
/// keychain, so that settling has its chance when the network has used up all the rest. It stands still while the user is
/// in the browser.
#[derive(Debug)]
pub(crate) struct Deadline {
    end: watch::Sender<End>,
    vault_time: Duration,
}

#[derive(Debug, Clone, Copy)]
enum End {
    At(Instant),
    /// So long after the browser is done.
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

    pub(crate) fn bring_forward(&self, time: Duration) {
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

    /// Does not count what `work` takes: it has a limit of its own.
    pub(crate) async fn standing_still<T>(&self, work: impl Future<Output = T>) -> T {
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

    /// Runs a network step, which may use one part in `steps_left` of the time that the network has left: a server that
    /// hangs at one step must not keep the next from being tried. `None` if its time ran out.
    pub(crate) async fn bound<T>(&self, steps_left: u32, step: impl Future<Output = T>) -> Option<T> {
        let started = Instant::now();
        let mut end = self.end.subscribe();
        tokio::pin!(step);
        loop {
            let left = end
                .borrow_and_update()
                .at()
                .saturating_duration_since(started)
                .saturating_sub(self.vault_time);
            let limit = started + left / steps_left;
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(limit) => return None,
                answer = &mut step => return Some(answer),
                Ok(()) = end.changed() => {}
            }
        }
    }
}
