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
    pub(crate) fn new(kind: TokenKind, rotates: bool, record: Option<Vec<u8>>) -> Self {
        Self {
            disk: Arc::new(Mutex::new(record)),
            server: Arc::new(Mutex::new(Server::new(kind, rotates))),
            choices: Arc::default(),
        }
    }

    /// Goes on from here in every way: once for each sequence of choices, each time in a copy of this world. What came before is
    /// not run again.
    pub(crate) fn in_every_way(&self, mut go_on: impl FnMut(&World)) {
        let choices = Arc::new(Mutex::new(Choices::default()));
        loop {
            let (disk, server) = (self.disk(), self.server().clone());
            go_on(&World {
                disk: Arc::new(Mutex::new(disk)),
                server: Arc::new(Mutex::new(server)),
                choices: Arc::clone(&choices),
            });
            if !lock(&choices).advance() {
                return;
            }
        }
    }

    pub(crate) fn server(&self) -> MutexGuard<'_, Server> {
        lock(&self.server)
    }

    pub(crate) fn disk(&self) -> Option<Vec<u8>> {
        lock(&self.disk).clone()
    }

    /// What the next process depends on: all but the requests of those before it.
    pub(crate) fn state(&self) -> String {
        let mut server = self.server().clone();
        server.asked.clear();
        let disk = self.disk().map(String::from_utf8);
        format!("{disk:?} {server:?}")
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
