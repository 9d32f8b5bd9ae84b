//! A host's listeners.

use std::sync::Arc;
use std::time::Duration;

use cognito_signout::ffi::{EventListener, HostError};
use cognito_signout::{AuthEvent, SignedInWith, SignedOutReason};
use tokio::sync::mpsc;

use crate::host::{App, Online, assert_complete, local, ports};

/// Sends the events to the test, and `None` for the end. If `throws`, it also throws each time.
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

async fn everything_in_order(throws: bool, returns_at_once: bool) {
    let app = App::with(ports(Online::new())).await;
    let (listener, mut hears) = listener(throws);
    let _subscription = app.auth.subscribe(listener, returns_at_once);
    app.store(SignedInWith::Api).await;
    assert_complete(&app.auth.sign_out(local()).await);
    assert_eq!(next(&mut hears).await, Some(AuthEvent::SignedIn));
    let signed_out = AuthEvent::SignedOut {
        reason: SignedOutReason::Local,
        app_reason: None,
    };
    assert_eq!(next(&mut hears).await, Some(signed_out));
    drop(app);
    assert_eq!(next(&mut hears).await, None, "the end, once no more events can come");
}

#[tokio::test]
async fn a_listener_gets_all_events_in_order_and_then_the_end() {
    everything_in_order(false, false).await;
    everything_in_order(false, true).await;
}

#[tokio::test]
async fn a_listener_that_throws_still_gets_all_events() {
    everything_in_order(true, false).await;
    everything_in_order(true, true).await;
}

#[tokio::test]
async fn a_listener_with_a_cancelled_subscription_is_released_and_gets_nothing_more() {
    let app = App::with(ports(Online::new())).await;
    let (listener, mut hears) = listener(false);
    let subscription = app.auth.subscribe(listener, false);
    subscription.cancel();
    // The channel closes when the library releases the listener.
    let released = tokio::time::timeout(Duration::from_secs(5), hears.recv()).await;
    assert_eq!(released.unwrap(), None);
    app.store(SignedInWith::Api).await;
}
