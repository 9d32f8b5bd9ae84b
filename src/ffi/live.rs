//! Counts the objects that hosts hold.

use std::sync::atomic::{AtomicU64, Ordering};

static LIVE: AtomicU64 = AtomicU64::new(0);

/// How many of this library's objects are alive, including those that the library itself holds. For leak tests. The number falls
/// when the host releases objects, which takes a garbage collector some time.
#[uniffi::export]
pub fn live_objects() -> u64 {
    LIVE.load(Ordering::Relaxed)
}

/// A field of every counted object.
#[derive(Debug)]
pub(super) struct Live(());

impl Live {
    pub(super) fn new() -> Self {
        LIVE.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::Relaxed);
    }
}
