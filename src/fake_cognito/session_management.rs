//! What the session operations do to the pool (AWS, "Managing user sessions").

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::{Value, json};

use super::app_client::ClientProof;
use super::pool::Pool;
use super::service_error::ServiceError;
use super::sessions::{Associated, Found, TokenSessionIndex, UserRef};

/// `RevokeToken`. `Linked` also ends the SSO session that the token session came through; other token sessions that came
/// through it stay. It has no effect while tracking is off, or if there is no such SSO session.
///
/// Whether AWS still finds the SSO session after the token session has ended is not established. Here it does, so that a
/// repeat has the same effect.
pub(super) fn revoke_token(
    pool: &mut Pool,
    client: ClientProof<'_>,
    refresh_token: &str,
    associated: Associated,
    now: SystemTime,
) -> Result<(), ServiceError> {
    pool.revoke(client, refresh_token)?;
    let tracking = &pool.settings.session_tracking;
    if associated == Associated::Linked
        && tracking.enabled
        && let Some(session) = pool.session_of(refresh_token)
    {
        pool.sessions
            .end_linked(Found::Token(session), tracking.linked_delay, now);
    }
    Ok(())
}

/// `ListUserSessions`.
pub(super) fn list(
    pool: &Pool,
    access_token: &str,
    next_token: Option<&str>,
    now: SystemTime,
) -> Result<Value, ServiceError> {
    let current = pool.usable_access_token(access_token, now)?;
    let user = pool.sessions.token(current).user.clone();
    page(pool, &user, Some(current), next_token, now)
}

/// `AdminListUserSessions`.
pub(super) fn list_of(
    pool: &Pool,
    user: &UserRef,
    next_token: Option<&str>,
    now: SystemTime,
) -> Result<Value, ServiceError> {
    page(pool, user, None, next_token, now)
}

/// All pages of `AdminListUserSessions`.
pub(super) fn all(pool: &Pool, user: &UserRef, now: SystemTime) -> Vec<Value> {
    if check_tracking(pool).is_err() {
        return Vec::new();
    }
    entries(pool, user, None, now).into_values().collect()
}

/// `RevokeUserSession`.
///
/// How AWS refuses the caller's own session is not established; a test should assert that it is refused, not how. Nor is
/// it established whether `Linked` on the caller's own SSO session ends the caller's token session. Here it does.
pub(super) fn revoke(
    pool: &mut Pool,
    access_token: &str,
    session_id: &str,
    associated: Associated,
    now: SystemTime,
) -> Result<(), ServiceError> {
    let current = pool.usable_access_token(access_token, now)?;
    let user = pool.sessions.token(current).user.clone();
    revoke_found(pool, &user, Some(current), session_id, associated, now)
}

/// `AdminRevokeUserSession`.
pub(super) fn revoke_of(
    pool: &mut Pool,
    user: &UserRef,
    session_id: &str,
    associated: Associated,
    now: SystemTime,
) -> Result<(), ServiceError> {
    revoke_found(pool, user, None, session_id, associated, now)
}

fn revoke_found(
    pool: &mut Pool,
    user: &UserRef,
    current: Option<TokenSessionIndex>,
    session_id: &str,
    associated: Associated,
    now: SystemTime,
) -> Result<(), ServiceError> {
    check_tracking(pool)?;
    if !is_session_id(session_id) {
        return Err(ServiceError::InvalidParameter);
    }
    let tracking = &pool.settings.session_tracking;
    let found = pool.sessions.find(session_id, user, tracking.sso_lifetime(), now);
    let found = found.ok_or(ServiceError::ResourceNotFound)?;
    if current.map(Found::Token) == Some(found) {
        return Err(ServiceError::InvalidParameter);
    }
    pool.sessions.end(found);
    if associated == Associated::Linked {
        pool.sessions.end_linked(found, tracking.linked_delay, now);
    }
    Ok(())
}

/// One page, and a token for the next if there are more. The token is the last entry's number, so that sessions that end
/// between two pages do not shift the next page.
fn page(
    pool: &Pool,
    user: &UserRef,
    current: Option<TokenSessionIndex>,
    next_token: Option<&str>,
    now: SystemTime,
) -> Result<Value, ServiceError> {
    check_tracking(pool)?;
    let after: u64 = match next_token {
        Some(token) => token.parse().map_err(|_| ServiceError::InvalidParameter)?,
        None => 0,
    };
    let rest = entries(pool, user, current, now);
    let mut rest = rest.into_iter().filter(|(number, _)| *number > after).peekable();
    let page_size = pool.settings.session_tracking.page_size;
    let (numbers, sessions): (Vec<u64>, Vec<Value>) = rest.by_ref().take(page_size).unzip();
    let mut page = json!({ "Sessions": sessions });
    if let (Some(_), Some(last)) = (rest.peek(), numbers.last()) {
        page["NextToken"] = json!(last.to_string());
    }
    Ok(page)
}

/// The entries of all pages, by number.
fn entries(pool: &Pool, user: &UserRef, current: Option<TokenSessionIndex>, now: SystemTime) -> BTreeMap<u64, Value> {
    let lifetime = pool.settings.session_tracking.sso_lifetime();
    pool.sessions
        .list(user, &pool.settings.client_id, current, lifetime, now)
}

/// That this is the error of a pool without tracking is likely, but not established.
fn check_tracking(pool: &Pool) -> Result<(), ServiceError> {
    match pool.settings.session_tracking.enabled {
        true => Ok(()),
        false => Err(ServiceError::OperationNotEnabled),
    }
}

/// `^(tkn|sso)[a-z0-9]{25}$`
fn is_session_id(text: &str) -> bool {
    let rest = text.strip_prefix("tkn").or_else(|| text.strip_prefix("sso"));
    rest.is_some_and(|rest| rest.len() == 25 && rest.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit()))
}

/// The response of `GetUserPoolSessionConfiguration` and of its `Set`.
pub(super) fn pool_configuration(pool: &Pool) -> Value {
    let tracking = &pool.settings.session_tracking;
    json!({
        "UserPoolId": pool.settings.user_pool_id,
        "UserSessionTracking": if tracking.enabled { "ENABLED" } else { "DISABLED" },
        "TokenSession": { "MaxPerUser": tracking.max_per_user },
    })
}

/// The response of `GetUserPoolClientSessionConfiguration` and of its `Set`.
pub(super) fn client_configuration(pool: &Pool) -> Value {
    json!({
        "UserPoolId": pool.settings.user_pool_id,
        "ClientId": pool.settings.client_id,
        "SSOSession": { "MaxValidityMinutes": pool.settings.session_tracking.sso_validity.as_secs() / 60 },
    })
}

/// The input of `SetUserPoolSessionConfiguration`; all of it is required.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PoolConfiguration {
    user_session_tracking: UserSessionTracking,
    token_session: TokenSessionConfiguration,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
enum UserSessionTracking {
    Enabled,
    Disabled,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TokenSessionConfiguration {
    max_per_user: usize,
}

/// The input of `SetUserPoolClientSessionConfiguration`.
#[derive(Deserialize)]
pub(super) struct ClientConfiguration {
    #[serde(rename = "SSOSession")]
    sso_session: SsoSessionConfiguration,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SsoSessionConfiguration {
    max_validity_minutes: u64,
}

/// `SetUserPoolSessionConfiguration`. A lower maximum ends no session before the user's next sign-in.
pub(super) fn set_pool_configuration(pool: &mut Pool, input: PoolConfiguration) -> Result<(), ServiceError> {
    check_tier(pool)?;
    let max_per_user = input.token_session.max_per_user;
    if !(1..=100).contains(&max_per_user) {
        return Err(ServiceError::InvalidParameter);
    }
    let tracking = &mut pool.settings.session_tracking;
    tracking.enabled = input.user_session_tracking == UserSessionTracking::Enabled;
    tracking.max_per_user = max_per_user;
    Ok(())
}

/// `SetUserPoolClientSessionConfiguration`.
pub(super) fn set_client_configuration(pool: &mut Pool, input: ClientConfiguration) -> Result<(), ServiceError> {
    check_tier(pool)?;
    check_tracking(pool)?;
    let minutes = input.sso_session.max_validity_minutes;
    if minutes > 129_600 {
        return Err(ServiceError::InvalidParameter);
    }
    pool.settings.session_tracking.sso_validity = Duration::from_secs(60 * minutes);
    Ok(())
}

/// The pool's tier is what `DescribeUserPool` returns as `UserPoolTier`; without it, Essentials.
fn check_tier(pool: &Pool) -> Result<(), ServiceError> {
    match pool.administration.user_pool.get("UserPoolTier") == Some(&json!("LITE")) {
        true => Err(ServiceError::FeatureUnavailableInTier),
        false => Ok(()),
    }
}
