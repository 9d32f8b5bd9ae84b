//! The sessions of all users. A token session is one app's signed-in state: one per sign-in. An SSO session is a browser's
//! signed-in state at the hosted pages: token sessions come through it. AWS's terms, from "Managing user sessions".
//!
//! Only a pool that tracks sessions has SSO sessions, and only there does a token session have a record to list and to
//! revoke. Ended sessions stay here, so that their tokens are refused as revoked and not as unknown.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::administration::{object, set};
use super::tokens;

#[derive(Default)]
pub(super) struct Sessions {
    token: Vec<TokenSession>,
    sso: Vec<SsoSession>,
    /// The token sessions of each user name, so that a lookup stays fast with many users.
    of_user: HashMap<String, Vec<TokenSessionIndex>>,
    /// What a test has changed in the listed entries, by session id.
    changes: HashMap<String, Map<String, Value>>,
    records: u64,
}

pub(super) type TokenSessionIndex = usize;
pub(super) type SsoSessionIndex = usize;

/// A user, distinguished from a later one of the same name.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct UserRef {
    pub(super) username: String,
    pub(super) sub: String,
}

/// One sign-in. All its tokens carry its `origin_jti`.
pub(super) struct TokenSession {
    pub(super) user: UserRef,
    pub(super) origin_jti: String,
    pub(super) scope: String,
    /// The identity provider of the sign-in; `None` for the user pool itself.
    pub(super) provider: Option<String>,
    pub(super) signed_in_at: SystemTime,
    expires_at: SystemTime,
    /// The SSO session it came through.
    pub(super) origin: Option<SsoSessionIndex>,
    /// All that were ever issued to it.
    pub(super) refresh_tokens: Vec<String>,
    /// The access tokens with a lower number were revoked.
    first_access_token: usize,
    end: End,
    record: Option<Record>,
}

struct SsoSession {
    user: UserRef,
    /// The user's last fresh authentication.
    authenticated_at: SystemTime,
    end: End,
    record: Record,
}

/// What a tracking pool records of a session.
struct Record {
    id: String,
    /// In the order of creation.
    number: u64,
    created_at: SystemTime,
    last_active_at: SystemTime,
    device: String,
}

/// Whether and when a session was ended.
#[derive(Default)]
struct End {
    ended: bool,
    /// A linked session ends a while after the one that was revoked.
    ends_at: Option<SystemTime>,
}

/// `RevokeAssociatedSessions`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Associated {
    #[default]
    None,
    Linked,
}

/// The session that an id names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Token(TokenSessionIndex),
    Sso(SsoSessionIndex),
}

impl End {
    fn after(&mut self, delay: Duration, now: SystemTime) {
        if delay.is_zero() {
            self.ended = true;
        } else {
            self.ends_at.get_or_insert(now + delay);
        }
    }

    fn is_over(&self, now: SystemTime) -> bool {
        self.ended || self.ends_at.is_some_and(|at| now >= at)
    }
}

impl TokenSession {
    pub(super) fn new(user: UserRef, scope: &str, now: SystemTime, expires_at: SystemTime) -> Self {
        Self {
            user,
            origin_jti: tokens::uuid(),
            scope: scope.to_owned(),
            provider: None,
            signed_in_at: now,
            expires_at,
            origin: None,
            refresh_tokens: Vec::new(),
            first_access_token: 0,
            end: End::default(),
            record: None,
        }
    }

    pub(super) fn has_ended(&self, now: SystemTime) -> bool {
        self.end.is_over(now)
    }

    /// Whether its access token with this number was revoked before the session ended.
    pub(super) fn has_revoked(&self, access_token: usize) -> bool {
        access_token < self.first_access_token
    }

    /// Whether it can still be refreshed.
    fn is_active(&self, now: SystemTime) -> bool {
        !self.has_ended(now) && now < self.expires_at
    }
}

impl SsoSession {
    fn is_active(&self, lifetime: Duration, now: SystemTime) -> bool {
        !self.end.is_over(now) && now < self.authenticated_at + lifetime
    }
}

impl Sessions {
    pub(super) fn len(&self) -> usize {
        self.token.len()
    }

    pub(super) fn token(&self, index: TokenSessionIndex) -> &TokenSession {
        &self.token[index]
    }

    pub(super) fn token_mut(&mut self, index: TokenSessionIndex) -> &mut TokenSession {
        &mut self.token[index]
    }

    /// The token sessions of a user name, ended ones too.
    pub(super) fn token_sessions_of(&self, username: &str) -> &[TokenSessionIndex] {
        self.of_user.get(username).map_or(&[], Vec::as_slice)
    }

    /// Begins a token session, with a record if `tracked`.
    pub(super) fn begin(&mut self, mut session: TokenSession, tracked: bool) -> TokenSessionIndex {
        if tracked {
            session.record = Some(self.record("tkn", session.signed_in_at));
        }
        let index = self.token.len();
        let username = session.user.username.clone();
        self.of_user.entry(username).or_default().push(index);
        self.token.push(session);
        index
    }

    /// Begins an SSO session.
    pub(super) fn begin_sso(&mut self, user: UserRef, now: SystemTime) -> SsoSessionIndex {
        let record = self.record("sso", now);
        self.sso.push(SsoSession {
            user,
            authenticated_at: now,
            end: End::default(),
            record,
        });
        self.sso.len() - 1
    }

    fn record(&mut self, kind: &str, now: SystemTime) -> Record {
        self.records += 1;
        Record {
            id: format!("{kind}{}", tokens::lowercase_and_digits(25)),
            number: self.records,
            created_at: now,
            last_active_at: now,
            device: UNKNOWN.to_owned(),
        }
    }

    /// Notes the activity of a refresh or a sign-in. A rotation or a new token session is activity of the SSO session
    /// too; a plain refresh is not.
    pub(super) fn touch(&mut self, index: TokenSessionIndex, sso_too: bool, device: Option<&str>, now: SystemTime) {
        let session = &mut self.token[index];
        let sso = session.origin.filter(|_| sso_too);
        if let Some(record) = &mut session.record {
            record.touch(device, now);
        }
        if let Some(sso) = sso {
            self.sso[sso].record.touch(device, now);
        }
    }

    /// Notes a fresh authentication in the browser of the SSO session.
    pub(super) fn reauthenticate(&mut self, index: SsoSessionIndex, device: Option<&str>, now: SystemTime) {
        let session = &mut self.sso[index];
        session.authenticated_at = now;
        session.record.touch(device, now);
    }

    /// When the user of a live SSO session last authenticated; `None` if it was revoked.
    pub(super) fn sso_authenticated_at(&self, index: SsoSessionIndex, now: SystemTime) -> Option<SystemTime> {
        let session = &self.sso[index];
        (!session.end.is_over(now)).then_some(session.authenticated_at)
    }

    /// Whether another authentication continues the SSO session: not if it has expired or its end is due.
    pub(super) fn can_renew(&self, index: SsoSessionIndex, lifetime: Duration, now: SystemTime) -> bool {
        let session = &self.sso[index];
        session.is_active(lifetime, now) && session.end.ends_at.is_none()
    }

    pub(super) fn end(&mut self, found: Found) {
        match found {
            Found::Token(index) => self.token[index].end.ended = true,
            Found::Sso(index) => self.sso[index].end.ended = true,
        }
    }

    /// Ends the sessions linked to one: a token session's SSO session, or all token sessions that came through an SSO
    /// session. They end after the delay.
    pub(super) fn end_linked(&mut self, found: Found, delay: Duration, now: SystemTime) {
        match found {
            Found::Token(index) => {
                if let Some(sso) = self.token[index].origin {
                    self.sso[sso].end.after(delay, now);
                }
            }
            Found::Sso(index) => {
                let through_it = self.token.iter_mut().filter(|session| session.origin == Some(index));
                through_it.for_each(|session| session.end.after(delay, now));
            }
        }
    }

    /// Ends every token session of a user name.
    pub(super) fn end_all(&mut self, username: &str) {
        for index in self.of_user.get(username).into_iter().flatten() {
            self.token[*index].end.ended = true;
        }
    }

    /// Revokes the access tokens of a user name with a lower number than this. The sessions live on.
    pub(super) fn revoke_access_tokens(&mut self, username: &str, below: usize) {
        for index in self.of_user.get(username).into_iter().flatten() {
            self.token[*index].first_access_token = below;
        }
    }

    /// Ends the user's least recently used token sessions until at most `keep` are left.
    pub(super) fn evict(&mut self, user: &UserRef, keep: usize, now: SystemTime) {
        let mut active: Vec<(SystemTime, TokenSessionIndex)> = self
            .token_sessions_of(&user.username)
            .iter()
            .map(|index| (&self.token[*index], *index))
            .filter(|(session, _)| session.user == *user && session.is_active(now))
            .filter_map(|(session, index)| Some((session.record.as_ref()?.last_active_at, index)))
            .collect();
        active.sort_unstable();
        let evicted = active.len().saturating_sub(keep);
        for (_, index) in &active[..evicted] {
            self.token[*index].end.ended = true;
        }
    }

    /// The user's active session with this id.
    pub(super) fn find(&self, id: &str, user: &UserRef, sso_lifetime: Duration, now: SystemTime) -> Option<Found> {
        let mut active = self.active(user, sso_lifetime, now);
        active.find(|(record, _)| record.id == id).map(|(_, found)| found)
    }

    /// The user's active sessions as `ListUserSessions` lists them, by the number of the record.
    pub(super) fn list(
        &self,
        user: &UserRef,
        client_id: &str,
        current: Option<TokenSessionIndex>,
        sso_lifetime: Duration,
        now: SystemTime,
    ) -> BTreeMap<u64, Value> {
        let describe = |(record, found): (&Record, Found)| {
            let origin = match found {
                Found::Token(index) => self.token[index].origin.map(|sso| self.sso[sso].record.id.as_str()),
                Found::Sso(_) => None,
            };
            let mut entry = record.describe(client_id);
            set(&mut entry, "OriginSessionId", json!(origin));
            set(
                &mut entry,
                "IsCurrentSession",
                json!(current.map(Found::Token) == Some(found)),
            );
            for (member, value) in self.changes.get(&record.id).into_iter().flatten() {
                set(&mut entry, member, value.clone());
            }
            (record.number, Value::Object(entry))
        };
        self.active(user, sso_lifetime, now).map(describe).collect()
    }

    /// Changes a member of a session's entry in all lists; `Null` removes it.
    pub(super) fn change(&mut self, id: &str, member: &str, value: Value) {
        let changes = self.changes.entry(id.to_owned()).or_default();
        changes.insert(member.to_owned(), value);
    }

    /// The id of a token session, if it has a record.
    pub(super) fn id_of(&self, index: TokenSessionIndex) -> Option<&str> {
        self.token[index].record.as_ref().map(|record| record.id.as_str())
    }

    /// The user's active sessions that have a record.
    fn active(
        &self,
        user: &UserRef,
        sso_lifetime: Duration,
        now: SystemTime,
    ) -> impl Iterator<Item = (&Record, Found)> {
        let token = self.token_sessions_of(&user.username).iter().filter_map(move |index| {
            let session = &self.token[*index];
            let active = session.user == *user && session.is_active(now);
            let record = session.record.as_ref().filter(|_| active)?;
            Some((record, Found::Token(*index)))
        });
        let sso = self.sso.iter().enumerate().filter_map(move |(index, session)| {
            let active = session.user == *user && session.is_active(sso_lifetime, now);
            active.then_some((&session.record, Found::Sso(index)))
        });
        token.chain(sso)
    }
}

/// What AWS lists as a device or country that it could not determine.
const UNKNOWN: &str = "unknown";

impl Record {
    fn touch(&mut self, device: Option<&str>, now: SystemTime) {
        self.last_active_at = now;
        device.unwrap_or(UNKNOWN).clone_into(&mut self.device);
    }

    /// The device is the User-Agent as it was sent. The address is a loopback address, for which AWS would find no place:
    /// the country is `unknown`, and there is no city.
    fn describe(&self, client_id: &str) -> Map<String, Value> {
        // To the millisecond: serde_json does not read longer numbers back exactly.
        let seconds = |time: SystemTime| {
            let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
            (since.as_secs_f64() * 1000.0).round() / 1000.0
        };
        let kind = if self.id.starts_with("sso") { "SSO" } else { "TOKEN" };
        let entry = json!({
            "SessionId": self.id,
            "SessionType": kind,
            "ClientId": client_id,
            "CreateDate": seconds(self.created_at),
            "LastActiveDate": seconds(self.last_active_at),
            "DeviceType": self.device.chars().take(1024).collect::<String>(),
            "LastIPAddress": "127.0.0.1",
            "LastLocation": { "Country": UNKNOWN },
        });
        object(entry)
    }
}
