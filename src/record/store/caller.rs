//! Who was first: the caller that stops waiting, or the worker with its answer.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::lock::AtomicU8;

/// Whether the caller waits, has its answer, or has abandoned the call. The state changes once.
#[derive(Debug, Default)]
pub(super) struct Caller(AtomicU8);

impl Caller {
    const WAITS: u8 = 0;
    const ANSWERED: u8 = 1;
    const ABANDONED: u8 = 2;

    fn become_once(&self, state: u8) -> bool {
        self.0
            .compare_exchange(Self::WAITS, state, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    /// The caller stops waiting. False if it has its answer.
    pub(super) fn abandon(&self) -> bool {
        self.become_once(Self::ABANDONED)
    }

    /// The caller gets its answer. False if it has abandoned the call.
    pub(super) fn claim_answer(&self) -> bool {
        self.become_once(Self::ANSWERED)
    }

    pub(super) fn has_abandoned(&self) -> bool {
        self.0.load(Ordering::Acquire) == Self::ABANDONED
    }
}

/// Abandons the call when it is dropped, for example with the caller's runtime: nobody gets the answer.
pub(super) struct AbandonOnDrop(pub(super) Arc<Caller>);

impl Drop for AbandonOnDrop {
    fn drop(&mut self) {
        // Without effect if the caller has its answer.
        self.0.abandon();
    }
}
