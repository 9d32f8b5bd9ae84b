//! The user's own operations on a user pool: unsigned, authorised by the tokens they carry. One of them can also go to the
//! pool's own domain.

mod api;
pub(crate) mod attempt;
mod oauth2_revoke;
mod requests;
pub(crate) mod responses;
mod retry;
mod secret_hash;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_cognitoidentityprovider::operation::get_tokens_from_refresh_token::GetTokensFromRefreshTokenOutput;
use aws_sdk_cognitoidentityprovider::operation::initiate_auth::InitiateAuthOutput;
use aws_sdk_cognitoidentityprovider::types::AuthenticationResultType;

use crate::config::{AuthConfig, HostedUi, RevocationRoute};
use crate::error::{ErrorCode, StepError};
use crate::secret::Secret;
use crate::session::Tokens;
use crate::transport::HttpTransport;
use api::Api;
use attempt::AttemptError;
use oauth2_revoke::RevokeEndpoint;
use retry::AfterSilence;
use secret_hash::secret_hash;

/// Asks Cognito for one app client.
///
/// Retries connection errors, 5xx, throttling and, where that is safe, attempts that got no answer in time; each operation
/// on its own account: however many have failed, the next one is retried too. Each is told how long its caller waits, and
/// shares that among its attempts.
#[derive(Debug)]
pub(crate) struct CognitoClient {
    api: Api,
    client_id: String,
    client_secret: Option<Secret>,
    refresh_token_rotation: bool,
    /// Where refresh tokens are revoked, if not at the API.
    revoke_endpoint: Option<RevokeEndpoint>,
}

/// How a [`CognitoClient::global_sign_out`] was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GlobalSignOut {
    /// Every session of the user has ended now.
    Done,
    /// The access token had been revoked before.
    AlreadyRevoked,
}

/// What a refresh brings.
#[derive(Debug)]
pub(crate) struct Refreshed {
    pub(crate) access_token: Secret,
    pub(crate) id_token: Secret,
    /// The rotated one, which takes the place of the one that was used.
    pub(crate) refresh_token: Option<Secret>,
}

impl Refreshed {
    /// Puts the new tokens in the old ones' place.
    pub(crate) fn apply_to(self, tokens: &mut Tokens) {
        tokens.access_token = self.access_token;
        tokens.id_token = self.id_token;
        if let Some(rotated) = self.refresh_token {
            tokens.refresh_token = rotated;
        }
    }
}

impl CognitoClient {
    /// Touches nothing outside itself: no network, no environment, no TLS.
    pub(crate) fn new(config: &AuthConfig, transport: Arc<dyn HttpTransport>) -> Self {
        let domain = match config.revocation_route() {
            RevocationRoute::UserPoolsApi => None,
            RevocationRoute::PoolDomain => config.hosted_ui().map(HostedUi::domain),
        };
        Self {
            revoke_endpoint: domain.map(|domain| RevokeEndpoint::new(domain, config, Arc::clone(&transport))),
            api: Api::new(config, transport),
            client_id: config.client_id().to_owned(),
            client_secret: config.client_secret().cloned(),
            refresh_token_rotation: config.refresh_token_rotation(),
        }
    }

    /// `RevokeToken`, or what stands in its place at the pool's domain: ends this session's refresh token and every
    /// access token from it. Once more is a success too.
    pub(crate) async fn revoke_token(&self, refresh_token: &Secret, time: Duration) -> Result<(), StepError> {
        if let Some(endpoint) = &self.revoke_endpoint {
            return endpoint.revoke(refresh_token, time).await;
        }
        let input = requests::RevokeToken {
            token: refresh_token.reveal(),
            client_id: &self.client_id,
            client_secret: self.client_secret.as_ref().map(Secret::reveal),
        };
        Ok(self.api.tell("RevokeToken", &input, time).await?)
    }

    /// `GlobalSignOut`: ends every session of the user. Needs an access token that has not expired, with the scope
    /// `aws.cognito.signin.user.admin`.
    pub(crate) async fn global_sign_out(
        &self,
        access_token: &Secret,
        time: Duration,
    ) -> Result<GlobalSignOut, StepError> {
        let input = requests::GlobalSignOut {
            access_token: access_token.reveal(),
        };
        match self.api.tell("GlobalSignOut", &input, time).await {
            Ok(()) => Ok(GlobalSignOut::Done),
            Err(AttemptError::AlreadyRevoked) => Ok(GlobalSignOut::AlreadyRevoked),
            Err(error) => Err(error.into()),
        }
    }

    /// Gets new tokens. `username` is needed for a client with a secret, `device_key` for a remembered device.
    ///
    /// [`ErrorCode::SessionExpired`] says that the refresh token is dead for good; no other error does.
    pub(crate) async fn refresh(
        &self,
        refresh_token: &Secret,
        username: Option<&str>,
        device_key: Option<&str>,
        time: Duration,
    ) -> Result<Refreshed, StepError> {
        let tokens = if self.refresh_token_rotation {
            self.refresh_with_rotation(refresh_token, device_key, time).await?
        } else {
            self.refresh_without_rotation(refresh_token, username, device_key, time)
                .await?
        };
        let (Some(access_token), Some(id_token)) = (tokens.access_token, tokens.id_token) else {
            return Err(no_tokens());
        };
        Ok(Refreshed {
            access_token: access_token.into(),
            id_token: id_token.into(),
            refresh_token: tokens.refresh_token.map(Secret::from),
        })
    }

    /// `GetTokensFromRefreshToken`, which takes the secret itself. Not repeated after silence: see [`AfterSilence::GiveUp`].
    async fn refresh_with_rotation(
        &self,
        refresh_token: &Secret,
        device_key: Option<&str>,
        time: Duration,
    ) -> Result<AuthenticationResultType, StepError> {
        let input = requests::GetTokensFromRefreshToken {
            refresh_token: refresh_token.reveal(),
            client_id: &self.client_id,
            client_secret: self.client_secret.as_ref().map(Secret::reveal),
            device_key,
        };
        let read = GetTokensFromRefreshTokenOutput::deserialize;
        let operation = "GetTokensFromRefreshToken";
        let asked = self.api.ask(operation, &input, read, AfterSilence::GiveUp, time);
        asked.await?.authentication_result.ok_or_else(no_tokens)
    }

    /// `InitiateAuth` with `REFRESH_TOKEN_AUTH`, which takes a hash that the secret proves.
    async fn refresh_without_rotation(
        &self,
        refresh_token: &Secret,
        username: Option<&str>,
        device_key: Option<&str>,
        time: Duration,
    ) -> Result<AuthenticationResultType, StepError> {
        let secret_hash = match &self.client_secret {
            None => None,
            Some(secret) => {
                let username = username.ok_or_else(|| {
                    StepError::new(
                        ErrorCode::InvalidInput,
                        "a client with a secret refreshes by user name, and the session has none",
                    )
                })?;
                Some(secret_hash(secret, username, &self.client_id)?)
            }
        };
        let input = requests::InitiateAuth {
            auth_flow: "REFRESH_TOKEN_AUTH",
            client_id: &self.client_id,
            auth_parameters: requests::RefreshParameters {
                refresh_token: refresh_token.reveal(),
                secret_hash: secret_hash.as_ref().map(|hash| hash.as_str()),
                device_key,
            },
        };
        let read = InitiateAuthOutput::deserialize;
        let asked = self.api.ask("InitiateAuth", &input, read, AfterSilence::TryAgain, time);
        asked.await?.authentication_result.ok_or_else(no_tokens)
    }
}

fn user_agent(config: &AuthConfig) -> String {
    let own = concat!("cognito-signout/", env!("CARGO_PKG_VERSION"));
    match config.user_agent() {
        Some(app) => format!("{own} {app}"),
        None => own.to_owned(),
    }
}

fn no_tokens() -> StepError {
    StepError::new(ErrorCode::UnexpectedResponse, "the answer to a refresh holds no tokens")
}
