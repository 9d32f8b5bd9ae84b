//! One sign-out under way: what its driver and the calls that join it share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use url::Url;

use super::deadline::Deadline;
use super::facts::{Facts, Owed, Residual, TokenKind};
use super::machine::{Errors, Event, Machine, State, transition};
use super::outcome::{
    Complete, Failed, GlobalSignOutError, HostedUiError, LocalCleanupError, Partial, Report, RevokeTokenError,
    SignOutResult,
};
use super::steps::{Skip, StepStatus};
use crate::browser::{Browser, Visit, WebStep, sessions_after};
use crate::error::{ErrorCode, StepError};
use crate::lock::lock;
use crate::options::{DEFAULT_BROWSER_DEADLINE, LONGEST, SignOutOptions, WebPolicy};
use crate::record::{Debt, NotedSignOut};
use crate::secret::Secret;

/// A call that waits for a result: it holds the strong end until it has it, or is cancelled.
pub(crate) type Listener = Weak<()>;

/// The machine with the secrets that it does not know and the time that it does not see.
#[derive(Debug)]
pub(crate) struct Run {
    machine: Mutex<Machine>,
    debt: Mutex<Option<Debt>>,
    /// The refresh token that this run has rotated.
    rotated: Mutex<Option<Secret>>,
    /// The debt is on record, as far as is known.
    is_on_record: AtomicBool,
    /// What was taken off the record to make room for this debt.
    displaced: Mutex<Vec<Debt>>,
    web: Mutex<RunInBrowser>,
    pub(crate) deadline: Deadline,
    pub(crate) browser_deadline: Duration,
    started: Instant,
    /// Whether this pays what an earlier sign-out left.
    pub(crate) is_payment: bool,
    /// Whether it is one of what was handed over, and need not be on record any more.
    pub(crate) is_retry: bool,
    /// Whether the app opens the browser itself: then this ends when it is to.
    pub(crate) is_of_the_app: bool,
    /// Whether the library has a browser for it.
    has_browser: bool,
    /// What opens its pages in place of the library's browser.
    pub(super) browser: Option<Arc<dyn Browser>>,
    listeners: Mutex<Vec<Listener>>,
}

/// How far a run has come in the browser.
#[derive(Debug, Default)]
struct RunInBrowser {
    /// The chosen one.
    sign_out_uri: Option<String>,
    visit: Option<Visit>,
    /// Of the note on record, if this run has put one there.
    note: Option<u64>,
    /// What ends the session at the hosted pages, for as long as there is no visit.
    logout_url: Option<Url>,
    /// The step whose last page waits to be told what became of it all.
    step: Option<Arc<WebStep>>,
}

impl Run {
    pub(crate) fn sign_out(options: &SignOutOptions, listener: Listener) -> Self {
        let machine = Machine::sign_out(options.global, options.web);
        let run = Self {
            browser_deadline: options.browser_deadline.min(LONGEST),
            ..Self::new(machine, None, options.deadline, listener)
        };
        run.in_browser().sign_out_uri = options.sign_out_uri.clone();
        run
    }

    /// The same, up to where the app is to open the browser.
    pub(crate) fn begin(options: &SignOutOptions, listener: Listener) -> Self {
        Self {
            is_of_the_app: true,
            ..Self::sign_out(options, listener)
        }
    }

    /// The rest of a sign-out, from the browser's answer on.
    pub(crate) fn finish(noted: &NotedSignOut, listener: Listener) -> Self {
        let interrupted = &noted.interrupted;
        let machine = Machine::in_browser(interrupted.global, interrupted.policy);
        let run = Self {
            is_of_the_app: true,
            ..Self::new(machine, Some(noted.debt.clone()), interrupted.deadline(), listener)
        };
        run.set_visit(interrupted.visit.clone());
        run.set_note(interrupted.id);
        run
    }

    /// The result when not even the record can be read.
    pub(crate) fn unread(error: impl Into<StepError>, now: SystemTime) -> SignOutResult {
        let run = Self::sign_out(&SignOutOptions::local(), Listener::new());
        run.apply(Event::LoadFailed(error.into()));
        run.result(None, now)
    }

    /// Pays `debt`, which is on record.
    pub(crate) fn pay(debt: Debt, time: Duration, now: SystemTime, listener: Listener) -> Self {
        let machine = Machine::pay(Owed::of(&debt, false), Facts::of(&debt, now));
        let run = Self {
            is_payment: true,
            ..Self::new(machine, Some(debt), time, listener)
        };
        run.set_on_record(true);
        run
    }

    /// Pays `debt`, which `partial` has left, and then does in the browser what it has left there.
    pub(crate) fn retry(partial: &Partial, debt: Debt, time: Duration, now: SystemTime, listener: Listener) -> Self {
        let mut owed = Owed::of(&debt, partial.hosted_ui_error.is_some());
        owed.global_is_done = !owed.global && (partial.debt.global || partial.report.signed_out_everywhere());
        let machine = Machine::pay(owed, Facts::of(&debt, now));
        let run = Self {
            is_payment: true,
            is_retry: true,
            ..Self::new(machine, Some(debt), time, listener)
        };
        run.in_browser().visit = partial.visit.clone();
        run
    }

    /// The same, and whether the library has a browser for it.
    pub(crate) fn beside_a_browser(self, has_browser: bool) -> Self {
        Self { has_browser, ..self }
    }

    /// The same, whose pages `browser` opens.
    pub(crate) fn opened_by(self, browser: impl Browser) -> Self {
        Self {
            browser: Some(Arc::new(browser)),
            ..self
        }
    }

    fn new(machine: Machine, debt: Option<Debt>, time: Duration, listener: Listener) -> Self {
        Self {
            machine: Mutex::new(machine),
            debt: Mutex::new(debt),
            rotated: Mutex::default(),
            is_on_record: AtomicBool::new(false),
            displaced: Mutex::default(),
            web: Mutex::default(),
            deadline: Deadline::after(time),
            browser_deadline: DEFAULT_BROWSER_DEADLINE,
            started: Instant::now(),
            is_payment: false,
            is_retry: false,
            is_of_the_app: false,
            has_browser: false,
            browser: None,
            listeners: Mutex::new(vec![listener]),
        }
    }

    /// Another call wants the result too.
    pub(crate) fn hear(&self, listener: Listener) {
        self.listeners().push(listener);
    }

    /// Another call wants the same thing, or more of it, or sooner. Without a browser to end its session in, a sign-out that
    /// leaves that session alone is not made to fail for want of one.
    pub(crate) fn join(&self, options: &SignOutOptions, listener: Listener) {
        self.hear(listener);
        self.deadline.bring_forward(options.deadline);
        if options.global {
            self.apply(Event::Escalate);
        }
        if self.has_browser || self.is_of_the_app {
            self.apply(Event::Strengthen(options.web_policy()));
        }
        if self.state() == State::Loading {
            let mut web = self.in_browser();
            web.sign_out_uri = web.sign_out_uri.take().or_else(|| options.sign_out_uri.clone());
        }
    }

    /// Whether anybody still waits for the result: what would be handed over to nobody has to stay on record.
    pub(crate) fn is_heard(&self) -> bool {
        self.listeners().iter().any(|listener| listener.strong_count() > 0)
    }

    fn listeners(&self) -> MutexGuard<'_, Vec<Listener>> {
        lock(&self.listeners)
    }

    pub(crate) fn apply(&self, event: Event) {
        let mut machine = self.machine();
        *machine = transition(machine.clone(), event);
    }

    pub(crate) fn state(&self) -> State {
        self.machine().state
    }

    pub(crate) fn is_global(&self) -> bool {
        self.machine().global
    }

    pub(crate) fn web_policy(&self) -> WebPolicy {
        self.machine().web
    }

    /// Whether it has ended where the app is to open the browser.
    pub(crate) fn waits_for_the_app(&self) -> bool {
        self.is_of_the_app && self.state() == State::InBrowser
    }

    /// The way through the browser, as far as it has come.
    pub(crate) fn visit(&self) -> Option<Visit> {
        self.in_browser().visit.clone()
    }

    pub(crate) fn set_visit(&self, visit: Visit) {
        self.in_browser().visit = Some(visit);
    }

    /// The sign-out URI that was chosen, if one was.
    pub(crate) fn sign_out_uri(&self) -> Option<String> {
        self.in_browser().sign_out_uri.clone()
    }

    /// The note that this run's web step has on record.
    pub(crate) fn note(&self) -> Option<u64> {
        self.in_browser().note
    }

    pub(crate) fn set_note(&self, id: u64) {
        self.in_browser().note = Some(id);
    }

    pub(crate) fn set_logout_url(&self, url: Option<Url>) {
        self.in_browser().logout_url = url;
    }

    /// The page that ends what may be left in the browser, where one is known.
    fn logout_url(&self) -> Option<Url> {
        let web = self.in_browser();
        match &web.visit {
            Some(visit) => visit.url_left().cloned(),
            None => web.logout_url.clone(),
        }
    }

    pub(crate) fn set_step(&self, step: Arc<WebStep>) {
        self.in_browser().step = Some(step);
    }

    /// Lets the browser's last page know whether the user is signed out of this device, once it is known: before the
    /// network's steps.
    pub(crate) fn tell_browser(&self) {
        let Some(step) = self.step() else { return };
        let machine = self.machine();
        match machine.state {
            State::Loading | State::InBrowser | State::Committing => {}
            _ => step.tell(machine.errors().fatal.is_none()),
        }
    }

    pub(crate) fn step(&self) -> Option<Arc<WebStep>> {
        self.in_browser().step.clone()
    }

    fn in_browser(&self) -> MutexGuard<'_, RunInBrowser> {
        lock(&self.web)
    }

    /// The session that is being signed out.
    pub(crate) fn debt(&self) -> Option<Debt> {
        lock(&self.debt).clone()
    }

    pub(crate) fn set_debt(&self, debt: Debt) {
        *lock(&self.debt) = Some(debt);
    }

    /// The session has new tokens.
    pub(crate) fn refreshed(&self, debt: Debt, old: Secret) {
        *lock(&self.rotated) = Some(old);
        self.set_debt(debt);
    }

    /// Whether this refresh token is or was the session's: if not, somebody else has rotated it.
    pub(crate) fn knows(&self, refresh_token: &Secret) -> bool {
        let rotated = lock(&self.rotated);
        let debt = self.debt();
        rotated.as_ref() == Some(refresh_token) || debt.is_some_and(|debt| debt.tokens.refresh_token == *refresh_token)
    }

    /// What is still owed after the network steps: all that has failed.
    pub(crate) fn unpaid(&self) -> Option<Debt> {
        let errors = self.machine().errors().clone();
        let mut debt = self.debt()?;
        debt.global = errors.global_sign_out.is_some();
        debt.revoke = errors.revoke_token.is_some();
        (debt.global || debt.revoke).then_some(debt)
    }

    /// Whether trying again can help, with some of it. Once the session is revoked its access token no longer authorises a
    /// global sign-out.
    pub(crate) fn is_worth_trying_again(&self) -> bool {
        let machine = self.machine();
        let is_revoked = machine.steps().revoke_token == StepStatus::Done;
        let errors = machine.errors();
        let global_sign_out = errors.global_sign_out.as_ref().filter(|_| !is_revoked);
        let mut errors = global_sign_out.into_iter().chain(&errors.revoke_token);
        errors.any(|error| !error.code().is_final())
    }

    pub(crate) fn is_on_record(&self) -> bool {
        self.is_on_record.load(Ordering::Acquire)
    }

    pub(crate) fn set_on_record(&self, is_on_record: bool) {
        self.is_on_record.store(is_on_record, Ordering::Release);
    }

    /// These older debts are in the result of this run, and nowhere else.
    pub(crate) fn set_displaced(&self, debts: Vec<Debt>) {
        *lock(&self.displaced) = debts;
    }

    fn displaced(&self, now: SystemTime) -> Vec<Partial> {
        let debts = lock(&self.displaced).clone();
        debts.into_iter().map(|debt| Partial::displaced(debt, now)).collect()
    }

    /// Whether Cognito has done all that this run asked of it.
    pub(crate) fn is_paid(&self) -> bool {
        let machine = self.machine();
        machine.errors().global_sign_out.is_none() && machine.errors().revoke_token.is_none()
    }

    /// The result, for a call with these options: a joining call may have asked for more than was done, and is never told
    /// `Complete` for something that did not run. Without options it is for what the run itself was asked.
    pub(crate) fn result(&self, asked: Option<&SignOutOptions>, now: SystemTime) -> SignOutResult {
        let machine = self.machine().clone();
        let mut errors = machine.errors().clone();
        let mut report = Report {
            steps: machine.steps(),
            residual: Vec::new(),
            browser_sessions: Vec::new(),
            logout_url: None,
            elapsed: self.started.elapsed(),
        };
        if machine.state != State::Finished {
            machine.interrupt(&mut errors, &mut report.steps);
        }
        let (visit, debt) = (self.visit(), self.debt());
        if let Some(debt) = debt.as_ref().filter(|debt| debt.is_in_shared_browser()) {
            report.browser_sessions = sessions_after(visit.as_ref(), debt.identity_provider().as_deref());
            report.logout_url = self.logout_url();
        }
        if let Some(error) = errors.fatal {
            return SignOutResult::Failed(Failed { error, report });
        }
        // Without a session nothing was owed, and nothing can have failed.
        let Some(mut debt) = debt else {
            return SignOutResult::Complete(Complete { report });
        };
        report.residual = Residual::of(&debt, now);
        if report.steps.revoke_token == StepStatus::Skipped(Skip::RevocationOff) && errors.revoke_token.is_some() {
            report.residual.push(Residual {
                token: TokenKind::Refresh,
                valid_until: None,
            });
        }
        let unpaid = errors.revoke_token.is_some() || errors.global_sign_out.is_some();
        let kept = unpaid && self.is_on_record();
        if asked.is_some_and(|asked| asked.global) && !machine.global {
            let error = StepError::new(
                ErrorCode::JoinedTooLate,
                "a local sign-out was under way and had asked Cognito to revoke the session already",
            );
            report.steps.global_sign_out = StepStatus::Failed(error.code());
            errors.global_sign_out = Some(error);
        }
        let left_alone = report.steps.web == StepStatus::Skipped(Skip::ByPolicy);
        if left_alone && asked.is_some_and(|asked| asked.web_policy() != WebPolicy::Skip) {
            let error = StepError::new(
                ErrorCode::JoinedTooLate,
                "a sign-out was under way that leaves the browser's session alone",
            );
            report.steps.web = StepStatus::Failed(error.code());
            errors.web = Some(error);
        }
        if errors == Errors::default() {
            return SignOutResult::Complete(Complete { report });
        }
        debt.global = errors.global_sign_out.is_some();
        debt.revoke = errors.revoke_token.is_some();
        let (access_token, refresh_token) = (debt.tokens.access_token.clone(), debt.tokens.refresh_token.clone());
        SignOutResult::Partial(Partial {
            revoke_token_error: errors
                .revoke_token
                .map(|error| RevokeTokenError { error, refresh_token }),
            global_sign_out_error: errors
                .global_sign_out
                .map(|error| GlobalSignOutError { error, access_token }),
            hosted_ui_error: errors.web.map(|error| HostedUiError {
                error,
                url: report.logout_url.clone(),
            }),
            local_cleanup_error: errors.settle.map(|error| LocalCleanupError { error }),
            kept,
            displaced: self.displaced(now),
            report,
            debt,
            visit,
        })
    }

    fn machine(&self) -> MutexGuard<'_, Machine> {
        lock(&self.machine)
    }
}
