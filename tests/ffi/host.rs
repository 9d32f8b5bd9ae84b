//! An app's side of the facade, over the test's own FakeCognito.

use std::sync::Arc;

use cognito_signout::fake_cognito::{FakeCognito, FakeCognitoBuilder, IssuedTokens};
use cognito_signout::ffi::{
    Auth, AuthConfig, Browser, ConfigOptions, ExchangeCompletion, HostedUi, HttpHeader, HttpRequest, HttpResponse,
    HttpTransport, Ports, Problem, SessionState, SignOutOptions, SignOutResult, SignOutUri, VaultChoice,
};
use cognito_signout::transport::{self, HttpTransport as _, RustlsTransport, TransportError};
use cognito_signout::{Secret, SignedInWith, Tokens};
use tokio::runtime::Handle;

pub(crate) const SIGNED_OUT: &str = "myapp://signed-out";

/// A host's transport made from a closure.
pub(crate) struct Does<F>(pub(crate) F);

impl<F> HttpTransport for Does<F>
where
    F: Fn(Arc<HttpRequest>, Arc<ExchangeCompletion>) -> Result<(), TransportError> + Send + Sync,
{
    fn start(&self, request: Arc<HttpRequest>, completion: Arc<ExchangeCompletion>) -> Result<(), TransportError> {
        self.0(request, completion)
    }
}

/// A transport that works. It sends requests from the test's runtime, as a phone does from its own threads.
pub(crate) struct Online {
    pub(crate) runtime: Handle,
    http: Arc<RustlsTransport>,
}

impl Online {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            runtime: Handle::current(),
            http: Arc::new(RustlsTransport::new()),
        })
    }
}

impl HttpTransport for Online {
    fn start(&self, request: Arc<HttpRequest>, completion: Arc<ExchangeCompletion>) -> Result<(), TransportError> {
        let http = Arc::clone(&self.http);
        let headers = request.headers().into_iter();
        let sent = transport::HttpRequest {
            method: request.verb(),
            url: request.url(),
            headers: headers.map(|header| (header.name, header.value)).collect(),
            body: request.body().to_vec().into(),
        };
        self.runtime.spawn(async move {
            match http.send(sent).await {
                Ok(answer) => completion.succeed(HttpResponse {
                    status: answer.status,
                    headers: answer.headers.into_iter().map(header).collect(),
                    body: answer.body.to_vec(),
                }),
                Err(_) => completion.fail(TransportError::Connect("it failed".into())),
            }
        });
        Ok(())
    }
}

fn header((name, value): (String, String)) -> HttpHeader {
    HttpHeader { name, value }
}

/// An empty response from Cognito with this status.
pub(crate) fn empty(status: u16) -> HttpResponse {
    HttpResponse {
        status,
        headers: vec![header(("x-amzn-requestid".into(), "1".into()))],
        body: Vec::new(),
    }
}

pub(crate) struct App {
    pub(crate) fake: FakeCognito,
    pub(crate) auth: Arc<Auth>,
    pub(crate) issued: IssuedTokens,
}

impl App {
    /// Ana's app, signed in through the API.
    pub(crate) async fn over(transport: Arc<dyn HttpTransport>) -> Self {
        let app = Self::with(ports(transport)).await;
        app.store(SignedInWith::Api).await;
        app
    }

    /// Ana's app, signed in at the hosted pages, with this browser.
    pub(crate) async fn hosted(browser: Option<Arc<dyn Browser>>) -> Self {
        let ports = Ports {
            browser,
            ..ports(Online::new())
        };
        let app = Self::with(ports).await;
        app.store(SignedInWith::HostedUi).await;
        app
    }

    pub(crate) async fn with(ports: Ports) -> Self {
        Self::configured(ports, ConfigOptions::default()).await
    }

    /// Ana's app, signed in through the API, at a user pool that tracks sessions.
    pub(crate) async fn tracking_sessions(transport: Arc<dyn HttpTransport>) -> Self {
        let pool = FakeCognito::builder().session_tracking();
        let app = Self::at(pool, ports(transport), ConfigOptions::default()).await;
        app.store(SignedInWith::Api).await;
        app
    }

    pub(crate) async fn configured(ports: Ports, options: ConfigOptions) -> Self {
        Self::at(FakeCognito::builder(), ports, options).await
    }

    async fn at(pool: FakeCognitoBuilder, ports: Ports, options: ConfigOptions) -> Self {
        let fake = pool.start().await.unwrap();
        let options = ConfigOptions {
            endpoint: Some(fake.url().to_string()),
            hosted_ui: options.hosted_ui.or_else(|| Some(hosted_ui())),
            ..options
        };
        let config = AuthConfig::new(fake.user_pool_id(), fake.client_id(), options).unwrap();
        let auth = Auth::new(config, ports).unwrap();
        let issued = fake.sign_in("ana");
        Self { fake, auth, issued }
    }

    /// Another `Auth` of the same app.
    pub(crate) fn another_handle(&self, vault: VaultChoice) -> Arc<Auth> {
        let options = ConfigOptions {
            endpoint: Some(self.fake.url().to_string()),
            ..ConfigOptions::default()
        };
        let config = AuthConfig::new(self.fake.user_pool_id(), self.fake.client_id(), options).unwrap();
        let ports = Ports {
            vault,
            ..ports(Online::new())
        };
        Auth::new(config, ports).unwrap()
    }

    /// Ana signs in again.
    pub(crate) async fn store_anew(&self) {
        let issued = tokens(&self.fake.sign_in("ana"));
        self.auth.store_session(issued, SignedInWith::Api).await.unwrap();
    }

    pub(crate) async fn store(&self, signed_in_with: SignedInWith) {
        self.auth
            .store_session(tokens(&self.issued), signed_in_with)
            .await
            .unwrap();
    }

    pub(crate) async fn is_signed_in(&self) -> bool {
        matches!(self.auth.session().await, SessionState::SignedIn { .. })
    }

    pub(crate) fn is_revoked(&self) -> bool {
        !self.fake.is_refresh_token_live(&self.issued.refresh)
    }
}

pub(crate) fn ports(transport: Arc<dyn HttpTransport>) -> Ports {
    Ports {
        transport,
        vault: VaultChoice::Memory,
        browser: None,
        redirects: Vec::new(),
        app_steps: Vec::new(),
    }
}

pub(crate) fn hosted_ui() -> HostedUi {
    HostedUi {
        domain: "auth.example.com".into(),
        sign_out_uris: vec![SignOutUri {
            uri: SIGNED_OUT.into(),
            ends_at: None,
        }],
        callback_uris: Vec::new(),
        providers: None,
    }
}

pub(crate) fn tokens(issued: &IssuedTokens) -> Tokens {
    Tokens::new(issued.access.clone(), issued.id.clone(), issued.refresh.clone())
}

pub(crate) fn local() -> SignOutOptions {
    SignOutOptions::default()
}

pub(crate) fn within(millis: i64) -> SignOutOptions {
    SignOutOptions {
        deadline: Some(millis),
        ..local()
    }
}

/// A failed revocation, as a host sees it.
pub(crate) struct Unrevoked {
    pub(crate) error: Problem,
    pub(crate) refresh_token: Secret,
}

pub(crate) fn unrevoked(result: SignOutResult) -> Unrevoked {
    match result {
        SignOutResult::Partial {
            revoke_token_error: Some(failed),
            ..
        } => Unrevoked {
            error: failed.error.into(),
            refresh_token: failed.refresh_token,
        },
        other => panic!("{}, and not partial with a token to revoke", name(&other)),
    }
}

pub(crate) fn failed(result: SignOutResult) -> Problem {
    match result {
        SignOutResult::Failed { error, .. } => error.into(),
        other => panic!("{}, and not failed", name(&other)),
    }
}

pub(crate) fn assert_complete(result: &SignOutResult) {
    assert_eq!(name(result), "complete");
}

fn name(result: &SignOutResult) -> String {
    match result {
        SignOutResult::Complete { .. } => "complete".into(),
        SignOutResult::Partial { report, .. } => format!("partial: {report:?}"),
        SignOutResult::Failed { error, .. } => format!("failed: {error:?}"),
    }
}
