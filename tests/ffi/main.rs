//! The facade for Swift and Kotlin, with hosts written in Rust that make every mistake a host can make. What a host sees of a
//! sign-out that works is in `tests/shared_scenarios`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests say what they expect, and so do their helpers"
)]

mod adopt;
mod browser;
mod calls;
mod config;
mod events;
mod host;
mod scope;
mod sessions;
mod transport;
mod vault;
