//! The session on this device: stored, looked at, kept fresh, forgotten.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::runtime::Handle;

use super::{Auth, AuthError, check, refresh};
use crate::claims::Claims;
use crate::events::{AuthEvent, SignedOutReason};
use crate::options::DEFAULT_DEADLINE;
use crate::record::{Late, StoredSession};
use crate::session::{Device, Identity, SignedInWith, Tokens};
use crate::sign_out::Listener;
use crate::task;
use crate::vault::{VAULT_TIME, VaultError};

/// How long after a sign-in what earlier sessions owe is paid: the app's own first requests, and its own `settle_pending`,
/// which is told the results, go before.
const PAY_AFTER: Duration = Duration::from_secs(1);

/// Whether somebody is signed in, as the device knows it: no network is asked. There will be no fourth case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionState {
    /// A session is on record.
    SignedIn(Session),
    /// None is.
    SignedOut,
    /// The record cannot be read now. This is *not* "signed out": try again, or see the reason.
    Unavailable(VaultError),
}

/// What can be said of a session without showing its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// The user's `sub`: stable and unique in the user pool.
    pub sub: String,
    /// The username, where the tokens name one.
    pub username: Option<String>,
    /// How the user signed in.
    pub signed_in_with: SignedInWith,
    /// When the access token expires. It is refreshed by [`Auth::tokens`](crate::Auth::tokens) before then.
    pub access_token_expires: SystemTime,
    /// Whether Cognito has said that the refresh token is dead: ask the user to sign in again.
    pub expired: bool,
    /// The identity pool's id of the user, if the app has stored one.
    pub identity_id: Option<String>,
}

impl Auth {
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

    /// Forgets the session on this device, silently: no network, no event, no revocation. For a session that is known to
    /// be dead. Debts and devices stay.
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

    /// Removes everything of this app client from the keychain, without reading it: a corrupt record goes too. What was
    /// owed is forgotten with it.
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn purge_local(&self) -> Result<(), AuthError> {
        Ok(self.0.driver.store.purge(VAULT_TIME).await?)
    }
}
