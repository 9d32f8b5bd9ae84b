//! The record in its vault: read, change, write and read back as one step that nobody can get between, never in `poll`,
//! and never waited for longer than the caller can.

#[cfg(test)]
mod tests;

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};

use super::{Fresh, Record};
use crate::events::{AuthEvent, EventBus};
use crate::lock::lock;
use crate::task;
use crate::vault::{Vault, VaultError, VaultGuard, VaultKey};

/// What becomes of a write that the vault carries out after its caller has been told `TimedOut`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Late {
    /// The old record is put back: the caller was told that nothing has changed.
    Undo,
    /// It stands. (One that the vault had not begun by then is not made at all; one whose caller went with its runtime, and was
    /// told nothing, is.)
    Stand,
}

/// What all who use one record in this process have in common.
#[derive(Debug)]
pub(crate) struct Turn {
    /// One permit: the vault is asked one thing at a time, and those who wait for their turn hold no thread.
    permit: Arc<Semaphore>,
    pub(crate) events: EventBus,
    memory: Mutex<Memory>,
}

/// What this process knows of a record besides what stands there.
#[derive(Debug, Default)]
struct Memory {
    /// The generation of the session that stood there when the record was last seen.
    session: Option<u64>,
    /// Refreshed tokens that are not on record yet, oldest first.
    unwritten: Vec<Fresh>,
}

impl Default for Turn {
    fn default() -> Self {
        Self {
            permit: Arc::new(Semaphore::new(1)),
            events: EventBus::default(),
            memory: Mutex::default(),
        }
    }
}

impl Turn {
    /// Takes what was never written: nobody can use the record any more.
    pub(crate) fn take_unwritten(&self) -> Vec<Fresh> {
        std::mem::take(&mut self.memory().unwritten)
    }

    /// Notes what stands on record now.
    fn saw(&self, record: &Record) {
        self.memory().session = record.session.as_ref().map(|_| record.generation);
    }

    /// These have been put on record.
    fn wrote(&self, written: &[Fresh]) {
        self.memory().unwritten.retain_mut(|kept| {
            let same = written.iter().find(|written| written.debt.id == kept.debt.id);
            if let Some(written) = same {
                // Newer ones have come meanwhile, perhaps: these are what they take the place of.
                kept.used = written.debt.tokens.refresh_token.clone();
            }
            same.is_none_or(|written| written.debt.tokens != kept.debt.tokens)
        });
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        lock(&self.memory)
    }
}

/// Whatever has a [`Turn`] among the things that belong to a record. A use of the record keeps all of it alive.
pub(crate) trait HasTurn: Debug + Send + Sync {
    fn turn(&self) -> &Turn;
}

/// The one way to the record.
#[derive(Debug)]
pub(crate) struct RecordStore {
    vault: Arc<dyn Vault>,
    key: VaultKey,
    common: Arc<dyn HasTurn>,
}

impl RecordStore {
    pub(crate) fn new(vault: Arc<dyn Vault>, key: VaultKey, common: Arc<dyn HasTurn>) -> Self {
        Self { vault, key, common }
    }

    /// Keeps refreshed tokens in memory until they are on record: whoever reads or changes the record from now on finds
    /// them in their place, or, if their session has ended, as the debt of this id.
    pub(crate) fn keep(&self, fresh: Fresh) -> u64 {
        let unwritten = &mut self.common.turn().memory().unwritten;
        match unwritten.last_mut() {
            Some(last) if last.goes_before(&fresh) => {
                last.debt.tokens = fresh.debt.tokens;
                last.debt.id
            }
            _ => {
                let id = fresh.debt.id;
                unwritten.push(fresh);
                id
            }
        }
    }

    /// The generation of the session that stood on record when this process last saw it.
    pub(crate) fn last_seen(&self) -> Option<u64> {
        self.common.turn().memory().session
    }

    /// The record, if there is one.
    pub(crate) async fn read(&self, limit: Duration) -> Result<Option<Record>, VaultError> {
        self.in_turn(limit, Late::Stand, |access| {
            let stored = access.read()?;
            let unwritten = access.turn.memory().unwritten.clone();
            if stored.is_none() && unwritten.is_empty() {
                access.turn.memory().session = None;
                return Ok(None);
            }
            let mut record = stored.unwrap_or_else(Record::empty);
            unwritten.iter().for_each(|fresh| record.put(fresh));
            access.turn.saw(&record);
            Ok(Some(record))
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
        self.in_turn(limit, late, move |access| {
            let &Access {
                vault,
                key,
                caller,
                turn,
                ..
            } = access;
            let _guard = access.lock()?;
            let old_bytes = vault.read(key)?;
            let old = old_bytes.as_deref().map(|bytes| Record::decode(bytes)).transpose()?;
            let mut new = old.clone().unwrap_or_else(Record::empty);
            turn.saw(&new);
            let unwritten = turn.memory().unwritten.clone();
            unwritten.iter().for_each(|fresh| new.put(fresh));
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
                turn.saw(&new);
                turn.wrote(&unwritten);
                news.into_iter().for_each(|event| turn.events.send(event));
            } else if !unchanged {
                put(vault, key, old_bytes.as_deref())?;
            }
            Ok(())
        })
        .await
    }

    /// Deletes the record without reading it.
    pub(crate) async fn purge(&self, limit: Duration) -> Result<(), VaultError> {
        self.in_turn(limit, Late::Stand, |access| {
            let _guard = access.lock()?;
            access.vault.delete(access.key)?;
            match access.vault.read(access.key)? {
                None => {
                    *access.turn.memory() = Memory::default();
                    Ok(())
                }
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
        work: impl FnOnce(&Access<'_>) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let deadline = tokio::time::Instant::now() + limit;
        let permit = Arc::clone(&self.common.turn().permit);
        let permit = tokio::time::timeout_at(deadline, permit.acquire_owned());
        let Ok(Ok(permit)) = permit.await else {
            return Err(VaultError::TimedOut);
        };

        let (vault, key, common) = (Arc::clone(&self.vault), self.key.clone(), Arc::clone(&self.common));
        let caller = Arc::new(Caller::default());
        let seen_by_work = Arc::clone(&caller);
        let _undone_if_dropped = (late == Late::Undo).then(|| Waiting(Arc::clone(&caller)));
        let mut work = task::spawn_blocking(&Handle::current(), move || {
            let _permit = permit;
            work(&Access {
                vault: &*vault,
                key: &key,
                caller: &seen_by_work,
                turn: common.turn(),
                deadline,
            })
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

/// What work has to do with when it is its turn.
struct Access<'a> {
    vault: &'a dyn Vault,
    key: &'a VaultKey,
    caller: &'a Caller,
    turn: &'a Turn,
    deadline: tokio::time::Instant,
}

impl Access<'_> {
    /// Holds other processes off. Not all of the time that is left is for waiting: then a held record is told from a keychain
    /// that does not answer.
    fn lock(&self) -> Result<VaultGuard, VaultError> {
        let left = self.deadline.saturating_duration_since(tokio::time::Instant::now());
        self.vault.lock(self.key, left * 3 / 4)
    }

    fn read(&self) -> Result<Option<Record>, VaultError> {
        let bytes = self.vault.read(self.key)?;
        bytes.map(|bytes| Record::decode(&bytes)).transpose()
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

/// Puts `new` in place of `old`, and reads it back: some stores say yes and keep nothing, some say no and have kept it,
/// some panic after they have. If it cannot be done, `old` is put back.
fn replace(vault: &dyn Vault, key: &VaultKey, old: Option<&Vec<u8>>, new: Option<&Vec<u8>>) -> Result<(), VaultError> {
    let said = put(vault, key, new);
    let stands = asked(|| vault.read(key));
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
    asked(|| match bytes {
        Some(bytes) => vault.write(key, bytes),
        None => vault.delete(key),
    })
}

/// A panic of the vault's is an answer like any other: what stands is looked at all the same.
fn asked<T>(call: impl FnOnce() -> Result<T, VaultError>) -> Result<T, VaultError> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Err(panicked()))
}

fn still_there() -> VaultError {
    VaultError::Other("the record is still there after it was deleted".into())
}
