//! Puts an [`Auth`] together.

use std::sync::Arc;

use super::shared::Shared;
use super::{Auth, AuthError, Inner};
use crate::browser::{Browser, Planner};
use crate::clock::{Clock, SystemClock};
use crate::cognito::CognitoClient;
use crate::config::AuthConfig;
use crate::record::{HasTurn, RecordStore};
use crate::sign_out::{AppStep, AppSteps, BrowserPort, Driver, Ports};
use crate::transport::HttpTransport;
use crate::vault::{Vault, VaultKey};

impl Auth {
    /// The session of the configured app client, in the platform's keychain, over TLS. On a desktop, with the feature `browser`,
    /// a session that began in a browser is ended in the system's browser.
    #[cfg(all(feature = "keychain", feature = "rustls", not(target_os = "android")))]
    pub fn new(config: AuthConfig) -> Self {
        let transport = crate::transport::RustlsTransport::builder()
            .connect_timeout(config.connect_timeout())
            .build();
        let auth = Self::builder(config, crate::vault::KeychainVault::native(), transport);
        #[cfg(all(feature = "browser", not(target_os = "ios")))]
        let auth = auth.browser(crate::browser::SystemBrowser::new());
        auth.build()
    }

    /// The same over a vault and a transport of the app's choice.
    ///
    /// Several handles over one record (the same user pool, app client and vault, by [`Vault::identity`]) share its state: its
    /// events, its turn at the vault, and the sign-outs and refreshes that are running. These use the transport, the browser and
    /// the policies of the handle that began them. So keep each handle's runtime running: another handle that joins its work
    /// waits for it.
    pub fn builder(config: AuthConfig, vault: impl Vault, transport: impl HttpTransport) -> AuthBuilder {
        AuthBuilder {
            config,
            vault: Arc::new(vault),
            transport: Arc::new(transport),
            clock: Arc::new(SystemClock),
            browser: None,
            app_steps: AppSteps::default(),
        }
    }
}

/// Builds an [`Auth`] over chosen ports. From [`Auth::builder`].
#[derive(Debug)]
pub struct AuthBuilder {
    config: AuthConfig,
    vault: Arc<dyn Vault>,
    transport: Arc<dyn HttpTransport>,
    clock: Arc<dyn Clock>,
    browser: Option<Arc<dyn Browser>>,
    app_steps: AppSteps,
}

impl AuthBuilder {
    /// Uses `clock` instead of the system's clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Ends browser sessions in `browser`. Without a browser, the app ends them itself:
    /// [`begin_sign_out`](Auth::begin_sign_out).
    #[must_use]
    pub fn browser(mut self, browser: impl Browser) -> Self {
        self.browser = Some(Arc::new(browser));
        self
    }

    /// Makes `step` a part of every sign-out through this handle: see [`AppStep`]. A session that another one replaces
    /// ([`Auth::store_session`]) or that [`Auth::clear_local`] removes owes no steps.
    ///
    /// # Errors
    /// [`AuthError::InvalidInput`] if the name is not 1 to 64 of the characters `a-z`, `A-Z`, `0-9`, `_`, `-` and `.`, if it is
    /// the name of one of the library's own steps ([`Steps::named`](crate::Steps::named)), or if another step has it.
    pub fn sign_out_step(mut self, step: AppStep) -> Result<Self, AuthError> {
        self.app_steps.add(step).map_err(AuthError::InvalidInput)?;
        Ok(self)
    }

    /// Makes the handle. Touches neither network nor keychain.
    pub fn build(self) -> Auth {
        let Self {
            config,
            vault,
            transport,
            clock,
            browser,
            app_steps,
        } = self;
        let key = VaultKey {
            user_pool_id: config.user_pool_id().to_owned(),
            client_id: config.client_id().to_owned(),
        };
        let shared = Shared::of(&vault, &key);
        let ports = Arc::new(Ports {
            store: RecordStore::new(vault, key, Arc::clone(&shared) as Arc<dyn HasTurn>),
            cognito: Arc::new(CognitoClient::new(&config, Arc::clone(&transport))),
            clock,
        });
        let browser_port = BrowserPort::new(
            Planner::new(config.clone(), transport),
            browser,
            Arc::clone(&shared.open_page),
        );
        let app_steps = app_steps.with_rotation(config.refresh_token_rotation());
        let in_payment = Arc::clone(&shared.in_payment);
        let driver = Driver::new(
            Arc::clone(&ports),
            browser_port,
            app_steps,
            in_payment,
            config.unpaid_revocations(),
        );
        Auth(Arc::new(Inner {
            ports,
            driver: Arc::new(driver),
            client_id: config.client_id().to_owned(),
            refresh_margin: config.refresh_margin(),
            shared,
        }))
    }
}
