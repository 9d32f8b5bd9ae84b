//! A process, which stops before each operation on what it shares with the other one, until the explorer lets it go on.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cognito_signout::transport::{Exchange, HttpRequest, HttpTransport, TransportError};
use cognito_signout::vault::{Vault, VaultError, VaultGuard, VaultKey};
use zeroize::Zeroizing;

use super::shared::Shared;
use crate::world::lock;

/// What a process does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Op {
    /// It reads the record without the lock.
    Read,
    /// It locks the record and changes it. Until the lock is free nobody else can write, and up to the write nobody can tell that
    /// it is locked. So this is one step.
    Change,
    /// It writes once more under the same lock.
    WriteAgain,
    Request,
    /// It returns what the call returned.
    Return,
}

const ALONE: usize = 2;

/// Where a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum At {
    /// Between two operations.
    Running,
    Before(Op),
    Ended,
}

/// One process. Clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    pub(crate) number: usize,
    pub(crate) shared: Arc<Mutex<Shared>>,
    state: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Debug)]
struct State {
    at: At,
    is_dead: bool,
    /// It has written since it locked the record.
    has_written: bool,
    /// Stands for all that this process has learned: what it does next depends on nothing else.
    history: u64,
}

impl Process {
    /// `life`: which process with this number it is.
    pub(crate) fn new(number: usize, life: usize, shared: &Arc<Mutex<Shared>>) -> Self {
        let state = State {
            at: At::Running,
            is_dead: false,
            has_written: false,
            history: hash((number, life)),
        };
        Self {
            number,
            shared: Arc::clone(shared),
            state: Arc::new((Mutex::new(state), Condvar::new())),
        }
    }

    /// One beside which no other runs, so it never stops.
    pub(crate) fn alone(shared: &Arc<Mutex<Shared>>) -> Self {
        Self::new(ALONE, 0, shared)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state.0)
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        lock(&self.shared)
    }

    fn wait_while(&self, condition: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let changed = &self.state.1;
        let waited = changed.wait_while(self.state(), |state| condition(state));
        waited.unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the process has stopped, and says where.
    pub(crate) fn stopped_at(&self) -> At {
        self.wait_while(|state| state.at == At::Running).at
    }

    /// Lets it carry out the operation, up to the next one.
    pub(crate) fn go_on(&self) {
        self.state().at = At::Running;
        self.state.1.notify_all();
        self.stopped_at();
    }

    /// Kills it. What it still does changes nothing.
    pub(crate) fn kill(&self) {
        self.state().is_dead = true;
        self.shared().unlock(self.number);
        self.state.1.notify_all();
        drop(self.wait_while(|state| state.at != At::Ended));
    }

    pub(crate) fn end(&self) {
        self.state().at = At::Ended;
        self.state.1.notify_all();
    }

    /// Where it is, and all that it has learned.
    pub(crate) fn key(&self) -> (At, u64) {
        let state = self.state();
        (state.at, state.history)
    }

    /// Waits for its turn. False if it is dead.
    pub(crate) fn may_go_on(&self, op: Op) -> bool {
        let mut state = self.state();
        if state.is_dead || self.number == ALONE {
            return !state.is_dead;
        }
        if state.at != At::Running {
            self.shared().complain("a process does two things at once");
        }
        state.at = At::Before(op);
        self.state.1.notify_all();
        drop(state);
        let state = self.wait_while(|state| matches!(state.at, At::Before(_)) && !state.is_dead);
        !state.is_dead
    }

    fn put(&self, record: Option<String>) -> Result<(), VaultError> {
        let is_first = !std::mem::replace(&mut self.state().has_written, true);
        let may_write = match is_first {
            true => !self.state().is_dead,
            false => self.may_go_on(Op::WriteAgain),
        };
        if !may_write {
            return dead();
        }
        self.shared().write(self.number, record);
        Ok(())
    }

    /// It learns something. The random numbers that it draws depend on that too, so that the same happens again.
    pub(crate) fn learn(&self, what: impl Hash) {
        let mut state = self.state();
        state.history = hash((state.history, what));
        fastrand::seed(state.history);
    }
}

pub(crate) fn hash(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

fn dead<T>() -> Result<T, VaultError> {
    Err(VaultError::Other("this process is dead".into()))
}

/// While a process has the lock nobody else writes, so it reads the same at any moment, and need not stop before it.
impl Vault for Process {
    fn read(&self, _: &VaultKey) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let is_locked = self.shared().is_locked_by(self.number);
        let may_read = match is_locked {
            true => !self.state().is_dead,
            false => self.may_go_on(Op::Read),
        };
        if !may_read {
            return dead();
        }
        let disk = self.shared().disk.clone();
        self.learn(&disk);
        Ok(disk.map(|disk| disk.into_bytes().into()))
    }

    fn write(&self, _: &VaultKey, record: &[u8]) -> Result<(), VaultError> {
        self.put(Some(String::from_utf8(record.to_vec()).unwrap()))
    }

    fn delete(&self, _: &VaultKey) -> Result<(), VaultError> {
        self.put(None)
    }

    fn lock(&self, _: &VaultKey, _: Duration) -> Result<VaultGuard, VaultError> {
        struct Held(Process);
        impl Drop for Held {
            fn drop(&mut self) {
                if !self.0.state().is_dead {
                    self.0.shared().unlock(self.0.number);
                }
            }
        }
        if !self.may_go_on(Op::Change) {
            return dead();
        }
        self.state().has_written = false;
        self.shared().lock(self.number);
        Ok(VaultGuard::new(Held(self.clone())))
    }
}

impl HttpTransport for Process {
    fn send(&self, request: HttpRequest) -> Exchange {
        let process = self.clone();
        Box::pin(async move {
            let mut headers = request.headers.iter();
            let target = headers.find(|(name, _)| name.eq_ignore_ascii_case("x-amz-target"));
            let operation = target.unwrap().1.rsplit('.').next().unwrap_or_default();
            let body = String::from_utf8_lossy(&request.body);
            // It blocks this thread, so the paused clock does not advance meanwhile.
            if !process.may_go_on(Op::Request) {
                return Err(TransportError::Connect("this process is dead".into()));
            }
            if process.shared().is_offline {
                return Err(TransportError::Connect("offline".into()));
            }
            let response = process.shared().answer(process.number, operation, &body);
            process.learn((response.status, &response.body[..]));
            Ok(response)
        })
    }
}
