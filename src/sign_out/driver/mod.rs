//! Carries out what the machine's states name, and turns what comes of it into events. It decides nothing.

mod web;

use std::sync::Arc;
use std::time::Duration;

use super::facts::Facts;
use super::in_hand::{Over, Web};
use super::in_payment::{Claim, InPayment};
use super::machine::{Event, State};
use super::outcome::{Partial, SignOutResult};
use super::run::{Listener, Run};
use crate::claims::Claims;
use crate::clock::Clock;
use crate::cognito::{CognitoClient, GlobalSignOut};
use crate::config::UnpaidRevocations;
use crate::error::{ErrorCode, StepError};
use crate::events::{AuthEvent, SignedOutReason};
use crate::options::DEFAULT_DEADLINE;
use crate::record::{Debt, Late, Record, RecordStore};
use crate::session::Tokens;
use crate::vault::{VAULT_TIME, VaultError};

use tokio::sync::watch;
use tokio::time::Instant;
pub(crate) use web::Noted;

/// The ports that a sign-out needs.
#[derive(Debug)]
pub(crate) struct Driver {
    pub(crate) store: RecordStore,
    pub(crate) cognito: Arc<CognitoClient>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) unpaid: UnpaidRevocations,
    pub(crate) web: Web,
    in_payment: Arc<InPayment>,
}

impl Driver {
    pub(crate) fn new(
        store: RecordStore,
        cognito: CognitoClient,
        clock: Arc<dyn Clock>,
        unpaid: UnpaidRevocations,
        web: Web,
        in_payment: Arc<InPayment>,
    ) -> Self {
        Self {
            store,
            cognito: Arc::new(cognito),
            clock,
            unpaid,
            web,
            in_payment,
        }
    }

    /// Runs until the machine has finished, or the app is to open the browser. Every step is bounded, so this ends within
    /// the run's deadlines.
    pub(crate) async fn drive(&self, run: &Arc<Run>) {
        self.drive_with(run, None).await;
    }

    /// The same for a debt that is claimed already.
    async fn drive_with(&self, run: &Arc<Run>, claim: Option<Claim<'_>>) {
        // Dropped when the run is over, in whatever way.
        let (_running, over) = watch::channel(());
        self.perform(run, over, claim).await;
        if let Some(step) = run.step() {
            step.close(run.deadline.left()).await;
        }
    }

    async fn perform<'a>(&'a self, run: &Arc<Run>, over: Over, mut claim: Option<Claim<'a>>) {
        loop {
            let state = run.state();
            let event = match state {
                State::Loading => self.load(run).await,
                State::InBrowser => {
                    // What a retry has done in the browser is no payment: others may pay meanwhile.
                    claim = None;
                    match self.end_browser_session(run, &over).await {
                        Some(event) => event,
                        None => return,
                    }
                }
                State::Committing => {
                    // Before there is a debt: whoever hears of the sign-out and pays what is on record leaves this one alone.
                    let id = run.debt().map(|found| found.id);
                    claim = claim.or_else(|| self.in_payment.claim(id?));
                    self.commit(run).await
                }
                State::Finished => return,
                paying => {
                    let Some(debt) = run.debt() else { return };
                    claim = claim.or_else(|| self.in_payment.claim(debt.id));
                    match paying {
                        State::Refreshing => self.refresh(run, debt).await,
                        State::SigningOutGlobally => self.sign_out_globally(run, &debt).await,
                        State::Revoking => self.revoke(run, &debt).await,
                        _ => self.settle(run, debt.id).await,
                    }
                }
            };
            tracing::debug!(?state, ?event, "sign-out");
            run.apply(event);
            run.tell_browser();
        }
    }

    async fn load(&self, run: &Run) -> Event {
        let record = match self.store.read(run.deadline.vault_limit()).await {
            Ok(record) => record.unwrap_or_else(Record::empty),
            Err(error) => return Event::LoadFailed(error.into()),
        };
        let now = self.clock.now();
        let Some(session) = &record.session else {
            return Event::NoSession;
        };
        let debt = Debt::of(session, record.generation, record.device_key(), false, now);
        let facts = Facts::of(&debt, now);
        run.set_debt(debt);
        run.set_logout_url(self.web.logout_url(run.sign_out_uri().as_deref()));
        Event::SessionFound(facts)
    }

    async fn commit(&self, run: &Arc<Run>) -> Event {
        let Some(found) = run.debt() else {
            return Event::SessionGone;
        };
        let now = self.clock.now();
        let this_run = Arc::clone(run);
        let committed = self
            .store
            .update(run.deadline.vault_limit(), Late::Undo, move |record| {
                if record.generation != found.id {
                    return (None, None);
                }
                let global = this_run.is_global();
                let reason = if global {
                    SignedOutReason::Global
                } else {
                    SignedOutReason::Local
                };
                let debt = record.end_session(global, now);
                let event = debt.is_some().then_some(AuthEvent::SignedOut(reason));
                (debt, event)
            });
        match committed.await {
            Ok(Some(debt)) => {
                let facts = Facts::of(&debt, now);
                run.set_debt(debt);
                run.set_on_record(true);
                Event::Committed(facts)
            }
            Ok(None) => Event::SessionGone,
            Err(error) => {
                self.withdraw_note(run).await;
                Event::CommitFailed(error.into())
            }
        }
    }

    async fn refresh(&self, run: &Run, mut debt: Debt) -> Event {
        let request = |time| {
            let (username, device_key) = (debt.username.as_deref(), debt.device_key.as_deref());
            self.cognito
                .refresh(&debt.tokens.refresh_token, username, device_key, time)
        };
        let refreshed = match in_time(run, 3, request).await {
            Ok(refreshed) => refreshed,
            Err(error) => return Event::RefreshFailed(error),
        };
        let old = debt.tokens.refresh_token.clone();
        refreshed.apply_to(&mut debt.tokens);
        run.refreshed(debt.clone(), old.clone());
        let is_new_to_all = debt.tokens.refresh_token != old;
        // A rotated refresh token takes the old one's place on record, and that of none which another process has got. If it
        // cannot, the run still has it.
        let on_record = self
            .store
            .update(run.deadline.vault_limit(), Late::Keep, move |record| {
                match record.debt(debt.id) {
                    Some(position) if record.pending[position].tokens.refresh_token == old => {
                        record.pending[position].tokens = debt.tokens;
                    }
                    // Whoever has taken the debt off the record knows the old one alone.
                    None if is_new_to_all => record.pending.push(debt),
                    _ => {}
                }
                ((), None)
            });
        if let Err(error) = on_record.await {
            tracing::warn!(%error, "the refreshed tokens of a sign-out are not on record");
            if is_new_to_all {
                run.set_on_record(false);
            }
        }
        Event::Refreshed
    }

    async fn sign_out_globally(&self, run: &Run, debt: &Debt) -> Event {
        if run.is_payment && !run.is_retry {
            match self.has_signed_in_again(run, debt).await {
                Ok(false) => {}
                Ok(true) => {
                    return Event::GlobalSignOutFailed(StepError::new(
                        ErrorCode::JoinedTooLate,
                        "the user has signed in again on this device since, and a global sign-out would end that session \
                         too: ask for one again if all sessions are to end",
                    ));
                }
                Err(error) => return Event::GlobalSignOutFailed(error.into()),
            }
        }
        let request = |time| self.cognito.global_sign_out(&debt.tokens.access_token, time);
        match in_time(run, 2, request).await {
            Ok(GlobalSignOut::Done) => {
                self.in_payment.paid_globally(debt.id);
                Event::SignedOutGlobally
            }
            Ok(GlobalSignOut::AlreadyRevoked) => Event::SessionRevoked,
            Err(error) => Event::GlobalSignOutFailed(error),
        }
    }

    /// Whether the session on record now is one of the debt's user. Only an explicit call may sign that one out.
    async fn has_signed_in_again(&self, run: &Run, debt: &Debt) -> Result<bool, VaultError> {
        let record = self.store.read(run.deadline.vault_limit()).await?;
        let Some(session) = record.and_then(|record| record.session) else {
            return Ok(false);
        };
        let user = |tokens: &Tokens| Some(Claims::from_jwt(&tokens.access_token).ok()?.subject()?.to_owned());
        // One whose user cannot be told may be the same.
        Ok(match (user(&session.tokens), user(&debt.tokens)) {
            (Some(now), Some(then)) => now == then,
            _ => true,
        })
    }

    async fn revoke(&self, run: &Run, debt: &Debt) -> Event {
        let request = |time| self.cognito.revoke_token(&debt.tokens.refresh_token, time);
        match in_time(run, 1, request).await {
            Ok(()) => Event::Revoked,
            Err(error) if error.code() == ErrorCode::RevocationDisabled => Event::RevocationOff(error),
            Err(error) => Event::RevokeFailed(error),
        }
    }

    /// Takes the debt off the record if it is paid, or puts there what is left of it; of a retry, it comes back. Unpaid, it is
    /// taken off only if somebody is told so: by the policy, which is about callers of a sign-out or of a retry; because
    /// trying again is of no use; or because it is past its age. A debt whose refresh token another process has rotated
    /// meanwhile is that one's to settle.
    async fn settle(&self, run: &Arc<Run>, id: u64) -> Event {
        let (unpaid, now) = (self.unpaid, self.clock.now());
        let is_heard = run.is_heard();
        let is_handed_over = unpaid == UnpaidRevocations::HandOver && (run.is_retry || !run.is_payment);
        let is_given_up = is_heard && (is_handed_over || !run.is_worth_trying_again());
        let kept = run.unpaid().filter(|_| !is_given_up).and_then(|debt| {
            let as_it_was = debt.clone();
            debt.after_a_try(unpaid, now).or((!is_heard).then_some(as_it_was))
        });
        let is_kept = kept.is_some();
        let most = match unpaid {
            UnpaidRevocations::Keep { max_debts, .. } if is_kept && is_heard && !run.is_payment => max_debts,
            _ => u32::MAX,
        };
        let event = (run.is_payment && run.is_paid()).then_some(AuthEvent::RevocationSettled);
        let this_run = Arc::clone(run);
        let settled = self
            .store
            .update(run.deadline.vault_limit(), Late::Keep, move |record| {
                let position = record.debt(id);
                let is_ours = |position: usize| this_run.knows(&record.pending[position].tokens.refresh_token);
                let (is_on_record, event) = match (position, kept) {
                    (Some(position), Some(kept)) if is_ours(position) => {
                        record.pending[position] = kept;
                        (true, event)
                    }
                    (Some(position), None) if is_ours(position) => {
                        record.pending.remove(position);
                        (false, event)
                    }
                    (None, Some(kept)) if this_run.is_retry => {
                        record.pending.push(kept);
                        (true, event)
                    }
                    (position, _) => (position.is_some(), None),
                };
                let excess = record.pending.len().saturating_sub(most as usize);
                let mut older: Vec<_> = record.pending.iter().filter(|debt| debt.id != id).collect();
                older.sort_by_key(|debt| debt.since);
                let older: Vec<u64> = older.into_iter().map(|debt| debt.id).collect();
                ((is_on_record, excess, older), event)
            });
        match settled.await {
            Ok((is_on_record, excess, older)) => {
                run.set_on_record(is_on_record);
                self.make_room(run, excess, older).await;
                Event::Settled
            }
            Err(error) => {
                // What is on record stands there, or will once the keychain has written it.
                run.set_on_record(is_kept && run.is_on_record());
                Event::SettleFailed(error.into())
            }
        }
    }

    /// Hands the oldest debts over in the result of this run, but for those that are being paid. If the keychain does not
    /// let it, they stay on record until the next sign-out.
    async fn make_room(&self, run: &Run, excess: usize, older: Vec<u64>) {
        let claims: Vec<_> = older
            .into_iter()
            .filter_map(|id| self.in_payment.claim(id))
            .take(excess)
            .collect();
        if claims.is_empty() {
            return;
        }
        let ids: Vec<u64> = claims.iter().map(Claim::id).collect();
        let displaced = self
            .store
            .update(run.deadline.vault_limit(), Late::Undo, move |record| {
                let displaced = record.pending.extract_if(.., |debt| ids.contains(&debt.id));
                (displaced.collect(), None)
            });
        match displaced.await {
            Ok(displaced) => run.set_displaced(displaced),
            Err(error) => tracing::warn!(%error, "more unpaid sign-outs stay on record than the configuration says"),
        }
    }

    /// What stands on record of a debt.
    async fn on_record(&self, id: u64, end: Instant) -> Result<Option<Debt>, VaultError> {
        let limit = VAULT_TIME.min(end.saturating_duration_since(Instant::now()));
        let mut record = self.store.read(limit).await?.unwrap_or_else(Record::empty);
        Ok(record.debt(id).map(|position| record.pending.swap_remove(position)))
    }

    /// Tries again what failed in `partial`, once nobody else pays it, and as it stands on record by then: it may have been
    /// paid in part, and its tokens rotated.
    pub(crate) async fn retry(&self, partial: &Partial, listener: Listener, with: impl FnOnce(Run) -> Run) -> Arc<Run> {
        let end = Instant::now() + DEFAULT_DEADLINE;
        let claim = self.in_payment.claim_within(partial.debt.id, DEFAULT_DEADLINE).await;
        let on_record = self.on_record(partial.debt.id, end).await;
        let is_on_record = on_record.as_ref().map_or(partial.kept, Option::is_some);
        let mut debt = on_record.ok().flatten().unwrap_or_else(|| partial.debt.clone());
        // The record does not know of what was paid if the keychain did not let it be written; and whoever joined a local
        // sign-out too late has asked for more than the debt on record owes.
        debt.revoke &= partial.debt.revoke;
        debt.global |= partial.debt.global;
        debt.global &= !self.in_payment.is_globally_paid(debt.id);
        let time = end.saturating_duration_since(Instant::now());
        let run = with(Run::retry(partial, debt, time, self.clock.now(), listener));
        let run = Arc::new(run);
        run.set_on_record(is_on_record);
        self.drive_with(&run, claim).await;
        run
    }

    /// Pays what ended sessions owe, oldest first, within `time` in all, leaving alone what is being paid already.
    pub(crate) async fn pay_all(&self, debts: Vec<Debt>, time: Duration, listener: Listener) -> Vec<SignOutResult> {
        let end = Instant::now() + time;
        let mut left = u32::try_from(debts.len()).unwrap_or(u32::MAX);
        let mut results = Vec::new();
        for debt in debts {
            let Some(claim) = self.in_payment.claim(debt.id) else {
                left -= 1;
                continue;
            };
            // Somebody else may have paid it since it was read.
            let debt = self.on_record(debt.id, end).await.unwrap_or(Some(debt));
            let share = end.saturating_duration_since(Instant::now()) / left;
            left -= 1;
            let Some(mut debt) = debt else { continue };
            debt.global &= !self.in_payment.is_globally_paid(debt.id);
            let run = Arc::new(Run::pay(debt, share, self.clock.now(), listener.clone()));
            self.drive_with(&run, Some(claim)).await;
            results.push(run.result(None, self.clock.now()));
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
            "Cognito had not answered when the step's time was over",
        ))
    })
}
