//! The operations: from the JSON that was asked to the JSON that Cognito answers.

use std::time::SystemTime;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::admin;
use super::app_client::ClientProof;
use super::pool::Pool;
use super::service_error::ServiceError;
use super::wire::Request;
use crate::Secret;

/// An operation of Cognito's user pools API that the fake has, or a page or endpoint of the pool's domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `InitiateAuth`, with the flows `USER_PASSWORD_AUTH` and `REFRESH_TOKEN_AUTH`.
    InitiateAuth,
    /// `GetTokensFromRefreshToken`: the refresh of an app client that rotates its refresh tokens.
    GetTokensFromRefreshToken,
    /// `GetUser`: answers for as long as the access token is accepted.
    GetUser,
    /// `GlobalSignOut`: ends every session of the user.
    GlobalSignOut,
    /// `RevokeToken`: ends the session of one refresh token.
    RevokeToken,
    /// `AdminUserGlobalSignOut`: ends every session of any user; signed with SigV4.
    AdminUserGlobalSignOut,
    /// `GET` and `POST /login` and `GET /oauth2/authorize`: the sign-in form, or, with a live cookie, straight back.
    HostedLogin,
    /// `GET /logout`: ends the browser session.
    HostedLogout,
    /// `POST /oauth2/token`: tokens for an authorization code.
    OAuth2Token,
    /// `POST /oauth2/revoke`: what `RevokeToken` does.
    OAuth2Revoke,
    /// `AdminDisableUser`: the user neither signs in nor refreshes any more.
    AdminDisableUser,
    /// `ListUsers`: in pages, with filters `=` and `^=` on `username`, `sub`, `status` and `cognito:user_status`.
    ListUsers,
    /// `ListUsersInGroup`.
    ListUsersInGroup,
    /// `DescribeUserPool`.
    DescribeUserPool,
    /// `DescribeUserPoolClient`.
    DescribeUserPoolClient,
    /// `UpdateUserPoolClient`: what is not sent is reset.
    UpdateUserPoolClient,
    /// `DescribeUserPoolDomain`.
    DescribeUserPoolDomain,
    /// `DescribeIdentityProvider`.
    DescribeIdentityProvider,
}

impl Operation {
    /// Every operation, so that a test can drive each once.
    pub const ALL: [Self; 18] = [
        Self::InitiateAuth,
        Self::GetTokensFromRefreshToken,
        Self::GetUser,
        Self::GlobalSignOut,
        Self::RevokeToken,
        Self::AdminUserGlobalSignOut,
        Self::HostedLogin,
        Self::HostedLogout,
        Self::OAuth2Token,
        Self::OAuth2Revoke,
        Self::AdminDisableUser,
        Self::ListUsers,
        Self::ListUsersInGroup,
        Self::DescribeUserPool,
        Self::DescribeUserPoolClient,
        Self::UpdateUserPoolClient,
        Self::DescribeUserPoolDomain,
        Self::DescribeIdentityProvider,
    ];

    /// The operation's name in AWS's API; what belongs to the pool's domain has none there, and is called as here.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InitiateAuth => "InitiateAuth",
            Self::GetTokensFromRefreshToken => "GetTokensFromRefreshToken",
            Self::GetUser => "GetUser",
            Self::GlobalSignOut => "GlobalSignOut",
            Self::RevokeToken => "RevokeToken",
            Self::AdminUserGlobalSignOut => "AdminUserGlobalSignOut",
            Self::HostedLogin => "HostedLogin",
            Self::HostedLogout => "HostedLogout",
            Self::OAuth2Token => "OAuth2Token",
            Self::OAuth2Revoke => "OAuth2Revoke",
            Self::AdminDisableUser => "AdminDisableUser",
            Self::ListUsers => "ListUsers",
            Self::ListUsersInGroup => "ListUsersInGroup",
            Self::DescribeUserPool => "DescribeUserPool",
            Self::DescribeUserPoolClient => "DescribeUserPoolClient",
            Self::UpdateUserPoolClient => "UpdateUserPoolClient",
            Self::DescribeUserPoolDomain => "DescribeUserPoolDomain",
            Self::DescribeIdentityProvider => "DescribeIdentityProvider",
        }
    }

    /// Whether it is asked for by its path at the pool's domain.
    pub(super) fn is_hosted(self) -> bool {
        matches!(
            self,
            Self::HostedLogin | Self::HostedLogout | Self::OAuth2Token | Self::OAuth2Revoke
        )
    }

    /// The operation that the header `x-amz-target` names.
    pub(super) fn from_target(target: &str) -> Option<Self> {
        let name = target.strip_prefix("AWSCognitoIdentityProviderService.")?;
        let mut known = Self::ALL.into_iter().filter(|operation| !operation.is_hosted());
        known.find(|operation| operation.as_str() == name)
    }
}

/// Carries the operation out on the pool.
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
            Ok(authentication_result(
                pool,
                &tokens.access,
                &tokens.id,
                tokens.refresh.as_ref(),
            ))
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
        // Not asked for here: `hosted` answers them.
        Operation::HostedLogin | Operation::HostedLogout | Operation::OAuth2Token | Operation::OAuth2Revoke => {
            Err(ServiceError::UnknownOperation)
        }
        _ => admin::perform(pool, operation, request, now),
    }
}

fn initiate_auth(pool: &mut Pool, input: InitiateAuth, now: SystemTime) -> Result<Value, ServiceError> {
    let parameters = input.auth_parameters;
    let client = ClientProof {
        id: &input.client_id,
        proof: parameters.secret_hash.as_deref(),
    };
    match input.auth_flow.as_str() {
        "USER_PASSWORD_AUTH" => {
            let username = parameters.username.ok_or(ServiceError::InvalidParameter)?;
            let password = parameters.password.ok_or(ServiceError::InvalidParameter)?;
            let tokens = pool.sign_in(client, &username, &password, now)?;
            Ok(authentication_result(
                pool,
                &tokens.access,
                &tokens.id,
                Some(&tokens.refresh),
            ))
        }
        "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN" => {
            let refresh_token = parameters.refresh_token.ok_or(ServiceError::InvalidParameter)?;
            let tokens = pool.refresh(client, &refresh_token, now)?;
            Ok(authentication_result(
                pool,
                &tokens.access,
                &tokens.id,
                tokens.refresh.as_ref(),
            ))
        }
        _ => Err(ServiceError::InvalidParameter),
    }
}

fn authentication_result(pool: &Pool, access: &Secret, id: &Secret, refresh: Option<&Secret>) -> Value {
    let mut result = json!({
        "AccessToken": access.reveal(),
        "IdToken": id.reveal(),
        "TokenType": "Bearer",
        "ExpiresIn": pool.settings.access_token_lifetime.as_secs(),
    });
    if let Some(refresh) = refresh {
        result["RefreshToken"] = json!(refresh.reveal());
    }
    json!({ "AuthenticationResult": result, "ChallengeParameters": {} })
}

pub(super) fn parse<T: DeserializeOwned>(request: &Request) -> Result<T, ServiceError> {
    let body: Value = serde_json::from_slice(&request.body).map_err(|_| ServiceError::Serialization)?;
    serde_json::from_value(body).map_err(|_| ServiceError::InvalidParameter)
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
