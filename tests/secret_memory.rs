//! Copies of a secret in memory. An allocator searches each block before it is freed. It moves a block whenever its size changes, as
//! some systems' allocators do.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use cognito_signout::Secret;

const TOKEN: &str = "a-refresh-token-that-must-not-be-left";

struct Spy;

static LOOKS: AtomicBool = AtomicBool::new(false);
static LEFT: AtomicUsize = AtomicUsize::new(0);

#[allow(unsafe_code, reason = "an allocator is")]
// SAFETY: the system's allocator does all the work. A block is searched while it is allocated. `realloc` is the default, which moves.
unsafe impl GlobalAlloc for Spy {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if LOOKS.load(Ordering::Relaxed) {
            let places = layout.size().saturating_sub(TOKEN.len() - 1);
            let found = (0..places).any(|start| {
                // SAFETY: it is within the block.
                let at = |index: usize| unsafe { block.add(start + index).read_volatile() };
                TOKEN.bytes().enumerate().all(|(index, byte)| at(index) == byte)
            });
            LEFT.fetch_add(usize::from(found), Ordering::Relaxed);
        }
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static SPY: Spy = Spy;

fn text(spare: usize) -> String {
    let mut text = String::with_capacity(TOKEN.len() + spare);
    text.push_str(TOKEN);
    text
}

/// How many blocks that contain the token are freed while `act` runs.
fn left_by(act: impl FnOnce()) -> usize {
    LEFT.store(0, Ordering::Relaxed);
    LOOKS.store(true, Ordering::Relaxed);
    act();
    LOOKS.store(false, Ordering::Relaxed);
    LEFT.load(Ordering::Relaxed)
}

/// Only one test, because all tests share the allocator.
#[test]
fn a_secret_leaves_no_copy_of_its_text_whatever_the_texts_spare_capacity() {
    let plain = text(0);
    assert_eq!(left_by(|| drop(black_box(plain))), 1, "the spy sees what is left");
    for spare in [0, 1, 500] {
        let (first, second) = (text(spare), text(spare));
        let left = left_by(|| {
            let secret = black_box(Secret::new(first));
            assert_eq!(secret.clone().reveal(), TOKEN);
            drop(black_box(Secret::from(second)));
        });
        assert_eq!(left, 0, "{spare} bytes to spare");
    }
    assert_eq!(left_by(|| drop(black_box(Secret::new(TOKEN)))), 0);
}
