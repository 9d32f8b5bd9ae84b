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
mod world;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cases::{Case, all_cases, all_cases_with_steps};
use choices::Choices;
use cognito_signout::vault::Vault;
use cognito_signout::{
    Auth, AuthConfig, AuthError, BrowserSessionState, ErrorCode, HostedUi, Resumed, SessionState, SignOutOptions,
    SignOutProgress, SignOutResult, SignedInWith, StepStatus, UnpaidRevocations, WebPolicy,
};
use life::Life;
use server::{NOW, TokenKind};
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
    let world = World::new(case.tokens, case.rotates, None, Arc::default());
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

/// The record without a sign-out that waits for the browser.
fn without_waiting(disk: &Option<Vec<u8>>) -> Option<Vec<u8>> {
    let text = String::from_utf8(disk.clone()?).unwrap();
    let Some(start) = text.find(r#""signing_out":{"#) else {
        return disk.clone();
    };
    let end = start + text[start..].find(r#""pending":"#).unwrap();
    Some([&text[..start], &text[end..]].concat().into())
}

/// Checks the promises on one path. `faults`: how many faults may happen in the process that signs out, and in the next one.
fn walk(case: Case, world: &World, faults: (usize, usize)) {
    let before = world.disk();
    let life = Life::new(world, faults.0);
    let told = sign_out(case, &life);
    let after = world.disk();
    let server = world.server().clone();
    let asked_to_revoke = server
        .asked
        .iter()
        .any(|asked| asked == "RevokeToken" || asked == "GlobalSignOut");
    let result = told.as_ref().map(|told| &told.result);
    let known_after = knows_every_live_token(world, result);
    let path = format!("{case:?}\n{}", life.happened());
    linked::check(case, world, before.as_deref(), result, &life.happened());
    let is_handed_over = !case.keep || !case.tokens.revocable;
    let settled_and_killed = told.is_none() && is_handed_over && after.is_none();
    let has_committed = without_waiting(&after) != before;
    let is_signed_out = result.map_or(has_committed, SignOutResult::signed_out_locally);
    if case.steps {
        app_steps::check(world, is_signed_out, result, settled_and_killed, &path);
    }
    let owes = after.is_some() && has_committed;
    if owes && world.choose(2) == 1 {
        return check_offline_launch(case, world, result, &life.happened());
    }

    // An update of the app may have dropped its steps. The process after that has them again.
    let steps = case.steps && (!owes || world.choose(2) == 0);
    let (second, what_happened_next) = restart(Case { steps, ..case }, world, faults.1);
    let path = format!("{case:?}\n{}, then {what_happened_next}", life.happened());
    let signed_in_again = matches!(second.session, SessionState::SignedIn(_));

    match &told {
        Some(told) => {
            let in_browser = if path.contains("browser: ") {
                BROWSER_DEADLINE
            } else {
                Duration::ZERO
            };
            assert!(
                told.elapsed <= DEADLINE + in_browser,
                "4: answered after {:?}: {path}",
                told.elapsed
            );
            assert!(
                !format!("{:?}", told.result).contains("SECRET"),
                "6: a token in Debug: {path}"
            );
            if told.result.signed_out_locally() {
                assert_eq!(told.session, SessionState::SignedOut, "2: in this process: {path}");
                assert_eq!(second.session, SessionState::SignedOut, "2: after a restart: {path}");
            } else {
                // A keychain that hung in one write could not make the next, so the waiting sign-out is still on record.
                let hung = path.contains("change after browser: Hang") || path.contains("change after browser: Late");
                let disk = if hung {
                    without_waiting(&told.disk)
                } else {
                    told.disk.clone()
                };
                assert_eq!(disk, before, "1: the record has changed: {path}");
                assert!(
                    !asked_to_revoke && !server.live.is_empty(),
                    "1: a token was revoked: {path}"
                );
                assert!(signed_in_again, "7: signed out all the same: {path}");
            }
        }
        // Killed: either still signed in and nothing has changed, or signed out and the debt is on record.
        None if without_waiting(&after) == before => {
            assert!(!asked_to_revoke, "1: revoked, and still signed in: {path}");
            assert!(signed_in_again, "7: {path}");
        }
        None => assert_eq!(
            second.session,
            SessionState::SignedOut,
            "2: killed after the commit: {path}"
        ),
    }

    // 5: a live refresh token is on record or in the result, or it could not be revoked in the first place. There are two
    // exceptions. Nobody can know a rotated token if its response was lost, or if the process was killed before it had written
    // it. And a process that is killed after settling cannot hand over what it has taken off the record.
    let happened = life.happened();
    let unwritten = told.is_none() && happened.contains("change after Refresh");
    let lost = happened.contains("Refresh: Lost") || happened.contains("Refresh: DieAfter");
    let never_told = case.rotates && (lost || unwritten);
    let excused = never_told || settled_and_killed;
    assert!(excused || known_after, "5: a live token was forgotten: {path}");
    if let Some(SignOutResult::Complete(complete)) = result {
        assert!(server.live.is_empty(), "Complete, and the token lives: {path}");
        let everywhere = complete.report.signed_out_everywhere();
        assert_eq!(everywhere, case.global, "{path}");
        assert!(
            !everywhere || !server.other_device_alive,
            "Complete, and not global: {path}"
        );
        assert_eq!(after, None, "Complete, and something is left on record: {path}");
    }
    let goes_well = case.tokens.revocable && (!case.global || case.tokens.admin_scope);
    // With two faults the second attempt may be lost as well.
    if goes_well && faults.0 == 1 && told.is_some() && one_request_was_lost(case, &life.happened()) {
        assert!(
            matches!(result, Some(SignOutResult::Complete(_))),
            "one request was lost, and it was not sent again: {path}"
        );
    }
    let report = result.map(SignOutResult::report);
    let said_ended = report.is_some_and(|report| {
        let mut sessions = report.browser_sessions.iter();
        sessions.any(|session| session.state == BrowserSessionState::Ended)
    });
    assert!(
        !said_ended || !server.cookie_alive,
        "reported as ended, but it is alive: {path}"
    );
    let required = case.signed_in_with == SignedInWith::HostedUi
        && match case.web {
            None => !case.tracks,
            Some(policy) => policy == WebPolicy::Required,
        };
    let signed_out = result.is_some_and(SignOutResult::signed_out_locally);
    assert!(
        !(required && signed_out && server.cookie_alive),
        "Required, and not ended: {path}"
    );

    if let Some(progress) = &second.finished {
        return check_finished(case, world, &before, progress, &path);
    }
    if signed_in_again {
        return;
    }

    assert!(
        second.elapsed <= LONGEST_RESUME,
        "4: resumed after {:?}: {path}",
        second.elapsed
    );
    if let Some(Ok(results)) = &second.resumed {
        let never_told = case.rotates && what_happened_next.contains("Refresh: Lost");
        let known = knows_every_live_token(world, result.into_iter().chain(given_up(results)));
        assert!(excused || never_told || known, "5: forgotten while resuming: {path}");
        linked::check_resumed(case, world, result, results, settled_and_killed, &path);
        if case.steps {
            app_steps::check_resumed(world, result, results, settled_and_killed, &path);
        }
        for settled in &results.settled {
            assert!(
                !(settled.report().signed_out_everywhere() && world.server().other_device_alive),
                "reported as signed out everywhere while resuming, but another device is signed in: {path}"
            );
        }
    }
    // In the end, when nothing fails any more, no session has come back, and nothing is left on record.
    let (third, _) = restart(case, world, 0);
    assert_eq!(third.session, SessionState::SignedOut, "2: came back: {path}");
    assert!(third.resumed.is_some_and(|resumed| resumed.is_ok()), "{path}");
    assert_eq!(world.disk(), None, "a debt that is never settled: {path}");
    linked::check_requests(case, world, &path);
}

/// Whether a request that may be sent again got no response, and nothing else failed.
fn one_request_was_lost(case: Case, happened: &str) -> bool {
    let repeatable: &[&str] = match case.rotates {
        true => &["RevokeToken: Hang", "RevokeToken: Lost", "GlobalSignOut: Hang"],
        false => &[
            "RevokeToken: Hang",
            "RevokeToken: Lost",
            "GlobalSignOut: Hang",
            "Refresh: Hang",
            "Refresh: Lost",
        ],
    };
    repeatable
        .iter()
        .any(|lost| happened == format!("{:?}", BTreeSet::from([lost])))
}

/// The results of debts that `resume` gives up. Only their tokens may be in its result and nowhere else: an app may ignore the
/// other results.
fn given_up(resumed: &Resumed) -> impl Iterator<Item = &SignOutResult> {
    let mut settled = resumed.settled.iter();
    std::iter::from_fn(move || {
        settled.find(|result| match result {
            SignOutResult::Partial(partial) => {
                let revoke = partial.revoke_token_error.iter().map(|failed| &failed.error);
                let web = partial.hosted_ui_error.iter().map(|failed| &failed.error);
                let mut errors = revoke.chain(web);
                errors.any(|error| error.code() == ErrorCode::RevocationDisabled)
            }
            _ => false,
        })
    })
}

/// Checks the promises for a debt if the next process has no network and its app ignores what `resume` returns: nothing is lost,
/// and the process after that pays.
fn check_offline_launch(case: Case, world: &World, result: Option<&SignOutResult>, happened: &str) {
    let path = format!("{case:?}\n{happened}, then offline");
    let never_told = case.rotates && happened.contains("Refresh") && !knows_every_live_token(world, result);
    world.server().is_offline = true;
    let (offline, _) = restart(case, world, 0);
    assert_eq!(offline.session, SessionState::SignedOut, "2: {path}");
    assert!(offline.elapsed <= LONGEST_RESUME, "4: {path}");
    let known = knows_every_live_token(world, result);
    assert!(never_told || known, "5: forgotten by a launch that was offline: {path}");

    world.server().is_offline = false;
    let (online, _) = restart(case, world, 0);
    let resumed = online.resumed.unwrap().unwrap();
    linked::check_resumed(case, world, result, &resumed, false, &path);
    if case.steps {
        app_steps::check_resumed(world, result, &resumed, false, &path);
    }
    linked::check_requests(case, world, &path);
    let known = knows_every_live_token(world, result.into_iter().chain(given_up(&resumed)));
    assert!(
        never_told || known,
        "5: forgotten by the launch after one that was offline: {path}"
    );
    assert_eq!(world.disk(), None, "a debt that is never settled: {path}");
}

/// Checks the promises for a sign-out whose process was killed while the browser was in front, and which the next process has
/// finished.
fn check_finished(case: Case, world: &World, before: &Option<Vec<u8>>, progress: &SignOutProgress, path: &str) {
    let SignOutProgress::Finished(result) = progress else {
        panic!("the browser's answer was ignored: {progress:?}: {path}");
    };
    let known = knows_every_live_token(world, [result]);
    let asked_to_revoke = world
        .server()
        .asked
        .iter()
        .any(|asked| asked != "browser" && asked != "Refresh");
    let cookie_alive = world.server().cookie_alive;
    let too_late = world.server().now > NOW;
    let (third, _) = restart(case, world, 0);
    assert!(
        !too_late || result.report().steps.web != StepStatus::Done,
        "done, although its time was over: {path}"
    );
    if result.signed_out_locally() {
        assert_eq!(third.session, SessionState::SignedOut, "2: {path}");
        let never_told = case.rotates && (path.contains("Refresh: Lost") || path.contains("change after Refresh"));
        assert!(known || never_told, "5: forgotten: {path}");
        assert!(
            case.web == Some(WebPolicy::BestEffort) || !(cookie_alive || too_late),
            "Required, and not ended in time: {path}"
        );
        assert_eq!(world.disk(), None, "a debt that is never settled: {path}");
    } else {
        assert!(!asked_to_revoke, "1: a token was revoked: {path}");
        assert!(matches!(third.session, SessionState::SignedIn(_)), "7: {path}");
        // If the record could not be read, the sign-out still waits, and the app can give the same answer again.
        assert_eq!(without_waiting(&world.disk()), *before, "1: {path}");
    }
}

/// Checks every path of `case`. Returns how many there were.
fn explore(case: Case, faults: (usize, usize)) -> usize {
    let record = record_of_a_session(case);
    let choices = Arc::new(Mutex::new(Choices::default()));
    let mut paths = 0;
    loop {
        walk(
            case,
            &World::new(case.tokens, case.rotates, record.clone(), Arc::clone(&choices)),
            faults,
        );
        paths += 1;
        if !choices.lock().unwrap().advance() {
            return paths;
        }
    }
}

/// On as many threads as there are cores.
fn explore_all(cases: &[Case], faults: (usize, usize)) {
    let (next, paths) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    paths.fetch_add(explore(*case, faults), Ordering::Relaxed);
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
