//! Runs over many users when something goes wrong: nobody is lost, and a hopeless run ends.

use std::time::Duration;

use cognito_signout::ErrorCode;
use cognito_signout::admin::{AdminClient, AdminError, Ended, SignOutMany};
use cognito_signout::fake_cognito::{Fault, Operation, ServiceError};
use cognito_signout::transport::{Exchange, HttpRequest, HttpTransport, RustlsTransport};
use futures_util::{StreamExt, stream};
use serde_json::Value;
use tokio::time::Instant;

use crate::many::{Incident, SIGN_OUT, finish, names, outcomes, source};
use crate::quota::Quota;
use crate::{client, client_builder};

#[tokio::test(start_paused = true)]
async fn failed_users_have_a_reason_and_the_next_run_tries_them_again() {
    let incident = Incident::with(20).await;
    incident.fake.on(SIGN_OUT).times(8, Fault::HtmlPage(503));
    // One at a time, so that the faults hit two users.
    let run = incident.journalled().concurrency(1).unwrap();
    let (outcomes, summary) = outcomes(run, source(20)).await;
    assert_eq!((summary.signed_out, summary.failed, summary.requests), (18, 2, 26));
    assert_eq!(summary.ended, Ended::AllTried);
    assert!(!summary.is_complete());
    let failed: Vec<_> = outcomes.iter().filter(|outcome| outcome.result.is_err()).collect();
    assert_eq!(failed.len(), 2);
    for (outcome, name) in failed.iter().zip(names(2)) {
        assert_eq!((&outcome.username, outcome.requests), (&name, 4));
        assert_eq!(
            outcome.result.as_ref().unwrap_err().code().as_str(),
            "service_unavailable"
        );
    }
    let summary = finish(incident.journalled(), source(20)).await;
    assert_eq!((summary.signed_out, summary.already_done), (2, 18));
    assert_eq!(incident.sign_outs(20), vec![1; 20]);
}

#[tokio::test]
async fn disabled_users_are_reported_although_the_sign_out_failed() {
    let incident = Incident::with(200).await;
    incident
        .fake
        .on(SIGN_OUT)
        .always(Fault::Refuse(ServiceError::AccessDenied));
    let (outcomes, summary) = outcomes(incident.run().disable_first(true), source(200)).await;
    let told: Vec<bool> = (outcomes.iter()).map(|outcome| outcome.disabled).collect();
    let disabled = outcomes
        .iter()
        .map(|outcome| !incident.fake.is_enabled(&outcome.username));
    assert_eq!(told, disabled.collect::<Vec<_>>());
    let locked_out = names(200).iter().filter(|name| !incident.fake.is_enabled(name)).count() as u64;
    assert!(locked_out > 0);
    assert_eq!((summary.disabled, summary.signed_out), (locked_out, 0));
}

#[tokio::test(start_paused = true)]
async fn under_a_quota_a_run_finds_the_rate_that_the_server_accepts() {
    let (users, quota) = (600, 20.0);
    let incident = Incident::with(users).await;
    let client =
        AdminClient::builder(Quota::new(RustlsTransport::new(), quota)).credentials("AKIDEXAMPLE", "secret", None);
    let client = client.endpoint(incident.fake.url().as_str()).unwrap().build();
    let run = SignOutMany::new(client, &incident.fake.user_pool_id()).unwrap();
    let started = Instant::now();
    let summary = finish(run.rate(48.0).unwrap(), source(users)).await;
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!(incident.sign_outs(users), vec![1; users]);
    let share = users as f64 / started.elapsed().as_secs_f64() / quota;
    println!(
        "{:.0}% of the quota, {} refused of {}",
        100.0 * share,
        summary.throttled,
        summary.requests
    );
    assert!((0.7..1.1).contains(&share), "{share}");
    assert!(summary.throttled < summary.requests / 10, "{summary:?}");
}

#[tokio::test(start_paused = true)]
async fn throttling_slows_the_run_down_and_nobody_is_lost() {
    let incident = Incident::with(300).await;
    incident
        .fake
        .on(SIGN_OUT)
        .times(40, Fault::Refuse(ServiceError::TooManyRequests));
    let summary = finish(incident.journalled().rate(50.0).unwrap(), source(300)).await;
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!(
        (summary.signed_out, summary.throttled, summary.requests),
        (300, 40, 340)
    );
    assert!(summary.slowest_rate <= 25.0, "{}", summary.slowest_rate);
    assert_eq!(incident.sign_outs(300), vec![1; 300]);
}

#[tokio::test]
async fn a_missing_permission_ends_the_run_and_the_next_goes_on() {
    let incident = Incident::with(500).await;
    incident
        .fake
        .on(SIGN_OUT)
        .always(Fault::Refuse(ServiceError::AccessDenied));
    let summary = finish(incident.journalled(), source(500)).await;
    let action = "cognito-idp:AdminUserGlobalSignOut".to_owned();
    assert_eq!(summary.ended, Ended::Aborted(AdminError::AccessDenied { action }));
    assert!(summary.requests <= 64, "{}", summary.requests);
    assert_eq!(summary.disabled, 0);
    incident.fake.heal();
    assert_eq!(finish(incident.journalled(), source(500)).await.signed_out, 500);
}

#[tokio::test]
async fn credentials_that_expire_during_the_run_skip_nobody() {
    // More than the channels hold, so that the fault hits some of them.
    const USERS: usize = 1000;
    let incident = Incident::with(USERS).await;
    let mut run = incident.journalled().start(source(USERS)).await.unwrap();
    for _ in 0..50 {
        run.next().await.unwrap();
    }
    incident
        .fake
        .on(SIGN_OUT)
        .always(Fault::Refuse(ServiceError::ExpiredToken));
    let summary = run.finish().await;
    assert_eq!(summary.ended, Ended::Aborted(AdminError::CredentialsExpired));
    assert!((50..USERS as u64).contains(&summary.signed_out), "{summary:?}");
    incident.fake.heal();
    assert!(finish(incident.journalled(), source(USERS)).await.is_complete());
    assert_eq!(incident.sign_outs(USERS), vec![1; USERS]);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_down_ends_the_run_instead_of_failing_everyone() {
    let incident = Incident::with(1000).await;
    incident.fake.on(SIGN_OUT).always(Fault::HtmlPage(503));
    let summary = finish(incident.journalled(), source(1000)).await;
    assert!(matches!(&summary.ended, Ended::Aborted(error) if error.code().as_str() == "service_unavailable"));
    assert!((64..128).contains(&summary.failed), "{}", summary.failed);
    incident.fake.heal();
    assert_eq!(finish(incident.journalled(), source(1000)).await.signed_out, 1000);
}

#[tokio::test(start_paused = true)]
async fn during_an_outage_one_request_at_a_time_tests_the_network_and_nobody_fails() {
    let incident = Incident::with(300).await;
    let fake = &incident.fake;
    for fault in [Fault::Reset, Fault::Hang] {
        let mut run = incident.run().rate(100.0).unwrap().start(source(300)).await.unwrap();
        for _ in 0..50 {
            run.next().await.unwrap();
        }
        fake.on(SIGN_OUT).always(fault);
        let before = fake.count(SIGN_OUT);
        let (summary, requests) = tokio::join!(run.finish(), async {
            tokio::time::sleep(Duration::from_secs(5 * 60)).await;
            let requests = fake.count(SIGN_OUT) - before;
            fake.heal();
            requests
        });
        assert!(summary.is_complete(), "{summary:?}");
        assert_eq!(summary.signed_out, 300);
        // The requests already sent, and one every 15 seconds.
        assert!((20..60).contains(&requests), "{requests}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_that_outlasts_the_patience_ends_the_run_and_nobody_is_lost() {
    let incident = Incident::with(300).await;
    let client = client_builder(&incident.fake)
        .patience(Duration::from_secs(60))
        .unwrap();
    let run = || {
        let run = SignOutMany::new(client.clone().build(), &incident.fake.user_pool_id()).unwrap();
        run.rate(100.0).unwrap().report_untried(true)
    };
    let mut first = run().start(source(300)).await.unwrap();
    for _ in 0..50 {
        first.next().await.unwrap();
    }
    incident.fake.go_offline().await.unwrap();
    let started = Instant::now();
    let summary = first.finish().await;
    assert!(matches!(&summary.ended, Ended::Aborted(error) if error.code() == ErrorCode::NetworkUnavailable));
    let took = started.elapsed().as_secs();
    assert!((60..90).contains(&took), "{took} s");
    assert_eq!(summary.signed_out + summary.failed + summary.not_tried, 300);
    assert!(summary.failed <= 32 && !summary.more_not_tried, "{summary:?}");
    // Before the first response ever, the wait is shorter.
    let started = Instant::now();
    assert_eq!(finish(run(), source(300)).await.signed_out, 0);
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn a_listing_waits_for_an_outage_to_end_after_its_first_page() {
    let incident = Incident::with(130).await;
    let pool = incident.fake.user_pool_id();
    let mut everyone = std::pin::pin!(client(&incident.fake).list_users(&pool, None));
    for _ in 0..60 {
        everyone.next().await.unwrap().unwrap();
    }
    incident.fake.on(Operation::ListUsers).always(Fault::Reset);
    let (rest, ()) = tokio::join!(everyone.count(), async {
        tokio::time::sleep(Duration::from_secs(5 * 60)).await;
        incident.fake.heal();
    });
    assert_eq!(rest, 70);
}

#[tokio::test]
async fn a_listing_that_leads_in_a_circle_ends() {
    let incident = Incident::with(130).await;
    let list = Circle(cognito_signout::transport::RustlsTransport::new());
    let client = AdminClient::builder(list).credentials("AKIDEXAMPLE", "secret", None);
    let client = client.endpoint(incident.fake.url().as_str()).unwrap().build();
    let everyone = client.list_users(&incident.fake.user_pool_id(), None);
    let summary = finish(incident.run(), everyone).await;
    assert!(matches!(&summary.ended, Ended::Aborted(error) if error.code() == ErrorCode::UnexpectedResponse));
    assert!(incident.fake.count(Operation::ListUsers) <= 3);
}

/// Responds to each page of a listing with the token of the request, if it has one.
#[derive(Debug)]
struct Circle(cognito_signout::transport::RustlsTransport);

impl HttpTransport for Circle {
    fn send(&self, request: HttpRequest) -> Exchange {
        let requested: Value = serde_json::from_slice(&request.body).unwrap();
        let response = self.0.send(request);
        Box::pin(async move {
            let mut response = response.await?;
            if let (Some(token), Ok(mut page)) = (
                requested.get("PaginationToken"),
                serde_json::from_slice::<Value>(&response.body),
            ) {
                page["PaginationToken"] = token.clone();
                response.body = page.to_string().into_bytes().into();
            }
            Ok(response)
        })
    }
}

#[tokio::test]
async fn an_operation_that_the_region_lacks_ends_the_run() {
    let incident = Incident::with(500).await;
    incident
        .fake
        .on(SIGN_OUT)
        .always(Fault::Refuse(ServiceError::OperationNotEnabled));
    let summary = finish(incident.run(), source(500)).await;
    let operation = "AdminUserGlobalSignOut".to_owned();
    assert_eq!(summary.ended, Ended::Aborted(AdminError::NotEnabled { operation }));
    assert!(summary.requests <= 64, "{}", summary.requests);
}

#[tokio::test]
async fn the_same_refusal_for_everyone_from_the_first_on_ends_the_run() {
    let incident = Incident::with(500).await;
    let refused = || Fault::Refuse(ServiceError::UserDisabled);
    incident.fake.on(SIGN_OUT).always(refused());
    let summary = finish(incident.run(), source(500)).await;
    assert!(matches!(&summary.ended, Ended::Aborted(error) if error.code() == ErrorCode::Refused));
    assert!((64..128).contains(&summary.failed), "{}", summary.failed);
    // After one user was signed out, the refusal concerns only the others.
    incident.fake.heal();
    let mut run = incident.run().start(source(500)).await.unwrap();
    run.next().await.unwrap();
    incident.fake.on(SIGN_OUT).always(refused());
    let summary = run.finish().await;
    assert_eq!(summary.ended, Ended::AllTried);
    assert_eq!(summary.signed_out + summary.failed, 500);
}

#[tokio::test(start_paused = true)]
async fn slow_responses_and_one_that_never_comes_delay_nobody_else() {
    let incident = Incident::with(40).await;
    incident.fake.on(SIGN_OUT).once(Fault::Hang);
    incident.fake.set_delay(Duration::from_secs(1));
    let client = client_builder(&incident.fake)
        .attempt_timeout(Duration::from_secs(3))
        .unwrap()
        .build();
    let run = SignOutMany::new(client, &incident.fake.user_pool_id()).unwrap();
    let summary = finish(run.rate(1000.0).unwrap(), source(40)).await;
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!(summary.requests, 41);
    assert!(summary.elapsed < Duration::from_secs(10), "{:?}", summary.elapsed);
}

#[tokio::test]
async fn users_before_an_error_of_the_source_are_signed_out() {
    let incident = Incident::with(80).await;
    incident.fake.on(Operation::ListUsers).once(Fault::StaleKeepAlive);
    let everyone = client(&incident.fake).list_users(&incident.fake.user_pool_id(), None);
    assert!(finish(incident.run(), everyone).await.is_complete());
    let broken = source(10).chain(stream::iter([Err(AdminError::PoolNotFound)]));
    let summary = finish(incident.run(), broken).await;
    assert_eq!(summary.signed_out, 10);
    assert_eq!(summary.ended, Ended::Aborted(AdminError::PoolNotFound));
}

#[tokio::test(start_paused = true)]
async fn a_page_that_fails_is_requested_again_and_throttling_is_waited_out() {
    let incident = Incident::with(130).await;
    let pool = incident.fake.user_pool_id();
    for (fault, times, least) in [
        (Fault::Hang, 3, 30),
        (Fault::HtmlPage(503), 3, 1),
        (Fault::CloseMidBody, 3, 1),
        (Fault::Refuse(ServiceError::TooManyRequests), 19, 120),
    ] {
        incident.fake.on(Operation::ListUsers).times(times, fault.clone());
        let started = Instant::now();
        let everyone = client(&incident.fake).list_users(&pool, None);
        let summary = finish(incident.run(), everyone).await;
        assert!(summary.is_complete(), "{fault:?}: {summary:?}");
        assert_eq!(summary.signed_out, 130);
        assert!(
            started.elapsed() > Duration::from_secs(least),
            "{fault:?}: {:?}",
            started.elapsed()
        );
    }
    incident.fake.forget_requests();
    incident.fake.on(Operation::ListUsers).always(Fault::HtmlPage(503));
    let everyone = client(&incident.fake).list_users(&pool, None);
    let ended = finish(incident.run(), everyone).await.ended;
    assert!(matches!(&ended, Ended::Aborted(error) if error.code().as_str() == "service_unavailable"));
    assert_eq!(incident.fake.count(Operation::ListUsers), 4);
}
