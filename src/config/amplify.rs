//! Reads the configuration files of Amplify's tools, so that an app does not have to repeat its settings.
//!
//! Only the settings for signing out are read. The rest of a file is ignored. An empty string counts as a missing setting, as
//! in Amplify for Android.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use super::{AuthConfig, AuthConfigBuilder, ConfigError, HostedUi, RedirectUri, check};

impl AuthConfig {
    /// Starts a configuration from a file of either generation: `amplifyconfiguration.json` if its `auth` has `plugins`,
    /// otherwise `amplify_outputs.json`.
    ///
    /// ```
    /// use cognito_signout::AuthConfig;
    ///
    /// let file = r#"{"version": "1.4", "auth": {
    ///     "user_pool_id": "eu-central-1_AbCdEf123",
    ///     "user_pool_client_id": "3n4b5urk1ft4fl3mg5e62d9ado",
    ///     "aws_region": "eu-central-1"
    /// }}"#;
    /// let config = AuthConfig::from_amplify_json(file)?.user_agent("example-app/1.2").build()?;
    /// assert_eq!(config.client_id(), "3n4b5urk1ft4fl3mg5e62d9ado");
    /// # Ok::<(), cognito_signout::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// As [`from_amplify_outputs`](Self::from_amplify_outputs).
    pub fn from_amplify_json(json: &str) -> Result<AuthConfigBuilder, ConfigError> {
        File::parse(json)?.read(|auth| match auth.fields.contains_key("plugins") {
            true => gen1(auth),
            false => gen2(auth),
        })
    }

    /// Starts a configuration from Amplify Gen 2's `amplify_outputs.json`, with the hosted pages of `auth.oauth`. The file has
    /// neither the rotation of refresh tokens nor the app client's secret: set them on the builder. Hosted pages without a
    /// sign-out URI are refused when the configuration is built, unless the builder gets other ones.
    ///
    /// ```
    /// use cognito_signout::AuthConfig;
    ///
    /// let error = AuthConfig::from_amplify_outputs(r#"{"auth": {"user_pool_id": "AbCdEf123"}}"#).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "auth.user_pool_id: must be the Region, an underscore and the pool's own ID, such as eu-central-1_AbCdEf123",
    /// );
    /// ```
    ///
    /// # Errors
    /// [`ConfigError`], which names the missing or wrong setting by its path in the file.
    pub fn from_amplify_outputs(json: &str) -> Result<AuthConfigBuilder, ConfigError> {
        File::parse(json)?.read(gen2)
    }

    /// Starts a configuration from Amplify Gen 1's `amplifyconfiguration.json` (from its tools for iOS, Android and Flutter),
    /// with the hosted pages of `Auth.Default.OAuth`. The file does not have the rotation of refresh tokens: set it on the
    /// builder.
    ///
    /// ```
    /// use cognito_signout::AuthConfig;
    ///
    /// let file = r#"{"auth": {"plugins": {"awsCognitoAuthPlugin": {"CognitoUserPool": {"Default": {
    ///     "PoolId": "eu-central-1_AbCdEf123",
    ///     "AppClientId": "3n4b5urk1ft4fl3mg5e62d9ado",
    ///     "Region": "eu-central-1"
    /// }}}}}}"#;
    /// let config = AuthConfig::from_amplifyconfiguration(file)?.build()?;
    /// assert_eq!(config.user_pool_id(), "eu-central-1_AbCdEf123");
    /// # Ok::<(), cognito_signout::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// As [`from_amplify_outputs`](Self::from_amplify_outputs).
    pub fn from_amplifyconfiguration(json: &str) -> Result<AuthConfigBuilder, ConfigError> {
        File::parse(json)?.read(gen1)
    }
}

/// `auth` of `amplify_outputs.json`, with the names of amplify-backend's `client-config-schema`.
fn gen2(mut auth: Section) -> Result<AuthConfigBuilder, ConfigError> {
    let pool = auth.required("user_pool_id", |field, id| check::user_pool_id(field, id).map(|_| ()))?;
    let client = auth.required("user_pool_client_id", check::client_id)?;
    let mut builder = AuthConfig::builder(pool, client);
    if let Some(region) = auth.checked("aws_region", check::region)? {
        builder = builder.region(region);
    }
    if let Some(mut oauth) = auth.optional("oauth")? {
        let domain = oauth.required("domain", check_domain)?;
        let sign_out = oauth.list("redirect_sign_out_uri")?;
        let callbacks = oauth.list("redirect_sign_in_uri")?;
        let pages = hosted_ui(domain, sign_out, callbacks)?;
        builder = builder.hosted_ui(pages.read_from_a_file(oauth.path_of("redirect_sign_out_uri")));
    }
    Ok(builder)
}

/// `auth` of `amplifyconfiguration.json`.
fn gen1(auth: Section) -> Result<AuthConfigBuilder, ConfigError> {
    let mut plugin = auth.section("plugins")?.section("awsCognitoAuthPlugin")?;
    let oauth = match plugin.optional("Auth")? {
        Some(mut settings) => match settings.optional("Default")? {
            Some(mut default) => default.optional("OAuth")?,
            None => None,
        },
        None => None,
    };
    let mut default = plugin.section("CognitoUserPool")?.section("Default")?;
    let pool = default.required("PoolId", |field, id| check::user_pool_id(field, id).map(|_| ()))?;
    let client = default.required("AppClientId", check::client_id)?;
    let mut builder = AuthConfig::builder(pool, &client);
    if let Some(secret) = default.text("AppClientSecret")? {
        builder = builder.client_secret(secret);
    }
    if let Some(region) = default.checked("Region", check::region)? {
        builder = builder.region(region);
    }
    if let Some(host) = default.text("Endpoint")? {
        let endpoint = check::endpoint(&default.path_of("Endpoint"), &url_of(&host))?;
        builder = builder.endpoint(endpoint);
    }
    if let Some(mut oauth) = oauth {
        let domain = oauth.required("WebDomain", check_domain)?;
        if oauth.text("AppClientId")?.is_some_and(|hosted| hosted != client) {
            return Err(ConfigError::invalid(
                &oauth.path_of("AppClientId"),
                "the same app client as CognitoUserPool.Default.AppClientId",
            ));
        }
        let sign_out = oauth.comma_list("SignOutRedirectURI")?;
        let callbacks = oauth.comma_list("SignInRedirectURI")?;
        let pages = hosted_ui(domain, sign_out, callbacks)?;
        builder = builder.hosted_ui(pages.read_from_a_file(oauth.path_of("SignOutRedirectURI")));
    }
    Ok(builder)
}

fn hosted_ui(domain: String, sign_out: Vec<String>, callbacks: Vec<String>) -> Result<HostedUi, ConfigError> {
    let pages = HostedUi::builder(domain);
    let pages = sign_out.into_iter().fold(pages, |pages, uri| pages.sign_out_uri(uri));
    let pages = callbacks.into_iter().fold(pages, |pages, uri| pages.callback_uri(uri));
    pages.build()
}

fn check_domain(field: &str, domain: &str) -> Result<(), ConfigError> {
    check::domain(field, domain).map(|_| ())
}

/// Amplify's `Endpoint` is a host name. A whole URL is accepted too, for tests.
fn url_of(endpoint: &str) -> String {
    if endpoint.contains("://") {
        endpoint.to_owned()
    } else {
        format!("https://{endpoint}")
    }
}

/// The objects of a file that have settings for this library.
struct File {
    auth: Section,
    /// What the app adds to the file: `backend.addOutput({ custom: … })` in Amplify Gen 2.
    custom: Option<Section>,
}

impl File {
    /// Every file that is useful here has the object `auth`.
    fn parse(json: &str) -> Result<Self, ConfigError> {
        // Only the position of the parser's error is kept: a value's text must never get into a message.
        let root = serde_json::from_str(json).map_err(|error| ConfigError::NotJson {
            line: error.line(),
            column: error.column(),
        })?;
        let Value::Object(mut root) = root else {
            return Err(ConfigError::NotAmplify);
        };
        let mut section = |name: &str| match root.remove(name) {
            Some(Value::Object(fields)) => Some(Section {
                path: name.to_owned(),
                fields,
            }),
            _ => None,
        };
        Ok(Self {
            auth: section("auth").ok_or(ConfigError::NotAmplify)?,
            custom: section("custom"),
        })
    }

    /// The settings that `generation` reads from `auth`, and those that Amplify's files do not have.
    fn read(
        mut self,
        generation: impl FnOnce(Section) -> Result<AuthConfigBuilder, ConfigError>,
    ) -> Result<AuthConfigBuilder, ConfigError> {
        let mut session_tracking = self.auth.flag("session_tracking")?;
        if let (None, Some(custom)) = (session_tracking, &mut self.custom) {
            session_tracking = custom.flag("session_tracking")?;
        }
        Ok(generation(self.auth)?.session_tracking(session_tracking.unwrap_or(false)))
    }
}

/// One object of a file, and its path.
struct Section {
    path: String,
    fields: Map<String, Value>,
}

impl Section {
    fn path_of(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }

    fn missing(&self, name: &str) -> ConfigError {
        ConfigError::missing(&self.path_of(name))
    }

    fn section(mut self, name: &str) -> Result<Self, ConfigError> {
        let path = self.path_of(name);
        match self.fields.remove(name) {
            Some(Value::Object(fields)) => Ok(Self { path, fields }),
            None | Some(Value::Null) => Err(self.missing(name)),
            Some(_) => Err(ConfigError::invalid(&path, "an object")),
        }
    }

    /// An optional object. An empty one counts as missing.
    fn optional(&mut self, name: &str) -> Result<Option<Self>, ConfigError> {
        let path = self.path_of(name);
        match self.fields.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(fields)) => Ok(Some(Self { path, fields }).filter(|section| !section.fields.is_empty())),
            Some(_) => Err(ConfigError::invalid(&path, "an object")),
        }
    }

    /// Takes a list of redirects. An error names a redirect by its index.
    fn list(&mut self, name: &str) -> Result<Vec<String>, ConfigError> {
        let path = self.path_of(name);
        let values = match self.fields.remove(name) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(values)) => values,
            Some(_) => return Err(ConfigError::invalid(&path, "a list of strings")),
        };
        let uris = values.into_iter().enumerate().map(|(place, value)| match value {
            Value::String(uri) => {
                RedirectUri::parse(&format!("{path}[{place}]"), &uri)?;
                Ok(uri)
            }
            _ => Err(ConfigError::invalid(&format!("{path}[{place}]"), "a string")),
        });
        uris.collect()
    }

    /// The same for a setting in which Amplify separates several redirects by commas.
    fn comma_list(&mut self, name: &str) -> Result<Vec<String>, ConfigError> {
        let text = self.text(name)?.unwrap_or_default();
        let uris = text.split(',').map(str::trim).filter(|uri| !uri.is_empty());
        let uris = uris.map(|uri| RedirectUri::parse(&self.path_of(name), uri).map(|_| uri.to_owned()));
        uris.collect()
    }

    /// Takes a string. It is not copied, so a secret's memory moves into the type that wipes it.
    fn text(&mut self, name: &str) -> Result<Option<String>, ConfigError> {
        match self.fields.remove(name) {
            Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
            None | Some(Value::Null) => Ok(None),
            Some(_) => Err(ConfigError::invalid(&self.path_of(name), "a string")),
        }
    }

    fn flag(&mut self, name: &str) -> Result<Option<bool>, ConfigError> {
        match self.fields.remove(name) {
            Some(Value::Bool(on)) => Ok(Some(on)),
            None | Some(Value::Null) => Ok(None),
            Some(_) => Err(ConfigError::invalid(&self.path_of(name), "true or false")),
        }
    }

    fn checked(&mut self, name: &str, check: Check) -> Result<Option<String>, ConfigError> {
        let text = self.text(name)?;
        if let Some(text) = &text {
            check(&self.path_of(name), text)?;
        }
        Ok(text)
    }

    fn required(&mut self, name: &str, check: Check) -> Result<String, ConfigError> {
        self.checked(name, check)?.ok_or_else(|| self.missing(name))
    }
}

/// Called with the setting's name and its value.
type Check = fn(&str, &str) -> Result<(), ConfigError>;
