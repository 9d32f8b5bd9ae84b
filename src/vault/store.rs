//! The record in its vault: read, change, write and read back as one step that nobody can get between, never in `poll`,
//! and never waited for longer than the caller can.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};

use super::{Record, Vault, VaultError, VaultKey};
use crate::clock::Clock;
use crate::config::UnpaidRevocations;
use crate::events::{AuthEvent, EventBus};
use crate::task;

/// What becomes of a write that the vault carries out after its caller has been told `TimedOut`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Late {
    /// The old record is put back: the caller was told that nothing has changed.
    Undo,
    /// It stands. (One that the vault had not begun by then is not made at all; one whose caller went with its runtime, and was
    /// told nothing, is.)
    Stand,
}

/// The one way to the record.
#[derive(Debug)]
pub(crate) struct RecordStore {
    vault: Arc<dyn Vault>,
    key: VaultKey,
    /// One permit: the vault is asked one thing at a time, and those who wait for their turn hold no thread.
    turn: Arc<Semaphore>,
    unpaid: UnpaidRevocations,
    clock: Arc<dyn Clock>,
    events: EventBus,
}

impl RecordStore {
    pub(crate) fn new(
        vault: Arc<dyn Vault>,
        key: VaultKey,
        unpaid: UnpaidRevocations,
        clock: Arc<dyn Clock>,
        events: EventBus,
    ) -> Self {
        Self {
            vault,
            key,
            turn: Arc::new(Semaphore::new(1)),
            unpaid,
            clock,
            events,
        }
    }

    /// The record, if there is one.
    pub(crate) async fn read(&self, limit: Duration) -> Result<Option<Record>, VaultError> {
        self.in_turn(limit, Late::Stand, |vault, key, _| {
            vault.read(key)?.map(|bytes| Record::decode(&bytes)).transpose()
        })
        .await
    }

    /// Changes the record: what `change` sees is what stands there at that moment, in whichever process wrote it. The
    /// events are sent when the new record stands, before anybody else has a turn: they come in the record's order.
    pub(crate) async fn update<T: Send + 'static, E: IntoIterator<Item = AuthEvent>>(
        &self,
        limit: Duration,
        late: Late,
        change: impl FnOnce(&mut Record) -> (T, E) + Send + 'static,
    ) -> Result<T, VaultError> {
        let (sender, answer) = oneshot::channel();
        let change = Box::new(|record: &mut Record| {
            let (answer, news) = change(record);
            // Who asks is there until `make` has returned, or wants no answer.
            let _ = sender.send(answer);
            news.into_iter().collect()
        });
        self.make(change, limit, late).await?;
        answer.await.map_err(|_| panicked())
    }

    /// Apart from [`update`](Self::update), so that it is compiled once and not for every change: an app carries it.
    async fn make(&self, change: Change, limit: Duration, late: Late) -> Result<(), VaultError> {
        let (unpaid, now, events) = (self.unpaid, self.clock.now(), self.events.clone());
        self.in_turn(limit, late, move |vault, key, caller| {
            let _guard = vault.lock(key)?;
            let old_bytes = vault.read(key)?;
            let old = old_bytes.as_deref().map(|bytes| Record::decode(bytes)).transpose()?;
            let mut new = old.clone().unwrap_or_else(Record::empty);
            new.pending.retain(|debt| !debt.is_past_its_bound(unpaid, now));
            let news = change(&mut new);
            if new.sign_out_under_way().is_none() {
                new.signing_out = None;
            }

            let unchanged = old.as_ref().map_or_else(|| new.is_empty(), |old| *old == new);
            if !unchanged {
                if caller.has_gone() {
                    return Err(VaultError::TimedOut);
                }
                let new_bytes = if new.is_empty() { None } else { Some(new.encode()?) };
                replace(vault, key, old_bytes.as_deref(), new_bytes.as_deref())?;
            }
            if caller.takes_answer() || late == Late::Stand {
                news.into_iter().for_each(|event| events.send(event));
            } else if !unchanged {
                put(vault, key, old_bytes.as_deref())?;
            }
            Ok(())
        })
        .await
    }

    /// Deletes the record without reading it.
    pub(crate) async fn purge(&self, limit: Duration) -> Result<(), VaultError> {
        self.in_turn(limit, Late::Stand, |vault, key, _| {
            let _guard = vault.lock(key)?;
            vault.delete(key)?;
            match vault.read(key)? {
                None => Ok(()),
                Some(_) => Err(still_there()),
            }
        })
        .await
    }

    /// Runs `work` on a blocking thread when it is its turn. It is told whether its caller still waits, and the two
    /// agree on that: either the caller gets the answer, or `work` knows that nobody will.
    async fn in_turn<T: Send + 'static>(
        &self,
        limit: Duration,
        late: Late,
        work: impl FnOnce(&dyn Vault, &VaultKey, &Caller) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let deadline = tokio::time::Instant::now() + limit;
        let turn = tokio::time::timeout_at(deadline, Arc::clone(&self.turn).acquire_owned());
        let Ok(Ok(turn)) = turn.await else {
            return Err(VaultError::TimedOut);
        };

        let (vault, key) = (Arc::clone(&self.vault), self.key.clone());
        let caller = Arc::new(Caller::default());
        let seen_by_work = Arc::clone(&caller);
        let _undone_if_dropped = (late == Late::Undo).then(|| Waiting(Arc::clone(&caller)));
        let mut work = task::spawn_blocking(&Handle::current(), move || {
            let _turn = turn;
            work(&*vault, &key, &seen_by_work)
        });
        let answer = match tokio::time::timeout_at(deadline, &mut work).await {
            Ok(answer) => answer,
            Err(_) if caller.goes() => return Err(VaultError::TimedOut),
            // It has just been answered: the work is over.
            Err(_) => work.await,
        };
        answer.unwrap_or_else(|_| Err(panicked()))
    }
}

/// Changes the record, and says what is to be told of it.
type Change = Box<dyn FnOnce(&mut Record) -> Vec<AuthEvent> + Send>;

fn panicked() -> VaultError {
    VaultError::Other("the vault panicked".into())
}

/// Whether the caller waits, has been answered, or has gone. It leaves `WAITS` once.
#[derive(Debug, Default)]
struct Caller(AtomicU8);

impl Caller {
    const WAITS: u8 = 0;
    const ANSWERED: u8 = 1;
    const GONE: u8 = 2;

    fn leaves_for(&self, state: u8) -> bool {
        self.0
            .compare_exchange(Self::WAITS, state, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    /// The caller stops waiting; false if it has its answer.
    fn goes(&self) -> bool {
        self.leaves_for(Self::GONE)
    }

    /// The caller gets its answer; false if it has gone.
    fn takes_answer(&self) -> bool {
        self.leaves_for(Self::ANSWERED)
    }

    fn has_gone(&self) -> bool {
        self.0.load(Ordering::Acquire) == Self::GONE
    }
}

/// A caller that goes when it is dropped, as with the runtime that it waits on: nobody has its answer.
struct Waiting(Arc<Caller>);

impl Drop for Waiting {
    fn drop(&mut self) {
        // Nothing, if it has its answer.
        self.0.goes();
    }
}

/// Puts `new` in place of `old`, and reads it back: some stores say yes and keep nothing, some say no and have kept it.
/// If it cannot be done, `old` is put back.
fn replace(vault: &dyn Vault, key: &VaultKey, old: Option<&Vec<u8>>, new: Option<&Vec<u8>>) -> Result<(), VaultError> {
    let said = put(vault, key, new);
    let stands = vault.read(key);
    if stands.as_ref().is_ok_and(|stands| stands.as_deref() == new) {
        return Ok(());
    }
    if !stands.as_ref().is_ok_and(|stands| stands.as_deref() == old) {
        // What stands is neither, or cannot be told.
        let undone = put(vault, key, old);
        if said.is_ok() && stands.is_err() && undone.is_err() {
            // It said yes, and then let nobody look or change it: a keychain that was locked just then.
            return Ok(());
        }
    }
    said?;
    stands?;
    Err(if new.is_none() {
        still_there()
    } else {
        VaultError::Other("it did not keep what was written".into())
    })
}

fn put(vault: &dyn Vault, key: &VaultKey, bytes: Option<&Vec<u8>>) -> Result<(), VaultError> {
    match bytes {
        Some(bytes) => vault.write(key, bytes),
        None => vault.delete(key),
    }
}

fn still_there() -> VaultError {
    VaultError::Other("the record is still there after it was deleted".into())
}
