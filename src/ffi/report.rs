//! One question to the host and its one report: what every completion object is made of.

use std::sync::Mutex;

use tokio::sync::{oneshot, watch};

use super::live::Live;
use crate::lock::lock;

/// The host's end. Dropping it without a report ends the wait at once.
pub(super) struct Reporter<T> {
    sender: Mutex<Option<oneshot::Sender<T>>>,
    waited_for: watch::Receiver<()>,
    _live: Live,
}

/// The library's end. Dropping it tells the host that nobody waits any more.
pub(super) struct Report<T> {
    receiver: oneshot::Receiver<T>,
    _waiting: watch::Sender<()>,
}

/// Both ends.
pub(super) fn report<T>() -> (Reporter<T>, Report<T>) {
    let (sender, receiver) = oneshot::channel();
    let (waiting, waited_for) = watch::channel(());
    let reporter = Reporter {
        sender: Mutex::new(Some(sender)),
        waited_for,
        _live: Live::new(),
    };
    let report = Report {
        receiver,
        _waiting: waiting,
    };
    (reporter, report)
}

impl<T> Reporter<T> {
    /// False if nobody waited for it: it was the second report, or too late.
    pub(super) fn report(&self, outcome: T) -> bool {
        let sender = lock(&self.sender).take();
        sender.is_some_and(|sender| sender.send(outcome).is_ok())
    }

    /// Returns when nobody waits any more.
    pub(super) async fn closed(&self) {
        // The sender sends nothing. The error when it is dropped ends the wait.
        let _ = self.waited_for.clone().changed().await;
    }
}

impl<T> Report<T> {
    /// The report, or `None` if the host has released its end without one.
    pub(super) async fn arrived(self) -> Option<T> {
        self.receiver.await.ok()
    }
}
