//! Promises 2, 3 and 5 with two handles over one record in one process. One handle is stopped before each of its uses of the
//! vault in turn, and the other handle signs out meanwhile, as far as it gets.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use cognito_signout::vault::{Vault, VaultError, VaultGuard, VaultKey};
use cognito_signout::{Auth, AuthError, Device, Identity, SessionState, SignOutOptions, SignOutResult, SignedInWith};
use zeroize::Zeroizing;

use crate::life::Life;
use crate::server::TokenKind;
use crate::world::{World, lock};
use crate::{Case, auth_over, knows_every_live_token, live, record_of_a_session, restart};

/// The vault of one process, as one of its handles uses it.
#[derive(Debug)]
struct OfProcess {
    process: usize,
    life: Life,
    stop: Arc<Stop>,
}

/// Stops a handle before a use of its vault: `after` uses pass first.
#[derive(Debug, Default)]
struct Stop {
    state: Mutex<StopState>,
    go: Condvar,
}

#[derive(Debug, Default)]
struct StopState {
    after: Option<usize>,
    is_stopped: bool,
    may_go: bool,
}

impl Stop {
    fn before(after: usize) -> Arc<Self> {
        let stop = Self::default();
        lock(&stop.state).after = Some(after);
        Arc::new(stop)
    }

    fn pass(&self) {
        let mut state = lock(&self.state);
        match state.after {
            None => return,
            Some(0) => state.after = None,
            Some(more) => {
                state.after = Some(more - 1);
                return;
            }
        }
        state.is_stopped = true;
        while !state.may_go {
            state = self.go.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn is_stopped(&self) -> bool {
        lock(&self.state).is_stopped
    }

    fn let_go(&self) {
        lock(&self.state).may_go = true;
        self.go.notify_all();
    }
}

impl OfProcess {
    fn life(&self) -> &Life {
        self.stop.pass();
        &self.life
    }
}

impl Vault for OfProcess {
    fn read(&self, key: &VaultKey) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        self.life().read(key)
    }

    fn write(&self, key: &VaultKey, record: &[u8]) -> Result<(), VaultError> {
        self.life().write(key, record)
    }

    fn delete(&self, key: &VaultKey) -> Result<(), VaultError> {
        self.life().delete(key)
    }

    fn identity(&self) -> Option<String> {
        Some(format!("promises::OfProcess {}", self.process))
    }

    fn lock(&self, key: &VaultKey, patience: Duration) -> Result<VaultGuard, VaultError> {
        self.life().lock(key, patience)
    }
}

/// What the other handle does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    SetIdentity,
    SetDevice,
    Refresh,
    Tokens,
    Settle,
    SignOut,
}

async fn carry_out(does: Does, auth: Auth) -> Option<SignOutResult> {
    match does {
        Does::SetIdentity => drop(auth.set_identity(Some(Identity::new("identity", None))).await),
        Does::SetDevice => auth
            .set_device("ana", Some(Device::new("key", "group", "password")))
            .await
            .unwrap(),
        Does::Refresh => drop(auth.refresh().await),
        Does::Tokens => drop(auth.tokens().await),
        Does::Settle => assert!(auth.settle_pending().await.unwrap().is_empty(), "what the other pays"),
        Does::SignOut => return Some(auth.sign_out(SignOutOptions::local()).await),
    }
    None
}

/// Stops one handle before its use number `uses` of the vault, and signs out with the other handle. False if there are fewer
/// uses.
fn beside(case: Case, does: Does, uses: usize) -> bool {
    static PROCESSES: AtomicUsize = AtomicUsize::new(0);
    let process = PROCESSES.fetch_add(1, Ordering::Relaxed);
    let world = World::new(case.tokens, case.rotates, record_of_a_session(case));
    let (life, others) = (Life::new(&world, 0), Life::new(&world, 0));
    let vault = |life: &Life, stop| OfProcess {
        process,
        life: life.clone(),
        stop,
    };
    let stop = Stop::before(uses);
    let path = format!("{case:?}, {does:?} stopped at use {uses}");
    let stopped = live(&life, async {
        let a = auth_over(case, &life, vault(&life, Arc::default()));
        let b = auth_over(case, &others, vault(&others, Arc::clone(&stop)));
        let other = tokio::spawn(carry_out(does, b.clone()));
        while !stop.is_stopped() && !other.is_finished() {
            tokio::task::yield_now().await;
        }
        let options = match case.global {
            true => SignOutOptions::global(),
            false => SignOutOptions::local(),
        };
        let signing_out = tokio::spawn({
            let a = a.clone();
            async move { a.sign_out(options).await }
        });
        // As far as it gets: to its end, unless it has to wait for the other's turn to end.
        let (mut seen, mut idle) = (life.uses(), 0);
        while !signing_out.is_finished() && idle < 1_000 {
            tokio::task::yield_now().await;
            std::thread::yield_now();
            idle = if life.uses() == seen { idle + 1 } else { 0 };
            seen = life.uses();
        }
        stop.let_go();
        let result = signing_out.await.unwrap();
        let others = other.await.unwrap();

        let results: Vec<&SignOutResult> = [&result].into_iter().chain(&others).collect();
        for result in &results {
            assert!(result.signed_out_locally(), "{path}: {result:?}");
        }
        for auth in [&a, &b] {
            assert_eq!(auth.session().await, SessionState::SignedOut, "came back: {path}");
            assert_eq!(auth.tokens().await, Err(AuthError::SignedOut), "came back: {path}");
        }
        assert!(knows_every_live_token(&world, results), "5: forgotten: {path}");
        stop.is_stopped()
    });
    let (after, _) = restart(case, &world, 0);
    assert_eq!(
        after.session,
        SessionState::SignedOut,
        "came back after a restart: {path}"
    );
    assert!(world.server().live.is_empty(), "a token lives: {path}");
    let asked = world
        .server()
        .asked
        .iter()
        .filter(|asked| *asked == "RevokeToken")
        .count();
    let tokens = 1 + usize::from(case.rotates && matches!(does, Does::Refresh | Does::Tokens));
    assert!((1..=tokens).contains(&asked), "revoked {asked} times: {path}");
    stopped.unwrap()
}

#[test]
fn whatever_another_handle_is_doing_a_session_that_was_signed_out_does_not_come_back() {
    let mut schedules = 0;
    for (global, rotates) in [(false, false), (false, true), (true, false), (true, true)] {
        let case = Case {
            global,
            rotates,
            keep: true,
            tokens: TokenKind {
                revocable: true,
                admin_scope: true,
                expired: true,
            },
            signed_in_with: SignedInWith::Api,
            web: None,
            tracks: false,
            steps: false,
        };
        for does in [
            Does::SetIdentity,
            Does::SetDevice,
            Does::Refresh,
            Does::Tokens,
            Does::Settle,
            Does::SignOut,
        ] {
            schedules += (0..).take_while(|uses| beside(case, does, *uses)).count();
        }
    }
    println!("{schedules} schedules");
    assert!(schedules > 60, "{schedules} schedules");
}
