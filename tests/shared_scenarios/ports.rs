//! What an app gives the library: a transport, a browser, a vault and a listener. They do what the scenario says.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use cognito_signout::ffi::{
    AppStepCompletion, AppStepFailure, AppStepRunner, Auth, Browser, BrowserCompletion, EventListener,
    ExchangeCompletion, HostError, HttpHeader, HttpRequest, HttpResponse, HttpTransport, SessionState, SignOutOptions,
    Vault,
};
use cognito_signout::transport::{self, HttpTransport as _, RustlsTransport, TransportError};
use cognito_signout::vault::{VaultError, VaultKey};
use cognito_signout::{AuthEvent, BrowserError, LeavingSession, RedirectUri, SignedOutReason, TokenState};
use tokio::runtime::Handle;
use uniffi::UnexpectedUniFFICallbackError;
use url::Url;

use crate::words;

/// What a host's code throws: not an error of the library, with a text that must not be repeated.
fn thrown<E: From<UnexpectedUniFFICallbackError>>() -> E {
    UnexpectedUniFFICallbackError::new("thrown: SECRET").into()
}

/// Shared by a port and the test.
#[derive(Debug)]
pub(crate) struct Shared<T>(Arc<Mutex<T>>);

impl<T> Shared<T> {
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Default> Default for Shared<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// The process's `Auth`, for ports that call back. Set once it is made.
pub(crate) type Callee = Arc<OnceLock<Weak<Auth>>>;

fn callee(callee: &Callee) -> Arc<Auth> {
    callee.get().and_then(Weak::upgrade).unwrap()
}

/// A transport over a real one.
pub(crate) struct Transport {
    pub(crate) does: words::Transport,
    pub(crate) real: RustlsTransport,
    pub(crate) tokio: Handle,
    pub(crate) auth: Callee,
    /// The sessions that it got by calling back.
    pub(crate) saw: Shared<Vec<String>>,
    /// The exchanges that it never completes.
    pub(crate) kept: Shared<Vec<Arc<ExchangeCompletion>>>,
}

impl HttpTransport for Transport {
    fn start(&self, request: Arc<HttpRequest>, completion: Arc<ExchangeCompletion>) -> Result<(), TransportError> {
        let twice = match self.does {
            words::Transport::Throws => return Err(thrown()),
            words::Transport::LetsGo => return Ok(()),
            words::Transport::NeverCompletes => {
                self.kept.lock().push(completion);
                return Ok(());
            }
            words::Transport::CallsBack => {
                let session = self.tokio.block_on(callee(&self.auth).session());
                self.saw.lock().push(name(&session).into());
                false
            }
            words::Transport::CompletesTwice => true,
            words::Transport::Real => false,
        };
        let exchange = self.real.send(transport::HttpRequest {
            method: request.verb(),
            url: request.url(),
            headers: request.headers().into_iter().map(|h| (h.name, h.value)).collect(),
            body: request.body().to_vec().into(),
        });
        self.tokio.spawn(async move {
            let answer = tokio::select! {
                answer = exchange => answer,
                () = completion.closed() => return,
            };
            complete(&completion, answer);
            if twice {
                let late = TransportError::Other("late".into());
                assert!(!completion.fail(late), "not heard");
            }
        });
        Ok(())
    }
}

fn complete(completion: &ExchangeCompletion, answer: Result<transport::HttpResponse, TransportError>) {
    match answer {
        Ok(response) => completion.succeed(HttpResponse {
            status: response.status,
            headers: response
                .headers
                .into_iter()
                .map(|(name, value)| HttpHeader { name, value })
                .collect(),
            body: response.body.to_vec(),
        }),
        Err(error) => completion.fail(error),
    };
}

/// One of the app's own steps.
pub(crate) struct AppStep {
    pub(crate) step: words::AppStep,
    pub(crate) tokio: Handle,
    pub(crate) auth: Callee,
    /// What the steps were told, in order.
    pub(crate) told: Shared<Vec<String>>,
    /// The sessions that it got by calling back.
    pub(crate) saw: Shared<Vec<String>>,
    /// The steps that it never completes.
    pub(crate) kept: Shared<Vec<Arc<AppStepCompletion>>>,
}

impl AppStepRunner for AppStep {
    fn start(&self, session: LeavingSession, completion: Arc<AppStepCompletion>) -> Result<(), AppStepFailure> {
        self.told.lock().push(told(&self.step.name, &session));
        let failed = |reason: String| Err(AppStepFailure::Failed { reason });
        match self.step.does {
            words::StepDoes::Well => drop(completion.succeed()),
            words::StepDoes::Fails => return failed("for the test".into()),
            words::StepDoes::Leaks => {
                let token = session.access_token.map(|token| token.reveal().to_owned());
                return failed(format!("sent {}", token.unwrap()));
            }
            words::StepDoes::Throws => return Err(thrown()),
            words::StepDoes::LetsGo => {}
            words::StepDoes::Hangs => self.kept.lock().push(completion),
            words::StepDoes::CompletesTwice => {
                assert!(completion.succeed());
                assert!(!completion.succeed(), "not heard");
            }
            words::StepDoes::CallsBack => {
                let session = self.tokio.block_on(callee(&self.auth).session());
                self.saw.lock().push(name(&session).into());
                completion.succeed();
            }
            words::StepDoes::SignsOut => {
                let auth = callee(&self.auth);
                self.tokio.spawn(async move {
                    auth.sign_out(SignOutOptions::default()).await;
                    completion.succeed();
                });
            }
        }
        Ok(())
    }
}

/// As `push_token lives again`.
fn told(name: &str, session: &LeavingSession) -> String {
    let state = match session.token_state {
        TokenState::Lives => "lives",
        TokenState::MayHaveDied => "may_have_died",
        _ => "has_died",
    };
    let tokens = session.access_token.is_some() && session.id_token.is_some();
    let flags = [
        (tokens, " with_tokens"),
        (session.again, " again"),
        (session.signed_in_since, " signed_in_since"),
    ];
    let flags = flags.into_iter().filter_map(|(is_set, flag)| is_set.then_some(flag));
    format!("{name} {state}{}", flags.collect::<String>())
}

/// The user's browser.
pub(crate) struct TestBrowser {
    pub(crate) does: words::Browser,
    pub(crate) pages: Shared<usize>,
    /// The pages that it never leaves.
    pub(crate) kept: Shared<Vec<Arc<BrowserCompletion>>>,
}

impl Browser for TestBrowser {
    fn show(&self, _: Url, redirect: RedirectUri, completion: Arc<BrowserCompletion>) -> Result<(), BrowserError> {
        let redirect = redirect.to_string();
        *self.pages.lock() += 1;
        match self.does {
            words::Browser::ComesBack => drop(completion.redirected(redirect)),
            words::Browser::ComesBackTwice => {
                completion.redirected(redirect.clone());
                completion.redirected(redirect);
                completion.failed(BrowserError::Cancelled);
            }
            words::Browser::ComesBackWithError => drop(completion.redirected(format!("{redirect}?error=server_error"))),
            words::Browser::Cancelled => completion.failed(BrowserError::Cancelled),
            words::Browser::Unavailable => return Err(BrowserError::Unavailable("for the test".into())),
            words::Browser::Throws => return Err(thrown()),
            words::Browser::NeverComesBack => self.kept.lock().push(completion),
        }
        Ok(())
    }
}

/// The device's keychain. Clones share it, as processes do.
#[derive(Clone, Default)]
pub(crate) struct TestVault {
    record: Shared<Option<Vec<u8>>>,
    pub(crate) failing: Shared<words::VaultFailures>,
}

impl TestVault {
    fn asked(&self, how: words::VaultUse) -> Result<MutexGuard<'_, Option<Vec<u8>>>, VaultError> {
        match self.failing.lock().get(&how) {
            None => Ok(self.record.lock()),
            Some(words::VaultFailure::Locked) => Err(VaultError::Locked("for the test".into())),
            Some(words::VaultFailure::Other) => Err(VaultError::Other("for the test".into())),
            Some(words::VaultFailure::Throws) => Err(thrown()),
        }
    }
}

impl Vault for TestVault {
    fn read(&self, _: VaultKey) -> Result<Option<Vec<u8>>, VaultError> {
        Ok(self.asked(words::VaultUse::Read)?.clone())
    }

    fn write(&self, _: VaultKey, record: Vec<u8>) -> Result<(), VaultError> {
        *self.asked(words::VaultUse::Write)? = Some(record);
        Ok(())
    }

    fn delete(&self, _: VaultKey) -> Result<(), VaultError> {
        *self.asked(words::VaultUse::Delete)? = None;
        Ok(())
    }

    fn lock(&self, _: VaultKey, _: u64) -> Result<(), VaultError> {
        Ok(())
    }

    fn unlock(&self, _: VaultKey) -> Result<(), VaultError> {
        Ok(())
    }
}

/// Collects the events.
pub(crate) struct Listener {
    pub(crate) does: Option<words::Listener>,
    pub(crate) tokio: Handle,
    pub(crate) auth: Callee,
    pub(crate) heard: Shared<Vec<String>>,
    pub(crate) ended: Shared<usize>,
}

impl EventListener for Listener {
    fn on_event(&self, event: AuthEvent) -> Result<(), HostError> {
        let signed_in = event == AuthEvent::SignedIn;
        self.heard.lock().push(word(&event));
        if signed_in && self.does == Some(words::Listener::SignsOut) {
            self.tokio
                .block_on(callee(&self.auth).sign_out(SignOutOptions::default()));
        }
        Ok(())
    }

    fn on_end(&self) -> Result<(), HostError> {
        *self.ended.lock() += 1;
        Ok(())
    }
}

fn word(event: &AuthEvent) -> String {
    let word = match event {
        AuthEvent::SignedIn => "signed_in",
        AuthEvent::SignedOut { reason, app_reason } => {
            let ended = match reason {
                SignedOutReason::Local => "signed_out:local",
                SignedOutReason::Global => "signed_out:global",
                _ => "signed_out:replaced",
            };
            return match app_reason {
                Some(app_reason) => format!("{ended}:{app_reason}"),
                None => ended.into(),
            };
        }
        AuthEvent::SessionExpired { reason } => return format!("session_expired:{reason}"),
        AuthEvent::RevocationSettled => "revocation_settled",
        _ => "another",
    };
    word.into()
}

pub(crate) fn name(session: &SessionState) -> &'static str {
    match session {
        SessionState::SignedIn { .. } => "signed_in",
        SessionState::SignedOut => "signed_out",
        SessionState::Unavailable { .. } => "unavailable",
    }
}
