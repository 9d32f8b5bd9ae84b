//! How the session at the identity provider behind the hosted pages is ended. Cognito's own `/logout` does not end it.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use url::Url;

use super::logout_url::{encoded, with_parameters};
use super::{ConfigError, RedirectUri, check};

/// How the session at an identity provider is ended, after the session at the hosted pages.
///
/// Register the sign-out URI at the provider too, because the provider sends the browser back to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderLogout(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Oidc {
        issuer: String,
        client_id: String,
    },
    Template(String),
    /// A template that starts with the domain of the app at the provider. `page` is the rest of the template.
    AtDomain {
        domain: String,
        page: String,
    },
    SamlSingleLogout,
    None,
}

/// The next page of the browser, for a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProviderHop {
    /// The `end_session_endpoint` from the issuer's discovery document.
    Discover { issuer: Url, client_id: String },
    /// This page.
    Visit { url: Url, comes_back: ComesBack },
    /// None: somebody else ends the session, or nobody does.
    Nowhere,
}

/// Whether the browser comes back from a page, and whether a `state` shows which page it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ComesBack {
    Never,
    Plainly,
    WithState,
}

impl ProviderLogout {
    /// OpenID Connect RP-Initiated Logout 1.0. The `end_session_endpoint` from the issuer's discovery document gets `client_id`,
    /// `post_logout_redirect_uri`, and a `state` that must come back. It gets no `id_token_hint`, because Cognito does not
    /// give the provider's ID token to apps. Without the hint a provider asks the user whether to sign out (section 2). Some
    /// providers, such as Okta, refuse: use their own function here, or a [`template`](Self::template). If the document cannot
    /// be loaded, the provider's session is not ended, and the report says that it may persist.
    pub fn oidc(issuer: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self(Kind::Oidc {
            issuer: issuer.into(),
            client_id: client_id.into(),
        })
    }

    /// A URL at the provider. In it, `{redirect}` is replaced by the URI to come back to, and `{state}` by a value that the
    /// provider must give back as the parameter `state`. Without `{redirect}` the browser does not come back: its last page is
    /// the provider's.
    ///
    /// ```
    /// # use cognito_signout::{HostedUi, ProviderLogout};
    /// let logout = ProviderLogout::template("https://id.example.com/logout?app=7&return={redirect}");
    /// let hosted_ui = HostedUi::builder("auth.example.com").provider("ExampleId", logout).build()?;
    /// # let _ = hosted_ui;
    /// # Ok::<(), cognito_signout::ConfigError>(())
    /// ```
    pub fn template(url: impl Into<String>) -> Self {
        Self(Kind::Template(url.into()))
    }

    /// Google. It has no logout for a single app: this ends every Google session of the browser, and the browser does not come
    /// back.
    pub fn google() -> Self {
        Self::template("https://accounts.google.com/Logout")
    }

    /// Microsoft Entra ID. `tenant` is the directory's ID or domain, or `common`. A user with several accounts chooses the one to
    /// sign out of. The `state` comes back (MSAL.js, `EndSessionRequest`).
    pub fn entra(tenant: &str, client_id: &str) -> Self {
        Self::template(format!(
            "https://login.microsoftonline.com/{}/oauth2/v2.0/logout\
             ?client_id={}&post_logout_redirect_uri={{redirect}}&state={{state}}",
            encoded(tenant),
            encoded(client_id)
        ))
    }

    /// Okta. `domain` is the organization's, such as `example.okta.com`. Okta's OpenID Connect logout answers 400 without an
    /// `id_token_hint` (Okta's API reference, `/oauth2/v1/logout`), so this uses the sign-out of Okta's own pages. The browser
    /// comes back without a `state`, and only to an origin that is among the organization's Trusted Origins for redirects.
    pub fn okta(domain: impl Into<String>) -> Self {
        Self(Kind::AtDomain {
            domain: domain.into(),
            page: "login/signout?fromURI={redirect}".to_owned(),
        })
    }

    /// Auth0. `domain` is the tenant's, such as `example.eu.auth0.com`. No `id_token_hint` is sent, so Auth0 asks the user whether
    /// to sign out, unless this question is switched off for the tenant (Auth0's docs, "Log Users Out of Auth0 with OIDC
    /// Endpoint").
    pub fn auth0(domain: impl Into<String>, client_id: &str) -> Self {
        Self(Kind::AtDomain {
            domain: domain.into(),
            page: format!(
                "oidc/logout?client_id={}&post_logout_redirect_uri={{redirect}}&state={{state}}",
                encoded(client_id)
            ),
        })
    }

    /// A SAML provider with single logout switched on in the user pool: Cognito's `/logout` ends its session. An app cannot see
    /// whether that worked, and the report says that the session may persist.
    pub fn saml_single_logout() -> Self {
        Self(Kind::SamlSingleLogout)
    }

    /// The provider's session is not ended.
    pub fn none() -> Self {
        Self(Kind::None)
    }

    pub(crate) fn check(&self, field: &str) -> Result<(), ConfigError> {
        match &self.0 {
            Kind::Oidc { issuer, client_id } => {
                check::endpoint(&format!("{field}.issuer"), issuer)?;
                if client_id.is_empty() {
                    return Err(ConfigError::invalid(
                        &format!("{field}.client_id"),
                        "the client's ID at the provider",
                    ));
                }
            }
            Kind::Template(template) => {
                let url = filled(template, "redirect", "state");
                if url.contains(['{', '}']) {
                    return Err(ConfigError::invalid(
                        field,
                        "a URL with no placeholders except {redirect} and {state}",
                    ));
                }
                check::url(field, &url)?;
            }
            Kind::AtDomain { domain, .. } => {
                check::domain(&format!("{field}.domain"), domain)?;
            }
            Kind::SamlSingleLogout | Kind::None => {}
        }
        Ok(())
    }

    /// The provider's page, from which the browser comes back to `redirect`.
    pub(crate) fn hop(&self, redirect: &RedirectUri, state: &str) -> Result<ProviderHop, ConfigError> {
        match &self.0 {
            Kind::Oidc { issuer, client_id } => Ok(ProviderHop::Discover {
                issuer: check::endpoint("issuer", issuer)?,
                client_id: client_id.clone(),
            }),
            Kind::Template(template) => visit(template, redirect, state),
            Kind::AtDomain { domain, page } => {
                let origin = check::domain("domain", domain)?;
                visit(&format!("{origin}{page}"), redirect, state)
            }
            Kind::SamlSingleLogout | Kind::None => Ok(ProviderHop::Nowhere),
        }
    }
}

/// The URL of RP-initiated logout at the discovered endpoint.
pub(crate) fn end_session_url(endpoint: Url, client_id: &str, redirect: &RedirectUri, state: &str) -> Url {
    let parameters = [
        ("client_id", client_id),
        ("post_logout_redirect_uri", redirect.as_str()),
        ("state", state),
    ];
    with_parameters(endpoint, &parameters)
}

fn visit(template: &str, redirect: &RedirectUri, state: &str) -> Result<ProviderHop, ConfigError> {
    let comes_back = match (template.contains("{redirect}"), template.contains("{state}")) {
        (false, _) => ComesBack::Never,
        (true, false) => ComesBack::Plainly,
        (true, true) => ComesBack::WithState,
    };
    let url = check::url("template", &filled(template, redirect.as_str(), state))?;
    Ok(ProviderHop::Visit { url, comes_back })
}

fn filled(template: &str, redirect: &str, state: &str) -> String {
    template
        .replace("{redirect}", &encoded(redirect))
        .replace("{state}", &encoded(state))
}
