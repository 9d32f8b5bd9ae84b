//! An app on a desktop, with Chromium as the user's browser. These tests are written in its terms.

use std::time::Duration;

use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::{MemoryVault, Vault, VaultKey};
use cognito_signout::{
    Auth, AuthConfig, BrowserSessionState, HostedUi, HostedUiBuilder, RevocationRoute, SessionHolder, SessionState,
    SignOutOptions, SignOutResult,
};
use url::Url;

use crate::chromium::{APP_NAME, Chromium};
use crate::conformance::PASSWORD;
use crate::hosted_pages::{self, SignIn};
use crate::pages::{HOST, Pages, Server, is_free};
use crate::support::sign_in::http;
use crate::wire::Tokens;

/// Long enough on a busy machine.
const BROWSER_DEADLINE: Duration = Duration::from_secs(60);

pub(crate) struct App {
    pub(crate) chromium: Chromium,
    pub(crate) pages: Pages,
    pub(crate) auth: Auth,
    vault: MemoryVault,
    tokens: Option<Tokens>,
}

impl App {
    /// An app. Nobody is signed in at its hosted pages.
    pub(crate) async fn at(pages: Pages) -> Self {
        Self::configured(pages, |hosted_ui| hosted_ui).await
    }

    pub(crate) async fn configured(pages: Pages, configure: impl FnOnce(HostedUiBuilder) -> HostedUiBuilder) -> Self {
        Self::in_browser(Chromium::start().await, pages, configure).await
    }

    pub(crate) async fn in_browser(
        chromium: Chromium,
        pages: Pages,
        configure: impl FnOnce(HostedUiBuilder) -> HostedUiBuilder,
    ) -> Self {
        pages.add_ana(PASSWORD).await;
        let hosted_ui = HostedUi::builder(&pages.origin).sign_out_uri(&pages.sign_out_uri);
        let mut config = AuthConfig::builder(pages.user_pool_id(), &pages.client_id)
            .endpoint(&pages.origin)
            .hosted_ui(configure(hosted_ui).build().unwrap());
        if let Some(secret) = &pages.client_secret {
            config = config.client_secret(secret.as_str());
        }
        // ministack has no endpoint at its domain, and the domain cannot end the browser's session.
        config = match pages.server {
            Server::Ministack(_) => config,
            _ if pages.tracks_sessions => config.session_tracking(true),
            _ => config.revocation_route(RevocationRoute::PoolDomain),
        };
        let vault = MemoryVault::default();
        let auth = Auth::builder(config.build().unwrap(), vault.clone(), RustlsTransport::new())
            .browser(chromium.system_browser())
            .build();
        Self {
            chromium,
            pages,
            auth,
            vault,
            tokens: None,
        }
    }

    /// Signs ana in. The hosted pages must ask for her name.
    pub(crate) async fn signed_in(mut self) -> Self {
        assert!(self.sign_in().await, "somebody was signed in already");
        self
    }

    /// Signs ana in like an app does: in the browser, at the hosted pages, with the code of the guide. Returns whether they asked
    /// for her name.
    pub(crate) async fn sign_in(&mut self) -> bool {
        let (chromium, pages) = (&self.chromium, &self.pages);
        let (secret, callback) = (pages.client_secret.as_deref(), pages.app_page.url.as_str());
        let client = hosted_pages::pages(&pages.origin, &pages.client_id, secret, callback).unwrap();
        let (page, sign_in) = SignIn::begin(&client, None);
        chromium.open(&page).await;
        let asked = self.is_asked().await;
        if asked {
            chromium.write("input[name=username]", "ana").await;
            chromium.write("input[name=password]", PASSWORD).await;
            chromium.click("[type=submit]").await;
        }
        let app_page = &self.pages.app_page.url;
        let callback = chromium.url("code", |url| url.path() == app_page.path()).await;
        chromium.close_tab().await;
        sign_in.finish(&client, &callback, &http, &self.auth).await.unwrap();
        let stored = self.auth.tokens().await.unwrap();
        self.tokens = Some(Tokens {
            username: "ana".into(),
            access: stored.access_token.reveal().into(),
            id: stored.id_token.reveal().into(),
            refresh: stored.refresh_token.reveal().into(),
        });
        asked
    }

    /// Whether the hosted pages ask for the user's name in a new tab.
    pub(crate) async fn asks_who_it_is(&self) -> bool {
        self.asks_at(&self.pages.authorize_url()).await
    }

    /// Whether they ask at this URL.
    pub(crate) async fn asks_at(&self, url: &Url) -> bool {
        self.chromium.open(url).await;
        let asked = self.is_asked().await;
        self.chromium.close_tab().await;
        asked
    }

    async fn is_asked(&self) -> bool {
        let app_page = self.pages.app_page.url.path();
        let look = async || {
            let form = self.chromium.has("input[name=password]").await;
            let (url, _) = self.chromium.page().await?;
            (form || url.path() == app_page).then_some(form)
        };
        self.chromium.until("login form or code", look).await
    }

    pub(crate) async fn sign_out(&self, options: SignOutOptions) -> SignOutResult {
        self.auth.sign_out(options.browser_deadline(BROWSER_DEADLINE)).await
    }

    /// Whether the browser has the hosted pages' cookie.
    pub(crate) async fn has_cookie(&self) -> bool {
        self.chromium.cookies(HOST).await.contains(&"cognito".to_owned())
    }

    /// Whether the browser has the identity provider's cookie.
    pub(crate) async fn has_providers_cookie(&self) -> bool {
        self.chromium
            .cookies("localhost")
            .await
            .contains(&"provider".to_owned())
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        self.tokens.as_ref().expect("ana has signed in")
    }

    /// Whether the server still accepts ana's refresh token.
    pub(crate) async fn refreshes(&self) -> bool {
        self.pages.refreshes(self.tokens()).await
    }

    /// The record in the keychain.
    pub(crate) fn record(&self) -> Option<Vec<u8>> {
        let key = VaultKey {
            user_pool_id: self.pages.user_pool_id(),
            client_id: self.pages.client_id.clone(),
        };
        self.vault.read(&key).unwrap().map(|record| record.to_vec())
    }

    pub(crate) async fn is_signed_in(&self) -> bool {
        matches!(self.auth.session().await, SessionState::SignedIn(_))
    }

    /// The current tab shows the library's closing page: the user is signed out.
    pub(crate) async fn assert_closing_page(&self) {
        self.assert_page(&[
            APP_NAME,
            "You are signed out",
            "You can close this window and return to Ledger.",
        ])
        .await;
    }

    /// The current tab is back from the hosted pages, and shows these lines.
    pub(crate) async fn assert_page(&self, lines: &[&str]) {
        let sign_out_uri = &self.pages.sign_out_uri;
        let at_the_end = |url: &Url| url.as_str().starts_with(sign_out_uri);
        self.chromium.url("way back", at_the_end).await;
        let shown = |text: &str| text.lines().filter(|line| !line.is_empty()).eq(lines.iter().copied());
        self.chromium.shows("closing page", shown).await;
    }

    /// The port of the sign-out URI is free again.
    pub(crate) fn assert_port_is_free(&self) {
        let uri = Url::parse(&self.pages.sign_out_uri).unwrap();
        assert!(is_free(uri.port().unwrap()), "the port is not free");
    }
}

/// The sessions that the browser had, and their states.
pub(crate) fn sessions(result: &SignOutResult) -> Vec<(SessionHolder, BrowserSessionState)> {
    let sessions = result.report().browser_sessions.iter();
    sessions
        .map(|session| (session.holder.clone(), session.state))
        .collect()
}
