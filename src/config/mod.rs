//! What the library must know of the user pool and its app client, validated before anything uses it.

mod amplify;
mod builder;
pub(crate) mod check;
mod error;

use std::time::Duration;

use url::Url;

use crate::Secret;

pub use builder::AuthConfigBuilder;
pub use error::ConfigError;

/// A validated configuration. Build one with [`AuthConfig::builder`], or from a file of Amplify's with
/// [`AuthConfig::from_amplify_json`].
#[derive(Debug, Clone)]
pub struct AuthConfig {
    user_pool_id: String,
    region: String,
    client_id: String,
    client_secret: Option<Secret>,
    endpoint: Url,
    user_agent: Option<String>,
    refresh_token_rotation: bool,
    connect_timeout: Duration,
    attempt_timeout: Duration,
    refresh_margin: Duration,
    unpaid: UnpaidRevocations,
}

/// What becomes of a revocation that could not be carried out before the deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum UnpaidRevocations {
    /// It is handed to the caller in `Partial`, token and all, and removed from the device. The default.
    #[default]
    HandOver,
    /// It is handed to the caller *and* kept in the keychain, to be tried again by `resume()` and `settle_pending()`
    /// until it is older than `max_age` or was tried `max_attempts` times.
    Keep {
        /// How long after the sign-out it may be kept: up to 3650 days, the longest life of a refresh token.
        max_age: Duration,
        /// How many times it may be tried, the sign-out's own try included: at least 1.
        max_attempts: u32,
    },
}

impl AuthConfig {
    /// The user pool's id, as `eu-central-1_AbCdEf`.
    pub fn user_pool_id(&self) -> &str {
        &self.user_pool_id
    }

    /// The AWS Region, as `eu-central-1`.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The app client's id.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The app client's secret, if it has one.
    pub fn client_secret(&self) -> Option<&Secret> {
        self.client_secret.as_ref()
    }

    /// Where Cognito is asked: the Region's endpoint, or the override.
    pub fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// What the app adds to the `user-agent` header.
    pub fn user_agent(&self) -> Option<&str> {
        self.user_agent.as_deref()
    }

    /// Whether the app client rotates refresh tokens: then `GetTokensFromRefreshToken` refreshes, not `InitiateAuth`.
    pub fn refresh_token_rotation(&self) -> bool {
        self.refresh_token_rotation
    }

    /// How long one connection may take to be made.
    pub fn connect_timeout(&self) -> Duration {
        self.connect_timeout
    }

    /// How long one attempt at one request may take.
    pub fn attempt_timeout(&self) -> Duration {
        self.attempt_timeout
    }

    /// How long before its expiry an access token is refreshed.
    pub fn refresh_margin(&self) -> Duration {
        self.refresh_margin
    }

    /// What becomes of a revocation that could not be carried out.
    pub fn unpaid_revocations(&self) -> UnpaidRevocations {
        self.unpaid
    }
}
