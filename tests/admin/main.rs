//! The administrator's side against `FakeCognito`: the client, runs over many users, and the doctor.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests are tests"
)]

mod client;
mod credentials;
mod doctor;
mod many;
#[path = "../support/quota.rs"]
mod quota;
mod session_doctor;
mod sessions;
mod troubles;

use cognito_signout::admin::{AdminClient, AdminClientBuilder};
use cognito_signout::fake_cognito::FakeCognito;
use cognito_signout::transport::RustlsTransport;

/// The secrets with which it signs.
const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const SESSION_TOKEN: &str = "FwoGZXIvYXdzEXAMPLESESSIONTOKEN";

/// A client with credentials for this pool.
fn client(fake: &FakeCognito) -> AdminClient {
    client_builder(fake).build()
}

fn client_builder(fake: &FakeCognito) -> AdminClientBuilder {
    let client = AdminClient::builder(RustlsTransport::new());
    let client = client.credentials("AKIDEXAMPLE", SECRET_KEY, Some(SESSION_TOKEN.into()));
    client.endpoint(fake.url().as_str()).unwrap()
}
