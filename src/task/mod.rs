//! Runs work in tasks and on threads of its own. The code that runs it is compiled once, not for every piece of work, to keep
//! apps small.

pub(crate) mod single_flight;

use std::future::Future;
use std::pin::Pin;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// The work's result. An error means that its task was lost: it panicked, or its runtime shut down.
pub(crate) type Answer<T> = oneshot::Receiver<T>;

/// Work of any kind.
pub(crate) type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Runs `work` to its end, even if nobody waits for the result.
pub(crate) fn spawn<T: Send + 'static>(runtime: &Handle, work: impl Future<Output = T> + Send + 'static) -> Answer<T> {
    spawn_boxed(runtime, Box::pin(work))
}

/// Compiled once for every type of result.
fn spawn_boxed<T: Send + 'static>(runtime: &Handle, work: Work<T>) -> Answer<T> {
    let (sender, answer) = oneshot::channel();
    let work: Work<()> = Box::pin(async move {
        // An error means that nobody waits.
        let _ = sender.send(work.await);
    });
    runtime.spawn(work);
    answer
}

/// The same for blocking work, on a thread where it may block.
pub(crate) fn spawn_blocking<T: Send + 'static>(
    runtime: &Handle,
    work: impl FnOnce() -> T + Send + 'static,
) -> Answer<T> {
    let (sender, answer) = oneshot::channel();
    let work: Box<dyn FnOnce() + Send> = Box::new(move || {
        let _ = sender.send(work());
    });
    if cfg!(fuzzing) {
        // On one thread, so that the same input always runs in the same order. And the change of threads takes longer than the work.
        runtime.spawn(async move { work() });
    } else {
        runtime.spawn_blocking(work);
    }
    answer
}
