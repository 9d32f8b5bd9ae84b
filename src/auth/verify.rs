//! Whether the session lives at Cognito.

use std::time::Duration;

use tokio::time::Instant;

use super::{Auth, AuthError};
use crate::claims::Claims;
use crate::end_reason::EndReason;
use crate::error::{ErrorCode, StepError};
use crate::options::DEFAULT_DEADLINE;
use crate::record::{Held, Record};
use crate::session::Tokens;

/// Whether the session lives at Cognito, from [`Auth::verify`]. Every outcome is data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// Cognito has just accepted the session's tokens.
    Alive,
    /// Cognito no longer accepts the session, for this reason. It is marked as expired on this device. Ask the user to sign in
    /// again.
    Ended(EndReason),
    /// It is not known now, and nothing has changed: Cognito could not be asked or answered something else, the keychain could
    /// not be read, or nobody is signed in (any more).
    Unknown(AuthError),
}

impl Auth {
    /// Asks Cognito whether the session on record lives, within ten seconds.
    ///
    /// The request is `GetUser`, with the session's access token. A refresh asks instead if the access token has expired, or if it
    /// lacks the scope `aws.cognito.signin.user.admin`, which `GetUser` needs. If `GetUser` refuses the token, a refresh decides:
    /// it also tells a disabled user from a revoked session. Where refresh tokens rotate, a refresh rotates this one.
    ///
    /// If the session has ended, it is marked as expired, and the event
    /// [`SessionExpired`](crate::AuthEvent::SessionExpired) is sent once, as after a refused refresh. Nobody is signed out: the
    /// app calls [`sign_out`](Self::sign_out), or asks the user to sign in again. For a session that is already marked, the
    /// answer comes from the record. Only the session that was asked about is ever marked.
    ///
    /// Call it when the app comes to the front, or when the app's own API refuses a token:
    /// [`classify_www_authenticate`](Self::classify_www_authenticate).
    ///
    /// ```
    /// # use cognito_signout::{Auth, Verification};
    /// async fn came_to_the_front(auth: &Auth) {
    ///     match auth.verify().await {
    ///         Verification::Alive => {}
    ///         Verification::Ended(reason) => println!("ask the user to sign in again: {reason}"),
    ///         Verification::Unknown(error) => println!("not known now: {error}"),
    ///     }
    /// }
    /// ```
    pub async fn verify(&self) -> Verification {
        match self.record().await {
            Ok(record) => self.verify_session_of(record).await,
            Err(error) => Verification::Unknown(error),
        }
    }

    /// The same for the session of a record that was read.
    pub(super) async fn verify_session_of(&self, record: Record) -> Verification {
        self.ask_about(record).await.unwrap_or_else(Verification::Unknown)
    }

    async fn ask_about(&self, record: Record) -> Result<Verification, AuthError> {
        let own = record.held().ok_or(AuthError::SignedOut)?;
        if let Some(ended) = marked(&record) {
            return Ok(ended);
        }
        let end = Instant::now() + DEFAULT_DEADLINE;
        let timed_out = || StepError::new(ErrorCode::TimedOut, "Cognito did not respond in time");
        let asked = tokio::time::timeout_at(end, self.ask(&own, end))
            .await
            .unwrap_or_else(|_| Err(timed_out().into()));
        // What was said holds for the session that was asked about. It may be gone, or another call may have marked it.
        let now = self.record().await?;
        match marked(&now) {
            _ if now.session.is_none() || now.generation != own.id => Err(AuthError::SignedOut),
            Some(ended) => Ok(ended),
            None => asked.map(|()| Verification::Alive),
        }
    }

    /// Succeeds if Cognito accepts the session's tokens. If it says that the session has ended, the session is marked.
    async fn ask(&self, own: &Held, end: Instant) -> Result<(), AuthError> {
        let claims = Claims::from_jwt(&own.tokens.access_token);
        let now = self.0.ports.clock.now();
        let can_ask =
            claims.is_ok_and(|claims| claims.can_sign_out_globally() && !claims.expired_at(now, Duration::ZERO));
        let refused = match can_ask {
            false => None,
            true => match self.get_user(&own.tokens, end).await {
                Ok(()) => return Ok(()),
                Err(error) if is_about_the_token(&error) => Some(error),
                Err(error) => return Err(error.into()),
            },
        };
        if self.0.ports.store.last_seen() != Some(own.id) {
            return Err(AuthError::SignedOut);
        }
        let tokens = self.refresh().await?;
        // The refresh was accepted. `GetUser` is asked once more if it can answer.
        if refused.is_none_or(|error| error.code() == ErrorCode::MissingScope) {
            return Ok(());
        }
        let Err(error) = self.get_user(&tokens, end).await else {
            return Ok(());
        };
        if let Some(reason) = error.end_reason().filter(is_certain) {
            let used = Held { tokens, ..own.clone() };
            self.mark_expired(used, reason).await?;
        }
        Err(error.into())
    }

    async fn get_user(&self, tokens: &Tokens, end: Instant) -> Result<(), StepError> {
        let left = end.saturating_duration_since(Instant::now());
        self.0.ports.cognito.accepts(&tokens.access_token, left).await
    }
}

/// What the record says, if its session is marked as expired.
fn marked(record: &Record) -> Option<Verification> {
    let session = record.session.as_ref().filter(|session| session.expired)?;
    Some(Verification::Ended(session.end_reason.unwrap_or(EndReason::Unknown)))
}

/// Whether a refresh can say more: `GetUser` refuses this access token, and not every request.
fn is_about_the_token(error: &StepError) -> bool {
    error.end_reason().is_some() || error.code() == ErrorCode::MissingScope
}

/// Whether the refusal of an access token that is new leaves no doubt that the user has to sign in again.
fn is_certain(reason: &EndReason) -> bool {
    !matches!(reason, EndReason::Expired | EndReason::Unknown)
}
