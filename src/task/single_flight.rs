//! One piece of work at a time, in a task of its own. A call that comes meanwhile joins it and gets the same result.

#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::lock::{Mutex, MutexGuard, lock};
use crate::task;

/// Runs work with a result `T`. The calls that join it share an `S`.
#[derive(Debug)]
pub(crate) struct SingleFlight<S, T>(Mutex<Option<Flight<S, T>>>);

#[derive(Debug)]
struct Flight<S, T> {
    shared: Arc<S>,
    result: watch::Receiver<Option<T>>,
}

impl<S, T> Default for SingleFlight<S, T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<S: Send + Sync + 'static, T: Clone + Send + Sync + 'static> SingleFlight<S, T> {
    /// Joins the running work, or starts `work`. `join` is called with the shared state of the running work, before that can end.
    pub(crate) fn join_or_start<F: Future<Output = T> + Send + 'static>(
        self: &Arc<Self>,
        shared: impl FnOnce() -> S,
        join: impl FnOnce(&S),
        work: impl FnOnce(Arc<S>) -> F,
    ) -> (Arc<S>, Answer<T>) {
        let mut current = self.current();
        let (shared, result) = match &*current {
            Some(flight) if flight.is_under_way() => {
                join(&flight.shared);
                (Arc::clone(&flight.shared), flight.result.clone())
            }
            _ => {
                let shared = Arc::new(shared());
                let (sender, result) = watch::channel(None);
                let (flights, work) = (Arc::clone(self), work(Arc::clone(&shared)));
                task::spawn(&Handle::current(), async move {
                    let answer = work.await;
                    // First make room for the next work, then send the answer: nobody can join work that has ended.
                    flights.current().take();
                    sender.send_replace(Some(answer));
                });
                *current = Some(Flight {
                    shared: Arc::clone(&shared),
                    result: result.clone(),
                });
                (shared, result)
            }
        };
        (shared, Answer(result))
    }

    fn current(&self) -> MutexGuard<'_, Option<Flight<S, T>>> {
        lock(&self.0)
    }
}

/// The future answer. Dropping it does not stop the work.
pub(crate) struct Answer<T>(watch::Receiver<Option<T>>);

impl<T: Clone> Answer<T> {
    /// The answer; `None` if the work's task was lost: it panicked, or its runtime shut down.
    pub(crate) async fn wait(mut self) -> Option<T> {
        self.0
            .wait_for(Option::is_some)
            .await
            .ok()
            .and_then(|answer| answer.clone())
    }
}

impl<S, T> Flight<S, T> {
    /// False if its task was lost: the sender is gone and has sent no answer.
    fn is_under_way(&self) -> bool {
        self.result.has_changed().is_ok()
    }
}
