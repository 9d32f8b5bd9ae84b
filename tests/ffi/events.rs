//! Listeners of a host's.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cognito_signout::ffi::{EventListener, HostError};
use cognito_signout::{AuthEvent, SignedInWith, SignedOutReason};
use tokio::sync::mpsc;

use crate::host::{App, Online, assert_complete, local, ports};

/// Hands on what it hears, `None` for the end; and throws each time, if it is that kind.
struct Hears {
    heard: mpsc::UnboundedSender<Option<AuthEvent>>,
    throws: bool,
}

impl EventListener for Hears {
    fn on_event(&self, event: AuthEvent) -> Result<(), HostError> {
        self.heard.send(Some(event)).unwrap();
        if self.throws { Err(HostError::Thrown) } else { Ok(()) }
    }

    fn on_end(&self) -> Result<(), HostError> {
        self.heard.send(None).unwrap();
        Ok(())
    }
}

fn listener(throws: bool) -> (Arc<Hears>, mpsc::UnboundedReceiver<Option<AuthEvent>>) {
    let (heard, hears) = mpsc::unbounded_channel();
    (Arc::new(Hears { heard, throws }), hears)
}

async fn next(hears: &mut mpsc::UnboundedReceiver<Option<AuthEvent>>) -> Option<AuthEvent> {
    let next = tokio::time::timeout(Duration::from_secs(5), hears.recv()).await;
    next.unwrap().unwrap()
}

async fn everything_in_order(throws: bool) {
    let app = App::with(ports(Online::new())).await;
    let (listener, mut hears) = listener(throws);
    let _subscription = app.auth.subscribe(listener);
    app.store(SignedInWith::Api).await;
    assert_complete(&app.auth.sign_out(local()).await);
    assert_eq!(next(&mut hears).await, Some(AuthEvent::SignedIn));
    let signed_out = AuthEvent::SignedOut(SignedOutReason::Local);
    assert_eq!(next(&mut hears).await, Some(signed_out));
    drop(app);
    assert_eq!(next(&mut hears).await, None, "the end, once nobody can tell any more");
}

#[tokio::test]
async fn one_hears_everything_in_order_and_then_the_end() {
    everything_in_order(false).await;
}

#[tokio::test]
async fn one_that_throws_goes_on_hearing() {
    everything_in_order(true).await;
}

#[tokio::test]
async fn one_whose_subscription_is_cancelled_is_let_go_of_and_hears_nothing_more() {
    let app = App::with(ports(Online::new())).await;
    let (listener, mut hears) = listener(false);
    let subscription = app.auth.subscribe(listener);
    subscription.cancel();
    // The channel is closed once the library has let go of the listener.
    let let_go = tokio::time::timeout(Duration::from_secs(5), hears.recv()).await;
    assert_eq!(let_go.unwrap(), None);
    app.store(SignedInWith::Api).await;
}

#[tokio::test]
async fn one_may_call_back_into_the_library() {
    /// Asks for the session at each event.
    struct Asks {
        auth: Mutex<Option<Arc<cognito_signout::ffi::Auth>>>,
        runtime: tokio::runtime::Handle,
        answers: mpsc::UnboundedSender<bool>,
    }
    impl EventListener for Asks {
        fn on_event(&self, _: AuthEvent) -> Result<(), HostError> {
            let auth = self.auth.lock().unwrap().clone().unwrap();
            let state = self.runtime.block_on(auth.session());
            let signed_in = matches!(state, cognito_signout::ffi::SessionState::SignedIn { .. });
            self.answers.send(signed_in).map_err(|_| HostError::Thrown)
        }

        fn on_end(&self) -> Result<(), HostError> {
            Ok(())
        }
    }
    let app = App::with(ports(Online::new())).await;
    let (answers, mut asked) = mpsc::unbounded_channel();
    let asks = Arc::new(Asks {
        auth: Mutex::new(Some(Arc::clone(&app.auth))),
        runtime: tokio::runtime::Handle::current(),
        answers,
    });
    let subscription = app.auth.subscribe(asks);
    app.store(SignedInWith::Api).await;
    let answer = tokio::time::timeout(Duration::from_secs(5), asked.recv()).await;
    assert_eq!(answer.unwrap(), Some(true));
    subscription.cancel();
}
