//! The page that is open in this process, and the run that waits for its answer.

use std::sync::Arc;

use tokio::sync::watch;
use url::Url;

use super::outcome::SignOutResult;
use super::run::{Run, Waiter};
use crate::browser::{BrowserError, NextPage, WebStep, WebVisit};
use crate::clock::Clock;
use crate::lock::{Mutex, MutexGuard, lock};

/// Closed when a run is over.
pub(super) type Over = watch::Receiver<()>;

/// The open page of one record, if any. A page counts as open from its planning until its web step ends.
#[derive(Debug, Default)]
pub(crate) struct OpenPageSlot(Mutex<Option<OpenPage>>);

/// A web step that runs in this process, and the run that waits for it.
#[derive(Debug, Clone)]
pub(crate) struct OpenPage {
    step: Arc<WebStep>,
    run: Arc<Run>,
    over: Over,
}

impl OpenPageSlot {
    pub(super) fn get(&self) -> Option<OpenPage> {
        self.slot().clone()
    }

    /// This step's page is the open one from now on.
    pub(super) fn put(&self, step: &Arc<WebStep>, run: &Arc<Run>, over: &Over) {
        *self.slot() = Some(OpenPage {
            step: Arc::clone(step),
            run: Arc::clone(run),
            over: over.clone(),
        });
    }

    /// This step's page is no longer open. If another step has taken its place, that one stays.
    pub(super) fn remove(&self, step: &Arc<WebStep>) {
        self.slot().take_if(|page| Arc::ptr_eq(&page.step, step));
    }

    fn slot(&self) -> MutexGuard<'_, Option<OpenPage>> {
        lock(&self.0)
    }
}

impl OpenPage {
    /// Gives the browser's answer to the web step. `waiter` waits for the run's result.
    pub(super) fn answer(&self, answer: &Result<Url, BrowserError>, waiter: Waiter) -> NextPage {
        self.run.add_waiter(waiter);
        match answer {
            Ok(callback) => self.step.arrive(callback),
            Err(error) => {
                self.step.fail(error.clone());
                NextPage::End { leave_at: None }
            }
        }
    }

    /// The page that the browser is at.
    pub(crate) fn visit(&self) -> Option<WebVisit> {
        self.step.visited().as_ref().map(WebVisit::from)
    }

    /// The result of the run, once it has one.
    pub(crate) async fn result(mut self, clock: &dyn Clock) -> SignOutResult {
        let _ = self.over.changed().await;
        self.run.result(None, clock.now())
    }
}
