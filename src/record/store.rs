//! The one way to the record in its vault. It guarantees:
//!
//! 1. **Turns.** Within this process one use of a record runs at a time, and the vault's lock keeps other processes away while
//!    the record changes. So a change sees the newest record, whoever wrote it.
//! 2. **All or nothing.** What is written is read back. A change that fails, even by a panic of the vault, leaves the old record,
//!    or puts it back if the vault still works.
//! 3. **Bounded waits.** A caller waits for no longer than its limit. The vault runs on a blocking thread, never in `poll`.
//! 4. **No false answer.** Caller and worker agree on who was first. Either the caller gets the worker's answer, or the worker
//!    knows that nobody will get it, and [`Late`] says what becomes of the write.
//! 5. **Events in order.** Events are sent after the new record is in the vault and before the next use begins. A change that
//!    failed or was undone sends none.
//! 6. **A session's scope ends with it.** Whatever ends the session (a change, a purge, another process), its scope is cancelled
//!    before anyone learns of it from this process.

#[cfg(test)]
mod tests;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::{Fresh, Record};
use crate::events::{AuthEvent, EventBus, SignedOutReason};
use crate::lock::{AtomicU8, Mutex, MutexGuard, lock};
use crate::task;
use crate::vault::{Vault, VaultError, VaultGuard, VaultKey};

/// What becomes of a write that the vault finishes after its caller has got `TimedOut`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Late {
    /// The old record is put back: the caller was told that nothing changed.
    Undo,
    /// The write is kept. A write not yet started when its caller times out is skipped; one whose caller was dropped with its
    /// runtime still runs, because nobody was told that it failed.
    Keep,
}

/// What all users of one record in this process share.
#[derive(Debug)]
pub(crate) struct Turn {
    /// One permit: one use of the vault at a time. Who waits for it holds no thread.
    permit: Arc<Semaphore>,
    pub(crate) events: EventBus,
    /// Notified when what the record says of the session may have changed.
    changes: watch::Sender<()>,
    memory: Mutex<Memory>,
}

/// What this process knows about a record, besides its content.
#[derive(Debug, Default)]
struct Memory {
    /// The session that was on record when the record was last seen.
    session: Option<Seen>,
    /// Cancelled when that session ends. Made when somebody asks for it.
    scope: Option<CancellationToken>,
    /// The last try to read the record failed.
    is_unreadable: bool,
    /// Refreshed tokens that could not be put on record yet, oldest first.
    unwritten: Vec<Fresh>,
}

/// What this process remembers of a session on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    generation: u64,
    expired: bool,
}

impl Seen {
    fn of(record: &Record) -> Option<Self> {
        let expired = record.session.as_ref()?.expired;
        Some(Self {
            generation: record.generation,
            expired,
        })
    }
}

impl Default for Turn {
    fn default() -> Self {
        Self {
            permit: Arc::new(Semaphore::new(1)),
            events: EventBus::default(),
            changes: watch::Sender::default(),
            memory: Mutex::default(),
        }
    }
}

impl Turn {
    /// Takes what was never written. Called when nobody can use the record any more.
    pub(crate) fn take_unwritten(&self) -> Vec<Fresh> {
        std::mem::take(&mut self.memory().unwritten)
    }

    /// A receiver that is notified when what the record says of the session may have changed.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// The vault has this record. If the session that was last seen there is gone, another process has ended it.
    fn found(&self, record: Option<&Record>) {
        let seen = record.and_then(Seen::of);
        let was_unreadable = std::mem::take(&mut self.memory().is_unreadable);
        let has_changed = self.memory().session != seen;
        if self.remember(seen) {
            self.events.send(AuthEvent::SignedOut {
                reason: SignedOutReason::Elsewhere,
                app_reason: None,
            });
        }
        if was_unreadable || has_changed {
            self.changes.send_replace(());
        }
    }

    /// The record cannot be read now.
    fn could_not_read(&self) {
        if !std::mem::replace(&mut self.memory().is_unreadable, true) {
            self.changes.send_replace(());
        }
    }

    /// This process has put this record into the vault.
    fn has_put(&self, record: &Record) {
        self.remember(Seen::of(record));
        self.changes.send_replace(());
    }

    /// Remembers the session that is on record now. If it is another one than before, or none, the old one's scope ends. Whether
    /// that is so.
    fn remember(&self, session: Option<Seen>) -> bool {
        let generation = |seen: Option<Seen>| seen.map(|seen| seen.generation);
        let mut memory = self.memory();
        let old = std::mem::replace(&mut memory.session, session);
        let has_ended = old.is_some() && generation(old) != generation(session);
        let scope = memory.scope.take_if(|_| has_ended);
        drop(memory);
        if let Some(scope) = scope {
            scope.cancel();
        }
        has_ended
    }

    /// These have been put on record.
    fn wrote(&self, written: &[Fresh]) {
        self.memory().unwritten.retain_mut(|kept| {
            let same = written.iter().find(|written| written.debt.held.id == kept.debt.held.id);
            if let Some(written) = same {
                // If newer tokens have come meanwhile, they replace the written ones.
                kept.used = written.tokens().refresh_token.clone();
            }
            same.is_none_or(|written| written.tokens() != kept.tokens())
        });
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        lock(&self.memory)
    }
}

/// The state that belongs to a record, with its [`Turn`]. A use of the record keeps all of it alive.
pub(crate) trait HasTurn: Send + Sync {
    fn turn(&self) -> &Turn;
}

/// Reads and changes one record.
pub(crate) struct RecordStore {
    vault: Arc<dyn Vault>,
    key: VaultKey,
    common: Arc<dyn HasTurn>,
}

/// Without what belongs to the record: the code that prints that would be a part of every app.
impl fmt::Debug for RecordStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordStore")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl RecordStore {
    pub(crate) fn new(vault: Arc<dyn Vault>, key: VaultKey, common: Arc<dyn HasTurn>) -> Self {
        Self { vault, key, common }
    }

    /// Keeps refreshed tokens in memory until they are on record. From now on every read and change of the record finds them in
    /// their place, or, if their session has ended, as the debt with this id.
    pub(crate) fn keep(&self, fresh: Fresh) -> u64 {
        let unwritten = &mut self.common.turn().memory().unwritten;
        match unwritten.last_mut() {
            Some(last) if last.goes_before(&fresh) => {
                last.debt.held.tokens = fresh.debt.held.tokens;
                last.debt.held.id
            }
            _ => {
                let id = fresh.debt.held.id;
                unwritten.push(fresh);
                id
            }
        }
    }

    /// The generation of the session that was on record when this process last saw the record.
    pub(crate) fn last_seen(&self) -> Option<u64> {
        Some(self.common.turn().memory().session?.generation)
    }

    /// A token that is cancelled when the session of this generation ends; `None` if it has ended. Cancelling it cancels no
    /// other.
    pub(crate) fn scope(&self, generation: u64) -> Option<CancellationToken> {
        let mut memory = self.common.turn().memory();
        let is_on_record = memory.session?.generation == generation;
        is_on_record.then(|| memory.scope.get_or_insert_default().child_token())
    }

    /// The record, if there is one. The vault works again, so refreshed tokens that it has not taken before are written now: this may
    /// be the last use of the record in this process.
    pub(crate) async fn read(&self, limit: Duration) -> Result<Option<Record>, VaultError> {
        let deadline = tokio::time::Instant::now() + limit;
        let record = self.in_turn(limit, Late::Keep, |access| {
            let stored = access.read()?;
            let unwritten = access.turn.memory().unwritten.clone();
            access.turn.found(stored.as_ref());
            if stored.is_none() && unwritten.is_empty() {
                return Ok(None);
            }
            let mut record = stored.unwrap_or_else(Record::empty);
            unwritten.iter().for_each(|fresh| record.put(fresh));
            Ok(Some(record))
        });
        let record = record.await.inspect_err(|_| self.common.turn().could_not_read())?;
        if !self.common.turn().memory().unwritten.is_empty() {
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            let no_change = Box::new(|_: &mut Record| Vec::new());
            if let Err(error) = self.make(no_change, left, Late::Keep).await {
                tracing::warn!(%error, "refreshed tokens are still in memory alone");
            }
        }
        Ok(record)
    }

    /// Changes the record, and returns what `change` returns. `change` sees the newest record, whichever process wrote it. Its
    /// events are sent when the new record is in the vault.
    pub(crate) fn update<T: Send + 'static, E: IntoIterator<Item = AuthEvent>>(
        &self,
        limit: Duration,
        late: Late,
        change: impl FnOnce(&mut Record) -> (T, E) + Send + 'static,
    ) -> impl Future<Output = Result<T, VaultError>> {
        let (sender, answer) = oneshot::channel();
        let change = Box::new(|record: &mut Record| {
            let (answer, news) = change(record);
            // The receiver lives until `make` has returned, or the caller is gone.
            let _ = sender.send(answer);
            news.into_iter().collect()
        });
        self.make_and_answer(change, answer, limit, late)
    }

    /// Compiled once for every type of answer, and not for every change: it adds to an app's size.
    async fn make_and_answer<T>(
        &self,
        change: Change,
        answer: oneshot::Receiver<T>,
        limit: Duration,
        late: Late,
    ) -> Result<T, VaultError> {
        self.make(change, limit, late).await?;
        answer.await.map_err(|_| panicked())
    }

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
            turn.found(old.as_ref());
            let mut new = old.clone().unwrap_or_else(Record::empty);
            let unwritten = turn.memory().unwritten.clone();
            unwritten.iter().for_each(|fresh| new.put(fresh));
            let news = change(&mut new);
            if new.waiting_sign_out().is_none() {
                new.waiting = None;
            }

            let unchanged = old.as_ref().map_or_else(|| new.is_empty(), |old| *old == new);
            if !unchanged {
                if caller.has_abandoned() {
                    return Err(VaultError::TimedOut);
                }
                let new_bytes = if new.is_empty() { None } else { Some(new.encode()?) };
                replace(vault, key, old_bytes.as_deref(), new_bytes.as_deref())?;
            }
            if caller.claim_answer() || late == Late::Keep {
                if !unchanged {
                    turn.has_put(&new);
                }
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
        self.in_turn(limit, Late::Keep, |access| {
            let _guard = access.lock()?;
            access.vault.delete(access.key)?;
            match access.vault.read(access.key)? {
                None => {
                    access.turn.has_put(&Record::empty());
                    *access.turn.memory() = Memory::default();
                    Ok(())
                }
                Some(_) => Err(still_there()),
            }
        })
        .await
    }

    /// Runs `work` on a blocking thread when it has its turn. Either the caller gets its answer, or `work` knows that nobody will.
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
        let _undone_if_dropped = (late == Late::Undo).then(|| AbandonOnDrop(Arc::clone(&caller)));
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
            Err(_) if caller.abandon() => return Err(VaultError::TimedOut),
            // The answer is just coming: the work is over.
            Err(_) => work.await,
        };
        answer.unwrap_or_else(|_| Err(panicked()))
    }
}

/// What work can use during its turn.
struct Access<'a> {
    vault: &'a dyn Vault,
    key: &'a VaultKey,
    caller: &'a Caller,
    turn: &'a Turn,
    deadline: tokio::time::Instant,
}

impl Access<'_> {
    /// Keeps other processes away. It waits for three quarters of the time that is left, so that a record held by another process
    /// can be told apart from a keychain that does not answer.
    fn lock(&self) -> Result<VaultGuard, VaultError> {
        let left = self.deadline.saturating_duration_since(tokio::time::Instant::now());
        self.vault.lock(self.key, left * 3 / 4)
    }

    fn read(&self) -> Result<Option<Record>, VaultError> {
        let bytes = self.vault.read(self.key)?;
        bytes.map(|bytes| Record::decode(&bytes)).transpose()
    }
}

/// Changes the record, and returns the events to send.
type Change = Box<dyn FnOnce(&mut Record) -> Vec<AuthEvent> + Send>;

fn panicked() -> VaultError {
    VaultError::Other("the vault panicked".into())
}

/// Whether the caller waits, has its answer, or has abandoned the call. The state changes once.
#[derive(Debug, Default)]
struct Caller(AtomicU8);

impl Caller {
    const WAITS: u8 = 0;
    const ANSWERED: u8 = 1;
    const ABANDONED: u8 = 2;

    fn become_once(&self, state: u8) -> bool {
        self.0
            .compare_exchange(Self::WAITS, state, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    /// The caller stops waiting. False if it has its answer.
    fn abandon(&self) -> bool {
        self.become_once(Self::ABANDONED)
    }

    /// The caller gets its answer. False if it has abandoned the call.
    fn claim_answer(&self) -> bool {
        self.become_once(Self::ANSWERED)
    }

    fn has_abandoned(&self) -> bool {
        self.0.load(Ordering::Acquire) == Self::ABANDONED
    }
}

/// Abandons the call when it is dropped, for example with the caller's runtime: nobody gets the answer.
struct AbandonOnDrop(Arc<Caller>);

impl Drop for AbandonOnDrop {
    fn drop(&mut self) {
        // Without effect if the caller has its answer.
        self.0.abandon();
    }
}

/// Puts `new` in place of `old`, and reads it back. Some stores report success and keep nothing, some report a failure although
/// they have kept it, some panic afterwards. If the change cannot be made, `old` is put back.
fn replace(vault: &dyn Vault, key: &VaultKey, old: Option<&Vec<u8>>, new: Option<&Vec<u8>>) -> Result<(), VaultError> {
    let written = put(vault, key, new);
    let found = without_panic(|| vault.read(key));
    if found.as_ref().is_ok_and(|found| found.as_deref() == new) {
        return Ok(());
    }
    if !found.as_ref().is_ok_and(|found| found.as_deref() == old) {
        // The vault has neither, or cannot be read.
        let undone = put(vault, key, old);
        if written.is_ok() && found.is_err() && undone.is_err() {
            // The write succeeded, and then the vault could be neither read nor changed: it was locked just then.
            return Ok(());
        }
    }
    written?;
    found?;
    Err(if new.is_none() {
        still_there()
    } else {
        VaultError::Other("it did not keep what was written".into())
    })
}

fn put(vault: &dyn Vault, key: &VaultKey, bytes: Option<&Vec<u8>>) -> Result<(), VaultError> {
    without_panic(|| match bytes {
        Some(bytes) => vault.write(key, bytes),
        None => vault.delete(key),
    })
}

/// Turns a panic of the vault into an error, so that the vault is read back all the same.
fn without_panic<T>(call: impl FnOnce() -> Result<T, VaultError>) -> Result<T, VaultError> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Err(panicked()))
}

fn still_there() -> VaultError {
    VaultError::Other("the record is still there after it was deleted".into())
}
