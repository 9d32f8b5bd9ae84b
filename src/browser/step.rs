//! One web step under way in this process: what its driver, its browser and the app share.

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::watch;
use url::Url;

use super::visit::{Arrival, Visit};
use super::{Browser, BrowserCompletion, BrowserError, NextPage};
use crate::error::StepError;
use crate::lock::lock;

/// How long a browser has to let go of what it took, once nothing is waited for.
const TIME_TO_LET_GO: Duration = Duration::from_millis(500);

/// Ends once, whoever says so first.
#[derive(Debug)]
pub(crate) struct WebStep {
    /// None until the way is known, which takes a moment.
    visit: Mutex<Option<Visit>>,
    end: watch::Sender<Option<Result<(), StepError>>>,
    /// Whether the user is signed out of this device, once that is known.
    verdict: watch::Sender<Option<bool>>,
    /// Closed when no completion is left.
    held: watch::Sender<()>,
}

impl WebStep {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            visit: Mutex::default(),
            end: watch::Sender::new(None),
            verdict: watch::Sender::new(None),
            held: watch::Sender::new(()),
        })
    }

    /// Opens the browser, unless it has ended already, and waits until it is done or the time is over.
    pub(crate) async fn run(
        self: &Arc<Self>,
        visit: Visit,
        browser: &dyn Browser,
        limit: Duration,
    ) -> Result<(), StepError> {
        let (url, redirect) = (visit.url().clone(), visit.redirect.clone());
        *self.visit() = Some(visit);
        if let Some(end) = self.end.borrow().clone() {
            return end;
        }
        let completion = BrowserCompletion::new(Arc::clone(self), self.held.subscribe());
        browser.open(url, redirect, completion);
        if let Ok(end) = tokio::time::timeout(limit, self.ended()).await {
            return end;
        }
        // Whoever was first has ended it: the time, or the redirect that came just then.
        self.fail(BrowserError::TimedOut);
        self.ended().await
    }

    /// The browser was sent to `callback`.
    pub(crate) fn arrive(&self, callback: &Url) -> NextPage {
        let mut visit = self.visit();
        let Some(visit) = visit.as_mut().filter(|_| self.end.borrow().is_none()) else {
            return NextPage::Ignored;
        };
        self.take(visit.arrive(callback))
    }

    /// The browser failed. It is for the page that it was at to say what that means.
    pub(crate) fn fail(&self, error: BrowserError) {
        let mut visit = self.visit();
        if self.end.borrow().is_some() {
            return;
        }
        match visit.as_mut() {
            Some(visit) => {
                self.take(visit.give_up(error.into()));
            }
            // Before any page is known.
            None => self.end(Err(error.into())),
        }
    }

    fn take(&self, arrival: Arrival) -> NextPage {
        match arrival {
            Arrival::Ignored => NextPage::Ignored,
            Arrival::GoOn(url) => NextPage::Open(url),
            Arrival::Ended { leave_at } => {
                self.end(Ok(()));
                NextPage::End { leave_at }
            }
            Arrival::Failed(error) => {
                self.end(Err(error));
                NextPage::End { leave_at: None }
            }
        }
    }

    /// Ends the step, if nobody has before.
    pub(super) fn end(&self, how: Result<(), StepError>) {
        self.end.send_if_modified(|end| {
            let first = end.is_none();
            if first {
                *end = Some(how);
            }
            first
        });
    }

    pub(crate) async fn ended(&self) -> Result<(), StepError> {
        let mut end = self.end.subscribe();
        let end = end.wait_for(Option::is_some).await.map(|end| end.clone());
        // The sender is `self`'s own, so there is an end.
        end.ok().flatten().unwrap_or_else(|| Err(BrowserError::TimedOut.into()))
    }

    /// Says whether the user is signed out of this device, for the last page to show it. Said once.
    pub(crate) fn tell(&self, signed_out: bool) {
        self.verdict.send_if_modified(|verdict| {
            let first = verdict.is_none();
            if first {
                *verdict = Some(signed_out);
            }
            first
        });
    }

    /// Waits until the browser has let go of what it took: for a moment, for one that never does.
    pub(crate) async fn close(&self, limit: Duration) {
        self.tell(false);
        let _ = tokio::time::timeout(limit.min(TIME_TO_LET_GO), self.held.closed()).await;
    }

    #[cfg(test)]
    pub(crate) async fn tell_and_close(&self, signed_out: bool) {
        self.tell(signed_out);
        self.close(Duration::MAX).await;
    }

    pub(super) async fn verdict(&self) -> bool {
        let mut verdict = self.verdict.subscribe();
        let verdict = verdict.wait_for(Option::is_some).await;
        verdict.is_ok_and(|verdict| *verdict == Some(true))
    }

    /// How far it has come.
    pub(crate) fn visited(&self) -> Option<Visit> {
        self.visit().clone()
    }

    fn visit(&self) -> MutexGuard<'_, Option<Visit>> {
        lock(&self.visit)
    }
}
