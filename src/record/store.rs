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

mod caller;
mod replace;
#[cfg(test)]
mod tests;
mod turn;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::{Fresh, Record};
use crate::events::AuthEvent;
use crate::task;
use crate::vault::{Vault, VaultError, VaultGuard, VaultKey};
use caller::{AbandonOnDrop, Caller};
use replace::{panicked, put, replace, still_there};

pub(crate) use turn::{HasTurn, Turn};

/// What becomes of a write that the vault finishes after its caller has got `TimedOut`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Late {
    /// The old record is put back: the caller was told that nothing changed.
    Undo,
    /// The write is kept. A write not yet started when its caller times out is skipped; one whose caller was dropped with its
    /// runtime still runs, because nobody was told that it failed.
    Keep,
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

    fn turn(&self) -> &Turn {
        self.common.turn()
    }

    /// See [`Turn::keep`].
    pub(crate) fn keep(&self, fresh: Fresh) -> u64 {
        self.turn().keep(fresh)
    }

    /// See [`Turn::last_seen`].
    pub(crate) fn last_seen(&self) -> Option<u64> {
        self.turn().last_seen()
    }

    /// See [`Turn::scope`].
    pub(crate) fn scope(&self, generation: u64) -> Option<CancellationToken> {
        self.turn().scope(generation)
    }

    /// The record, if there is one. The vault works again, so refreshed tokens that it has not taken before are written now: this may
    /// be the last use of the record in this process.
    pub(crate) async fn read(&self, limit: Duration) -> Result<Option<Record>, VaultError> {
        let deadline = tokio::time::Instant::now() + limit;
        let record = self.in_turn(limit, Late::Keep, |access| {
            let stored = access.read()?;
            let unwritten = access.turn.unwritten();
            access.turn.found(stored.as_ref());
            if stored.is_none() && unwritten.is_empty() {
                return Ok(None);
            }
            let mut record = stored.unwrap_or_else(Record::empty);
            unwritten.iter().for_each(|fresh| record.put(fresh));
            Ok(Some(record))
        });
        let record = record.await.inspect_err(|_| self.turn().could_not_read())?;
        if self.turn().has_unwritten() {
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
            let unwritten = turn.unwritten();
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
                    access.turn.forget();
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
        let permit = Arc::clone(&self.turn().permit);
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
