//! The handle that an app holds.

#[cfg(test)]
mod tests;

#[cfg(feature = "adopt")]
mod adopt;
mod builder;
mod check;
mod classify;
mod debts;
mod error;
mod refresh;
mod remote_sign_out;
mod session;
mod sessions;
mod shared;
mod sign_out;
mod states;
mod two_calls;
mod verify;

#[cfg(feature = "adopt")]
pub use adopt::Adoption;
pub use builder::AuthBuilder;
pub use debts::Resumed;
pub use error::AuthError;
pub use remote_sign_out::RemoteSignOut;
pub use session::{Session, SessionState};
pub use sessions::{
    EndedSession, SignOutOthersComplete, SignOutOthersFailed, SignOutOthersPartial, SignOutOthersResult,
};
pub use states::SessionStates;
pub use two_calls::SignOutProgress;
pub use verify::Verification;

use std::sync::Arc;
use std::time::Duration;

use crate::events::{AuthEvent, Events};
use crate::record::{Late, Record};
use crate::sign_out::{Driver, Ports};
use crate::vault::{VAULT_TIME, VaultError};
use shared::Shared;

/// The session of one app client, and the way out of it.
///
/// Cheap to make and to clone. Clones share everything; handles that were built separately over one record share what belongs
/// to that record: see [`builder`](Self::builder). Call its methods within a Tokio runtime. What they begin runs in tasks of
/// its own: dropping a future stops nothing half-way.
///
/// This example uses `FakeCognito` (feature `test-util`) and a vault in memory. An app for a desktop calls
/// `Auth::new(config)` instead of the builder.
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
/// // The app signs the user in, and gives the tokens.
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
    ports: Arc<Ports>,
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
    ///     // This handle must not keep this loop alive.
    ///     drop(auth);
    ///     while let Some(event) = events.next().await {
    ///         match event {
    ///             AuthEvent::SignedOut { reason, .. } => println!("show the sign-in page: {reason:?}"),
    ///             AuthEvent::SessionExpired { reason } => println!("ask the user to sign in again: {reason}"),
    ///             _ => {}
    ///         }
    ///     }
    /// }
    /// ```
    pub fn events(&self) -> Events {
        self.0.shared.turn.events.subscribe()
    }

    async fn record(&self) -> Result<Record, AuthError> {
        let record = self.0.ports.store.read(VAULT_TIME).await?;
        Ok(record.unwrap_or_else(Record::empty))
    }

    fn update<T: Send + 'static, E: IntoIterator<Item = AuthEvent>>(
        &self,
        late: Late,
        change: impl FnOnce(&mut Record) -> (T, E) + Send + 'static,
    ) -> impl Future<Output = Result<T, AuthError>> {
        updated(self.0.ports.store.update(VAULT_TIME, late, change))
    }
}

/// Compiled once for every type of answer, and not for every change.
async fn updated<T>(update: impl Future<Output = Result<T, VaultError>>) -> Result<T, AuthError> {
    Ok(update.await?)
}
