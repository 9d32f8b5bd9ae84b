//! The operations that an app calls: from a request's JSON to the JSON of Cognito's response.

use std::time::SystemTime;

use serde::Deserialize;
use serde_json::{Value, json};

use super::app_client::ClientProof;
use super::operation::{Operation, parse};
use super::pool::{AuthenticationResult, Pool};
use super::service_error::ServiceError;
use super::wire::Request;

/// Carries out an app's operation.
pub(super) fn perform(
    pool: &mut Pool,
    operation: Operation,
    request: &Request,
    now: SystemTime,
) -> Result<Value, ServiceError> {
    match operation {
        Operation::InitiateAuth => initiate_auth(pool, parse(request)?, now),
        Operation::GetTokensFromRefreshToken => {
            let input: GetTokensFromRefreshToken = parse(request)?;
            let client = ClientProof {
                id: &input.client_id,
                proof: input.client_secret.as_deref(),
            };
            let tokens = pool.tokens_from_refresh_token(client, &input.refresh_token, now)?;
            Ok(authentication_result(pool, &tokens))
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
            pool.revoke(client, &input.token)?;
            Ok(json!({}))
        }
        _ => Err(ServiceError::UnknownOperation),
    }
}

fn initiate_auth(pool: &mut Pool, input: InitiateAuth, now: SystemTime) -> Result<Value, ServiceError> {
    let parameters = input.auth_parameters;
    let client = ClientProof {
        id: &input.client_id,
        proof: parameters.secret_hash.as_deref(),
    };
    let tokens = match input.auth_flow.as_str() {
        "USER_PASSWORD_AUTH" => {
            let username = parameters.username.ok_or(ServiceError::InvalidParameter)?;
            let password = parameters.password.ok_or(ServiceError::InvalidParameter)?;
            pool.sign_in(client, &username, &password, now)?.into()
        }
        "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN" => {
            let refresh_token = parameters.refresh_token.ok_or(ServiceError::InvalidParameter)?;
            pool.refresh(client, &refresh_token, now)?
        }
        _ => return Err(ServiceError::InvalidParameter),
    };
    Ok(authentication_result(pool, &tokens))
}

fn authentication_result(pool: &Pool, tokens: &AuthenticationResult) -> Value {
    let mut result = json!({
        "AccessToken": tokens.access.reveal(),
        "IdToken": tokens.id.reveal(),
        "TokenType": "Bearer",
        "ExpiresIn": pool.settings.access_token_lifetime.as_secs(),
    });
    if let Some(refresh) = &tokens.refresh {
        result["RefreshToken"] = json!(refresh.reveal());
    }
    json!({ "AuthenticationResult": result, "ChallengeParameters": {} })
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
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RevokeToken {
    token: String,
    client_id: String,
    client_secret: Option<String>,
}
