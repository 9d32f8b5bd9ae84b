//! The configuration, as a host gives it.

use std::collections::HashMap;
use std::sync::Arc;

use super::error::AuthError;
use super::live::Live;
use super::secret::Secret;
use super::time::duration;
use crate::{AuthConfigBuilder, ConfigError, RevocationRoute};

/// A validated configuration of one app client.
#[derive(uniffi::Object)]
pub struct AuthConfig {
    pub(super) config: crate::AuthConfig,
    _live: Live,
}

#[uniffi::export]
impl AuthConfig {
    /// Puts a configuration together.
    ///
    /// # Errors
    /// [`AuthError::InvalidInput`], whose detail names the first setting that is not what it must be.
    #[uniffi::constructor]
    pub fn new(user_pool_id: String, client_id: String, options: ConfigOptions) -> Result<Arc<Self>, AuthError> {
        Self::build(crate::AuthConfig::builder(user_pool_id, client_id), options)
    }

    /// Reads `amplify_outputs.json` or `amplifyconfiguration.json`. What is set in `options` takes the place of what the
    /// file says.
    ///
    /// # Errors
    /// [`AuthError::InvalidInput`], as for [`new`](Self::new).
    #[uniffi::constructor]
    pub fn from_amplify_json(json: String, options: ConfigOptions) -> Result<Arc<Self>, AuthError> {
        let builder = crate::AuthConfig::from_amplify_json(&json).map_err(AuthError::invalid_input)?;
        Self::build(builder, options)
    }

    /// The user pool's id.
    pub fn user_pool_id(&self) -> String {
        self.config.user_pool_id().to_owned()
    }

    /// The AWS Region.
    pub fn region(&self) -> String {
        self.config.region().to_owned()
    }

    /// The app client's id.
    pub fn client_id(&self) -> String {
        self.config.client_id().to_owned()
    }

    /// Where Cognito is asked.
    pub fn endpoint(&self) -> String {
        self.config.endpoint().to_string()
    }

    /// How long one connection may take to be made, in milliseconds: for the host's transport.
    pub fn connect_timeout(&self) -> u64 {
        super::time::millis(self.config.connect_timeout())
    }

    /// How long one attempt at one request may take, in milliseconds.
    pub fn attempt_timeout(&self) -> u64 {
        super::time::millis(self.config.attempt_timeout())
    }

    /// The URL that ends the browser's session at the hosted pages and leads to a sign-out URI: one of the configured
    /// ones, or the first.
    ///
    /// # Errors
    /// [`AuthError::InvalidInput`] without hosted pages or a sign-out URI, or if the chosen one is not configured.
    #[uniffi::method(default(sign_out_uri = None))]
    pub fn logout_url(&self, sign_out_uri: Option<String>) -> Result<String, AuthError> {
        let url = self.config.logout_url(sign_out_uri.as_deref());
        Ok(url.map_err(AuthError::invalid_input)?.into())
    }

    /// The URL that ends the browser's session and shows the login page, for another user to sign in at once.
    ///
    /// # Errors
    /// As [`logout_url`](Self::logout_url), for callback URIs.
    pub fn logout_to_login_url(&self, page: LoginPage) -> Result<String, AuthError> {
        let url = self.config.logout_to_login_url(&page.into());
        Ok(url.map_err(AuthError::invalid_input)?.into())
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

/// What a configuration may say beyond the two ids. What is unset has the library's default.
#[derive(Debug, Clone, Default, uniffi::Record)]
pub struct ConfigOptions {
    /// The app client's secret, for a client that has one.
    #[uniffi(default = None)]
    pub client_secret: Option<Arc<Secret>>,
    /// The AWS Region. Unset: what stands before the underscore in the user pool's id.
    #[uniffi(default = None)]
    pub region: Option<String>,
    /// Where Cognito is asked, for tests and proxies. Unset: the Region's endpoint.
    #[uniffi(default = None)]
    pub endpoint: Option<String>,
    /// What the app adds to the `user-agent` header. Unset: nothing.
    #[uniffi(default = None)]
    pub user_agent: Option<String>,
    /// Whether the app client rotates refresh tokens. Unset: no.
    #[uniffi(default = None)]
    pub refresh_token_rotation: Option<bool>,
    /// How long one connection may take to be made, in milliseconds. Unset: 3 s.
    #[uniffi(default = None)]
    pub connect_timeout: Option<i64>,
    /// The most that one attempt at one request may take, in milliseconds: near the deadline it is less, so that a second one
    /// fits. Unset: 4 s.
    #[uniffi(default = None)]
    pub attempt_timeout: Option<i64>,
    /// How long before its expiry an access token is refreshed, in milliseconds. Unset: 60 s.
    #[uniffi(default = None)]
    pub refresh_margin: Option<i64>,
    /// What becomes of a revocation that could not be carried out. Unset: it is kept for 30 days, and five of them.
    #[uniffi(default = None)]
    pub unpaid_revocations: Option<UnpaidRevocations>,
    /// Which way a refresh token is revoked. Unset: the user pools API.
    #[uniffi(default = None)]
    pub revocation_route: Option<RevocationRoute>,
    /// The hosted pages. Unset: none, or those that Amplify's file names.
    #[uniffi(default = None)]
    pub hosted_ui: Option<HostedUi>,
    /// How the sessions at identity providers are ended, by the providers' names in the user pool, for hosted pages that
    /// were read from Amplify's file.
    #[uniffi(default = None)]
    pub provider_logouts: Option<HashMap<String, ProviderLogout>>,
}

impl ConfigOptions {
    fn apply(self, mut builder: AuthConfigBuilder) -> Result<AuthConfigBuilder, ConfigError> {
        if let Some(secret) = self.client_secret {
            builder = builder.client_secret(secret.value());
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
        if let Some(hosted_ui) = self.hosted_ui {
            builder = builder.hosted_ui(hosted_ui.build()?);
        }
        for (name, logout) in self.provider_logouts.into_iter().flatten() {
            builder = builder.provider_logout(name, logout.into());
        }
        Ok(builder)
    }
}

/// What becomes of a revocation that could not be carried out before the deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum UnpaidRevocations {
    /// It is handed to the caller of a sign-out or a retry in `Partial`, token and all, and removed from the device.
    HandOver,
    /// It is handed to the caller *and* kept in the keychain, to be tried again. The default: 30 days, and five.
    Keep {
        /// How long after the sign-out it is kept, in milliseconds: up to 3650 days.
        max_age: i64,
        /// How many a sign-out may leave on record: at least 1. One that leaves more hands over the oldest.
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
                // None at all is refused like less than none.
                max_debts: u32::try_from(max_debts).unwrap_or(0),
            },
        })
    }
}

/// The hosted pages of a user pool, as the app client may use them.
#[derive(Debug, Clone, uniffi::Record)]
pub struct HostedUi {
    /// The user pool's domain, as a host name or a whole URL.
    pub domain: String,
    /// The app client's allowed sign-out URLs, exactly as they stand there.
    #[uniffi(default = [])]
    pub sign_out_uris: Vec<SignOutUri>,
    /// Its allowed callback URLs.
    #[uniffi(default = [])]
    pub callback_uris: Vec<String>,
    /// How the sessions at identity providers are ended, by the providers' names in the user pool.
    #[uniffi(default = None)]
    pub providers: Option<HashMap<String, ProviderLogout>>,
}

/// One of the app client's allowed sign-out URLs.
#[derive(Debug, Clone, uniffi::Record)]
pub struct SignOutUri {
    /// What Cognito is given.
    pub uri: String,
    /// Where the browser is in the end, for a page that sends it on. Unset: at `uri`.
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

/// What ends the session at an identity provider, after the one at the hosted pages.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum ProviderLogout {
    /// OpenID Connect RP-Initiated Logout, by the issuer's discovery document.
    Oidc {
        /// The issuer's URL.
        issuer: String,
        /// The client's id at the provider.
        client_id: String,
    },
    /// A URL of the provider's, with `{redirect}` and `{state}` in it.
    Template {
        /// It.
        url: String,
    },
    /// Google: ends every Google session of the browser, and nothing comes back.
    Google,
    /// Microsoft Entra ID.
    Entra {
        /// The directory's id or domain, or `common`.
        tenant: String,
        /// The client's id at the provider.
        client_id: String,
    },
    /// Okta.
    Okta {
        /// As `example.okta.com`.
        domain: String,
    },
    /// Auth0.
    Auth0 {
        /// As `example.eu.auth0.com`.
        domain: String,
        /// The client's id at the provider.
        client_id: String,
    },
    /// A SAML provider for which the user pool has single logout switched on.
    SamlSingleLogout,
    /// The provider's session is left alone.
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

/// What the login page, to which `/logout` can lead back, is asked for.
#[derive(Debug, Clone, Default, uniffi::Record)]
pub struct LoginPage {
    /// The callback URI, one of the configured ones. Unset: the first.
    #[uniffi(default = None)]
    pub callback_uri: Option<String>,
    /// The scopes to ask for. None: all that the app client may have.
    #[uniffi(default = [])]
    pub scopes: Vec<String>,
    /// What comes back with the code.
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
