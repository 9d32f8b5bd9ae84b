//! The state of the hosted pages: the app client's allowed URLs, who is signed in at which browser, and the codes that
//! were issued.

use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, SystemTime};

use crate::fake_cognito::pool::Pool;
use crate::fake_cognito::tokens;

/// The life of the cookie.
pub(super) const SESSION_LIFETIME: Duration = Duration::from_secs(60 * 60);
/// The life of an authorization code.
const CODE_LIFETIME: Duration = Duration::from_secs(5 * 60);

#[derive(Default)]
pub(in crate::fake_cognito) struct Pages {
    callback_uris: Vec<String>,
    sign_out_uris: Vec<String>,
    /// By the cookie's value.
    sessions: HashMap<String, BrowserSession>,
    grants: HashMap<String, Grant>,
}

struct BrowserSession {
    username: String,
    begun_at: SystemTime,
}

/// What a code was issued for.
pub(super) struct Grant {
    pub(super) username: String,
    pub(super) redirect_uri: String,
    pub(super) scope: String,
    pub(super) granted_at: SystemTime,
}

impl Pages {
    pub(in crate::fake_cognito) fn new(callback_uris: Vec<String>, sign_out_uris: Vec<String>) -> Self {
        Self {
            callback_uris,
            sign_out_uris,
            ..Self::default()
        }
    }

    /// Whether the cookie of any browser still signs the user in.
    pub(in crate::fake_cognito) fn has_session(&self, username: &str, pool: &Pool, now: SystemTime) -> bool {
        let mut sessions = self.sessions.values();
        sessions.any(|session| session.username == username && session.is_live(pool, now))
    }

    pub(super) fn may_call_back(&self, uri: &str) -> bool {
        self.callback_uris.iter().any(|allowed| allowed == uri)
    }

    pub(super) fn may_sign_out_to(&self, uri: &str) -> bool {
        self.sign_out_uris.iter().any(|allowed| allowed == uri)
    }

    /// Returns the value of the new session's cookie.
    pub(super) fn begin_session(&mut self, username: &str, now: SystemTime) -> String {
        let cookie = tokens::uuid();
        let session = BrowserSession {
            username: username.to_owned(),
            begun_at: now,
        };
        self.sessions.insert(cookie.clone(), session);
        cookie
    }

    pub(super) fn end_session(&mut self, cookie: &str) {
        self.sessions.remove(cookie);
    }

    pub(super) fn user_of(&self, cookie: &str, pool: &Pool, now: SystemTime) -> Option<String> {
        let session = self.sessions.get(cookie).filter(|session| session.is_live(pool, now));
        session.map(|session| session.username.clone())
    }

    /// Returns the new code.
    pub(super) fn grant(&mut self, grant: Grant) -> String {
        let code = tokens::uuid();
        self.grants.insert(code.clone(), grant);
        code
    }

    /// Redeems a code. Each code works once.
    pub(super) fn redeem(&mut self, code: &str, redirect_uri: &str, pool: &Pool, now: SystemTime) -> Option<Grant> {
        self.grants.remove(code).filter(|grant| {
            grant.redirect_uri == redirect_uri
                && now < grant.granted_at + CODE_LIFETIME
                && pool.has_user(&grant.username)
        })
    }
}

impl BrowserSession {
    fn is_live(&self, pool: &Pool, now: SystemTime) -> bool {
        now < self.begun_at + SESSION_LIFETIME && pool.has_user(&self.username)
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sessions, codes) = (self.sessions.len(), self.grants.len());
        write!(f, "Pages({sessions} browser sessions, {codes} codes)")
    }
}
