//! What a sign-out does, against FakeCognito: the scenarios that the Amplify libraries test (`s01_…` to `s26_…`), and what this
//! library promises beyond them. `bindings/scenarios.json` has what can also be seen from Swift and Kotlin; CONTRIBUTING says what
//! belongs where.

#![cfg(feature = "rustls")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests say what they expect, and so do their helpers"
)]

mod app_reason;
mod app_steps;
mod browser;
mod by_revocation;
mod clock;
mod deadline;
mod debts;
mod device;
mod events;
mod global_debts;
mod handles;
mod outcomes;
mod provider;
mod record;
mod refresh_race;
mod retry;
mod revocation_route;
mod session_ends;
mod sessions;
mod test_browser;
mod together;
mod two_calls;
mod vault;
mod verify;
