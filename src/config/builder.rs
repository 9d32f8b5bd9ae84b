//! Collects the settings of a configuration and checks them together.

#[cfg(test)]
mod tests;

use std::time::Duration;

use url::Url;

use super::{AuthConfig, ConfigError, HostedUi, ProviderLogout, RevocationRoute, Settings, UnpaidRevocations, check};
use crate::secret::Secret;

/// Collects the settings of an [`AuthConfig`]. [`build`](Self::build) checks them.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct AuthConfigBuilder {
    settings: Settings,
    region: Option<String>,
    /// A secret, because it is not yet known to be free of credentials.
    endpoint: Option<Secret>,
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
    ///     "user_pool_id: must be the Region, an underscore and the pool's own ID, such as eu-central-1_AbCdEf123",
    /// );
    /// # Ok::<(), cognito_signout::ConfigError>(())
    /// ```
    pub fn builder(user_pool_id: impl Into<String>, client_id: impl Into<String>) -> AuthConfigBuilder {
        AuthConfigBuilder {
            settings: Settings {
                user_pool_id: user_pool_id.into(),
                client_id: client_id.into(),
                client_secret: None,
                user_agent: None,
                refresh_token_rotation: false,
                connect_timeout: Duration::from_secs(3),
                attempt_timeout: Duration::from_secs(4),
                refresh_margin: Duration::from_secs(60),
                unpaid: UnpaidRevocations::default(),
                revocation_route: RevocationRoute::default(),
                session_tracking: false,
                hosted_ui: None,
            },
            region: None,
            endpoint: None,
            provider_logouts: Vec::new(),
        }
    }
}

impl AuthConfigBuilder {
    /// The app client's secret, for a client that has one. An app client can have two active secrets, so that one can be
    /// replaced: either will do. Delete the old one after every app has the new one: with a deleted secret, a refresh and
    /// `RevokeToken` are refused ([`ErrorCode::ClientRejected`](crate::ErrorCode::ClientRejected)).
    pub fn client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.settings.client_secret = Some(secret.into());
        self
    }

    /// The AWS Region, such as `eu-central-1`. Default: the Region at the start of the user pool's ID. Without an
    /// [`endpoint`](Self::endpoint) it must have the shape of a real Region.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The server that gets Cognito's requests, as a string or a [`Url`]: for tests, proxies and the Regions outside of AWS's
    /// own partition and China. It must be `https`, or `http` on a loopback host. Default:
    /// `https://cognito-idp.<region>.amazonaws.com/`, and with `.com.cn` for the Regions in China.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(Secret::new(endpoint));
        self
    }

    /// Text that is added to the `user-agent` header: printable ASCII. Default: nothing.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.settings.user_agent = Some(user_agent.into());
        self
    }

    /// Whether the app client rotates refresh tokens. With rotation, Cognito refuses the older way to refresh, so this must be
    /// the same as in the app client. Default: `false`.
    pub fn refresh_token_rotation(mut self, on: bool) -> Self {
        self.settings.refresh_token_rotation = on;
        self
    }

    /// The most time for opening one connection, up to 5 minutes. Default: 3 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// The most time for one attempt at one request, connecting included, up to 5 minutes. Default: 4 s.
    ///
    /// A request that gets no response in time is sent again. Near the deadline, therefore, an attempt gets less time: at most
    /// half of what its step has left. By default that is 4 s if the sign-out has one request to make, 2.7 s if it has two,
    /// and 2 s if it must refresh first. A refresh with rotation is never sent again: done twice, it could cost the refresh
    /// token.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.settings.attempt_timeout = timeout;
        self
    }

    /// How long before its expiry an access token is refreshed. It must be less than 5 minutes, the shortest life of a token
    /// of Cognito. With a longer margin every new token would be due at once. Default: 60 s.
    pub fn refresh_margin(mut self, margin: Duration) -> Self {
        self.settings.refresh_margin = margin;
        self
    }

    /// What happens to a revocation that could not be done before the deadline. Default: [`UnpaidRevocations::Keep`], for 30
    /// days, and at most five of them.
    pub fn unpaid_revocations(mut self, unpaid: UnpaidRevocations) -> Self {
        self.settings.unpaid = unpaid;
        self
    }

    /// How a refresh token is revoked. [`RevocationRoute::PoolDomain`] needs [`hosted_ui`](Self::hosted_ui), which gives the
    /// domain. Default: [`RevocationRoute::UserPoolsApi`].
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
        self.settings.revocation_route = route;
        self
    }

    /// Whether the user pool tracks sessions (`SetUserPoolSessionConfiguration`; it needs the Essentials or Plus tier). Set it
    /// only for a pool that does: without tracking, Cognito accepts the request that ends the browser's session and does
    /// nothing, so that session would stay.
    ///
    /// With it, [`WebPolicy::ByRevocation`](crate::WebPolicy::ByRevocation) is allowed, and it is what a sign-out does if the app
    /// chooses no policy: no page opens. It does not apply to a user whose identity provider has a
    /// [`ProviderLogout`](crate::ProviderLogout), nor with [`RevocationRoute::PoolDomain`]. In an Amplify file it is the boolean
    /// `session_tracking` of `auth` or of `custom`. Default: `false`.
    ///
    /// ```
    /// use cognito_signout::AuthConfig;
    ///
    /// let config = AuthConfig::builder("eu-central-1_AbCdEf123", "3n4b5urk1ft4fl3mg5e62d9ado")
    ///     .session_tracking(true)
    ///     .build()?;
    /// assert!(config.session_tracking());
    /// # Ok::<(), cognito_signout::ConfigError>(())
    /// ```
    pub fn session_tracking(mut self, on: bool) -> Self {
        self.settings.session_tracking = on;
        self
    }

    /// The hosted pages, for an app whose users sign in there. Without this setting, a session that began in a browser cannot be
    /// ended there. It replaces the hosted pages of an Amplify file.
    ///
    /// They need a sign-out URI, with two exceptions: they are used only for the login page (they have a callback URI, for
    /// [`logout_to_login_url`](AuthConfig::logout_to_login_url)), or they are used for [`RevocationRoute::PoolDomain`].
    pub fn hosted_ui(mut self, hosted_ui: HostedUi) -> Self {
        self.settings.hosted_ui = Some(hosted_ui);
        self
    }

    /// Sets how the session at an identity provider is ended, like [`HostedUiBuilder::provider`], for hosted pages from an
    /// Amplify file. Such a file does not have this setting.
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

    /// Checks the settings. Uses neither the network nor the keychain.
    ///
    /// # Errors
    /// [`ConfigError`], which names the first setting that has a wrong value.
    pub fn build(self) -> Result<AuthConfig, ConfigError> {
        let mut settings = self.settings;
        let region_of_pool = check::user_pool_id("user_pool_id", &settings.user_pool_id)?;
        check::client_id("client_id", &settings.client_id)?;
        if let Some(secret) = &settings.client_secret {
            check::client_secret("client_secret", secret)?;
        }
        let region = self.region.as_deref().unwrap_or(region_of_pool).to_owned();
        check::region("region", &region)?;
        let endpoint = match &self.endpoint {
            Some(endpoint) => check::endpoint("endpoint", endpoint.reveal())?,
            None => {
                check::public_region(&region, self.region.as_deref())?;
                public_endpoint(&region)?
            }
        };
        if let Some(user_agent) = &settings.user_agent {
            check::user_agent("user_agent", user_agent)?;
        }
        check::timeout("connect_timeout", settings.connect_timeout)?;
        check::timeout("attempt_timeout", settings.attempt_timeout)?;
        check::refresh_margin("refresh_margin", settings.refresh_margin)?;
        check::unpaid_revocations("unpaid_revocations", settings.unpaid)?;
        match &settings.hosted_ui {
            None if settings.revocation_route == RevocationRoute::PoolDomain => {
                let must = "the user pools API, unless `hosted_ui` gives the user pool's domain";
                return Err(ConfigError::invalid("revocation_route", must));
            }
            Some(hosted_ui) if settings.revocation_route != RevocationRoute::PoolDomain => hosted_ui.check_uris()?,
            _ => {}
        }
        for (name, logout) in self.provider_logouts {
            let hosted_ui = settings.hosted_ui.as_mut();
            hosted_ui
                .ok_or_else(|| ConfigError::missing("hosted_ui"))?
                .add_provider(name, logout)?;
        }
        Ok(AuthConfig {
            settings,
            region,
            endpoint,
        })
    }
}

/// The Region's public endpoint, in AWS's own partition or China's. In other partitions the app sets `endpoint`.
fn public_endpoint(region: &str) -> Result<Url, ConfigError> {
    let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
    let endpoint = format!("https://cognito-idp.{region}.amazonaws.com{suffix}/");
    check::endpoint("region", &endpoint)
}
