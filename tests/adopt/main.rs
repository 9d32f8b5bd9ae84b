//! Moving in: stores of other libraries are read (`layouts.rs`), and a session from one is put on record (`adoption.rs`).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests say what they expect, and so do their helpers"
)]

mod adoption;
mod layouts;
