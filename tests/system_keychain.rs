//! The library on the keychain of the system that runs this test: the Keychain on a Mac, Windows' Credential Manager, and on Linux
//! a Secret Service of the test's own. The files named for one keychain prove what only that one can do.
//!
//! It writes into the user's keychain and removes what it wrote, so plain `cargo test` leaves it out:
//! `cargo test --features ffi,admin --test system_keychain`.
#![cfg(not(any(target_os = "android", target_os = "ios")))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::explicit_write,
    reason = "tests say what they expect, and libtest keeps what is printed otherwise"
)]

#[path = "support/system_keychain.rs"]
mod support;
#[path = "support/vault_record.rs"]
mod vault_record;

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

use cognito_signout::fake_cognito::FakeCognito;
use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::{Vault, VaultError};
use cognito_signout::{Auth, AuthConfig, SessionState, SignOutOptions, SignOutResult, SignedInWith, Tokens};
use support::{Keyring, again, in_session, keychain, role};
use vault_record::{bytes_in, key};

/// One record after another. Each begins with its number. In the Credential Manager they are 1, 1, 3 and 13 entries.
fn record(number: usize) -> Vec<u8> {
    let length = [40, 2_000, 6_000, 32_000][number % 4];
    let mut record = format!("{number}:").into_bytes();
    record.extend((0..length).map(|at| ((number + at) % 251) as u8));
    record
}

/// The number of a record that is whole.
#[track_caller]
fn number_of(found: &[u8]) -> usize {
    let digits = found.split(|byte| *byte == b':').next().unwrap();
    let number = String::from_utf8_lossy(digits).parse().unwrap();
    assert!(found == record(number), "record {number} is not whole");
    number
}

/// Another process of this test, which says how far it has come.
struct Beside {
    process: Child,
    said: Lines<BufReader<ChildStdout>>,
}

impl Beside {
    fn start(role: &str) -> Self {
        let mut process = again(role).stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, said }
    }

    fn wait_until_it_says(&mut self, word: &str) {
        assert!(self.said.any(|line| line.unwrap().starts_with(word)), "never: {word}");
    }

    /// What it said since the last wait.
    fn kill(mut self) -> Vec<String> {
        self.process.kill().unwrap();
        assert!(!self.process.wait().unwrap().success(), "it had ended before");
        self.said.map_while(Result::ok).collect()
    }
}

fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").unwrap();
}

#[test]
fn a_record_of_any_length_is_written_replaced_and_deleted() {
    in_session(|| {
        let _keyring = Keyring::start();
        let vault = keychain();
        assert_eq!(bytes_in(&vault), None);
        for number in [0, 3, 1, 2, 3, 0] {
            vault.write(&key(), &record(number)).unwrap();
            assert_eq!(number_of(&bytes_in(&vault).unwrap()), number);
        }
        for _ in 0..2 {
            vault.delete(&key()).unwrap();
            assert_eq!(bytes_in(&vault), None);
        }
    });
}

#[test]
fn a_large_record_survives_another_vault_and_another_process() {
    in_session(|| {
        if role().as_deref() == Some("reader") {
            assert_eq!(number_of(&bytes_in(&keychain()).unwrap()), 3);
            return;
        }
        let _keyring = Keyring::start();
        keychain().write(&key(), &record(3)).unwrap();
        assert_eq!(number_of(&bytes_in(&keychain()).unwrap()), 3);
        let status = again("reader").status().unwrap();
        assert!(status.success(), "the other process did not read it");
        keychain().delete(&key()).unwrap();
    });
}

/// The other process writes one record after another, without a pause, so it is killed in the middle of a write.
#[test]
fn a_process_that_is_killed_while_it_writes_leaves_the_old_record_or_the_new_one() {
    const TIMES: usize = 25;
    in_session(|| {
        let vault = keychain();
        if role().as_deref() == Some("writer") {
            let first = number_of(&bytes_in(&vault).unwrap());
            for number in first + 1.. {
                say(&format!("writes {number}"));
                vault.write(&key(), &record(number)).unwrap();
            }
        }
        let _keyring = Keyring::start();
        let (mut old, mut new) = (0, 0);
        for first in 0..TIMES {
            vault.write(&key(), &record(first)).unwrap();
            let mut writer = Beside::start("writer");
            writer.wait_until_it_says("writes");
            std::thread::sleep(Duration::from_millis(fastrand::u64(0..100)));
            let said = writer.kill();
            let begun = said
                .last()
                .map_or(first + 1, |line| line["writes ".len()..].parse().unwrap());
            match number_of(&bytes_in(&vault).unwrap()) {
                found if found == begun => new += 1,
                found if found + 1 == begun => old += 1,
                found => panic!("{found} was found while {begun} was written"),
            }
        }
        say(&format!(
            "killed while writing: {old} times the old record, {new} times the new one"
        ));
        vault.delete(&key()).unwrap();
        assert_eq!(bytes_in(&vault), None);
    });
}

#[test]
fn a_record_that_another_process_holds_is_locked_until_that_process_is_killed() {
    in_session(|| {
        let hold = |patience| keychain().lock(&key(), patience);
        if role().as_deref() == Some("holder") {
            let _held = hold(Duration::from_secs(2)).unwrap();
            say("holds it");
            loop {
                std::thread::park();
            }
        }
        let mut holder = Beside::start("holder");
        holder.wait_until_it_says("holds it");
        let answer = hold(Duration::from_millis(50));
        assert!(matches!(answer, Err(VaultError::Locked(_))), "{answer:?}");
        holder.kill();
        let _held = hold(Duration::from_secs(2)).unwrap();
    });
}

#[test]
fn twelve_processes_that_change_one_record_under_its_lock_lose_no_update() {
    const TIMES: u32 = 5;
    in_session(|| {
        let vault = keychain();
        let count = || -> u32 { String::from_utf8(bytes_in(&vault).unwrap()).unwrap().parse().unwrap() };
        if role().as_deref() == Some("counter") {
            for _ in 0..TIMES {
                // Long enough for the last of the twelve on a busy machine.
                let _guard = vault.lock(&key(), Duration::from_secs(20)).unwrap();
                vault.write(&key(), (count() + 1).to_string().as_bytes()).unwrap();
            }
            return;
        }
        let _keyring = Keyring::start();
        vault.write(&key(), b"0").unwrap();
        let counters: Vec<_> = (0..12).map(|_| again("counter").spawn().unwrap()).collect();
        for mut counter in counters {
            assert!(counter.wait().unwrap().success());
        }
        assert_eq!(count(), 12 * TIMES);
        vault.delete(&key()).unwrap();
    });
}

#[test]
fn a_session_survives_a_restart_and_is_gone_after_a_sign_out() {
    in_session(|| {
        let _keyring = Keyring::start();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let fake = FakeCognito::start().await.unwrap();
            let launch = || {
                let config = AuthConfig::builder(fake.user_pool_id(), fake.client_id()).endpoint(fake.url().as_str());
                Auth::builder(config.build().unwrap(), keychain(), RustlsTransport::new()).build()
            };
            let issued = fake.sign_in("ana");
            let tokens = Tokens::new(issued.access, issued.id, issued.refresh);
            launch().store_session(tokens, SignedInWith::Api).await.unwrap();

            let restarted = launch();
            assert!(matches!(restarted.session().await, SessionState::SignedIn(_)));
            let result = restarted.sign_out(SignOutOptions::global()).await;
            assert!(matches!(result, SignOutResult::Complete(_)), "{result:?}");
            drop(restarted);

            assert!(matches!(launch().session().await, SessionState::SignedOut));
        });
    });
}
