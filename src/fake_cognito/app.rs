//! The operations that an app calls: from a request's JSON to the JSON of Cognito's response.

use std::time::SystemTime;

use serde::Deserialize;
use serde_json::{Value, json};

use super::app_client::ClientProof;
use super::operation::{Operation, parse};
use super::pool::{AuthenticationResult, Pool};
use super::service_error::ServiceError;
use super::session_management;
use super::sessions::Associated;
use super::wire::Request;

/// Carries out an app's operation.
pub(super) fn perform(
    pool: &mut Pool,
    operation: Operation,
    request: &Request,
    now: SystemTime,
) -> Result<Value, ServiceError> {
    match operation {
        Operation::InitiateAuth => {
            let tokens = initiate_auth(pool, parse(request)?, now)?;
            let result = authentication_result(pool, &tokens, request, now);
            Ok(json!({ "AuthenticationResult": result, "ChallengeParameters": {} }))
        }
        Operation::GetTokensFromRefreshToken => {
            let input: GetTokensFromRefreshToken = parse(request)?;
            let client = ClientProof {
                id: &input.client_id,
                proof: input.client_secret.as_deref(),
            };
            let tokens = pool.tokens_from_refresh_token(client, &input.refresh_token, now)?;
            Ok(json!({ "AuthenticationResult": authentication_result(pool, &tokens, request, now) }))
        }
        Operation::GetUser => {
            let input: AccessTokenInput = parse(request)?;
            let (username, sub) = pool.get_user(&input.access_token, now)?;
            Ok(json!({ "Username": username, "UserAttributes": [{ "Name": "sub", "Value": sub }] }))
        }
        Operation::GlobalSignOut => {
            let input: AccessTokenInput = parse(request)?;
            pool.global_sign_out(&input.access_token, now)?;
            Ok(json!({}))
        }
        Operation::RevokeToken => {
            let input: RevokeToken = parse(request)?;
            let client = ClientProof {
                id: &input.client_id,
                proof: input.client_secret.as_deref(),
            };
            session_management::revoke_token(pool, client, &input.token, input.revoke_associated_sessions, now)?;
            Ok(json!({}))
        }
        Operation::ListUserSessions => {
            let input: AccessTokenInput = parse(request)?;
            session_management::list(pool, &input.access_token, input.next_token.as_deref(), now)
        }
        Operation::RevokeUserSession => {
            let input: RevokeUserSession = parse(request)?;
            session_management::revoke(
                pool,
                &input.access_token,
                &input.session_id,
                input.revoke_associated_sessions,
                now,
            )?;
            Ok(json!({}))
        }
        _ => Err(ServiceError::UnknownOperation),
    }
}

fn initiate_auth(pool: &mut Pool, input: InitiateAuth, now: SystemTime) -> Result<AuthenticationResult, ServiceError> {
    let parameters = input.auth_parameters;
    let client = ClientProof {
        id: &input.client_id,
        proof: parameters.secret_hash.as_deref(),
    };
    match input.auth_flow.as_str() {
        "USER_PASSWORD_AUTH" => {
            let username = parameters.username.ok_or(ServiceError::InvalidParameter)?;
            let password = parameters.password.ok_or(ServiceError::InvalidParameter)?;
            pool.sign_in(client, &username, &password, now).map(Into::into)
        }
        "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN" => {
            let refresh_token = parameters.refresh_token.ok_or(ServiceError::InvalidParameter)?;
            pool.refresh(client, &refresh_token, now)
        }
        _ => Err(ServiceError::InvalidParameter),
    }
}

/// The tokens as the response has them. Notes the activity: a plain refresh is not activity of the SSO session.
fn authentication_result(pool: &mut Pool, tokens: &AuthenticationResult, request: &Request, now: SystemTime) -> Value {
    let device = request.header("user-agent");
    pool.note_activity(&tokens.access, tokens.refresh.is_some(), device, now);
    let mut result = json!({
        "AccessToken": tokens.access.reveal(),
        "IdToken": tokens.id.reveal(),
        "TokenType": "Bearer",
        "ExpiresIn": pool.settings.access_token_lifetime.as_secs(),
    });
    if let Some(refresh) = &tokens.refresh {
        result["RefreshToken"] = json!(refresh.reveal());
    }
    result
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InitiateAuth {
    client_id: String,
    auth_flow: String,
    #[serde(default)]
    auth_parameters: AuthParameters,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
struct AuthParameters {
    username: Option<String>,
    password: Option<String>,
    refresh_token: Option<String>,
    secret_hash: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetTokensFromRefreshToken {
    client_id: String,
    refresh_token: String,
    client_secret: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccessTokenInput {
    access_token: String,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RevokeUserSession {
    access_token: String,
    session_id: String,
    #[serde(default)]
    revoke_associated_sessions: Associated,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RevokeToken {
    token: String,
    client_id: String,
    client_secret: Option<String>,
    #[serde(default)]
    revoke_associated_sessions: Associated,
}
