//! The handle that a host holds.

use std::future::Future;
use std::sync::Arc;

use tokio::runtime::Handle;
use url::Url;

use super::adopt::{AdoptedSession, Adoption};
use super::app_steps::AppStep;
use super::browser::{Browser, HostBrowser};
use super::config::AuthConfig;
use super::error::AuthError;
use super::events::{self, EventListener, StateListener, Subscription};
use super::live::Live;
use super::outcome::{BrowserAnswer, PartialSignOut, Resumed, SignOutProgress, SignOutResult};
use super::runtime::{self, Lost};
use super::scope::SessionScope;
use super::session::{Identity, SessionState};
use super::sessions::{PartialSignOutOthers, SignOutOthersResult, UserSession};
use super::time::duration;
use super::transport::{HostTransport, HttpTransport};
use super::vault::{HostVault, VaultChoice};
use super::verify::{RemoteSignOut, Verification};
use crate::error::StepError;
use crate::vault::{KeychainVault, MemoryVault};
use crate::{AppReason, Device, SignedInWith, Tokens, WebPolicy};

/// The host's side: how the library reaches Cognito, its storage and the browser.
#[derive(uniffi::Record)]
pub struct Ports {
    /// How requests reach Cognito.
    pub transport: Arc<dyn HttpTransport>,
    /// Where the record is stored.
    pub vault: VaultChoice,
    /// Ends browser sessions. Unset: the host opens the browser itself, in two calls.
    #[uniffi(default = None)]
    pub browser: Option<Arc<dyn Browser>>,
    /// The sign-out URIs that the browser can return to: a scheme (`myapp`), or a URI of which scheme, host and path count
    /// (`https://example.com/signed-out`). Of several configured URIs, the first such one is used. Empty: any.
    #[uniffi(default = [])]
    pub redirects: Vec<String>,
    /// The app's own steps of every sign-out.
    #[uniffi(default = [])]
    pub app_steps: Vec<AppStep>,
}

/// How to sign out.
#[derive(Debug, Clone, Default, uniffi::Record)]
pub struct SignOutOptions {
    /// Whether to end every session of the user, on every device.
    #[uniffi(default = false)]
    pub global: bool,
    /// The web policy. Default: the web step is required for a session that began in the shared browser; if the configuration
    /// says that the pool tracks sessions, the session in the browser ends by revocation.
    #[uniffi(default = None)]
    pub web: Option<WebPolicy>,
    /// One of the configured sign-out URIs. Default: the first that the browser can return to.
    #[uniffi(default = None)]
    pub sign_out_uri: Option<String>,
    /// The time limit of the call in milliseconds, without the user's time in the browser. Default: 10 s.
    #[uniffi(default = None)]
    pub deadline: Option<i64>,
    /// The time limit for the user in the browser, in milliseconds. Default: 3 minutes.
    #[uniffi(default = None)]
    pub browser_deadline: Option<i64>,
    /// Why the app signs out: 1 to 32 characters of a to z, 0 to 9, `_`, `.` and `-`. Not an `AppReason`, so that a wrong word is
    /// the result of the call. Never sent to Cognito.
    #[uniffi(default = None)]
    pub reason: Option<String>,
}

impl TryFrom<SignOutOptions> for crate::SignOutOptions {
    type Error = StepError;

    fn try_from(options: SignOutOptions) -> Result<Self, StepError> {
        let mut chosen = if options.global { Self::global() } else { Self::local() };
        if let Some(policy) = options.web {
            chosen = chosen.web(policy);
        }
        if let Some(uri) = options.sign_out_uri {
            chosen = chosen.sign_out_uri(uri);
        }
        if let Some(millis) = options.deadline {
            chosen = chosen.deadline(duration("deadline", millis)?);
        }
        if let Some(millis) = options.browser_deadline {
            chosen = chosen.browser_deadline(duration("browser_deadline", millis)?);
        }
        if let Some(word) = options.reason {
            chosen = chosen.reason(AppReason::new(word)?);
        }
        Ok(chosen)
    }
}

/// The session of one app client, and its sign-out. The calls are those of the crate's `Auth`.
#[derive(uniffi::Object)]
pub struct Auth {
    auth: crate::Auth,
    runtime: Handle,
    _live: Live,
}

#[uniffi::export]
impl Auth {
    /// The session of the configured app client. Touches neither network nor keychain.
    ///
    /// # Errors
    /// [`AuthError::Runtime`] if the system cannot start a thread. [`AuthError::InvalidInput`] if a step's name is not valid,
    /// or if two steps have the same.
    #[uniffi::constructor]
    pub fn new(config: Arc<AuthConfig>, ports: Ports) -> Result<Arc<Self>, AuthError> {
        let runtime = runtime::runtime()?.clone();
        let (config, transport) = (config.config.clone(), HostTransport(ports.transport));
        let mut builder = match ports.vault {
            VaultChoice::Keychain { options } => crate::Auth::builder(config, KeychainVault::from(options), transport),
            VaultChoice::Memory => crate::Auth::builder(config, MemoryVault::default(), transport),
            VaultChoice::Host { vault, identity } => {
                crate::Auth::builder(config, HostVault { vault, identity }, transport)
            }
        };
        if let Some(host) = ports.browser {
            builder = builder.browser(HostBrowser {
                host,
                redirects: ports.redirects,
            });
        }
        for step in ports.app_steps {
            builder = builder.sign_out_step(step.try_into().map_err(AuthError::invalid_input)?)?;
        }
        Ok(Arc::new(Self {
            auth: builder.build(),
            runtime,
            _live: Live::new(),
        }))
    }

    /// Delivers every event from now on to `listener`, until the subscription is cancelled or released. `returns_at_once`: the
    /// listener never blocks and never calls back, so it needs no thread of its own.
    #[uniffi::method(default(returns_at_once = false))]
    pub fn subscribe(&self, listener: Arc<dyn EventListener>, returns_at_once: bool) -> Arc<Subscription> {
        events::listen(&self.runtime, self.auth.events(), listener, returns_at_once)
    }

    /// Delivers the session's state to `listener`: the present one first, then each change, until the subscription is cancelled
    /// or released. `returns_at_once` as in [`subscribe`](Self::subscribe).
    #[uniffi::method(default(returns_at_once = false))]
    pub fn subscribe_states(&self, listener: Arc<dyn StateListener>, returns_at_once: bool) -> Arc<Subscription> {
        events::follow(&self.runtime, self.auth.session_states(), listener, returns_at_once)
    }

    /// Notices what another process or an extension of the app has done to the record, for example that it has signed out.
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn refresh_state(&self) -> Result<(), AuthError> {
        self.attempt(|auth| async move { auth.refresh_state().await }).await
    }

    /// The scope of the session on record. It ends in the instant in which the session ends.
    ///
    /// # Errors
    /// [`AuthError::SignedOut`], [`AuthError::Vault`].
    pub async fn session_scope(&self) -> Result<Arc<SessionScope>, AuthError> {
        let scope = self.attempt(|auth| async move { auth.session_scope().await }).await?;
        Ok(SessionScope::new(scope, &self.runtime))
    }

    /// Stores the session of a user who has just signed in.
    ///
    /// # Errors
    /// [`AuthError::InvalidInput`], [`AuthError::Vault`].
    pub async fn store_session(&self, tokens: Tokens, signed_in_with: SignedInWith) -> Result<(), AuthError> {
        self.attempt(|auth| async move { auth.store_session(tokens, signed_in_with).await })
            .await
    }

    /// Who is signed in, according to the record on this device. It sends no request.
    pub async fn session(&self) -> SessionState {
        match self.run(|auth| async move { auth.session().await }).await {
            Ok(state) => state.into(),
            Err(lost) => SessionState::Unavailable {
                problem: StepError::from(lost).into(),
            },
        }
    }

    /// Puts a session that another library has stored on record, with its identity and its device. Asks no server. A session that is
    /// on record already wins.
    pub async fn adopt(&self, session: AdoptedSession) -> Adoption {
        let adoption = async {
            let session = session.try_into()?;
            self.run(|auth| async move { auth.adopt(session).await })
                .await
                .map_err(AuthError::from)
        };
        match adoption.await {
            Ok(adoption) => adoption.into(),
            Err(error) => Adoption::Refused {
                problem: error.problem(),
            },
        }
    }

    /// The session's tokens. They are refreshed first if the access token is about to expire.
    ///
    /// # Errors
    /// [`AuthError::SignedOut`], [`AuthError::SessionExpired`], [`AuthError::Service`], [`AuthError::Vault`].
    pub async fn tokens(&self) -> Result<Tokens, AuthError> {
        self.attempt(|auth| async move { auth.tokens().await }).await
    }

    /// New tokens, even if those on record are still valid.
    ///
    /// # Errors
    /// Those of [`tokens`](Self::tokens).
    pub async fn refresh(&self) -> Result<Tokens, AuthError> {
        self.attempt(|auth| async move { auth.refresh().await }).await
    }

    /// Asks Cognito whether the session on record lives. One that has ended is marked as expired; nobody is signed out.
    pub async fn verify(&self) -> Verification {
        self.run(|auth| async move { auth.verify().await })
            .await
            .map_or_else(Into::into, Into::into)
    }

    /// Takes the app's own push message that says that the user was signed out at the server. If it is about the session on
    /// record, Cognito is asked as in [`verify`](Self::verify).
    pub async fn remote_sign_out(&self, message: String) -> RemoteSignOut {
        self.run(|auth| async move { auth.remote_sign_out(&message).await })
            .await
            .map_or_else(Into::into, Into::into)
    }

    /// Stores an identity pool's identity beside the session, until the session ends. Unset: removes it.
    ///
    /// # Errors
    /// [`AuthError::SignedOut`], [`AuthError::Vault`]; [`AuthError::InvalidInput`] for an expiry that is out of range for a date.
    pub async fn set_identity(&self, identity: Option<Identity>) -> Result<(), AuthError> {
        let identity = identity.map(TryInto::try_into).transpose()?;
        self.attempt(|auth| async move { auth.set_identity(identity).await })
            .await
    }

    /// The identity that `set_identity` stored.
    ///
    /// # Errors
    /// [`AuthError::SignedOut`], [`AuthError::Vault`].
    pub async fn identity(&self) -> Result<Option<Identity>, AuthError> {
        let identity = self.attempt(|auth| async move { auth.identity().await }).await?;
        Ok(identity.map(Into::into))
    }

    /// Stores the metadata of a device that Cognito remembers for `username`. Unset: removes it.
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn set_device(&self, username: String, device: Option<Device>) -> Result<(), AuthError> {
        self.attempt(|auth| async move { auth.set_device(&username, device).await })
            .await
    }

    /// The metadata that `set_device` stored.
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn device(&self, username: String) -> Result<Option<Device>, AuthError> {
        self.attempt(|auth| async move { auth.device(&username).await }).await
    }

    /// Signs out: first of this device, then at Cognito. The result says what was achieved. Concurrent calls join one sign-out. A
    /// caller that stops waiting does not stop it; an unpaid debt then stays on record.
    pub async fn sign_out(&self, options: SignOutOptions) -> SignOutResult {
        let options = match options.try_into() {
            Ok(options) => options,
            Err(wrong) => return SignOutResult::not_begun(wrong),
        };
        self.run_for_caller(|auth| async move { auth.sign_out(options).await })
            .await
            .map_or_else(Into::into, Into::into)
    }

    /// Tries the failed steps of a partial sign-out again, with the tokens that it carries.
    pub async fn retry(&self, partial: Arc<PartialSignOut>) -> SignOutResult {
        self.run_for_caller(|auth| async move { auth.retry(&partial.partial).await })
            .await
            .map_or_else(Into::into, Into::into)
    }

    /// Tries the failed steps of a partial sign-out again, for an app that opens the browser itself. It pays the debt, and
    /// returns the page to open if the browser's session must still be ended.
    pub async fn begin_retry(&self, partial: Arc<PartialSignOut>) -> SignOutProgress {
        self.run_for_caller(|auth| async move { auth.begin_retry(&partial.partial).await })
            .await
            .map_or_else(Into::into, Into::into)
    }

    /// Starts a sign-out, and stops where the app must open a page in the user's browser.
    pub async fn begin_sign_out(&self, options: SignOutOptions) -> SignOutProgress {
        let options = match options.try_into() {
            Ok(options) => options,
            Err(wrong) => return SignOutResult::not_begun(wrong).into(),
        };
        self.run_for_caller(|auth| async move { auth.begin_sign_out(options).await })
            .await
            .map_or_else(Into::into, Into::into)
    }

    /// Continues a sign-out that waits for the browser. A callback that is not a URL is ignored.
    pub async fn finish_sign_out(&self, answer: BrowserAnswer) -> SignOutProgress {
        let answer = match answer {
            BrowserAnswer::Redirected { callback } => match Url::parse(&callback) {
                Ok(callback) => Ok(callback),
                Err(_) => return SignOutProgress::Ignored,
            },
            BrowserAnswer::Failed { error } => Err(error),
        };
        self.run_for_caller(|auth| async move { auth.finish_sign_out(answer).await })
            .await
            .map_or_else(Into::into, Into::into)
    }

    /// Where the user is signed in: all the user's sessions in this user pool, the last active first.
    ///
    /// # Errors
    /// [`AuthError::Service`], for example with the code `session_tracking_off`; those of [`tokens`](Self::tokens).
    pub async fn sessions(&self) -> Result<Vec<UserSession>, AuthError> {
        let sessions = self.attempt(|auth| async move { auth.sessions().await }).await?;
        Ok(sessions.into_iter().map(Into::into).collect())
    }

    /// Ends another one of the user's sessions. If `linked`, what belongs to it ends too: for a token session the SSO session
    /// that it came through, for an SSO session all token sessions that came through it.
    ///
    /// # Errors
    /// [`AuthError::InvalidInput`] if `id` is not a session's id; [`AuthError::Service`] with the code `own_session` for the
    /// session of this app on this device, or `session_not_found`; those of [`sessions`](Self::sessions).
    #[uniffi::method(default(linked = false))]
    pub async fn end_session(&self, id: String, linked: bool) -> Result<(), AuthError> {
        self.attempt(|auth| async move { auth.end_session(&id, linked).await })
            .await
    }

    /// Ends every other session of the user: all token sessions but this app's on this device, and the browsers' SSO sessions
    /// but the one that this session came through.
    pub async fn sign_out_others(&self) -> SignOutOthersResult {
        self.run(|auth| async move { auth.sign_out_others().await })
            .await
            .map_or_else(Into::into, Into::into)
    }

    /// Tries again to end the sessions that `sign_out_others` has left, and only those.
    pub async fn retry_others(&self, partial: Arc<PartialSignOutOthers>) -> SignOutOthersResult {
        self.run(|auth| async move { auth.retry_others(&partial.partial).await })
            .await
            .map_or_else(Into::into, Into::into)
    }

    /// To be called at launch: pays the debts of earlier sign-outs, and says whether a sign-out waits for the browser.
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn resume(&self) -> Result<Resumed, AuthError> {
        let resumed = self.run_for_caller(|auth| async move { auth.resume().await }).await??;
        Ok(resumed.into())
    }

    /// Pays the debts that earlier sign-outs left on record.
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn settle_pending(&self) -> Result<Vec<SignOutResult>, AuthError> {
        let settled = self
            .run_for_caller(|auth| async move { auth.settle_pending().await })
            .await??;
        Ok(settled.into_iter().map(Into::into).collect())
    }

    /// Removes the session from this device, without a request and without an event.
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn clear_local(&self) -> Result<(), AuthError> {
        self.attempt(|auth| async move { auth.clear_local().await }).await
    }

    /// Removes everything of this app client from the keychain, without reading it.
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn purge_local(&self) -> Result<(), AuthError> {
        self.attempt(|auth| async move { auth.purge_local().await }).await
    }
}

impl Auth {
    fn run<F>(&self, call: impl FnOnce(crate::Auth) -> F) -> impl Future<Output = Result<F::Output, Lost>>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        runtime::run(&self.runtime, call(self.auth.clone()))
    }

    /// For a call that hands over debts: it ends with its caller.
    fn run_for_caller<F>(&self, call: impl FnOnce(crate::Auth) -> F) -> impl Future<Output = Result<F::Output, Lost>>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        runtime::run_for_caller(&self.runtime, call(self.auth.clone()))
    }

    fn attempt<T, F>(&self, call: impl FnOnce(crate::Auth) -> F) -> impl Future<Output = Result<T, AuthError>>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, crate::AuthError>> + Send + 'static,
    {
        runtime::attempt(&self.runtime, call(self.auth.clone()))
    }
}
