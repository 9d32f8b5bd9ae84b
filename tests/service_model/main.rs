//! FakeCognito under AWS's own service model. `sessions.py` has botocore call the operations as a real
//! client, and checks each request and response against the model's shapes. `sent.py` checks the same way what the library
//! itself sends, and how it signs.
//!
//! Not part of a plain `cargo test`, because `.ci/install` must get botocore: `cargo xtask test --all` does that and runs
//! `cargo test --features ffi,admin --test service_model`.

#![allow(clippy::expect_used, clippy::panic, reason = "tests say what they expect")]

mod admin;
mod exchanges;
#[path = "../support"]
mod support {
    pub(crate) mod example;
    pub(crate) mod installed;
}
mod user;

use std::ffi::OsStr;
use std::process::Command;

use support::example;
use support::installed::installed;

#[test]
fn botocore_accepts_every_session_operation_of_fake_cognito() {
    python("sessions.py", [example::build("fake_cognito").as_os_str()]);
}

/// Runs a script beside this file with botocore. It must succeed.
fn python<'a>(script: &str, arguments: impl IntoIterator<Item = &'a OsStr>) {
    let run = Command::new(installed("botocore-1.44.8/bin/python"))
        // Without it, Python writes a compiled copy of `shapes.py` beside it.
        .arg("-B")
        .arg(format!("tests/service_model/{script}"))
        .args(arguments)
        .status();
    assert!(run.expect("python starts").success());
}
