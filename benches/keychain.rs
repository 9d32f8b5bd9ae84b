//! How long until the user is signed out on this device, with the record in a real keychain, beside two bare writes of the same
//! bytes: `cargo bench --bench keychain`. Needs `dbus` and `gnome-keyring`, and runs in a D-Bus session of its own.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark says what it measured, or that it cannot run"
)]

#[cfg(target_os = "linux")]
#[path = "../tests/support/secret_service.rs"]
mod support;

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("the keychain is measured on Linux");
}

#[cfg(target_os = "linux")]
fn main() {
    // `cargo test --bench *` runs each benchmark once: in a session that is not there, nothing is measured.
    let rounds = if std::env::args().any(|argument| argument == "--bench") {
        200
    } else {
        1
    };
    support::program_in_session(|| measure::against_two_writes(rounds));
}

#[cfg(target_os = "linux")]
mod measure {
    use std::collections::HashMap;
    use std::time::{Duration, Instant};

    use cognito_signout::fake_cognito::FakeCognito;
    use cognito_signout::transport::RustlsTransport;
    use cognito_signout::vault::{KeychainVault, Vault, VaultKey};
    use cognito_signout::{Auth, AuthConfig, AuthEvent, SignOutOptions, SignOutResult, SignedInWith, Tokens};
    use secret_service::EncryptionType;
    use secret_service::blocking::SecretService;

    use crate::support::Keyring;

    pub(crate) fn against_two_writes(rounds: usize) {
        let _keyring = Keyring::start();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let fake = runtime.block_on(FakeCognito::start()).unwrap();
        let config = AuthConfig::builder(fake.user_pool_id(), fake.client_id()).endpoint(fake.url().as_str());
        let auth = Auth::builder(config.build().unwrap(), KeychainVault::native(), RustlsTransport::new()).build();
        let key = VaultKey {
            user_pool_id: fake.user_pool_id(),
            client_id: fake.client_id(),
        };

        let bare = SecretService::connect(EncryptionType::Dh).unwrap();
        let collection = bare.get_default_collection().unwrap();
        let item = collection
            .create_item("bare", HashMap::from([("a", "b")]), b"", true, "text/plain")
            .unwrap();

        let (mut sign_outs, mut writes) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let issued = fake.sign_in("ana");
            let tokens = Tokens::new(issued.access, issued.id, issued.refresh);
            runtime.block_on(auth.store_session(tokens, SignedInWith::Api)).unwrap();
            let record = KeychainVault::native().read(&key).unwrap().unwrap();

            let started = Instant::now();
            item.set_secret(&record, "text/plain").unwrap();
            item.set_secret(&record, "text/plain").unwrap();
            writes.push(started.elapsed());

            let mut events = auth.events();
            while events.try_next().is_some() {}
            let started = Instant::now();
            let signing_out = auth.clone();
            let rest = runtime.spawn(async move { signing_out.sign_out(SignOutOptions::local()).await });
            let event = runtime.block_on(events.next());
            sign_outs.push(started.elapsed());
            assert!(matches!(event, Some(AuthEvent::SignedOut { .. })), "{event:?}");
            let result = runtime.block_on(rest).unwrap();
            assert!(matches!(result, SignOutResult::Complete(_)), "{result:?}");
        }
        let (sign_out, two_writes) = (median(sign_outs), median(writes));
        println!("signed out on this device: {sign_out:.2?} (median of {rounds})");
        println!("two bare writes:           {two_writes:.2?}");
        println!(
            "ratio:                     {:.2}",
            sign_out.as_secs_f64() / two_writes.as_secs_f64()
        );
    }

    fn median(mut all: Vec<Duration>) -> Duration {
        all.sort();
        all[all.len() / 2]
    }
}
