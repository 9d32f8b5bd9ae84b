//! Several calls at once, and what it means to join one. Scenario 16 is in the shared list.

use std::time::Duration;

use cognito_signout::fake_cognito::Operation::{GlobalSignOut, RevokeToken};
use cognito_signout::fake_cognito::{FakeCognito, Fault};
use cognito_signout::{
    BrowserError, ErrorCode, SessionState, SignOutOptions, SignedOutReason, UnpaidRevocations, WebPolicy,
};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

use crate::device::{Device, REFUSED, complete, failed, heard, partial, signed_out, steps};
use crate::test_browser::{Does, TestBrowser};
use crate::vault::{TestVault, Use};

/// In the shared list one read follows the other. Here they wait for their turn at the record, beside the commit.
#[tokio::test]
async fn s17_of_a_hundred_reads_at_once_around_a_sign_out_all_return_and_none_sees_the_session_again() {
    let device = Device::signed_in().await;
    let read = || {
        let auth = device.auth.clone();
        tokio::spawn(async move { auth.session().await })
    };
    let commit = device.vault.hold(Use::Write);
    let mut reads: Vec<_> = (0..50).map(|_| read()).collect();
    let signing_out = device.begin_sign_out(SignOutOptions::local());
    commit.reached().await;
    for _ in 0..50 {
        reads.push(read());
        yield_now().await;
    }
    let waiting = reads.iter().filter(|read| !read.is_finished()).count();
    assert_eq!(waiting, 50, "the later reads wait for the commit");
    commit.open();
    let mut signed_in = Vec::new();
    for read in reads {
        match read.await.unwrap() {
            SessionState::SignedIn(_) => signed_in.push(true),
            SessionState::SignedOut => signed_in.push(false),
            other => panic!("{other:?}"),
        }
    }
    assert!(signed_in[0], "the first came before the sign-out");
    assert!(!signed_in[99], "the last came during the commit");
    assert!(signed_in.is_sorted_by(|a, b| a >= b), "signed in again: {signed_in:?}");
    complete(signing_out.await.unwrap());
    device.assert_signed_out().await;
}

#[tokio::test]
async fn a_global_call_that_joins_a_local_one_before_its_commit_makes_it_global() {
    let device = Device::signed_in().await;
    let elsewhere = device.fake.sign_in("ana");
    let mut events = device.auth.events();
    let hold = device.vault.hold(Use::Read);
    let local = device.begin_sign_out(SignOutOptions::local());
    hold.reached().await;
    let global = device.begin_sign_out(SignOutOptions::global());
    yield_now().await;
    hold.open();

    complete(local.await.unwrap());
    complete(global.await.unwrap());
    device.assert_asked(&[GlobalSignOut, RevokeToken]);
    assert!(!device.fake.is_refresh_token_live(&elsewhere.refresh));
    assert_eq!(heard(&mut events), [signed_out(SignedOutReason::Global)]);
}

#[tokio::test]
async fn a_global_call_that_joins_a_local_one_too_late_is_partial_with_the_access_token() {
    let device = Device::new().await;
    let tokens = device.sign_in("ana").await;
    let elsewhere = device.fake.sign_in("ana");
    let gate = device.fake.on(RevokeToken).hold();
    let local = device.begin_sign_out(SignOutOptions::local());
    gate.reached_by(1).await;
    let global = device.begin_sign_out(SignOutOptions::global());
    yield_now().await;
    gate.open();

    complete(local.await.unwrap());
    let global = global.await.unwrap();
    assert_eq!(steps(&global)[3..], ["failed:joined_too_late", "done", "done"]);
    let error = partial(global).global_sign_out_error.unwrap();
    assert_eq!(error.error.code(), ErrorCode::JoinedTooLate);
    assert_eq!(error.access_token, tokens.access);
    device.assert_asked(&[RevokeToken]);
    assert!(device.fake.is_refresh_token_live(&elsewhere.refresh));
}

#[tokio::test]
async fn a_local_call_that_joins_a_global_one_is_complete_with_it() {
    let device = Device::signed_in().await;
    let gate = device.fake.on(GlobalSignOut).hold();
    let global = device.begin_sign_out(SignOutOptions::global());
    gate.reached_by(1).await;
    let local = device.begin_sign_out(SignOutOptions::local());
    yield_now().await;
    gate.open();
    complete(global.await.unwrap());
    complete(local.await.unwrap());
    device.assert_asked(&[GlobalSignOut, RevokeToken]);
}

#[tokio::test(start_paused = true)]
async fn joining_shortens_the_deadline_and_never_extends_it() {
    let device = Device::signed_in().await;
    device.fake.on(RevokeToken).always(Fault::Hang);
    let started = Instant::now();
    let seconds = Duration::from_secs;
    let patient = device.begin_sign_out(SignOutOptions::local().deadline(seconds(60)));
    sleep(seconds(1)).await;
    let hasty = device.begin_sign_out(SignOutOptions::local().deadline(seconds(2)));
    let endless = device.begin_sign_out(SignOutOptions::local().deadline(seconds(600)));
    for call in [patient, hasty, endless] {
        let partial = partial(call.await.unwrap());
        assert_eq!(partial.revoke_token_error.unwrap().error.code(), ErrorCode::TimedOut);
    }
    assert!(started.elapsed() <= seconds(3), "{:?}", started.elapsed());
}

#[tokio::test]
async fn cancelling_the_caller_while_it_waits_for_cognito_stops_nothing() {
    let device = Device::signed_in().await;
    let gate = device.fake.on(RevokeToken).hold();
    let caller = device.begin_sign_out(SignOutOptions::local());
    gate.reached_by(1).await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());

    let next = device.begin_sign_out(SignOutOptions::local());
    yield_now().await;
    gate.open();
    assert_eq!(
        steps(&next.await.unwrap())[4..],
        ["done", "done"],
        "it has joined what goes on"
    );
    device.assert_asked(&[RevokeToken]);
    assert_eq!(device.vault.record(), None);
}

#[tokio::test]
async fn cancelling_the_caller_while_it_commits_stops_nothing() {
    let device = Device::new().await;
    let tokens = device.sign_in("ana").await;
    let mut events = device.auth.events();
    let hold = device.vault.hold(Use::Write);
    let gate = device.fake.on(RevokeToken).hold();
    let caller = device.begin_sign_out(SignOutOptions::local());
    hold.reached().await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());

    hold.open();
    assert_eq!(events.next().await, Some(signed_out(SignedOutReason::Local)));
    gate.reached_by(1).await;
    let next = device.begin_sign_out(SignOutOptions::local());
    yield_now().await;
    gate.open();
    complete(next.await.unwrap());
    assert!(!device.fake.is_refresh_token_live(&tokens.refresh));
    assert_eq!(device.vault.record(), None);
}

#[tokio::test]
async fn a_debt_whose_caller_is_gone_is_not_handed_over_but_kept() {
    let device = Device::at(FakeCognito::builder(), |config| {
        config.unpaid_revocations(UnpaidRevocations::HandOver)
    })
    .await;
    let tokens = device.sign_in("ana").await;
    device.fake.on(RevokeToken).always(REFUSED);
    let commit = device.vault.hold(Use::Write);
    let caller = device.begin_sign_out(SignOutOptions::local());
    commit.reached().await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());

    let settle = device.vault.hold(Use::Lock);
    commit.open();
    settle.reached().await;
    settle.open();
    // It gets its turn after settling.
    assert_eq!(device.auth.session().await, SessionState::SignedOut);
    device.assert_asked(&[RevokeToken]);

    let next = device.restarted();
    let kept = partial(next.auth.resume().await.unwrap().settled.remove(0));
    assert!(kept.kept);
    assert_eq!(kept.revoke_token_error.unwrap().refresh_token, tokens.refresh);
    device.fake.heal();
    complete(next.auth.resume().await.unwrap().settled.remove(0));
    assert_eq!(next.vault.record(), None);
}

#[tokio::test]
async fn a_session_that_another_process_has_put_on_record_meanwhile_is_not_touched() {
    for options in [SignOutOptions::local(), SignOutOptions::global()] {
        let device = Device::signed_in().await;
        let bobs = device.with_vault(TestVault::default());
        let bob = bobs.sign_in("bob").await;

        let hold = device.vault.hold(Use::Lock);
        let signing_out = device.begin_sign_out(options);
        hold.reached().await;
        device.vault.put(bobs.vault.record());
        hold.open();

        assert_eq!(steps(&signing_out.await.unwrap())[1], "skipped:no_session");
        device.assert_asked(&[]);
        device.assert_signed_in_as("bob").await;
        assert!(device.fake.is_refresh_token_live(&bob.refresh));
    }
}

#[tokio::test]
async fn a_global_sign_out_that_another_process_preempts_is_not_complete() {
    let device = Device::signed_in().await;
    let hold = device.vault.hold(Use::Lock);
    let signing_out = device.begin_sign_out(SignOutOptions::global());
    hold.reached().await;
    device.vault.put(None);
    hold.open();
    let error = partial(signing_out.await.unwrap()).global_sign_out_error.unwrap();
    assert_eq!(error.error.code(), ErrorCode::JoinedTooLate);
    device.assert_asked(&[]);
}

/// Another sign-out URL in the app client's list.
const ELSEWHERE: &str = "https://example.com/a&b?c=%20d";

#[tokio::test]
async fn the_strongest_web_policy_of_those_that_join_before_the_web_step_holds_for_all() {
    use WebPolicy::{BestEffort, Required, Skip};
    for (first, second) in [
        (Skip, None),
        (Skip, Some(BestEffort)),
        (Skip, Some(Required)),
        (BestEffort, Some(Skip)),
    ] {
        let browser = TestBrowser::that(Does::ComeBack);
        let device = Device::hosted_with(&browser).await;
        let hold = device.vault.hold(Use::Read);
        let calls = [Some(first), second].map(|policy| {
            let options = SignOutOptions::local();
            device.begin_sign_out(policy.map_or(options.clone(), |policy| options.web(policy)))
        });
        hold.reached().await;
        yield_now().await;
        hold.open();
        for call in calls {
            assert_eq!(
                steps(&call.await.unwrap())[..2],
                ["done", "done"],
                "{first:?}, {second:?}"
            );
        }
        assert_eq!(browser.urls().len(), 1, "{first:?}, {second:?}");
    }
}

#[tokio::test]
async fn if_one_of_two_joined_calls_requires_the_web_step_and_it_fails_both_calls_fail() {
    let browser = TestBrowser::that(Does::Nothing);
    let device = Device::hosted_with(&browser).await;
    let before = device.vault.record();
    let tries = device.begin_sign_out(SignOutOptions::local().web(WebPolicy::BestEffort));
    let page = browser.page().await;
    let requires = device.begin_sign_out(SignOutOptions::local());
    yield_now().await;
    page.completion.failed(BrowserError::Cancelled);
    for call in [tries, requires] {
        assert_eq!(failed(call.await.unwrap()).error.code(), ErrorCode::HostedUiCancelled);
    }
    assert_eq!(device.vault.record(), before);
}

#[tokio::test]
async fn a_call_that_joins_after_the_web_step_was_skipped_is_partial_with_the_url_and_a_retry_ends_the_session() {
    for policy in [None, Some(WebPolicy::BestEffort), Some(WebPolicy::Required)] {
        let browser = TestBrowser::that(Does::ComeBack);
        let device = Device::hosted_with(&browser).await;
        let gate = device.fake.on(RevokeToken).hold();
        let leaves = device.begin_sign_out(SignOutOptions::local().web(WebPolicy::Skip));
        gate.reached_by(1).await;
        let options = SignOutOptions::local();
        let wants = device.begin_sign_out(policy.map_or(options.clone(), |policy| options.web(policy)));
        yield_now().await;
        gate.open();

        assert_eq!(steps(&leaves.await.unwrap())[0], "skipped:by_policy");
        let wants = wants.await.unwrap();
        assert_eq!(steps(&wants)[0], "failed:joined_too_late");
        let partial = partial(wants);
        let error = partial.hosted_ui_error.as_ref().unwrap();
        assert_eq!(error.error.code(), ErrorCode::JoinedTooLate);
        assert_eq!(error.url, Some(device.config.logout_url(None).unwrap()));
        assert_eq!(browser.urls().len(), 0);

        assert_eq!(steps(&device.auth.retry(&partial).await)[0], "done");
        assert_eq!(browser.urls(), [error.url.as_ref().unwrap().to_string()]);
        device.assert_asked(&[RevokeToken]);
    }
}

#[tokio::test]
async fn without_a_browser_a_joining_call_does_not_make_a_sign_out_that_skips_the_web_step_fail() {
    let device = Device::hosted().await;
    let hold = device.vault.hold(Use::Read);
    let leaves = device.begin_sign_out(SignOutOptions::local().web(WebPolicy::Skip));
    hold.reached().await;
    let wants = device.begin_sign_out(SignOutOptions::local());
    yield_now().await;
    hold.open();
    complete(leaves.await.unwrap());
    let error = partial(wants.await.unwrap()).hosted_ui_error.unwrap();
    assert_eq!(error.error.code(), ErrorCode::JoinedTooLate);
}

#[tokio::test]
async fn of_two_sign_out_uris_the_first_one_is_used() {
    for (first, second, expected) in [
        (None, Some(ELSEWHERE), Some(ELSEWHERE)),
        (Some(ELSEWHERE), None, Some(ELSEWHERE)),
        (Some("myapp://signed-out"), Some(ELSEWHERE), None),
    ] {
        let browser = TestBrowser::that(Does::ComeBack);
        let device = Device::hosted_with(&browser).await;
        let hold = device.vault.hold(Use::Read);
        let calls = [first, second].map(|uri| {
            let options = SignOutOptions::local();
            device.begin_sign_out(uri.map_or(options.clone(), |uri| options.sign_out_uri(uri)))
        });
        hold.reached().await;
        yield_now().await;
        hold.open();
        for call in calls {
            complete(call.await.unwrap());
        }
        assert_eq!(
            browser.urls(),
            [device.config.logout_url(expected).unwrap().to_string()]
        );
    }
}
