//! The port to the browser: it plans the pages that end sessions, and has the library's browser if the app gave one.

use std::sync::Arc;

use url::Url;

use super::open_page::{OpenPage, OpenPageSlot};
use super::run::Waiter;
use crate::browser::{Browser, BrowserError, NextPage, Planner};
use crate::error::StepError;
use crate::options::WebPolicy;
use crate::record::Held;

/// Ends sessions in the browser.
#[derive(Debug)]
pub(crate) struct BrowserPort {
    pub(super) planner: Planner,
    pub(super) browser: Option<Arc<dyn Browser>>,
    pub(super) open_page: Arc<OpenPageSlot>,
}

impl BrowserPort {
    pub(crate) fn new(planner: Planner, browser: Option<Arc<dyn Browser>>, open_page: Arc<OpenPageSlot>) -> Self {
        Self {
            planner,
            browser,
            open_page,
        }
    }

    /// Gives the browser's answer to the page that is open in this process, if there is one. `waiter` waits for the run's
    /// result.
    pub(crate) fn answer(&self, answer: &Result<Url, BrowserError>, waiter: Waiter) -> Option<(NextPage, OpenPage)> {
        let page = self.open_page.get()?;
        Some((page.answer(answer, waiter), page))
    }

    /// The page that ends the session at the hosted pages and comes back to this sign-out URI, if they are configured.
    pub(super) fn logout_url(&self, sign_out_uri: Option<&str>) -> Option<Url> {
        self.planner.logout_url(sign_out_uri)
    }

    /// The policy for callers that chose none.
    pub(crate) fn default_policy(&self, held: &Held) -> WebPolicy {
        self.planner.default_policy(held.identity_provider().as_deref())
    }

    /// Whether the configuration allows this policy.
    pub(crate) fn allows(&self, policy: WebPolicy) -> Result<(), StepError> {
        self.planner.allows(policy)
    }

    /// Whether the library has a browser to open pages in.
    pub(crate) fn has_browser(&self) -> bool {
        self.browser.is_some()
    }
}
