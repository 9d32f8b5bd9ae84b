//! The promises of the design (docs/promises.md), checked on every path. Each use of the keychain and of the network succeeds,
//! fails, lies, hangs or answers late, or the process is killed before or after it; under every set of options. Then the next
//! process starts, and all of that can happen to it again.
//!
//! A number at the beginning of a failed assertion is the number of the promise.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests are tests, and the counts are for people to read"
)]

mod app_steps;
mod browser;
mod cases;
mod choices;
mod joined;
mod life;
mod linked;
mod race;
mod server;
mod two_handles;
mod two_processes;
mod walk;
mod world;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cases::{Case, all_cases, all_cases_with_steps};
use cognito_signout::vault::Vault;
use cognito_signout::{
    Auth, AuthConfig, AuthError, HostedUi, Resumed, SessionState, SignOutOptions, SignOutProgress, SignOutResult,
    SignedInWith, UnpaidRevocations,
};
use life::Life;
use server::TokenKind;
use tokio::time::Instant;
use world::{Stopped, World};

const DEADLINE: Duration = Duration::from_secs(10);
const BROWSER_DEADLINE: Duration = Duration::from_secs(60);
const SIGNED_OUT: &str = "myapp://signed-out";

/// Reading the record, and then ten seconds for all debts.
const LONGEST_RESUME: Duration = Duration::from_secs(15);

/// What the process that signed out got.
struct Told {
    result: SignOutResult,
    elapsed: Duration,
    /// The record once the result was there and every hanging call had ended.
    disk: Option<Vec<u8>>,
    /// What the same process says about the session then.
    session: SessionState,
}

fn auth(case: Case, life: &Life) -> Auth {
    auth_over(case, life, life.clone())
}

fn auth_over(case: Case, life: &Life, vault: impl Vault) -> Auth {
    let unpaid = match case.keep {
        true => UnpaidRevocations::Keep {
            max_age: Duration::from_secs(86_400),
            max_debts: 5,
        },
        false => UnpaidRevocations::HandOver,
    };
    let config = AuthConfig::builder("eu-central-1_Example", "client")
        .refresh_token_rotation(case.rotates)
        .unpaid_revocations(unpaid)
        .session_tracking(case.tracks)
        .hosted_ui(
            HostedUi::builder("auth.example.com")
                .sign_out_uri(SIGNED_OUT)
                .build()
                .unwrap(),
        )
        .build()
        .unwrap();
    let now = life.world.server().now;
    let mut builder = Auth::builder(config, vault, life.clone())
        .clock(Stopped(now))
        .browser(life.clone());
    if case.steps {
        for step in app_steps::steps(life) {
            builder = builder.sign_out_step(step).unwrap();
        }
    }
    builder.build()
}

/// Runs one process until `call` returns; `None` if the process is killed first.
fn live<T>(life: &Life, call: impl Future<Output = T>) -> Option<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let answer = runtime.block_on(async {
        tokio::pin!(call);
        loop {
            tokio::select! {
                biased;
                () = life.died.notified() => break None,
                answer = &mut call => break Some(answer),
                () = life.hung.notified() => {}
                () = tokio::task::yield_now(), if life.hangs() => tokio::time::advance(Duration::from_millis(50)).await,
            }
        }
    });
    life.release();
    drop(runtime);
    answer
}

/// The record of a user who has signed in.
fn record_of_a_session(case: Case) -> Option<Vec<u8>> {
    let world = World::new(case.tokens, case.rotates, None);
    let life = Life::new(&world, 0);
    let tokens = world.server().tokens();
    let stored = live(&life, async {
        auth(case, &life).store_session(tokens, case.signed_in_with).await
    });
    stored.unwrap().unwrap();
    world.disk()
}

fn sign_out(case: Case, life: &Life) -> Option<Told> {
    live(life, async {
        let auth = auth(case, life);
        let mut options = if case.global {
            SignOutOptions::global()
        } else {
            SignOutOptions::local()
        };
        if let Some(policy) = case.web {
            options = options.web(policy);
        }
        let started = Instant::now();
        let options = options.deadline(DEADLINE).browser_deadline(BROWSER_DEADLINE);
        let result = auth.sign_out(options).await;
        let elapsed = started.elapsed();
        life.allow_faults(0);
        life.release();
        // Its turn comes when every hanging call has ended.
        let session = auth.session().await;
        let disk = life.world.disk();
        if result.signed_out_locally() {
            assert_eq!(auth.tokens().await, Err(AuthError::SignedOut));
        }
        Told {
            result,
            elapsed,
            disk,
            session,
        }
    })
}

/// What the next process finds.
struct Restarted {
    session: SessionState,
    /// `None` if it was killed while it resumed.
    resumed: Option<Result<Resumed, AuthError>>,
    elapsed: Duration,
    /// What `finish_sign_out` returned for the browser's answer to the process before, if there was an answer.
    finished: Option<SignOutProgress>,
}

/// Runs the next process: it asks who is signed in, and resumes. `faults`: how many faults may happen while it resumes.
fn restart(case: Case, world: &World, faults: usize) -> (Restarted, String) {
    let life = Life::new(world, 0);
    let mut restarted = Restarted {
        session: SessionState::SignedOut,
        resumed: None,
        elapsed: Duration::ZERO,
        finished: None,
    };
    let (session, elapsed, finished) = (&mut restarted.session, &mut restarted.elapsed, &mut restarted.finished);
    let answer = world.server().answer_to_come.take();
    restarted.resumed = live(&life, async {
        let auth = auth(case, &life);
        *session = auth.session().await;
        life.allow_faults(faults);
        let started = Instant::now();
        let resumed = auth.resume().await;
        if let Some(answer) = answer.clone() {
            *finished = Some(auth.finish_sign_out(answer.map(|()| SIGNED_OUT.parse().unwrap())).await);
        }
        *elapsed = started.elapsed();
        resumed
    });
    (restarted, life.happened())
}

/// Whether every refresh token that still works is on record or in one of `results`.
fn knows_every_live_token<'a>(world: &World, results: impl IntoIterator<Item = &'a SignOutResult>) -> bool {
    let record = world.disk().unwrap_or_default();
    let mut known = String::from_utf8_lossy(&record).into_owned();
    for result in results {
        if let SignOutResult::Partial(partial) = result {
            known.extend(
                partial
                    .revoke_token_error
                    .iter()
                    .map(|error| format!("\"{}\"", error.refresh_token.reveal())),
            );
        }
    }
    world
        .server()
        .live_tokens()
        .iter()
        .all(|token| known.contains(&format!("\"{token}\"")))
}

/// Checks every path of every case, on as many threads as there are cores.
fn explore_all(cases: &[Case], faults: (usize, usize)) {
    let (next, paths) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    paths.fetch_add(walk::every_path(*case, faults), Ordering::Relaxed);
                }
            });
        }
    });
    println!("{} paths through {} option sets", paths.into_inner(), cases.len());
}

#[test]
fn every_path_keeps_the_promises_under_every_option_set() {
    explore_all(&all_cases(), (1, 1));
}

/// The app's own steps are a fourth kind of effect, beside the keychain, the network and the browser.
#[test]
fn every_step_of_the_app_is_run_or_on_record_or_reported() {
    // The browser comes before the commit: what happens to the next process differs there only in what was paid by revocation.
    let is_full = |case: &Case| case.signed_in_with == SignedInWith::Api || case.is_by_revocation();
    let (full, others): (Vec<_>, Vec<_>) = all_cases_with_steps().into_iter().partition(is_full);
    explore_all(&full, (1, 1));
    explore_all(&others, (1, 0));
}

/// Two faults in one process, for the option sets that use every step.
#[test]
fn every_path_with_two_faults_keeps_the_promises_in_the_longest_sign_outs() {
    let longest = |case: &Case| {
        let tokens = TokenKind {
            revocable: true,
            admin_scope: true,
            expired: true,
        };
        case.global && case.rotates && case.tokens == tokens && case.signed_in_with == SignedInWith::Api
    };
    explore_all(&all_cases().into_iter().filter(longest).collect::<Vec<_>>(), (2, 0));
}
