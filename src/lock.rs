//! Mutexes, and the one way to lock them.

use std::sync::PoisonError;
#[cfg(not(feature = "shuttle"))]
pub(crate) use std::sync::{Mutex, MutexGuard, atomic::AtomicU8};

// Its scheduler tries other orders of tasks and threads: see tests/interleavings.
#[cfg(feature = "shuttle")]
pub(crate) use shuttle::sync::{Mutex, MutexGuard, atomic::AtomicU8};

/// Locks `mutex`, even if another thread panicked while it held the lock: one call that fails must not make every later
/// sign-out fail.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
