//! One web step that runs in this process. Its driver, its browser and the app share it.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use url::Url;

use super::visit::{Arrival, Visit};
use super::{Browser, BrowserCompletion, BrowserError, NextPage};
use crate::error::StepError;
use crate::lock::{Mutex, MutexGuard, lock};

/// After the end of the step, the browser has this long to release its port or window.
const TIME_TO_LET_GO: Duration = Duration::from_millis(500);

/// It ends once: the first end counts.
#[derive(Debug)]
pub(crate) struct WebStep {
    /// None until the pages are planned, which takes a moment.
    visit: Mutex<Option<Visit>>,
    end: watch::Sender<Option<Result<(), StepError>>>,
    /// Whether the user is signed out on this device, when that is known.
    verdict: watch::Sender<Option<bool>>,
    /// Closed when the last completion is dropped.
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

    /// Opens the browser, unless the step has already ended, and waits for the end of the step. `limit` is the longest wait.
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
        // A redirect may have come at this moment. Then it is the end, and this failure is ignored.
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

    /// The browser failed. The consequence depends on the page that it was at.
    pub(crate) fn fail(&self, error: BrowserError) {
        let mut visit = self.visit();
        if self.end.borrow().is_some() {
            return;
        }
        match visit.as_mut() {
            Some(visit) => {
                self.take(visit.give_up(error.into()));
            }
            // The pages are not planned yet.
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

    /// Ends the step, if it has not ended yet.
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
        // `self` has the sender, so the channel cannot close before there is an end.
        end.ok().flatten().unwrap_or_else(|| Err(BrowserError::TimedOut.into()))
    }

    /// Sets whether the user is signed out on this device, for the closing page. Only the first call counts.
    pub(crate) fn tell(&self, signed_out: bool) {
        self.verdict.send_if_modified(|verdict| {
            let first = verdict.is_none();
            if first {
                *verdict = Some(signed_out);
            }
            first
        });
    }

    /// Waits until the browser has released its port or window, but only for a short time.
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

    /// The visit so far.
    pub(crate) fn visited(&self) -> Option<Visit> {
        self.visit().clone()
    }

    fn visit(&self) -> MutexGuard<'_, Option<Visit>> {
        lock(&self.visit)
    }
}
