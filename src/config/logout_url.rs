//! Builds the hosted pages' logout URLs. Does not open them.

#[cfg(test)]
mod tests;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::{AuthConfig, ConfigError, HostedUi};

/// Everything except the unreserved characters of RFC 3986, section 2.3. A space becomes `%20`, which every decoder
/// understands, and not `+`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `base` with these parameters, each encoded once.
pub(super) fn with_parameters(mut base: Url, parameters: &[(&str, &str)]) -> Url {
    let mut query = base.query().unwrap_or_default().to_owned();
    for (name, value) in parameters {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(&format!("{}={}", encoded(name), encoded(value)));
    }
    base.set_query(Some(&query));
    base
}

/// `text`, encoded for a URL.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// The parameters for the login page after `/logout`. They are the same as for `/oauth2/authorize`.
///
/// The default requests a code with the app client's default scopes, for the first configured callback URI.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use]
pub struct LoginPage {
    callback_uri: Option<String>,
    scopes: Vec<String>,
    state: Option<String>,
}

impl LoginPage {
    /// The callback URI: one of the configured ones. Default: the first.
    pub fn callback_uri(mut self, uri: impl Into<String>) -> Self {
        self.callback_uri = Some(uri.into());
        self
    }

    /// The scopes to request. Default: none; then Cognito grants every scope that the app client is allowed.
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// The value that comes back with the code (RFC 6749, section 4.1.1). The app must compare it.
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }
}

impl HostedUi {
    /// `/logout` of these pages, with these parameters.
    pub(super) fn logout(&self, parameters: &[(&str, &str)]) -> Url {
        let mut url = self.domain().clone();
        url.set_path("/logout");
        with_parameters(url, parameters)
    }
}

impl AuthConfig {
    /// The URL that ends the browser's session at the hosted pages and then leads to a sign-out URI (`GET /logout` with
    /// `logout_uri`): a configured one of the app's choice, or the first. It has an effect only in the browser that has the
    /// session. No `state` comes back.
    ///
    /// # Errors
    /// [`ConfigError::Missing`] if the configuration has no hosted pages, [`ConfigError::Invalid`] if it has no sign-out URI,
    /// [`ConfigError::NotListed`] if the chosen one is not configured.
    pub fn logout_url(&self, sign_out_uri: Option<&str>) -> Result<Url, ConfigError> {
        let hosted_ui = self.required_hosted_ui()?;
        let uri = hosted_ui.choose_sign_out_uri(sign_out_uri, |_| true)?;
        let parameters = [("client_id", self.client_id()), ("logout_uri", uri.sent.as_str())];
        Ok(hosted_ui.logout(&parameters))
    }

    /// The URL that ends the browser's session and then shows the login page (`GET /logout` with `redirect_uri`), so that another
    /// user can sign in at once. [`sign_out`](crate::Auth::sign_out) does not use it, because the browser comes back only after
    /// somebody has signed in.
    ///
    /// ```
    /// use cognito_signout::{AuthConfig, HostedUi, LoginPage};
    ///
    /// let hosted_ui = HostedUi::builder("auth.example.com").callback_uri("myapp://signed-in").build()?;
    /// let config = AuthConfig::builder("eu-central-1_AbCdEf123", "3n4b5").hosted_ui(hosted_ui).build()?;
    /// let url = config.logout_to_login_url(&LoginPage::default().scopes(["openid", "email"]).state("a&b"))?;
    /// assert_eq!(
    ///     url.as_str(),
    ///     "https://auth.example.com/logout?client_id=3n4b5&redirect_uri=myapp%3A%2F%2Fsigned-in\
    ///      &response_type=code&scope=openid%20email&state=a%26b",
    /// );
    /// # Ok::<(), cognito_signout::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigError::Missing`] if the configuration has no hosted pages or no callback URI, [`ConfigError::NotListed`] if the
    /// chosen one is not configured.
    pub fn logout_to_login_url(&self, page: &LoginPage) -> Result<Url, ConfigError> {
        let hosted_ui = self.required_hosted_ui()?;
        let callback_uri = hosted_ui.choose_callback_uri(page.callback_uri.as_deref())?;
        let scopes = page.scopes.join(" ");
        let mut parameters = vec![
            ("client_id", self.client_id()),
            ("redirect_uri", callback_uri.as_str()),
            ("response_type", "code"),
        ];
        if !scopes.is_empty() {
            parameters.push(("scope", &scopes));
        }
        if let Some(state) = &page.state {
            parameters.push(("state", state));
        }
        Ok(hosted_ui.logout(&parameters))
    }

    fn required_hosted_ui(&self) -> Result<&HostedUi, ConfigError> {
        self.hosted_ui().ok_or_else(|| ConfigError::missing("hosted_ui"))
    }
}
