//! The web step, as the driver carries it out: through the port to the browser, or by the app itself in two calls.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::Driver;
use crate::browser::{Arrival, Browser, BrowserError, Place, Visit, WebStep, WebVisit};
use crate::config::RedirectUri;
use crate::error::{ErrorCode, StepError};
use crate::record::{Held, Late, Record, WaitingSignOut};
use crate::sign_out::machine::Event;
use crate::sign_out::open_page::Over;
use crate::sign_out::run::{Purpose, Run};
use crate::vault::VaultError;

/// What an answer of the browser means for the sign-out that is on record.
pub(crate) enum Next {
    /// Nothing: the answer is not this sign-out's, or none waits.
    Ignore,
    /// Another page has to be opened.
    Open(WebVisit),
    /// The web step has ended: go on with the sign-out.
    Resume {
        waiting: Box<WaitingSignOut>,
        held: Held,
        end: Result<(), StepError>,
    },
}

impl Driver {
    /// Ends the browser's session. `None` if the app has to do it: then the sign-out waits on record.
    pub(super) async fn end_browser_session(&self, run: &Arc<Run>, over: &Over) -> Option<Event> {
        if run.purpose == Purpose::TwoCalls {
            let waits = match self.plan(run).await {
                Ok(visit) => self.put_waiting(run, visit).await,
                Err(error) => Err(Event::BrowserFailed(error)),
            };
            return waits.err();
        }
        // The page counts as open from here on: an app can cancel while the pages are still planned.
        let step = WebStep::new();
        self.browser_port.open_page.put(&step, run, over);
        let end = self.browse(run, &step).await;
        // A retry of an earlier sign-out may have put its own there meanwhile.
        self.browser_port.open_page.remove(&step);
        Some(end)
    }

    async fn browse(&self, run: &Arc<Run>, step: &Arc<WebStep>) -> Event {
        let visit = match self.plan(run).await {
            Ok(visit) => visit,
            Err(error) => return Event::BrowserFailed(error),
        };
        let Some(browser) = self.browser_of(run) else {
            return Event::BrowserFailed(StepError::new(
                ErrorCode::HostedUiUnavailable,
                "this session began in a browser, and the library was given no browser to end it in",
            ));
        };
        if let Err(event) = self.put_waiting(run, visit.clone()).await {
            return event;
        }
        let visiting = step.run(visit, browser, run.browser_deadline);
        let end = run.deadline.paused_during(visiting).await;
        if let Some(visited) = step.visited() {
            run.set_visit(visited);
        }
        run.set_step(Arc::clone(step));
        self.browser_ended(run, end).await
    }

    /// Goes on with a run whose web step has ended, unless its sign-out no longer waits: then another answer came first.
    pub(crate) async fn resume_after_browser(&self, run: &Arc<Run>, end: Result<(), StepError>) {
        let record = self.ports.store.read(run.deadline.vault_limit()).await;
        let waits = |record: Record| run.waiting().is_some_and(|id| record.is_waiting(id));
        if record.is_ok_and(|record| !record.is_some_and(waits)) {
            return;
        }
        if run.apply(self.browser_ended(run, end).await) {
            self.drive(run).await;
        }
    }

    /// What the end of the web step is to the machine. If the step failed, its sign-out waits no longer.
    async fn browser_ended(&self, run: &Run, end: Result<(), StepError>) -> Event {
        let Err(error) = end else { return Event::BrowserDone };
        self.withdraw_waiting(run).await;
        Event::BrowserFailed(error)
    }

    /// Takes this run's waiting sign-out off the record: it has failed, and nothing must have changed. If the keychain does
    /// not allow it, it stays there until the next sign-out.
    pub(super) async fn withdraw_waiting(&self, run: &Run) {
        let Some(id) = run.waiting() else { return };
        let limit = run.deadline.vault_limit();
        let withdrawn = self.ports.store.update(limit, Late::Keep, move |record| {
            record.replace_waiting(id, None);
            ((), None)
        });
        if let Err(error) = withdrawn.await {
            tracing::warn!(%error, "a sign-out that failed still waits for the browser on record, until the next sign-out");
        }
    }

    /// What opens the pages, if the library has to.
    fn browser_of<'a>(&'a self, run: &'a Run) -> Option<&'a dyn Browser> {
        let librarys = self
            .browser_port
            .browser
            .as_deref()
            .filter(|_| run.purpose != Purpose::TwoCalls);
        run.browser.as_deref().or(librarys)
    }

    /// Finds the way through the browser.
    async fn plan(&self, run: &Run) -> Result<Visit, StepError> {
        if let Some(visit) = run.visit() {
            return Ok(visit);
        }
        let provider = run.held().and_then(|held| held.identity_provider());
        let browser = self.browser_of(run);
        let fits = |redirect: &RedirectUri| browser.is_none_or(|browser| browser.can_come_back_to(redirect));
        // Discovery, where a provider needs it, may take its share like any other network step.
        let limit = run.deadline.left() / 4;
        let planner = &self.browser_port.planner;
        let visit = planner
            .plan(provider.as_deref(), run.sign_out_uri().as_deref(), fits, limit)
            .await?;
        run.set_visit(visit.clone());
        Ok(visit)
    }

    /// Puts the run on record as a sign-out that waits for the browser. A payment has no session that could wait.
    async fn put_waiting(&self, run: &Arc<Run>, visit: Visit) -> Result<(), Event> {
        if run.purpose.is_payment() {
            return Ok(());
        }
        let Some(found) = run.held() else {
            return Err(Event::SessionGone);
        };
        let until = self.ports.clock.now() + run.browser_deadline;
        let (this_run, deadline) = (Arc::clone(run), run.deadline.left());
        let limit = run.deadline.vault_limit();
        let waits = self.ports.store.update(limit, Late::Undo, move |record| {
            let same = record.session.is_some() && record.generation == found.id;
            if same {
                let (global, policy) = (this_run.is_global(), this_run.web_policy());
                let mut waiting = WaitingSignOut::new(found.id, global, policy, deadline, visit, until);
                waiting.app_reason = this_run.app_reason();
                this_run.set_waiting(waiting.id);
                record.waiting = Some(waiting);
            }
            (same, None)
        });
        match waits.await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Event::SessionGone),
            Err(error) => Err(Event::BrowserFailed(error.into())),
        }
    }

    /// The sign-out that waits for the browser, if its pages are ones that this configuration leads to. If they are not, it
    /// counts as none: the user is signed in, and the next sign-out takes its place.
    pub(crate) fn waiting_sign_out<'a>(&self, record: &'a Record) -> Option<&'a WaitingSignOut> {
        let waiting = record.waiting_sign_out()?;
        if self.browser_port.planner.could_have_planned(&waiting.visit) {
            return Some(waiting);
        }
        tracing::warn!("a sign-out on record leads to pages that the configuration does not: it is ignored");
        None
    }

    /// Gives the browser's answer to the sign-out that waits on record.
    pub(crate) async fn answer_waiting(
        &self,
        answer: &Result<Url, BrowserError>,
        limit: Duration,
    ) -> Result<Next, VaultError> {
        let now = self.ports.clock.now();
        let record = self.ports.store.read(limit).await?.unwrap_or_else(Record::empty);
        let (Some(waiting), Some(held)) = (self.waiting_sign_out(&record), record.held()) else {
            return Ok(Next::Ignore);
        };
        let mut waiting = Box::new(waiting.clone());
        let was_at = waiting.visit.at;
        let arrival = match answer {
            Ok(callback) => waiting.visit.arrive(callback),
            Err(error) => waiting.visit.give_up(error.clone().into()),
        };
        let end = match arrival {
            Arrival::Ignored => return Ok(Next::Ignore),
            Arrival::Failed(error) => Err(error),
            // A provider's page that comes back too late fails no more than one that never comes back.
            _ if was_at == Place::Hosted && waiting.is_over(now) => Err(BrowserError::TimedOut.into()),
            Arrival::Ended { .. } => Ok(()),
            Arrival::GoOn(_) => {
                let next = WebVisit::from(&waiting.visit);
                let advanced = self.ports.store.update(limit, Late::Keep, move |record| {
                    // Nothing happens if another answer came first.
                    record.replace_waiting(waiting.id, Some(*waiting));
                    ((), None)
                });
                advanced.await?;
                return Ok(Next::Open(next));
            }
        };
        Ok(Next::Resume { waiting, held, end })
    }
}
