//! Runs over many users, in this process.

use std::time::Duration;

use cognito_signout::admin::{
    AdminError, DEFAULT_CONCURRENCY, Done, Ended, JournalProblem, SignOutMany, Summary, UserOutcome,
};
use cognito_signout::fake_cognito::{FakeCognito, Fault, Operation};
use futures_util::{Stream, StreamExt, stream};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::client;

pub(crate) const SIGN_OUT: Operation = Operation::AdminUserGlobalSignOut;

/// A pool with users, and a folder for the journal.
pub(crate) struct Incident {
    pub(crate) fake: FakeCognito,
    folder: TempDir,
}

impl Incident {
    pub(crate) async fn with(users: usize) -> Self {
        let fake = FakeCognito::start().await.unwrap();
        names(users).iter().for_each(|name| fake.add_user(name, ""));
        let folder = tempfile::tempdir().unwrap();
        Self { fake, folder }
    }

    /// A run whose rate is no limit.
    pub(crate) fn run(&self) -> SignOutMany {
        let run = SignOutMany::new(client(&self.fake), &self.fake.user_pool_id()).unwrap();
        run.rate(100_000.0).unwrap().concurrency(DEFAULT_CONCURRENCY).unwrap()
    }

    pub(crate) fn journalled(&self) -> SignOutMany {
        self.run().journal(self.folder.path().join("journal"))
    }

    pub(crate) fn sign_outs(&self, users: usize) -> Vec<usize> {
        names(users)
            .iter()
            .map(|name| self.fake.admin_sign_outs(name))
            .collect()
    }
}

pub(crate) fn names(users: usize) -> Vec<String> {
    (0..users).map(|user| format!("user-{user:04}")).collect()
}

pub(crate) fn source(users: usize) -> impl Stream<Item = Result<String, AdminError>> + Send + 'static {
    stream::iter(names(users).into_iter().map(Ok))
}

pub(crate) async fn outcomes(
    run: SignOutMany,
    names: impl Stream<Item = Result<String, AdminError>> + Send + 'static,
) -> (Vec<UserOutcome>, Summary) {
    let mut run = run.start(names).await.unwrap();
    let mut outcomes = Vec::new();
    while let Some(outcome) = run.next().await {
        outcomes.push(outcome);
    }
    (outcomes, run.finish().await)
}

pub(crate) async fn finish(
    run: SignOutMany,
    names: impl Stream<Item = Result<String, AdminError>> + Send + 'static,
) -> Summary {
    run.start(names).await.unwrap().finish().await
}

#[tokio::test]
async fn everyone_in_the_pool_is_signed_out_page_by_page() {
    let incident = Incident::with(130).await;
    let pool = incident.fake.user_pool_id();
    let everyone = client(&incident.fake).list_users(&pool, None);
    let (outcomes, summary) = outcomes(incident.run(), everyone).await;
    assert!(summary.is_complete());
    assert_eq!((summary.signed_out, summary.requests), (130, 130));
    assert_eq!(incident.sign_outs(130), vec![1; 130]);
    assert_eq!(incident.fake.count(Operation::ListUsers), 3);
    let mut told: Vec<_> = outcomes.into_iter().map(|outcome| outcome.username).collect();
    told.sort();
    assert_eq!(told, names(130));
}

#[tokio::test]
async fn a_filter_and_a_group_select_users() {
    let incident = Incident::with(130).await;
    let (client, pool) = (client(&incident.fake), incident.fake.user_pool_id());
    let found = client.list_users(&pool, Some(r#"username ^= "user-012""#));
    assert_eq!(finish(incident.run(), found).await.signed_out, 10);
    names(130)[..70]
        .iter()
        .for_each(|name| incident.fake.add_to_group("staff", name));
    let staff = client.list_users_in_group(&pool, "staff");
    assert_eq!(finish(incident.run(), staff).await.signed_out, 70);
    let expected: Vec<usize> = (0..130)
        .map(|user| usize::from(user < 70) + usize::from(user >= 120))
        .collect();
    assert_eq!(incident.sign_outs(130), expected);
}

#[tokio::test]
async fn a_second_run_skips_users_who_are_done_in_any_order() {
    let incident = Incident::with(100).await;
    assert_eq!(finish(incident.journalled(), source(60)).await.signed_out, 60);
    let mut reversed = names(100);
    reversed.reverse();
    let again = stream::iter(reversed.into_iter().map(Ok));
    let (outcomes, summary) = outcomes(incident.journalled().continue_journal(true), again).await;
    assert_eq!((summary.signed_out, summary.already_done), (40, 60));
    assert!(summary.is_complete());
    let done: Vec<_> = outcomes
        .iter()
        .filter(|outcome| outcome.result == Ok(Done::AlreadyDone))
        .collect();
    assert_eq!((done.len(), done[0].requests), (60, 0));
    assert_eq!(incident.sign_outs(100), vec![1; 100]);
}

#[tokio::test]
async fn with_a_journal_a_repeated_name_is_signed_out_once() {
    let incident = Incident::with(3).await;
    // At once, and again when the first are done.
    let late = stream::once(tokio::time::sleep(Duration::from_millis(100)));
    let late = late.flat_map(|()| source(3));
    let twice = source(3).chain(source(3)).chain(late);
    assert_eq!(finish(incident.journalled(), twice).await.signed_out, 3);
    assert_eq!(incident.sign_outs(3), [1, 1, 1]);
}

#[tokio::test]
async fn a_missing_user_is_a_failure_and_does_not_stop_the_run() {
    let incident = Incident::with(5).await;
    incident.fake.delete_user("user-0002");
    let summary = finish(incident.run(), source(5)).await;
    assert_eq!((summary.signed_out, summary.failed, summary.not_found), (4, 1, 1));
    assert_eq!(summary.ended, Ended::AllTried);
}

#[tokio::test]
async fn a_dry_run_sends_nothing_for_any_user_and_begins_no_journal() {
    let incident = Incident::with(70).await;
    let everyone = client(&incident.fake).list_users(&incident.fake.user_pool_id(), None);
    let summary = finish(incident.journalled().disable_first(true).dry_run(true), everyone).await;
    assert_eq!((summary.would_sign_out, summary.requests), (70, 0));
    assert!(summary.is_complete());
    assert_eq!(incident.fake.operations(), [Operation::ListUsers; 2]);
    assert_eq!(std::fs::read_dir(incident.folder.path()).unwrap().count(), 0);
    // It reads a journal that another run has begun.
    finish(incident.journalled(), source(30)).await;
    let gone_on = incident.journalled().continue_journal(true);
    let summary = finish(gone_on.dry_run(true), source(70)).await;
    assert_eq!((summary.already_done, summary.would_sign_out), (30, 40));
}

#[tokio::test]
async fn each_user_is_disabled_before_being_signed_out() {
    let incident = Incident::with(3).await;
    let summary = finish(incident.run().disable_first(true), source(3)).await;
    assert_eq!((summary.signed_out, summary.disabled, summary.requests), (3, 3, 6));
    for name in names(3) {
        assert!(!incident.fake.is_enabled(&name));
        let of_user: Vec<_> = (incident.fake.requests().iter())
            .filter(|request| request.body()["Username"] == name.as_str())
            .map(|request| request.operation().unwrap())
            .collect();
        assert_eq!(of_user, [Operation::AdminDisableUser, SIGN_OUT]);
    }
}

#[tokio::test]
async fn a_journal_with_disabling_is_not_one_without() {
    let incident = Incident::with(3).await;
    finish(incident.journalled(), source(3)).await;
    let refused = incident.journalled().disable_first(true).start(source(3)).await;
    assert_eq!(refused.unwrap_err().code().as_str(), "journal");
    let dry = incident.journalled().disable_first(true).dry_run(true);
    assert_eq!(dry.start(source(3)).await.unwrap_err().code().as_str(), "journal");
    assert!(incident.fake.is_enabled("user-0000"));
}

#[tokio::test(start_paused = true)]
async fn requests_keep_to_the_rate_retries_included() {
    let incident = Incident::with(100).await;
    incident.fake.on(SIGN_OUT).times(20, Fault::HtmlPage(503));
    let started = Instant::now();
    let summary = finish(incident.run().rate(20.0).unwrap(), source(100)).await;
    assert!(summary.is_complete());
    assert_eq!(summary.requests, 120);
    let times: Vec<Duration> = incident
        .fake
        .requests()
        .iter()
        .map(|request| request.at() - started)
        .collect();
    for (from, start) in times.iter().enumerate() {
        let within = times[from..]
            .iter()
            .take_while(|at| **at - *start < Duration::from_secs(1))
            .count();
        assert!(within <= 23, "{within} requests in the second from {start:?}");
    }
    let took = times.last().unwrap().as_secs_f64();
    assert!((5.5..8.0).contains(&took), "{took}");
}

#[tokio::test]
async fn no_more_users_are_signed_out_at_once_than_was_set() {
    let incident = Incident::with(50).await;
    let gate = incident.fake.on(SIGN_OUT).hold();
    let run = incident.run().concurrency(7).unwrap().start(source(50)).await.unwrap();
    gate.reached_by(7).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(incident.fake.count(SIGN_OUT), 7);
    gate.open();
    assert_eq!(run.finish().await.signed_out, 50);
}

#[tokio::test]
async fn a_stopped_run_finishes_what_it_has_begun_and_the_next_repeats_nobody() {
    let incident = Incident::with(300).await;
    let gate = incident.fake.on(SIGN_OUT).hold();
    let run = incident
        .journalled()
        .concurrency(5)
        .unwrap()
        .start(source(300))
        .await
        .unwrap();
    gate.reached_by(5).await;
    run.stopper().stop();
    gate.open();
    let summary = run.finish().await;
    assert_eq!(summary.ended, Ended::Stopped);
    assert_eq!((summary.signed_out, summary.failed), (5, 0));
    assert_eq!(finish(incident.journalled(), source(300)).await.signed_out, 295);
    assert_eq!(incident.sign_outs(300), vec![1; 300]);
}

#[tokio::test]
async fn users_who_were_not_tried_are_reported_after_the_run() {
    let incident = Incident::with(300).await;
    for reports in [true, false] {
        let gate = incident.fake.on(SIGN_OUT).hold();
        // The last name comes after the end of the run.
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let last = stream::once(async {
            ended.await.unwrap();
            Ok("last".to_owned())
        });
        let run = incident.run().concurrency(5).unwrap().report_untried(reports);
        let mut run = run.start(source(300).chain(last)).await.unwrap();
        gate.reached_by(5).await;
        run.stopper().stop();
        let _ = end.send(());
        gate.open();
        let mut untried = Vec::new();
        while let Some(outcome) = run.next().await {
            if outcome.result == Err(AdminError::NotTried) {
                untried.push(outcome.username);
            }
        }
        let summary = run.finish().await;
        assert_eq!(untried.contains(&"last".to_owned()), reports);
        assert_eq!(untried.len(), 295 + usize::from(reports));
        assert_eq!((summary.not_tried, summary.failed), (untried.len() as u64, 0));
        assert_eq!((summary.more_not_tried, summary.is_complete()), (!reports, false));
        incident.fake.heal();
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_without_an_end_is_not_awaited_to_report_the_rest() {
    let incident = Incident::with(300).await;
    let gate = incident.fake.on(SIGN_OUT).hold();
    let run = incident.run().concurrency(5).unwrap().report_untried(true);
    let run = run.start(source(300).chain(stream::pending())).await.unwrap();
    gate.reached_by(5).await;
    run.stopper().stop();
    gate.open();
    let summary = run.finish().await;
    assert_eq!((summary.not_tried, summary.more_not_tried), (295, true));
}

#[tokio::test]
async fn a_higher_rate_has_more_users_at_a_time() {
    let incident = Incident::with(0).await;
    let run = || SignOutMany::new(client(&incident.fake), &incident.fake.user_pool_id()).unwrap();
    for (rate, users) in [(1.0, 32), (20.0, 32), (100.0, 150), (100_000.0, 1000)] {
        assert_eq!(run().rate(rate).unwrap().repeat_bound(), 256 + users, "{rate}");
    }
    let set = run().rate(100.0).unwrap().concurrency(7).unwrap();
    assert_eq!(set.repeat_bound(), 256 + 7);
}

#[tokio::test]
async fn a_journal_that_lists_everyone_proves_nothing_about_the_present() {
    let incident = Incident::with(3).await;
    assert!(finish(incident.journalled(), source(3)).await.is_complete());
    let refused = incident.journalled().start(source(3)).await.unwrap_err();
    assert!(matches!(
        refused,
        AdminError::Journal {
            problem: JournalProblem::Finished { .. },
            ..
        }
    ));
    let summary = finish(incident.journalled().continue_journal(true), source(3)).await;
    assert_eq!((summary.already_done, summary.requests), (3, 0));
    assert!(summary.journal_begun.is_some());
    assert!(summary.is_by_the_journal_alone() && !summary.is_complete());
}

#[tokio::test]
async fn a_dropped_run_writes_down_what_it_had_begun() {
    let incident = Incident::with(300).await;
    let gate = incident.fake.on(SIGN_OUT).hold();
    let run = incident
        .journalled()
        .concurrency(5)
        .unwrap()
        .start(source(300))
        .await
        .unwrap();
    gate.reached_by(5).await;
    drop(run);
    gate.open();
    // The journal is free again once the run has closed it.
    let next = loop {
        match incident.journalled().start(source(300)).await {
            Ok(run) => break run,
            Err(error) => assert_eq!(error.code().as_str(), "journal"),
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    assert_eq!(next.finish().await.already_done, 5);
    assert_eq!(incident.sign_outs(300), vec![1; 300]);
}
