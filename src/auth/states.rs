//! The session as a stream of states: the present one first, then each change.

use std::sync::{Arc, Weak};

use futures_core::Stream;
use tokio::sync::watch;

use super::{Auth, Inner, SessionState};
use crate::stream::items_of;

/// A subscription, from [`Auth::session_states`]: the present state, then the state after each change.
///
/// It always gives the newest state. A state that a newer one has replaced before it was read is left out, and no state comes
/// twice in a row.
#[derive(Debug)]
pub struct SessionStates {
    auth: Weak<Inner>,
    changes: watch::Receiver<()>,
    /// The state has to be read: at the beginning, and after a change.
    is_due: bool,
    last: Option<SessionState>,
}

impl SessionStates {
    /// The present state at the first call, then the next state that differs from the last one. `None` once the [`Auth`] that
    /// it came from is gone, with its clones: at once if no other handle has the record, else at the next change. Dropping the
    /// future loses nothing.
    pub async fn next(&mut self) -> Option<SessionState> {
        loop {
            if !self.is_due {
                self.changes.changed().await.ok()?;
                self.is_due = true;
            }
            // Changes from here on are read next time.
            self.changes.mark_unchanged();
            let state = Auth(self.auth.upgrade()?).session().await;
            self.is_due = false;
            if self.last.as_ref() != Some(&state) {
                self.last = Some(state.clone());
                return Some(state);
            }
        }
    }

    /// The same states as a [`Stream`]. It ends when [`next`](Self::next) would return `None`.
    pub fn into_stream(self) -> impl Stream<Item = SessionState> + Send + Unpin + 'static {
        items_of(self, |mut states| {
            Box::pin(async move { (states.next().await, states) })
        })
    }
}

impl Auth {
    /// The session's present state, then each change of it: a sign-in, a sign-out by this process or another one, a refresh by
    /// this process, a session that has expired. No change is missed between asking and listening.
    ///
    /// What another process does is noticed at the next call that reads the record: see
    /// [`refresh_state`](Self::refresh_state). A refresh by another process alone is not a change.
    ///
    /// ```
    /// # use cognito_signout::{Auth, SessionState};
    /// async fn show(auth: Auth) {
    ///     let mut states = auth.session_states();
    ///     while let Some(state) = states.next().await {
    ///         match state {
    ///             SessionState::SignedIn(session) => println!("signed in as {}", session.sub),
    ///             SessionState::SignedOut => println!("show the sign-in page"),
    ///             SessionState::Unavailable(why) => println!("not known now: {why}"),
    ///         }
    ///     }
    /// }
    /// ```
    pub fn session_states(&self) -> SessionStates {
        SessionStates {
            auth: Arc::downgrade(&self.0),
            changes: self.0.shared.turn.changes(),
            is_due: true,
            last: None,
        }
    }
}
