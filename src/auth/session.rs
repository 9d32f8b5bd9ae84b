//! The session on this device: stored, read, forgotten; and what is kept beside it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::check::is_same_sign_in;
use super::{Auth, AuthError};
use crate::claims::Claims;
use crate::events::{AuthEvent, SignedOutReason};
use crate::options::DEFAULT_DEADLINE;
use crate::record::{Late, StoredSession};
use crate::session::{Device, Identity, SignedInWith, Tokens};
use crate::sign_out::Waiter;
use crate::task;
use crate::vault::{VAULT_TIME, VaultError};

/// How long after a sign-in the debts of earlier sessions are paid. The app's first requests go first, and so does its own
/// `settle_pending`, which returns the results.
const PAY_AFTER: Duration = Duration::from_secs(1);

/// Whether a user is signed in, according to this device: the network is not asked. There will be no fourth case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionState {
    /// A session is on record.
    SignedIn(Session),
    /// No session is on record.
    SignedOut,
    /// The record cannot be read now. This does *not* mean "signed out": see the reason, or try again.
    Unavailable(VaultError),
}

/// A session, without its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// The user's `sub`: stable and unique in the user pool.
    pub sub: String,
    /// The username, if the tokens name one.
    pub username: Option<String>,
    /// How the user signed in.
    pub signed_in_with: SignedInWith,
    /// When the access token expires. [`Auth::tokens`](crate::Auth::tokens) refreshes it before then.
    pub access_token_expires: SystemTime,
    /// Whether Cognito has said that the session has ended. If so, ask the user to sign in again.
    /// [`Auth::verify`](crate::Auth::verify) says why.
    pub expired: bool,
    /// The identity pool's id of the user, if the app has stored one.
    pub identity_id: Option<String>,
}

impl Auth {
    /// Stores the session of a user who has just signed in.
    ///
    /// A session that is already on record is replaced. If it comes from another sign-in, its revocation becomes a debt on
    /// record. A second later the debts on record are paid in the background, which this call does not wait for:
    /// [`AuthEvent::RevocationSettled`] reports each.
    ///
    /// # Errors
    /// [`AuthError::InvalidInput`] if a token is empty, is not of its kind (access, ID, refresh), or belongs to another app
    /// client or user than the others; [`AuthError::Vault`] if the keychain did not take it. Either way the record has not
    /// changed.
    pub async fn store_session(&self, tokens: Tokens, signed_in_with: SignedInWith) -> Result<(), AuthError> {
        let username = self.check(&tokens)?.username().map(str::to_owned);
        let now = self.0.ports.clock.now();
        let unpaid = self.update(Late::Undo, move |record| {
            let mut events = Vec::new();
            let same = record.session.take_if(|old| is_same_sign_in(&old.tokens, &tokens));
            if same.is_none() {
                if record.end_session(false, false, now).is_some() {
                    events.push(AuthEvent::SignedOut {
                        reason: SignedOutReason::Replaced,
                        app_reason: None,
                    });
                }
                record.generation = record.generation.wrapping_add(1);
            }
            events.push(AuthEvent::SignedIn);
            let (identity, unknown) = same.map(|same| (same.identity, same.unknown)).unwrap_or_default();
            record.session = Some(StoredSession {
                tokens,
                signed_in_with,
                username,
                expired: false,
                end_reason: None,
                identity,
                unknown,
            });
            (record.pending.clone(), events)
        });
        let unpaid = unpaid.await?;
        if !unpaid.is_empty() {
            let driver = Arc::clone(&self.0.driver);
            // Nobody gets the results: what cannot be paid stays on record.
            drop(task::spawn(&Handle::current(), async move {
                tokio::time::sleep(PAY_AFTER).await;
                driver.pay_all(unpaid, DEFAULT_DEADLINE, Waiter::new()).await
            }));
        }
        Ok(())
    }

    /// Who is signed in, according to this device. Reads the keychain and nothing else.
    pub async fn session(&self) -> SessionState {
        let session = match self.0.ports.store.read(VAULT_TIME).await {
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
            Err(error) => SessionState::Unavailable(VaultError::Corrupt(error.of_token("access"))),
        }
    }

    /// Notices what another process or an extension of the app has done to the record, for example that it has signed out. Then
    /// the event [`SignedOut`](AuthEvent::SignedOut) is sent once, with the reason
    /// [`Elsewhere`](SignedOutReason::Elsewhere); [`session_states`](Self::session_states) has the new state, and the
    /// [`session_scope`](Self::session_scope) is cancelled. Nothing else happens.
    ///
    /// Every call that reads the record notices the same. Call this one when the app comes to the front.
    ///
    /// # Errors
    /// [`AuthError::Vault`]: call again later.
    pub async fn refresh_state(&self) -> Result<(), AuthError> {
        self.record().await.map(drop)
    }

    /// The scope of the session on record: a token that is cancelled in the instant in which the session ends. That is the
    /// commit of a sign-out, another session in its place, [`clear_local`](Self::clear_local),
    /// [`purge_local`](Self::purge_local), or the moment when another process is found to have signed out. The next session has
    /// a new scope. Requests, sockets and subscriptions of the user can end with it.
    ///
    /// ```
    /// # use cognito_signout::{Auth, AuthError};
    /// # async fn receive_messages() {}
    /// async fn while_signed_in(auth: &Auth) -> Result<(), AuthError> {
    ///     let scope = auth.session_scope().await?;
    ///     scope.run_until_cancelled(receive_messages()).await;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`AuthError::SignedOut`], [`AuthError::Vault`].
    pub async fn session_scope(&self) -> Result<CancellationToken, AuthError> {
        let held = self.record().await?.held().ok_or(AuthError::SignedOut)?;
        self.0.ports.store.scope(held.id).ok_or(AuthError::SignedOut)
    }

    /// Stores an identity pool's identity beside the session, until the session ends. `None` removes it.
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

    /// The identity that was stored with [`set_identity`](Self::set_identity).
    ///
    /// # Errors
    /// [`AuthError::SignedOut`], [`AuthError::Vault`].
    pub async fn identity(&self) -> Result<Option<Identity>, AuthError> {
        let session = self.record().await?.session.ok_or(AuthError::SignedOut)?;
        Ok(session.identity.map(Into::into))
    }

    /// Stores the metadata of a device that Cognito remembers for `username`. It outlives sign-out, and its key is sent with
    /// every refresh of that user's tokens. `None` removes it.
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

    /// The metadata that was stored with [`set_device`](Self::set_device).
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn device(&self, username: &str) -> Result<Option<Device>, AuthError> {
        Ok(self.record().await?.devices.remove(username).map(Into::into))
    }

    /// Removes the session from this device, silently: no request, no event, no revocation. For a session that is known to be
    /// dead. Debts and devices stay.
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn clear_local(&self) -> Result<(), AuthError> {
        self.update(Late::Keep, |record| {
            if record.session.take().is_some() {
                record.generation = record.generation.wrapping_add(1);
            }
            ((), None)
        })
        .await
    }

    /// Removes everything of this app client from the keychain, without reading it, so a corrupt record goes too. What earlier
    /// sign-outs owe is lost with it.
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn purge_local(&self) -> Result<(), AuthError> {
        Ok(self.0.ports.store.purge(VAULT_TIME).await?)
    }
}
