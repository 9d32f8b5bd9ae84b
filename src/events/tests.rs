use super::*;

const EXPIRED: AuthEvent = AuthEvent::SessionExpired {
    reason: EndReason::Revoked,
};

#[tokio::test]
async fn every_subscriber_gets_every_event_from_then_on_in_order() {
    let bus = EventBus::default();
    let mut early = bus.subscribe();
    bus.send(AuthEvent::SignedIn);
    let mut late = bus.subscribe();
    bus.send(EXPIRED);
    bus.send(AuthEvent::SignedOut {
        reason: SignedOutReason::Local,
        app_reason: None,
    });

    assert_eq!(early.next().await, Some(AuthEvent::SignedIn));
    for events in [&mut early, &mut late] {
        assert_eq!(events.next().await, Some(EXPIRED));
        assert_eq!(
            events.next().await,
            Some(AuthEvent::SignedOut {
                reason: SignedOutReason::Local,
                app_reason: None
            })
        );
        assert_eq!(events.try_next(), None);
    }
}

#[tokio::test]
async fn a_subscriber_that_does_not_read_loses_the_oldest_and_blocks_nobody() {
    let bus = EventBus::default();
    let mut idle = bus.subscribe();
    let mut busy = bus.subscribe();
    bus.send(AuthEvent::SignedIn);
    for _ in 0..CAPACITY {
        assert!(busy.next().await.is_some());
        bus.send(EXPIRED);
    }
    let read = std::iter::from_fn(|| idle.try_next()).collect::<Vec<_>>();
    assert_eq!(read, vec![EXPIRED; CAPACITY]);
}

#[tokio::test]
async fn the_events_end_with_the_last_sender() {
    let bus = EventBus::default();
    let mut events = bus.subscribe();
    bus.send(AuthEvent::SignedIn);
    drop(bus);
    assert_eq!(events.next().await, Some(AuthEvent::SignedIn));
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn a_stream_has_every_event_in_order_and_ends_with_the_last_sender() {
    use futures_util::StreamExt;
    use futures_util::future::poll_immediate;

    let bus = EventBus::default();
    let mut stream = bus.subscribe().into_stream();
    bus.send(AuthEvent::SignedIn);
    // A wait that is given up loses nothing.
    assert_eq!(stream.next().await, Some(AuthEvent::SignedIn));
    assert_eq!(poll_immediate(stream.next()).await, None);
    bus.send(EXPIRED);
    bus.send(AuthEvent::RevocationSettled);
    drop(bus);
    assert_eq!(stream.next().await, Some(EXPIRED));
    assert_eq!(stream.next().await, Some(AuthEvent::RevocationSettled));
    assert_eq!(stream.next().await, None);
    assert_eq!(stream.next().await, None);
}
