//! The pages that one web step visits: the hosted pages, then the provider's; and the meaning of each redirect. A pure value.
//! It is on record while the browser is in front, because the app may be killed then.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use url::Url;

use super::{BrowserSession, BrowserSessionState, SessionHolder};
use crate::config::RedirectUri;
use crate::config::provider::ComesBack;
use crate::error::{ErrorCode, StepError};

/// The pages of one web step, and the page that the browser is at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Visit {
    /// Where the browser is sent after each page.
    pub(crate) redirect: RedirectUri,
    /// `/logout`.
    pub(crate) hosted: Url,
    pub(crate) provider: Option<ProviderPage>,
    pub(crate) at: Place,
}

/// The page that ends the session at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProviderPage {
    pub(crate) url: Url,
    pub(crate) comes_back: ComesBack,
    /// The `state` that comes back with the redirect, if `comes_back` says so.
    pub(crate) state: String,
}

/// The page that the browser is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    Hosted,
    Provider,
    Done,
}

/// The meaning of a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It does not come from the page that the browser is at.
    Ignored,
    /// The browser must open this page next.
    GoOn(Url),
    Ended {
        leave_at: Option<Url>,
    },
    Failed(StepError),
}

impl Visit {
    pub(crate) fn new(redirect: RedirectUri, hosted: Url, provider: Option<ProviderPage>) -> Self {
        Self {
            redirect,
            hosted,
            provider,
            at: Place::Hosted,
        }
    }

    /// The page that the browser is at, or must open.
    pub(crate) fn url(&self) -> &Url {
        match (&self.provider, self.at) {
            (Some(provider), Place::Provider) => &provider.url,
            _ => &self.hosted,
        }
    }

    /// The page that ends the session that may be left in the browser.
    pub(crate) fn url_left(&self) -> Option<&Url> {
        match self.at {
            Place::Hosted => Some(&self.hosted),
            Place::Provider | Place::Done => self.provider.as_ref().map(|provider| &provider.url),
        }
    }

    /// The browser is at `callback`.
    pub(crate) fn arrive(&mut self, callback: &Url) -> Arrival {
        if self.at == Place::Done || !self.redirect.is_at(callback) {
            return Arrival::Ignored;
        }
        // The hosted pages give back no state, so the right state comes from the provider. This also holds for a process that
        // knows only that the browser was sent to the hosted pages.
        let answered = self.provider.as_ref().is_some_and(|provider| {
            provider.comes_back == ComesBack::WithState
                && callback
                    .query_pairs()
                    .any(|(name, value)| name == "state" && value == provider.state.as_str())
        });
        if answered {
            return self.done(None);
        }
        if let Some(error) = error_of(callback) {
            return self.give_up(error);
        }
        let Some(provider) = &self.provider else {
            return self.done(None);
        };
        match (self.at, provider.comes_back) {
            (Place::Hosted, ComesBack::Never) => {
                let leave_at = Some(provider.url.clone());
                self.done(leave_at)
            }
            (Place::Hosted, _) => {
                self.at = Place::Provider;
                Arrival::GoOn(provider.url.clone())
            }
            // The hosted pages' redirect again.
            (_, ComesBack::WithState) => Arrival::Ignored,
            (_, _) => self.done(None),
        }
    }

    /// The page that the browser is at has failed: it was closed, could not be shown, took too long, or returned an error. For
    /// the hosted pages this means that their session has probably not ended. A failure of the provider's page is not a failure
    /// of the step: the session at the hosted pages has ended before, and an app can never see whether the provider's has.
    pub(crate) fn give_up(&mut self, error: StepError) -> Arrival {
        match self.at {
            Place::Hosted => Arrival::Failed(error),
            Place::Provider => {
                tracing::warn!(%error, "the identity provider's logout page failed: its session may persist");
                self.done(None)
            }
            Place::Done => Arrival::Ignored,
        }
    }

    fn done(&mut self, leave_at: Option<Url>) -> Arrival {
        self.at = Place::Done;
        Arrival::Ended { leave_at }
    }
}

/// A page for the app to open in the user's browser. From [`Auth::begin_sign_out`](crate::Auth::begin_sign_out).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
#[non_exhaustive]
pub struct WebVisit {
    /// What to open.
    pub url: Url,
    /// Where the browser is sent in the end: the callback URL begins with it.
    pub redirect: RedirectUri,
}

impl From<&Visit> for WebVisit {
    fn from(visit: &Visit) -> Self {
        Self {
            url: visit.url().clone(),
            redirect: visit.redirect.clone(),
        }
    }
}

/// The sessions in a browser after `visit`, for a user who signed in there, with `provider` or without. A visit to the
/// provider's page proves nothing, even if its `state` came back: without an `id_token_hint` the provider lets the user decide
/// (RP-Initiated Logout 1.0, section 2), and it sends the browser back in both cases.
pub(crate) fn sessions_after(
    visit: Option<&Visit>,
    end_requested: bool,
    provider: Option<&str>,
) -> Vec<BrowserSession> {
    let hosted = BrowserSession {
        holder: SessionHolder::HostedUi,
        state: match visit {
            Some(visit) if visit.at != Place::Hosted => BrowserSessionState::Ended,
            _ if end_requested => BrowserSessionState::EndRequested,
            _ => BrowserSessionState::MayPersist,
        },
    };
    let provider = provider.map(|name| BrowserSession {
        holder: SessionHolder::IdentityProvider(name.to_owned()),
        state: BrowserSessionState::MayPersist,
    });
    std::iter::once(hosted).chain(provider).collect()
}

/// The error `error=` in the query, or in the fragment, where the implicit flow puts it. The message repeats only the values of
/// RFC 6749, section 4.1.2.1.
fn error_of(callback: &Url) -> Option<StepError> {
    const KNOWN: [&str; 7] = [
        "access_denied",
        "invalid_request",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_response_type",
    ];
    let fragment = callback.fragment().unwrap_or_default();
    let in_fragment = url::form_urlencoded::parse(fragment.as_bytes());
    let (_, value) = callback
        .query_pairs()
        .chain(in_fragment)
        .find(|(name, _)| name == "error")?;
    let known = KNOWN.into_iter().find(|known| *known == value);
    let known = known.map(|known| format!(": {known}")).unwrap_or_default();
    Some(StepError::new(
        ErrorCode::HostedUiFailed,
        format!("the hosted pages sent the browser back with an error{known}"),
    ))
}
