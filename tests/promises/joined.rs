//! A call with another web policy joins a sign-out, before each use of vault, network and browser, with every fault.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::Duration;

use cognito_signout::{
    Auth, BrowserSessionState, SessionState, SignOutOptions, SignOutResult, SignedInWith, StepStatus, WebPolicy,
};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::life::Life;
use crate::server::{Server, TokenKind};
use crate::walk::without_waiting;
use crate::world::World;
use crate::{BROWSER_DEADLINE, Case, DEADLINE, auth, knows_every_live_token, live, record_of_a_session, restart};

type Call = Pin<Box<dyn Future<Output = SignOutResult> + Send>>;

/// What the two calls were told.
struct Told {
    first: SignOutResult,
    joined: SignOutResult,
    elapsed: Duration,
    disk: Option<Vec<u8>>,
    session: SessionState,
}

/// How a path ended, for the test to see that each ending is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ending {
    NeverJoined,
    Died,
    Failed,
    /// The browser's session is ended, or the joining call does not want that.
    Honoured,
    /// The browser's session is alive, and the joining call was told so.
    ToldSo,
}

fn options(policy: WebPolicy) -> SignOutOptions {
    let options = SignOutOptions::local().web(policy);
    options.deadline(DEADLINE).browser_deadline(BROWSER_DEADLINE)
}

/// Signs out with `first`. A call with `second` joins just before the sign-out's `uses`-th use of vault, network or browser. The
/// inner `None`: there were fewer uses. The outer `None`: the process was killed.
fn sign_out(case: Case, first: WebPolicy, second: WebPolicy, uses: usize, life: &Life) -> Option<Option<Told>> {
    live(life, async {
        let auth = auth(case, life);
        let (tell, mut told) = oneshot::channel::<Call>();
        let joining: Auth = auth.clone();
        life.do_in(uses, move || {
            let mut call: Call = Box::pin(async move { joining.sign_out(options(second)).await });
            // Polled here and now: a task of its own would join at another moment.
            let joined = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert!(joined.is_pending());
            let _ = tell.send(call);
        });
        let started = Instant::now();
        let first = auth.sign_out(options(first)).await;
        let joined = match told.try_recv() {
            Ok(call) => call.await,
            Err(_) => return None,
        };
        let elapsed = started.elapsed();
        life.allow_faults(0);
        life.release();
        let session = auth.session().await;
        Some(Told {
            first,
            joined,
            elapsed,
            disk: life.world.disk(),
            session,
        })
    })
}

fn walk(case: Case, first: WebPolicy, second: WebPolicy, uses: usize, world: &World) -> Ending {
    let before = world.disk();
    let life = Life::new(world, 1);
    let told = sign_out(case, first, second, uses, &life);
    let path = format!("{first:?} joined by {second:?} at use {uses}: {}", life.happened());
    // A process that was killed before the call could join counts like one that was never joined.
    let Some(told) = told else {
        return if life.has_done_it() {
            Ending::Died
        } else {
            Ending::NeverJoined
        };
    };
    let Some(told) = told else { return Ending::NeverJoined };
    let server = world.server().clone();
    let results = [&told.first, &told.joined];
    let known = knows_every_live_token(world, results);
    let (next, _) = restart(case, world, 0);

    let signed_out = told.first.signed_out_locally();
    assert_eq!(
        told.joined.signed_out_locally(),
        signed_out,
        "two calls got different answers: {path}"
    );
    assert!(
        told.elapsed <= DEADLINE + BROWSER_DEADLINE,
        "4: {:?}: {path}",
        told.elapsed
    );
    assert!(known, "5: a live token was forgotten: {path}");
    if !signed_out {
        let hung = path.contains("change after browser: Hang") || path.contains("change after browser: Late");
        let disk = if hung { without_waiting(&told.disk) } else { told.disk };
        assert_eq!(disk, before, "1: {path}");
        assert!(!server.live.is_empty(), "1: a token was revoked: {path}");
        assert!(matches!(next.session, SessionState::SignedIn(_)), "7: {path}");
        return Ending::Failed;
    }
    assert_eq!(told.session, SessionState::SignedOut, "2: {path}");
    assert_eq!(next.session, SessionState::SignedOut, "2: {path}");
    for (asked, result) in [first, second].into_iter().zip(results) {
        let report = result.report();
        let says_ended = report
            .browser_sessions
            .iter()
            .any(|session| session.state == BrowserSessionState::Ended);
        assert!(
            !says_ended || !server.cookie_alive,
            "reported as ended, but it is alive: {path}"
        );
        assert!(
            is_honoured(asked, &server) || !matches!(result, SignOutResult::Complete(_)),
            "Complete for {asked:?}, but the browser's session is alive: {path}"
        );
        let requested = report.steps.web == StepStatus::Requested;
        assert!(!requested || server.end_requested, "requested, but it was not: {path}");
        if let SignOutResult::Partial(partial) = result {
            let web_failed = matches!(report.steps.web, StepStatus::Failed(_));
            assert_eq!(partial.hosted_ui_error.is_some(), web_failed, "{path}");
            assert!(
                partial.hosted_ui_error.iter().all(|error| error.url.is_some()),
                "without the URL to open: {path}"
            );
        }
    }
    assert!(
        !(first == WebPolicy::Required && server.cookie_alive),
        "Required, and not ended: {path}"
    );
    match is_honoured(second, &server) {
        true => Ending::Honoured,
        false => Ending::ToldSo,
    }
}

/// Whether the browser's session ended as the policy wants it. A page that ended it is more than a request to end it.
fn is_honoured(asked: WebPolicy, server: &Server) -> bool {
    match asked {
        WebPolicy::Skip => true,
        WebPolicy::ByRevocation => server.end_requested || !server.cookie_alive,
        _ => !server.cookie_alive,
    }
}

#[test]
fn a_joining_call_with_another_web_policy_is_honoured_or_told_so_on_every_path() {
    use WebPolicy::{BestEffort, ByRevocation, Required, Skip};
    let without_tracking = Case {
        global: false,
        keep: false,
        rotates: false,
        tokens: TokenKind {
            revocable: true,
            admin_scope: false,
            expired: false,
        },
        signed_in_with: SignedInWith::HostedUi,
        // Each call has its own.
        web: None,
        tracks: false,
        steps: false,
    };
    let record = record_of_a_session(without_tracking);
    let mut endings = BTreeMap::new();
    for (first, second) in [
        (Skip, BestEffort),
        (Skip, Required),
        (BestEffort, Skip),
        (BestEffort, Required),
        (Required, Skip),
        (Required, BestEffort),
        (Skip, ByRevocation),
        (ByRevocation, Skip),
        (ByRevocation, BestEffort),
        (ByRevocation, Required),
        (BestEffort, ByRevocation),
        (Required, ByRevocation),
    ] {
        let tracks = [first, second].contains(&ByRevocation);
        let case = Case {
            tracks,
            ..without_tracking
        };
        for uses in 0.. {
            let world = World::new(case.tokens, case.rotates, record.clone());
            let mut joined = false;
            world.in_every_way(|world| {
                let ending = walk(case, first, second, uses, world);
                joined |= ending != Ending::NeverJoined;
                *endings.entry((first, ending)).or_insert(0) += 1;
            });
            if !joined {
                break;
            }
        }
    }
    println!("{endings:?}");
    for ending in [Ending::Died, Ending::Failed, Ending::Honoured, Ending::ToldSo] {
        for first in [Skip, ByRevocation] {
            assert!(
                endings.contains_key(&(first, ending)),
                "{first:?}, {ending:?}: {endings:?}"
            );
        }
    }
}
