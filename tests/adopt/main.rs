//! Moving in: stores of other libraries are read (`layouts.rs`), a session from one is put on record
//! (`adoption.rs`), and then forgotten in the store (`forget.rs`).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests say what they expect, and so do their helpers"
)]

mod adoption;
mod forget;
mod layouts;
