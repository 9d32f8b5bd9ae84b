//! Work in tasks and on threads of its own. What runs them is compiled once here and not for every piece of work: an app
//! carries it.

pub(crate) mod single_flight;

use std::future::Future;
use std::pin::Pin;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// What comes of the work: an error if its task was lost, since it panicked or its runtime shut down.
pub(crate) type Answer<T> = oneshot::Receiver<T>;

/// Runs `work` to its end, whether or not anybody waits for the answer.
pub(crate) fn spawn<T: Send + 'static>(runtime: &Handle, work: impl Future<Output = T> + Send + 'static) -> Answer<T> {
    let (sender, answer) = oneshot::channel();
    let work: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(async move {
        // Nobody may want it.
        let _ = sender.send(work.await);
    });
    runtime.spawn(work);
    answer
}

/// The same for what blocks, on a thread where it may.
pub(crate) fn spawn_blocking<T: Send + 'static>(
    runtime: &Handle,
    work: impl FnOnce() -> T + Send + 'static,
) -> Answer<T> {
    let (sender, answer) = oneshot::channel();
    let work: Box<dyn FnOnce() + Send> = Box::new(move || {
        let _ = sender.send(work());
    });
    runtime.spawn_blocking(work);
    answer
}
