//! The state of the hosted pages: the app client's allowed URLs, who is signed in at which browser, and the codes that
//! were issued.

use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::fake_cognito::pool::Pool;
use crate::fake_cognito::sessions::{Found, SsoSessionIndex};
use crate::fake_cognito::tokens;

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

#[derive(Clone)]
pub(in crate::fake_cognito) struct BrowserSession {
    pub(in crate::fake_cognito) username: String,
    begun_at: SystemTime,
    /// The SSO session that backs the cookie, if the pool tracked sessions.
    pub(in crate::fake_cognito) sso: Option<SsoSessionIndex>,
}

/// What a code was issued for.
pub(super) struct Grant {
    pub(super) username: String,
    pub(super) redirect_uri: String,
    pub(super) scope: String,
    pub(super) sso: Option<SsoSessionIndex>,
    /// PKCE, by SHA-256: the only method that Cognito has.
    pub(super) code_challenge: Option<String>,
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

    /// The live session of the user in any browser.
    pub(in crate::fake_cognito) fn session_of(
        &self,
        username: &str,
        pool: &Pool,
        now: SystemTime,
    ) -> Option<&BrowserSession> {
        let mut sessions = self.sessions.values();
        sessions.find(|session| session.username == username && session.is_live(pool, now))
    }

    pub(super) fn may_call_back(&self, uri: &str) -> bool {
        self.callback_uris.iter().any(|allowed| allowed == uri)
    }

    pub(super) fn may_sign_out_to(&self, uri: &str) -> bool {
        self.sign_out_uris.iter().any(|allowed| allowed == uri)
    }

    /// Begins a session in a browser, and returns it with the value of its cookie. Another authentication of the same user
    /// in the same browser renews the SSO session.
    pub(in crate::fake_cognito) fn begin_session(
        &mut self,
        username: &str,
        old_cookie: Option<&str>,
        device: Option<&str>,
        pool: &mut Pool,
        now: SystemTime,
    ) -> (String, BrowserSession) {
        let user = pool.user_or_new(username);
        let old = old_cookie.and_then(|cookie| self.sessions.get(cookie));
        let old = old.filter(|session| session.username == username);
        let sso = old.and_then(|session| session.sso);
        let tracking = &pool.settings.session_tracking;
        let renewable = sso.filter(|sso| pool.sessions.can_renew(*sso, tracking.sso_lifetime(), now));
        let sso = (tracking.enabled).then(|| renewable.unwrap_or_else(|| pool.sessions.begin_sso(user, now)));
        if let Some(sso) = sso {
            pool.sessions.reauthenticate(sso, device, now);
        }
        let cookie = tokens::uuid();
        let session = BrowserSession {
            username: username.to_owned(),
            begun_at: now,
            sso,
        };
        self.sessions.insert(cookie.clone(), session.clone());
        (cookie, session)
    }

    /// Ends a session, and the SSO session behind it. That AWS's `/logout` ends the SSO session is not established.
    pub(super) fn end_session(&mut self, cookie: &str, pool: &mut Pool) {
        let ended = self.sessions.remove(cookie);
        if let Some(sso) = ended.and_then(|session| session.sso) {
            pool.sessions.end(Found::Sso(sso));
        }
    }

    /// The live session of a cookie.
    pub(super) fn session_at(&self, cookie: &str, pool: &Pool, now: SystemTime) -> Option<BrowserSession> {
        let session = self.sessions.get(cookie);
        session.filter(|session| session.is_live(pool, now)).cloned()
    }

    /// Returns the new code.
    pub(super) fn grant(&mut self, grant: Grant) -> String {
        let code = tokens::uuid();
        self.grants.insert(code.clone(), grant);
        code
    }

    /// Redeems a code. Each code works once, and one that was asked for with PKCE only with its verifier.
    pub(super) fn redeem(
        &mut self,
        code: &str,
        redirect_uri: &str,
        code_verifier: Option<&str>,
        pool: &Pool,
        now: SystemTime,
    ) -> Option<Grant> {
        let proof = code_verifier.map(|verifier| URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)));
        self.grants.remove(code).filter(|grant| {
            grant.redirect_uri == redirect_uri
                && (grant.code_challenge.is_none() || grant.code_challenge == proof)
                && now < grant.granted_at + CODE_LIFETIME
                && pool.has_user(&grant.username)
        })
    }
}

impl BrowserSession {
    fn is_live(&self, pool: &Pool, now: SystemTime) -> bool {
        let authenticated_at = match self.sso {
            Some(sso) => pool.sessions.sso_authenticated_at(sso, now),
            None => Some(self.begun_at),
        };
        let validity = pool.settings.session_tracking.cookie_validity();
        authenticated_at.is_some_and(|at| now < at + validity) && pool.has_user(&self.username)
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sessions, codes) = (self.sessions.len(), self.grants.len());
        write!(f, "Pages({sessions} browser sessions, {codes} codes)")
    }
}
