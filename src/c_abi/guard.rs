//! What each exported function goes through: a panic ends here, and not in the host's code, where it would end the process.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What `work` returns; `panicked` if it panics. A panic is a bug of the library, or of a crate that it uses.
pub(super) fn guarded<T>(panicked: T, work: impl FnOnce() -> T) -> T {
    let work = || {
        #[cfg(test)]
        tests::panic_if_asked();
        work()
    };
    // What `work` has changed in part is not read again: a lock that was held meanwhile gives its content all the same
    // (`lock.rs`), and each table has one step for each change.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(panicked)
}

#[cfg(test)]
mod tests;
