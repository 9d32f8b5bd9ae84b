//! The user's sessions at Cognito: where the user is signed in, and ending one of them or all others.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;

use super::{Auth, AuthError};
use crate::cognito::{CognitoClient, SessionKind, UserSession, is_session_id};
use crate::error::{ErrorCode, StepError};
use crate::lock::{Mutex, lock};
use crate::options::DEFAULT_DEADLINE;
use crate::record::Held;
use crate::secret::Secret;
use crate::session::{SignedInWith, Tokens};
use crate::task;

/// A request that an access token authorises.
type Request<T> = Pin<Box<dyn Future<Output = Result<T, StepError>> + Send>>;

/// How many sessions are ended at the same time.
const SIDE_BY_SIDE: usize = 4;

/// What became of the user's other sessions. Not a `Result`: every outcome is data.
///
/// There will be no fourth case: match on all three.
#[derive(Debug, Clone)]
#[must_use = "sessions may be left, and `Partial` has what is needed to retry them"]
pub enum SignOutOthersResult {
    /// Every other session has ended. A new one may have begun since the list was read.
    Complete(SignOutOthersComplete),
    /// At least one other session could not be ended.
    Partial(SignOutOthersPartial),
    /// Nothing has changed: the list could not be read, or it does not say which session is this one.
    Failed(SignOutOthersFailed),
}

/// Every other session has ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SignOutOthersComplete {
    /// Each other session that there was.
    pub sessions: Vec<EndedSession>,
}

/// At least one other session could not be ended. Give it to [`Auth::retry_others`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SignOutOthersPartial {
    /// Each other session that there was: those with an `error` are left.
    pub sessions: Vec<EndedSession>,
    by: Asker,
}

/// Nothing has changed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SignOutOthersFailed {
    /// The reason.
    pub error: AuthError,
}

/// One of the user's other sessions, and whether it has ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EndedSession {
    /// The session, as it was listed.
    pub session: UserSession,
    /// Why it could not be ended. `None`: it has ended.
    pub error: Option<StepError>,
}

/// The session that asks to end others.
#[derive(Debug, Clone, Copy)]
struct Asker {
    /// The record's generation.
    session: u64,
    /// Whether an SSO session may be ended with the apps that came through it: only if it is known not to be the one behind
    /// this session.
    with_apps: bool,
}

impl SignOutOthersResult {
    /// Whether every other session has ended: true for `Complete`.
    pub fn is_complete(&self) -> bool {
        matches!(self, Self::Complete(_))
    }

    fn of(sessions: Vec<EndedSession>, by: Asker) -> Self {
        if sessions.iter().all(|ended| ended.error.is_none()) {
            return Self::Complete(SignOutOthersComplete { sessions });
        }
        Self::Partial(SignOutOthersPartial { sessions, by })
    }

    fn failed(error: impl Into<AuthError>) -> Self {
        Self::Failed(SignOutOthersFailed { error: error.into() })
    }
}

impl SignOutOthersPartial {
    /// The sessions that are left, each with the reason.
    pub fn errors(&self) -> impl Iterator<Item = (&UserSession, &StepError)> {
        let left = self.sessions.iter();
        left.filter_map(|ended| Some((&ended.session, ended.error.as_ref()?)))
    }
}

impl Auth {
    /// Where the user is signed in: all the user's sessions in this user pool, on all its app clients, the last active first
    /// (`ListUserSessions`). The tokens are refreshed first if the access token is about to expire. Within ten seconds.
    ///
    /// ```
    /// # use cognito_signout::{Auth, AuthError};
    /// async fn show(auth: &Auth) -> Result<(), AuthError> {
    ///     for session in auth.sessions().await? {
    ///         let device = session.device.as_deref().unwrap_or("unknown device");
    ///         println!("{device}{}", if session.is_current { " (this one)" } else { "" });
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`AuthError::Service`] with [`SessionTrackingOff`](ErrorCode::SessionTrackingOff) if the user pool does not track sessions,
    /// with [`MissingScope`](ErrorCode::MissingScope) if the access token does not allow it, with
    /// [`SessionsNotSupported`](ErrorCode::SessionsNotSupported) if the server does not know the operation, or if Cognito cannot
    /// be asked; those of [`tokens`](Self::tokens).
    pub async fn sessions(&self) -> Result<Vec<UserSession>, AuthError> {
        let end = Instant::now() + DEFAULT_DEADLINE;
        let own = self.own().await?;
        self.list(&own, end).await
    }

    async fn list(&self, own: &Held, end: Instant) -> Result<Vec<UserSession>, AuthError> {
        let list = |cognito: Arc<CognitoClient>, access_token: Secret, left| -> Request<_> {
            Box::pin(async move { cognito.sessions(&access_token, left).await })
        };
        self.authorised(own.id, end, list).await
    }

    /// Ends another one of the user's sessions (`RevokeUserSession`). With `linked`, what belongs to it ends within a few seconds
    /// too: for a token session the SSO session that it came through, for an SSO session all token sessions that came through
    /// it. Within ten seconds.
    ///
    /// ```
    /// # use cognito_signout::{Auth, AuthError, ErrorCode};
    /// async fn end(auth: &Auth, id: &str) -> Result<(), AuthError> {
    ///     match auth.end_session(id, false).await {
    ///         Err(error) if error.code() == ErrorCode::OwnSession => println!("sign out instead"),
    ///         other => return other,
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`AuthError::InvalidInput`] if `id` is not a session's id; [`AuthError::Service`] with
    /// [`OwnSession`](ErrorCode::OwnSession) for the session of this app on this device, and with `linked` also for the SSO
    /// session that it came through: call [`sign_out`](Self::sign_out); with
    /// [`SessionNotFound`](ErrorCode::SessionNotFound) if it had ended before; those of [`sessions`](Self::sessions).
    pub async fn end_session(&self, id: &str, linked: bool) -> Result<(), AuthError> {
        if !is_session_id(id) {
            let what =
                "the session id must be tkn or sso and 25 lowercase letters or digits, as in the list of sessions";
            return Err(AuthError::InvalidInput(what.to_owned()));
        }
        let (auth, id) = (self.clone(), id.to_owned());
        in_a_task(async move { auth.end_listed(&id, linked).await })
            .await
            .unwrap_or_else(|| Err(lost()))
    }

    async fn end_listed(&self, id: &str, linked: bool) -> Result<(), AuthError> {
        let end = Instant::now() + DEFAULT_DEADLINE;
        let own = self.own().await?;
        // Half of the time, so that a list that hangs leaves time for the request itself.
        let listed = self.list(&own, Instant::now() + DEFAULT_DEADLINE / 2).await;
        let current = listed.iter().flatten().find(|session| session.is_current);
        let is = |own: &Option<String>| own.as_deref() == Some(id);
        if current.is_some_and(|current| is(&current.id) || linked && is(&current.origin)) {
            return Err(own_session("this is the session of this app on this device").into());
        }
        if linked && id.starts_with("sso") && !current.is_some_and(|current| tells_origin(current, &own)) {
            listed?;
            let message = "this may be the browser's session behind this app's own, and the list does not say: end it \
                           without linked sessions";
            return Err(StepError::new(ErrorCode::UnexpectedResponse, message).into());
        }
        let is_known = current.is_some_and(|current| current.id.is_some());
        let is_listed = listed.iter().flatten().any(|session| is(&session.id));
        let is_authorised = !matches!(&listed, Err(error) if error.code() == ErrorCode::Refused);
        match self.revoke_session(own.id, id, linked, end).await {
            // It has ended since the list was read: perhaps by this call, if the response to its first attempt was lost.
            Err(AuthError::Service(error)) if is_listed && error.code() == ErrorCode::SessionNotFound => Ok(()),
            // Cognito refuses the caller's own session. The id has the right form, and the list was not refused.
            Err(AuthError::Service(error)) if !is_known && is_authorised && error.code() == ErrorCode::Refused => {
                Err(own_session("Cognito refused, as it does for the session of this app on this device").into())
            }
            ended => ended,
        }
    }

    /// Ends every other session of the user: all token sessions but this app's on this device, and the browsers' SSO sessions
    /// but the one that this session came through. Four at a time, within ten seconds after the list was read. A session that has
    /// ended already counts as ended.
    ///
    /// Access and ID tokens of those sessions are accepted offline until they expire, as after any sign-out.
    ///
    /// ```
    /// # use cognito_signout::{Auth, SignOutOthersResult};
    /// async fn sign_out_my_other_devices(auth: &Auth) {
    ///     match auth.sign_out_others().await {
    ///         SignOutOthersResult::Complete(complete) => println!("ended: {}", complete.sessions.len()),
    ///         SignOutOthersResult::Partial(partial) => {
    ///             println!("left: {}", partial.errors().count());
    ///             let _ = auth.retry_others(&partial).await;
    ///         }
    ///         SignOutOthersResult::Failed(failed) => println!("{}", failed.error.recovery()),
    ///     }
    /// }
    /// ```
    pub async fn sign_out_others(&self) -> SignOutOthersResult {
        let auth = self.clone();
        in_a_task(async move { auth.end_others().await })
            .await
            .unwrap_or_else(|| SignOutOthersResult::failed(lost()))
    }

    /// Tries again to end the sessions that a [`sign_out_others`](Self::sign_out_others) has left, and only those.
    ///
    /// If this app has signed out since and a user has signed in again, it fails with
    /// [`SessionNotFound`](ErrorCode::SessionNotFound).
    pub async fn retry_others(&self, partial: &SignOutOthersPartial) -> SignOutOthersResult {
        let (auth, partial) = (self.clone(), partial.clone());
        in_a_task(async move { auth.end_those_left(partial).await })
            .await
            .unwrap_or_else(|| SignOutOthersResult::failed(lost()))
    }

    async fn end_others(&self) -> SignOutOthersResult {
        match self.others().await {
            Ok((others, by)) => SignOutOthersResult::of(self.end_each(others, by).await, by),
            Err(error) => SignOutOthersResult::failed(error),
        }
    }

    /// The sessions to end, and how.
    async fn others(&self) -> Result<(Vec<UserSession>, Asker), AuthError> {
        let end = Instant::now() + DEFAULT_DEADLINE;
        let own = self.own().await?;
        let listed = self.list(&own, end).await?;
        let current = listed.iter().find(|session| session.is_current).cloned().ok_or_else(|| {
            let message = "the list of sessions does not say which one is this app's, so none was ended: if the user has \
                           just signed in, try again in a few seconds";
            StepError::new(ErrorCode::UnexpectedResponse, message)
        })?;
        let by = Asker {
            session: own.id,
            with_apps: tells_origin(&current, &own),
        };
        let is_other = |session: &UserSession| !session.is_current && !session.is_behind(&current);
        Ok((listed.into_iter().filter(is_other).collect(), by))
    }

    async fn end_those_left(&self, partial: SignOutOthersPartial) -> SignOutOthersResult {
        let by = partial.by;
        match self.own().await {
            Ok(own) if own.id == by.session => {}
            Ok(_) => {
                let message = "the session that asked has ended, and another one has begun: read the list again";
                return SignOutOthersResult::failed(StepError::new(ErrorCode::SessionNotFound, message));
            }
            Err(error) => return SignOutOthersResult::failed(error),
        }
        let (left, mut sessions): (Vec<_>, Vec<_>) =
            partial.sessions.into_iter().partition(|ended| ended.error.is_some());
        let left = left.into_iter().map(|ended| ended.session).collect();
        sessions.extend(self.end_each(left, by).await);
        SignOutOthersResult::of(sessions, by)
    }

    /// Ends each of these, the SSO sessions first, so that no new token session begins through one of them.
    async fn end_each(&self, sessions: Vec<UserSession>, by: Asker) -> Vec<EndedSession> {
        let end = Instant::now() + DEFAULT_DEADLINE;
        let (browsers, others): (Vec<_>, Vec<_>) = sessions
            .into_iter()
            .partition(|session| session.kind == SessionKind::Sso);
        let mut ended = self.end_side_by_side(browsers, by, end).await;
        ended.extend(self.end_side_by_side(others, by, end).await);
        ended
    }

    /// Ends each of these before `end`, some at the same time. The order stays.
    async fn end_side_by_side(&self, sessions: Vec<UserSession>, by: Asker, end: Instant) -> Vec<EndedSession> {
        let left: VecDeque<_> = sessions.iter().cloned().enumerate().collect();
        let left = Arc::new(Mutex::new(left));
        let workers: Vec<_> = (0..SIDE_BY_SIDE.min(sessions.len()))
            .map(|_| {
                let (auth, left) = (self.clone(), Arc::clone(&left));
                task::spawn(&Handle::current(), async move {
                    let mut done = Vec::new();
                    while let Some((place, session)) = { lock(&left).pop_front() } {
                        done.push((place, auth.end_one(&session, by, end).await));
                    }
                    done
                })
            })
            .collect();
        let interrupted = || {
            Some(StepError::new(
                ErrorCode::Interrupted,
                "the task that ended it was lost",
            ))
        };
        let mut ended: Vec<_> = sessions
            .into_iter()
            .map(|session| EndedSession {
                session,
                error: interrupted(),
            })
            .collect();
        for worker in workers {
            for (place, outcome) in worker.await.unwrap_or_default() {
                if let Some(ended) = ended.get_mut(place) {
                    ended.error = outcome.err();
                }
            }
        }
        ended
    }

    async fn end_one(&self, session: &UserSession, by: Asker, end: Instant) -> Result<(), StepError> {
        let (id, linked) = session.revocation()?;
        let ended = self.revoke_session(by.session, id, linked && by.with_apps, end).await;
        match ended {
            Err(error) if error.code() == ErrorCode::SessionNotFound => Ok(()),
            Err(AuthError::Service(error)) => Err(error),
            Err(error) => Err(StepError::new(error.code(), error.to_string())),
            Ok(()) => Ok(()),
        }
    }

    async fn revoke_session(&self, own: u64, id: &str, linked: bool, end: Instant) -> Result<(), AuthError> {
        let id: Arc<str> = id.into();
        let revoke = move |cognito: Arc<CognitoClient>, access_token: Secret, left| -> Request<_> {
            let id = Arc::clone(&id);
            Box::pin(async move { cognito.revoke_session(&access_token, &id, linked, left).await })
        };
        self.authorised(own, end, revoke).await
    }

    /// Makes a request with a valid access token of the session `own` before `end`. If Cognito says that the token has expired
    /// or was revoked, a refresh tells whether the session has ended. If it has not, the request is made once more.
    async fn authorised<T>(
        &self,
        own: u64,
        end: Instant,
        request: impl Fn(Arc<CognitoClient>, Secret, Duration) -> Request<T> + Send,
    ) -> Result<T, AuthError> {
        let ask = |tokens: Tokens| {
            // Another user may have signed in since. Their tokens would find none of these sessions.
            let left = end.saturating_duration_since(Instant::now());
            let is_own = self.0.ports.store.last_seen() == Some(own);
            is_own
                .then(|| request(Arc::clone(&self.0.ports.cognito), tokens.access_token, left))
                .ok_or(AuthError::SignedOut)
        };
        let work = async {
            match ask(self.tokens().await?)?.await {
                Err(error) if error.code() == ErrorCode::SessionExpired => Ok(ask(self.refresh().await?)?.await?),
                done => Ok(done?),
            }
        };
        let timed_out = || StepError::new(ErrorCode::TimedOut, "Cognito did not respond in time");
        tokio::time::timeout_at(end, work)
            .await
            .unwrap_or_else(|_| Err(timed_out().into()))
    }

    /// The session on record.
    async fn own(&self) -> Result<Held, AuthError> {
        self.record().await?.held().ok_or(AuthError::SignedOut)
    }
}

/// Whether it is known which SSO session this app's session came through, or that there is none. A sign-in through the API has
/// none.
fn tells_origin(current: &UserSession, own: &Held) -> bool {
    current.origin.is_some() || own.signed_in_with == SignedInWith::Api
}

/// Runs `work` to its end, even if the caller goes away. `None` if its task was lost.
async fn in_a_task<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Option<T> {
    task::spawn(&Handle::current(), work).await.ok()
}

fn lost() -> AuthError {
    StepError::new(ErrorCode::Interrupted, "the task that did this was lost").into()
}

fn own_session(message: &str) -> StepError {
    StepError::new(ErrorCode::OwnSession, message)
}
