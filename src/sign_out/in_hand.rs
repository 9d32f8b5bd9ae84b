//! What ends sessions in the browser, and the page that this process's browser has open.

use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::watch;
use url::Url;

use super::outcome::SignOutResult;
use super::run::{Run, Waiter};
use crate::browser::{Browser, BrowserError, NextPage, Planner, WebStep, WebVisit};
use crate::clock::Clock;
use crate::lock::lock;

/// Closed when a run is over.
pub(super) type Over = watch::Receiver<()>;

/// Ends sessions in the browser.
#[derive(Debug)]
pub(crate) struct Web {
    pub(super) planner: Planner,
    pub(super) browser: Option<Arc<dyn Browser>>,
    in_hand: Arc<Hand>,
}

/// The web step that this process's browser has in hand, if any.
pub(crate) type Hand = Mutex<Option<InHand>>;

/// A web step that this process's browser has in hand, and the run that waits for it.
#[derive(Debug, Clone)]
pub(crate) struct InHand {
    step: Arc<WebStep>,
    run: Arc<Run>,
    over: Over,
}

impl InHand {
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

impl Web {
    pub(crate) fn new(planner: Planner, browser: Option<Arc<dyn Browser>>, in_hand: Arc<Hand>) -> Self {
        Self {
            planner,
            browser,
            in_hand,
        }
    }

    /// Gives the browser's answer to the step that this process's browser has in hand, if there is one. `waiter` waits for
    /// the run's result.
    pub(crate) fn answer(&self, answer: &Result<Url, BrowserError>, waiter: Waiter) -> Option<(NextPage, InHand)> {
        let in_hand = self.in_hand().clone()?;
        in_hand.run.add_waiter(waiter);
        let next = match answer {
            Ok(callback) => in_hand.step.arrive(callback),
            Err(error) => {
                in_hand.step.fail(error.clone());
                NextPage::End { leave_at: None }
            }
        };
        Some((next, in_hand))
    }

    /// The page that ends the session at the hosted pages and comes back to this sign-out URI, if they are configured.
    pub(super) fn logout_url(&self, sign_out_uri: Option<&str>) -> Option<Url> {
        self.planner.logout_url(sign_out_uri)
    }

    /// Whether the library has a browser to open pages in.
    pub(crate) fn has_browser(&self) -> bool {
        self.browser.is_some()
    }

    /// The browser takes this step in hand.
    pub(super) fn take(&self, step: &Arc<WebStep>, run: &Arc<Run>, over: &Over) {
        *self.in_hand() = Some(InHand {
            step: Arc::clone(step),
            run: Arc::clone(run),
            over: over.clone(),
        });
    }

    /// The browser lets go of this step, unless another one has taken its place.
    pub(super) fn let_go(&self, step: &Arc<WebStep>) {
        self.in_hand().take_if(|in_hand| Arc::ptr_eq(&in_hand.step, step));
    }

    fn in_hand(&self) -> MutexGuard<'_, Option<InHand>> {
        lock(&self.in_hand)
    }
}
