//! The handle that an app holds.

#[cfg(test)]
mod tests;

mod builder;
mod check;
mod error;
mod refresh;
mod shared;
mod two_calls;

pub use builder::AuthBuilder;
pub use error::AuthError;
pub(crate) use shared::Shared;

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::claims::Claims;
use crate::error::StepError;
use crate::events::{AuthEvent, Events, SignedOutReason};

use crate::options::{DEFAULT_DEADLINE, SignOutOptions};
use crate::record::{Debt, Late, Record, StoredSession};
use crate::session::{Device, Identity, Session, SessionState, SignedInWith, Tokens};
use crate::sign_out::{Driver, Listener, Partial, Resumed, Run, SignOutResult, WebVisit};
use crate::task::{self, Answer};
use crate::vault::{VAULT_TIME, VaultError};

/// How long after a sign-in what earlier sessions owe is paid: the app's own first requests, and its own `settle_pending`,
/// which is told the results, go before.
const PAY_AFTER: Duration = Duration::from_secs(1);

/// The session of one app client, and the way out of it.
///
/// Cheap to make and to clone; clones share everything, and handles that were made apart over one record share what belongs
/// to it: see [`builder`](Self::builder). Its methods must be called within a Tokio runtime, and what they
/// begin goes on in tasks of its own: dropping a future stops nothing half-way.
///
/// Here over `FakeCognito` (feature `test-util`) and a vault in memory; an app for a desktop says
/// `Auth::new(config)` in place of the builder.
///
/// ```
/// use cognito_signout::fake_cognito::FakeCognito;
/// use cognito_signout::transport::RustlsTransport;
/// use cognito_signout::vault::MemoryVault;
/// use cognito_signout::{Auth, AuthConfig, SessionState, SignOutOptions, SignOutResult, SignedInWith, Tokens};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let fake = FakeCognito::start().await?;
/// let config = AuthConfig::builder(fake.user_pool_id(), fake.client_id()).endpoint(fake.url().as_str()).build()?;
/// let auth = Auth::builder(config, MemoryVault::default(), RustlsTransport::new()).build();
///
/// // The app signs the user in by whatever way it has, and gives the tokens.
/// let issued = fake.sign_in("ana");
/// let tokens = Tokens::new(issued.access.clone(), issued.id.clone(), issued.refresh.clone());
/// auth.store_session(tokens, SignedInWith::Api).await?;
/// let SessionState::SignedIn(session) = auth.session().await else { panic!("signed in a moment ago") };
/// assert_eq!(session.username.as_deref(), Some("ana"));
///
/// let result = auth.sign_out(SignOutOptions::local()).await;
/// assert!(matches!(result, SignOutResult::Complete(_)));
/// assert_eq!(auth.session().await, SessionState::SignedOut);
/// assert!(!fake.is_refresh_token_live(&issued.refresh));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Auth(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    driver: Arc<Driver>,
    client_id: String,
    refresh_margin: Duration,
    shared: Arc<Shared>,
}

impl Auth {
    /// Every [`AuthEvent`] from now on.
    ///
    /// ```
    /// # use cognito_signout::{Auth, AuthEvent};
    /// async fn watch(auth: Auth) {
    ///     let mut events = auth.events();
    ///     // The app's own handle must not keep its own loop alive.
    ///     drop(auth);
    ///     while let Some(event) = events.next().await {
    ///         match event {
    ///             AuthEvent::SignedOut(why) => println!("show the sign-in page: {why:?}"),
    ///             AuthEvent::SessionExpired => println!("ask the user to sign in again"),
    ///             _ => {}
    ///         }
    ///     }
    /// }
    /// ```
    pub fn events(&self) -> Events {
        self.0.shared.turn.events.subscribe()
    }

    /// Stores the session of a user who has just signed in.
    ///
    /// A session that is on record already is replaced; if it is another one (not the same sign-in with newer tokens),
    /// its revocation is put on record. What is on record of it and of earlier sign-outs is then paid in the background, a second later,
    /// which this call does not wait for: [`AuthEvent::RevocationSettled`] tells of each.
    ///
    /// # Errors
    /// [`AuthError::InvalidInput`] if a token is empty, is not of its kind (access, ID, refresh), or belongs to another app
    /// client or user than the rest;
    /// [`AuthError::Vault`] if the keychain did not take it. Either way the record is what it was.
    pub async fn store_session(&self, tokens: Tokens, signed_in_with: SignedInWith) -> Result<(), AuthError> {
        let username = self.check(&tokens)?.username().map(str::to_owned);
        let now = self.0.driver.clock.now();
        let unpaid = self.update(Late::Undo, move |record| {
            let mut events = Vec::new();
            let same = record
                .session
                .take_if(|old| check::is_same_sign_in(&old.tokens, &tokens));
            if same.is_none() {
                if record.end_session(false, now).is_some() {
                    events.push(AuthEvent::SignedOut(SignedOutReason::Replaced));
                }
                record.generation = record.generation.wrapping_add(1);
            }
            events.push(AuthEvent::SignedIn);
            let identity = same.and_then(|same| same.identity);
            record.session = Some(StoredSession {
                tokens,
                signed_in_with,
                username,
                expired: false,
                identity,
            });
            (record.pending.clone(), events)
        });
        let unpaid = unpaid.await?;
        if !unpaid.is_empty() {
            let driver = Arc::clone(&self.0.driver);
            // Nobody hears of it: what cannot be paid stays on record.
            drop(task::spawn(&Handle::current(), async move {
                tokio::time::sleep(PAY_AFTER).await;
                driver.pay_all(unpaid, DEFAULT_DEADLINE, Listener::new()).await
            }));
        }
        Ok(())
    }

    /// Who is signed in, as the device knows it. Asks the keychain and nothing else.
    pub async fn session(&self) -> SessionState {
        let session = match self.0.driver.store.read(VAULT_TIME).await {
            Ok(record) => record.and_then(|record| record.session),
            Err(error) => return SessionState::Unavailable(error),
        };
        let Some(session) = session else {
            return SessionState::SignedOut;
        };
        match Claims::from_jwt(&session.tokens.access_token) {
            Ok(claims) => SessionState::SignedIn(Session {
                sub: claims.subject().unwrap_or_default().to_owned(),
                username: session.username,
                signed_in_with: session.signed_in_with,
                access_token_expires: claims.expires_at(),
                expired: session.expired,
                identity_id: session.identity.map(|identity| identity.identity_id),
            }),
            Err(error) => SessionState::Unavailable(VaultError::Corrupt(format!("the access token: {error}"))),
        }
    }

    /// The session's tokens, refreshed first if the access token is about to expire
    /// ([`refresh_margin`](crate::AuthConfig::refresh_margin)). Callers at the same time share one request (`InitiateAuth` with
    /// `REFRESH_TOKEN_AUTH`, or `GetTokensFromRefreshToken`). If it fails while the access token is still valid, that one
    /// is given.
    ///
    /// # Errors
    /// [`AuthError::SignedOut`]; [`AuthError::SessionExpired`] if Cognito says that the refresh token is dead;
    /// [`AuthError::Service`] if it cannot be asked, the session staying as it is; [`AuthError::Vault`].
    pub async fn tokens(&self) -> Result<Tokens, AuthError> {
        refresh::valid_tokens(&self.0.driver, &self.0.shared, Some(self.0.refresh_margin)).await
    }

    /// New tokens, even if those on record are good: new ones, or an error. As [`tokens`](Self::tokens) otherwise.
    ///
    /// # Errors
    /// Those of [`tokens`](Self::tokens).
    pub async fn refresh(&self) -> Result<Tokens, AuthError> {
        refresh::valid_tokens(&self.0.driver, &self.0.shared, None).await
    }

    /// Keeps an identity pool's identity beside the session, until the session ends. `None` removes it.
    ///
    /// # Errors
    /// [`AuthError::SignedOut`], [`AuthError::Vault`].
    pub async fn set_identity(&self, identity: Option<Identity>) -> Result<(), AuthError> {
        self.update(Late::Undo, move |record| {
            let stored = record
                .session
                .as_mut()
                .map(|session| session.identity = identity.map(Into::into));
            (stored.ok_or(AuthError::SignedOut), None)
        })
        .await?
    }

    /// The identity that was kept with [`set_identity`](Self::set_identity).
    ///
    /// # Errors
    /// [`AuthError::SignedOut`], [`AuthError::Vault`].
    pub async fn identity(&self) -> Result<Option<Identity>, AuthError> {
        let session = self.record().await?.session.ok_or(AuthError::SignedOut)?;
        Ok(session.identity.map(Into::into))
    }

    /// Keeps the metadata of a device that Cognito remembers for `username`. It outlives sign-out, and its key goes
    /// along with every refresh of that user's tokens. `None` removes it.
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn set_device(&self, username: &str, device: Option<Device>) -> Result<(), AuthError> {
        let username = username.to_owned();
        self.update(Late::Undo, move |record| {
            match device {
                Some(device) => record.devices.insert(username, device.into()),
                None => record.devices.remove(&username),
            };
            ((), None)
        })
        .await
    }

    /// The metadata that was kept with [`set_device`](Self::set_device).
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn device(&self, username: &str) -> Result<Option<Device>, AuthError> {
        Ok(self.record().await?.devices.remove(username).map(Into::into))
    }

    /// Signs out: of this device at once, then at Cognito, and says what was achieved.
    ///
    /// Calls at the same time join one sign-out. A global one that joins a local one makes it global, and one that wants
    /// the browser's session ended has it ended (see [`SignOutOptions::web`]); if it is too late for that, it gets `Partial`
    /// with [`JoinedTooLate`](crate::ErrorCode::JoinedTooLate). With nobody signed in the result is `Complete` and nothing
    /// is asked of Cognito.
    ///
    /// ```
    /// use std::time::Duration;
    /// use cognito_signout::{Auth, SignOutOptions, SignOutResult};
    ///
    /// async fn sign_out_everywhere(auth: &Auth) -> bool {
    ///     let options = SignOutOptions::global().deadline(Duration::from_secs(5));
    ///     let result = auth.sign_out(options).await;
    ///     if let SignOutResult::Failed(failed) = &result {
    ///         eprintln!("still signed in: {}; {}", failed.error, failed.error.recovery());
    ///     }
    ///     result.signed_out_locally()
    /// }
    /// ```
    pub async fn sign_out(&self, options: SignOutOptions) -> SignOutResult {
        let caller = Arc::new(());
        let new = |listener| Run::sign_out(&options, listener);
        let run = self.fly(Arc::downgrade(&caller), &options, new, None).await;
        run.result(Some(&options), self.0.driver.clock.now())
    }

    /// Runs what `new` makes to its end, from the end of its web step on if there is one; or joins what is under way. The
    /// `caller` holds the strong end for as long as it waits for the result.
    async fn fly(
        &self,
        caller: Listener,
        options: &SignOutOptions,
        new: impl Fn(Listener) -> Run,
        web_end: Option<Result<(), StepError>>,
    ) -> Arc<Run> {
        loop {
            let (driver, web_end) = (Arc::clone(&self.0.driver), web_end.clone());
            let is_joined = Cell::new(false);
            let (run, end) = self.0.shared.sign_out.fly(
                || new(caller.clone()).beside_a_browser(self.0.driver.web.has_browser()),
                |run| {
                    is_joined.set(true);
                    run.join(options, caller.clone());
                },
                |run| async move {
                    match web_end {
                        None => driver.drive(&run).await,
                        Some(end) => driver.drive_on(&run, end).await,
                    }
                },
            );
            // A task that was lost has left the run as it stood: the result tells.
            let _ = end.wait().await;
            // What another call has begun, for the app to go on with, is not what was asked for here.
            if !(is_joined.get() && run.waits_for_the_app()) {
                return run;
            }
        }
    }

    /// Tries again what failed in a `Partial`, with the tokens that it carries, or with what stands on record of it by
    /// now: what the record shows as paid is not asked for again. Once nothing of it is on record `RevokeToken` is asked
    /// again, which changes nothing. Last of all comes the browser's session, in the
    /// library's browser. An app that opens the browser itself calls [`begin_retry`](Self::begin_retry).
    ///
    /// ```
    /// # use cognito_signout::fake_cognito::{FakeCognito, Fault, Operation, ServiceError};
    /// # use cognito_signout::transport::RustlsTransport;
    /// # use cognito_signout::vault::MemoryVault;
    /// # use cognito_signout::{Auth, AuthConfig, SignOutOptions, SignOutResult, SignedInWith, Tokens};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// # let fake = FakeCognito::start().await?;
    /// # let config = AuthConfig::builder(fake.user_pool_id(), fake.client_id()).endpoint(fake.url().as_str()).build()?;
    /// # let auth = Auth::builder(config, MemoryVault::default(), RustlsTransport::new()).build();
    /// # let issued = fake.sign_in("ana");
    /// # auth.store_session(Tokens::new(issued.access, issued.id, issued.refresh), SignedInWith::Api).await?;
    /// fake.on(Operation::RevokeToken).once(Fault::Refuse(ServiceError::Forbidden));
    /// let SignOutResult::Partial(partial) = auth.sign_out(SignOutOptions::local()).await else { panic!("refused") };
    /// let failed = partial.revoke_token_error.as_ref().map(|failed| failed.error.code().as_str());
    /// assert_eq!(failed, Some("forbidden"));
    ///
    /// let result = auth.retry(&partial).await;
    /// assert!(matches!(result, SignOutResult::Complete(_)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn retry(&self, partial: &Partial) -> SignOutResult {
        let listening = Arc::new(());
        let run = self.start_retry(partial, Arc::downgrade(&listening), |run| run).await;
        self.retried(partial, run.ok())
    }

    /// The retry, as `with` changes it, in a task of its own.
    fn start_retry(
        &self,
        partial: &Partial,
        listener: Listener,
        with: impl FnOnce(Run) -> Run + Send + 'static,
    ) -> Answer<Arc<Run>> {
        let (driver, partial) = (Arc::clone(&self.0.driver), partial.clone());
        task::spawn(&Handle::current(), async move {
            driver.retry(&partial, listener, with).await
        })
    }

    /// The result of a retry; as of one that was interrupted at once, if its task was lost.
    fn retried(&self, partial: &Partial, run: Option<Arc<Run>>) -> SignOutResult {
        let now = self.0.driver.clock.now();
        let lost = || {
            let debt = partial.debt.clone();
            Arc::new(Run::retry(partial, debt, DEFAULT_DEADLINE, now, Listener::new()))
        };
        run.unwrap_or_else(lost).result(None, now)
    }

    /// To be called at launch: pays what a sign-out that was interrupted (the process was killed) has left, and what was
    /// kept; and says whether one waits for the browser. What cannot be paid now, as without a network, stays on record,
    /// whatever [`unpaid_revocations`](crate::AuthConfig::unpaid_revocations) says; its `Partial` says so
    /// ([`kept`](crate::Partial::kept)).
    ///
    /// ```
    /// # use cognito_signout::{Auth, AuthError, SignOutProgress, SignOutResult};
    /// # use url::Url;
    /// /// `opened_with`: the URL that the app was started with, if it was.
    /// async fn at_launch(auth: &Auth, opened_with: Option<Url>) -> Result<(), AuthError> {
    ///     let resumed = auth.resume().await?;
    ///     for result in resumed.settled {
    ///         match result {
    ///             SignOutResult::Partial(partial) if partial.kept => {} // tried again by itself
    ///             SignOutResult::Partial(partial) => eprintln!("not tried again by itself: {partial}"),
    ///             _ => {}
    ///         }
    ///     }
    ///     if let (Some(_waiting), Some(callback)) = (resumed.web_step, opened_with) {
    ///         if let SignOutProgress::Finished(result) = auth.finish_sign_out(Ok(callback)).await {
    ///             println!("signed out: {}", result.signed_out_locally());
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`AuthError::Vault`] if the record cannot be read: call again later.
    pub async fn resume(&self) -> Result<Resumed, AuthError> {
        let record = self.record().await?;
        let waiting = self.0.driver.waiting_sign_out(&record);
        let web_step = waiting.map(|(_, interrupted)| WebVisit::from(&interrupted.visit));
        let settled = self.pay(record.pending).await;
        Ok(Resumed { settled, web_step })
    }

    /// Pays what earlier sign-outs left on record, within ten seconds in all.
    ///
    /// What cannot be paid now stays on record, as with [`resume`](Self::resume); its `Partial` says so
    /// ([`kept`](crate::Partial::kept)). A debt that another call is paying at this moment is left out: if that fails, it
    /// stays on record.
    ///
    /// # Errors
    /// [`AuthError::Vault`] if the record cannot be read: call again later.
    pub async fn settle_pending(&self) -> Result<Vec<SignOutResult>, AuthError> {
        let debts = self.record().await?.pending;
        Ok(self.pay(debts).await)
    }

    async fn pay(&self, debts: Vec<Debt>) -> Vec<SignOutResult> {
        let driver = Arc::clone(&self.0.driver);
        let listening = Arc::new(());
        let listener = Arc::downgrade(&listening);
        let paid = task::spawn(&Handle::current(), async move {
            driver.pay_all(debts, DEFAULT_DEADLINE, listener).await
        });
        // A lost task leaves its debts on record.
        paid.await.unwrap_or_default()
    }

    /// Forgets the session on this device, silently: no network, no event, no revocation. For a session that is known to
    /// be dead. Debts and devices stay.
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn clear_local(&self) -> Result<(), AuthError> {
        self.update(Late::Stand, |record| {
            if record.session.take().is_some() {
                record.generation = record.generation.wrapping_add(1);
            }
            ((), None)
        })
        .await
    }

    /// Removes everything of this app client from the keychain, without reading it: a corrupt record goes too. What was
    /// owed is forgotten with it.
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn purge_local(&self) -> Result<(), AuthError> {
        Ok(self.0.driver.store.purge(VAULT_TIME).await?)
    }

    async fn record(&self) -> Result<Record, AuthError> {
        Ok(self
            .0
            .driver
            .store
            .read(VAULT_TIME)
            .await?
            .unwrap_or_else(Record::empty))
    }

    async fn update<T: Send + 'static, E: IntoIterator<Item = AuthEvent>>(
        &self,
        late: Late,
        change: impl FnOnce(&mut Record) -> (T, E) + Send + 'static,
    ) -> Result<T, AuthError> {
        Ok(self.0.driver.store.update(VAULT_TIME, late, change).await?)
    }
}
