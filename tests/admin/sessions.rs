//! One user's sessions: the list, the end of one of them, and of all but one.

use std::time::Duration;

use cognito_signout::admin::{AdminError, SessionOutcome};
use cognito_signout::fake_cognito::{FakeCognito, FakeCognitoBuilder, Fault, IssuedTokens, Operation, ServiceError};
use cognito_signout::{SessionKind, UserSession};
use serde_json::{Value, json};

use crate::{client, client_builder};

const LIST: Operation = Operation::AdminListUserSessions;
const REVOKE: Operation = Operation::AdminRevokeUserSession;

async fn tracking(with: impl FnOnce(FakeCognitoBuilder) -> FakeCognitoBuilder) -> FakeCognito {
    let pool = FakeCognito::builder().session_tracking().max_sessions_per_user(100);
    with(pool).start().await.unwrap()
}

async fn listed(fake: &FakeCognito) -> Vec<UserSession> {
    client(fake).sessions(&fake.user_pool_id(), "ana").await.unwrap()
}

fn id(fake: &FakeCognito, tokens: &IssuedTokens) -> String {
    fake.session_id_of(&tokens.refresh).unwrap()
}

/// The SSO session that the tokens came through.
fn sso_id(fake: &FakeCognito, tokens: &IssuedTokens) -> String {
    let id = id(fake, tokens);
    let sessions = fake.sessions("ana");
    let mut sessions = sessions.iter();
    let session = sessions.find(|session| session["SessionId"] == id.as_str()).unwrap();
    session["OriginSessionId"].as_str().unwrap().to_owned()
}

async fn end(fake: &FakeCognito, id: &str, linked: bool) -> Result<(), AdminError> {
    client(fake).end_session(&fake.user_pool_id(), "ana", id, linked).await
}

async fn end_others(fake: &FakeCognito, kept: &str) -> Result<Vec<SessionOutcome>, AdminError> {
    client(fake).end_other_sessions(&fake.user_pool_id(), "ana", kept).await
}

/// Whether a test's session can still be refreshed.
fn is_live(fake: &FakeCognito, tokens: &IssuedTokens) -> bool {
    fake.is_refresh_token_live(&tokens.refresh)
}

#[tokio::test]
async fn an_entry_has_what_cognito_says_of_it() {
    let fake = tracking(|pool| pool).await;
    let tokens = fake.sign_in_through_browser("ana");
    let (token, sso) = (id(&fake, &tokens), sso_id(&fake, &tokens));
    fake.set_session(&token, "LastIPAddress", json!("192.0.2.7"));
    fake.set_session(&token, "LastLocation", json!({ "City": "Oslo", "Country": "Norway" }));
    fake.set_session(&token, "DeviceType", json!("Notes/2 (Android 16)"));
    let sessions = listed(&fake).await;
    let session = |id: &str| {
        sessions
            .iter()
            .find(|session| session.id.as_deref() == Some(id))
            .unwrap()
    };
    let (of_app, of_browser) = (session(&token), session(&sso));
    assert_eq!(
        (&of_app.kind, &of_browser.kind),
        (&SessionKind::Token, &SessionKind::Sso)
    );
    assert_eq!(of_app.client_id, Some(fake.client_id()));
    assert_eq!(of_app.origin.as_deref(), Some(sso.as_str()));
    assert_eq!(of_app.device.as_deref(), Some("Notes/2 (Android 16)"));
    assert_eq!(
        (of_app.city.as_deref(), of_app.country.as_deref()),
        (Some("Oslo"), Some("Norway"))
    );
    assert_eq!(of_app.ip_address.as_ref().unwrap().reveal(), "192.0.2.7");
    assert!(of_app.created.is_some() && of_app.last_active.is_some());
    assert!(!sessions.iter().any(|session| session.is_current));
    let shown = format!("{sessions:?}");
    assert!(!shown.contains("192.0.2.7") && !shown.contains("Oslo"), "{shown}");
    let request = fake.requests().pop().unwrap();
    assert_eq!(
        *request.body(),
        json!({ "UserPoolId": fake.user_pool_id(), "Username": "ana" })
    );
}

#[tokio::test]
async fn all_pages_are_read_and_the_last_active_comes_first() {
    let fake = tracking(|pool| pool.session_page_size(2)).await;
    for hour in 1..6 {
        fake.sign_in("ana");
        fake.advance(Duration::from_secs(3600 * hour));
    }
    let sessions = listed(&fake).await;
    assert_eq!((sessions.len(), fake.count(LIST)), (5, 3));
    let active: Vec<_> = sessions.iter().map(|session| session.last_active.unwrap()).collect();
    assert!(active.is_sorted_by(|earlier, later| earlier > later), "{active:?}");
    fake.sign_in("bob");
    assert_eq!(listed(&fake).await.len(), 5);
    fake.add_user("eve", "");
    assert_eq!(
        client(&fake).sessions(&fake.user_pool_id(), "eve").await,
        Ok(Vec::new())
    );
}

#[tokio::test]
async fn a_list_that_does_not_end_is_an_error() {
    let fake = tracking(|pool| pool.session_page_size(1)).await;
    for _ in 0..21 {
        fake.sign_in("ana");
    }
    let error = client(&fake).sessions(&fake.user_pool_id(), "ana").await.unwrap_err();
    assert_eq!(error.code().as_str(), "unexpected_response");
    assert_eq!(fake.count(LIST), 20);
}

#[tokio::test]
async fn one_session_ends_and_with_linked_what_belongs_to_it() {
    let fake = tracking(|pool| pool).await;
    let (first, second, api) = (
        fake.sign_in_through_browser("ana"),
        fake.sign_in_through_browser("ana"),
        fake.sign_in("ana"),
    );
    end(&fake, &id(&fake, &first), false).await.unwrap();
    assert!(!is_live(&fake, &first) && is_live(&fake, &second) && fake.has_browser_session("ana"));
    let without_linked = json!({
        "UserPoolId": fake.user_pool_id(),
        "Username": "ana",
        "SessionId": id(&fake, &first),
    });
    assert_eq!(*fake.requests().last().unwrap().body(), without_linked);

    end(&fake, &sso_id(&fake, &second), true).await.unwrap();
    assert!(!is_live(&fake, &second) && is_live(&fake, &api) && !fake.has_browser_session("ana"));
    let body = fake.requests().last().unwrap().body().clone();
    assert_eq!(body["RevokeAssociatedSessions"], "LINKED");
}

#[tokio::test]
async fn a_session_that_has_ended_or_is_another_users_is_not_found() {
    let fake = tracking(|pool| pool).await;
    let (ana, bob) = (fake.sign_in("ana"), fake.sign_in("bob"));
    let own = id(&fake, &ana);
    end(&fake, &own, false).await.unwrap();
    assert_eq!(end(&fake, &own, false).await, Err(AdminError::SessionNotFound));
    assert_eq!(
        end(&fake, &id(&fake, &bob), false).await,
        Err(AdminError::SessionNotFound)
    );
    assert!(is_live(&fake, &bob));
    assert_eq!(AdminError::SessionNotFound.code().as_str(), "session_not_found");
}

#[tokio::test]
async fn a_session_whose_end_got_no_response_is_not_missed_at_the_next_attempt() {
    let fake = tracking(|pool| pool).await;
    let tokens = fake.sign_in("ana");
    fake.on(REVOKE).after_effect().once(Fault::HtmlPage(503));
    assert_eq!(end(&fake, &id(&fake, &tokens), false).await, Ok(()));
    assert_eq!(fake.count(REVOKE), 2);
    // Throttling says that nothing was done, so the session had ended before.
    fake.on(REVOKE).once(Fault::Refuse(ServiceError::TooManyRequests));
    assert_eq!(
        end(&fake, &id(&fake, &tokens), false).await,
        Err(AdminError::SessionNotFound)
    );
}

#[tokio::test(start_paused = true)]
async fn a_single_call_retries_a_failing_service() {
    let fake = tracking(|pool| pool).await;
    let session = id(&fake, &fake.sign_in("ana"));
    for operation in [LIST, REVOKE] {
        fake.on(operation).times(4, Fault::HtmlPage(503));
    }
    assert_eq!(listed(&fake).await.len(), 1);
    assert_eq!(end(&fake, &session, false).await, Ok(()));
    assert_eq!((fake.count(LIST), fake.count(REVOKE)), (5, 5));
}

#[tokio::test]
async fn what_is_no_session_id_or_no_user_name_is_not_sent() {
    let fake = tracking(|pool| pool).await;
    let (client, pool) = (client(&fake), fake.user_pool_id());
    let session = format!("tkn{}", "a".repeat(25));
    for wrong in ["", "tkn", &format!("tkn{}", "A".repeat(25)), &session[..27]] {
        for error in [
            client.end_session(&pool, "ana", wrong, false).await.unwrap_err(),
            client.end_other_sessions(&pool, "ana", wrong).await.unwrap_err(),
        ] {
            assert!(matches!(error, AdminError::InvalidInput(_)), "{wrong}: {error:?}");
        }
    }
    // The session to keep is an app's.
    let sso = format!("sso{}", "a".repeat(25));
    let error = client.end_other_sessions(&pool, "ana", &sso).await.unwrap_err();
    assert!(matches!(error, AdminError::InvalidInput(_)));
    for error in [
        client.sessions(&pool, "ana bob").await.unwrap_err(),
        client.end_session(&pool, "", &session, false).await.unwrap_err(),
    ] {
        assert!(matches!(error, AdminError::InvalidInput(_)));
    }
    assert!(fake.requests().is_empty());
}

#[tokio::test]
async fn all_sessions_end_but_the_kept_one_and_its_browsers() {
    let fake = tracking(|pool| pool).await;
    let kept = fake.sign_in_through_browser("ana");
    let sibling = fake.sign_in_through_browser("ana");
    let others = [fake.sign_in("ana"), fake.sign_in("ana")];
    let bob = fake.sign_in("bob");
    let kept_id = id(&fake, &kept);
    let outcomes = end_others(&fake, &kept_id).await.unwrap();
    assert_eq!(outcomes.len(), 3);
    assert!(outcomes.iter().all(|outcome| outcome.result == Ok(())), "{outcomes:?}");
    assert!(is_live(&fake, &kept) && is_live(&fake, &bob) && fake.has_browser_session("ana"));
    assert!(!is_live(&fake, &sibling) && !others.iter().any(|other| is_live(&fake, other)));
    let left: Vec<Value> = fake.sessions("ana");
    assert_eq!(left.len(), 2, "{left:?}");
    assert_eq!(end_others(&fake, &kept_id).await, Ok(Vec::new()));
}

/// The app client uses no browser's session, so each sign-in at the hosted pages makes its own.
#[tokio::test]
async fn another_browsers_session_ends_first_with_what_came_through_it() {
    let fake = tracking(|pool| pool.sso_validity(Duration::ZERO)).await;
    let other = fake.sign_in_through_browser("ana");
    let kept = fake.sign_in_through_browser("ana");
    let other_browser = sso_id(&fake, &other);
    assert_ne!(other_browser, sso_id(&fake, &kept));
    let outcomes = end_others(&fake, &id(&fake, &kept)).await.unwrap();
    assert!(outcomes.iter().all(|outcome| outcome.result == Ok(())), "{outcomes:?}");
    assert_eq!(outcomes[0].session.id.as_deref(), Some(other_browser.as_str()));
    let sent = fake.requests();
    let mut revoked = sent.iter().filter(|request| request.operation() == Some(REVOKE));
    let first = revoked.next().unwrap().body();
    assert_eq!(first["SessionId"], other_browser.as_str());
    assert_eq!(first["RevokeAssociatedSessions"], "LINKED");
    // It had ended with its browser's session, and counts as ended.
    assert_eq!(revoked.next().unwrap().body()["SessionId"], id(&fake, &other).as_str());
    assert!(is_live(&fake, &kept) && !is_live(&fake, &other));
}

/// An SSO session that ends with its apps could take the kept session along, if it is the one behind it.
#[tokio::test]
async fn a_browsers_session_never_ends_with_its_apps_if_it_may_be_the_one_behind_the_kept_session() {
    let fake = tracking(|pool| pool).await;
    let (kept, sibling) = (fake.sign_in_through_browser("ana"), fake.sign_in_through_browser("ana"));
    let kept_id = id(&fake, &kept);
    fake.set_session(&kept_id, "OriginSessionId", Value::Null);
    let outcomes = end_others(&fake, &kept_id).await.unwrap();
    assert!(outcomes.iter().all(|outcome| outcome.result == Ok(())), "{outcomes:?}");
    assert!(is_live(&fake, &kept) && !is_live(&fake, &sibling));
}

#[tokio::test]
async fn nothing_ends_if_the_session_to_keep_is_not_in_the_list() {
    let fake = tracking(|pool| pool).await;
    let (ana, bob) = (fake.sign_in("ana"), fake.sign_in("bob"));
    let kept = id(&fake, &bob);
    assert_eq!(end_others(&fake, &kept).await, Err(AdminError::SessionNotFound));
    assert_eq!(fake.count(REVOKE), 0);
    assert!(is_live(&fake, &ana));
}

#[tokio::test]
async fn each_session_that_is_left_says_why() {
    let fake = tracking(|pool| pool).await;
    let kept = id(&fake, &fake.sign_in("ana"));
    let others: Vec<IssuedTokens> = (0..3).map(|_| fake.sign_in("ana")).collect();
    fake.set_session(&id(&fake, &others[0]), "SessionType", json!("DEVICE"));
    fake.set_session(&id(&fake, &others[1]), "SessionId", Value::Null);
    let outcomes = end_others(&fake, &kept).await.unwrap();
    let left: Vec<String> = (outcomes.iter())
        .filter_map(|outcome| Some(outcome.result.as_ref().err()?.to_string()))
        .collect();
    assert_eq!(left.len(), 2, "{outcomes:?}");
    assert!(
        left.iter().any(|why| why.contains("this kind of session is not known")),
        "{left:?}"
    );
    assert!(left.iter().any(|why| why.contains("gives this one no id")), "{left:?}");
    assert!(!is_live(&fake, &others[2]) && is_live(&fake, &others[0]));
}

#[tokio::test]
async fn a_missing_permission_is_sent_for_a_few_sessions_and_not_for_all() {
    let fake = tracking(|pool| pool).await;
    let kept = id(&fake, &fake.sign_in("ana"));
    for _ in 0..40 {
        fake.sign_in("ana");
    }
    fake.on(REVOKE).always(Fault::Refuse(ServiceError::AccessDenied));
    let outcomes = end_others(&fake, &kept).await.unwrap();
    let action = "cognito-idp:AdminRevokeUserSession".to_owned();
    let denied = Err(AdminError::AccessDenied { action });
    assert!(outcomes.len() == 40 && outcomes.iter().all(|outcome| outcome.result == denied));
    assert!(fake.count(REVOKE) <= 8, "{}", fake.count(REVOKE));
}

#[tokio::test(start_paused = true)]
async fn sessions_end_side_by_side_and_throttling_is_waited_out() {
    let fake = tracking(|pool| pool).await;
    let kept = id(&fake, &fake.sign_in("ana"));
    for _ in 0..30 {
        fake.sign_in("ana");
    }
    fake.on(REVOKE).times(12, Fault::Refuse(ServiceError::TooManyRequests));
    let outcomes = end_others(&fake, &kept).await.unwrap();
    assert!(outcomes.len() == 30 && outcomes.iter().all(|outcome| outcome.result == Ok(())));
    assert_eq!(fake.count(REVOKE), 42);
    assert_eq!(fake.live_sessions("ana"), 1);
}

#[tokio::test]
async fn at_most_eight_requests_run_at_the_same_time() {
    let fake = tracking(|pool| pool).await;
    let kept = id(&fake, &fake.sign_in("ana"));
    for _ in 0..20 {
        fake.sign_in("ana");
    }
    let gate = fake.on(REVOKE).hold();
    let (client, pool) = (client(&fake), fake.user_pool_id());
    let ending = tokio::spawn(async move { client.end_other_sessions(&pool, "ana", &kept).await });
    gate.reached_by(8).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(fake.count(REVOKE), 8);
    gate.open();
    let outcomes = ending.await.unwrap().unwrap();
    assert!(outcomes.len() == 20 && outcomes.iter().all(|outcome| outcome.result == Ok(())));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_silent_is_waited_for_a_minute() {
    let fake = tracking(|pool| pool).await;
    let kept = id(&fake, &fake.sign_in("ana"));
    for _ in 0..40 {
        fake.sign_in("ana");
    }
    fake.on(REVOKE).always(Fault::Hang);
    let client = client_builder(&fake)
        .attempt_timeout(Duration::from_secs(50))
        .unwrap()
        .build();
    let started = tokio::time::Instant::now();
    let outcomes = client
        .end_other_sessions(&fake.user_pool_id(), "ana", &kept)
        .await
        .unwrap();
    assert_eq!(outcomes.len(), 40);
    for outcome in outcomes {
        assert_eq!(outcome.result.unwrap_err().code().as_str(), "timed_out");
    }
    assert!(started.elapsed() < Duration::from_secs(62), "{:?}", started.elapsed());
}

#[tokio::test]
async fn an_error_says_what_is_wrong() {
    let fake = FakeCognito::start().await.unwrap();
    fake.add_user("ana", "");
    let (client, pool) = (client(&fake), fake.user_pool_id());
    let session = format!("tkn{}", "a".repeat(25));
    let off = |operation: &str| AdminError::SessionTrackingOff {
        operation: operation.to_owned(),
    };
    let listed = off("AdminListUserSessions");
    assert_eq!(listed.code().as_str(), "session_tracking_off");
    assert_eq!(client.sessions(&pool, "ana").await, Err(listed.clone()));
    assert_eq!(client.end_other_sessions(&pool, "ana", &session).await, Err(listed));
    let revoked = client.end_session(&pool, "ana", &session, false).await;
    assert_eq!(revoked, Err(off("AdminRevokeUserSession")));

    for (error, code) in [
        (ServiceError::UserNotFound, "user_not_found"),
        (ServiceError::AccessDenied, "access_denied"),
        (ServiceError::UnknownOperation, "sessions_not_supported"),
        (ServiceError::FeatureUnavailableInTier, "not_in_tier"),
        (ServiceError::InvalidParameter, "refused"),
        (ServiceError::ExpiredToken, "credentials_expired"),
        (ServiceError::InvalidSignature, "credentials_rejected"),
    ] {
        for operation in [LIST, REVOKE] {
            fake.on(operation).once(Fault::Refuse(error));
        }
        let listed = client.sessions(&pool, "ana").await.unwrap_err();
        let revoked = client.end_session(&pool, "ana", &session, false).await.unwrap_err();
        assert_eq!([listed.code().as_str(), revoked.code().as_str()], [code; 2]);
        if let AdminError::AccessDenied { action } = listed {
            assert_eq!(action, "cognito-idp:AdminListUserSessions");
        }
    }
    let elsewhere = client.sessions("eu-central-1_Other", "ana").await;
    assert_eq!(elsewhere, Err(AdminError::PoolNotFound));
}

#[tokio::test]
async fn a_page_that_is_not_what_it_should_be_is_an_error_and_every_member_may_be_missing() {
    let fake = tracking(|pool| pool).await;
    let session = id(&fake, &fake.sign_in("ana"));
    for member in [
        "SessionId",
        "SessionType",
        "ClientId",
        "CreateDate",
        "LastActiveDate",
        "DeviceType",
        "LastLocation",
        "LastIPAddress",
        "IsCurrentSession",
    ] {
        fake.set_session(&session, member, Value::Null);
    }
    let sessions = listed(&fake).await;
    assert_eq!(sessions.len(), 1);
    assert_eq!((&sessions[0].id, sessions[0].created), (&None, None));
    fake.set_session(&session, "CreateDate", json!("yesterday"));
    let error = client(&fake).sessions(&fake.user_pool_id(), "ana").await.unwrap_err();
    assert_eq!(error.code().as_str(), "unexpected_response");
}
