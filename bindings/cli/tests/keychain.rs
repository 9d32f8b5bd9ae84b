//! One process for each command, and a session that each of them finds in the keychain: GNOME Keyring.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests say what they expect"
)]

#[path = "../../../tests/support/secret_service.rs"]
mod secret_service;
#[path = "support/tried.rs"]
mod tried;

use std::process::Command;

use cognito_signout::fake_cognito::FakeCognito;
use serde_json::{Value, json};

use crate::secret_service::{Keyring, in_session};

#[test]
fn a_sign_out_that_one_process_begins_is_shown_by_the_next_and_finished_by_a_third() {
    in_session(|| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let fake = runtime.block_on(FakeCognito::start()).unwrap();
        let _keyring = Keyring::start();
        let folder = tempfile::tempdir().unwrap();
        let tokens = fake.sign_in("ana");
        let file = folder.path().join("ana.json");
        let session = json!({
            "access_token": tokens.access.reveal(),
            "id_token": tokens.id.reveal(),
            "refresh_token": tokens.refresh.reveal(),
            "signed_in_with": "hosted_ui",
        });
        std::fs::write(&file, session.to_string()).unwrap();
        let run = |args: &[&str]| -> Value {
            let output = Command::new(tried::program())
                .args(args)
                .args(["--json", "--endpoint", fake.url().as_str()])
                .args(["--domain", "auth.example.com", "--sign-out-uri", "myapp://signed-out"])
                .env("COGNITO_USER_POOL_ID", fake.user_pool_id())
                .env("COGNITO_CLIENT_ID", fake.client_id())
                .output()
                .unwrap();
            serde_json::from_slice(&output.stdout).unwrap()
        };
        assert_eq!(
            run(&["store", "--session", file.to_str().unwrap()])["result"],
            "complete"
        );
        let begun = run(&["begin-sign-out"]);
        assert_eq!(begun["result"], "begun", "{begun}");
        let resumed = run(&["resume"]);
        assert_eq!(resumed["web_step"], begun["web_step"]);
        assert_eq!(resumed["signed_out_locally"], false);
        let elsewhere = run(&["finish-sign-out", "myapp://somewhere-else"]);
        assert_eq!(elsewhere["result"], "ignored");

        let finished = run(&["finish-sign-out", "myapp://signed-out"]);
        assert_eq!(finished["result"], "complete", "{finished}");
        assert_eq!(finished["web"]["sessions"][0]["state"], "ended");
        assert_eq!(run(&["status"])["result"], "signed_out");
        assert_eq!(fake.live_sessions("ana"), 0);
    });
}
