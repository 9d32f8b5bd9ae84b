//! Tokio as the library sees it under shuttle. The channels are Tokio's own: they wake a task of any executor. Tasks, blocking work
//! and time are shuttle's to decide about.
//!
//! Why not `shuttle-tokio`: it lacks the broadcast channel, and its dependencies would make cargo build all others a second time.

pub use tokio_itself::{join, pin, select, sync};

/// The runtime: whatever shuttle runs.
pub mod runtime {
    use std::future::Future;

    use crate::task::JoinHandle;

    /// There is one runtime.
    #[derive(Debug, Clone)]
    pub struct Handle;

    impl Handle {
        /// Never fails.
        pub fn current() -> Self {
            Self
        }

        /// A task.
        pub fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
            shuttle::future::spawn(work)
        }

        /// A task too: under shuttle each has a stack of its own, and may block.
        pub fn spawn_blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
            shuttle::future::spawn(async { work() })
        }
    }
}

/// Tasks. `JoinSet` compiles and does not run: it holds the app's own steps, which no scene has.
pub mod task {
    pub use shuttle::future::{JoinHandle, yield_now};
    pub use tokio_itself::task::JoinSet;
}

pub use shuttle::future::spawn;

/// Time, which passes only when a test says so.
pub mod time {
    use std::future::Future;

    pub use tokio_itself::time::{Duration, Instant};

    use crate::sync::watch;

    thread_local! {
        /// Shuttle runs all tasks of a test on one thread. It is never dropped, because that would wake tasks after their test.
        static TIME: &'static watch::Sender<()> = Box::leak(Box::default());
    }

    /// A timeout is over.
    #[derive(Debug)]
    pub struct Elapsed;

    /// All timeouts of this moment end.
    pub fn let_them_pass() {
        TIME.with(|time| time.send_replace(()));
    }

    /// Waits until the work is done or time has passed.
    pub async fn timeout<T>(_: Duration, work: impl Future<Output = T>) -> Result<T, Elapsed> {
        let mut time = TIME.with(|time| time.subscribe());
        tokio_itself::select! {
            biased;
            done = work => Ok(done),
            _ = time.changed() => Err(Elapsed),
        }
    }

    /// The same.
    pub async fn timeout_at<T>(_: Instant, work: impl Future<Output = T>) -> Result<T, Elapsed> {
        timeout(Duration::ZERO, work).await
    }

    /// Waits until time has passed.
    pub async fn sleep_until(_: Instant) {
        // It never ends in itself.
        let _ = timeout(Duration::ZERO, std::future::pending::<()>()).await;
    }

    /// Lets others go on. It ends without time passing, so that pauses before a retry end.
    pub async fn sleep(_: Duration) {
        shuttle::future::yield_now().await;
    }
}
