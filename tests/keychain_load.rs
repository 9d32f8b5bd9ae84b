//! Many processes that use one record in a real Secret Service at the same time, for a while: they look, refresh and sign out as it
//! comes. GNOME Keyring, in a private D-Bus session.
//!
//! Needs Debian's `dbus` and `gnome-keyring`, so plain `cargo test` leaves it out. `cargo test --test keychain_load` has 6 processes for 3
//! seconds; the variables `PROCESSES` and `SECONDS` say otherwise.
#![cfg(all(unix, not(any(target_vendor = "apple", target_os = "android"))))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::explicit_write,
    clippy::print_stderr,
    reason = "tests say what they expect, and libtest keeps what is printed otherwise"
)]

#[path = "support/processes.rs"]
#[allow(dead_code, reason = "no process is killed here")]
mod processes;
#[path = "support/secret_service.rs"]
mod support;

use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, Instant};

use cognito_signout::fake_cognito::FakeCognito;
use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::{KeychainVault, Vault, VaultKey};
use cognito_signout::{
    Auth, AuthConfig, SessionState, SignOutOptions, SignOutResult, SignedInWith, Tokens, UnpaidRevocations,
};
use processes::{Process, act_if_child, runtime};
use support::{Keyring, in_session};

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap())
}

fn time() -> Duration {
    Duration::from_secs(setting("SECONDS", 3))
}

/// The app. Refresh tokens rotate, because that is the harder case, and every debt has room on record.
fn app(endpoint: &str) -> Auth {
    let config = AuthConfig::builder("eu-central-1_FakeCog01", "1example2client3of4fake5co")
        .endpoint(endpoint)
        .refresh_token_rotation(true)
        .unpaid_revocations(UnpaidRevocations::Keep {
            max_age: Duration::from_secs(24 * 60 * 60),
            max_debts: 1000,
        });
    // A lock file of its own, so that other tests do not wait for it. The home directory is this session's.
    let vault = KeychainVault::builder().lock_directory(std::env::var("HOME").unwrap());
    Auth::builder(config.build().unwrap(), vault.build(), RustlsTransport::new()).build()
}

/// Until the time is over: one of the calls of an app after another. Returns how often each result came.
async fn uses_the_record(auth: Auth) -> String {
    let until = Instant::now() + time();
    let mut results = BTreeMap::<String, u32>::new();
    while Instant::now() < until {
        let result = match fastrand::u8(0..10) {
            0..5 => match auth.session().await {
                SessionState::SignedIn(_) => "looked: signed in".to_owned(),
                SessionState::SignedOut => "looked: signed out".to_owned(),
                other => format!("looked: {other:?}"),
            },
            5..8 => match auth.refresh().await {
                Ok(_) => "refreshed".to_owned(),
                Err(error) => format!("not refreshed: {}", error.code().as_str()),
            },
            _ => match auth.sign_out(SignOutOptions::local()).await {
                SignOutResult::Complete(_) => "sign-out: complete".to_owned(),
                SignOutResult::Partial(_) => "sign-out: partial".to_owned(),
                SignOutResult::Failed(failed) => format!("sign-out failed: {}", failed.error.code().as_str()),
            },
        };
        *results.entry(result).or_default() += 1;
    }
    // What could not be written before is written now.
    while auth.resume().await.is_err() {}
    format!("{results:?}")
}

#[test]
fn processes_that_use_one_record_at_once_lose_no_token_and_break_nothing() {
    in_session(|| {
        if act_if_child(|_, endpoint| uses_the_record(app(endpoint))) {
            return;
        }
        let _keyring = Keyring::start();
        let runtime = runtime();
        let fake = runtime.block_on(FakeCognito::builder().rotation(Duration::ZERO).start());
        let fake = fake.unwrap();
        let auth = app(fake.url().as_str());

        let mut processes: Vec<_> = (0..setting("PROCESSES", 6))
            .map(|_| Process::ready_to("use the record", &fake))
            .collect();
        processes.iter_mut().for_each(Process::go);
        let until = Instant::now() + time();
        let mut sign_ins = 0;
        while Instant::now() < until {
            if runtime.block_on(auth.session()) == SessionState::SignedOut {
                let issued = fake.sign_in("ana");
                let tokens = Tokens::new(issued.access, issued.id, issued.refresh);
                // While the others hold the record, it may have to wait.
                while runtime
                    .block_on(auth.store_session(tokens.clone(), SignedInWith::Api))
                    .is_err()
                {}
                sign_ins += 1;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        for process in processes {
            let results = process.answer();
            writeln!(std::io::stderr(), "{results}").unwrap();
            for broken in ["record_corrupt", "vault_failed", "vault_unavailable", "record_too_new"] {
                assert!(!results.contains(broken), "{results}");
            }
        }
        writeln!(std::io::stderr(), "{sign_ins} sign-ins").unwrap();
        assert!(sign_ins > 1);

        let result = runtime.block_on(auth.sign_out(SignOutOptions::local()));
        assert!(matches!(result, SignOutResult::Complete(_)), "{result:?}");
        let paid = runtime.block_on(auth.resume()).unwrap().settled;
        let all_paid = paid.iter().all(|paid| matches!(paid, SignOutResult::Complete(_)));
        assert!(all_paid, "{paid:?}");
        assert_eq!(fake.live_sessions("ana"), 0);
        let key = VaultKey {
            user_pool_id: fake.user_pool_id(),
            client_id: fake.client_id(),
        };
        assert_eq!(KeychainVault::native().read(&key).unwrap(), None);
    });
}
