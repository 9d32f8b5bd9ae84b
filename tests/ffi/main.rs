//! The facade for Swift and Kotlin, with hosts that are written in Rust: each does what a host can do wrong.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests say what they expect, and so do their helpers"
)]

mod browser;
mod calls;
mod config;
mod events;
mod host;
mod transport;
mod vault;
