//! Carries out the work that the machine's states name, and reports how it ended as events. It decides nothing.

mod app_steps;
mod web;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::app_steps::AppSteps;
use super::browser_port::BrowserPort;
use super::facts::Facts;
use super::in_payment::{Claim, InPayment};
use super::machine::{Event, State};
use super::open_page::Over;
use super::outcome::{Partial, SignOutResult};
use super::ports::Ports;
use super::run::{Purpose, Run, Waiter};
use super::steps::Phase;
use crate::app_reason::AppReason;
use crate::claims::Claims;
use crate::cognito::GlobalSignOut;
use crate::config::UnpaidRevocations;
use crate::error::{ErrorCode, StepError};
use crate::events::{AuthEvent, SignedOutReason};
use crate::options::DEFAULT_DEADLINE;
use crate::record::{Debt, Late, Record};
use crate::session::Tokens;
use crate::vault::{VAULT_TIME, VaultError};

pub(crate) use web::Next;

/// Runs sign-outs, payments and retries.
#[derive(Debug)]
pub(crate) struct Driver {
    ports: Arc<Ports>,
    pub(crate) browser_port: BrowserPort,
    pub(crate) app_steps: AppSteps,
    in_payment: Arc<InPayment>,
    unpaid: UnpaidRevocations,
}

impl Driver {
    pub(crate) fn new(
        ports: Arc<Ports>,
        browser_port: BrowserPort,
        app_steps: AppSteps,
        in_payment: Arc<InPayment>,
        unpaid: UnpaidRevocations,
    ) -> Self {
        Self {
            ports,
            browser_port,
            app_steps,
            in_payment,
            unpaid,
        }
    }

    /// Runs until the machine has finished, or the app has to open the browser. Every step is bounded, so this ends within
    /// the run's deadlines.
    pub(crate) async fn drive(&self, run: &Arc<Run>) {
        self.drive_with(run, None).await;
    }

    /// The same for a debt that is claimed already.
    async fn drive_with(&self, run: &Arc<Run>, claim: Option<Claim<'_>>) {
        // Set here for a payment, which does not read the record first.
        if run.is_linked() {
            run.set_logout_url(self.browser_port.logout_url(None));
        }
        // Dropped when the run is over, however it ends.
        let (_running, over) = watch::channel(());
        self.perform(run, over, claim).await;
        if let Some(step) = run.step() {
            step.close(run.deadline.left()).await;
        }
    }

    async fn perform<'a>(&'a self, run: &Arc<Run>, over: Over, mut claim: Option<Claim<'a>>) {
        loop {
            let state = run.state();
            let Some(event) = self.work(state, run, &over, &mut claim).await else {
                return;
            };
            tracing::debug!(?state, ?event, "sign-out");
            if !run.apply(event) {
                return;
            }
            run.tell_browser();
        }
    }

    /// Carries out the work that `state` names. `None` if nothing is left to do here: the run has finished, or the app has to
    /// open the browser.
    async fn work<'a>(
        &'a self,
        state: State,
        run: &Arc<Run>,
        over: &Over,
        claim: &mut Option<Claim<'a>>,
    ) -> Option<Event> {
        let event = match state {
            State::Loading => self.load(run).await,
            State::InBrowser => {
                // What a retry does in the browser is no payment: others may pay meanwhile.
                *claim = None;
                self.end_browser_session(run, over).await?
            }
            State::Committing => {
                // Claimed before it is a debt: a subscriber that hears of the sign-out and pays what is on record must
                // leave this one alone.
                if let Some(held) = run.held() {
                    self.claim(held.id, claim);
                }
                self.commit(run).await
            }
            State::Refreshing => self.refresh(run, self.claimed_debt(run, claim)?).await,
            State::StepsWhileTokenLives => {
                let debt = self.claimed_debt(run, claim)?;
                self.run_app_steps(Phase::WhileTokenLives, run, &debt).await
            }
            State::SigningOutGlobally => self.sign_out_globally(run, &self.claimed_debt(run, claim)?).await,
            State::Revoking => self.revoke(run, &self.claimed_debt(run, claim)?).await,
            State::StepsAfterSignOut => {
                let debt = self.claimed_debt(run, claim)?;
                self.run_app_steps(Phase::AfterSignOut, run, &debt).await
            }
            State::Settling => self.settle(run, self.claimed_debt(run, claim)?.held.id).await,
            State::Finished => return None,
        };
        Some(event)
    }

    /// The run's debt, claimed if no other call is paying it.
    fn claimed_debt<'a>(&'a self, run: &Run, claim: &mut Option<Claim<'a>>) -> Option<Debt> {
        let debt = run.debt();
        debug_assert!(debt.is_some(), "a payment without a debt");
        let debt = debt?;
        self.claim(debt.held.id, claim);
        Some(debt)
    }

    /// Claims this debt, unless it is claimed already.
    fn claim<'a>(&'a self, id: u64, claim: &mut Option<Claim<'a>>) {
        if claim.is_none() {
            *claim = self.in_payment.claim(id);
        }
    }

    async fn load(&self, run: &Run) -> Event {
        let record = match self.ports.store.read(run.deadline.vault_limit()).await {
            Ok(record) => record,
            Err(error) => return Event::LoadFailed(error.into()),
        };
        let Some(held) = record.and_then(|record| record.held()) else {
            return Event::NoSession;
        };
        let facts = Facts::of(&held, self.ports.clock.now());
        let default_web = self.browser_port.default_policy(&held);
        run.found(held);
        run.set_logout_url(self.browser_port.logout_url(run.sign_out_uri().as_deref()));
        Event::SessionFound(facts, default_web)
    }

    async fn commit(&self, run: &Arc<Run>) -> Event {
        let Some(found) = run.held() else {
            return Event::SessionGone;
        };
        let now = self.ports.clock.now();
        let this_run = Arc::clone(run);
        let limit = run.deadline.vault_limit();
        let committed = self.ports.store.update(limit, Late::Undo, move |record| {
            if record.generation != found.id {
                return (None, None);
            }
            let global = this_run.is_global();
            let reason = if global {
                SignedOutReason::Global
            } else {
                SignedOutReason::Local
            };
            let is_known_dead = record.session.as_ref().is_some_and(|session| session.expired);
            let Some(debt) = record.end_session(global, this_run.is_linked(), now) else {
                return (None, None);
            };
            this_run.set_known_dead(is_known_dead);
            debt.app_reason = this_run.app_reason();
            debt.app_steps = this_run.app_steps();
            let app_reason = debt.app_reason.clone();
            (Some(debt.clone()), Some(AuthEvent::SignedOut { reason, app_reason }))
        });
        match committed.await {
            Ok(Some(debt)) => {
                let app_reason = debt.app_reason.as_ref().map(AppReason::as_str);
                tracing::info!(app_reason, "signed out of this device");
                let facts = Facts::of(&debt.held, now);
                run.committed(debt);
                Event::Committed(facts)
            }
            Ok(None) => Event::SessionGone,
            Err(error) => {
                self.withdraw_waiting(run).await;
                Event::CommitFailed(error.into())
            }
        }
    }

    async fn refresh(&self, run: &Run, mut debt: Debt) -> Event {
        let held = &debt.held;
        let request = |time| {
            let (username, device_key) = (held.username.as_deref(), held.device_key.as_deref());
            self.ports
                .cognito
                .refresh(&held.tokens.refresh_token, username, device_key, time)
        };
        let refreshed = match in_time(run, 3, request).await {
            Ok(refreshed) => refreshed,
            Err(error) => return Event::RefreshFailed(error),
        };
        let old = held.tokens.refresh_token.clone();
        refreshed.apply_to(&mut debt.held.tokens);
        run.refreshed(debt.clone(), old.clone());
        let is_rotated = debt.held.tokens.refresh_token != old;
        // The new tokens take the old ones' place on record, unless another process has put newer ones there. If they cannot be
        // written, the run still has them.
        let limit = run.deadline.vault_limit();
        let on_record = self.ports.store.update(limit, Late::Keep, move |record| {
            match record.debt(debt.held.id) {
                Some(position) if record.pending[position].held.tokens.refresh_token == old => {
                    record.pending[position].held.tokens = debt.held.tokens;
                }
                // The process that has taken the debt off the record knows the old refresh token alone.
                None if is_rotated => record.pending.push(debt),
                _ => {}
            }
            ((), None)
        });
        if let Err(error) = on_record.await {
            tracing::warn!(%error, "the refreshed tokens of a sign-out are not on record");
            if is_rotated {
                run.set_on_record(false);
            }
        }
        Event::Refreshed
    }

    async fn sign_out_globally(&self, run: &Run, debt: &Debt) -> Event {
        if run.purpose == Purpose::Payment {
            match self.has_signed_in_again(run, debt).await {
                Ok(false) => {}
                Ok(true) => {
                    return Event::GlobalSignOutFailed(StepError::new(
                        ErrorCode::JoinedTooLate,
                        "the user has signed in again on this device since, and a global sign-out would end that session \
                         too: sign out globally again if all sessions are to end",
                    ));
                }
                Err(error) if run.is_on_record() => return Event::PaymentPutOff(error.into()),
                // It has rotated the refresh token, and the record has the old one alone: the new one must not live on.
                Err(error) => return Event::GlobalSignOutFailed(error.into()),
            }
        }
        let request = |time| self.ports.cognito.global_sign_out(&debt.held.tokens.access_token, time);
        match in_time(run, 2, request).await {
            Ok(GlobalSignOut::Done) => {
                self.in_payment.paid_globally(debt.held.id);
                Event::SignedOutGlobally
            }
            Ok(GlobalSignOut::AlreadyRevoked) => Event::SessionRevoked,
            Err(error) => Event::GlobalSignOutFailed(error),
        }
    }

    /// Whether the debt's user has a new session on record. Only an explicit call may end that one.
    async fn has_signed_in_again(&self, run: &Run, debt: &Debt) -> Result<bool, VaultError> {
        let record = self.ports.store.read(run.deadline.vault_limit()).await?;
        let Some(session) = record.and_then(|record| record.session) else {
            return Ok(false);
        };
        let user = |tokens: &Tokens| Some(Claims::from_jwt(&tokens.access_token).ok()?.subject()?.to_owned());
        // If a token does not name its user, it may be the same one.
        Ok(match (user(&session.tokens), user(&debt.held.tokens)) {
            (Some(now), Some(then)) => now == then,
            _ => true,
        })
    }

    async fn revoke(&self, run: &Run, debt: &Debt) -> Event {
        let request = |time| {
            let cognito = &self.ports.cognito;
            cognito.revoke_token(&debt.held.tokens.refresh_token, debt.linked, time)
        };
        match in_time(run, 1, request).await {
            Ok(()) => Event::Revoked,
            Err(error) if error.code() == ErrorCode::RevocationDisabled => Event::RevocationOff(error),
            Err(error) => Event::RevokeFailed(error),
        }
    }

    /// Takes the debt off the record if it is paid, or writes what it still owes; an unpaid retry puts it back on record.
    ///
    /// An unpaid debt is taken off only if a caller gets it in a result: because the policy hands debts over (to callers of a
    /// sign-out or of a retry), because a new try cannot help, or because the debt is past its age. If another process has
    /// rotated the debt's refresh token meanwhile, that process settles it.
    async fn settle(&self, run: &Arc<Run>, id: u64) -> Event {
        let (unpaid, now) = (self.unpaid, self.ports.clock.now());
        let has_waiters = run.has_waiters();
        let is_handed_over = unpaid == UnpaidRevocations::HandOver && run.purpose != Purpose::Payment;
        let is_given_up = has_waiters && (is_handed_over || !run.is_worth_trying_again());
        let kept = run.unpaid().filter(|_| !is_given_up).and_then(|debt| {
            let as_it_was = debt.clone();
            debt.after_a_try(unpaid, now).or((!has_waiters).then_some(as_it_was))
        });
        let is_kept = kept.is_some();
        let is_payment = run.purpose.is_payment();
        let most = match unpaid {
            UnpaidRevocations::Keep { max_debts, .. } if is_kept && has_waiters && !is_payment => max_debts,
            _ => u32::MAX,
        };
        let owed_to_cognito = run.debt().is_some_and(|debt| debt.global || debt.revoke);
        let is_paid = is_payment && owed_to_cognito && run.is_paid();
        let event = is_paid.then_some(AuthEvent::RevocationSettled);
        let this_run = Arc::clone(run);
        let limit = run.deadline.vault_limit();
        let settled = self.ports.store.update(limit, Late::Keep, move |record| {
            let position = record.debt(id);
            let is_ours = |position: usize| this_run.knows(&record.pending[position].held.tokens.refresh_token);
            let (is_on_record, event) = match (position, kept) {
                (Some(position), Some(kept)) if is_ours(position) => {
                    record.pending[position] = kept;
                    (true, event)
                }
                (Some(position), None) if is_ours(position) => {
                    record.pending.remove(position);
                    (false, event)
                }
                (None, Some(kept)) if this_run.purpose == Purpose::Retry => {
                    record.pending.push(kept);
                    (true, event)
                }
                (position, _) => (position.is_some(), None),
            };
            let excess = record.pending.len().saturating_sub(most as usize);
            let mut older: Vec<_> = record.pending.iter().filter(|debt| debt.held.id != id).collect();
            // Those with a live token stay longest.
            older.sort_by_key(|debt| (debt.global || debt.revoke, debt.since));
            let older: Vec<u64> = older.into_iter().map(|debt| debt.held.id).collect();
            ((is_on_record, excess, older), event)
        });
        match settled.await {
            Ok((is_on_record, excess, older)) => {
                run.set_on_record(is_on_record);
                self.make_room(run, excess, older).await;
                Event::Settled
            }
            Err(error) => {
                // What was on record is still there, or the new debt will be once the keychain has written it.
                run.set_on_record(is_kept && run.is_on_record());
                Event::SettleFailed(error.into())
            }
        }
    }

    /// Hands debts over in the result of this run, the first of `older`, except those that are being paid. If the keychain does not
    /// allow it, they stay on record until the next sign-out.
    async fn make_room(&self, run: &Run, excess: usize, older: Vec<u64>) {
        let claims = older.into_iter().filter_map(|id| self.in_payment.claim(id));
        let claims: Vec<_> = claims.take(excess).collect();
        if claims.is_empty() {
            return;
        }
        let ids: Vec<u64> = claims.iter().map(Claim::id).collect();
        let limit = run.deadline.vault_limit();
        let displaced = self.ports.store.update(limit, Late::Undo, move |record| {
            let displaced = record.pending.extract_if(.., |debt| ids.contains(&debt.held.id));
            (displaced.collect(), None)
        });
        match displaced.await {
            Ok(displaced) => run.set_displaced(displaced),
            Err(error) => tracing::warn!(%error, "more unpaid sign-outs stay on record than the configuration allows"),
        }
    }

    /// The debt as it is on record now.
    async fn on_record(&self, id: u64, end: Instant) -> Result<Option<Debt>, VaultError> {
        let limit = VAULT_TIME.min(end.saturating_duration_since(Instant::now()));
        let mut record = self.ports.store.read(limit).await?.unwrap_or_else(Record::empty);
        Ok(record.debt(id).map(|position| record.pending.swap_remove(position)))
    }

    /// Tries again what failed in `partial`, once nobody else pays it, and as it is on record by then: it may have been paid in
    /// part, and its tokens may have been rotated.
    pub(crate) async fn retry(
        &self,
        partial: &Partial,
        waiter: Waiter,
        with: Box<dyn FnOnce(Run) -> Run + Send>,
    ) -> Arc<Run> {
        let end = Instant::now() + DEFAULT_DEADLINE;
        let id = partial.debt.held.id;
        let claim = self.in_payment.claim_within(id, DEFAULT_DEADLINE).await;
        let on_record = self.on_record(id, end).await;
        let is_on_record = on_record.as_ref().map_or(partial.kept, Option::is_some);
        let mut debt = on_record.ok().flatten().unwrap_or_else(|| partial.debt.clone());
        // If the keychain did not take the last write, the record owes what was paid; and a call that joined a local sign-out
        // too late has asked for more than the debt on record owes.
        debt.revoke &= partial.debt.revoke;
        debt.global |= partial.debt.global;
        debt.global &= !self.in_payment.is_globally_paid(id);
        if is_on_record {
            debt.app_steps.retain(|name| partial.debt.app_steps.contains(name));
        }
        // An older version of this library may have written the record anew, and does not know these.
        debt.linked |= partial.debt.linked;
        debt.app_reason = debt.app_reason.or_else(|| partial.debt.app_reason.clone());
        let time = end.saturating_duration_since(Instant::now());
        let run = with(Run::retry(
            partial,
            debt,
            &self.app_steps,
            time,
            self.ports.clock.now(),
            waiter,
        ));
        let run = Arc::new(run);
        run.set_on_record(is_on_record);
        self.drive_with(&run, claim).await;
        run
    }

    /// Pays what ended sessions owe, oldest first, within `time` in all. Leaves alone what another call is paying.
    pub(crate) async fn pay_all(&self, debts: Vec<Debt>, time: Duration, waiter: Waiter) -> Vec<SignOutResult> {
        let end = Instant::now() + time;
        let mut left = u32::try_from(debts.len()).unwrap_or(u32::MAX);
        let mut results = Vec::new();
        for debt in debts {
            let id = debt.held.id;
            let Some(claim) = self.in_payment.claim(id) else {
                left -= 1;
                continue;
            };
            // Another call may have paid it since it was read.
            let debt = self.on_record(id, end).await.unwrap_or(Some(debt));
            let share = end.saturating_duration_since(Instant::now()) / left;
            left -= 1;
            let Some(mut debt) = debt else { continue };
            debt.global &= !self.in_payment.is_globally_paid(id);
            let run = Arc::new(Run::pay(
                debt,
                &self.app_steps,
                share,
                self.ports.clock.now(),
                waiter.clone(),
            ));
            self.drive_with(&run, Some(claim)).await;
            results.push(run.result(None, self.ports.clock.now()));
        }
        results
    }
}

/// A network step within its share of the time.
async fn in_time<T, F: Future<Output = Result<T, StepError>>>(
    run: &Run,
    steps_left: u32,
    step: impl FnOnce(Duration) -> F,
) -> Result<T, StepError> {
    run.deadline.bound(steps_left, step).await.unwrap_or_else(|| {
        Err(StepError::new(
            ErrorCode::TimedOut,
            "Cognito did not respond within this step's time",
        ))
    })
}
