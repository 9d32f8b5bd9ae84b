//! One sign-out under way: what its driver and the calls that join it share.

use std::sync::{Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::deadline::Deadline;
use super::debt::Debt;
use super::machine::{Errors, Event, Machine, State, transition};
use super::options::SignOutOptions;
use super::outcome::{
    Complete, Failed, GlobalSignOutError, HostedUiError, LocalCleanupError, Partial, Report, RevokeTokenError,
    SignOutResult, StepStatus,
};
use crate::error::{ErrorCode, StepError};

/// A call that waits for a result: it holds the strong end until it has it, or is cancelled.
pub(crate) type Listener = Weak<()>;

/// The machine with the secrets that it does not know and the time that it does not see.
#[derive(Debug)]
pub(crate) struct Run {
    machine: Mutex<Machine>,
    debt: Mutex<Option<Debt>>,
    pub(crate) deadline: Deadline,
    started: Instant,
    /// Whether this pays what an earlier sign-out left.
    pub(crate) is_payment: bool,
    listeners: Mutex<Vec<Listener>>,
}

impl Run {
    pub(crate) fn sign_out(options: &SignOutOptions, listener: Listener) -> Self {
        let machine = Machine::sign_out(options.global, options.web);
        Self::new(machine, None, options.deadline, listener)
    }

    /// Pays `debt`, on record or not.
    pub(crate) fn pay(debt: Debt, time: Duration, now: SystemTime, listener: Listener) -> Self {
        Self::pay_after(debt, None, time, now, listener)
    }

    /// Pays what `partial` has left.
    pub(crate) fn retry(partial: &Partial, time: Duration, now: SystemTime, listener: Listener) -> Self {
        let web_error = partial.hosted_ui_error.as_ref().map(|failed| failed.error.clone());
        Self::pay_after(partial.debt.clone(), web_error, time, now, listener)
    }

    fn pay_after(
        debt: Debt,
        web_error: Option<StepError>,
        time: Duration,
        now: SystemTime,
        listener: Listener,
    ) -> Self {
        let machine = Machine::pay(debt.owed(), debt.facts(now), web_error);
        Self {
            is_payment: true,
            ..Self::new(machine, Some(debt), time, listener)
        }
    }

    fn new(machine: Machine, debt: Option<Debt>, time: Duration, listener: Listener) -> Self {
        Self {
            machine: Mutex::new(machine),
            debt: Mutex::new(debt),
            deadline: Deadline::after(time),
            started: Instant::now(),
            is_payment: false,
            listeners: Mutex::new(vec![listener]),
        }
    }

    /// Another call wants the same thing, or more of it, or sooner.
    pub(crate) fn join(&self, options: &SignOutOptions, listener: Listener) {
        self.listeners().push(listener);
        self.deadline.bring_forward(options.deadline);
        if options.global {
            self.apply(Event::Escalate);
        }
    }

    /// Whether anybody still waits for the result: what would be handed over to nobody has to stay on record.
    pub(crate) fn is_heard(&self) -> bool {
        self.listeners().iter().any(|listener| listener.strong_count() > 0)
    }

    fn listeners(&self) -> MutexGuard<'_, Vec<Listener>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// The session that is being signed out.
    pub(crate) fn debt(&self) -> Option<Debt> {
        self.debt.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_debt(&self, debt: Debt) {
        *self.debt.lock().unwrap_or_else(PoisonError::into_inner) = Some(debt);
    }

    /// What is still owed after the network steps, if trying again can help.
    pub(crate) fn debt_worth_keeping(&self) -> Option<Debt> {
        let can_be_retried = |error: &Option<StepError>| error.as_ref().is_some_and(|error| !error.code().is_final());
        let errors = self.machine().errors().clone();
        let mut debt = self.debt()?;
        debt.global = can_be_retried(&errors.global_sign_out);
        debt.revoke = can_be_retried(&errors.revoke_token);
        debt.attempts = debt.attempts.saturating_add(1);
        (debt.global || debt.revoke).then_some(debt)
    }

    /// Whether Cognito has done all that this run asked of it.
    pub(crate) fn is_paid(&self) -> bool {
        let machine = self.machine();
        machine.errors().global_sign_out.is_none() && machine.errors().revoke_token.is_none()
    }

    /// The result, for a call that asked for `global` or not: a joining call may have asked for more than was done, and
    /// is never told `Complete` for something that did not run.
    pub(crate) fn result(&self, global: bool, now: SystemTime) -> SignOutResult {
        let machine = self.machine().clone();
        let mut errors = machine.errors().clone();
        let mut report = Report {
            steps: machine.steps(),
            residual: Vec::new(),
            elapsed: self.started.elapsed(),
        };
        if machine.state != State::Finished {
            machine.interrupt(&mut errors, &mut report.steps);
        }
        if let Some(error) = errors.fatal {
            return SignOutResult::Failed(Failed { error, report });
        }
        // Without a session nothing was owed, and nothing can have failed.
        let Some(mut debt) = self.debt() else {
            return SignOutResult::Complete(Complete { report });
        };
        report.residual = debt.residual(now);
        if global && !machine.global {
            let error = StepError::new(
                ErrorCode::JoinedTooLate,
                "a local sign-out was under way and had asked Cognito to revoke the session already",
            );
            report.steps.global_sign_out = StepStatus::Failed(error.code());
            errors.global_sign_out = Some(error);
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
            hosted_ui_error: errors.web.map(|error| HostedUiError { error, url: None }),
            local_cleanup_error: errors.settle.map(|error| LocalCleanupError { error }),
            report,
            debt,
        })
    }

    fn machine(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
