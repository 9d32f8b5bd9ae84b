//! The handles by their numbers. A number is never used twice, so a handle that was freed is not taken for another one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use super::host::Host;
use crate::ffi::{Auth, AuthConfig};
use crate::lock::lock;

/// What one handle stands for.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) auth: Arc<Auth>,
    pub(super) config: Arc<AuthConfig>,
    pub(super) host: Arc<Host>,
}

fn table() -> &'static Mutex<HashMap<usize, Entry>> {
    static TABLE: OnceLock<Mutex<HashMap<usize, Entry>>> = OnceLock::new();
    TABLE.get_or_init(Mutex::default)
}

/// A number for a new handle.
pub(super) fn next() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

pub(super) fn add(handle: usize, entry: Entry) {
    lock(table()).insert(handle, entry);
}

pub(super) fn find(handle: usize) -> Option<Entry> {
    lock(table()).get(&handle).cloned()
}

pub(super) fn remove(handle: usize) -> Option<Entry> {
    lock(table()).remove(&handle)
}
