//! What the library must know of the user pool and its app client, validated before anything uses it.

mod amplify;
mod builder;
pub(crate) mod check;
mod error;
mod hosted_ui;
mod logout_url;
pub(crate) mod provider;
mod redirect_uri;

use std::time::Duration;

use url::Url;

use crate::secret::Secret;

pub use builder::AuthConfigBuilder;
pub use error::ConfigError;
pub use hosted_ui::{HostedUi, HostedUiBuilder};
pub use logout_url::LoginPage;
pub use provider::ProviderLogout;
pub use redirect_uri::RedirectUri;

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
    revocation_route: RevocationRoute,
    hosted_ui: Option<HostedUi>,
}

/// What becomes of a revocation that could not be carried out before the deadline. The default is to keep it for 30 days,
/// and to keep no more than five.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnpaidRevocations {
    /// It is handed to the caller of `sign_out` or `retry` in `Partial`, token and all, and removed from the device: an app
    /// that does not look at that result has lost it. What such a caller never received (the process was killed, the call
    /// was cancelled) stays on record, and is tried again as by [`Keep`](Self::Keep), for 30 days.
    HandOver,
    /// It is handed to the caller *and* kept in the keychain, to be tried again by `resume()`, by `settle_pending()`, and
    /// when the next user signs in.
    Keep {
        /// How long after the sign-out it is kept: up to 3650 days, the longest life of a refresh token. It is given up at
        /// the second try by `resume()` or `settle_pending()` after that, whose result says so.
        max_age: Duration,
        /// How many a sign-out may leave on record: at least 1. One that leaves more hands over the oldest in its own
        /// result: [`Partial::displaced`](field@crate::Partial::displaced).
        max_debts: u32,
    },
}

impl UnpaidRevocations {
    /// How long refresh tokens live by Cognito's default: after that, there is seldom anything to revoke.
    const DEFAULT_MAX_AGE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

    /// On Windows a record holds some 43 kB, and a session's tokens are some 4 kB. Five debts, the session and the debt of one
    /// that was replaced are 28 kB: that leaves room for tokens half as large again, so that the next user can sign in.
    const DEFAULT_MAX_DEBTS: u32 = 5;

    /// How long it is kept, if it is.
    pub(crate) fn max_age(self) -> Duration {
        match self {
            Self::HandOver => Self::DEFAULT_MAX_AGE,
            Self::Keep { max_age, .. } => max_age,
        }
    }
}

impl Default for UnpaidRevocations {
    fn default() -> Self {
        Self::Keep {
            max_age: Self::DEFAULT_MAX_AGE,
            max_debts: Self::DEFAULT_MAX_DEBTS,
        }
    }
}

/// Which way a refresh token is revoked. The effect on the session is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum RevocationRoute {
    /// `RevokeToken` of the user pools API, at the Region's endpoint. The default.
    #[default]
    UserPoolsApi,
    /// `POST /oauth2/revoke` at the user pool's own domain, for an app that may reach nothing else. It takes what is no
    /// token for revoked. Refreshing and `GlobalSignOut` have no such way: they go to the Region's endpoint all the same.
    PoolDomain,
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

    /// The most that one attempt at one request may take.
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

    /// Which way a refresh token is revoked.
    pub fn revocation_route(&self) -> RevocationRoute {
        self.revocation_route
    }

    /// The hosted pages, if the app client may use them.
    pub fn hosted_ui(&self) -> Option<&HostedUi> {
        self.hosted_ui.as_ref()
    }
}
