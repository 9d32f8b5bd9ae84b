//! Several processes that share one record in a real keychain, and one FakeCognito in the process that started them.
//!
//! It writes into the keychain of this system and on Linux needs Debian's `dbus` and `gnome-keyring`, so plain `cargo test` leaves it
//! out: `cargo test --test processes`.
#![cfg(not(any(target_vendor = "apple", target_os = "android")))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::explicit_write,
    reason = "tests say what they expect, and libtest keeps what is printed otherwise"
)]

#[path = "support/processes.rs"]
mod processes;
#[path = "support/system_keychain.rs"]
mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cognito_signout::fake_cognito::Operation::{GetTokensFromRefreshToken, RevokeToken};
use cognito_signout::fake_cognito::{FakeCognito, Fault, ServiceError};
use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::{KeychainVault, Vault, VaultKey};
use cognito_signout::{
    AppStep, Auth, AuthBuilder, AuthConfig, LeavingSession, Phase, SessionState, SignOutOptions, SignOutResult,
    SignedInWith, TokenState, Tokens, UnpaidRevocations,
};
use processes::{Process, act_if_child, runtime, say};
use support::{Keyring, again, in_session, keychain, with_the_default_lock};

/// The app in each process. The app client rotates refresh tokens in every test, because that is the harder case.
fn app(endpoint: &str, vault: KeychainVault) -> Auth {
    builder(endpoint, vault).build()
}

fn builder(endpoint: &str, vault: KeychainVault) -> AuthBuilder {
    let config = AuthConfig::builder("eu-central-1_FakeCog01", "1example2client3of4fake5co")
        .endpoint(endpoint)
        .refresh_token_rotation(true)
        // A debt stays on record only if nobody has received it.
        .unpaid_revocations(UnpaidRevocations::HandOver)
        .build()
        .unwrap();
    Auth::builder(config, vault, RustlsTransport::new())
}

/// The same app with a step of its own.
fn app_with_step<F: Future<Output = Result<(), String>> + Send + 'static>(
    endpoint: &str,
    run: impl Fn(LeavingSession) -> F + Send + Sync + 'static,
) -> Auth {
    let step = AppStep::new("forget_device", Phase::WhileTokenLives, run);
    builder(endpoint, keychain()).sign_out_step(step).unwrap().build()
}

/// If this process is a child, it does what its role says.
fn is_child() -> bool {
    act_if_child(|role, endpoint| {
        let auth = match role {
            "sign out with a step that never ends" => app_with_step(endpoint, |_| {
                say("in the step");
                std::future::pending()
            }),
            "sign out, with the default lock" => app(endpoint, with_the_default_lock()),
            _ => app(endpoint, keychain()),
        };
        let refreshes = role == "refresh";
        async move {
            let code = if refreshes {
                let refreshed = auth.refresh().await;
                refreshed.map_or_else(|error| error.code().as_str(), |_| "refreshed")
            } else {
                match auth.sign_out(SignOutOptions::local()).await {
                    SignOutResult::Complete(_) => "complete",
                    SignOutResult::Partial(_) => "partial",
                    SignOutResult::Failed(failed) => failed.error.code().as_str(),
                }
            };
            code.to_owned()
        }
    })
}

/// What the parent has: the server, its own `Auth`, and ana's refresh token.
struct World {
    _keyring: Keyring,
    fake: FakeCognito,
    auth: Auth,
}

impl World {
    fn begin(runtime: &tokio::runtime::Runtime) -> Self {
        let _keyring = Keyring::start();
        let fake = runtime
            .block_on(FakeCognito::builder().rotation(Duration::ZERO).start())
            .unwrap();
        Self::over(_keyring, fake, keychain(), runtime)
    }

    fn over(_keyring: Keyring, fake: FakeCognito, vault: KeychainVault, runtime: &tokio::runtime::Runtime) -> Self {
        let auth = app(fake.url().as_str(), vault);
        let tokens = fake.sign_in("ana");
        let tokens = Tokens::new(tokens.access, tokens.id, tokens.refresh);
        runtime.block_on(auth.store_session(tokens, SignedInWith::Api)).unwrap();
        Self { _keyring, fake, auth }
    }

    async fn assert_signed_out(&self) {
        assert_eq!(self.auth.session().await, SessionState::SignedOut);
    }

    fn key(&self) -> VaultKey {
        VaultKey {
            user_pool_id: self.fake.user_pool_id(),
            client_id: self.fake.client_id(),
        }
    }

    /// The record in the keychain.
    fn record(&self) -> Option<Vec<u8>> {
        keychain().read(&self.key()).unwrap().map(|record| record.to_vec())
    }
}

/// Runs `test` in a session of its own, in which ana is signed in. The other processes of the test do what their roles say.
fn with_ana_signed_in<F: FnOnce(&tokio::runtime::Runtime, &World)>(test: F) {
    in_session(|| {
        if !is_child() {
            let runtime = runtime();
            test(&runtime, &World::begin(&runtime));
        }
    });
}

#[test]
fn twelve_processes_that_sign_out_at_once_all_get_complete_and_the_session_is_revoked() {
    with_ana_signed_in(|runtime, world| {
        let mut processes: Vec<_> = (0..12).map(|_| Process::ready_to("sign out", &world.fake)).collect();
        processes.iter_mut().for_each(Process::go);
        for process in processes {
            assert_eq!(process.answer(), "complete");
        }
        let revoked = world.fake.count(RevokeToken);
        assert_eq!(world.fake.operations().len(), revoked, "nothing else was asked");
        assert!(revoked >= 1);
        assert_eq!(world.fake.live_sessions("ana"), 0);
        runtime.block_on(world.assert_signed_out());
        assert_eq!(world.record(), None);
    });
}

/// One process refreshes. Before it receives the new token, another process signs out, and its revocation is refused.
fn sign_out_during_a_refresh(runtime: &tokio::runtime::Runtime, world: &World, refuse: impl FnOnce(Fault)) {
    let gate = world.fake.on(GetTokensFromRefreshToken).after_effect().hold();
    let mut refreshing = Process::ready_to("refresh", &world.fake);
    refreshing.go();
    runtime.block_on(gate.reached_by(1));

    // The old token is not revoked, so the new one dies only if it is revoked itself.
    refuse(Fault::Refuse(ServiceError::InvalidParameter));
    let mut signing_out = Process::ready_to("sign out", &world.fake);
    signing_out.go();
    assert_eq!(signing_out.answer(), "partial");
    assert_eq!(world.fake.live_sessions("ana"), 1, "the token that is on its way");
    gate.open();

    assert_eq!(refreshing.answer(), "signed_out");
    runtime.block_on(world.assert_signed_out());
}

#[test]
fn a_refresh_in_one_process_against_a_sign_out_in_another_brings_no_session_back() {
    with_ana_signed_in(|runtime, world| {
        sign_out_during_a_refresh(runtime, world, |refusal| world.fake.on(RevokeToken).once(refusal));
        assert_eq!(world.fake.live_sessions("ana"), 0);
        assert_eq!(world.record(), None);
    });
}

#[test]
fn a_rotated_token_that_comes_too_late_and_cannot_be_revoked_is_on_record_for_the_next_process() {
    with_ana_signed_in(|runtime, world| {
        sign_out_during_a_refresh(runtime, world, |refusal| world.fake.on(RevokeToken).always(refusal));
        assert_eq!(world.fake.live_sessions("ana"), 1);

        world.fake.heal();
        let paid = runtime.block_on(world.auth.resume()).unwrap().settled;
        assert!(matches!(paid[..], [SignOutResult::Complete(_)]), "{paid:?}");
        assert_eq!(world.fake.live_sessions("ana"), 0);
        assert_eq!(world.record(), None);
    });
}

#[test]
fn a_process_that_is_killed_while_it_revokes_has_signed_out_and_another_one_pays() {
    with_ana_signed_in(|runtime, world| {
        let gate = world.fake.on(RevokeToken).hold();
        let mut dying = Process::ready_to("sign out", &world.fake);
        dying.go();
        runtime.block_on(gate.reached_by(1));
        dying.kill();
        runtime.block_on(world.assert_signed_out());
        assert!(world.record().is_some(), "its debt");
        gate.open();

        let paid = runtime.block_on(world.auth.resume()).unwrap().settled;
        assert!(matches!(paid[..], [SignOutResult::Complete(_)]), "{paid:?}");
        assert_eq!(world.fake.count(RevokeToken), 2);
        assert_eq!(world.fake.live_sessions("ana"), 0);
        assert_eq!(world.record(), None);
        assert!(runtime.block_on(world.auth.resume()).unwrap().settled.is_empty());
    });
}

#[test]
fn a_process_that_is_killed_in_a_step_of_the_app_leaves_the_step_to_another_process() {
    with_ana_signed_in(|runtime, world| {
        let mut dying = Process::ready_to("sign out with a step that never ends", &world.fake);
        dying.go();
        dying.has_said("in the step");
        dying.kill();
        runtime.block_on(world.assert_signed_out());
        assert_eq!(world.fake.operations(), [], "the step comes before every request");

        let told = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&told);
        let next = app_with_step(world.fake.url().as_str(), move |session| {
            noted.lock().unwrap().push((session.again, session.token_state));
            std::future::ready(Ok(()))
        });
        let paid = runtime.block_on(next.resume()).unwrap().settled;
        assert!(matches!(paid[..], [SignOutResult::Complete(_)]), "{paid:?}");
        assert_eq!(*told.lock().unwrap(), [(true, TokenState::MayHaveDied)]);
        assert_eq!(world.fake.live_sessions("ana"), 0);
        assert_eq!(world.record(), None);
    });
}

/// As a desktop app and a cron job: they share the bus, but no variable that names a directory.
#[test]
fn processes_with_different_environments_lock_each_other_out_and_a_wait_in_vain_is_an_error() {
    in_session(|| {
        if is_child() {
            return;
        }
        let elsewhere = tempfile::tempdir().unwrap();
        let elsewhere = || {
            let mut command = again("sign out, with the default lock");
            command.env_remove("XDG_RUNTIME_DIR");
            let folders = [
                "HOME",
                "TMPDIR",
                "XDG_CACHE_HOME",
                "LOCALAPPDATA",
                "APPDATA",
                "USERPROFILE",
            ];
            command.envs(folders.map(|name| (name, elsewhere.path())));
            command
        };
        let runtime = runtime();
        let _keyring = Keyring::start();
        let fake = runtime.block_on(FakeCognito::start()).unwrap();
        let world = World::over(_keyring, fake, with_the_default_lock(), &runtime);

        let vault = with_the_default_lock();
        let held = vault.lock(&world.key(), Duration::from_secs(5)).unwrap();
        let mut waiting = Process::ready(elsewhere(), &world.fake);
        waiting.go();
        assert_eq!(waiting.answer(), "vault_locked");
        assert_eq!(world.fake.live_sessions("ana"), 1);
        assert!(vault.read(&world.key()).unwrap().is_some());

        drop(held);
        let mut free = Process::ready(elsewhere(), &world.fake);
        free.go();
        assert_eq!(free.answer(), "complete");
        assert_eq!(vault.read(&world.key()).unwrap(), None);
    });
}
