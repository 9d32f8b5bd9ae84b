//! Where the user is signed in, and ending other sessions, against FakeCognito's session management.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_signout::AuthEvent::SessionExpired;
use cognito_signout::fake_cognito::Operation::{InitiateAuth, ListUserSessions, RevokeUserSession};
use cognito_signout::fake_cognito::{FakeCognito, FakeCognitoBuilder, Fault, IssuedTokens, ServiceError};
use cognito_signout::{
    AuthError, DEFAULT_DEADLINE, EndReason, ErrorCode, Secret, SessionKind, SignOutOthersComplete,
    SignOutOthersPartial, SignOutOthersResult, SignedInWith, UserSession,
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::device::{Device, REFUSED, TWO_HOURS, complete, heard, of};

fn tracking() -> FakeCognitoBuilder {
    FakeCognito::builder().session_tracking()
}

/// A device on which ana is signed in, at a pool that tracks sessions.
async fn device() -> Device {
    of_pool(tracking()).await
}

async fn of_pool(pool: FakeCognitoBuilder) -> Device {
    let device = Device::at(pool, |config| config.session_tracking(true)).await;
    device.sign_in("ana").await;
    device
}

/// Ana signs in on another device, later.
fn elsewhere(device: &Device) -> IssuedTokens {
    device.advance(Duration::from_secs(1));
    device.fake.sign_in("ana")
}

/// Ana signs in on another device through its browser, later.
fn elsewhere_in_a_browser(device: &Device) -> IssuedTokens {
    device.advance(Duration::from_secs(1));
    device.fake.sign_in_through_browser("ana")
}

/// The id of the token session of these tokens.
fn id_of(device: &Device, tokens: &IssuedTokens) -> String {
    device.fake.session_id_of(&tokens.refresh).unwrap()
}

fn kinds(sessions: &[UserSession]) -> Vec<&str> {
    sessions.iter().map(|session| session.kind.as_str()).collect()
}

#[track_caller]
fn code<T: std::fmt::Debug>(result: Result<T, AuthError>) -> ErrorCode {
    result.unwrap_err().code()
}

#[track_caller]
fn all_ended(result: SignOutOthersResult) -> SignOutOthersComplete {
    match result {
        SignOutOthersResult::Complete(complete) => complete,
        other => panic!("not complete: {other:?}"),
    }
}

#[track_caller]
fn some_left(result: SignOutOthersResult) -> SignOutOthersPartial {
    match result {
        SignOutOthersResult::Partial(partial) => partial,
        other => panic!("not partial: {other:?}"),
    }
}

#[track_caller]
fn refused(result: SignOutOthersResult) -> ErrorCode {
    match result {
        SignOutOthersResult::Failed(failed) => failed.error.code(),
        other => panic!("not failed: {other:?}"),
    }
}

#[tokio::test]
async fn the_list_has_every_session_the_last_active_first_and_marks_this_one() {
    let device = device().await;
    let other = elsewhere_in_a_browser(&device);
    let sessions = device.auth.sessions().await.unwrap();
    assert_eq!(sessions.len(), 3);
    assert_eq!(sessions.iter().filter(|session| session.is_current).count(), 1);
    assert!(sessions[2].is_current, "{sessions:?}");
    let token = sessions
        .iter()
        .find(|session| session.id == Some(id_of(&device, &other)))
        .unwrap();
    let sso = sessions
        .iter()
        .find(|session| session.kind == SessionKind::Sso)
        .unwrap();
    assert_eq!((&token.kind, &token.origin), (&SessionKind::Token, &sso.id));
    assert_eq!(sessions[2].origin, None);
}

#[tokio::test]
async fn the_list_is_refreshed_for_and_read_page_by_page() {
    let device = of_pool(tracking().session_page_size(2)).await;
    for _ in 0..6 {
        elsewhere(&device);
    }
    device.advance(TWO_HOURS);
    assert_eq!(device.auth.sessions().await.unwrap().len(), 7);
    assert_eq!(device.fake.count(ListUserSessions), 4);
}

#[tokio::test]
async fn another_session_can_be_ended_and_only_that_one() {
    let device = device().await;
    let (one, other) = (elsewhere(&device), elsewhere(&device));
    device.auth.end_session(&id_of(&device, &one), false).await.unwrap();
    assert!(!device.fake.is_refresh_token_live(&one.refresh));
    assert!(device.fake.is_refresh_token_live(&other.refresh));
    device.assert_signed_in_as("ana").await;
    let again = device.auth.end_session(&id_of(&device, &one), false).await;
    assert_eq!(code(again), ErrorCode::SessionNotFound);
}

#[tokio::test]
async fn a_session_whose_end_got_no_response_is_not_missed_at_the_next_attempt() {
    let device = device().await;
    let other = elsewhere(&device);
    device
        .fake
        .on(RevokeUserSession)
        .after_effect()
        .once(Fault::HtmlPage(503));
    assert_eq!(device.auth.end_session(&id_of(&device, &other), false).await, Ok(()));
    assert_eq!(device.fake.count(RevokeUserSession), 2);
    assert!(!device.fake.is_refresh_token_live(&other.refresh));
}

#[tokio::test]
async fn ones_own_session_is_refused_whether_the_list_tells_it_or_cognito_does() {
    let device = device().await;
    let own = device.auth.sessions().await.unwrap()[0].id.clone().unwrap();
    assert_eq!(code(device.auth.end_session(&own, false).await), ErrorCode::OwnSession);
    assert_eq!(device.fake.count(RevokeUserSession), 0);
    device
        .fake
        .on(ListUserSessions)
        .always(Fault::Refuse(ServiceError::Forbidden));
    assert_eq!(code(device.auth.end_session(&own, false).await), ErrorCode::OwnSession);
    device.assert_signed_in_as("ana").await;
}

#[tokio::test]
async fn ones_own_session_is_refused_if_the_list_marks_it_without_its_id() {
    let device = device().await;
    let own = device.auth.sessions().await.unwrap()[0].id.clone().unwrap();
    device.fake.on(RevokeUserSession).always(REFUSED);
    device.fake.set_session(&own, "SessionId", Value::Null);
    assert_eq!(code(device.auth.end_session(&own, false).await), ErrorCode::OwnSession);
}

#[tokio::test]
async fn the_sso_session_behind_this_one_can_be_ended_alone_but_not_linked() {
    let device = Device::at(tracking(), |config| config.session_tracking(true)).await;
    let tokens = device.fake.sign_in_through_browser("ana");
    device
        .auth
        .store_session(of(&tokens), SignedInWith::HostedUi)
        .await
        .unwrap();
    let sessions = device.auth.sessions().await.unwrap();
    let sso = sessions
        .iter()
        .find(|session| session.kind == SessionKind::Sso)
        .unwrap();
    let id = sso.id.as_deref().unwrap();
    assert_eq!(code(device.auth.end_session(id, true).await), ErrorCode::OwnSession);
    device.auth.end_session(id, false).await.unwrap();
    assert!(!device.fake.has_browser_session("ana"));
    assert!(device.fake.is_refresh_token_live(&tokens.refresh));
}

#[tokio::test]
async fn an_id_of_the_wrong_form_is_refused_without_a_request() {
    let device = device().await;
    for id in [
        "",
        "tkn",
        "TKN0123456789012345678901234",
        "tkn0123456789012345678901 34",
    ] {
        assert_eq!(
            code(device.auth.end_session(id, false).await),
            ErrorCode::InvalidInput,
            "{id}"
        );
    }
    device.assert_asked(&[]);
}

#[tokio::test]
async fn signing_out_the_others_ends_every_session_but_this_one_and_the_browser_behind_it() {
    let device = Device::at(tracking(), |config| config.session_tracking(true)).await;
    let own = device.fake.sign_in_through_browser("ana");
    device
        .auth
        .store_session(of(&own), SignedInWith::HostedUi)
        .await
        .unwrap();
    let others = [elsewhere(&device), elsewhere(&device), elsewhere(&device)];
    let ended = all_ended(device.auth.sign_out_others().await);
    assert_eq!(ended.sessions.len(), 3);
    for other in others {
        assert!(!device.fake.is_refresh_token_live(&other.refresh));
    }
    let left = device.auth.sessions().await.unwrap();
    assert_eq!(kinds(&left).len(), 2, "{left:?}");
    assert!(device.fake.has_browser_session("ana"));
    device.auth.refresh().await.unwrap();
}

#[tokio::test]
async fn another_browsers_sso_session_ends_with_the_apps_behind_it() {
    let device = device().await;
    let other = elsewhere_in_a_browser(&device);
    let ended = all_ended(device.auth.sign_out_others().await);
    assert_eq!(ended.sessions.len(), 2);
    assert!(!device.fake.has_browser_session("ana"));
    assert!(!device.fake.is_refresh_token_live(&other.refresh));
    assert_eq!(device.auth.sessions().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_could_not_be_ended_is_left_in_the_result_and_a_retry_ends_only_that() {
    let device = device().await;
    for _ in 0..3 {
        elsewhere(&device);
    }
    device.fake.on(RevokeUserSession).once(REFUSED);
    let partial = some_left(device.auth.sign_out_others().await);
    assert_eq!(partial.sessions.len(), 3);
    let left: Vec<_> = partial.errors().map(|(_, error)| error.code()).collect();
    assert_eq!(left, [ErrorCode::Refused]);
    let before = device.fake.count(RevokeUserSession);
    assert_eq!(all_ended(device.auth.retry_others(&partial).await).sessions.len(), 3);
    assert_eq!(device.fake.count(RevokeUserSession), before + 1);
}

#[tokio::test]
async fn a_retry_for_a_user_who_is_no_longer_signed_in_ends_nothing() {
    let device = device().await;
    elsewhere(&device);
    device.fake.on(RevokeUserSession).once(REFUSED);
    let partial = some_left(device.auth.sign_out_others().await);
    complete(device.sign_out().await);
    assert_eq!(refused(device.auth.retry_others(&partial).await), ErrorCode::SignedOut);
    device.sign_in("bob").await;
    assert_eq!(
        refused(device.auth.retry_others(&partial).await),
        ErrorCode::SessionNotFound
    );
    assert_eq!(device.fake.count(RevokeUserSession), 1);
}

#[tokio::test]
async fn no_session_is_ended_if_the_list_does_not_say_which_one_is_this() {
    let device = device().await;
    elsewhere(&device);
    let own = device.auth.sessions().await.unwrap();
    let own = own
        .iter()
        .find(|session| session.is_current)
        .and_then(|own| own.id.clone())
        .unwrap();
    device.fake.set_session(&own, "IsCurrentSession", Value::Null);
    assert_eq!(
        refused(device.auth.sign_out_others().await),
        ErrorCode::UnexpectedResponse
    );
    assert_eq!(device.fake.count(RevokeUserSession), 0);
}

#[tokio::test]
async fn tracking_that_is_off_and_a_missing_scope_and_an_unknown_operation_have_codes_of_their_own() {
    let off = Device::signed_in().await;
    assert_eq!(code(off.auth.sessions().await), ErrorCode::SessionTrackingOff);
    assert_eq!(refused(off.auth.sign_out_others().await), ErrorCode::SessionTrackingOff);
    for (fault, expected) in [
        (ServiceError::MissingScope, ErrorCode::MissingScope),
        (ServiceError::UnknownOperation, ErrorCode::SessionsNotSupported),
        (ServiceError::FeatureUnavailableInTier, ErrorCode::SessionTrackingOff),
        (ServiceError::Forbidden, ErrorCode::Forbidden),
    ] {
        let device = device().await;
        device.fake.on(ListUserSessions).always(Fault::Refuse(fault));
        assert_eq!(code(device.auth.sessions().await), expected);
        assert_eq!(refused(device.auth.sign_out_others().await), expected);
        device.assert_signed_in_as("ana").await;
    }
}

#[tokio::test]
async fn a_session_that_was_revoked_elsewhere_expires_and_an_access_token_alone_is_refreshed() {
    let device = device().await;
    let mut events = device.auth.events();
    device
        .fake
        .on(ListUserSessions)
        .once(Fault::Refuse(ServiceError::AccessTokenRevoked));
    assert_eq!(device.auth.sessions().await.unwrap().len(), 1);
    assert_eq!(heard(&mut events), []);

    device
        .fake
        .on(ListUserSessions)
        .always(Fault::Refuse(ServiceError::AccessTokenRevoked));
    device
        .fake
        .on(InitiateAuth)
        .always(Fault::Refuse(ServiceError::RefreshTokenRevoked));
    assert_eq!(device.auth.sessions().await, Err(AuthError::SessionExpired));
    assert_eq!(
        heard(&mut events),
        [SessionExpired {
            reason: EndReason::Revoked
        }]
    );
    device.assert_signed_in_as("ana").await;
}

#[tokio::test]
async fn a_sign_in_elsewhere_beyond_the_limit_evicts_this_session_and_signing_out_is_complete() {
    let device = of_pool(tracking().max_sessions_per_user(1)).await;
    let mut events = device.auth.events();
    elsewhere(&device);
    device.advance(TWO_HOURS);
    assert_eq!(device.auth.tokens().await, Err(AuthError::SessionExpired));
    assert_eq!(
        heard(&mut events),
        [SessionExpired {
            reason: EndReason::Revoked
        }]
    );
    device.assert_signed_in_as("ana").await;
    complete(device.sign_out().await);
}

#[tokio::test]
async fn neither_place_nor_ip_address_is_in_debug_and_the_json_has_no_ip_address() {
    let device = device().await;
    let own = device.auth.sessions().await.unwrap()[0].id.clone().unwrap();
    device.fake.set_session(&own, "LastIPAddress", json!("198.51.100.7"));
    device.fake.set_session(
        &own,
        "LastLocation",
        json!({ "City": "Springfield", "Country": "Atlantis" }),
    );
    let session = device.auth.sessions().await.unwrap().remove(0);
    assert_eq!(session.ip_address.as_ref().map(Secret::reveal), Some("198.51.100.7"));
    let printed = format!("{session:?}");
    for personal in ["198.51.100.7", "Springfield", "Atlantis"] {
        assert!(!printed.contains(personal), "{printed}");
    }
    let json = serde_json::to_value(&session).unwrap();
    assert_eq!((&json["city"], &json["current"]), (&json!("Springfield"), &json!(true)));
    assert!(!json.to_string().contains("198.51.100.7"));
}

#[tokio::test]
async fn members_that_are_missing_or_unknown_are_kept_as_such() {
    let device = device().await;
    let other = id_of(&device, &elsewhere(&device));
    for member in [
        "ClientId",
        "CreateDate",
        "LastActiveDate",
        "DeviceType",
        "LastIPAddress",
        "LastLocation",
    ] {
        device.fake.set_session(&other, member, Value::Null);
    }
    device.fake.set_session(&other, "SessionType", json!("KIOSK"));
    let listed = device.auth.sessions().await.unwrap();
    let session = listed
        .iter()
        .find(|session| session.id.as_deref() == Some(&other))
        .unwrap();
    assert_eq!(session.kind, SessionKind::Other("KIOSK".to_owned()));
    assert_eq!(
        (&session.client_id, session.created, &session.device),
        (&None, None, &None)
    );
    let partial = some_left(device.auth.sign_out_others().await);
    let (left, error) = partial.errors().next().unwrap();
    assert_eq!(
        (left.id.as_deref(), error.code()),
        (Some(&*other), ErrorCode::UnexpectedResponse)
    );

    device.fake.set_session(&other, "SessionId", Value::Null);
    device.fake.set_session(&other, "SessionType", json!("TOKEN"));
    let partial = some_left(device.auth.sign_out_others().await);
    assert_eq!(partial.errors().next().map(|(left, _)| left.id.clone()), Some(None));
}

#[tokio::test]
async fn a_caller_that_goes_away_stops_nothing_half_way() {
    let device = device().await;
    let others = [elsewhere(&device), elsewhere(&device)];
    let gate = device.fake.on(RevokeUserSession).hold();
    let auth = device.auth.clone();
    let caller = tokio::spawn(async move { drop(auth.sign_out_others().await) });
    gate.reached_by(2).await;
    caller.abort();
    gate.open();
    while others
        .iter()
        .any(|other| device.fake.is_refresh_token_live(&other.refresh))
    {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_session_that_throttling_delays_is_ended_all_the_same() {
    let device = device().await;
    for _ in 0..2 {
        elsewhere(&device);
    }
    device
        .fake
        .on(RevokeUserSession)
        .times(3, Fault::Refuse(ServiceError::TooManyRequests));
    all_ended(device.auth.sign_out_others().await);
}

#[tokio::test]
async fn at_most_four_sessions_are_ended_at_the_same_time() {
    let device = device().await;
    for _ in 0..6 {
        elsewhere(&device);
    }
    let gate = device.fake.on(RevokeUserSession).hold();
    let auth = device.auth.clone();
    let caller = tokio::spawn(async move { auth.sign_out_others().await });
    gate.reached_by(4).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(device.fake.count(RevokeUserSession), 4);
    gate.open();
    assert_eq!(all_ended(caller.await.unwrap()).sessions.len(), 6);
}

/// A device at a pool that tracks sessions. The time limit of an attempt is long, so only the deadline matters.
async fn patient_device() -> Device {
    let attempt = Duration::from_secs(60);
    let device = Device::at(tracking(), |config| config.attempt_timeout(attempt)).await;
    device.sign_in("ana").await;
    device
}

#[tokio::test(start_paused = true)]
async fn sessions_whose_end_hangs_are_left_within_the_deadline() {
    let device = patient_device().await;
    for _ in 0..6 {
        elsewhere(&device);
    }
    device.fake.on(RevokeUserSession).always(Fault::Hang);
    let started = Instant::now();
    let partial = some_left(device.auth.sign_out_others().await);
    assert!(started.elapsed() <= DEFAULT_DEADLINE, "{:?}", started.elapsed());
    let left: Vec<_> = partial.errors().map(|(_, error)| error.code()).collect();
    assert_eq!(left, [ErrorCode::TimedOut; 6]);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_hangs_leaves_time_to_end_the_session() {
    let device = patient_device().await;
    let other = elsewhere(&device);
    device.fake.on(ListUserSessions).always(Fault::Hang);
    let started = Instant::now();
    device.auth.end_session(&id_of(&device, &other), false).await.unwrap();
    assert!(started.elapsed() <= DEFAULT_DEADLINE, "{:?}", started.elapsed());
    assert!(!device.fake.is_refresh_token_live(&other.refresh));
    assert_eq!(code(device.auth.sessions().await), ErrorCode::TimedOut);
}

/// With the new user's tokens Cognito would not find the sessions, and so they would count as ended.
#[tokio::test]
async fn a_user_who_signs_in_meanwhile_does_not_end_the_old_users_sessions() {
    let device = device().await;
    let others = [(); 5].map(|()| elsewhere(&device));
    let gate = device.fake.on(RevokeUserSession).hold();
    let auth = device.auth.clone();
    let caller = tokio::spawn(async move { auth.sign_out_others().await });
    gate.reached_by(4).await;
    device.sign_in("bob").await;
    gate.open();
    let partial = some_left(caller.await.unwrap());
    let left: Vec<_> = partial.errors().map(|(_, error)| error.code()).collect();
    assert_eq!(left, [ErrorCode::SignedOut]);
    let alive = |other: &&IssuedTokens| device.fake.is_refresh_token_live(&other.refresh);
    assert_eq!(others.iter().filter(alive).count(), 1);
    device.auth.refresh().await.unwrap();
}

#[tokio::test]
async fn a_retry_after_a_new_sign_in_through_a_session_that_was_left_does_not_end_the_new_one() {
    let device = device().await;
    elsewhere_in_a_browser(&device);
    device.fake.on(RevokeUserSession).once(REFUSED);
    let partial = some_left(device.auth.sign_out_others().await);
    assert!(partial.errors().all(|(left, _)| left.kind == SessionKind::Sso));
    complete(device.sign_out().await);
    let new = elsewhere_in_a_browser(&device);
    let stored = device.auth.store_session(of(&new), SignedInWith::HostedUi).await;
    stored.unwrap();
    assert_eq!(
        refused(device.auth.retry_others(&partial).await),
        ErrorCode::SessionNotFound
    );
    assert!(device.fake.has_browser_session("ana"));
    device.auth.refresh().await.unwrap();
}

/// An SSO session that ends with its apps could take this app's session along, if it is the one behind it.
#[tokio::test]
async fn a_browsers_session_never_ends_with_its_apps_if_it_may_be_the_one_behind_this() {
    let device = Device::at(tracking(), |config| config.session_tracking(true)).await;
    let own = device.fake.sign_in_through_browser("ana");
    let stored = device.auth.store_session(of(&own), SignedInWith::HostedUi).await;
    stored.unwrap();
    let other = elsewhere(&device);
    device
        .fake
        .set_session(&id_of(&device, &own), "OriginSessionId", Value::Null);
    let sessions = device.auth.sessions().await.unwrap();
    let sso = sessions.iter().find(|session| session.kind == SessionKind::Sso);
    let sso = sso.unwrap().id.as_deref().unwrap();
    assert_eq!(
        code(device.auth.end_session(sso, true).await),
        ErrorCode::UnexpectedResponse
    );
    let list = ListUserSessions;
    device.fake.on(list).once(Fault::Refuse(ServiceError::Forbidden));
    assert_eq!(code(device.auth.end_session(sso, true).await), ErrorCode::Forbidden);
    assert_eq!(device.fake.count(RevokeUserSession), 0);

    assert_eq!(all_ended(device.auth.sign_out_others().await).sessions.len(), 2);
    assert!(!device.fake.is_refresh_token_live(&other.refresh));
    device.auth.refresh().await.unwrap();
}

#[tokio::test]
async fn a_refusal_of_the_list_and_of_the_request_does_not_make_it_ones_own_session() {
    let device = device().await;
    let other = elsewhere(&device);
    device.fake.on(ListUserSessions).always(REFUSED);
    device.fake.on(RevokeUserSession).always(REFUSED);
    let ended = device.auth.end_session(&id_of(&device, &other), false).await;
    assert_eq!(code(ended), ErrorCode::Refused);
}

/// `https://cognito-idp.…` and, since June 2026, `https://issuer-cognito-idp.…`. The endpoint is the same.
#[tokio::test]
async fn tokens_of_both_forms_of_issuer_are_accepted() {
    for (pool, issuer) in [
        (tracking(), "https://cognito-idp."),
        (tracking().updated_issuer(), "https://issuer-cognito-idp."),
    ] {
        let device = of_pool(pool).await;
        assert!(issuer_of(&device.auth.tokens().await.unwrap().access_token).starts_with(issuer));
        elsewhere(&device);
        device.advance(TWO_HOURS);
        assert_eq!(device.auth.sessions().await.unwrap().len(), 2);
        all_ended(device.auth.sign_out_others().await);
        complete(device.sign_out().await);
    }
}

fn issuer_of(token: &Secret) -> String {
    let claims = token.reveal().split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    claims["iss"].as_str().unwrap().to_owned()
}
