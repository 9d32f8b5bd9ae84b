//! One sign-out under way: what its driver and the calls that join it share.

mod app_steps;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use url::Url;

use super::app_steps::AppSteps;
use super::deadline::Deadline;
use super::facts::{Facts, Owed};
use super::machine::{Event, Machine, State, transition};
use super::outcome::{Ending, Partial, SignOutResult};
use super::steps::StepStatus;
use crate::app_reason::AppReason;
use crate::browser::{Browser, Visit, WebStep};
use crate::error::StepError;
use crate::lock::{Mutex, MutexGuard, lock};
use crate::options::{DEFAULT_BROWSER_DEADLINE, LONGEST, SignOutOptions, WebPolicy};
use crate::record::{Debt, Held, WaitingSignOut};
use crate::secret::Secret;

/// A call that waits for a result. The call holds the strong end until it has the result or is cancelled.
pub(crate) type Waiter = Weak<()>;

/// Why a run was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Signs out in one call. The library has the browser, if one is needed.
    SignOut,
    /// Signs out in two calls. The app opens the browser: the first call ends there, and the second finishes the sign-out.
    TwoCalls,
    /// Pays a debt on record.
    Payment,
    /// Tries again what a `Partial` left. Its debt need not be on record any more.
    Retry,
}

impl Purpose {
    /// Whether the session has ended before.
    pub(crate) fn is_payment(self) -> bool {
        matches!(self, Self::Payment | Self::Retry)
    }
}

/// The machine, with the secrets and the time that it does not see.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) purpose: Purpose,
    machine: Mutex<Machine>,
    ledger: Mutex<Ledger>,
    web: Mutex<RunInBrowser>,
    waiters: Mutex<Vec<Waiter>>,
    pub(crate) deadline: Deadline,
    pub(crate) browser_deadline: Duration,
    started: Instant,
    /// Whether the library has a browser for it.
    has_browser: bool,
    /// Opens the pages in place of the library's browser.
    pub(super) browser: Option<Arc<dyn Browser>>,
}

/// What a run knows of its session and of the debt on record.
#[derive(Debug, Default)]
struct Ledger {
    subject: Subject,
    /// Why the app signs out, as far as it has said so. From the commit on, the debt says it.
    app_reason: Option<AppReason>,
    /// The refresh token before this run rotated it.
    rotated: Option<Secret>,
    /// Whether the debt is on record, as far as is known.
    is_on_record: bool,
    /// Before the commit, Cognito has said that the session has ended.
    is_known_dead: bool,
    /// The older debts that were taken off the record to make room for this one.
    displaced: Vec<Debt>,
}

/// What a run is about.
#[derive(Debug, Clone, Default)]
enum Subject {
    /// Nothing: nobody is signed in, or the record has not been read.
    #[default]
    Nothing,
    /// The session on record, until the commit.
    Session(Held),
    /// The debt, from the commit on.
    Debt(Debt),
}

/// How far a run has come in the browser.
#[derive(Debug, Default)]
struct RunInBrowser {
    /// The sign-out URI that a caller chose.
    sign_out_uri: Option<String>,
    visit: Option<Visit>,
    /// The id of the waiting sign-out that this run has put on record.
    waiting: Option<u64>,
    /// The page that ends the session at the hosted pages, while there is no visit.
    logout_url: Option<Url>,
    /// The step whose last page shows how the sign-out went.
    step: Option<Arc<WebStep>>,
}

impl Run {
    pub(crate) fn sign_out(options: &SignOutOptions, waiter: Waiter) -> Self {
        let machine = Machine::sign_out(options.global, options.web);
        let run = Self {
            browser_deadline: options.browser_deadline.min(LONGEST),
            ..Self::new(Purpose::SignOut, machine, Subject::Nothing, options.deadline, waiter)
        };
        run.in_browser().sign_out_uri = options.sign_out_uri.clone();
        run.give_reason(options.reason.as_ref());
        run
    }

    /// The first of two calls: up to where the app has to open the browser.
    pub(crate) fn begin(options: &SignOutOptions, waiter: Waiter) -> Self {
        Self {
            purpose: Purpose::TwoCalls,
            ..Self::sign_out(options, waiter)
        }
    }

    /// The second of two calls: the rest of `waiting`, from the browser's answer on. `held` is the session.
    pub(crate) fn finish(waiting: &WaitingSignOut, held: Held, default_web: WebPolicy, waiter: Waiter) -> Self {
        let machine = Machine::in_browser(waiting.global, waiting.policy, default_web);
        let subject = Subject::Session(held);
        let run = Self::new(Purpose::TwoCalls, machine, subject, waiting.deadline(), waiter);
        run.set_visit(waiting.visit.clone());
        run.set_waiting(waiting.id);
        run.give_reason(waiting.app_reason.as_ref());
        run
    }

    /// The result if the record could not be read, or the task was lost before that.
    pub(crate) fn not_begun(error: impl Into<StepError>, now: SystemTime) -> SignOutResult {
        let run = Self::sign_out(&SignOutOptions::local(), Waiter::new());
        run.apply(Event::LoadFailed(error.into()));
        run.result(None, now)
    }

    /// Pays `debt`, which is on record.
    pub(crate) fn pay(debt: Debt, steps: &AppSteps, time: Duration, now: SystemTime, waiter: Waiter) -> Self {
        let machine = Machine::pay(Owed::of(&debt, false, steps), Facts::of(&debt.held, now));
        let run = Self::new(Purpose::Payment, machine, Subject::Debt(debt), time, waiter);
        run.set_on_record(true);
        run
    }

    /// Pays `debt`, which `partial` has left, and then does in the browser what `partial` has left there.
    pub(crate) fn retry(
        partial: &Partial,
        debt: Debt,
        steps: &AppSteps,
        time: Duration,
        now: SystemTime,
        waiter: Waiter,
    ) -> Self {
        let mut owed = Owed::of(&debt, partial.owes_a_page(), steps);
        owed.global_is_done = !owed.global && (partial.debt.global || partial.report.signed_out_everywhere());
        let machine = Machine::pay(owed, Facts::of(&debt.held, now));
        let run = Self::new(Purpose::Retry, machine, Subject::Debt(debt), time, waiter);
        run.in_browser().visit = partial.visit.clone();
        run
    }

    /// The same run; `has_browser` says whether the library has a browser for it.
    pub(crate) fn beside_a_browser(self, has_browser: bool) -> Self {
        Self { has_browser, ..self }
    }

    /// The same run of a sign-out, with the app's own steps.
    pub(crate) fn with_app_steps(self, steps: &AppSteps) -> Self {
        let machine = self
            .machine()
            .clone()
            .with_app_steps(steps.all(), steps.renews_tokens());
        *self.machine() = machine;
        self
    }

    /// The same run; `browser` opens its pages.
    pub(crate) fn opened_by(self, browser: impl Browser) -> Self {
        Self {
            browser: Some(Arc::new(browser)),
            ..self
        }
    }

    fn new(purpose: Purpose, machine: Machine, subject: Subject, time: Duration, waiter: Waiter) -> Self {
        Self {
            purpose,
            machine: Mutex::new(machine),
            ledger: Mutex::new(Ledger {
                subject,
                ..Ledger::default()
            }),
            web: Mutex::default(),
            waiters: Mutex::new(vec![waiter]),
            deadline: Deadline::after(time),
            browser_deadline: DEFAULT_BROWSER_DEADLINE,
            started: Instant::now(),
            has_browser: false,
            browser: None,
        }
    }

    /// Another call waits for the result too.
    pub(crate) fn add_waiter(&self, waiter: Waiter) {
        lock(&self.waiters).push(waiter);
    }

    /// Whether a call still waits for the result. If none does, nothing can be handed over, and what is unpaid stays on record.
    pub(crate) fn has_waiters(&self) -> bool {
        lock(&self.waiters).iter().any(|waiter| waiter.strong_count() > 0)
    }

    /// Another call joins: it wants the same, or more, or sooner. If there is no browser to end the session in, the run's web
    /// policy stays as it is, so that a run that leaves that session alone does not fail because another call joined it.
    pub(crate) fn join(&self, options: &SignOutOptions, waiter: Waiter) {
        self.add_waiter(waiter);
        self.deadline.shorten(options.deadline);
        self.give_reason(options.reason.as_ref());
        if options.global {
            self.apply(Event::Escalate);
        }
        let needs_no_browser = options.web == Some(WebPolicy::ByRevocation);
        if self.has_browser || self.purpose == Purpose::TwoCalls || needs_no_browser {
            self.apply(Event::Strengthen(options.web));
        }
        if self.state() == State::Loading {
            let mut web = self.in_browser();
            web.sign_out_uri = web.sign_out_uri.take().or_else(|| options.sign_out_uri.clone());
        }
    }

    /// Moves the machine on. False if `event` cannot happen in its state: a bug of this library, and the run cannot go on.
    pub(crate) fn apply(&self, event: Event) -> bool {
        let mut machine = self.machine();
        let state = machine.state;
        if let Some(next) = transition(machine.clone(), event.clone()) {
            *machine = next;
            return true;
        }
        drop(machine);
        tracing::error!(
            ?state,
            ?event,
            "bug in cognito-signout: this event cannot happen in this state"
        );
        debug_assert!(false, "{event:?} in {state:?}");
        false
    }

    pub(crate) fn state(&self) -> State {
        self.machine().state
    }

    pub(crate) fn is_global(&self) -> bool {
        self.machine().global
    }

    pub(crate) fn web_policy(&self) -> WebPolicy {
        self.machine().web()
    }

    /// Whether `RevokeToken` ends the browser's session too.
    pub(crate) fn is_linked(&self) -> bool {
        self.machine().is_linked()
    }

    /// Why the app signs out, as far as a call has said so.
    pub(crate) fn app_reason(&self) -> Option<AppReason> {
        self.ledger().app_reason.clone()
    }

    /// A call has this reason. The first one counts.
    fn give_reason(&self, reason: Option<&AppReason>) {
        let mut ledger = self.ledger();
        ledger.app_reason = ledger.app_reason.take().or_else(|| reason.cloned());
    }

    /// Whether it has ended because the app has to open the browser.
    pub(crate) fn waits_for_the_app(&self) -> bool {
        self.purpose == Purpose::TwoCalls && self.state() == State::InBrowser
    }

    /// The way through the browser, as far as it has come.
    pub(crate) fn visit(&self) -> Option<Visit> {
        self.in_browser().visit.clone()
    }

    pub(crate) fn set_visit(&self, visit: Visit) {
        self.in_browser().visit = Some(visit);
    }

    /// The sign-out URI that a caller chose.
    pub(crate) fn sign_out_uri(&self) -> Option<String> {
        self.in_browser().sign_out_uri.clone()
    }

    /// The id of the waiting sign-out that this run has on record.
    pub(crate) fn waiting(&self) -> Option<u64> {
        self.in_browser().waiting
    }

    pub(crate) fn set_waiting(&self, id: u64) {
        self.in_browser().waiting = Some(id);
    }

    pub(crate) fn set_logout_url(&self, url: Option<Url>) {
        self.in_browser().logout_url = url;
    }

    pub(crate) fn set_step(&self, step: Arc<WebStep>) {
        self.in_browser().step = Some(step);
    }

    pub(crate) fn step(&self) -> Option<Arc<WebStep>> {
        self.in_browser().step.clone()
    }

    /// Tells the browser's last page whether the user is signed out of this device, as soon as that is known: before the
    /// network's steps.
    pub(crate) fn tell_browser(&self) {
        let Some(step) = self.step() else { return };
        let machine = self.machine();
        match machine.state {
            State::Loading | State::InBrowser | State::Committing => {}
            _ => step.tell(machine.errors().fatal.is_none()),
        }
    }

    /// The session of this run: on record, or ended.
    pub(crate) fn held(&self) -> Option<Held> {
        match &self.ledger().subject {
            Subject::Nothing => None,
            Subject::Session(held) => Some(held.clone()),
            Subject::Debt(debt) => Some(debt.held.clone()),
        }
    }

    /// The debt, from the commit on.
    pub(crate) fn debt(&self) -> Option<Debt> {
        match &self.ledger().subject {
            Subject::Debt(debt) => Some(debt.clone()),
            Subject::Nothing | Subject::Session(_) => None,
        }
    }

    /// The record has this session.
    pub(crate) fn found(&self, held: Held) {
        self.ledger().subject = Subject::Session(held);
    }

    /// The session has ended, and the record has its debt.
    pub(crate) fn committed(&self, debt: Debt) {
        let mut ledger = self.ledger();
        ledger.subject = Subject::Debt(debt);
        ledger.is_on_record = true;
    }

    /// The debt has new tokens; `old` is the refresh token that they were got with.
    pub(crate) fn refreshed(&self, debt: Debt, old: Secret) {
        let mut ledger = self.ledger();
        ledger.subject = Subject::Debt(debt);
        ledger.rotated = Some(old);
    }

    /// Whether this is the debt's refresh token, or was until this run rotated it. If not, another process has rotated it.
    pub(crate) fn knows(&self, refresh_token: &Secret) -> bool {
        let ledger = self.ledger();
        let is_the_debts =
            matches!(&ledger.subject, Subject::Debt(debt) if debt.held.tokens.refresh_token == *refresh_token);
        is_the_debts || ledger.rotated.as_ref() == Some(refresh_token)
    }

    /// What is still owed after the network's steps: all that has failed.
    pub(crate) fn unpaid(&self) -> Option<Debt> {
        let errors = self.machine().errors().clone();
        let mut debt = self.debt()?;
        debt.global = errors.global_sign_out.is_some();
        debt.revoke = errors.revoke_token.is_some();
        debt.app_steps = errors.app.into_iter().map(|failed| failed.name).collect();
        debt.owes_anything().then_some(debt)
    }

    /// Whether a new try can help with something that has failed. Once the session is revoked, its access token no longer
    /// authorises a global sign-out.
    pub(crate) fn is_worth_trying_again(&self) -> bool {
        let machine = self.machine();
        let is_revoked = machine.steps().revoke_token == StepStatus::Done;
        let errors = machine.errors();
        let global_sign_out = errors.global_sign_out.as_ref().filter(|_| !is_revoked);
        let app = errors.app.iter().map(|failed| &failed.error);
        let mut errors = global_sign_out.into_iter().chain(&errors.revoke_token).chain(app);
        errors.any(|error| !error.code().is_final())
    }

    /// Whether Cognito has done all that this run asked of it.
    pub(crate) fn is_paid(&self) -> bool {
        let machine = self.machine();
        machine.errors().global_sign_out.is_none() && machine.errors().revoke_token.is_none()
    }

    pub(crate) fn is_on_record(&self) -> bool {
        self.ledger().is_on_record
    }

    pub(crate) fn set_on_record(&self, is_on_record: bool) {
        self.ledger().is_on_record = is_on_record;
    }

    /// Whether the record said that the session had ended at Cognito.
    pub(crate) fn set_known_dead(&self, is_known_dead: bool) {
        self.ledger().is_known_dead = is_known_dead;
    }

    /// These older debts are only in the result of this run from now on.
    pub(crate) fn set_displaced(&self, debts: Vec<Debt>) {
        self.ledger().displaced = debts;
    }

    /// The result for a call with the options `asked`, or, without any, for what the run itself was asked.
    pub(crate) fn result(&self, asked: Option<&SignOutOptions>, now: SystemTime) -> SignOutResult {
        SignOutResult::of(self.ending(now), asked, now)
    }

    fn ending(&self, now: SystemTime) -> Ending {
        let machine = self.machine().clone();
        let (visit, logout_url) = {
            let web = self.in_browser();
            let url_left = |visit: &Visit| visit.url_left().cloned();
            (
                web.visit.clone(),
                web.visit.as_ref().map_or(web.logout_url.clone(), url_left),
            )
        };
        let ledger = self.ledger();
        Ending {
            debt: match ledger.subject.clone() {
                Subject::Nothing => None,
                Subject::Session(held) => Some(Debt::of(held, machine.global, machine.is_linked(), now)),
                Subject::Debt(debt) => Some(debt),
            },
            app_reason: match &ledger.subject {
                Subject::Debt(debt) => debt.app_reason.clone(),
                Subject::Nothing | Subject::Session(_) => ledger.app_reason.clone(),
            },
            is_on_record: ledger.is_on_record,
            displaced: ledger.displaced.clone(),
            machine,
            visit,
            logout_url,
            elapsed: self.started.elapsed(),
        }
    }

    fn machine(&self) -> MutexGuard<'_, Machine> {
        lock(&self.machine)
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(&self.ledger)
    }

    fn in_browser(&self) -> MutexGuard<'_, RunInBrowser> {
        lock(&self.web)
    }
}
