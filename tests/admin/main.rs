//! The administrator's side against `FakeCognito`: the client, runs over many users, the doctor, and `examples/admin` as
//! people use it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests are tests"
)]

mod client;
mod credentials;
mod desk;
mod doctor;
#[path = "../support/example.rs"]
mod example;
mod killed;
mod many;
mod mishaps;
mod program;
#[path = "../support/said.rs"]
mod said;
mod session_doctor;
mod session_program;
mod sessions;
mod troubles;

use cognito_signout::admin::{AdminClient, AdminClientBuilder};
use cognito_signout::fake_cognito::FakeCognito;
use cognito_signout::transport::RustlsTransport;

use crate::desk::{SECRET_KEY, SESSION_TOKEN};

/// A client with credentials for this pool.
fn client(fake: &FakeCognito) -> AdminClient {
    client_builder(fake).build()
}

fn client_builder(fake: &FakeCognito) -> AdminClientBuilder {
    let client = AdminClient::builder(RustlsTransport::new());
    let client = client.credentials("AKIDEXAMPLE", SECRET_KEY, Some(SESSION_TOKEN.into()));
    client.endpoint(fake.url().as_str()).unwrap()
}
