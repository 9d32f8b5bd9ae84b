//! Events: changes of the session that the library reports.

#[cfg(test)]
mod tests;

use futures_core::Stream;
use tokio::sync::broadcast;

use crate::app_reason::AppReason;
use crate::end_reason::EndReason;
use crate::stream::items_of;

/// How many events a subscriber may leave unread before it loses the oldest.
const CAPACITY: usize = 64;

/// A change of the session on record. Contains no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum AuthEvent {
    /// A session was stored.
    SignedIn,
    /// The session has ended on this device. The sign-out's result says what was achieved at Cognito.
    SignedOut {
        /// What has ended it.
        reason: SignedOutReason,
        /// The app's own reason, if [`sign_out`](crate::Auth::sign_out) was [given one](crate::SignOutOptions::reason). `None` for
        /// [`Replaced`](SignedOutReason::Replaced) and [`Elsewhere`](SignedOutReason::Elsewhere).
        app_reason: Option<AppReason>,
    },
    /// Cognito says that the session has ended. A refresh or [`Auth::verify`](crate::Auth::verify) has asked. The session is kept,
    /// because only an explicit call signs out. Ask the user to sign in again.
    SessionExpired {
        /// Why it has ended.
        reason: EndReason,
    },
    /// A debt of an earlier sign-out was paid: its refresh token is revoked now.
    RevocationSettled,
}

/// Why a session has ended on this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum SignedOutReason {
    /// `sign_out` was called, for this device.
    Local,
    /// `sign_out` was called, for every device.
    Global,
    /// Another session was stored in its place.
    Replaced,
    /// Another process of the app has ended it: found when the record was read, for example by
    /// [`Auth::refresh_state`](crate::Auth::refresh_state). That process does what is owed to Cognito.
    Elsewhere,
}

/// A subscription, from [`Auth::events`](crate::Auth::events): every event from then on, in order.
///
/// A subscriber cannot block the library: if it does not read, it loses the oldest events, and the log says how many.
#[derive(Debug)]
pub struct Events(broadcast::Receiver<AuthEvent>);

impl Events {
    /// Waits for the next event. `None` once every [`Auth`](crate::Auth) that could send one is gone.
    pub async fn next(&mut self) -> Option<AuthEvent> {
        loop {
            match self.0.recv().await {
                Ok(event) => return Some(event),
                Err(broadcast::error::RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "a subscriber fell behind and has missed events");
                }
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }

    /// The next event, if there is one already.
    pub fn try_next(&mut self) -> Option<AuthEvent> {
        loop {
            match self.0.try_recv() {
                Ok(event) => return Some(event),
                Err(broadcast::error::TryRecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "a subscriber fell behind and has missed events");
                }
                Err(_) => return None,
            }
        }
    }

    /// The same events as a [`Stream`]. It ends when [`next`](Self::next) would return `None`.
    ///
    /// ```
    /// # use cognito_signout::{Auth, AuthEvent};
    /// use futures_util::StreamExt;
    ///
    /// async fn has_ended(auth: &Auth) {
    ///     let ends = auth.events().into_stream().filter(|event| {
    ///         std::future::ready(matches!(event, AuthEvent::SignedOut { .. } | AuthEvent::SessionExpired { .. }))
    ///     });
    ///     std::pin::pin!(ends).next().await;
    /// }
    /// ```
    pub fn into_stream(self) -> impl Stream<Item = AuthEvent> + Send + Unpin + 'static {
        items_of(self, |mut events| {
            Box::pin(async move { (events.next().await, events) })
        })
    }
}

/// Sends to every subscription. It runs no code of theirs, and none of a `tracing` subscriber, so it can be called anywhere.
#[derive(Debug, Clone)]
pub(crate) struct EventBus(broadcast::Sender<AuthEvent>);

impl Default for EventBus {
    fn default() -> Self {
        Self(broadcast::Sender::new(CAPACITY))
    }
}

impl EventBus {
    pub(crate) fn send(&self, event: AuthEvent) {
        // An error means that there is no subscriber, which is fine.
        let _ = self.0.send(event);
    }

    pub(crate) fn subscribe(&self) -> Events {
        Events(self.0.subscribe())
    }
}
