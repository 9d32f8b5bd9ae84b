//! The sign-out state machine: the specification, as code.
//!
//! [`transition`] is pure: no I/O, no clock, no async, no secret. A state names the one piece of work that is running. Entering
//! the state starts that work, and the work ends with exactly one event. Once `Committed` has happened, the user is signed out
//! of this device.
//!
//! | state | event | next |
//! |---|---|---|
//! | `Loading` | `SessionFound` | `InBrowser` if a browser holds a session too and the policy wants it ended there, else `Committing` |
//! | | `NoSession` | `Finished`: complete, nothing to do |
//! | | `LoadFailed` | `Finished`: failed, unchanged |
//! | | `Escalate` | `Loading`, now global |
//! | | `Strengthen` | `Loading`, with the stronger web policy |
//! | `InBrowser` | `BrowserDone` | `Committing`; on a retry `Finished` |
//! | | `BrowserFailed` | `Committing` under the policy `BestEffort`, else `Finished`: failed, unchanged; on a retry partial |
//! | | `SessionGone` | `Finished`: another process signed out meanwhile |
//! | | `Escalate` | `InBrowser`, now global |
//! | | `Strengthen` | `InBrowser`, with the stronger web policy |
//! | `Committing` | `Committed` | the first of these that is owed: `Refreshing`, `StepsWhileTokenLives`, `SigningOutGlobally`, `Revoking` |
//! | | `CommitFailed` | `Finished`: failed, unchanged |
//! | | `SessionGone` | `Finished`: another process signed out meanwhile |
//! | | `Escalate` | `Committing`, now global |
//! | `Refreshing` | `Refreshed` | `StepsWhileTokenLives` if the app has such steps, else `SigningOutGlobally` |
//! | | `RefreshFailed` | the first of these that is owed: `StepsWhileTokenLives`, `Revoking`, `StepsAfterSignOut`, `Settling` |
//! | `StepsWhileTokenLives` | `AppStepsEnded` | the first of these that is owed: `Refreshing`, `SigningOutGlobally`, `Revoking`, `StepsAfterSignOut`, `Settling` |
//! | `SigningOutGlobally` | `SignedOutGlobally` | the first of these that is owed: `Revoking`, `StepsAfterSignOut`, `Settling` |
//! | | `SessionRevoked` | the first of these that is owed: `Revoking`, `StepsAfterSignOut`, `Settling` |
//! | | `GlobalSignOutFailed` | `Refreshing`, once, if the access token has expired after all; else the first of these that is owed: `Revoking`, `StepsAfterSignOut`, `Settling` |
//! | | `PaymentPutOff` | `StepsAfterSignOut` if the app has such steps, else `Settling` |
//! | `Revoking` | `Revoked` | `StepsAfterSignOut` if the app has such steps, else `Settling` |
//! | | `RevocationOff` | `StepsAfterSignOut` if the app has such steps, else `Settling` |
//! | | `RevokeFailed` | `StepsAfterSignOut` if the app has such steps, else `Settling` |
//! | `StepsAfterSignOut` | `AppStepsEnded` | `Settling` |
//! | `Settling` | `Settled` | `Finished`: complete, or partial if a step failed; `InBrowser` on a retry that owes the web step |
//! | | `SettleFailed` | `Finished`: partial; `InBrowser` on a retry that owes the web step |
//!
//! What happens where a state has no row for an event depends on where the event comes from:
//!
//! | source | events | without a row |
//! |---|---|---|
//! | outside: a call that joins, at any time | `Escalate`, `Strengthen` | nothing changes: it is too late, and the caller is told so in its result |
//! | the driver: how the state's work has ended | all others | it cannot happen: [`transition`] gives `None`, which is a bug of the driver |
//!
//! A retry ends the browser's session last, for a user who is signed out: then `InBrowser` has no row for `SessionGone`. Late
//! and double answers of the browser never come here: `WebStep` and `Visit` let the first one through and ignore the rest.

#[cfg(test)]
mod tests;

use super::app_steps::{AppStepEnd, AppStepError};
use super::facts::{Facts, Origin, Owed};
use super::steps::{AppStepReport, Phase, Skip, StepStatus, Steps};
use crate::error::{ErrorCode, StepError};
use crate::options::WebPolicy;

/// The work that is running, in the order of the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// Reading the record.
    Loading,
    /// Ending the browser's session.
    InBrowser,
    /// The one write that moves the session into the debts.
    Committing,
    /// Getting a valid access token.
    Refreshing,
    /// The app's own steps that need the session's tokens.
    StepsWhileTokenLives,
    /// `GlobalSignOut`.
    SigningOutGlobally,
    /// `RevokeToken`.
    Revoking,
    /// The app's other own steps.
    StepsAfterSignOut,
    /// Removing from the record what is paid or handed over.
    Settling,
    /// The result is known.
    Finished,
}

/// How the state's work has ended; or, for `Escalate` and `Strengthen`, what a call that joins asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// With the policy for callers that chose none.
    SessionFound(Facts, WebPolicy),
    NoSession,
    LoadFailed(StepError),
    BrowserDone,
    BrowserFailed(StepError),
    /// The facts at the commit: a refresh may have changed the session since it was found.
    Committed(Facts),
    CommitFailed(StepError),
    SessionGone,
    Refreshed,
    RefreshFailed(StepError),
    /// The steps of one phase. They cannot fail the rest, so this is one event whatever became of them.
    AppStepsEnded(Vec<AppStepEnd>),
    SignedOutGlobally,
    /// `GlobalSignOut` answered that the access token had been revoked before.
    SessionRevoked,
    GlobalSignOutFailed(StepError),
    /// A payment could not read the record, so it may not send `GlobalSignOut` now. The debt is still on record.
    PaymentPutOff(StepError),
    Revoked,
    /// Cognito says that token revocation is off for the app client.
    RevocationOff(StepError),
    RevokeFailed(StepError),
    Settled,
    SettleFailed(StepError),
    Escalate,
    /// With the policy that the call has chosen.
    Strengthen(Option<WebPolicy>),
}

/// One sign-out: its state, what it was asked to do, and what became of its steps so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Machine {
    pub(crate) state: State,
    pub(crate) global: bool,
    /// The strongest policy that a caller has chosen.
    web_chosen: Option<WebPolicy>,
    /// A caller has chosen none, so `default_web` holds too.
    web_by_default: bool,
    pub(crate) default_web: WebPolicy,
    revoke_owed: bool,
    /// `RevokeToken` ends the browser's session too: the step `web` is part of it.
    linked: bool,
    /// A retry's web step is still to come, or running.
    web_owed: bool,
    /// An expired access token is renewed for the app's own steps.
    renews_for_app: bool,
    may_sign_out_globally: bool,
    access_token_expired: bool,
    /// Why the refresh failed. It becomes the error of the step that needs the access token.
    refresh_error: Option<StepError>,
    steps: Steps,
    errors: Errors,
}

/// The errors behind the steps that failed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Errors {
    /// Why the sign-out ended before the commit.
    pub(crate) fatal: Option<StepError>,
    pub(crate) web: Option<StepError>,
    pub(crate) global_sign_out: Option<StepError>,
    pub(crate) revoke_token: Option<StepError>,
    pub(crate) app: Vec<AppStepError>,
    pub(crate) settle: Option<StepError>,
}

impl Machine {
    /// A sign-out of the session on record.
    pub(crate) fn sign_out(global: bool, web: Option<WebPolicy>) -> Self {
        Self {
            state: State::Loading,
            global,
            web_chosen: web,
            web_by_default: web.is_none(),
            default_web: WebPolicy::Required,
            revoke_owed: true,
            linked: false,
            web_owed: false,
            renews_for_app: false,
            may_sign_out_globally: true,
            access_token_expired: false,
            refresh_error: None,
            steps: Steps::default(),
            errors: Errors::default(),
        }
    }

    /// The same, with the app's own steps. `renews`: an expired access token is renewed for them.
    pub(crate) fn with_app_steps(mut self, app: Vec<AppStepReport>, renews: bool) -> Self {
        self.steps.app = app;
        self.renews_for_app = renews;
        self
    }

    /// The rest of a sign-out that waits for the browser.
    pub(crate) fn in_browser(global: bool, web: WebPolicy, default_web: WebPolicy) -> Self {
        Self {
            default_web,
            ..Self::sign_out(global, Some(web)).go(State::InBrowser)
        }
    }

    /// A payment of what an earlier sign-out owes. It begins after the commit.
    pub(crate) fn pay(owed: Owed, facts: Facts) -> Self {
        let mut machine = Self::sign_out(owed.global, None);
        machine.revoke_owed = owed.revoke;
        machine.linked = owed.revoke && owed.linked;
        machine.web_owed = owed.web;
        if !owed.web && !machine.linked {
            machine.steps.web = StepStatus::Skipped(Skip::AlreadyDone);
        }
        if owed.global_is_done {
            machine.steps.global_sign_out = StepStatus::Skipped(Skip::AlreadyDone);
        }
        machine.steps.commit = StepStatus::Skipped(Skip::AlreadyDone);
        machine.steps.app = owed.app;
        machine.renews_for_app = owed.renews_for_app;
        machine.note_unregistered();
        machine.first_step_owed(facts)
    }

    /// The web policy: the strongest that a caller wants.
    pub(crate) fn web(&self) -> WebPolicy {
        let by_default = self.web_by_default.then_some(self.default_web);
        self.web_chosen.max(by_default).unwrap_or(WebPolicy::Skip)
    }

    /// Whether `RevokeToken` ends the browser's session too.
    pub(crate) fn is_linked(&self) -> bool {
        self.linked
    }

    pub(crate) fn steps(&self) -> &Steps {
        &self.steps
    }

    pub(crate) fn errors(&self) -> &Errors {
        &self.errors
    }

    /// Sets the errors and steps of a sign-out whose task was lost before it finished.
    pub(crate) fn interrupt(&self, errors: &mut Errors, steps: &mut Steps) {
        let error = StepError::new(ErrorCode::Interrupted, "the task that ran the sign-out was lost");
        if steps.commit == StepStatus::default() {
            errors.fatal = Some(error);
            return;
        }
        if self.web_owed || self.linked && steps.web == StepStatus::default() {
            steps.web = StepStatus::Failed(error.code());
            errors.web = Some(error.clone());
        }
        if steps.revoke_token == StepStatus::default() {
            steps.revoke_token = StepStatus::Failed(error.code());
            errors.revoke_token = Some(error.clone());
        }
        for step in steps.app.iter_mut().filter(|step| step.status == StepStatus::default()) {
            step.status = StepStatus::Failed(error.code());
            errors.app.push(AppStepError::new(&step.name, error.clone()));
        }
        if steps.settle == StepStatus::default() {
            steps.settle = StepStatus::Failed(error.code());
            errors.settle = Some(error);
        }
    }
}

/// What happens next: see the tables above. `None` if the event cannot happen in this state.
pub(crate) fn transition(mut machine: Machine, event: Event) -> Option<Machine> {
    let next = match (machine.state, event) {
        (State::Loading, Event::SessionFound(facts, default_web)) => {
            machine.default_web = default_web;
            machine.first_step(facts)
        }
        (State::Loading, Event::NoSession) => machine.nothing_to_do(),
        (State::Loading, Event::LoadFailed(error)) => {
            machine.steps.commit = StepStatus::Failed(error.code());
            machine.fail(error)
        }

        (State::InBrowser, Event::BrowserDone) => {
            machine.steps.web = StepStatus::Done;
            machine.errors.web = None;
            machine.commit_or_finish()
        }
        (State::InBrowser, Event::BrowserFailed(error)) => {
            machine.steps.web = StepStatus::Failed(error.code());
            if machine.web() == WebPolicy::BestEffort || machine.web_owed {
                machine.errors.web = Some(error);
                machine.commit_or_finish()
            } else {
                machine.fail(error)
            }
        }
        (State::InBrowser | State::Committing, Event::SessionGone) if !machine.web_owed => {
            machine.signed_out_elsewhere()
        }

        (State::Committing, Event::Committed(facts)) => {
            machine.steps.commit = StepStatus::Done;
            machine.first_step_owed(facts)
        }
        (State::Committing, Event::CommitFailed(error)) => {
            machine.steps.commit = StepStatus::Failed(error.code());
            machine.fail(error)
        }

        (State::Refreshing, Event::Refreshed) => {
            machine.steps.refresh = StepStatus::Done;
            machine.use_access_token()
        }
        (State::Refreshing, Event::RefreshFailed(error)) => {
            machine.steps.refresh = StepStatus::Failed(error.code());
            machine.refresh_error = Some(error);
            machine.use_access_token()
        }

        (State::StepsWhileTokenLives, Event::AppStepsEnded(ended)) => {
            machine.note(Phase::WhileTokenLives, ended);
            machine.sign_out_globally_or_revoke()
        }

        (State::SigningOutGlobally, Event::SignedOutGlobally) => {
            machine.steps.global_sign_out = StepStatus::Done;
            machine.revoke_or_go_on()
        }
        // By a global sign-out, or by a RevokeToken for this session alone: Cognito answers the same for both.
        (State::SigningOutGlobally, Event::SessionRevoked) => machine.global_sign_out_failed(StepError::new(
            ErrorCode::SessionExpired,
            "Cognito says that this session is already revoked: by another call, or by this one if its first response was \
             lost. The user's other sessions may still be alive: to be sure, sign in again and sign out globally",
        )),
        (State::SigningOutGlobally, Event::GlobalSignOutFailed(error)) => {
            let not_refreshed_yet = matches!(machine.steps.refresh, StepStatus::Skipped(_));
            if error.code() == ErrorCode::SessionExpired && not_refreshed_yet {
                machine.go(State::Refreshing)
            } else {
                machine.global_sign_out_failed(error)
            }
        }

        (State::SigningOutGlobally, Event::PaymentPutOff(error)) => machine.put_off(error),

        (State::Revoking, Event::Revoked) => {
            machine.steps.revoke_token = StepStatus::Done;
            if machine.linked {
                machine.steps.web = StepStatus::Requested;
            }
            machine.finish_app_or_settle()
        }
        (State::Revoking, Event::RevocationOff(error)) => {
            machine.steps.revoke_token = StepStatus::Skipped(Skip::RevocationOff);
            machine.link_failed(&error);
            // A global sign-out has ended this refresh token like all the others.
            if !machine.steps.every_session_has_ended() {
                machine.errors.revoke_token = Some(error);
            }
            machine.finish_app_or_settle()
        }
        (State::Revoking, Event::RevokeFailed(error)) => machine.revoke_failed(error),

        (State::StepsAfterSignOut, Event::AppStepsEnded(ended)) => {
            machine.note(Phase::AfterSignOut, ended);
            machine.go(State::Settling)
        }

        (State::Settling, Event::Settled) => {
            machine.steps.settle = StepStatus::Done;
            machine.browse_or_finish()
        }
        (State::Settling, Event::SettleFailed(error)) => {
            machine.steps.settle = StepStatus::Failed(error.code());
            machine.errors.settle = Some(error);
            machine.browse_or_finish()
        }

        (State::Loading | State::InBrowser | State::Committing, Event::Escalate) if !machine.web_owed => {
            machine.global = true;
            machine
        }
        (State::Loading | State::InBrowser, Event::Strengthen(web)) if !machine.web_owed => {
            machine.web_chosen = machine.web_chosen.max(web);
            machine.web_by_default |= web.is_none();
            machine
        }
        (_, Event::Escalate | Event::Strengthen(_)) => machine,
        (_, _) => return None,
    };
    Some(next)
}

impl Machine {
    fn go(mut self, state: State) -> Self {
        self.state = state;
        self
    }

    fn fail(mut self, error: StepError) -> Self {
        self.errors.fatal = Some(error);
        self.go(State::Finished)
    }

    fn nothing_to_do(mut self) -> Self {
        let no_session = StepStatus::Skipped(Skip::NoSession);
        let mut app = std::mem::take(&mut self.steps.app);
        app.iter_mut().for_each(|step| step.status = no_session);
        self.steps = Steps {
            web: no_session,
            commit: no_session,
            refresh: no_session,
            global_sign_out: no_session,
            revoke_token: no_session,
            settle: no_session,
            app,
        };
        self.go(State::Finished)
    }

    /// Another process has ended the session and pays its debt. It does only what it was asked to do.
    fn signed_out_elsewhere(self) -> Self {
        let web = self.steps.web;
        let mut machine = self.nothing_to_do();
        if web != StepStatus::default() {
            machine.steps.web = web;
        }
        if machine.global {
            let error = StepError::new(
                ErrorCode::JoinedTooLate,
                "another process signed this session out before the global sign-out could begin",
            );
            machine.steps.global_sign_out = StepStatus::Failed(error.code());
            machine.errors.global_sign_out = Some(error);
        }
        machine
    }

    fn first_step(mut self, facts: Facts) -> Self {
        let skip = match (facts.origin, self.web()) {
            (Origin::Api, _) => Skip::NotABrowserSession,
            (Origin::PrivateBrowser, _) => Skip::PrivateBrowserSession,
            (Origin::SharedBrowser, WebPolicy::Skip) => Skip::ByPolicy,
            (Origin::SharedBrowser, WebPolicy::ByRevocation) => {
                self.linked = true;
                return self.go(State::Committing);
            }
            (Origin::SharedBrowser, _) => return self.go(State::InBrowser),
        };
        self.steps.web = StepStatus::Skipped(skip);
        self.go(State::Committing)
    }

    fn commit_or_finish(mut self) -> Self {
        let retry = std::mem::take(&mut self.web_owed);
        self.go(if retry { State::Finished } else { State::Committing })
    }

    fn browse_or_finish(self) -> Self {
        let next = if self.web_owed {
            State::InBrowser
        } else {
            State::Finished
        };
        self.go(next)
    }

    fn first_step_owed(mut self, facts: Facts) -> Self {
        self.steps.refresh = StepStatus::Skipped(Skip::NotNeeded);
        self.may_sign_out_globally = facts.may_sign_out_globally;
        self.access_token_expired = facts.access_token_expired;
        let is_renewed = self.renews_for_app || self.global && self.may_sign_out_globally;
        // Once the session is revoked, its refresh token gives no new access token.
        let can_be_renewed = self.access_token_expired && self.revoke_owed;
        if is_renewed && can_be_renewed && self.steps.has_to_do(Phase::WhileTokenLives) {
            return self.go(State::Refreshing);
        }
        self.use_access_token()
    }

    fn use_access_token(self) -> Self {
        if self.steps.has_to_do(Phase::WhileTokenLives) {
            return self.go(State::StepsWhileTokenLives);
        }
        self.sign_out_globally_or_revoke()
    }

    fn sign_out_globally_or_revoke(mut self) -> Self {
        let not_refreshed_yet = matches!(self.steps.refresh, StepStatus::Skipped(_));
        if !self.global {
            if !self.steps.every_session_has_ended() {
                self.steps.global_sign_out = StepStatus::Skipped(Skip::NotRequested);
            }
            self.revoke_or_go_on()
        } else if !self.may_sign_out_globally {
            self.global_sign_out_failed(StepError::new(
                ErrorCode::MissingScope,
                "the access token lacks the scope aws.cognito.signin.user.admin, so GlobalSignOut was not sent",
            ))
        } else if let Some(error) = self.refresh_error.take() {
            self.global_sign_out_failed(error)
        } else if self.access_token_expired && not_refreshed_yet {
            self.go(State::Refreshing)
        } else {
            self.go(State::SigningOutGlobally)
        }
    }

    /// `RevokeToken` failed, and with it the web step that is part of it.
    fn link_failed(&mut self, error: &StepError) {
        if self.linked {
            self.steps.web = StepStatus::Failed(error.code());
            self.errors.web = Some(error.clone());
        }
    }

    fn global_sign_out_failed(mut self, error: StepError) -> Self {
        self.steps.global_sign_out = StepStatus::Failed(error.code());
        self.errors.global_sign_out = Some(error);
        self.revoke_or_go_on()
    }

    /// Nothing is revoked: a later payment needs the token for `GlobalSignOut`.
    fn put_off(self, error: StepError) -> Self {
        let machine = self.global_sign_out_failed(error.clone());
        match machine.state {
            State::Revoking => machine.revoke_failed(error),
            _ => machine,
        }
    }

    fn revoke_failed(mut self, error: StepError) -> Self {
        self.steps.revoke_token = StepStatus::Failed(error.code());
        self.link_failed(&error);
        self.errors.revoke_token = Some(error);
        self.finish_app_or_settle()
    }

    fn revoke_or_go_on(mut self) -> Self {
        if self.revoke_owed {
            return self.go(State::Revoking);
        }
        self.steps.revoke_token = StepStatus::Skipped(Skip::AlreadyDone);
        self.finish_app_or_settle()
    }

    fn finish_app_or_settle(self) -> Self {
        let next = if self.steps.has_to_do(Phase::AfterSignOut) {
            State::StepsAfterSignOut
        } else {
            State::Settling
        };
        self.go(next)
    }

    /// Notes what became of the app's own steps of this phase.
    fn note(&mut self, phase: Phase, ended: Vec<AppStepEnd>) {
        for (name, end) in ended {
            let mut steps = self.steps.app.iter_mut();
            let Some(step) = steps.find(|step| step.name == name && step.phase == Some(phase)) else {
                continue;
            };
            step.status = match end {
                Ok(()) => StepStatus::Done,
                Err(error) => {
                    let status = StepStatus::Failed(error.code());
                    self.errors.app.push(AppStepError { name, error });
                    status
                }
            };
        }
    }

    /// The steps on record that nobody has registered stay owed.
    fn note_unregistered(&mut self) {
        for step in self.steps.app.iter_mut().filter(|step| step.phase.is_none()) {
            step.status = StepStatus::Owed;
            let error = StepError::new(
                ErrorCode::AppStepNotRegistered,
                "it is on record, and no step of this name is registered",
            );
            self.errors.app.push(AppStepError::new(&step.name, error));
        }
    }
}
