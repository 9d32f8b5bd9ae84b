//! The scope of a session: what the host runs for a user ends with the user's session.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::error::Problem;
use super::live::Live;
use super::runtime;
use crate::{AuthError, CancellationToken};

/// The scope of the session that was on record when it was made.
#[derive(uniffi::Object)]
pub struct SessionScope {
    scope: CancellationToken,
    left: CancellationToken,
    runtime: Handle,
    _live: Live,
}

#[uniffi::export]
impl SessionScope {
    /// Waits until the session has ended, and returns why the work in the scope has to end too. Unset: the host has left the
    /// scope before.
    pub async fn ended(&self) -> Option<Problem> {
        let (scope, left) = (self.scope.clone(), self.left.clone());
        let ended = runtime::run(&self.runtime, async move {
            tokio::select! {
                biased;
                () = scope.cancelled() => true,
                () = left.cancelled() => false,
            }
        });
        ended
            .await
            .unwrap_or(false)
            .then(|| Problem::from(&AuthError::SignedOut))
    }

    /// The host no longer waits: the work in the scope has ended.
    pub fn leave(&self) {
        self.left.cancel();
    }
}

impl SessionScope {
    pub(super) fn new(scope: CancellationToken, runtime: &Handle) -> Arc<Self> {
        Arc::new(Self {
            scope,
            left: CancellationToken::new(),
            runtime: runtime.clone(),
            _live: Live::new(),
        })
    }
}
