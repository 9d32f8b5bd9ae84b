//! Events and states for a listener of the host.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::error::HostError;
use super::live::Live;
use super::session::SessionState;
use crate::{AuthEvent, Events, SessionStates, task};

/// Receives every change of the session, one call at a time, in order. Called on threads that may block, unless the
/// subscription says that it returns at once.
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

/// Receives the session's state: the present one first, then each change. Called as an [`EventListener`] is.
#[uniffi::export(with_foreign)]
pub trait StateListener: Send + Sync {
    /// The state. A listener that returns late misses the states that a newer one has replaced.
    ///
    /// # Errors
    /// Any error is logged, and the next state is delivered.
    fn on_state(&self, state: SessionState) -> Result<(), HostError>;

    /// There will be no more states: every [`Auth`](super::Auth) of the record is gone.
    ///
    /// # Errors
    /// Any error is logged.
    fn on_end(&self) -> Result<(), HostError>;
}

/// Delivers events or states to a listener until it is cancelled or released.
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

impl Subscription {
    fn of(runtime: &Handle, delivery: impl Future<Output = ()> + Send + 'static) -> Arc<Self> {
        Arc::new(Self {
            task: runtime.spawn(delivery).abort_handle(),
            _live: Live::new(),
        })
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) fn listen(
    runtime: &Handle,
    mut events: Events,
    listener: Arc<dyn EventListener>,
    at_once: bool,
) -> Arc<Subscription> {
    Subscription::of(runtime, async move {
        while let Some(event) = events.next().await {
            let listener = Arc::clone(&listener);
            call(at_once, move || listener.on_event(event)).await;
        }
        call(at_once, move || listener.on_end()).await;
    })
}

pub(super) fn follow(
    runtime: &Handle,
    mut states: SessionStates,
    listener: Arc<dyn StateListener>,
    at_once: bool,
) -> Arc<Subscription> {
    Subscription::of(runtime, async move {
        while let Some(state) = states.next().await {
            let listener = Arc::clone(&listener);
            call(at_once, move || listener.on_state(state.into())).await;
        }
        call(at_once, move || listener.on_end()).await;
    })
}

async fn call(at_once: bool, listener: impl FnOnce() -> Result<(), HostError> + Send + 'static) {
    let returned = match at_once {
        true => listener().is_ok(),
        false => matches!(task::spawn_blocking(&Handle::current(), listener).await, Ok(Ok(()))),
    };
    if !returned {
        tracing::warn!("a listener threw");
    }
}
