//! Amplify Flutter's items in a real Secret Service: GNOME Keyring, in a private D-Bus session for each test. libsecret writes them, as
//! Amplify does: `secret-tool` calls it with the attributes that Amplify's call leads to.
//!
//! Needs Debian's `dbus`, `gnome-keyring` and `libsecret-tools`, so plain `cargo test` leaves it out:
//! `cargo test --features ffi,admin --test amplify_flutter_linux`.
#![cfg(all(unix, not(any(target_vendor = "apple", target_os = "android"))))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect")]

#[path = "support/secret_service.rs"]
mod support;

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use cognito_signout::source::{self, AmplifyFlutterOnLinux, SourceError};
use cognito_signout::vault::VaultError;
use cognito_signout::{AuthConfig, SignedInWith};
use support::{Keyring, in_session, without_a_bus};

const APPLICATION: &str = "com.example.app";
const IDENTITY_POOL: Option<&str> = Some("eu-central-1:11112222-3333-4444-5555-666677778888");

fn config() -> AuthConfig {
    let config = AuthConfig::builder("eu-central-1_AbCdEf123", "3n4b5urk1ft4fl3mg5e62d9ado");
    config.build().unwrap()
}

fn store() -> AmplifyFlutterOnLinux {
    AmplifyFlutterOnLinux::new(APPLICATION)
}

fn golden(file: &str) -> BTreeMap<String, String> {
    let dump = std::fs::read_to_string(format!("tests/files/adopt/{file}.json")).unwrap();
    serde_json::from_str(&dump).unwrap()
}

fn write(application: &str, items: &BTreeMap<String, String>) {
    for (key, value) in items {
        let schema = format!("com.amplify.awsCognitoAuthPlugin.{application}");
        let mut tool = Command::new("secret-tool")
            .args(["store", "--label", &format!("{application}/{key}")])
            .args(["xdg:schema", &schema, "key", key])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("secret-tool: {error}; on Debian: apt-get install libsecret-tools"));
        tool.stdin.take().unwrap().write_all(value.as_bytes()).unwrap();
        assert!(tool.wait().unwrap().success());
    }
}

/// How many items of this app are left.
fn left(application: &str) -> usize {
    let schema = format!("com.amplify.awsCognitoAuthPlugin.{application}");
    let found = Command::new("secret-tool")
        .args(["search", "--all", "xdg:schema", &schema])
        .output()
        .unwrap();
    String::from_utf8(found.stdout).unwrap().matches("secret = ").count()
}

#[test]
fn a_session_is_found_and_forgotten_and_nothing_else() {
    in_session(|| {
        let _keyring = Keyring::start();
        assert_eq!(source::find(&store(), &config(), IDENTITY_POOL), Ok(None));
        write(APPLICATION, &golden("amplify_flutter"));
        write("com.example.other", &golden("amplify_flutter"));
        let all = left(APPLICATION);

        let found = source::find(&store(), &config(), IDENTITY_POOL).unwrap().unwrap();
        assert_eq!(found.username.as_deref(), Some("ana"));
        assert_eq!(found.signed_in_with, SignedInWith::Api);
        assert_eq!(found.device.unwrap().password.reveal(), "golden/device+secret");
        assert!(found.identity.unwrap().credentials.is_some());
        assert_eq!(left(APPLICATION), all, "it was only read");

        for _ in 0..2 {
            assert_eq!(source::forget_source(&store(), &config(), IDENTITY_POOL), Ok(()));
            assert_eq!(source::find(&store(), &config(), IDENTITY_POOL), Ok(None));
            // The version, the status of the device, and its name for Cognito's threat protection.
            assert_eq!(left(APPLICATION), 3);
        }
        assert_eq!(left("com.example.other"), all);
    });
}

#[test]
fn a_locked_collection_is_an_error_and_opens_no_prompt() {
    in_session(|| {
        let _keyring = Keyring::start();
        // If the library opened a prompt, it would wait for ever.
        let _prompter = support::prompter_that_is_never_answered();
        write(APPLICATION, &golden("amplify_flutter"));
        support::lock();
        let locked =
            |error: SourceError| assert!(matches!(error, SourceError::Store(VaultError::Locked(_))), "{error}");
        locked(source::find(&store(), &config(), None).unwrap_err());
        locked(source::forget_source(&store(), &config(), None).unwrap_err());
        let nobody = AmplifyFlutterOnLinux::new("com.example.nobody");
        locked(source::find(&nobody, &config(), None).unwrap_err());

        support::unlock();
        assert!(source::find(&store(), &config(), None).unwrap().is_some());
    });
}

fn assert_unavailable() {
    let error = source::find(&store(), &config(), None).unwrap_err();
    assert!(
        matches!(error, SourceError::Store(VaultError::Unavailable(_))),
        "{error}"
    );
}

#[test]
fn without_d_bus_the_store_is_unavailable() {
    without_a_bus(|| {
        assert_unavailable();
    });
}

#[test]
fn without_a_secret_service_the_store_is_unavailable() {
    in_session(|| {
        assert_unavailable();
    });
}
