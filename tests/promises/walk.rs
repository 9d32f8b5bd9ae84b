//! Every path of one option set: the process that signs out, then the next one, or one without a network, and in the end one in
//! which nothing fails any more.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use cognito_signout::{
    BrowserSessionState, ErrorCode, Resumed, SessionState, SignOutProgress, SignOutResult, SignedInWith, StepStatus,
    WebPolicy,
};

use crate::cases::Case;
use crate::life::Life;
use crate::server::{NOW, Server};
use crate::world::World;
use crate::{
    BROWSER_DEADLINE, DEADLINE, LONGEST_RESUME, Told, app_steps, knows_every_live_token, linked, record_of_a_session,
    restart, sign_out,
};

/// Checks the promises on every path of `case`. Returns how many there were. `faults`: how many faults may happen in the process
/// that signs out, and in the next one.
pub(crate) fn every_path(case: Case, faults: (usize, usize)) -> usize {
    let signed_in = World::new(case.tokens, case.rotates, record_of_a_session(case));
    let (mut paths, mut ends) = (0, HashSet::new());
    signed_in.in_every_way(|world| {
        let first = First::run(case, world, faults.0);
        // The first process runs once for all that can come after it.
        world.in_every_way(|world| {
            first.walk_on(world, faults.1, &mut ends);
            paths += 1;
        });
    });
    paths
}

/// The process that signed out, and what it has left behind.
struct First {
    case: Case,
    /// The record before it.
    before: Option<Vec<u8>>,
    /// What it got; `None` if it was killed.
    told: Option<Told>,
    /// The record after it.
    after: Option<Vec<u8>>,
    /// The server after it.
    server: Server,
    /// Whether every live token was known then.
    known: bool,
    happened: String,
}

impl First {
    fn run(case: Case, world: &World, faults: usize) -> Self {
        let before = world.disk();
        let life = Life::new(world, faults);
        let told = sign_out(case, &life);
        let result = told.as_ref().map(|told| &told.result);
        let server = world.server().clone();
        let first = Self {
            case,
            before,
            after: world.disk(),
            server,
            known: knows_every_live_token(world, result),
            happened: life.happened(),
            told,
        };
        first.check(world, faults);
        first
    }

    fn result(&self) -> Option<&SignOutResult> {
        self.told.as_ref().map(|told| &told.result)
    }

    fn has_committed(&self) -> bool {
        without_waiting(&self.after) != self.before
    }

    /// It was killed when it had taken what it hands over off the record.
    fn settled_and_killed(&self) -> bool {
        let is_handed_over = !self.case.keep || !self.case.tokens.revocable;
        self.told.is_none() && is_handed_over && self.after.is_none()
    }

    /// Checks what can be seen before the next process. `faults`: how many could happen.
    fn check(&self, world: &World, faults: usize) {
        let Self {
            case,
            told,
            server,
            happened,
            ..
        } = self;
        let (case, result, path) = (*case, self.result(), format!("{case:?}\n{happened}"));
        linked::check(case, world, self.before.as_deref(), result, happened);
        let is_signed_out = result.map_or(self.has_committed(), SignOutResult::signed_out_locally);
        if case.steps {
            app_steps::check(world, is_signed_out, result, self.settled_and_killed(), &path);
        }
        let asked_to_revoke = server
            .asked
            .iter()
            .any(|asked| asked == "RevokeToken" || asked == "GlobalSignOut");
        match told {
            Some(told) => {
                let in_browser = if happened.contains("browser: ") {
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
                } else {
                    // A keychain that hung in one write could not make the next, so the waiting sign-out is still on record.
                    let hung = ["change after browser: Hang", "change after browser: Late"];
                    let disk = match hung.iter().any(|hung| happened.contains(hung)) {
                        true => without_waiting(&told.disk),
                        false => told.disk.clone(),
                    };
                    assert_eq!(disk, self.before, "1: the record has changed: {path}");
                    assert!(
                        !asked_to_revoke && !server.live.is_empty(),
                        "1: a token was revoked: {path}"
                    );
                }
            }
            // Killed: either still signed in and nothing has changed, or signed out and the debt is on record.
            None if self.has_committed() => {}
            None => assert!(!asked_to_revoke, "1: revoked, and still signed in: {path}"),
        }

        assert!(self.is_excused() || self.known, "5: a live token was forgotten: {path}");
        if let Some(SignOutResult::Complete(complete)) = result {
            assert!(server.live.is_empty(), "Complete, and the token lives: {path}");
            let everywhere = complete.report.signed_out_everywhere();
            assert_eq!(everywhere, case.global, "{path}");
            assert!(
                !everywhere || !server.other_device_alive,
                "Complete, and not global: {path}"
            );
            assert_eq!(self.after, None, "Complete, and something is left on record: {path}");
        }
        let goes_well = case.tokens.revocable && (!case.global || case.tokens.admin_scope);
        // With two faults the second attempt may be lost as well.
        if goes_well && faults == 1 && told.is_some() && one_request_was_lost(case, happened) {
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
    }

    /// 5: a live refresh token is on record or in the result, or it could not be revoked in the first place. There are two
    /// exceptions. Nobody can know a rotated token if its response was lost, or if the process was killed before it had written
    /// it. And a process that is killed after settling cannot hand over what it has taken off the record.
    fn is_excused(&self) -> bool {
        let has = |fault| self.happened.contains(fault);
        let unwritten = self.told.is_none() && has("change after Refresh");
        let lost = has("Refresh: Lost") || has("Refresh: DieAfter");
        (self.case.rotates && (lost || unwritten)) || self.settled_and_killed()
    }

    /// Checks the promises on one path that begins with this process. `ends`: how the paths before have ended.
    fn walk_on(&self, world: &World, faults: usize, ends: &mut HashSet<String>) {
        let Self {
            case, told, happened, ..
        } = self;
        let (case, result, settled_and_killed) = (*case, self.result(), self.settled_and_killed());
        let owes = self.after.is_some() && self.has_committed();
        if owes && world.choose(2) == 1 {
            return check_offline_launch(case, world, result, happened);
        }

        // An update of the app may have dropped its steps. The process after that has them again.
        let steps = case.steps && (!owes || world.choose(2) == 0);
        let (second, what_happened_next) = restart(Case { steps, ..case }, world, faults);
        let path = format!("{case:?}\n{happened}, then {what_happened_next}");
        let signed_in_again = matches!(second.session, SessionState::SignedIn(_));

        let is_signed_in = match told {
            Some(told) => !told.result.signed_out_locally(),
            None => !self.has_committed(),
        };
        match is_signed_in {
            true => assert!(signed_in_again, "7: signed out all the same: {path}"),
            false => assert_eq!(second.session, SessionState::SignedOut, "2: after a restart: {path}"),
        }
        if let Some(progress) = &second.finished {
            return check_finished(case, world, &self.before, progress, &path);
        }
        if signed_in_again {
            return;
        }

        assert!(
            second.elapsed <= LONGEST_RESUME,
            "4: resumed after {:?}: {path}",
            second.elapsed
        );
        let mut put_off = false;
        if let Some(Ok(results)) = &second.resumed {
            let never_told = case.rotates && what_happened_next.contains("Refresh: Lost");
            let known = knows_every_live_token(world, result.into_iter().chain(given_up(results)));
            assert!(
                self.is_excused() || never_told || known,
                "5: forgotten while resuming: {path}"
            );
            linked::check_resumed(case, world, result, results, settled_and_killed, &path);
            if case.steps {
                app_steps::check_resumed(world, result, results, settled_and_killed, &path);
            }
            for settled in &results.settled {
                assert!(
                    !(settled.report().signed_out_everywhere() && world.server().other_device_alive),
                    "reported as signed out everywhere while resuming, but another device is signed in: {path}"
                );
                let steps = &settled.report().steps;
                if steps.global_sign_out == StepStatus::Failed(ErrorCode::VaultLocked) {
                    put_off = true;
                    let revoked = steps.revoke_token == StepStatus::Done;
                    assert!(!revoked, "revoked, so nothing can sign out everywhere any more: {path}");
                }
            }
        }
        // In the end, when nothing fails any more, no session has come back, and nothing is left on record. From the same state on,
        // the same happens.
        if !ends.insert(format!("{put_off} {}", world.state())) {
            return;
        }
        let (third, _) = restart(case, world, 0);
        assert_eq!(third.session, SessionState::SignedOut, "2: came back: {path}");
        assert!(third.resumed.is_some_and(|resumed| resumed.is_ok()), "{path}");
        assert_eq!(world.disk(), None, "a debt that is never settled: {path}");
        assert!(
            !(put_off && world.server().other_device_alive),
            "put off, and another device is still signed in: {path}"
        );
        linked::check_requests(case, world, &path);
    }
}

/// The record without a sign-out that waits for the browser.
pub(crate) fn without_waiting(disk: &Option<Vec<u8>>) -> Option<Vec<u8>> {
    let text = String::from_utf8(disk.clone()?).unwrap();
    let Some(start) = text.find(r#""signing_out":{"#) else {
        return disk.clone();
    };
    let end = start + text[start..].find(r#""pending":"#).unwrap();
    Some([&text[..start], &text[end..]].concat().into())
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
pub(crate) fn given_up(resumed: &Resumed) -> impl Iterator<Item = &SignOutResult> {
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
