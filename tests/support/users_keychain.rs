//! The keychain that the system has for each user. It needs no preparation.

use std::process::Command;

#[path = "own_process.rs"]
mod own_process;

pub(crate) use own_process::{again, folder, role};

pub(crate) struct Keyring;

impl Keyring {
    pub(crate) fn start() -> Self {
        Self
    }
}

/// Runs `body`, a closure in the calling test, in a process of its own.
pub(crate) fn in_session<F: FnOnce()>(body: F) {
    own_process::run(body, |_| Command::new(own_process::this_program()));
}
