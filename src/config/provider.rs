//! How the session at the identity provider behind the hosted pages is ended: Cognito's own `/logout` leaves it alone.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use url::Url;

use super::logout_url::{encoded, with_parameters};
use super::{ConfigError, RedirectUri, check};

/// What ends the session at an identity provider, after the one at the hosted pages.
///
/// Register the sign-out URI at the provider too: it is where the browser is sent back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderLogout(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Oidc {
        issuer: String,
        client_id: String,
    },
    Template(String),
    /// The rest of a template, at a domain that the app has at the provider.
    AtDomain {
        domain: String,
        page: String,
    },
    SamlSingleLogout,
    None,
}

/// What the browser is to be sent to next, for a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProviderHop {
    /// To the `end_session_endpoint` that the issuer's discovery document names.
    Discover { issuer: Url, client_id: String },
    /// There.
    Visit { url: Url, comes_back: ComesBack },
    /// Nowhere: whatever is to be ended, others end it or nobody does.
    Nowhere,
}

/// Whether the browser comes back from a page, and how that is told from coming back from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ComesBack {
    Never,
    Plainly,
    WithState,
}

impl ProviderLogout {
    /// OpenID Connect RP-Initiated Logout 1.0: the issuer's discovery document names the `end_session_endpoint`, which is
    /// given `client_id`, `post_logout_redirect_uri` and a `state` that has to come back. No `id_token_hint`: Cognito keeps
    /// the provider's ID token to itself. Without it a provider asks the user whether to sign out (section 2), and some,
    /// as Okta, refuse: for those take their own function here, or a [`template`](Self::template). If the document cannot
    /// be had, the provider's session is left alone, and the report says that it may persist.
    pub fn oidc(issuer: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self(Kind::Oidc {
            issuer: issuer.into(),
            client_id: client_id.into(),
        })
    }

    /// A URL of the provider's, in which `{redirect}` stands for the URI to come back to and `{state}` for a value that
    /// the provider hands back as the parameter `state`. Without `{redirect}` nothing comes back, and the browser's last
    /// page is the provider's.
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

    /// Google, which has no logout for one app: this ends every Google session of the browser, and nothing comes back.
    pub fn google() -> Self {
        Self::template("https://accounts.google.com/Logout")
    }

    /// Microsoft Entra ID: `tenant` is the directory's id or domain, or `common`. A user with several accounts there chooses
    /// which of them to sign out of; the `state` comes back (MSAL.js, `EndSessionRequest`).
    pub fn entra(tenant: &str, client_id: &str) -> Self {
        Self::template(format!(
            "https://login.microsoftonline.com/{}/oauth2/v2.0/logout\
             ?client_id={}&post_logout_redirect_uri={{redirect}}&state={{state}}",
            encoded(tenant),
            encoded(client_id)
        ))
    }

    /// Okta: `domain` as `example.okta.com`. Its OpenID Connect logout answers 400 without an `id_token_hint` (Okta's API
    /// reference, `/oauth2/v1/logout`), so this is the sign-out of Okta's own pages. It comes back without a `state`, and
    /// only to an origin that is among the organisation's Trusted Origins, for redirects.
    pub fn okta(domain: impl Into<String>) -> Self {
        Self(Kind::AtDomain {
            domain: domain.into(),
            page: "login/signout?fromURI={redirect}".to_owned(),
        })
    }

    /// Auth0: `domain` as `example.eu.auth0.com`. Since no `id_token_hint` is sent, Auth0 asks the user whether to sign out
    /// unless the tenant has that switched off (Auth0's docs, "Log Users Out of Auth0 with OIDC Endpoint").
    pub fn auth0(domain: impl Into<String>, client_id: &str) -> Self {
        Self(Kind::AtDomain {
            domain: domain.into(),
            page: format!(
                "oidc/logout?client_id={}&post_logout_redirect_uri={{redirect}}&state={{state}}",
                encoded(client_id)
            ),
        })
    }

    /// A SAML provider for which the user pool has single logout switched on: Cognito's `/logout` asks it. Whether it
    /// answered cannot be seen from here, and the report says so.
    pub fn saml_single_logout() -> Self {
        Self(Kind::SamlSingleLogout)
    }

    /// The provider's session is left alone.
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
                        "the client's id at the provider",
                    ));
                }
            }
            Kind::Template(template) => {
                let url = filled(template, "redirect", "state");
                if url.contains(['{', '}']) {
                    return Err(ConfigError::invalid(
                        field,
                        "a URL with no other placeholders than {redirect} and {state}",
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

    /// The way to the provider's page and back to `redirect`.
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

/// RP-initiated logout at the endpoint that discovery has found.
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
