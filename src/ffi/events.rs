//! Events, as a listener of the host's hears them.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::error::HostError;
use super::live::Live;
use crate::{AuthEvent, Events, task};

/// Hears what happens to the session. Called on threads that may block, one call at a time, in order.
#[uniffi::export(with_foreign)]
pub trait EventListener: Send + Sync {
    /// Something has happened. One that does not return in time misses the oldest events.
    ///
    /// # Errors
    /// Whatever it throws is noted in the log, and the next event comes all the same.
    fn on_event(&self, event: AuthEvent) -> Result<(), HostError>;

    /// Nothing more can happen: every [`Auth`](super::Auth) that could tell is gone.
    ///
    /// # Errors
    /// Whatever it throws is noted in the log.
    fn on_end(&self) -> Result<(), HostError>;
}

/// Has a listener hear events for as long as this lives.
#[derive(uniffi::Object)]
pub struct Subscription {
    task: AbortHandle,
    _live: Live,
}

#[uniffi::export]
impl Subscription {
    /// Has the listener hear nothing more, but for what it is being told just now.
    pub fn cancel(&self) {
        self.task.abort();
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) fn listen(runtime: &Handle, events: Events, listener: Arc<dyn EventListener>) -> Arc<Subscription> {
    let task = runtime.spawn(hear(events, listener)).abort_handle();
    Arc::new(Subscription {
        task,
        _live: Live::new(),
    })
}

async fn hear(mut events: Events, listener: Arc<dyn EventListener>) {
    while let Some(event) = events.next().await {
        let listener = Arc::clone(&listener);
        tell(move || listener.on_event(event)).await;
    }
    tell(move || listener.on_end()).await;
}

async fn tell(call: impl FnOnce() -> Result<(), HostError> + Send + 'static) {
    if !matches!(task::spawn_blocking(&Handle::current(), call).await, Ok(Ok(()))) {
        tracing::warn!("a listener for events threw");
    }
}
