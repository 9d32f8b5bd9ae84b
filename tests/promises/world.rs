//! Disk and server, which outlive a process; and the clock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cognito_signout::Clock;

use crate::choices::Choices;
use crate::server::{Server, TokenKind};

/// Disk and server: they outlive a process.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) disk: Arc<Mutex<Option<Vec<u8>>>>,
    pub(crate) server: Arc<Mutex<Server>>,
    choices: Arc<Mutex<Choices>>,
}

impl World {
    pub(crate) fn new(kind: TokenKind, rotates: bool, record: Option<Vec<u8>>, choices: Arc<Mutex<Choices>>) -> Self {
        Self {
            disk: Arc::new(Mutex::new(record)),
            server: Arc::new(Mutex::new(Server::new(kind, rotates))),
            choices,
        }
    }

    pub(crate) fn server(&self) -> MutexGuard<'_, Server> {
        lock(&self.server)
    }

    pub(crate) fn disk(&self) -> Option<Vec<u8>> {
        lock(&self.disk).clone()
    }

    pub(crate) fn choose(&self, of: usize) -> usize {
        lock(&self.choices).choose(of)
    }
}

/// A clock that stands still while a process lives, in seconds since 1970.
#[derive(Debug)]
pub(crate) struct Stopped(pub(crate) u64);

impl Clock for Stopped {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.0)
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
