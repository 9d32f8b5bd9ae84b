//! Cognito's operations for a signed-in user. They are unsigned: the tokens in them authorise them. The refresh token can also
//! be revoked at the pool's domain.

mod api;
pub(crate) mod attempt;
mod challenges;
mod oauth2_revoke;
mod refusal;
mod requests;
pub(crate) mod responses;
mod retry;
mod secret_hash;
mod sessions;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::claims::Claims;
use crate::config::{AuthConfig, HostedUi, RevocationRoute};
use crate::error::{ErrorCode, StepError};
use crate::secret::{Secret, plain};
use crate::session::Tokens;
use crate::transport::{HttpResponse, HttpTransport};
use api::{Api, read};
use attempt::AttemptError;
use oauth2_revoke::RevokeEndpoint;
use retry::AfterSilence;
use secret_hash::secret_hash;

pub use refusal::Refusal;
pub(crate) use sessions::is_session_id;
#[cfg(feature = "admin")]
pub(crate) use sessions::{Page, Pages};
pub use sessions::{SessionKind, UserSession};

/// Calls Cognito for one app client.
///
/// Retries connection errors, 5xx, throttling and, where that is safe, attempts without a response in time. Each operation has
/// its own retries, however many operations have failed before. Each gets the time that its caller waits, and divides it among
/// its attempts.
#[derive(Debug)]
pub(crate) struct CognitoClient {
    api: Api,
    client_id: String,
    client_secret: Option<Secret>,
    refresh_token_rotation: bool,
    /// Where refresh tokens are revoked, if that is not the API.
    revoke_endpoint: Option<RevokeEndpoint>,
}

/// The outcome of [`CognitoClient::global_sign_out`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GlobalSignOut {
    /// Every session of the user has ended now.
    Done,
    /// The access token had already been revoked.
    AlreadyRevoked,
}

/// The response of `InitiateAuth` and of `GetTokensFromRefreshToken`. It has no tokens if Cognito asks for something else.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RefreshResponse {
    authentication_result: Option<Refreshed>,
}

/// The result of a refresh: `AuthenticationResultType`, with what is used of it. The SDK's type keeps the tokens in `String`s,
/// which nobody wipes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Refreshed {
    #[serde(with = "plain")]
    pub(crate) access_token: Secret,
    #[serde(with = "plain")]
    pub(crate) id_token: Secret,
    /// The rotated token, which replaces the one in the request.
    #[serde(default, deserialize_with = "plain::optional")]
    pub(crate) refresh_token: Option<Secret>,
}

impl Refreshed {
    /// Nobody could read tokens of another form from the record, and the session would be lost. A server that sends them is not
    /// Cognito, so its refresh token is not taken either.
    fn if_readable(self) -> Result<Self, StepError> {
        for (name, token) in [("access", &self.access_token), ("ID", &self.id_token)] {
            if let Err(error) = Claims::from_jwt(token) {
                let message = format!("the response to a refresh: {}", error.of_token(name));
                return Err(StepError::new(ErrorCode::UnexpectedResponse, message));
            }
        }
        Ok(self)
    }

    /// Replaces the old tokens.
    pub(crate) fn apply_to(self, tokens: &mut Tokens) {
        tokens.access_token = self.access_token;
        tokens.id_token = self.id_token;
        if let Some(rotated) = self.refresh_token {
            tokens.refresh_token = rotated;
        }
    }
}

impl CognitoClient {
    /// Makes no request and reads no environment.
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

    /// `RevokeToken`, or `POST /oauth2/revoke` at the pool's domain: ends this session's refresh token and every access token
    /// from it; if `linked`, also the session in the browser that the tokens came through. Idempotent.
    ///
    /// The pool's domain has no parameter for `linked`. A linked debt that was written under another configuration therefore
    /// goes to the API.
    pub(crate) async fn revoke_token(
        &self,
        refresh_token: &Secret,
        linked: bool,
        time: Duration,
    ) -> Result<(), StepError> {
        if let Some(endpoint) = self.revoke_endpoint.as_ref().filter(|_| !linked) {
            return endpoint.revoke(refresh_token, time).await;
        }
        let input = requests::RevokeToken {
            token: refresh_token.reveal(),
            client_id: &self.client_id,
            client_secret: self.client_secret.as_ref().map(Secret::reveal),
            revoke_associated_sessions: linked.then_some("LINKED"),
        };
        let response = self.api.call("RevokeToken", &input, AfterSilence::TryAgain, time);
        response.await?;
        Ok(())
    }

    /// `GlobalSignOut`: ends every session of the user. It needs an access token that has not expired and has the scope
    /// `aws.cognito.signin.user.admin`.
    pub(crate) async fn global_sign_out(
        &self,
        access_token: &Secret,
        time: Duration,
    ) -> Result<GlobalSignOut, StepError> {
        let input = requests::GlobalSignOut {
            access_token: access_token.reveal(),
        };
        let response = self.api.call("GlobalSignOut", &input, AfterSilence::TryAgain, time);
        match response.await {
            Ok(_) => Ok(GlobalSignOut::Done),
            Err(AttemptError::AlreadyRevoked) => Ok(GlobalSignOut::AlreadyRevoked),
            Err(error) => Err(error.into()),
        }
    }

    /// `GetUser`: succeeds if Cognito accepts the access token. What it says about the user is not read. It needs the scope
    /// `aws.cognito.signin.user.admin`.
    pub(crate) async fn accepts(&self, access_token: &Secret, time: Duration) -> Result<(), StepError> {
        #[derive(Deserialize)]
        struct User {
            #[serde(rename = "Username")]
            _username: IgnoredAny,
        }
        let input = requests::GetUser {
            access_token: access_token.reveal(),
        };
        let response = self.api.call("GetUser", &input, AfterSilence::TryAgain, time);
        read::<User>(&response.await?)?;
        Ok(())
    }

    /// Gets new tokens. An app client with a secret needs `username`, a remembered device needs `device_key`.
    ///
    /// Only [`ErrorCode::SessionExpired`] says that the refresh token will never work again. An error with an
    /// [`end_reason`](StepError::end_reason) says that the user has to sign in again.
    pub(crate) async fn refresh(
        &self,
        refresh_token: &Secret,
        username: Option<&str>,
        device_key: Option<&str>,
        time: Duration,
    ) -> Result<Refreshed, StepError> {
        let response = if self.refresh_token_rotation {
            self.refresh_with_rotation(refresh_token, device_key, time).await?
        } else {
            self.refresh_without_rotation(refresh_token, username, device_key, time)
                .await?
        };
        let response: RefreshResponse = read(&response)?;
        let refreshed = response.authentication_result.ok_or_else(|| {
            let message = "the response to a refresh has no tokens";
            StepError::new(ErrorCode::UnexpectedResponse, message)
        })?;
        refreshed.if_readable()
    }

    /// `GetTokensFromRefreshToken`: it takes the client secret itself. Not repeated without a response: see
    /// [`AfterSilence::GiveUp`].
    async fn refresh_with_rotation(
        &self,
        refresh_token: &Secret,
        device_key: Option<&str>,
        time: Duration,
    ) -> Result<HttpResponse, StepError> {
        let input = requests::GetTokensFromRefreshToken {
            refresh_token: refresh_token.reveal(),
            client_id: &self.client_id,
            client_secret: self.client_secret.as_ref().map(Secret::reveal),
            device_key,
        };
        let response = self
            .api
            .call("GetTokensFromRefreshToken", &input, AfterSilence::GiveUp, time);
        Ok(response.await?)
    }

    /// `InitiateAuth` with `REFRESH_TOKEN_AUTH`: it takes a hash made with the client secret.
    async fn refresh_without_rotation(
        &self,
        refresh_token: &Secret,
        username: Option<&str>,
        device_key: Option<&str>,
        time: Duration,
    ) -> Result<HttpResponse, StepError> {
        let secret_hash = match &self.client_secret {
            None => None,
            Some(secret) => {
                let username = username.ok_or_else(|| {
                    StepError::new(
                        ErrorCode::InvalidInput,
                        "the app client has a secret, so a refresh needs the user name, and the session has none: store a session whose access \
                         token has the claim username",
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
        let response = self.api.call("InitiateAuth", &input, AfterSilence::TryAgain, time);
        Ok(response.await?)
    }
}

fn user_agent(config: &AuthConfig) -> String {
    let own = concat!("cognito-signout/", env!("CARGO_PKG_VERSION"));
    match config.user_agent() {
        Some(app) => format!("{own} {app}"),
        None => own.to_owned(),
    }
}
