//! Valid tokens for the app: from the record, or new ones, fetched once for all callers.

use std::time::Duration;

use super::shared::REFRESH_TIME;
use super::{Auth, AuthError};
use crate::claims::Claims;
use crate::cognito::Refreshed;
use crate::end_reason::EndReason;
use crate::error::{ErrorCode, StepError};
use crate::events::AuthEvent;
use crate::record::{Debt, Fresh, Held, Late};
use crate::secret::Secret;
use crate::session::Tokens;
use crate::sign_out::Waiter;
use crate::vault::VAULT_TIME;

/// How long to wait before refreshed tokens are written again, after each time that the keychain did not take them.
const WRITE_AGAIN_AFTER: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(500)];

/// What became of refreshed tokens.
enum Stored {
    /// These are the session's tokens now.
    Tokens(Tokens),
    /// The session has ended. If the refresh token was rotated, this is its debt on record.
    Ended(Option<Debt>),
}

impl Auth {
    /// The session's tokens. If the access token is about to expire
    /// ([`refresh_margin`](crate::AuthConfig::refresh_margin)), they are refreshed first (`InitiateAuth` with
    /// `REFRESH_TOKEN_AUTH`, or `GetTokensFromRefreshToken`); callers at the same time share one request. If the refresh fails
    /// while the access token is still valid, that one is returned.
    ///
    /// # Errors
    /// [`AuthError::SignedOut`]; [`AuthError::SessionExpired`] if Cognito says that the session has ended
    /// ([`verify`](Self::verify) says why); [`AuthError::Service`] if Cognito cannot be asked, and then the session has not changed; [`AuthError::Vault`].
    pub async fn tokens(&self) -> Result<Tokens, AuthError> {
        self.valid_tokens(Some(self.0.refresh_margin)).await
    }

    /// New tokens, even if those on record are still valid: new ones, or an error. Otherwise as [`tokens`](Self::tokens).
    ///
    /// # Errors
    /// Those of [`tokens`](Self::tokens).
    pub async fn refresh(&self) -> Result<Tokens, AuthError> {
        self.valid_tokens(None).await
    }

    /// Tokens that are valid for longer than `margin`, or at least valid now if a refresh fails. If `margin` is `None`, new
    /// tokens.
    ///
    /// The record is read before any refresh is joined: after a sign-out, nobody joins a refresh that began before it.
    async fn valid_tokens(&self, margin: Option<Duration>) -> Result<Tokens, AuthError> {
        let mut first = None;
        loop {
            let found = self.live_session().await?;
            let seen = (found.id, found.tokens.access_token.clone());
            // New since this call began, if another call was faster.
            let is_new = first
                .replace(seen.clone())
                .is_some_and(|first| first.0 == seen.0 && first != seen);
            if is_new || self.is_fresh(&found, margin) {
                return Ok(found.tokens);
            }
            let old = seen.1;
            let auth = self.clone();
            let (replaced, answer) = self.0.shared.refresh.join_or_start(
                || old.clone(),
                |_| (),
                |old| async move { auth.fetch(&old).await },
            );
            let answer = answer.wait().await;
            if *replaced != old {
                // That refresh was for another token.
                continue;
            }
            let lost = || StepError::new(ErrorCode::Interrupted, "the task that ran the refresh was lost");
            match answer.unwrap_or_else(|| Err(AuthError::Service(lost()))) {
                Ok(Some(tokens)) => return Ok(tokens),
                Ok(None) => {}
                Err(AuthError::Service(error)) => {
                    // The tokens on record may still be valid. If somebody signed out meanwhile, there are none.
                    let found = self.live_session().await?;
                    let still_good = self.is_fresh(&found, margin.map(|_| Duration::ZERO));
                    return still_good.then_some(found.tokens).ok_or(AuthError::Service(error));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Fetches new tokens in place of those with the access token `old`. `None` if somebody else has.
    async fn fetch(&self, old: &Secret) -> Result<Option<Tokens>, AuthError> {
        let used = self.live_session().await?;
        if used.tokens.access_token != *old {
            return Ok(None);
        }
        let request = self.0.ports.cognito.refresh(
            &used.tokens.refresh_token,
            used.username.as_deref(),
            used.device_key.as_deref(),
            REFRESH_TIME,
        );
        let refreshed = tokio::time::timeout(REFRESH_TIME, request).await.unwrap_or_else(|_| {
            Err(StepError::new(
                ErrorCode::TimedOut,
                "Cognito did not respond within the time of a refresh",
            ))
        });
        let tokens = match refreshed {
            Ok(refreshed) => self.store_refreshed(used, refreshed).await,
            Err(error) => match error.end_reason() {
                Some(reason) => self.mark_expired(used, reason).await,
                None => Err(AuthError::Service(error)),
            },
        };
        tokens.map(Some)
    }

    fn is_fresh(&self, found: &Held, margin: Option<Duration>) -> bool {
        let claims = Claims::from_jwt(&found.tokens.access_token);
        let now = self.0.ports.clock.now();
        margin.is_some_and(|margin| claims.is_ok_and(|claims| !claims.expired_at(now, margin)))
    }

    /// The session on record, if its refresh token is not known to be dead.
    async fn live_session(&self) -> Result<Held, AuthError> {
        let record = self.record().await?;
        if record.session.as_ref().is_some_and(|session| session.expired) {
            return Err(AuthError::SessionExpired);
        }
        record.held().ok_or(AuthError::SignedOut)
    }

    /// Writes refreshed tokens, unless their session has ended or has newer ones. If the keychain does not take them, they are
    /// kept in memory and written at its next turn. The caller gets them now, unless the session is known to have ended.
    async fn store_refreshed(&self, used: Held, refreshed: Refreshed) -> Result<Tokens, AuthError> {
        let ports = &self.0.ports;
        let generation = used.id;
        let mut new = Held {
            id: fastrand::u64(..1 << 52),
            ..used.clone()
        };
        refreshed.apply_to(&mut new.tokens);
        let tokens = new.tokens.clone();
        let orphan = ports.store.keep(Fresh {
            generation,
            used: used.tokens.refresh_token,
            debt: Debt::of(new, false, false, ports.clock.now()),
        });
        let mut pauses = WRITE_AGAIN_AFTER.iter();
        let stored = loop {
            let write = ports.store.update(VAULT_TIME, Late::Keep, move |record| {
                let stored = match &record.session {
                    Some(session) if record.generation == generation => Stored::Tokens(session.tokens.clone()),
                    _ => Stored::Ended(record.debt(orphan).map(|position| record.pending[position].clone())),
                };
                (stored, None)
            });
            match (write.await, pauses.next()) {
                (Ok(stored), _) => break stored,
                (Err(error), None) => {
                    tracing::warn!(%error, "refreshed tokens are kept in memory until they can be written");
                    self.0.shared.revoke_at_the_end(&ports.cognito);
                    return match ports.store.last_seen() == Some(generation) {
                        true => Ok(tokens),
                        false => Err(AuthError::SignedOut),
                    };
                }
                // The old refresh token may be dead by now, so it is worth trying this write again.
                (Err(error), Some(pause)) => {
                    tracing::warn!(%error, "refreshed tokens could not be written");
                    tokio::time::sleep(*pause).await;
                }
            }
        };
        match stored {
            Stored::Tokens(tokens) => Ok(tokens),
            Stored::Ended(orphan) => {
                // Only this process knows this token, so only this process can revoke it. Nobody waits for the result: if this
                // fails, the debt stays on record.
                let debts = Vec::from_iter(orphan);
                let _ = self.0.driver.pay_all(debts, REFRESH_TIME, Waiter::new()).await;
                Err(AuthError::SignedOut)
            }
        }
    }

    /// Cognito says that the session with these tokens has ended. Another session on record is not touched.
    pub(super) async fn mark_expired(&self, used: Held, reason: EndReason) -> Result<Tokens, AuthError> {
        self.update(Late::Keep, move |record| {
            let ours = record.generation == used.id;
            match &mut record.session {
                Some(session) if ours && session.tokens.refresh_token == used.tokens.refresh_token => {
                    let event = (!session.expired).then_some(AuthEvent::SessionExpired { reason });
                    session.expired = true;
                    session.end_reason.get_or_insert(reason);
                    (Err(AuthError::SessionExpired), event)
                }
                // Another process has refreshed meanwhile.
                Some(session) if ours => (Ok(session.tokens.clone()), None),
                _ => (Err(AuthError::SignedOut), None),
            }
        })
        .await?
    }
}
