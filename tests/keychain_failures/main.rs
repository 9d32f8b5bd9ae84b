//! A real Secret Service under an app: how often the app calls it, and what the app promises if there is trouble at any call. GNOME
//! Keyring, in a private D-Bus session for each test.
//!
//! Needs Debian's `dbus` and `gnome-keyring`, so plain `cargo test` leaves it out: `cargo test --test keychain_failures`.
#![cfg(all(unix, not(any(target_vendor = "apple", target_os = "android"))))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::explicit_write,
    reason = "tests say what they expect, and libtest keeps what is printed otherwise"
)]

#[path = "../support/bus_between.rs"]
mod bus_between;
mod lasting;
#[path = "../support/processes.rs"]
#[allow(dead_code, reason = "a part of it is used here")]
mod processes;
mod refresh;
mod store_session;
#[path = "../support/secret_service.rs"]
mod support;
mod world;

use bus_between::BusBetween;
use cognito_signout::fake_cognito::Operation;
use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::KeychainVault;
use cognito_signout::{Auth, AuthConfig, SessionState, SignOutOptions, SignOutResult, SignedInWith};
use processes::act_if_child;
use world::{bus_is_gone, connection_breaks, with_ana_signed_in};

/// The app. The app client rotates refresh tokens, because that is the harder case.
fn app(endpoint: &str) -> Auth {
    let config = AuthConfig::builder("eu-central-1_FakeCog01", "1example2client3of4fake5co").endpoint(endpoint);
    let config = config.refresh_token_rotation(true).build().unwrap();
    // A lock file of its own, so that other tests do not wait for it. The home directory is this session's.
    let vault = KeychainVault::builder().lock_directory(std::env::var("HOME").unwrap());
    Auth::builder(config, vault.build(), RustlsTransport::new()).build()
}

const EVERYWHERE: &str = "sign out everywhere";

async fn look(auth: &Auth) -> String {
    match auth.session().await {
        SessionState::SignedIn(_) => "signed in".to_owned(),
        SessionState::SignedOut => "signed out".to_owned(),
        other => format!("{other:?}"),
    }
}

async fn refresh(auth: &Auth) -> String {
    match auth.refresh().await {
        Ok(_) => "refreshed".to_owned(),
        Err(error) => error.code().as_str().to_owned(),
    }
}

fn word(result: &SignOutResult) -> String {
    match result {
        SignOutResult::Complete(_) => "complete".to_owned(),
        SignOutResult::Partial(_) => "partial".to_owned(),
        SignOutResult::Failed(failed) => format!("failed: {}", failed.error.code().as_str()),
    }
}

/// If this process is a child, it does what its role says.
fn is_child() -> bool {
    act_if_child(|role, endpoint| {
        let (auth, role) = (app(endpoint), role.to_owned());
        async move {
            match role.as_str() {
                "look" => look(&auth).await,
                "store" => match auth.store_session(store_session::tokens(), SignedInWith::Api).await {
                    Ok(()) => "stored".to_owned(),
                    Err(error) => error.code().as_str().to_owned(),
                },
                "refresh" => refresh(&auth).await,
                refresh::AND_GO_ON => refresh::and_go_on(auth).await,
                "resume" => match auth.resume().await {
                    Ok(resumed) => resumed.settled.iter().map(word).collect::<Vec<_>>().join(" "),
                    Err(error) => error.code().as_str().to_owned(),
                },
                EVERYWHERE => word(&auth.sign_out(SignOutOptions::global()).await),
                _ => word(&auth.sign_out(SignOutOptions::local()).await),
            }
        }
    })
}

fn calls(bus: &BusBetween) -> String {
    bus.calls().join(" ")
}

#[test]
fn a_session_takes_four_calls_and_a_sign_out_twelve() {
    with_ana_signed_in(|world| {
        let bus = BusBetween::start();
        assert_eq!(world.another_process("look", &bus), "signed in");
        assert_eq!(calls(&bus), "Hello OpenSession SearchItems GetSecret");

        let bus = BusBetween::start();
        assert_eq!(world.another_process("sign out", &bus), "complete");
        let expected = [
            "Hello OpenSession SearchItems GetSecret",
            // The commit: read, write, read back.
            "SearchItems GetSecret SetSecret GetSecret",
            // The debt is paid: read, delete, read back.
            "SearchItems GetSecret Delete SearchItems",
        ];
        assert_eq!(calls(&bus), expected.join(" "));
    });
}

#[test]
fn if_the_connection_breaks_once_at_any_call_nobody_notices() {
    with_ana_signed_in(|world| {
        for (role, expected) in [
            ("look", "signed in"),
            ("refresh", "refreshed"),
            ("sign out", "complete"),
        ] {
            world.at_each_call_of(role, connection_breaks, |answer, trouble| {
                assert_eq!(answer, expected, "{role}, {trouble}");
                assert_eq!(world.live(), usize::from(role != "sign out"), "{role}, {trouble}");
                assert_eq!(world.is_signed_in(), role != "sign out", "{role}, {trouble}");
            });
        }
    });
}

#[test]
fn if_the_bus_is_gone_a_session_is_never_said_to_be_signed_out() {
    with_ana_signed_in(|world| {
        world.at_each_call_of("look", bus_is_gone, |answer, trouble| {
            let is_true = answer.contains("Unavailable") || answer == "signed in";
            assert!(is_true, "{trouble}: {answer}");
        });
        assert_eq!(world.fake.count(Operation::RevokeToken), 0);
    });
}
