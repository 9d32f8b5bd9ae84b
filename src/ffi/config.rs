//! The configuration, as a host gives it.

use std::collections::HashMap;
use std::sync::Arc;

use url::Url;

use super::error::AuthError;
use super::live::Live;
use super::time::duration;
use crate::{AuthConfigBuilder, ConfigError, RevocationRoute, Secret};

/// A validated configuration of one app client.
#[derive(uniffi::Object)]
pub struct AuthConfig {
    pub(super) config: crate::AuthConfig,
    _live: Live,
}

#[uniffi::export]
impl AuthConfig {
    /// Builds a configuration.
    ///
    /// # Errors
    /// [`AuthError::InvalidInput`] if a setting is not valid. The detail names the first one.
    #[uniffi::constructor]
    pub fn new(user_pool_id: String, client_id: String, options: ConfigOptions) -> Result<Arc<Self>, AuthError> {
        Self::build(crate::AuthConfig::builder(user_pool_id, client_id), options)
    }

    /// Reads `amplify_outputs.json` or `amplifyconfiguration.json`. A setting in `options` replaces the one in the file.
    ///
    /// # Errors
    /// [`AuthError::InvalidInput`], like [`new`](Self::new).
    #[uniffi::constructor]
    pub fn from_amplify_json(json: String, options: ConfigOptions) -> Result<Arc<Self>, AuthError> {
        let builder = crate::AuthConfig::from_amplify_json(&json).map_err(AuthError::invalid_input)?;
        Self::build(builder, options)
    }

    /// The user pool's ID.
    pub fn user_pool_id(&self) -> String {
        self.config.user_pool_id().to_owned()
    }

    /// The AWS Region.
    pub fn region(&self) -> String {
        self.config.region().to_owned()
    }

    /// The app client's ID.
    pub fn client_id(&self) -> String {
        self.config.client_id().to_owned()
    }

    /// The URL that requests to Cognito go to.
    pub fn endpoint(&self) -> Url {
        self.config.endpoint().clone()
    }

    /// The time limit for opening one connection, in milliseconds: for the host's transport.
    pub fn connect_timeout(&self) -> u64 {
        super::time::millis(self.config.connect_timeout())
    }

    /// The time limit for one attempt of one request, in milliseconds.
    pub fn attempt_timeout(&self) -> u64 {
        super::time::millis(self.config.attempt_timeout())
    }

    /// Where the browser ends: one URI for each configured sign-out URI, in the same order.
    pub fn sign_out_redirects(&self) -> Vec<String> {
        let Some(pages) = self.config.hosted_ui() else {
            return Vec::new();
        };
        pages.sign_out_redirects().map(ToString::to_string).collect()
    }

    /// The URL that ends the browser's session at the hosted pages and then leads to a sign-out URI, which must be configured.
    /// Default: the first configured sign-out URI.
    ///
    /// # Errors
    /// [`AuthError::InvalidInput`] if no hosted pages or no sign-out URI are configured, or not the given one.
    #[uniffi::method(default(sign_out_uri = None))]
    pub fn logout_url(&self, sign_out_uri: Option<String>) -> Result<Url, AuthError> {
        let url = self.config.logout_url(sign_out_uri.as_deref());
        url.map_err(AuthError::invalid_input)
    }

    /// The URL that ends the browser's session and shows the login page, so that another user can sign in at once.
    ///
    /// # Errors
    /// Like [`logout_url`](Self::logout_url), for callback URIs.
    pub fn logout_to_login_url(&self, page: LoginPage) -> Result<Url, AuthError> {
        let url = self.config.logout_to_login_url(&page.into());
        url.map_err(AuthError::invalid_input)
    }
}

impl AuthConfig {
    fn build(builder: AuthConfigBuilder, options: ConfigOptions) -> Result<Arc<Self>, AuthError> {
        let config = options.apply(builder).and_then(AuthConfigBuilder::build);
        Ok(Arc::new(Self {
            config: config.map_err(AuthError::invalid_input)?,
            _live: Live::new(),
        }))
    }
}

/// The settings of a configuration besides the two IDs. An unset setting has the library's default.
#[derive(Debug, Clone, Default, uniffi::Record)]
pub struct ConfigOptions {
    /// The app client's secret, if it has one.
    #[uniffi(default = None)]
    pub client_secret: Option<Secret>,
    /// The AWS Region. Default: the part of the user pool ID before the underscore.
    #[uniffi(default = None)]
    pub region: Option<String>,
    /// The URL that requests to Cognito go to, for tests and proxies. Default: the Region's endpoint.
    #[uniffi(default = None)]
    pub endpoint: Option<String>,
    /// Text that the app adds to the `user-agent` header. Default: none.
    #[uniffi(default = None)]
    pub user_agent: Option<String>,
    /// Whether the app client rotates refresh tokens. Default: no.
    #[uniffi(default = None)]
    pub refresh_token_rotation: Option<bool>,
    /// The time limit for opening one connection, in milliseconds. Default: 3 s.
    #[uniffi(default = None)]
    pub connect_timeout: Option<i64>,
    /// The time limit for one attempt of one request, in milliseconds. Near the deadline it is shorter, so that a second attempt
    /// fits. Default: 4 s.
    #[uniffi(default = None)]
    pub attempt_timeout: Option<i64>,
    /// How long before its expiry an access token is refreshed, in milliseconds. Default: 60 s.
    #[uniffi(default = None)]
    pub refresh_margin: Option<i64>,
    /// What happens to a revocation that failed. Default: up to five are kept, each for 30 days.
    #[uniffi(default = None)]
    pub unpaid_revocations: Option<UnpaidRevocations>,
    /// How a refresh token is revoked. Default: with the user pools API.
    #[uniffi(default = None)]
    pub revocation_route: Option<RevocationRoute>,
    /// Whether the user pool tracks sessions. With it, the browser's session ends by revocation, without a page, unless the
    /// sign-out chooses another web policy. Default: what Amplify's file says, or no.
    #[uniffi(default = None)]
    pub session_tracking: Option<bool>,
    /// The hosted pages. Default: those in Amplify's file, or none.
    #[uniffi(default = None)]
    pub hosted_ui: Option<HostedUi>,
    /// How to end the sessions at identity providers, for hosted pages from Amplify's file. The keys are the providers' names in
    /// the user pool.
    #[uniffi(default = None)]
    pub provider_logouts: Option<HashMap<String, ProviderLogout>>,
}

impl ConfigOptions {
    fn apply(self, mut builder: AuthConfigBuilder) -> Result<AuthConfigBuilder, ConfigError> {
        if let Some(secret) = self.client_secret {
            builder = builder.client_secret(secret);
        }
        if let Some(region) = self.region {
            builder = builder.region(region);
        }
        if let Some(endpoint) = self.endpoint {
            builder = builder.endpoint(endpoint);
        }
        if let Some(user_agent) = self.user_agent {
            builder = builder.user_agent(user_agent);
        }
        if let Some(on) = self.refresh_token_rotation {
            builder = builder.refresh_token_rotation(on);
        }
        if let Some(millis) = self.connect_timeout {
            builder = builder.connect_timeout(duration("connect_timeout", millis)?);
        }
        if let Some(millis) = self.attempt_timeout {
            builder = builder.attempt_timeout(duration("attempt_timeout", millis)?);
        }
        if let Some(millis) = self.refresh_margin {
            builder = builder.refresh_margin(duration("refresh_margin", millis)?);
        }
        if let Some(unpaid) = self.unpaid_revocations {
            builder = builder.unpaid_revocations(unpaid.try_into()?);
        }
        if let Some(route) = self.revocation_route {
            builder = builder.revocation_route(route);
        }
        if let Some(on) = self.session_tracking {
            builder = builder.session_tracking(on);
        }
        if let Some(hosted_ui) = self.hosted_ui {
            builder = builder.hosted_ui(hosted_ui.build()?);
        }
        for (name, logout) in self.provider_logouts.into_iter().flatten() {
            builder = builder.provider_logout(name, logout.into());
        }
        Ok(builder)
    }
}

/// What happens to a revocation that failed before the deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum UnpaidRevocations {
    /// It is handed over to the caller of the sign-out or the retry in `Partial`, with its token, and removed from the device.
    HandOver,
    /// It is handed over to the caller *and* kept in the keychain, to be tried again. The default: five, each for 30 days.
    Keep {
        /// How long after the sign-out it is kept, in milliseconds: up to 3650 days.
        max_age: i64,
        /// How many debts a sign-out may leave on record: at least 1. A sign-out that leaves more hands over the oldest.
        max_debts: i32,
    },
}

impl TryFrom<UnpaidRevocations> for crate::UnpaidRevocations {
    type Error = ConfigError;

    fn try_from(unpaid: UnpaidRevocations) -> Result<Self, ConfigError> {
        Ok(match unpaid {
            UnpaidRevocations::HandOver => Self::HandOver,
            UnpaidRevocations::Keep { max_age, max_debts } => Self::Keep {
                max_age: duration("unpaid_revocations.max_age", max_age)?,
                // A negative number is refused like 0.
                max_debts: u32::try_from(max_debts).unwrap_or(0),
            },
        })
    }
}

/// The hosted pages of a user pool, as the app client may use them.
#[derive(Debug, Clone, uniffi::Record)]
pub struct HostedUi {
    /// The user pool's domain: a host name or a whole URL.
    pub domain: String,
    /// The app client's allowed sign-out URLs, exactly as in its settings.
    #[uniffi(default = [])]
    pub sign_out_uris: Vec<SignOutUri>,
    /// Its allowed callback URLs.
    #[uniffi(default = [])]
    pub callback_uris: Vec<String>,
    /// How to end the sessions at identity providers. The keys are the providers' names in the user pool.
    #[uniffi(default = None)]
    pub providers: Option<HashMap<String, ProviderLogout>>,
}

/// One of the app client's allowed sign-out URLs.
#[derive(Debug, Clone, uniffi::Record)]
pub struct SignOutUri {
    /// The URL that Cognito receives.
    pub uri: String,
    /// Where the browser ends, if the page at `uri` redirects it. Default: at `uri`.
    #[uniffi(default = None)]
    pub ends_at: Option<String>,
}

impl HostedUi {
    fn build(self) -> Result<crate::HostedUi, ConfigError> {
        let mut builder = crate::HostedUi::builder(self.domain);
        for SignOutUri { uri, ends_at } in self.sign_out_uris {
            builder = match ends_at {
                None => builder.sign_out_uri(uri),
                Some(ends_at) => builder.sign_out_uri_ending_at(uri, ends_at),
            };
        }
        for uri in self.callback_uris {
            builder = builder.callback_uri(uri);
        }
        for (name, logout) in self.providers.into_iter().flatten() {
            builder = builder.provider(name, logout.into());
        }
        builder.build()
    }
}

/// How to end the session at an identity provider, after the session at the hosted pages.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum ProviderLogout {
    /// OpenID Connect RP-Initiated Logout. The page is read from the issuer's discovery document.
    Oidc {
        /// The issuer's URL.
        issuer: String,
        /// The client's ID at the provider.
        client_id: String,
    },
    /// A URL of the provider.
    Template {
        /// The URL, which contains `{redirect}` and `{state}`.
        url: String,
    },
    /// Google. It ends every Google session in the browser, and does not send the browser back.
    Google,
    /// Microsoft Entra ID.
    Entra {
        /// The directory's ID or domain, or `common`.
        tenant: String,
        /// The client's ID at the provider.
        client_id: String,
    },
    /// Okta.
    Okta {
        /// For example `example.okta.com`.
        domain: String,
    },
    /// Auth0.
    Auth0 {
        /// For example `example.eu.auth0.com`.
        domain: String,
        /// The client's ID at the provider.
        client_id: String,
    },
    /// A SAML provider for which single logout is enabled in the user pool.
    SamlSingleLogout,
    /// The provider's session is not ended.
    LeftAlone,
}

impl From<ProviderLogout> for crate::ProviderLogout {
    fn from(logout: ProviderLogout) -> Self {
        match logout {
            ProviderLogout::Oidc { issuer, client_id } => Self::oidc(issuer, client_id),
            ProviderLogout::Template { url } => Self::template(url),
            ProviderLogout::Google => Self::google(),
            ProviderLogout::Entra { tenant, client_id } => Self::entra(&tenant, &client_id),
            ProviderLogout::Okta { domain } => Self::okta(domain),
            ProviderLogout::Auth0 { domain, client_id } => Self::auth0(domain, &client_id),
            ProviderLogout::SamlSingleLogout => Self::saml_single_logout(),
            ProviderLogout::LeftAlone => Self::none(),
        }
    }
}

/// Parameters of the login page that `/logout` can lead to.
#[derive(Debug, Clone, Default, uniffi::Record)]
pub struct LoginPage {
    /// One of the configured callback URIs. Default: the first.
    #[uniffi(default = None)]
    pub callback_uri: Option<String>,
    /// The scopes to request. Empty: all that are allowed for the app client.
    #[uniffi(default = [])]
    pub scopes: Vec<String>,
    /// The `state` parameter, which comes back with the code.
    #[uniffi(default = None)]
    pub state: Option<String>,
}

impl From<LoginPage> for crate::LoginPage {
    fn from(page: LoginPage) -> Self {
        let mut login = Self::default().scopes(page.scopes);
        if let Some(uri) = page.callback_uri {
            login = login.callback_uri(uri);
        }
        if let Some(state) = page.state {
            login = login.state(state);
        }
        login
    }
}
