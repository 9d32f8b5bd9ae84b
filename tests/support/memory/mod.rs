//! What an app in Rust has in memory after its sign-out: the app, the search, and both together.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::explicit_write,
    unsafe_code,
    reason = "tests say what they expect, libtest keeps what is printed otherwise, and an allocator is unsafe by nature"
)]

mod app;
mod copies;
mod search;

pub(crate) use app::{is_app, this_test};
pub(crate) use copies::{copies, refresh_token};
