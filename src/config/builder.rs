//! Takes settings one by one and accepts them together.

#[cfg(test)]
mod tests;

use std::time::Duration;

use url::Url;

use super::{AuthConfig, ConfigError, HostedUi, ProviderLogout, RevocationRoute, UnpaidRevocations, check};
use crate::secret::Secret;

/// Collects settings for an [`AuthConfig`]; [`build`](Self::build) validates them.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct AuthConfigBuilder {
    user_pool_id: String,
    client_id: String,
    client_secret: Option<Secret>,
    region: Option<String>,
    /// Hidden until it is known to hold no credentials.
    endpoint: Option<Secret>,
    user_agent: Option<String>,
    refresh_token_rotation: bool,
    connect_timeout: Duration,
    attempt_timeout: Duration,
    refresh_margin: Duration,
    unpaid: UnpaidRevocations,
    revocation_route: RevocationRoute,
    hosted_ui: Option<HostedUi>,
    provider_logouts: Vec<(String, ProviderLogout)>,
}

impl AuthConfig {
    /// Starts a configuration for one app client of one user pool. Everything else has a default.
    ///
    /// ```
    /// use std::time::Duration;
    /// use cognito_signout::AuthConfig;
    ///
    /// let config = AuthConfig::builder("eu-central-1_AbCdEf123", "3n4b5urk1ft4fl3mg5e62d9ado")
    ///     .user_agent("example-app/1.2")
    ///     .attempt_timeout(Duration::from_secs(3))
    ///     .build()?;
    /// assert_eq!(config.region(), "eu-central-1");
    /// assert_eq!(config.endpoint().as_str(), "https://cognito-idp.eu-central-1.amazonaws.com/");
    ///
    /// let error = AuthConfig::builder("AbCdEf123", "3n4b5urk1ft4fl3mg5e62d9ado").build().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "user_pool_id: must be the Region, an underscore and the pool's own id, as eu-central-1_AbCdEf123",
    /// );
    /// # Ok::<(), cognito_signout::ConfigError>(())
    /// ```
    pub fn builder(user_pool_id: impl Into<String>, client_id: impl Into<String>) -> AuthConfigBuilder {
        AuthConfigBuilder {
            user_pool_id: user_pool_id.into(),
            client_id: client_id.into(),
            client_secret: None,
            region: None,
            endpoint: None,
            user_agent: None,
            refresh_token_rotation: false,
            connect_timeout: Duration::from_secs(3),
            attempt_timeout: Duration::from_secs(4),
            refresh_margin: Duration::from_secs(60),
            unpaid: UnpaidRevocations::default(),
            revocation_route: RevocationRoute::default(),
            hosted_ui: None,
            provider_logouts: Vec::new(),
        }
    }
}

impl AuthConfigBuilder {
    /// The app client's secret, for a client that has one.
    pub fn client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.client_secret = Some(secret.into());
        self
    }

    /// The AWS Region, as `eu-central-1`. Default: what stands before the underscore in the user pool's id. A Region
    /// given here goes before that one.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Where Cognito is asked, for tests and proxies, as a string or a [`Url`]: `https`, or `http` on a loopback host.
    /// Default: `https://cognito-idp.<region>.amazonaws.com/`, with `.cn` after it for the Regions in China.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(Secret::new(endpoint));
        self
    }

    /// What the app adds to the `user-agent` header: printable ASCII. Default: nothing.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = Some(user_agent.into());
        self
    }

    /// Whether the app client rotates refresh tokens. Cognito then refuses the older way to refresh, so this must say
    /// what the app client's setting says. Default: `false`.
    pub fn refresh_token_rotation(mut self, on: bool) -> Self {
        self.refresh_token_rotation = on;
        self
    }

    /// How long one connection may take to be made, up to 5 minutes. Default: 3 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The most that one attempt at one request may take, connecting included, up to 5 minutes. Default: 4 s.
    ///
    /// A request that got no answer in time is made again, so an attempt gets less where the deadline is near: at most half of
    /// the time that its step has left. By default that is 4 s where a sign-out has one request to make, 2.7 s where it has
    /// two, 2 s where it has to refresh first. A refresh that rotates is never made again: carried out twice, it could cost the
    /// refresh token.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// How long before its expiry an access token is refreshed. Less than 5 minutes, the shortest life that Cognito
    /// gives a token: with more, every token would be due as soon as it came. Default: 60 s.
    pub fn refresh_margin(mut self, margin: Duration) -> Self {
        self.refresh_margin = margin;
        self
    }

    /// What becomes of a revocation that could not be carried out. Default: [`UnpaidRevocations::Keep`], for 30 days and five
    /// of them.
    pub fn unpaid_revocations(mut self, unpaid: UnpaidRevocations) -> Self {
        self.unpaid = unpaid;
        self
    }

    /// Which way a refresh token is revoked. [`RevocationRoute::PoolDomain`] needs [`hosted_ui`](Self::hosted_ui), which
    /// names the domain. Default: [`RevocationRoute::UserPoolsApi`].
    ///
    /// ```
    /// use cognito_signout::{AuthConfig, HostedUi, RevocationRoute};
    ///
    /// let config = AuthConfig::builder("eu-central-1_AbCdEf123", "3n4b5urk1ft4fl3mg5e62d9ado")
    ///     .hosted_ui(HostedUi::builder("auth.example.com").build()?)
    ///     .revocation_route(RevocationRoute::PoolDomain)
    ///     .build()?;
    /// assert_eq!(config.revocation_route(), RevocationRoute::PoolDomain);
    /// # Ok::<(), cognito_signout::ConfigError>(())
    /// ```
    pub fn revocation_route(mut self, route: RevocationRoute) -> Self {
        self.revocation_route = route;
        self
    }

    /// The hosted pages, for an app whose users sign in there: without them, a session that began in a browser cannot be
    /// ended there. Those that a file of Amplify's names are read from it; the ones given here take their place.
    ///
    /// They need a sign-out URI, unless they are there for the login page alone (a callback URI,
    /// [`logout_to_login_url`](AuthConfig::logout_to_login_url)) or for
    /// [`RevocationRoute::PoolDomain`].
    pub fn hosted_ui(mut self, hosted_ui: HostedUi) -> Self {
        self.hosted_ui = Some(hosted_ui);
        self
    }

    /// Says how the session at an identity provider is ended, as [`HostedUiBuilder::provider`] does, for hosted pages that
    /// were read from a file of Amplify's, which does not say it.
    ///
    /// ```
    /// use cognito_signout::{AuthConfig, ProviderLogout};
    ///
    /// let file = r#"{"version": "1.4", "auth": {
    ///     "user_pool_id": "eu-central-1_AbCdEf123",
    ///     "user_pool_client_id": "3n4b5urk1ft4fl3mg5e62d9ado",
    ///     "oauth": {
    ///         "domain": "example-app.auth.eu-central-1.amazoncognito.com",
    ///         "redirect_sign_out_uri": ["example-app://signed-out/"]
    ///     }
    /// }}"#;
    /// let config = AuthConfig::from_amplify_json(file)?
    ///     .provider_logout("Google", ProviderLogout::google())
    ///     .build()?;
    /// assert!(config.hosted_ui().is_some_and(|hosted_ui| hosted_ui.provider("Google").is_some()));
    /// # Ok::<(), cognito_signout::ConfigError>(())
    /// ```
    ///
    /// [`HostedUiBuilder::provider`]: crate::HostedUiBuilder::provider
    pub fn provider_logout(mut self, name: impl Into<String>, logout: ProviderLogout) -> Self {
        self.provider_logouts.push((name.into(), logout));
        self
    }

    /// Validates the settings. Touches neither network nor keychain.
    ///
    /// # Errors
    /// [`ConfigError`], which names the first setting that is not what it must be.
    pub fn build(self) -> Result<AuthConfig, ConfigError> {
        let region_of_pool = check::user_pool_id("user_pool_id", &self.user_pool_id)?;
        check::client_id("client_id", &self.client_id)?;
        if let Some(secret) = &self.client_secret {
            check::client_secret("client_secret", secret)?;
        }
        let region = self.region.unwrap_or_else(|| region_of_pool.to_owned());
        check::region("region", &region)?;
        let endpoint = match &self.endpoint {
            Some(endpoint) => check::endpoint("endpoint", endpoint.reveal())?,
            None => endpoint_of(&region)?,
        };
        if let Some(user_agent) = &self.user_agent {
            check::user_agent("user_agent", user_agent)?;
        }
        check::timeout("connect_timeout", self.connect_timeout)?;
        check::timeout("attempt_timeout", self.attempt_timeout)?;
        check::refresh_margin("refresh_margin", self.refresh_margin)?;
        check::unpaid_revocations("unpaid_revocations", self.unpaid)?;
        if self.revocation_route == RevocationRoute::PoolDomain && self.hosted_ui.is_none() {
            return Err(ConfigError::invalid(
                "revocation_route",
                "the user pools API, unless hosted pages are configured that name the user pool's domain",
            ));
        }
        if let Some(hosted_ui) = &self.hosted_ui
            && self.revocation_route != RevocationRoute::PoolDomain
        {
            hosted_ui.check_uris()?;
        }
        let mut hosted_ui = self.hosted_ui;
        for (name, logout) in self.provider_logouts {
            hosted_ui
                .as_mut()
                .ok_or_else(|| ConfigError::missing("hosted_ui"))?
                .add_provider(name, logout)?;
        }
        Ok(AuthConfig {
            user_pool_id: self.user_pool_id,
            region,
            client_id: self.client_id,
            client_secret: self.client_secret,
            endpoint,
            user_agent: self.user_agent,
            refresh_token_rotation: self.refresh_token_rotation,
            connect_timeout: self.connect_timeout,
            attempt_timeout: self.attempt_timeout,
            refresh_margin: self.refresh_margin,
            unpaid: self.unpaid,
            revocation_route: self.revocation_route,
            hosted_ui,
        })
    }
}

/// The Region's public endpoint. Other partitions than AWS's own and China's need an endpoint of their own setting.
fn endpoint_of(region: &str) -> Result<Url, ConfigError> {
    let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
    check::endpoint(
        "region",
        &format!("https://cognito-idp.{region}.amazonaws.com{suffix}/"),
    )
}
