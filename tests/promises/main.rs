//! The seven promises of the design, checked over every path: each use of the keychain and of the network succeeding,
//! failing, lying, hanging and answering late, and the process dying before and after it, under every option set; and
//! then the next process, in which each of that can happen again.

mod choices;
mod world;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use choices::Choices;
use cognito_signout::{
    Auth, AuthConfig, AuthError, Partial, SessionState, SignOutOptions, SignOutResult, SignedInWith, Skip, StepStatus,
    UnpaidRevocations, WebPolicy,
};
use tokio::time::Instant;
use world::{Life, Stopped, TokenKind, World};

const DEADLINE: Duration = Duration::from_secs(10);

/// One option set.
#[derive(Debug, Clone, Copy)]
struct Case {
    global: bool,
    keep: bool,
    rotates: bool,
    tokens: TokenKind,
    signed_in_with: SignedInWith,
    web: Option<WebPolicy>,
}

fn all_cases() -> Vec<Case> {
    use SignedInWith::{Api, HostedUi, HostedUiPrivate};
    let browsers = [
        (Api, None),
        (HostedUiPrivate, None),
        (HostedUi, None),
        (HostedUi, Some(WebPolicy::Skip)),
        (HostedUi, Some(WebPolicy::BestEffort)),
        (HostedUi, Some(WebPolicy::Required)),
    ];
    let mut cases = Vec::new();
    for bits in 0..1u32 << 6 {
        let bit = |n: u32| bits >> n & 1 == 1;
        let tokens = TokenKind {
            revocable: bit(0),
            admin_scope: bit(1),
            expired: bit(2),
        };
        let (global, keep, rotates) = (bit(3), bit(4), bit(5));
        for (signed_in_with, web) in browsers {
            cases.push(Case {
                global,
                keep,
                rotates,
                tokens,
                signed_in_with,
                web,
            });
        }
    }
    cases
}

/// What became of the process that signed out.
struct Told {
    result: SignOutResult,
    elapsed: Duration,
    /// The record when the answer came and all that hung had ended.
    disk: Option<Vec<u8>>,
    /// What the same process says then.
    session: SessionState,
}

fn auth(case: Case, life: &Life) -> Auth {
    let unpaid = match case.keep {
        true => UnpaidRevocations::Keep {
            max_age: Duration::from_secs(86_400),
            max_attempts: 10,
        },
        false => UnpaidRevocations::HandOver,
    };
    let config = AuthConfig::builder("eu-central-1_Example", "client")
        .refresh_token_rotation(case.rotates)
        .unpaid_revocations(unpaid)
        .build()
        .unwrap();
    Auth::builder(config, life.clone(), life.clone()).clock(Stopped).build()
}

/// Runs one process until `call` is answered; `None` if the process dies first.
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

fn signed_in(case: Case, world: &World) {
    let life = Life::new(world, 0);
    let tokens = world.server().tokens();
    let stored = live(&life, async {
        auth(case, &life).store_session(tokens, case.signed_in_with).await
    });
    stored.unwrap().unwrap();
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
        let result = auth.sign_out(options.deadline(DEADLINE)).await;
        let elapsed = started.elapsed();
        life.heal();
        life.release();
        // Its turn comes when all that hung has ended.
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

/// The next process: resumes, and says who is signed in.
fn resume(case: Case, life: &Life) -> Option<(Result<Vec<SignOutResult>, AuthError>, Duration)> {
    live(life, async {
        let auth = auth(case, life);
        let started = Instant::now();
        let resumed = auth.resume().await;
        (resumed, started.elapsed())
    })
}

fn session_after_restart(case: Case, world: &World) -> SessionState {
    let life = Life::new(world, 0);
    live(&life, async { auth(case, &life).session().await }).unwrap()
}

fn holds_refresh_token(partial: &Partial) -> bool {
    partial
        .revoke_token_error
        .as_ref()
        .is_some_and(|error| error.refresh_token.reveal().starts_with("SECRETrefresh"))
}

/// Checks the promises on one path. `faults` is how many things may go wrong in the first process; one more may in the
/// process that resumes.
fn walk(case: Case, world: &World, faults: usize) -> String {
    signed_in(case, world);
    let before = world.disk();
    world.server().asked.clear();
    let life = Life::new(world, faults);
    let told = sign_out(case, &life);
    let path = format!("{case:?}, {:?}", life.happened());
    let after = world.disk();
    let asked_to_revoke = world
        .server()
        .asked
        .iter()
        .any(|asked| asked == "RevokeToken" || asked == "GlobalSignOut");
    let restarted = session_after_restart(case, world);

    let result = told.as_ref().map(|told| &told.result);
    match &told {
        Some(told) => {
            assert!(told.elapsed <= DEADLINE, "4: answered after {:?}: {path}", told.elapsed);
            assert!(
                !format!("{:?}", told.result).contains("SECRET"),
                "6: a token in Debug: {path}"
            );
            if told.result.signed_out_locally() {
                assert_eq!(told.session, SessionState::SignedOut, "2: in this process: {path}");
                assert_eq!(restarted, SessionState::SignedOut, "2: after a restart: {path}");
            } else {
                assert_eq!(told.disk, before, "1: the record has changed: {path}");
                assert!(
                    !asked_to_revoke && world.server().alive,
                    "1: a token was revoked: {path}"
                );
                assert!(
                    matches!(restarted, SessionState::SignedIn(_)),
                    "7: signed out all the same: {path}"
                );
            }
        }
        // Killed: still signed in and nothing has changed, or signed out and the debt is on record.
        None if after == before => {
            assert!(!asked_to_revoke, "1: revoked, and still signed in: {path}");
            assert!(matches!(restarted, SessionState::SignedIn(_)), "7: {path}");
        }
        None => assert_eq!(restarted, SessionState::SignedOut, "2: killed after the commit: {path}"),
    }

    // 5: a live refresh token is on record, in the result, or could not be revoked in the first place. What is handed over
    // is handed over by a process that lives to do it: one that is killed after settling has had it in hand.
    let in_result =
        result.is_some_and(|result| matches!(result, SignOutResult::Partial(partial) if holds_refresh_token(partial)));
    let settled_and_killed = told.is_none() && !case.keep && after.is_none();
    let known = world.knows_refresh_token() || in_result || settled_and_killed;
    assert!(
        !world.server().alive || known || !case.tokens.revocable,
        "5: a live token was forgotten: {path}"
    );
    if let Some(SignOutResult::Complete(complete)) = result {
        let steps = complete.report.steps;
        assert!(
            !world.server().alive || !case.tokens.revocable,
            "Complete, and the token lives: {path}"
        );
        assert!(
            !case.global || !world.server().other_device_alive || is_skipped(steps.global_sign_out),
            "Complete, not global: {path}"
        );
        assert!(after.is_none(), "Complete, and something is left on record: {path}");
    }
    if matches!(restarted, SessionState::SignedIn(_)) {
        return path;
    }

    // The next process pays what is left, and anything can happen to it once more.
    let second = Life::new(world, usize::from(faults > 0));
    let resumed = resume(case, &second);
    let path = format!("{path}, then {:?}", second.happened());
    if let Some((Ok(results), elapsed)) = &resumed {
        assert!(
            *elapsed <= DEADLINE + Duration::from_secs(5),
            "4: resumed after {elapsed:?}: {path}"
        );
        let handed_over = results
            .iter()
            .any(|result| matches!(result, SignOutResult::Partial(partial) if holds_refresh_token(partial)));
        let known = world.knows_refresh_token() || handed_over || in_result || settled_and_killed;
        assert!(
            !world.server().alive || known || !case.tokens.revocable,
            "5: forgotten while resuming: {path}"
        );
    }
    assert_eq!(
        session_after_restart(case, world),
        SessionState::SignedOut,
        "2: came back: {path}"
    );

    // And in the end, when nothing goes wrong any more, nothing is left on record.
    let third = Life::new(world, 0);
    assert!(
        resume(case, &third).is_some_and(|(resumed, _)| resumed.is_ok()),
        "{path}"
    );
    assert_eq!(world.disk(), None, "a debt that is never settled: {path}");
    path
}

fn is_skipped(step: StepStatus) -> bool {
    matches!(step, StepStatus::Skipped(Skip::AlreadyRevoked))
}

/// Walks every path of `case`; how many there were.
fn explore(case: Case, faults: usize) -> usize {
    let choices = Arc::new(Mutex::new(Choices::default()));
    let mut paths = 0;
    loop {
        let world = World::new(case.tokens, case.rotates, Arc::clone(&choices));
        eprintln!("{}", walk(case, &world, faults));
        paths += 1;
        if !choices.lock().unwrap().advance() {
            return paths;
        }
    }
}

#[test]
fn every_path_keeps_the_seven_promises() {
    let cases = all_cases();
    let (queue, paths) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let started = std::time::Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(case) = cases.get(queue.fetch_add(1, Ordering::Relaxed)) {
                    let t = std::time::Instant::now();
                    let n = explore(*case, 1);
                    eprintln!("{case:?} {n} {:?}", t.elapsed());
                    paths.fetch_add(n, Ordering::Relaxed);
                }
            });
        }
    });
    println!(
        "{} paths through {} option sets in {:?}",
        paths.into_inner(),
        cases.len(),
        started.elapsed()
    );
}
