//! Carries out what the machine's states name, and turns what comes of it into events. It decides nothing.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::debt::Debt;
use super::machine::{Event, State};
use super::run::{Listener, Run};
use crate::clock::Clock;
use crate::cognito::{CognitoClient, GlobalSignOut};
use crate::config::UnpaidRevocations;
use crate::error::{ErrorCode, StepError};
use crate::events::{AuthEvent, SignedOutReason};
use crate::vault::{Late, Record, RecordStore, VAULT_TIME};

use super::web::{Over, Web};
use tokio::sync::watch;

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

/// The debts of one record that are being paid in this process.
pub(crate) type InPayment = Mutex<HashSet<u64>>;

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
        // Dropped when the run is over, in whatever way.
        let (_running, over) = watch::channel(());
        self.perform(run, over).await;
        if let Some(step) = run.step() {
            step.close(run.deadline.left()).await;
        }
    }

    async fn perform(&self, run: &Arc<Run>, over: Over) {
        let mut claim = None;
        loop {
            let state = run.state();
            let event = match state {
                State::Loading => self.load(run).await,
                State::InBrowser => match self.end_browser_session(run, &over).await {
                    Some(event) => event,
                    None => return,
                },
                State::Committing => self.commit(run).await,
                State::Finished => return,
                paying => {
                    let Some(debt) = run.debt() else { return };
                    claim = claim.or_else(|| self.claim(debt.id));
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
        let facts = debt.facts(now);
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
                let facts = debt.facts(now);
                run.set_debt(debt);
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
        let request = self.cognito.refresh(
            &debt.tokens.refresh_token,
            debt.username.as_deref(),
            debt.device_key.as_deref(),
        );
        let refreshed = match in_time(run, 3, request).await {
            Ok(refreshed) => refreshed,
            Err(error) => return Event::RefreshFailed(error),
        };
        let old = debt.tokens.refresh_token.clone();
        refreshed.apply_to(&mut debt.tokens);
        run.refreshed(debt.clone(), old.clone());
        let is_new_to_all = run.is_retry && debt.tokens.refresh_token != old;
        // A rotated refresh token takes the old one's place on record, and that of none which another process has got. If it
        // cannot, the run still has it.
        let on_record = self
            .store
            .update(run.deadline.vault_limit(), Late::Stand, move |record| {
                match record.debt(debt.id) {
                    Some(position) if record.pending[position].tokens.refresh_token == old => {
                        record.pending[position].tokens = debt.tokens;
                    }
                    // What was handed over knows the old one alone.
                    None if is_new_to_all => record.pending.push(debt),
                    _ => {}
                }
                ((), None)
            });
        if let Err(error) = on_record.await {
            tracing::warn!(%error, "the refreshed tokens of a sign-out are not on record");
        }
        Event::Refreshed
    }

    async fn sign_out_globally(&self, run: &Run, debt: &Debt) -> Event {
        match in_time(run, 2, self.cognito.global_sign_out(&debt.tokens.access_token)).await {
            Ok(GlobalSignOut::Done) => Event::SignedOutGlobally,
            Ok(GlobalSignOut::AlreadyRevoked) => Event::SessionRevoked,
            Err(error) => Event::GlobalSignOutFailed(error),
        }
    }

    async fn revoke(&self, run: &Run, debt: &Debt) -> Event {
        match in_time(run, 1, self.cognito.revoke_token(&debt.tokens.refresh_token)).await {
            Ok(()) => Event::Revoked,
            Err(error) => Event::RevokeFailed(error),
        }
    }

    /// Takes the debt off the record: it is paid, or stands in the result. If the policy is to keep what is unpaid, or
    /// nobody gets the result, what is left of it stays; of a retry, it comes back. A debt whose refresh token another
    /// process has rotated meanwhile is that one's to settle.
    async fn settle(&self, run: &Arc<Run>, id: u64) -> Event {
        let kept = match self.unpaid {
            UnpaidRevocations::HandOver if run.is_heard() => None,
            UnpaidRevocations::HandOver | UnpaidRevocations::Keep { .. } => run.debt_worth_keeping(),
        };
        let (unpaid, now) = (self.unpaid, self.clock.now());
        let kept = kept.filter(|debt| !debt.is_past_its_bound(unpaid, now));
        let event = (run.is_payment && run.is_paid()).then_some(AuthEvent::RevocationSettled);
        let this_run = Arc::clone(run);
        let settled = self
            .store
            .update(run.deadline.vault_limit(), Late::Stand, move |record| {
                let position = record.debt(id);
                let is_ours = |position: usize| this_run.knows(&record.pending[position].tokens.refresh_token);
                match (position, kept) {
                    (Some(position), Some(kept)) if is_ours(position) => record.pending[position] = kept,
                    (Some(position), None) if is_ours(position) => drop(record.pending.remove(position)),
                    (None, Some(kept)) if this_run.is_retry => record.pending.push(kept),
                    _ => return ((), None),
                }
                ((), event)
            });
        match settled.await {
            Ok(()) => Event::Settled,
            Err(error) => Event::SettleFailed(error.into()),
        }
    }

    /// Marks a debt as being paid in this process, until the claim is dropped. `None` if it is already.
    pub(crate) fn claim(&self, id: u64) -> Option<Claim<'_>> {
        let mut in_payment = self.in_payment.lock().unwrap_or_else(PoisonError::into_inner);
        in_payment.insert(id).then(|| Claim { driver: self, id })
    }

    /// The debt with the tokens that it has on record, if it was kept: paying it may have rotated them.
    pub(crate) async fn as_on_record(&self, debt: &Debt) -> Debt {
        let mut debt = debt.clone();
        if let Ok(Some(record)) = self.store.read(VAULT_TIME).await
            && let Some(position) = record.debt(debt.id)
        {
            debt.tokens = record.pending[position].tokens.clone();
        }
        debt
    }

    /// Pays what ended sessions owe, oldest first, within `time` in all, leaving alone what is being paid already.
    pub(crate) async fn pay_all(
        &self,
        debts: Vec<Debt>,
        time: Duration,
        listener: Listener,
    ) -> Vec<super::SignOutResult> {
        let end = tokio::time::Instant::now() + time;
        let mut left = u32::try_from(debts.len()).unwrap_or(u32::MAX);
        let mut results = Vec::new();
        for debt in debts {
            let share = end.saturating_duration_since(tokio::time::Instant::now()) / left;
            left -= 1;
            let Some(_claim) = self.claim(debt.id) else { continue };
            let run = Arc::new(Run::pay(debt, share, self.clock.now(), listener.clone()));
            self.drive(&run).await;
            results.push(run.result(None, self.clock.now()));
        }
        results
    }
}

/// A network step within its share of the time.
async fn in_time<T>(
    run: &Run,
    steps_left: u32,
    step: impl Future<Output = Result<T, StepError>>,
) -> Result<T, StepError> {
    run.deadline.bound(steps_left, step).await.unwrap_or_else(|| {
        Err(StepError::new(
            ErrorCode::TimedOut,
            "Cognito had not answered when the step's time was over",
        ))
    })
}

/// Dropping it ends the claim.
#[derive(Debug)]
pub(crate) struct Claim<'a> {
    driver: &'a Driver,
    id: u64,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.driver
            .in_payment
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.id);
    }
}
