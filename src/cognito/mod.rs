//! The user's own operations on a user pool, over the AWS SDK: unsigned, authorised by the tokens they carry. One of them
//! can also go to the pool's own domain.

pub(crate) mod errors;
mod oauth2_revoke;
mod secret_hash;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_cognitoidentityprovider::config::retry::RetryConfig;
use aws_sdk_cognitoidentityprovider::config::{
    BehaviorVersion, Builder, IdentityCache, Region, StalledStreamProtectionConfig,
};
use aws_sdk_cognitoidentityprovider::types::{AuthFlowType, AuthenticationResultType};
use aws_sdk_cognitoidentityprovider::{Client, Config};
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::result::SdkError;

use crate::transport::HttpTransport;
use crate::transport::sdk::{AttemptError, HideBodies, SdkTransport};
use crate::{AuthConfig, ErrorCode, HostedUi, RevocationRoute, Secret, StepError, Tokens};
use oauth2_revoke::RevokeEndpoint;
use secret_hash::secret_hash;

/// The first attempt and two more.
const ATTEMPTS: u32 = 3;
/// A retry waits for a random part of this, doubled each time. Users wait for sign-outs.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
const LONGEST_BACKOFF: Duration = Duration::from_secs(1);

/// Asks Cognito for one app client.
///
/// Retries connection errors, 5xx and throttling, each operation on its own account: however many have failed, the next
/// one is retried too. Bounds each attempt but not the whole: the caller does, and drops the future.
///
/// The SDK keeps what it sends in `String`s of its own, which are freed but not wiped.
#[derive(Debug)]
pub(crate) struct CognitoClient {
    sdk: Client,
    client_id: String,
    client_secret: Option<Secret>,
    refresh_token_rotation: bool,
    /// Where refresh tokens are revoked, if not at the API.
    revoke_endpoint: Option<RevokeEndpoint>,
}

/// How a [`CognitoClient::global_sign_out`] succeeded.
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
            sdk: Client::from_conf(sdk_config(config, transport)),
            client_id: config.client_id().to_owned(),
            client_secret: config.client_secret().cloned(),
            refresh_token_rotation: config.refresh_token_rotation(),
        }
    }

    /// `RevokeToken`, or what stands in its place at the pool's domain: ends this session's refresh token and every
    /// access token from it. Once more is a success too.
    pub(crate) async fn revoke_token(&self, refresh_token: &Secret) -> Result<(), StepError> {
        if let Some(endpoint) = &self.revoke_endpoint {
            return endpoint.revoke(refresh_token).await;
        }
        let request = self.sdk.revoke_token().token(refresh_token.reveal());
        let request = request
            .client_id(&self.client_id)
            .set_client_secret(self.revealed_secret());
        request.send().await.map(|_| ()).map_err(step_error)
    }

    /// `GlobalSignOut`: ends every session of the user. Needs an access token that has not expired, with the scope
    /// `aws.cognito.signin.user.admin`.
    pub(crate) async fn global_sign_out(&self, access_token: &Secret) -> Result<GlobalSignOut, StepError> {
        let request = self.sdk.global_sign_out().access_token(access_token.reveal());
        match request.send().await.map_err(|error| AttemptError::from_sdk(&error)) {
            Ok(_) => Ok(GlobalSignOut::Done),
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
    ) -> Result<Refreshed, StepError> {
        let tokens = if self.refresh_token_rotation {
            self.refresh_with_rotation(refresh_token, device_key).await?
        } else {
            self.refresh_without_rotation(refresh_token, username, device_key)
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

    /// `GetTokensFromRefreshToken`, which takes the secret itself.
    async fn refresh_with_rotation(
        &self,
        refresh_token: &Secret,
        device_key: Option<&str>,
    ) -> Result<AuthenticationResultType, StepError> {
        let request = self.sdk.get_tokens_from_refresh_token();
        let answer = request
            .refresh_token(refresh_token.reveal())
            .client_id(&self.client_id)
            .set_client_secret(self.revealed_secret())
            .set_device_key(device_key.map(str::to_owned))
            .send()
            .await;
        let answer = answer.map_err(step_error)?;
        answer.authentication_result.ok_or_else(no_tokens)
    }

    /// `InitiateAuth` with `REFRESH_TOKEN_AUTH`, which takes a hash that the secret proves.
    async fn refresh_without_rotation(
        &self,
        refresh_token: &Secret,
        username: Option<&str>,
        device_key: Option<&str>,
    ) -> Result<AuthenticationResultType, StepError> {
        let mut request = self.sdk.initiate_auth();
        request = request
            .auth_flow(AuthFlowType::RefreshTokenAuth)
            .client_id(&self.client_id)
            .auth_parameters("REFRESH_TOKEN", refresh_token.reveal());
        if let Some(secret) = &self.client_secret {
            let username = username.ok_or_else(|| {
                StepError::new(
                    ErrorCode::InvalidInput,
                    "a client with a secret refreshes by user name, and the session has none",
                )
            })?;
            request = request.auth_parameters("SECRET_HASH", secret_hash(secret, username, &self.client_id)?);
        }
        if let Some(device_key) = device_key {
            request = request.auth_parameters("DEVICE_KEY", device_key);
        }
        let answer = request.send().await.map_err(step_error)?;
        answer.authentication_result.ok_or_else(no_tokens)
    }

    fn revealed_secret(&self) -> Option<String> {
        self.client_secret.as_ref().map(|secret| secret.reveal().to_owned())
    }
}

/// Everything that the SDK would otherwise look for, decide by its version, or do for streams, is said here.
fn sdk_config(config: &AuthConfig, transport: Arc<dyn HttpTransport>) -> Config {
    let retries = RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(FIRST_BACKOFF)
        .with_max_backoff(LONGEST_BACKOFF);
    // The SDK's own quota is one for the whole process and the service: enough failures of one sign-out would leave the
    // next without retries.
    let partition = RetryPartition::custom("cognito-signout").token_bucket(TokenBucket::unlimited());
    Builder::new()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(config.region().to_owned()))
        .endpoint_url(config.endpoint().as_str())
        .identity_cache(IdentityCache::no_cache())
        .retry_config(retries)
        .retry_partition(partition.build())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .interceptor(HideBodies)
        .http_client(SdkTransport {
            transport,
            attempt_timeout: config.attempt_timeout(),
            user_agent: user_agent(config),
            judge: errors::judge,
        })
        .build()
}

fn user_agent(config: &AuthConfig) -> String {
    let own = concat!("cognito-signout/", env!("CARGO_PKG_VERSION"));
    match config.user_agent() {
        Some(app) => format!("{own} {app}"),
        None => own.to_owned(),
    }
}

fn step_error<E, R>(error: SdkError<E, R>) -> StepError {
    AttemptError::from_sdk(&error).into()
}

fn no_tokens() -> StepError {
    StepError::new(ErrorCode::UnexpectedResponse, "the answer to a refresh holds no tokens")
}
