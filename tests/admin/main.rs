//! The administrator's side against `FakeCognito`: the client, runs over many users, the doctor, and `examples/admin` as
//! people use it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests are tests"
)]

mod desk;
#[path = "../support/example.rs"]
mod example;
mod killed;
