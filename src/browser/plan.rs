//! Plans the pages that one sign-out visits.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::discovery::end_session_endpoint;
use super::visit::{ProviderPage, Visit};
use crate::config::provider::{ComesBack, ProviderHop, end_session_url};
use crate::config::{AuthConfig, HostedUi, RedirectUri, check};
use crate::error::{ErrorCode, StepError};
use crate::options::WebPolicy;
use crate::transport::HttpTransport;

/// Plans the web steps of one app client.
#[derive(Debug)]
pub(crate) struct Planner {
    config: AuthConfig,
    transport: Arc<dyn HttpTransport>,
}

impl Planner {
    pub(crate) fn new(config: AuthConfig, transport: Arc<dyn HttpTransport>) -> Self {
        Self { config, transport }
    }

    /// The URL of `/logout` with this sign-out URI, or with the first one.
    pub(crate) fn logout_url(&self, sign_out_uri: Option<&str>) -> Option<Url> {
        self.config.logout_url(sign_out_uri).ok()
    }

    /// The web policy for callers that chose none: see [`AuthConfig::default_web_policy`].
    pub(crate) fn default_policy(&self, provider: Option<&str>) -> WebPolicy {
        self.config.default_web_policy(provider)
    }

    /// Whether the configuration allows this policy.
    pub(crate) fn allows(&self, policy: WebPolicy) -> Result<(), StepError> {
        match policy {
            WebPolicy::ByRevocation => Ok(self.config.allows_revocation_of_browser_sessions()?),
            _ => Ok(()),
        }
    }

    /// Whether this planner could have planned a visit that was read from the record. Such a visit leads to these hosted pages
    /// and back to a configured sign-out URI, and its provider's page is `https`, or `http` on a loopback host. This check is
    /// needed because the app opens these URLs, and another program may have written them to the keychain.
    pub(crate) fn could_have_planned(&self, visit: &Visit) -> bool {
        let Some(hosted_ui) = self.config.hosted_ui() else {
            return false;
        };
        let ends_there = hosted_ui.sign_out_uris_ending_at(&visit.redirect);
        let mut pages = ends_there.filter_map(|sent| self.logout_url(Some(sent.as_str())));
        let provider = visit.provider.as_ref().map(|page| page.url.as_str());
        pages.any(|page| page == visit.hosted) && provider.is_none_or(|url| check::url("provider", url).is_ok())
    }

    /// Plans the visit for a user who signed in through `provider`, or with the user pool itself. It leads to the `chosen`
    /// sign-out URI, or to the first that `fits`. The discovery document of an OIDC provider may take as long as `limit`.
    pub(crate) async fn plan(
        &self,
        provider: Option<&str>,
        chosen: Option<&str>,
        fits: impl Fn(&RedirectUri) -> bool,
        limit: Duration,
    ) -> Result<Visit, StepError> {
        let Some(hosted_ui) = self.config.hosted_ui() else {
            return Err(StepError::new(
                ErrorCode::HostedUiNotConfigured,
                "this session began at the hosted pages, but the configuration has no hosted pages",
            ));
        };
        let uri = hosted_ui.choose_sign_out_uri(chosen, fits)?;
        let hosted = self.config.logout_url(Some(uri.sent.as_str()))?;
        let provider = match provider {
            Some(name) => self.provider_page(hosted_ui, name, &uri.sent, limit).await?,
            None => None,
        };
        Ok(Visit::new(uri.ends_at.clone(), hosted, provider))
    }

    async fn provider_page(
        &self,
        hosted_ui: &HostedUi,
        name: &str,
        redirect: &RedirectUri,
        limit: Duration,
    ) -> Result<Option<ProviderPage>, StepError> {
        let Some(logout) = hosted_ui.provider(name) else {
            return Ok(None);
        };
        let state = random_state();
        let (url, comes_back): (Url, _) = match logout.hop(redirect, &state)? {
            ProviderHop::Nowhere => return Ok(None),
            ProviderHop::Visit { url, comes_back } => (url, comes_back),
            ProviderHop::Discover { issuer, client_id } => {
                let limit = limit.min(self.config.attempt_timeout());
                let endpoint = match end_session_endpoint(&*self.transport, &issuer, limit).await {
                    Ok(endpoint) => endpoint,
                    // A sign-out must not depend on a third party's server. The report says that the session may persist.
                    Err(error) => {
                        tracing::warn!(%error, "the logout page of an identity provider could not be discovered");
                        return Ok(None);
                    }
                };
                let url = end_session_url(endpoint, &client_id, redirect, &state);
                (url, ComesBack::WithState)
            }
        };
        Ok(Some(ProviderPage { url, comes_back, state }))
    }
}

/// Distinguishes the redirects of different sign-outs, and the redirects of two pages. It is not a secret.
fn random_state() -> String {
    std::iter::repeat_with(fastrand::alphanumeric).take(16).collect()
}
