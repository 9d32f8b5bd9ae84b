//! An open store of keyring-core, and what must be known about it to use it well.

use std::sync::Arc;

use keyring_core::CredentialStore;

use crate::vault::VaultGuard;

/// The store, and in which ways it differs from others.
#[derive(Clone)]
pub(super) struct OpenStore {
    pub(super) store: Arc<CredentialStore>,
    /// What each entry is created with, in the store's own vocabulary.
    pub(super) modifiers: &'static [(&'static str, &'static str)],
    /// The most bytes that one entry holds, if the platform has such a limit.
    pub(super) entry_limit: Option<usize>,
    /// Whether the store may answer "no entry" for an entry that is there but cannot be decoded.
    pub(super) hides_unreadable: bool,
    /// Makes sure that every change is on the disk, or fails. Set if the store may accept a change, and return it until the
    /// process ends, although it did not reach the disk.
    pub(super) flush: Option<PlatformCall>,
    /// Tries the key that entries are encrypted with, and fails if it does not work. Set if the store may call an entry broken
    /// although the key is only unavailable for a moment.
    pub(super) trial: Option<PlatformCall>,
    /// Begins a turn for the entry with this service name and user name, which ends when the result is dropped. Meanwhile no other
    /// process changes the record, so the store need not find the entry anew for each operation.
    pub(super) turn: Option<BeginTurn>,
}

pub(super) type PlatformCall = Arc<dyn Fn() -> keyring_core::Result<()> + Send + Sync>;
pub(super) type BeginTurn = Arc<dyn Fn(&str, &str) -> VaultGuard + Send + Sync>;

impl OpenStore {
    /// A store that differs in nothing.
    pub(super) fn plain(store: Arc<CredentialStore>) -> Self {
        Self {
            store,
            modifiers: &[],
            entry_limit: None,
            hides_unreadable: false,
            flush: None,
            trial: None,
            turn: None,
        }
    }
}
