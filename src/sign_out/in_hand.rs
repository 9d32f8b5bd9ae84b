//! What ends sessions in the browser, and the page that this process's browser has in hand.

use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::watch;
use url::Url;

use super::outcome::SignOutResult;
use super::run::Run;
use crate::browser::{Browser, BrowserError, NextPage, Planner, WebStep, WebVisit};
use crate::clock::Clock;
use crate::lock::lock;

/// Closed when a run is over.
pub(super) type Over = watch::Receiver<()>;

/// What ends sessions in the browser.
#[derive(Debug)]
pub(crate) struct Web {
    pub(super) planner: Planner,
    pub(super) browser: Option<Arc<dyn Browser>>,
    under_way: Arc<InHand>,
}

/// The step that this process's browser has in hand.
pub(crate) type InHand = Mutex<Option<UnderWay>>;

/// A step that this process's browser has in hand, and the run that waits for it.
#[derive(Debug, Clone)]
pub(crate) struct UnderWay {
    pub(super) step: Arc<WebStep>,
    pub(super) run: Arc<Run>,
    pub(super) over: Over,
}

impl UnderWay {
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
    pub(crate) fn new(planner: Planner, browser: Option<Arc<dyn Browser>>, under_way: Arc<InHand>) -> Self {
        Self {
            planner,
            browser,
            under_way,
        }
    }

    /// Gives the browser's answer to the step that this process's browser has in hand, if there is one. `listening` is
    /// told of the run's result.
    pub(crate) fn answer(
        &self,
        answer: &Result<Url, BrowserError>,
        listening: &Arc<()>,
    ) -> Option<(NextPage, UnderWay)> {
        let under_way = self.under_way().clone()?;
        under_way.run.hear(Arc::downgrade(listening));
        let next = match answer {
            Ok(callback) => under_way.step.arrive(callback),
            Err(error) => {
                under_way.step.fail(error.clone());
                NextPage::End { leave_at: None }
            }
        };
        Some((next, under_way))
    }

    /// The page that ends the session at the hosted pages, by way of this sign-out URI, if the configuration names them.
    pub(super) fn logout_url(&self, sign_out_uri: Option<&str>) -> Option<Url> {
        self.planner.logout_url(sign_out_uri)
    }

    /// Whether the library has a browser to open pages in.
    pub(crate) fn has_browser(&self) -> bool {
        self.browser.is_some()
    }

    pub(super) fn under_way(&self) -> MutexGuard<'_, Option<UnderWay>> {
        lock(&self.under_way)
    }
}
