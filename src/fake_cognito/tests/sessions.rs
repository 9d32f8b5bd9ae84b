//! Session management: token sessions and SSO sessions.

mod configuration;
mod list;
mod revoke;

use serde_json::json;

use super::*;
use crate::Secret;
use crate::fake_cognito::{FakeCognitoBuilder, IssuedTokens};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

fn builder() -> FakeCognitoBuilder {
    FakeCognito::builder().session_tracking().unsigned_admin()
}

async fn tracking_pool() -> FakeCognito {
    builder().start().await.unwrap()
}

async fn list(fake: &FakeCognito, tokens: &IssuedTokens) -> Value {
    let input = json!({ "AccessToken": tokens.access.reveal() });
    call(fake, Operation::ListUserSessions, &input).await.json()
}

async fn admin(fake: &FakeCognito, operation: Operation, mut input: Value) -> Value {
    input["UserPoolId"] = json!(fake.user_pool_id());
    call(fake, operation, &input).await.json()
}

/// `RevokeUserSession`. Returns the error's code, or `ok`.
async fn revoke_session(
    fake: &FakeCognito,
    tokens: &IssuedTokens,
    session_id: &str,
    associated: Option<&str>,
) -> String {
    let mut input = json!({ "AccessToken": tokens.access.reveal(), "SessionId": session_id });
    if let Some(associated) = associated {
        input["RevokeAssociatedSessions"] = json!(associated);
    }
    outcome(&call(fake, Operation::RevokeUserSession, &input).await)
}

async fn revoke_token(fake: &FakeCognito, refresh: &Secret, associated: Option<&str>) -> String {
    let mut input = revoke_request(fake, refresh);
    if let Some(associated) = associated {
        input["RevokeAssociatedSessions"] = json!(associated);
    }
    outcome(&call(fake, Operation::RevokeToken, &input).await)
}

fn outcome(reply: &Reply) -> String {
    match reply.json()["__type"].as_str() {
        Some(code) => code.to_owned(),
        None => {
            assert_eq!((reply.status(), reply.json()), (200, json!({})));
            "ok".to_owned()
        }
    }
}

fn session_id(fake: &FakeCognito, tokens: &IssuedTokens) -> String {
    fake.session_id_of(&tokens.refresh).unwrap()
}

/// The listed entry of a session.
fn entry(fake: &FakeCognito, username: &str, session_id: &str) -> Option<Value> {
    let mut sessions = fake.sessions(username).into_iter();
    sessions.find(|session| session["SessionId"] == session_id)
}

/// The SSO session that the tokens came through.
fn sso_id(fake: &FakeCognito, username: &str, tokens: &IssuedTokens) -> String {
    let entry = entry(fake, username, &session_id(fake, tokens)).unwrap();
    entry["OriginSessionId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn without_tracking_there_are_no_records_and_linked_has_no_effect() {
    let fake = FakeCognito::builder().unsigned_admin().start().await.unwrap();
    let tokens = fake.sign_in_through_browser("ana");
    assert_eq!(
        (fake.session_id_of(&tokens.refresh), fake.sessions("ana").len()),
        (None, 0)
    );
    let id = format!("tkn{}", "a".repeat(25));
    let input = json!({
        "AccessToken": tokens.access.reveal(),
        "UserPoolId": fake.user_pool_id(),
        "Username": "ana",
        "SessionId": id,
    });
    for operation in [
        Operation::ListUserSessions,
        Operation::RevokeUserSession,
        Operation::AdminListUserSessions,
        Operation::AdminRevokeUserSession,
    ] {
        let reply = call(&fake, operation, &input).await;
        assert_eq!(outcome(&reply), "OperationNotEnabledException", "{operation:?}");
    }
    let sibling = fake.sign_in_through_browser("ana");
    assert_eq!(revoke_token(&fake, &tokens.refresh, Some("LINKED")).await, "ok");
    assert!(!fake.is_refresh_token_live(&tokens.refresh) && fake.is_refresh_token_live(&sibling.refresh));
    assert!(fake.has_browser_session("ana"));

    // Sessions that began without tracking have no record later either.
    fake.set_session_tracking(true);
    assert_eq!(list(&fake, &sibling).await, json!({ "Sessions": [] }));
}

#[tokio::test]
async fn linked_has_no_effect_while_tracking_is_turned_off() {
    let fake = tracking_pool().await;
    let tokens = fake.sign_in_through_browser("ana");
    let sso = sso_id(&fake, "ana", &tokens);
    fake.set_session_tracking(false);
    assert_eq!(revoke_token(&fake, &tokens.refresh, Some("LINKED")).await, "ok");
    assert!(!fake.is_refresh_token_live(&tokens.refresh) && fake.has_browser_session("ana"));
    fake.set_session_tracking(true);
    assert!(entry(&fake, "ana", &sso).is_some());
}

#[tokio::test]
async fn the_least_recently_used_token_session_is_evicted_at_the_limit() {
    let fake = builder().max_sessions_per_user(2).start().await.unwrap();
    let first = fake.sign_in_through_browser("ana");
    fake.advance(MINUTE);
    let second = fake.sign_in("ana");
    fake.advance(MINUTE);
    let request = refresh_request(&fake, &first.refresh);
    assert_eq!(call(&fake, Operation::InitiateAuth, &request).await.status(), 200);
    fake.advance(MINUTE);
    let bob = fake.sign_in("bob");
    let third = fake.sign_in("ana");

    let refused = call(&fake, Operation::InitiateAuth, &refresh_request(&fake, &second.refresh)).await;
    assert_eq!(refused.json()["message"], "Refresh Token has been revoked");
    assert!(!fake.is_access_token_live(&second.access));
    for tokens in [&first, &third, &bob] {
        assert!(fake.is_refresh_token_live(&tokens.refresh));
    }

    // A lower limit acts at the user's next sign-in. SSO sessions do not count, and stay.
    let lower = json!({ "UserSessionTracking": "ENABLED", "TokenSession": { "MaxPerUser": 1 } });
    admin(&fake, Operation::SetUserPoolSessionConfiguration, lower).await;
    assert_eq!(fake.live_sessions("ana"), 2);
    fake.sign_in("ana");
    assert_eq!((fake.live_sessions("ana"), fake.live_sessions("bob")), (1, 1));
    assert!(fake.has_browser_session("ana"));
}

#[tokio::test]
async fn a_global_sign_out_ends_the_token_sessions_and_leaves_the_sso_sessions() {
    let fake = tracking_pool().await;
    let tokens = fake.sign_in_through_browser("ana");
    let input = json!({ "AccessToken": tokens.access.reveal() });
    assert_eq!(outcome(&call(&fake, Operation::GlobalSignOut, &input).await), "ok");
    let sessions = fake.sessions("ana");
    assert_eq!((sessions.len(), &sessions[0]["SessionType"]), (1, &json!("SSO")));
    assert!(fake.has_browser_session("ana"));
}

#[tokio::test]
async fn the_issuer_has_either_of_its_two_formats() {
    for (builder, issuer) in [
        (
            FakeCognito::builder(),
            "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_FakeCog01",
        ),
        (
            FakeCognito::builder().updated_issuer(),
            "https://issuer-cognito-idp.eu-central-1.amazonaws.com/eu-central-1_FakeCog01",
        ),
    ] {
        let tokens = builder.start().await.unwrap().sign_in("ana");
        for token in [&tokens.access, &tokens.id] {
            assert_eq!(pool::claims(token)["iss"], issuer);
        }
    }
}
