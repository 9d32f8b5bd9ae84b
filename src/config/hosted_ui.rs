//! What the library must know about a user pool's hosted pages: managed login, or the older classic hosted UI.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use url::Url;

use super::{ConfigError, ProviderLogout, RedirectUri, check};

/// The hosted pages of a user pool, with the URIs of the app client. Built by [`HostedUi::builder`].
///
/// ```
/// use cognito_signout::{AuthConfig, HostedUi, ProviderLogout};
///
/// let hosted_ui = HostedUi::builder("example.auth.eu-central-1.amazoncognito.com")
///     .sign_out_uri("http://localhost:8765/signed-out")
///     .provider("Okta", ProviderLogout::okta("example.okta.com"))
///     .build()?;
/// let config = AuthConfig::builder("eu-central-1_AbCdEf123", "3n4b5urk1ft4fl3mg5e62d9ado")
///     .hosted_ui(hosted_ui)
///     .build()?;
/// assert_eq!(
///     config.logout_url(None)?.as_str(),
///     "https://example.auth.eu-central-1.amazoncognito.com/logout?client_id=3n4b5urk1ft4fl3mg5e62d9ado\
///      &logout_uri=http%3A%2F%2Flocalhost%3A8765%2Fsigned-out",
/// );
/// # Ok::<(), cognito_signout::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
pub struct HostedUi {
    domain: Url,
    sign_out_uris: Vec<SignOutUri>,
    callback_uris: Vec<RedirectUri>,
    providers: BTreeMap<String, ProviderLogout>,
    /// The name of the setting that the sign-out URIs were read from.
    sign_out_setting: String,
}

/// One of the app client's allowed sign-out URLs, and the URI at which the browser ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SignOutUri {
    pub(crate) sent: RedirectUri,
    pub(crate) ends_at: RedirectUri,
}

/// Collects the settings of a [`HostedUi`]. [`build`](Self::build) checks them.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct HostedUiBuilder {
    domain: String,
    sign_out_uris: Vec<(String, Option<String>)>,
    callback_uris: Vec<String>,
    providers: BTreeMap<String, ProviderLogout>,
}

impl HostedUi {
    /// Starts with the user pool's domain: a prefix domain (`example.auth.eu-central-1.amazoncognito.com`) or a custom domain
    /// (`auth.example.com`), as a host name or a whole URL.
    pub fn builder(domain: impl Into<String>) -> HostedUiBuilder {
        HostedUiBuilder {
            domain: domain.into(),
            sign_out_uris: Vec::new(),
            callback_uris: Vec::new(),
            providers: BTreeMap::new(),
        }
    }

    /// The origin of the hosted pages, such as `https://auth.example.com/`.
    pub fn domain(&self) -> &Url {
        &self.domain
    }

    /// The sign-out URIs, in the order of the builder.
    pub fn sign_out_uris(&self) -> impl Iterator<Item = &RedirectUri> {
        self.sign_out_uris.iter().map(|uri| &uri.sent)
    }

    /// Where the browser ends for each sign-out URI, in the order of the builder.
    #[cfg(feature = "ffi")]
    pub(crate) fn sign_out_redirects(&self) -> impl Iterator<Item = &RedirectUri> {
        self.sign_out_uris.iter().map(|uri| &uri.ends_at)
    }

    /// The callback URIs, in the order of the builder.
    pub fn callback_uris(&self) -> impl Iterator<Item = &RedirectUri> {
        self.callback_uris.iter()
    }

    /// How the session at the provider with this name is ended.
    pub fn provider(&self, name: &str) -> Option<&ProviderLogout> {
        self.providers.get(name)
    }

    /// The sign-out URIs that lead the browser to `redirect`.
    pub(crate) fn sign_out_uris_ending_at(&self, redirect: &RedirectUri) -> impl Iterator<Item = &RedirectUri> {
        let ending = self.sign_out_uris.iter().filter(move |uri| uri.ends_at == *redirect);
        ending.map(|uri| &uri.sent)
    }

    /// Refuses pages at which no session can be ended: every sign-out of such a session would fail. Pages with only callback
    /// URIs are used for the login page.
    pub(crate) fn check_uris(&self) -> Result<(), ConfigError> {
        match self.sign_out_uris.is_empty() && self.callback_uris.is_empty() {
            true => Err(self.no_sign_out_uri()),
            false => Ok(()),
        }
    }

    fn no_sign_out_uri(&self) -> ConfigError {
        ConfigError::invalid(
            &self.sign_out_setting,
            "at least one of the app client's sign-out URLs, such as myapp://signed-out. Without it, a session that began at \
             the hosted pages cannot be signed out. Add the URL to the app client's list and here",
        )
    }

    /// Marks pages from a file, in which the sign-out URIs are called `setting`. Such a file always has callback URIs, for
    /// signing in. They do not mean that the pages are used only for the login page.
    pub(crate) fn read_from_a_file(mut self, setting: String) -> Self {
        if self.sign_out_uris.is_empty() {
            self.callback_uris.clear();
        }
        self.sign_out_setting = setting;
        self
    }

    pub(crate) fn add_provider(&mut self, name: String, logout: ProviderLogout) -> Result<(), ConfigError> {
        logout.check(&format!("hosted_ui.provider.{name}"))?;
        self.providers.insert(name, logout);
        Ok(())
    }

    /// The sign-out URI that the app chose. Without a choice: the first one with an end that `fits`, or else the first one.
    pub(crate) fn choose_sign_out_uri(
        &self,
        chosen: Option<&str>,
        fits: impl Fn(&RedirectUri) -> bool,
    ) -> Result<&SignOutUri, ConfigError> {
        match chosen {
            Some(chosen) => self
                .sign_out_uris
                .iter()
                .find(|uri| uri.sent.as_str() == chosen)
                .ok_or_else(|| {
                    ConfigError::not_listed("sign_out_uri", chosen, self.sign_out_uris().map(RedirectUri::as_str))
                }),
            None => self
                .sign_out_uris
                .iter()
                .find(|uri| fits(&uri.ends_at))
                .or(self.sign_out_uris.first())
                .ok_or_else(|| self.no_sign_out_uri()),
        }
    }

    /// The callback URI that the app chose, or the first one.
    pub(crate) fn choose_callback_uri(&self, chosen: Option<&str>) -> Result<&RedirectUri, ConfigError> {
        match chosen {
            Some(chosen) => self
                .callback_uris
                .iter()
                .find(|uri| uri.as_str() == chosen)
                .ok_or_else(|| {
                    ConfigError::not_listed("callback_uri", chosen, self.callback_uris().map(RedirectUri::as_str))
                }),
            None => self
                .callback_uris
                .first()
                .ok_or_else(|| ConfigError::missing("hosted_ui.callback_uri")),
        }
    }
}

impl HostedUiBuilder {
    /// Adds one of the app client's allowed sign-out URLs, exactly as it is written there. There can be several. The app
    /// chooses one with [`SignOutOptions::sign_out_uri`](crate::SignOutOptions::sign_out_uri). Without a choice, the first one
    /// is used that the platform's browser can come back to (on desktops, the first `http` one on a loopback host).
    pub fn sign_out_uri(mut self, uri: impl Into<String>) -> Self {
        self.sign_out_uris.push((uri.into(), None));
        self
    }

    /// The same for a page that redirects the browser: Cognito gets `uri`, and the step ends when the browser is at `ends_at`.
    /// The page must keep the query: it contains errors, and a provider's `state`.
    pub fn sign_out_uri_ending_at(mut self, uri: impl Into<String>, ends_at: impl Into<String>) -> Self {
        self.sign_out_uris.push((uri.into(), Some(ends_at.into())));
        self
    }

    /// Adds one of the app client's allowed callback URLs, for the variant of `/logout` that leads to the login page.
    pub fn callback_uri(mut self, uri: impl Into<String>) -> Self {
        self.callback_uris.push(uri.into());
        self
    }

    /// Sets how the session at an identity provider is ended. `name` is the provider's name in the user pool. Other providers
    /// keep their sessions, and the report says that those may persist.
    pub fn provider(mut self, name: impl Into<String>, logout: ProviderLogout) -> Self {
        self.providers.insert(name.into(), logout);
        self
    }

    /// Checks the settings. Does not use the network. Whether a sign-out URI is needed is checked with the rest of the
    /// configuration: see [`AuthConfigBuilder::hosted_ui`](crate::AuthConfigBuilder::hosted_ui).
    ///
    /// # Errors
    /// [`ConfigError`], which names the first setting that has a wrong value.
    pub fn build(self) -> Result<HostedUi, ConfigError> {
        let sign_out_uris = self.sign_out_uris.iter().map(|(sent, ends_at)| {
            let sent = RedirectUri::parse("hosted_ui.sign_out_uri", sent)?;
            let ends_at = match ends_at {
                Some(ends_at) => RedirectUri::parse("hosted_ui.sign_out_uri.ends_at", ends_at)?,
                None => sent.clone(),
            };
            Ok(SignOutUri { sent, ends_at })
        });
        let sign_out_uris = sign_out_uris.collect::<Result<_, ConfigError>>()?;
        let callback_uris = self.callback_uris.iter();
        let callback_uris = callback_uris.map(|uri| RedirectUri::parse("hosted_ui.callback_uri", uri));
        let callback_uris = callback_uris.collect::<Result<_, ConfigError>>()?;
        let mut hosted_ui = HostedUi {
            domain: check::domain("hosted_ui.domain", &self.domain)?,
            sign_out_uris,
            callback_uris,
            providers: BTreeMap::new(),
            sign_out_setting: "hosted_ui.sign_out_uri".to_owned(),
        };
        for (name, logout) in self.providers {
            hosted_ui.add_provider(name, logout)?;
        }
        Ok(hosted_ui)
    }
}
