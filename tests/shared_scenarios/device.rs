//! An app on a device with its own user pool, as the scenario describes them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use cognito_signout::fake_cognito::{FakeCognito, IssuedTokens};
use cognito_signout::ffi::{
    AppStep, AppStepCompletion, Auth, AuthConfig, Browser, BrowserCompletion, ConfigOptions, ExchangeCompletion,
    HostedUi, PartialSignOut, PartialSignOutOthers, Ports, ProviderLogout, SignOutUri, Subscription, UnpaidRevocations,
    UserSession, VaultChoice,
};
use cognito_signout::transport::RustlsTransport;
use cognito_signout::{Phase, RevocationRoute};
use tokio::runtime::Handle;

use crate::pool;
use crate::ports::{self, Callee, Listener, Shared, TestBrowser, TestVault, Transport};
use crate::words::{self, Scenario};

pub(crate) struct Device {
    pub(crate) fake: FakeCognito,
    auth: Option<Arc<Auth>>,
    /// The number of the running process. It is its vault's identity.
    process: u64,
    pub(crate) vault: TestVault,
    pub(crate) pages: Shared<usize>,
    pub(crate) saw: Shared<Vec<String>>,
    pub(crate) heard: Shared<Vec<String>>,
    /// What the app's own steps were told.
    pub(crate) told: Shared<Vec<String>>,
    /// The session that was stored last.
    pub(crate) tokens: Option<IssuedTokens>,
    /// The last partial result.
    pub(crate) partial: Option<Arc<PartialSignOut>>,
    /// The last list of the user's sessions.
    pub(crate) listed: Vec<UserSession>,
    /// The other sessions that were left last.
    pub(crate) others: Option<Arc<PartialSignOutOthers>>,
    scenario: Scenario,
    exchanges: Shared<Vec<Arc<ExchangeCompletion>>>,
    visits: Shared<Vec<Arc<BrowserCompletion>>>,
    steps: Shared<Vec<Arc<AppStepCompletion>>>,
    ended: Shared<usize>,
    subscriptions: Vec<Arc<Subscription>>,
}

impl Device {
    pub(crate) async fn new(scenario: Scenario) -> Self {
        let fake = pool::start(&scenario.pool).await;
        let vault = TestVault::default();
        let (pages, saw, heard, ended) = Default::default();
        let (exchanges, visits, steps, told) = Default::default();
        let mut device = Self {
            fake,
            auth: None,
            process: 0,
            vault,
            pages,
            saw,
            heard,
            told,
            tokens: None,
            partial: None,
            listed: Vec::new(),
            others: None,
            scenario,
            exchanges,
            visits,
            steps,
            ended,
            subscriptions: Vec::new(),
        };
        device.restart();
        device
    }

    /// The running process's `Auth`.
    pub(crate) fn auth(&self) -> Arc<Auth> {
        self.auth.clone().unwrap()
    }

    /// Another version of the app has these steps of its own.
    pub(crate) fn set_app_steps(&mut self, steps: Vec<words::AppStep>) {
        self.scenario.app_steps = steps;
    }

    /// Another process of the app, on the same keychain.
    pub(crate) fn restart(&mut self) {
        // Processes share only the record.
        self.process = fastrand::u64(..);
        let (auth, callee) = self.handle();
        let listener = Listener {
            does: self.scenario.listener,
            tokio: Handle::current(),
            auth: callee,
            heard: self.heard.clone(),
            ended: self.ended.clone(),
        };
        self.subscriptions.push(auth.subscribe(Arc::new(listener), false));
        self.auth = Some(auth);
    }

    /// Another `Auth` of the running process replaces the current one. It has no listener.
    pub(crate) fn another_handle(&mut self) {
        self.auth = Some(self.handle().0);
    }

    fn handle(&self) -> (Arc<Auth>, Callee) {
        let callee = Callee::default();
        let transport = Transport {
            does: self.scenario.transport,
            real: RustlsTransport::new(),
            tokio: Handle::current(),
            auth: Arc::clone(&callee),
            saw: self.saw.clone(),
            kept: self.exchanges.clone(),
        };
        let browser = self.scenario.browser.map(|does| -> Arc<dyn Browser> {
            Arc::new(TestBrowser {
                does,
                pages: self.pages.clone(),
                kept: self.visits.clone(),
            })
        });
        let app_steps = self.scenario.app_steps.iter().map(|step| AppStep {
            name: step.name.clone(),
            phase: match step.phase {
                words::Phase::WhileTokenLives => Phase::WhileTokenLives,
                words::Phase::AfterSignOut => Phase::AfterSignOut,
            },
            time_limit: step.time_limit,
            runner: Arc::new(ports::AppStep {
                step: step.clone(),
                tokio: Handle::current(),
                auth: Arc::clone(&callee),
                told: self.told.clone(),
                saw: self.saw.clone(),
                kept: self.steps.clone(),
            }),
        });
        let ports = Ports {
            transport: Arc::new(transport),
            vault: VaultChoice::Host {
                vault: Arc::new(self.vault.clone()),
                identity: self.process,
            },
            browser,
            redirects: Vec::new(),
            app_steps: app_steps.collect(),
        };
        let auth = Auth::new(config(&self.fake, &self.scenario), ports).unwrap();
        callee.set(Arc::downgrade(&auth)).unwrap();
        (auth, callee)
    }

    /// Ends the app, and returns all events: no more can come.
    pub(crate) async fn end(self) -> Vec<String> {
        drop((self.auth, self.partial, self.others));
        let processes = self.subscriptions.len();
        while *self.ended.lock() < processes {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.heard.lock().clone()
    }
}

fn config(fake: &FakeCognito, scenario: &Scenario) -> Arc<AuthConfig> {
    let options = ConfigOptions {
        endpoint: Some(fake.url().to_string()),
        client_secret: scenario.client_secret.clone().map(Into::into),
        refresh_token_rotation: Some(scenario.rotation),
        unpaid_revocations: match &scenario.keep_unpaid {
            Some(keep) => Some(UnpaidRevocations::Keep {
                max_age: keep.max_age,
                max_debts: keep.max_debts,
            }),
            None => scenario.hand_over.then_some(UnpaidRevocations::HandOver),
        },
        session_tracking: Some(scenario.session_tracking),
        revocation_route: scenario.pool_domain.then_some(RevocationRoute::PoolDomain),
        hosted_ui: scenario.hosted_ui.then(|| HostedUi {
            domain: "auth.example.com".into(),
            sign_out_uris: vec![SignOutUri {
                uri: "myapp://signed-out".into(),
                ends_at: None,
            }],
            callback_uris: Vec::new(),
            providers: scenario
                .provider_logout
                .clone()
                .map(|name| HashMap::from([(name, ProviderLogout::SamlSingleLogout)])),
        }),
        ..ConfigOptions::default()
    };
    AuthConfig::new(fake.user_pool_id(), fake.client_id(), options).unwrap()
}
