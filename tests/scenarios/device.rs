//! The helpers of the scenarios: an app on a device, its user pool, and what both must do.

use std::sync::Arc;
use std::time::Duration;

use cognito_signout::fake_cognito::{
    FakeClock, FakeCognito, FakeCognitoBuilder, Fault, IssuedTokens, Operation, ServiceError,
};
use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::Vault;
use cognito_signout::{
    AppStep, Auth, AuthConfig, AuthConfigBuilder, AuthError, AuthEvent, Complete, Events, Failed, HostedUi, Partial,
    SessionState, SignOutOptions, SignOutResult, SignedInWith, SignedOutReason, Tokens,
};

use crate::test_browser::TestBrowser;
use crate::vault::TestVault;

/// Longer than the lifetime of FakeCognito's access tokens, and much shorter than that of its refresh tokens.
pub(crate) const TWO_HOURS: Duration = Duration::from_secs(2 * 60 * 60);

/// A final refusal, which is not retried.
pub(crate) const REFUSED: Fault = Fault::Refuse(ServiceError::InvalidParameter);

/// One process of an app on a device.
pub(crate) struct Device {
    pub(crate) fake: Arc<FakeCognito>,
    pub(crate) vault: TestVault,
    pub(crate) auth: Auth,
    pub(crate) config: AuthConfig,
    clock: FakeClock,
    browser: Option<TestBrowser>,
    steps: Vec<AppStep>,
}

/// The sign-out URL in the app client's list.
pub(crate) const SIGNED_OUT: &str = "myapp://signed-out";

impl Device {
    /// A device with its own user pool. Nobody is signed in.
    pub(crate) async fn new() -> Self {
        Self::at(FakeCognito::builder(), |config| config).await
    }

    /// The same, with another kind of user pool and configuration.
    pub(crate) async fn at(
        pool: FakeCognitoBuilder,
        configure: impl FnOnce(AuthConfigBuilder) -> AuthConfigBuilder,
    ) -> Self {
        Self::configured(pool, |_, config| configure(config)).await
    }

    /// The same, for a configuration that needs the user pool's URL.
    pub(crate) async fn configured(
        pool: FakeCognitoBuilder,
        configure: impl FnOnce(&FakeCognito, AuthConfigBuilder) -> AuthConfigBuilder,
    ) -> Self {
        let fake = pool.start().await.unwrap();
        let mut config = AuthConfig::builder(fake.user_pool_id(), fake.client_id()).endpoint(fake.url().as_str());
        if let Some(secret) = fake.client_secret() {
            config = config.client_secret(secret);
        }
        let (config, clock) = (configure(&fake, config).build().unwrap(), fake.clock());
        Self::start(Arc::new(fake), TestVault::default(), config, clock, None, Vec::new())
    }

    /// A device whose refresh tokens are rotated. The old token is dead at once.
    pub(crate) async fn with_rotation() -> Self {
        let pool = FakeCognito::builder().rotation(Duration::ZERO);
        Self::at(pool, |config| config.refresh_token_rotation(true)).await
    }

    /// A device on which ana is signed in.
    pub(crate) async fn signed_in() -> Self {
        let device = Self::new().await;
        device.sign_in("ana").await;
        device
    }

    /// A device on which ana has signed in at the hosted pages. Its app has given the library no browser.
    pub(crate) async fn hosted() -> Self {
        let hosted_ui = HostedUi::builder("auth.example.com")
            .sign_out_uri(SIGNED_OUT)
            .sign_out_uri("https://example.com/a&b?c=%20d")
            .build()
            .unwrap();
        let device = Self::at(FakeCognito::builder(), |config| config.hosted_ui(hosted_ui)).await;
        device.sign_in_with("ana", SignedInWith::HostedUi).await;
        device
    }

    /// The same, with this browser.
    pub(crate) async fn hosted_with(browser: &TestBrowser) -> Self {
        Self::hosted().await.with_browser(Some(browser))
    }

    /// The same app with this browser.
    pub(crate) fn with_browser(&self, browser: Option<&TestBrowser>) -> Self {
        let (fake, vault) = (Arc::clone(&self.fake), self.vault.clone());
        Self::start(
            fake,
            vault,
            self.config.clone(),
            self.clock.clone(),
            browser.cloned(),
            self.steps.clone(),
        )
    }

    fn start(
        fake: Arc<FakeCognito>,
        vault: TestVault,
        config: AuthConfig,
        clock: FakeClock,
        browser: Option<TestBrowser>,
        steps: Vec<AppStep>,
    ) -> Self {
        let mut auth = Auth::builder(config.clone(), vault.clone(), RustlsTransport::new()).clock(clock.clone());
        if let Some(browser) = &browser {
            auth = auth.browser(browser.clone());
        }
        for step in steps.clone() {
            auth = auth.sign_out_step(step).unwrap();
        }
        Self {
            fake,
            vault,
            auth: auth.build(),
            config,
            clock,
            browser,
            steps,
        }
    }

    /// The same app with these steps of its own.
    pub(crate) fn with_steps(&self, steps: impl IntoIterator<Item = AppStep>) -> Self {
        let (fake, vault, config) = (Arc::clone(&self.fake), self.vault.clone(), self.config.clone());
        let steps = steps.into_iter().collect();
        Self::start(fake, vault, config, self.clock.clone(), self.browser.clone(), steps)
    }

    /// Moves the clock of the device and the server.
    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Another process of the app, with the same keychain.
    pub(crate) fn restarted(&self) -> Self {
        self.with_vault(self.vault.clone())
    }

    /// The device after this process was killed at this moment. What this process still does has no effect on it.
    pub(crate) fn killed(&self) -> Self {
        self.with_vault(self.vault.record().map(TestVault::holding).unwrap_or_default())
    }

    /// The same app on another keychain.
    pub(crate) fn with_vault(&self, vault: TestVault) -> Self {
        Self::start(
            Arc::clone(&self.fake),
            vault,
            self.config.clone(),
            self.clock.clone(),
            self.browser.clone(),
            self.steps.clone(),
        )
    }

    /// The same device, with another configuration of the app.
    pub(crate) fn configured_otherwise(&self, config: AuthConfig) -> Self {
        Self::start(
            Arc::clone(&self.fake),
            self.vault.clone(),
            config,
            self.clock.clone(),
            None,
            self.steps.clone(),
        )
    }

    /// An `Auth` of this process over a vault.
    pub(crate) fn handle(&self, vault: impl Vault) -> Auth {
        Auth::builder(self.config.clone(), vault, RustlsTransport::new())
            .clock(self.clock.clone())
            .build()
    }

    /// The same app on a device whose clock differs from the server's.
    pub(crate) fn with_clock(&self, clock: &FakeClock) -> Self {
        let (fake, vault) = (Arc::clone(&self.fake), self.vault.clone());
        Self::start(
            fake,
            vault,
            self.config.clone(),
            clock.clone(),
            self.browser.clone(),
            self.steps.clone(),
        )
    }

    /// The user signs in through the API.
    pub(crate) async fn sign_in(&self, username: &str) -> IssuedTokens {
        self.sign_in_with(username, SignedInWith::Api).await
    }

    pub(crate) async fn sign_in_with(&self, username: &str, how: SignedInWith) -> IssuedTokens {
        let tokens = self.fake.sign_in(username);
        self.auth.store_session(of(&tokens), how).await.unwrap();
        tokens
    }

    pub(crate) async fn sign_out(&self) -> SignOutResult {
        self.auth.sign_out(SignOutOptions::local()).await
    }

    pub(crate) async fn sign_out_globally(&self) -> SignOutResult {
        self.auth.sign_out(SignOutOptions::global()).await
    }

    /// Starts a sign-out. Its result is awaited later.
    pub(crate) fn begin_sign_out(&self, options: SignOutOptions) -> tokio::task::JoinHandle<SignOutResult> {
        let auth = self.auth.clone();
        tokio::spawn(async move { auth.sign_out(options).await })
    }

    /// Starts a call of `tokens`.
    pub(crate) fn begin_tokens(&self) -> tokio::task::JoinHandle<Result<Tokens, AuthError>> {
        let auth = self.auth.clone();
        tokio::spawn(async move { auth.tokens().await })
    }

    /// Cognito got exactly these requests, in this order.
    #[track_caller]
    pub(crate) fn assert_asked(&self, operations: &[Operation]) {
        assert_eq!(self.fake.operations(), operations);
    }

    /// Signed out of this device, in this process and in the next one.
    pub(crate) async fn assert_signed_out(&self) {
        for process in [&self.auth, &self.restarted().auth] {
            assert_eq!(process.session().await, SessionState::SignedOut);
            assert_eq!(process.tokens().await, Err(AuthError::SignedOut));
        }
    }

    /// Signed in on this device, in this process and in the next one.
    pub(crate) async fn assert_signed_in_as(&self, username: &str) {
        for process in [&self.auth, &self.restarted().auth] {
            let session = process.session().await;
            let SessionState::SignedIn(session) = session else {
                panic!("{session:?}")
            };
            assert_eq!(session.username.as_deref(), Some(username));
        }
    }
}

/// The tokens in the app's type.
pub(crate) fn of(tokens: &IssuedTokens) -> Tokens {
    Tokens::new(tokens.access.clone(), tokens.id.clone(), tokens.refresh.clone())
}

/// The six steps, as `Display` prints them.
pub(crate) fn steps(result: &SignOutResult) -> [String; 6] {
    result.report().steps.named().map(|(_, status)| status.to_string())
}

#[track_caller]
pub(crate) fn complete(result: SignOutResult) -> Complete {
    match result {
        SignOutResult::Complete(complete) => complete,
        other => panic!("not complete: {other:?}"),
    }
}

#[track_caller]
pub(crate) fn partial(result: SignOutResult) -> Partial {
    match result {
        SignOutResult::Partial(partial) => partial,
        other => panic!("not partial: {other:?}"),
    }
}

#[track_caller]
pub(crate) fn failed(result: SignOutResult) -> Failed {
    match result {
        SignOutResult::Failed(failed) => failed,
        other => panic!("not failed: {other:?}"),
    }
}

/// The event of a session that has ended without a reason of the app's.
pub(crate) fn signed_out(reason: SignedOutReason) -> AuthEvent {
    AuthEvent::SignedOut {
        reason,
        app_reason: None,
    }
}

/// The events that have come since the last call.
pub(crate) fn heard(events: &mut Events) -> Vec<AuthEvent> {
    std::iter::from_fn(|| events.try_next()).collect()
}
