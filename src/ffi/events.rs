//! Events for a listener of the host.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::error::HostError;
use super::live::Live;
use crate::{AuthEvent, Events, task};

/// Receives every change of the session. Called on threads that may block, one call at a time, in order.
#[uniffi::export(with_foreign)]
pub trait EventListener: Send + Sync {
    /// An event. A listener that returns late misses the oldest events.
    ///
    /// # Errors
    /// Any error is logged, and the next event is delivered.
    fn on_event(&self, event: AuthEvent) -> Result<(), HostError>;

    /// There will be no more events: every [`Auth`](super::Auth) that sends them is gone.
    ///
    /// # Errors
    /// Any error is logged.
    fn on_end(&self) -> Result<(), HostError>;
}

/// Delivers events to a listener until it is cancelled or released.
#[derive(uniffi::Object)]
pub struct Subscription {
    task: AbortHandle,
    _live: Live,
}

#[uniffi::export]
impl Subscription {
    /// Stops the delivery. An event that is being delivered is still delivered.
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
    let task = runtime.spawn(deliver(events, listener)).abort_handle();
    Arc::new(Subscription {
        task,
        _live: Live::new(),
    })
}

async fn deliver(mut events: Events, listener: Arc<dyn EventListener>) {
    while let Some(event) = events.next().await {
        let listener = Arc::clone(&listener);
        call(move || listener.on_event(event)).await;
    }
    call(move || listener.on_end()).await;
}

async fn call(listener: impl FnOnce() -> Result<(), HostError> + Send + 'static) {
    if !matches!(task::spawn_blocking(&Handle::current(), listener).await, Ok(Ok(()))) {
        tracing::warn!("a listener for events threw");
    }
}
