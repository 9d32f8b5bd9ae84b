//! A host's state listener, and the scope of a session.

use std::sync::Arc;
use std::time::Duration;

use cognito_signout::SignedInWith;
use cognito_signout::ffi::{HostError, SessionState, StateListener};
use tokio::sync::mpsc;

use crate::host::{App, Online, assert_complete, local, ports};

/// Sends each state to the test, and `None` for the end. It also throws each time.
struct Sees(mpsc::UnboundedSender<Option<&'static str>>);

impl StateListener for Sees {
    fn on_state(&self, state: SessionState) -> Result<(), HostError> {
        let name = match state {
            SessionState::SignedIn { .. } => "signed_in",
            SessionState::SignedOut => "signed_out",
            SessionState::Unavailable { .. } => "unavailable",
        };
        self.0.send(Some(name)).unwrap();
        Err(HostError::Thrown)
    }

    fn on_end(&self) -> Result<(), HostError> {
        self.0.send(None).unwrap();
        Ok(())
    }
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(5), future).await.unwrap()
}

#[tokio::test]
async fn a_state_listener_gets_the_present_state_then_the_changes_and_then_the_end() {
    let app = App::with(ports(Online::new())).await;
    let (sender, mut seen) = mpsc::unbounded_channel();
    let _subscription = app.auth.subscribe_states(Arc::new(Sees(sender)), true);
    assert_eq!(soon(seen.recv()).await, Some(Some("signed_out")));
    app.store(SignedInWith::Api).await;
    assert_eq!(soon(seen.recv()).await, Some(Some("signed_in")));
    assert_complete(&app.auth.sign_out(local()).await);
    assert_eq!(soon(seen.recv()).await, Some(Some("signed_out")));
    drop(app);
    assert_eq!(soon(seen.recv()).await, Some(None));
}

#[tokio::test]
async fn a_scope_says_why_it_has_ended_or_that_the_host_has_left_it() {
    let app = App::over(Online::new()).await;
    let (one, other) = (
        app.auth.session_scope().await.unwrap(),
        app.auth.session_scope().await.unwrap(),
    );
    one.leave();
    assert_eq!(soon(one.ended()).await, None);
    assert_complete(&app.auth.sign_out(local()).await);
    let problem = soon(other.ended()).await.unwrap();
    assert_eq!(problem.code, "signed_out");
    assert!(app.auth.session_scope().await.is_err());
}
