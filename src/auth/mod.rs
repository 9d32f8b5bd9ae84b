//! The handle that an app holds.

#[cfg(test)]
mod tests;

mod builder;
mod check;
mod debts;
mod error;
mod refresh;
mod session;
mod shared;
mod sign_out;
mod two_calls;

pub use builder::AuthBuilder;
pub use error::AuthError;
pub use session::{Session, SessionState};
pub(crate) use shared::Shared;

use std::sync::Arc;
use std::time::Duration;

use crate::events::{AuthEvent, Events};
use crate::record::{Late, Record};
use crate::sign_out::Driver;
use crate::vault::VAULT_TIME;

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
