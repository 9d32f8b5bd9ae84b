//! The web step, as the driver carries it out: by the port to the browser, or by the app itself in two calls.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use url::Url;

use super::debt::Debt;
use super::driver::Driver;
use super::interrupted::Interrupted;
use super::machine::Event;
use super::outcome::SignOutResult;
use super::run::Run;
use crate::clock::Clock;
use crate::error::{ErrorCode, StepError};
use crate::hosted_ui::{Arrival, Browser, BrowserError, NextPage, Planner, RedirectUri, Visit, WebStep};
use crate::vault::{Late, Record, VaultError};

/// Closed when a run is over.
pub(super) type Over = watch::Receiver<()>;

/// What ends sessions in the browser.
#[derive(Debug)]
pub(crate) struct Web {
    planner: Planner,
    browser: Option<Arc<dyn Browser>>,
    /// The step that this process's browser has in hand.
    under_way: Mutex<Option<UnderWay>>,
}

/// A step that this process's browser has in hand, and the run that waits for it.
#[derive(Debug, Clone)]
pub(crate) struct UnderWay {
    step: Arc<WebStep>,
    run: Arc<Run>,
    over: Over,
}

/// A page for the app to open in the user's browser. From [`Auth::begin_sign_out`](crate::Auth::begin_sign_out).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebVisit {
    /// What to open.
    pub url: Url,
    /// Where the browser is sent in the end: the callback URL begins with it.
    pub redirect: RedirectUri,
}

impl From<&Visit> for WebVisit {
    fn from(visit: &Visit) -> Self {
        Self {
            url: visit.url().clone(),
            redirect: visit.redirect.clone(),
        }
    }
}

/// What an answer of the browser's means for the sign-out that is on record.
pub(crate) enum Noted {
    /// Nothing.
    Ignored,
    /// Another page is next.
    Open(WebVisit),
    /// The web step has ended.
    Ended(Box<NotedSignOut>, Result<(), StepError>),
}

/// The sign-out on record, and the session that it is of.
pub(crate) struct NotedSignOut {
    pub(super) interrupted: Interrupted,
    pub(super) debt: Debt,
}

impl UnderWay {
    pub(crate) fn visit(&self) -> WebVisit {
        (&self.step.visited()).into()
    }

    /// The result of the run, once it has one.
    pub(crate) async fn result(mut self, clock: &dyn Clock) -> SignOutResult {
        let _ = self.over.changed().await;
        self.run.result(self.run.is_global(), clock.now())
    }
}

impl Web {
    pub(crate) fn new(planner: Planner, browser: Option<Arc<dyn Browser>>) -> Self {
        Self {
            planner,
            browser,
            under_way: Mutex::default(),
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
                under_way.step.end(Err(error.clone().into()));
                NextPage::End { leave_at: None }
            }
        };
        Some((next, under_way))
    }

    fn under_way(&self) -> MutexGuard<'_, Option<UnderWay>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Driver {
    /// Ends the browser's session. `None` if the app does it itself: then what is to be done is on record.
    pub(super) async fn end_browser_session(&self, run: &Arc<Run>, over: &Over) -> Option<Event> {
        let visit = match self.plan(run).await {
            Ok(visit) => visit,
            Err(error) => return Some(Event::BrowserFailed(error)),
        };
        run.set_visit(visit.clone());
        if !run.is_of_the_app && self.web.browser.is_none() {
            return Some(Event::BrowserFailed(StepError::new(
                ErrorCode::HostedUiUnavailable,
                "this session began in a browser, and the library was given none to end it in",
            )));
        }
        if !run.is_payment {
            match self.note(run, visit.clone()).await {
                Ok(true) => {}
                Ok(false) => return Some(Event::SessionGone),
                Err(error) => return Some(Event::BrowserFailed(error.into())),
            }
        }
        let browser = self.web.browser.as_ref().filter(|_| !run.is_of_the_app)?;
        let step = WebStep::new(visit);
        *self.web.under_way() = Some(UnderWay {
            step: Arc::clone(&step),
            run: Arc::clone(run),
            over: over.clone(),
        });
        let visiting = step.run(&**browser, run.browser_deadline);
        let end = run.deadline.standing_still(visiting).await;
        // A retry of an earlier sign-out may have put its own there meanwhile.
        self.web
            .under_way()
            .take_if(|under_way| Arc::ptr_eq(&under_way.step, &step));
        run.set_visit(step.visited());
        run.set_step(step);
        Some(self.browser_ended(run, end).await)
    }

    /// Goes on with a run whose web step has ended, unless it is no longer on record: another answer was faster then.
    pub(crate) async fn drive_on(&self, run: &Arc<Run>, end: Result<(), StepError>) {
        let now = self.clock.now();
        let record = self.store.read(run.deadline.vault_limit()).await;
        let gone = record.is_ok_and(|record| record.is_none_or(|record| record.sign_out_under_way(now).is_none()));
        if gone {
            return;
        }
        run.apply(self.browser_ended(run, end).await);
        self.drive(run).await;
    }

    /// What the end of the web step is to the machine. A failed one takes its note back.
    async fn browser_ended(&self, run: &Run, end: Result<(), StepError>) -> Event {
        let Err(error) = end else { return Event::BrowserDone };
        self.withdraw_note(run).await;
        Event::BrowserFailed(error)
    }

    /// Takes back the note of a web step, if there is one: the sign-out has failed, and nothing is to have changed. A
    /// keychain that does not let it keeps it until its time is over.
    pub(super) async fn withdraw_note(&self, run: &Run) {
        if run.is_payment || run.visit().is_none() {
            return;
        }
        let withdrawn = self.store.update(run.deadline.vault_limit(), Late::Stand, |record| {
            record.signing_out = None;
            ((), None)
        });
        if let Err(error) = withdrawn.await {
            tracing::warn!(%error, "the note of a web step stays on record until its time is over");
        }
    }

    async fn plan(&self, run: &Run) -> Result<Visit, StepError> {
        if let Some(visit) = run.visit() {
            return Ok(visit);
        }
        let provider = run.debt().and_then(|debt| debt.identity_provider());
        let fits = |redirect: &RedirectUri| match self.web.browser.as_ref().filter(|_| !run.is_of_the_app) {
            Some(browser) => browser.can_come_back_to(redirect),
            None => true,
        };
        // Discovery, where a provider asks for it, may take its share like any other step of the network's.
        let limit = run.deadline.left() / 4;
        let planner = &self.web.planner;
        planner
            .plan(provider.as_deref(), run.sign_out_uri.as_deref(), fits, limit)
            .await
    }

    /// Puts on record that the browser has the session in hand; false if the session is gone.
    async fn note(&self, run: &Arc<Run>, visit: Visit) -> Result<bool, VaultError> {
        let Some(found) = run.debt() else { return Ok(false) };
        let until = self.clock.now() + run.browser_deadline;
        let (this_run, deadline) = (Arc::clone(run), run.deadline.left());
        self.store
            .update(run.deadline.vault_limit(), Late::Undo, move |record| {
                let same = record.session.is_some() && record.generation == found.id;
                if same {
                    let (global, policy) = (this_run.is_global(), this_run.web_policy());
                    record.signing_out = Some(Interrupted::new(found.id, global, policy, deadline, visit, until));
                }
                (same, None)
            })
            .await
    }

    /// Holds the browser's answer against the sign-out on record.
    pub(crate) async fn noted(&self, answer: &Result<Url, BrowserError>, limit: Duration) -> Result<Noted, VaultError> {
        let now = self.clock.now();
        let record = self.store.read(limit).await?.unwrap_or_else(Record::empty);
        let Some((session, interrupted)) = record.sign_out_under_way(now) else {
            return Ok(Noted::Ignored);
        };
        let mut noted = Box::new(NotedSignOut {
            interrupted: interrupted.clone(),
            debt: Debt::of(session, record.generation, record.device_key(), interrupted.global, now),
        });
        let arrival = match answer {
            Ok(callback) => noted.interrupted.visit.arrive(callback),
            Err(error) => Arrival::Failed(error.clone().into()),
        };
        Ok(match arrival {
            Arrival::Ignored => Noted::Ignored,
            Arrival::Ended { .. } => Noted::Ended(noted, Ok(())),
            Arrival::Failed(error) => Noted::Ended(noted, Err(error)),
            Arrival::GoOn(_) => {
                let next = WebVisit::from(&noted.interrupted.visit);
                let advanced = noted.interrupted;
                self.store
                    .update(limit, Late::Stand, move |record| {
                        // Unless another answer was faster.
                        if record.sign_out_under_way(now).is_some() {
                            record.signing_out = Some(advanced);
                        }
                        ((), None)
                    })
                    .await?;
                Noted::Open(next)
            }
        })
    }
}
