//! The user's sessions at Cognito, as a host sees them: what the shared scenarios cannot see.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use cognito_signout::fake_cognito::{Fault, Operation, ServiceError};
use cognito_signout::ffi::{AuthError, PartialSignOutOthers, SignOutOthersResult, UserSession};
use cognito_signout::transport::TransportError;
use serde_json::json;
use uniffi::UnexpectedUniFFICallbackError;

use crate::host::{App, Does, Online, assert_complete, local};

async fn app() -> App {
    App::tracking_sessions(Online::new()).await
}

/// The user signs in on another device. The session's id.
fn sign_in_elsewhere(app: &App) -> String {
    let issued = app.fake.sign_in("ana");
    app.fake.session_id_of(&issued.refresh).unwrap()
}

fn partial(result: SignOutOthersResult) -> Arc<PartialSignOutOthers> {
    match result {
        SignOutOthersResult::Partial { partial, .. } => partial,
        other => panic!("not partial: {}", name(&other)),
    }
}

fn name(result: &SignOutOthersResult) -> String {
    match result {
        SignOutOthersResult::Complete { sessions } => format!("complete: {}", sessions.len()),
        SignOutOthersResult::Partial { sessions, .. } => format!("partial: {}", sessions.len()),
        SignOutOthersResult::Failed { problem } => format!("failed: {}", problem.code),
    }
}

#[tokio::test]
async fn neither_a_session_nor_one_that_has_ended_prints_the_place_or_the_address() {
    let app = app().await;
    let other = sign_in_elsewhere(&app);
    app.fake.set_session(&other, "LastIPAddress", json!("198.51.100.7"));
    let place = json!({ "City": "Springfield", "Country": "Atlantis" });
    app.fake.set_session(&other, "LastLocation", place);

    let listed = app.auth.sessions().await.unwrap();
    let found = |session: &&UserSession| session.id.as_ref() == Some(&other);
    let session = listed.iter().find(found).unwrap();
    let place = (session.city.as_deref(), session.country.as_deref());
    assert_eq!(place, (Some("Springfield"), Some("Atlantis")));
    assert_eq!(session.ip_address.as_ref().unwrap().reveal(), "198.51.100.7");
    let SignOutOthersResult::Complete { sessions: ended } = app.auth.sign_out_others().await else {
        panic!("not complete")
    };
    let printed = format!("{listed:?} {ended:?}");
    assert!(printed.contains(&other), "{printed}");
    for personal in ["198.51.100.7", "Springfield", "Atlantis"] {
        assert!(!printed.contains(personal), "{printed}");
    }
}

#[tokio::test]
async fn what_is_left_after_ending_others_can_be_ended_by_its_id_or_by_a_retry() {
    let app = app().await;
    let (one, _two) = (sign_in_elsewhere(&app), sign_in_elsewhere(&app));
    let refused = Fault::Refuse(ServiceError::Forbidden);
    app.fake.on(Operation::RevokeUserSession).times(2, refused);
    let left = partial(app.auth.sign_out_others().await);
    app.auth.end_session(one, false).await.unwrap();
    assert_eq!(app.fake.live_sessions("ana"), 2);
    // Both: one that has ended already counts as ended.
    assert_eq!(name(&app.auth.retry_others(left).await), "complete: 2");
    assert_eq!(app.fake.live_sessions("ana"), 1);
    assert!(app.is_signed_in().await && !app.is_revoked());
}

#[tokio::test]
async fn a_retry_after_signing_out_and_in_again_fails_and_ends_nothing() {
    let app = app().await;
    sign_in_elsewhere(&app);
    let refused = Fault::Refuse(ServiceError::Forbidden);
    app.fake.on(Operation::RevokeUserSession).once(refused);
    let left = partial(app.auth.sign_out_others().await);
    assert_complete(&app.auth.sign_out(local()).await);
    app.store_anew().await;
    assert_eq!(name(&app.auth.retry_others(left).await), "failed: session_not_found");
    assert_eq!(app.fake.live_sessions("ana"), 2);
}

#[tokio::test]
async fn a_dropped_caller_does_not_stop_ending_others() {
    let app = app().await;
    sign_in_elsewhere(&app);
    let gate = app.fake.on(Operation::RevokeUserSession).hold();
    {
        let mut call = pin!(app.auth.sign_out_others());
        poll_fn(|context| {
            assert!(call.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        let asked = tokio::time::timeout(Duration::from_secs(5), gate.reached_by(1));
        asked.await.unwrap();
    }
    gate.open();
    let ended = async { while app.auth.sessions().await.unwrap().len() > 1 {} };
    tokio::time::timeout(Duration::from_secs(5), ended).await.unwrap();
    assert_eq!(app.fake.live_sessions("ana"), 1);
}

#[tokio::test]
async fn a_transport_that_throws_fails_each_call_and_nothing_has_ended() {
    let (online, throws) = (Online::new(), Arc::new(AtomicBool::new(false)));
    let does_it = Arc::clone(&throws);
    let app = App::tracking_sessions(Arc::new(Does(move |request, completion| {
        if does_it.load(Ordering::Relaxed) {
            return Err(TransportError::from(UnexpectedUniFFICallbackError::new(
                "thrown: SECRET",
            )));
        }
        cognito_signout::ffi::HttpTransport::start(&*online, request, completion)
    })))
    .await;
    let other = sign_in_elsewhere(&app);
    throws.store(true, Ordering::Relaxed);
    let errors = [
        app.auth.sessions().await.unwrap_err(),
        app.auth.end_session(other, true).await.unwrap_err(),
    ];
    for error in errors {
        assert!(!format!("{error:?}").contains("SECRET"));
        let AuthError::Service { problem } = error else {
            panic!("{error:?}")
        };
        assert_eq!(problem.code, "transport_failed");
    }
    assert_eq!(name(&app.auth.sign_out_others().await), "failed: transport_failed");
    assert_eq!(app.fake.live_sessions("ana"), 2);
}
