//! What the library must know about the user pool and its app client. It is checked before anything uses it.

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

use crate::options::WebPolicy;
use crate::secret::Secret;

pub use builder::AuthConfigBuilder;
pub use error::ConfigError;
pub use hosted_ui::{HostedUi, HostedUiBuilder};
pub use logout_url::LoginPage;
pub use provider::ProviderLogout;
pub use redirect_uri::RedirectUri;

/// A checked configuration. Build one with [`AuthConfig::builder`], or from an Amplify file with
/// [`AuthConfig::from_amplify_json`].
#[derive(Debug, Clone)]
pub struct AuthConfig {
    settings: Settings,
    region: String,
    endpoint: Url,
}

/// The settings that are the same before and after the checks.
#[derive(Debug, Clone)]
struct Settings {
    user_pool_id: String,
    client_id: String,
    client_secret: Option<Secret>,
    user_agent: Option<String>,
    refresh_token_rotation: bool,
    connect_timeout: Duration,
    attempt_timeout: Duration,
    refresh_margin: Duration,
    unpaid: UnpaidRevocations,
    revocation_route: RevocationRoute,
    session_tracking: bool,
    hosted_ui: Option<HostedUi>,
}

/// What happens to a revocation that could not be done before the deadline. By default it is kept for 30 days, and at most
/// five are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnpaidRevocations {
    /// It is handed over to the caller of `sign_out` or `retry`, in `Partial` and with its token, and is removed from the device.
    /// An app that does not look at that result loses it. If the caller never received the result (the process was killed, or
    /// the call was cancelled), the revocation stays on record and is tried again as with [`Keep`](Self::Keep), for 30 days.
    HandOver,
    /// It is handed over to the caller *and* kept in the keychain. It is tried again by `resume()`, by `settle_pending()`, and
    /// when the next user signs in.
    Keep {
        /// How long it is kept after the sign-out: up to 3650 days, the longest life of a refresh token. After that time the
        /// second failed try by `resume()` or `settle_pending()` gives it up, and its result says so.
        max_age: Duration,
        /// How many of them a sign-out may leave on record: at least 1. A sign-out that would leave more hands over the oldest
        /// in its own result: [`Partial::displaced`](field@crate::Partial::displaced).
        max_debts: u32,
    },
}

impl UnpaidRevocations {
    /// Cognito's default for the life of a refresh token. After that time there is rarely anything to revoke.
    const DEFAULT_MAX_AGE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

    /// On Windows a record can have about 43 kB, and a session's tokens take about 4 kB. Five debts, the session, and the debt of
    /// a replaced session take 28 kB. The rest is room for tokens that are half as large again, so the next user can sign in.
    const DEFAULT_MAX_DEBTS: u32 = 5;

    /// How long it stays on record, if it does.
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

/// How a refresh token is revoked. The effect on the session is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum RevocationRoute {
    /// `RevokeToken` of the user pools API, at the Region's endpoint. The default.
    #[default]
    UserPoolsApi,
    /// `POST /oauth2/revoke` at the user pool's own domain, for an app that can reach no other host. An unknown token also counts
    /// as revoked there. Refreshing and `GlobalSignOut` have no such route: they always use the Region's endpoint.
    PoolDomain,
}

impl AuthConfig {
    /// The user pool's ID, such as `eu-central-1_AbCdEf`.
    pub fn user_pool_id(&self) -> &str {
        &self.settings.user_pool_id
    }

    /// The AWS Region, such as `eu-central-1`.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The app client's ID.
    pub fn client_id(&self) -> &str {
        &self.settings.client_id
    }

    /// The app client's secret, if it has one.
    pub fn client_secret(&self) -> Option<&Secret> {
        self.settings.client_secret.as_ref()
    }

    /// The server that gets Cognito's requests: the Region's endpoint, or the one that was set instead.
    pub fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// The text that is added to the `user-agent` header.
    pub fn user_agent(&self) -> Option<&str> {
        self.settings.user_agent.as_deref()
    }

    /// Whether the app client rotates refresh tokens. With rotation, `GetTokensFromRefreshToken` refreshes, not `InitiateAuth`.
    pub fn refresh_token_rotation(&self) -> bool {
        self.settings.refresh_token_rotation
    }

    /// The most time for opening one connection.
    pub fn connect_timeout(&self) -> Duration {
        self.settings.connect_timeout
    }

    /// The most time for one attempt at one request.
    pub fn attempt_timeout(&self) -> Duration {
        self.settings.attempt_timeout
    }

    /// How long before its expiry an access token is refreshed.
    pub fn refresh_margin(&self) -> Duration {
        self.settings.refresh_margin
    }

    /// What happens to a revocation that could not be done before the deadline.
    pub fn unpaid_revocations(&self) -> UnpaidRevocations {
        self.settings.unpaid
    }

    /// How a refresh token is revoked.
    pub fn revocation_route(&self) -> RevocationRoute {
        self.settings.revocation_route
    }

    /// Whether the user pool tracks sessions.
    pub fn session_tracking(&self) -> bool {
        self.settings.session_tracking
    }

    /// The web policy for callers that chose none, for a user who signed in with `provider`, or with the user pool itself.
    /// Without a page, a provider's logout page cannot be visited.
    pub(crate) fn default_web_policy(&self, provider: Option<&str>) -> WebPolicy {
        let logout = provider.and_then(|name| self.hosted_ui()?.provider(name));
        match self.allows_revocation_of_browser_sessions() {
            Ok(()) if logout.is_none() => WebPolicy::ByRevocation,
            _ => WebPolicy::Required,
        }
    }

    /// Whether `RevokeToken` may end the browser's session too.
    pub(crate) fn allows_revocation_of_browser_sessions(&self) -> Result<(), ConfigError> {
        if self.revocation_route() == RevocationRoute::PoolDomain {
            let must = "the user pools API for the web policy by_revocation: the domain has no such parameter";
            return Err(ConfigError::invalid("revocation_route", must));
        }
        if !self.session_tracking() {
            let must = "true for the web policy by_revocation; first turn on session tracking for the user pool";
            return Err(ConfigError::invalid("session_tracking", must));
        }
        Ok(())
    }

    /// The hosted pages, if the app client may use them.
    pub fn hosted_ui(&self) -> Option<&HostedUi> {
        self.settings.hosted_ui.as_ref()
    }
}
