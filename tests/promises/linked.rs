//! Promise 5 for the browser's session, where `RevokeToken` is to end it: what is owed is `RevokeToken` with `LINKED`. It stays
//! owed until such a request has succeeded, or until a caller was told.

use cognito_signout::{BrowserSessionState, Prompt, Resumed, SignOutResult, Skip, StepStatus};

use crate::cases::Case;
use crate::walk::given_up;
use crate::world::World;

/// Checks what the process that signs out has left behind. `result` is `None` if it was killed.
pub(crate) fn check(case: Case, world: &World, before: Option<&[u8]>, result: Option<&SignOutResult>, happened: &str) {
    let path = format!("{case:?}\n{happened}");
    check_requests(case, world, &path);
    let disk = world.disk();
    let has_a_debt = disk.as_deref() != before && owes(disk.as_deref());
    // Without the policy the record is as it always was.
    assert!(
        case.is_by_revocation() || !says_linked(disk.as_deref()),
        "the record says linked: {path}"
    );
    assert!(
        !(has_a_debt && case.is_by_revocation() && !world.server().end_requested) || says_linked(disk.as_deref()),
        "5: the debt does not say that it owes LINKED: {path}"
    );
    if let Some(result) = result {
        check_result(case, world, result, &path);
        // After a kill, `check_resumed` looks at what the next process does.
        assert!(
            !result.signed_out_locally() || is_known(case, world, [result]),
            "5: nobody owes the end of the browser's session: {path}"
        );
    }
}

/// Checks what the next process has left behind. `lost`: the process before was killed when it had handed over the debt.
pub(crate) fn check_resumed(
    case: Case,
    world: &World,
    result: Option<&SignOutResult>,
    resumed: &Resumed,
    lost: bool,
    path: &str,
) {
    for settled in &resumed.settled {
        check_result(case, world, settled, path);
    }
    assert!(
        lost || is_known(case, world, result.into_iter().chain(given_up(resumed))),
        "5: nobody owes the end of the browser's session any more: {path}"
    );
}

/// `LINKED` is sent by this policy alone, and this policy sends nothing else.
pub(crate) fn check_requests(case: Case, world: &World, path: &str) {
    let revocations = world.server().revocations;
    let other = match case.is_by_revocation() {
        true => revocations.plain,
        false => revocations.linked,
    };
    assert_eq!(other, 0, "{revocations:?}: {path}");
}

/// A result says that the end was requested if, and only if, it was.
fn check_result(case: Case, world: &World, result: &SignOutResult, path: &str) {
    let (report, server) = (result.report(), world.server());
    let requested = report.steps.web == StepStatus::Requested;
    let mut sessions = report.browser_sessions.iter();
    let said = sessions.any(|session| session.state == BrowserSessionState::EndRequested);
    assert_eq!(requested, said, "step and report differ: {path}");
    assert!(
        !requested || server.end_requested && report.next_sign_in() == Some(Prompt::Login),
        "said to be requested, and no such request succeeded, or there is no hint: {path}"
    );
    if report.steps.web == StepStatus::Skipped(Skip::AlreadyDone) {
        // What is left to pay is only the app's own steps.
        return;
    }
    match result {
        SignOutResult::Complete(_) => assert_eq!(requested, case.is_by_revocation(), "{path}"),
        SignOutResult::Partial(partial) if case.is_by_revocation() => {
            assert_eq!(partial.hosted_ui_error.is_some(), !requested, "{path}");
            let mut urls = partial.hosted_ui_error.iter().map(|failed| &failed.url);
            assert!(urls.all(Option::is_some), "without the URL to open: {path}");
        }
        _ => {}
    }
}

/// Whether the end of the browser's session was requested; or is owed on record; or a caller was told that it was not.
fn is_known<'a>(case: Case, world: &World, results: impl IntoIterator<Item = &'a SignOutResult>) -> bool {
    let told =
        |result: &SignOutResult| matches!(result, SignOutResult::Partial(partial) if partial.hosted_ui_error.is_some());
    !case.is_by_revocation()
        || world.server().end_requested
        || says_linked(world.disk().as_deref())
        || results.into_iter().any(told)
}

fn says_linked(record: Option<&[u8]>) -> bool {
    text(record).contains(r#""linked":true"#)
}

fn owes(record: Option<&[u8]>) -> bool {
    text(record).contains(r#""revoke":true"#)
}

fn text(record: Option<&[u8]>) -> String {
    String::from_utf8_lossy(record.unwrap_or_default()).into_owned()
}
