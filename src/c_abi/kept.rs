//! What hosts hold by numbers: partial results, until they are released or their handle is freed. A number is good at every handle, as
//! the object is in the facade.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use crate::Secret;
use crate::ffi::{PartialSignOut, PartialSignOutOthers};
use crate::lock::lock;

/// What a number stands for.
#[derive(Clone)]
pub(super) enum Kept {
    Partial {
        partial: Arc<PartialSignOut>,
        refresh_token: Option<Secret>,
        access_token: Option<Secret>,
    },
    Others(Arc<PartialSignOutOthers>),
}

/// By number: the handle that got it, and what it is.
type Table = Mutex<HashMap<u64, (usize, Kept)>>;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(Table::default)
}

/// Returns its number.
pub(super) fn keep(handle: usize, kept: Kept) -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    lock(table()).insert(number, (handle, kept));
    number
}

pub(super) fn find(number: u64) -> Option<Kept> {
    lock(table()).get(&number).map(|(_, kept)| kept.clone())
}

pub(super) fn release(number: u64) {
    let kept = lock(table()).remove(&number);
    drop(kept);
}

/// Releases all that a handle got.
pub(super) fn release_all(handle: usize) {
    let all: Vec<_> = lock(table()).extract_if(|_, (owner, _)| *owner == handle).collect();
    drop(all);
}
