//! One user's sessions: lists them, ends one of them, or all but one.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use tokio::time::{Instant, sleep, timeout_at};

use super::client::{Pool, checked};
use super::limiter::Limiter;
use super::many::DEFAULT_RATE;
use super::patience::Patience;
use super::{AdminClient, AdminError};
use crate::cognito::{Pages, SessionKind, UserSession, is_session_id};
use crate::lock::lock;
use crate::{ErrorCode, StepError};

/// How long one call may list a user's sessions, or end them.
const TIME: Duration = Duration::from_secs(60);

/// How many sessions are ended at the same time.
const SIDE_BY_SIDE: usize = 8;

/// One of the user's other sessions, and whether it has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionOutcome {
    /// The session, as it was listed.
    pub session: UserSession,
    /// Whether it has ended, or why not.
    pub result: Result<(), AdminError>,
}

impl AdminClient {
    /// The user's sessions on all app clients of the pool, the last active first: `AdminListUserSessions`. `username` is as in
    /// [`global_sign_out`](Self::global_sign_out). No session is marked as the current one. Place and IP address are personal
    /// data.
    ///
    /// The user pool must track sessions: [`examine`](Self::examine) says whether it does. A new session appears within a few
    /// seconds.
    ///
    /// Needs `cognito-idp:AdminListUserSessions`. Reads 20 pages at most, within a minute; each page is retried as
    /// [`global_sign_out`](Self::global_sign_out) is.
    ///
    /// # Errors
    /// [`AdminError::SessionTrackingOff`]; those of [`global_sign_out`](Self::global_sign_out). The code of
    /// [`Service`](AdminError::Service) is `unexpected_response` if the list does not end, and `sessions_not_supported` if the
    /// server does not know the operation.
    pub async fn sessions(&self, user_pool_id: &str, username: &str) -> Result<Vec<UserSession>, AdminError> {
        listed(&self.pool(user_pool_id)?, checked(username)?).await
    }

    /// Ends one session of the user: `AdminRevokeUserSession`. Cognito then refuses the session's refresh token and its access
    /// tokens. Services that verify tokens by themselves accept them until they expire, as after
    /// [`global_sign_out`](Self::global_sign_out).
    ///
    /// With `linked` it also ends, within a few seconds, the SSO session that a token session came through, or all token
    /// sessions that came through an SSO session. An SSO session is a browser's session at the hosted pages.
    ///
    /// Needs `cognito-idp:AdminRevokeUserSession`. Retried as [`global_sign_out`](Self::global_sign_out) is.
    ///
    /// # Errors
    /// [`AdminError::SessionNotFound`] if the session has ended already, or is not this user's;
    /// [`AdminError::InvalidInput`] if `id` is not a session's id; those of [`sessions`](Self::sessions).
    pub async fn end_session(
        &self,
        user_pool_id: &str,
        username: &str,
        id: &str,
        linked: bool,
    ) -> Result<(), AdminError> {
        let (pool, username) = (self.pool(user_pool_id)?, checked(username)?);
        if !is_session_id(id) {
            let what = "session id: must be tkn or sso and 25 lowercase letters or digits, as in the list of sessions";
            return Err(AdminError::InvalidInput(what.into()));
        }
        let may_have_ended = AtomicBool::new(false);
        let revoke = async || match pool
            .revoke_session(username, id, linked)
            .await
            .map_err(AdminError::from)
        {
            // An earlier attempt ended it, and the response was lost.
            Err(AdminError::SessionNotFound) if may_have_ended.load(Ordering::Relaxed) => Ok(()),
            revoked => revoked.inspect_err(|error| {
                may_have_ended.fetch_or(error.leaves_open(), Ordering::Relaxed);
            }),
        };
        Patience::brief().send(revoke).await
    }

    /// Ends every session of the user except the token session `kept` and the SSO session that it came through. Returns what
    /// became of each other session; none if there was none. A session that has ended meanwhile counts as ended.
    ///
    /// The browsers' SSO sessions end first, each with the token sessions that came through it; if the list does not say which
    /// one is behind `kept`, each without them. At most eight requests run
    /// at the same time, and twenty start in a second, or fewer while Cognito throttles. What has not ended within a minute
    /// after the list was read fails with the code `timed_out`.
    ///
    /// Needs `cognito-idp:AdminListUserSessions` and `AdminRevokeUserSession`.
    ///
    /// ```
    /// # use cognito_signout::admin::{AdminClient, AdminError};
    /// async fn keep_one(client: &AdminClient, pool: &str, user: &str, kept: &str) -> Result<(), AdminError> {
    ///     for outcome in client.end_other_sessions(pool, user, kept).await? {
    ///         match outcome.result {
    ///             Ok(()) => println!("ended: {:?}", outcome.session.id),
    ///             Err(error) => println!("left: {:?}: {error}", outcome.session.id),
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// No session was ended: [`AdminError::SessionNotFound`] if the user has no session `kept`; [`AdminError::InvalidInput`] if
    /// `kept` is not the id of a token session; those of [`sessions`](Self::sessions).
    pub async fn end_other_sessions(
        &self,
        user_pool_id: &str,
        username: &str,
        kept: &str,
    ) -> Result<Vec<SessionOutcome>, AdminError> {
        let (pool, username) = (self.pool(user_pool_id)?, checked(username)?);
        if !is_session_id(kept) || !kept.starts_with("tkn") {
            let what = "the session to keep: must be the id of a token session, tkn and 25 lowercase letters or digits";
            return Err(AdminError::InvalidInput(what.into()));
        }
        let sessions = listed(&pool, username).await?;
        let is_kept = |session: &UserSession| session.id.as_deref() == Some(kept);
        let kept = sessions.iter().find(|session| is_kept(session)).cloned();
        let kept = kept.ok_or(AdminError::SessionNotFound)?;
        let others = sessions
            .into_iter()
            .filter(|session| !is_kept(session) && !session.is_behind(&kept));
        let (browsers, apps): (Vec<_>, Vec<_>) = others.partition(|session| session.kind == SessionKind::Sso);
        // Without an origin, `kept` need not be of a sign-in through the API. Then it could end with one of these.
        let with_apps = kept.origin.is_some();
        let run = Run::new(&pool, username, with_apps);
        let mut outcomes = run.end_each(browsers).await;
        outcomes.extend(run.end_each(apps).await);
        Ok(outcomes)
    }
}

async fn listed(pool: &Pool, username: &str) -> Result<Vec<UserSession>, AdminError> {
    let end = Instant::now() + TIME;
    let mut pages = Pages::default();
    loop {
        let page = Patience::brief().send(|| pool.list_sessions(username, pages.next_token()));
        let page = timeout_at(end, page).await.unwrap_or_else(|_| Err(timed_out()))?;
        if pages.take(page).map_err(AdminError::Service)? {
            return Ok(pages.into_sessions());
        }
    }
}

/// Ends many sessions of one user.
struct Run<'a> {
    pool: &'a Pool,
    username: &'a str,
    /// Whether an SSO session may be ended with the apps that came through it.
    with_apps: bool,
    limiter: Limiter,
    end: Instant,
    /// The first error that every further request would meet too.
    hopeless: Mutex<Option<AdminError>>,
}

impl<'a> Run<'a> {
    fn new(pool: &'a Pool, username: &'a str, with_apps: bool) -> Self {
        Self {
            pool,
            username,
            with_apps,
            limiter: Limiter::new(DEFAULT_RATE),
            end: Instant::now() + TIME,
            hopeless: Mutex::default(),
        }
    }

    async fn end_each(&self, sessions: Vec<UserSession>) -> Vec<SessionOutcome> {
        let outcomes = stream::iter(sessions).map(async |session| SessionOutcome {
            result: self.end_one(&session).await,
            session,
        });
        outcomes.buffered(SIDE_BY_SIDE).collect().await
    }

    async fn end_one(&self, session: &UserSession) -> Result<(), AdminError> {
        let (id, linked) = session.revocation().map_err(AdminError::Service)?;
        let revoked = timeout_at(self.end, self.revoke(id, linked && self.with_apps)).await;
        match revoked.unwrap_or_else(|_| Err(timed_out())) {
            Err(AdminError::SessionNotFound) => Ok(()),
            Err(error) if error.concerns_everyone() => {
                lock(&self.hopeless).get_or_insert_with(|| error.clone());
                Err(error)
            }
            result => result,
        }
    }

    /// Retries errors that may pass, each attempt in its turn.
    async fn revoke(&self, id: &str, linked: bool) -> Result<(), AdminError> {
        let mut patience = Patience::long();
        loop {
            self.limiter.turn().await;
            if let Some(error) = lock(&self.hopeless).clone() {
                return Err(error);
            }
            let revoked = self.pool.revoke_session(self.username, id, linked).await;
            let Err(error) = revoked.map_err(AdminError::from) else {
                self.limiter.responded();
                return Ok(());
            };
            if error.is_throttling() {
                self.limiter.throttled();
            }
            let Some(pause) = patience.after(&error) else {
                return Err(error);
            };
            sleep(pause).await;
        }
    }
}

fn timed_out() -> AdminError {
    AdminError::Service(StepError::new(ErrorCode::TimedOut, "Cognito did not respond in time"))
}
