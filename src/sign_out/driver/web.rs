//! The web step, as the driver carries it out: by the port to the browser, or by the app itself in two calls.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::Driver;
use crate::browser::{Arrival, Browser, BrowserError, Place, Visit, WebStep, WebVisit};
use crate::config::RedirectUri;
use crate::error::{ErrorCode, StepError};
use crate::record::{Debt, Interrupted, Late, NotedSignOut, Record, StoredSession};
use crate::sign_out::in_hand::{Over, UnderWay};
use crate::sign_out::machine::Event;
use crate::sign_out::run::Run;
use crate::vault::VaultError;

/// What an answer of the browser's means for the sign-out that is on record.
pub(crate) enum Noted {
    /// Nothing.
    Ignored,
    /// Another page is next.
    Open(WebVisit),
    /// The web step has ended.
    Ended(Box<NotedSignOut>, Result<(), StepError>),
}

impl Driver {
    /// Ends the browser's session. `None` if the app does it itself: then what is to be done is on record.
    pub(super) async fn end_browser_session(&self, run: &Arc<Run>, over: &Over) -> Option<Event> {
        if run.is_of_the_app {
            let noted = match self.plan(run).await {
                Ok(visit) => self.note(run, visit).await,
                Err(error) => Err(Event::BrowserFailed(error)),
            };
            return noted.err();
        }
        // In hand from here on: an app that cancels while the way is being looked for has cancelled.
        let step = WebStep::new();
        *self.web.under_way() = Some(UnderWay {
            step: Arc::clone(&step),
            run: Arc::clone(run),
            over: over.clone(),
        });
        let end = self.browse(run, &step).await;
        // A retry of an earlier sign-out may have put its own there meanwhile.
        self.web
            .under_way()
            .take_if(|under_way| Arc::ptr_eq(&under_way.step, &step));
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
                "this session began in a browser, and the library was given none to end it in",
            ));
        };
        if let Err(event) = self.note(run, visit.clone()).await {
            return event;
        }
        let visiting = step.run(visit, browser, run.browser_deadline);
        let end = run.deadline.standing_still(visiting).await;
        if let Some(visited) = step.visited() {
            run.set_visit(visited);
        }
        run.set_step(Arc::clone(step));
        self.browser_ended(run, end).await
    }

    /// Goes on with a run whose web step has ended, unless it is no longer on record: another answer was faster then.
    pub(crate) async fn drive_on(&self, run: &Arc<Run>, end: Result<(), StepError>) {
        let record = self.store.read(run.deadline.vault_limit()).await;
        let waits = |mut record: Record| run.note().is_some_and(|id| record.waiting_sign_out(id).is_some());
        if record.is_ok_and(|record| !record.is_some_and(waits)) {
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
    /// keychain that does not let it keeps it until the next sign-out.
    pub(super) async fn withdraw_note(&self, run: &Run) {
        let Some(id) = run.note() else { return };
        let withdrawn = self
            .store
            .update(run.deadline.vault_limit(), Late::Keep, move |record| {
                if let Some(note) = record.waiting_sign_out(id) {
                    *note = None;
                }
                ((), None)
            });
        if let Err(error) = withdrawn.await {
            tracing::warn!(%error, "the note of a web step stays on record until the next sign-out");
        }
    }

    /// What opens the pages, if it is not the app.
    fn browser_of<'a>(&'a self, run: &'a Run) -> Option<&'a dyn Browser> {
        let librarys = self.web.browser.as_deref().filter(|_| !run.is_of_the_app);
        run.browser.as_deref().or(librarys)
    }

    /// Finds the way through the browser.
    async fn plan(&self, run: &Run) -> Result<Visit, StepError> {
        if let Some(visit) = run.visit() {
            return Ok(visit);
        }
        let provider = run.debt().and_then(|debt| debt.identity_provider());
        let browser = self.browser_of(run);
        let fits = |redirect: &RedirectUri| browser.is_none_or(|browser| browser.can_come_back_to(redirect));
        // Discovery, where a provider asks for it, may take its share like any other step of the network's.
        let limit = run.deadline.left() / 4;
        let planner = &self.web.planner;
        let visit = planner
            .plan(provider.as_deref(), run.sign_out_uri().as_deref(), fits, limit)
            .await?;
        run.set_visit(visit.clone());
        Ok(visit)
    }

    /// Puts on record that the browser has the session in hand. A retry's web step has no session to keep in mind.
    async fn note(&self, run: &Arc<Run>, visit: Visit) -> Result<(), Event> {
        if run.is_payment {
            return Ok(());
        }
        let Some(found) = run.debt() else {
            return Err(Event::SessionGone);
        };
        let until = self.clock.now() + run.browser_deadline;
        let (this_run, deadline) = (Arc::clone(run), run.deadline.left());
        let noted = self
            .store
            .update(run.deadline.vault_limit(), Late::Undo, move |record| {
                let same = record.session.is_some() && record.generation == found.id;
                if same {
                    let (global, policy) = (this_run.is_global(), this_run.web_policy());
                    let note = Interrupted::new(found.id, global, policy, deadline, visit, until);
                    this_run.set_note(note.id);
                    record.signing_out = Some(note);
                }
                (same, None)
            });
        match noted.await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Event::SessionGone),
            Err(error) => Err(Event::BrowserFailed(error.into())),
        }
    }

    /// The sign-out that waits for the browser, if its pages are ones to open. One whose pages are not is as good as none:
    /// the user is signed in, and the next sign-out takes its place.
    pub(crate) fn waiting_sign_out<'a>(&self, record: &'a Record) -> Option<(&'a StoredSession, &'a Interrupted)> {
        let waiting = record.sign_out_under_way()?;
        if self.web.planner.could_have_planned(&waiting.1.visit) {
            return Some(waiting);
        }
        tracing::warn!("a sign-out on record leads to other pages than the configuration's: it is left alone");
        None
    }

    /// Holds the browser's answer against the sign-out on record.
    pub(crate) async fn noted(&self, answer: &Result<Url, BrowserError>, limit: Duration) -> Result<Noted, VaultError> {
        let now = self.clock.now();
        let record = self.store.read(limit).await?.unwrap_or_else(Record::empty);
        let Some((session, interrupted)) = self.waiting_sign_out(&record) else {
            return Ok(Noted::Ignored);
        };
        let mut noted = Box::new(NotedSignOut {
            interrupted: interrupted.clone(),
            debt: Debt::of(session, record.generation, record.device_key(), interrupted.global, now),
        });
        let visit = &mut noted.interrupted.visit;
        let was_at = visit.at;
        let arrival = match answer {
            Ok(callback) => visit.arrive(callback),
            Err(error) => visit.give_up(error.clone().into()),
        };
        Ok(match arrival {
            Arrival::Ignored => Noted::Ignored,
            Arrival::Failed(error) => Noted::Ended(noted, Err(error)),
            // A provider's page that comes back too late fails no more than one that never does.
            _ if was_at == Place::Hosted && noted.interrupted.is_over(now) => {
                Noted::Ended(noted, Err(BrowserError::TimedOut.into()))
            }
            Arrival::Ended { .. } => Noted::Ended(noted, Ok(())),
            Arrival::GoOn(_) => {
                let next = WebVisit::from(&noted.interrupted.visit);
                let advanced = noted.interrupted;
                self.store
                    .update(limit, Late::Keep, move |record| {
                        // Unless another answer was faster.
                        if let Some(note) = record.waiting_sign_out(advanced.id) {
                            *note = Some(advanced);
                        }
                        ((), None)
                    })
                    .await?;
                Noted::Open(next)
            }
        })
    }
}
