//! Valid tokens for the app: the ones on record, or fresh ones, fetched once for all who ask.

use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::auth::AuthError;
use crate::claims::Claims;
use crate::cognito::Refreshed;
use crate::error::{ErrorCode, StepError};
use crate::events::AuthEvent;
use crate::session::Tokens;
use crate::sign_out::{Debt, Driver};
use crate::single_flight::SingleFlight;
use crate::vault::{Late, Record, VAULT_TIME};

/// How long a refresh may take, its retries included.
const REFRESH_TIME: Duration = Duration::from_secs(10);

/// One refresh at a time, for all who ask; dropping their futures does not stop it, since a rotated refresh token that
/// arrives must be written by somebody.
pub(crate) type RefreshFlight = SingleFlight<(), Result<Tokens, AuthError>>;

/// Gets tokens that are valid for longer than `margin`; if `margin` is `None`, new ones.
///
/// The record is read before any refresh is joined: after a sign-out, nobody joins one that began before it.
pub(crate) async fn valid_tokens(
    driver: &Arc<Driver>,
    flight: &Arc<RefreshFlight>,
    margin: Option<Duration>,
) -> Result<Tokens, AuthError> {
    let found = on_record(driver).await?;
    if is_fresh(driver, &found, margin) {
        return Ok(found.tokens);
    }
    let driver = Arc::clone(driver);
    let (_, answer) = flight.fly(|| (), |()| (), |_| async move { refresh(&driver, margin).await });
    answer.wait().await.unwrap_or_else(|| {
        Err(AuthError::Service(StepError::new(
            ErrorCode::Interrupted,
            "the task that ran the refresh was lost",
        )))
    })
}

async fn refresh(driver: &Driver, margin: Option<Duration>) -> Result<Tokens, AuthError> {
    let used = on_record(driver).await?;
    if is_fresh(driver, &used, margin) {
        return Ok(used.tokens);
    }
    let request = driver.cognito.refresh(
        &used.tokens.refresh_token,
        used.username.as_deref(),
        used.device_key.as_deref(),
    );
    let refreshed = tokio::time::timeout(REFRESH_TIME, request).await.unwrap_or_else(|_| {
        Err(StepError::new(
            ErrorCode::TimedOut,
            "Cognito had not answered when the refresh's time was over",
        ))
    });
    match refreshed {
        Ok(refreshed) => store(driver, used, refreshed).await,
        Err(error) if error.code() == ErrorCode::SessionExpired => mark_expired(driver, used).await,
        Err(error) => {
            // The tokens on record may be good for a while yet; if somebody signed out meanwhile, there are none.
            let found = on_record(driver).await?;
            let still_good = is_fresh(driver, &found, margin.map(|_| Duration::ZERO));
            if still_good {
                Ok(found.tokens)
            } else {
                Err(AuthError::Service(error))
            }
        }
    }
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

/// Writes refreshed tokens, unless the session that they belong to has ended or has moved on meanwhile.
async fn store(driver: &Driver, used: Debt, refreshed: Refreshed) -> Result<Tokens, AuthError> {
    enum Stored {
        /// These are the session's tokens now.
        Tokens(Tokens),
        /// The session has ended; the rotated refresh token, if any, was put among its debts.
        Ended(Option<Debt>),
    }
    let rotated = refreshed.refresh_token.is_some();
    let mut fresh = used.clone();
    refreshed.apply_to(&mut fresh.tokens);
    let stored = driver.store.update(VAULT_TIME, Late::Stand, move |record| {
        let ended = record.generation != used.id;
        let stored = match &mut record.session {
            Some(session) if !ended => {
                // Another process may have refreshed first: its tokens stand, since they may have been rotated.
                if session.tokens.refresh_token == used.tokens.refresh_token {
                    session.tokens = fresh.tokens;
                }
                Stored::Tokens(session.tokens.clone())
            }
            _ => {
                let orphan = rotated.then(|| Debt {
                    id: fastrand::u64(..1 << 52),
                    revoke: true,
                    ..fresh
                });
                record.pending.extend(orphan.clone());
                Stored::Ended(orphan)
            }
        };
        (stored, None)
    });
    match stored.await? {
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
    let marked = driver.store.update(VAULT_TIME, Late::Stand, move |record| {
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
