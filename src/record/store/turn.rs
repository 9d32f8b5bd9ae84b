//! What this process knows about a record besides its content, and whose turn it is to use the vault.

use std::sync::Arc;

use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use crate::events::{AuthEvent, EventBus, SignedOutReason};
use crate::lock::{Mutex, MutexGuard, lock};
use crate::record::{Fresh, Record};

/// What all users of one record in this process share.
#[derive(Debug)]
pub(crate) struct Turn {
    /// One permit: one use of the vault at a time. Who waits for it holds no thread.
    pub(super) permit: Arc<Semaphore>,
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
    pub(super) fn found(&self, record: Option<&Record>) {
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
    pub(super) fn could_not_read(&self) {
        if !std::mem::replace(&mut self.memory().is_unreadable, true) {
            self.changes.send_replace(());
        }
    }

    /// This process has put this record into the vault.
    pub(super) fn has_put(&self, record: &Record) {
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
    pub(super) fn wrote(&self, written: &[Fresh]) {
        self.memory().unwritten.retain_mut(|kept| {
            let same = written.iter().find(|written| written.debt.held.id == kept.debt.held.id);
            if let Some(written) = same {
                // If newer tokens have come meanwhile, they replace the written ones.
                kept.used = written.tokens().refresh_token.clone();
            }
            same.is_none_or(|written| written.tokens() != kept.tokens())
        });
    }

    /// Keeps refreshed tokens in memory until they are on record. From now on every read and change of the record finds them in
    /// their place, or, if their session has ended, as the debt with this id.
    pub(super) fn keep(&self, fresh: Fresh) -> u64 {
        let unwritten = &mut self.memory().unwritten;
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

    /// Refreshed tokens that are not on record yet, oldest first.
    pub(super) fn unwritten(&self) -> Vec<Fresh> {
        self.memory().unwritten.clone()
    }

    pub(super) fn has_unwritten(&self) -> bool {
        !self.memory().unwritten.is_empty()
    }

    /// The generation of the session that was on record when this process last saw the record.
    pub(super) fn last_seen(&self) -> Option<u64> {
        Some(self.memory().session?.generation)
    }

    /// A token that is cancelled when the session of this generation ends; `None` if it has ended. Cancelling it cancels no
    /// other.
    pub(super) fn scope(&self, generation: u64) -> Option<CancellationToken> {
        let mut memory = self.memory();
        let is_on_record = memory.session?.generation == generation;
        is_on_record.then(|| memory.scope.get_or_insert_default().child_token())
    }

    /// The record is purged.
    pub(super) fn forget(&self) {
        self.has_put(&Record::empty());
        *self.memory() = Memory::default();
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        lock(&self.memory)
    }
}

/// The state that belongs to a record, with its [`Turn`]. A use of the record keeps all of it alive.
pub(crate) trait HasTurn: Send + Sync {
    fn turn(&self) -> &Turn;
}
