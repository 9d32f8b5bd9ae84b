//! Valid tokens for the app: the ones on record, or fresh ones, fetched once for all who ask.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::{AuthError, Shared};
use crate::claims::Claims;
use crate::cognito::Refreshed;
use crate::error::{ErrorCode, StepError};
use crate::events::AuthEvent;
use crate::record::{Debt, Fresh, Late, Record};
use crate::secret::Secret;
use crate::session::Tokens;
use crate::sign_out::Driver;
use crate::task::single_flight::SingleFlight;
use crate::vault::VAULT_TIME;

/// How long a refresh may take, its retries included.
pub(crate) const REFRESH_TIME: Duration = Duration::from_secs(10);

/// How long to wait before refreshed tokens are written again, each time the keychain did not take them.
const WRITE_AGAIN_AFTER: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(500)];

/// One refresh at a time, for all who ask; dropping their futures does not stop it, since a rotated refresh token that
/// arrives must be written by somebody. Shared is the access token that is to be replaced. It only fetches: what the answer
/// means to a caller is the caller's business. `None`: somebody else has replaced that token.
pub(crate) type RefreshFlight = SingleFlight<Secret, Result<Option<Tokens>, AuthError>>;

/// Gets tokens that are valid for longer than `margin`, or, if that cannot be had, that are valid at all; if `margin` is
/// `None`, new ones.
///
/// The record is read before any refresh is joined: after a sign-out, nobody joins one that began before it.
pub(crate) async fn valid_tokens(
    driver: &Arc<Driver>,
    shared: &Arc<Shared>,
    margin: Option<Duration>,
) -> Result<Tokens, AuthError> {
    let mut first = None;
    loop {
        let found = on_record(driver).await?;
        let seen = (found.id, found.tokens.access_token.clone());
        // New since this call began, if somebody else was faster.
        let is_new = first
            .replace(seen.clone())
            .is_some_and(|first| first.0 == seen.0 && first != seen);
        if is_new || is_fresh(driver, &found, margin) {
            return Ok(found.tokens);
        }
        let old = seen.1;
        let (driver_of_flight, shared_of_flight) = (Arc::clone(driver), Arc::clone(shared));
        let (replaced, answer) = shared.refresh.fly(
            || old.clone(),
            |_| (),
            |old| async move { fetch(&driver_of_flight, &shared_of_flight, &old).await },
        );
        let answer = answer.wait().await;
        if *replaced != old {
            // It was another token's, and its answer is no answer here.
            continue;
        }
        let lost = || StepError::new(ErrorCode::Interrupted, "the task that ran the refresh was lost");
        match answer.unwrap_or_else(|| Err(AuthError::Service(lost()))) {
            Ok(Some(tokens)) => return Ok(tokens),
            Ok(None) => {}
            Err(AuthError::Service(error)) => {
                // The tokens on record may be good for a while yet; if somebody signed out meanwhile, there are none.
                let found = on_record(driver).await?;
                let still_good = is_fresh(driver, &found, margin.map(|_| Duration::ZERO));
                return still_good.then_some(found.tokens).ok_or(AuthError::Service(error));
            }
            Err(error) => return Err(error),
        }
    }
}

/// Fetches new tokens in place of those with the access token `old`, unless somebody else has.
async fn fetch(driver: &Driver, shared: &Shared, old: &Secret) -> Result<Option<Tokens>, AuthError> {
    let used = on_record(driver).await?;
    if used.tokens.access_token != *old {
        return Ok(None);
    }
    let request = driver.cognito.refresh(
        &used.tokens.refresh_token,
        used.username.as_deref(),
        used.device_key.as_deref(),
        REFRESH_TIME,
    );
    let refreshed = tokio::time::timeout(REFRESH_TIME, request).await.unwrap_or_else(|_| {
        Err(StepError::new(
            ErrorCode::TimedOut,
            "Cognito had not answered when the refresh's time was over",
        ))
    });
    let tokens = match refreshed {
        Ok(refreshed) => store(driver, shared, used, refreshed).await,
        Err(error) if error.code() == ErrorCode::SessionExpired => mark_expired(driver, used).await,
        Err(error) => Err(AuthError::Service(error)),
    };
    tokens.map(Some)
}

fn is_fresh(driver: &Driver, found: &Debt, margin: Option<Duration>) -> bool {
    let claims = Claims::from_jwt(&found.tokens.access_token);
    margin.is_some_and(|margin| claims.is_ok_and(|claims| !claims.expired_at(driver.clock.now(), margin)))
}

/// The session on record, as the debt that it would be: the tokens with what a refresh needs beside them.
async fn on_record(driver: &Driver) -> Result<Debt, AuthError> {
    let record = driver.store.read(VAULT_TIME).await?.unwrap_or_else(Record::empty);
    let session = record.session.as_ref().ok_or(AuthError::SignedOut)?;
    if session.expired {
        return Err(AuthError::SessionExpired);
    }
    Ok(Debt::of(
        session,
        record.generation,
        record.device_key(),
        false,
        driver.clock.now(),
    ))
}

/// What became of refreshed tokens.
enum Stored {
    /// These are the session's tokens now.
    Tokens(Tokens),
    /// The session has ended; the rotated refresh token, if any, was put among its debts.
    Ended(Option<Debt>),
}

/// Writes refreshed tokens, unless the session that they belong to has ended or has moved on meanwhile. A keychain that
/// does not take them gets them at its next turn; the caller gets them now, unless it is known that the session has ended.
async fn store(driver: &Driver, shared: &Shared, used: Debt, refreshed: Refreshed) -> Result<Tokens, AuthError> {
    let generation = used.id;
    let mut fresh = Fresh {
        generation,
        used: used.tokens.refresh_token.clone(),
        debt: Debt {
            id: fastrand::u64(..1 << 52),
            revoke: true,
            ..used
        },
    };
    refreshed.apply_to(&mut fresh.debt.tokens);
    let orphan = driver.store.keep(fresh.clone());
    let mut pauses = WRITE_AGAIN_AFTER.iter();
    let stored = loop {
        let write = driver.store.update(VAULT_TIME, Late::Keep, move |record| {
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
                shared.revoke_at_the_end(&driver.cognito);
                return match driver.store.last_seen() == Some(generation) {
                    true => Ok(fresh.debt.tokens),
                    false => Err(AuthError::SignedOut),
                };
            }
            // The old refresh token may be worth nothing by now, so this write is worth trying again.
            (Err(error), Some(pause)) => {
                tracing::warn!(%error, "refreshed tokens could not be written");
                tokio::time::sleep(*pause).await;
            }
        }
    };
    match stored {
        Stored::Tokens(tokens) => Ok(tokens),
        Stored::Ended(orphan) => {
            // Nobody else knows this token, so nobody else can revoke it. Nobody listens either: it stays on record if this
            // fails.
            let _ = driver.pay_all(Vec::from_iter(orphan), REFRESH_TIME, Weak::new()).await;
            Err(AuthError::SignedOut)
        }
    }
}

/// The refresh token that was used is dead.
async fn mark_expired(driver: &Driver, used: Debt) -> Result<Tokens, AuthError> {
    let marked = driver.store.update(VAULT_TIME, Late::Keep, move |record| {
        let ours = record.generation == used.id;
        match &mut record.session {
            Some(session) if ours && session.tokens.refresh_token == used.tokens.refresh_token => {
                let event = (!session.expired).then_some(AuthEvent::SessionExpired);
                session.expired = true;
                (Err(AuthError::SessionExpired), event)
            }
            // Another process has refreshed meanwhile.
            Some(session) if ours => (Ok(session.tokens.clone()), None),
            _ => (Err(AuthError::SignedOut), None),
        }
    });
    marked.await?
}
