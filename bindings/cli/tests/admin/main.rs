//! The administrator's commands as people and scripts use them: runs the program against `FakeCognito`, and reads its whole
//! output.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests are tests"
)]

mod credentials;
#[path = "../support/described.rs"]
mod described;
mod desk;
mod killed;
mod mishaps;
mod program;
mod resumed;
#[path = "../../../../tests/support/said.rs"]
mod said;
mod sessions;
#[path = "../support/tried.rs"]
mod tried;
