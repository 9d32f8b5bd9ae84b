//! The user's sessions at Cognito: `ListUserSessions` and `RevokeUserSession` (AWS, "Managing user sessions").

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde::{Deserialize, Deserializer};
use tokio::time::Instant;

use super::CognitoClient;
use super::api::read;
use super::requests;
use super::retry::AfterSilence;
use crate::clock::rfc3339;
use crate::error::{ErrorCode, StepError};
use crate::secret::Secret;

/// A list with more pages than this is taken for one that does not end. A page has up to 125 sessions.
const MOST_PAGES: usize = 20;

/// One of the user's sessions, as Cognito lists it. Every value can be missing.
///
/// The list spans all app clients of the user pool. The place and the IP address are personal data: `Debug` shows neither, and
/// the JSON has no IP address.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserSession {
    /// Its id: `tkn` or `sso`, and 25 more characters.
    pub id: Option<String>,
    /// What kind of session it is.
    pub kind: SessionKind,
    /// The app client that it belongs to.
    pub client_id: Option<String>,
    /// When the user signed in.
    pub created: Option<SystemTime>,
    /// When it was last used: by a sign-in or a refresh.
    pub last_active: Option<SystemTime>,
    /// The device: the operating system and the browser or app, as Cognito reads them from the `user-agent` header. It can be
    /// `unknown`.
    pub device: Option<String>,
    /// The city from which it was last used.
    pub city: Option<String>,
    /// The English name of the country from which it was last used. It can be `unknown`.
    pub country: Option<String>,
    /// The IP address from which it was last used.
    pub ip_address: Option<Secret>,
    /// For a token session: the id of the SSO session that it came through. `None` if the user signed in through the API.
    pub origin: Option<String>,
    /// Whether it is the session of this app on this device.
    pub is_current: bool,
}

/// The kinds of session.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum SessionKind {
    /// One app's session on one device: the life of one refresh token.
    Token,
    /// The session behind the cookie of a browser. Apps sign in through it without asking the user.
    Sso,
    /// Another kind, with the server's word for it.
    Other(String),
}

impl SessionKind {
    /// `token`, `sso`, or the server's word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Token => "token",
            Self::Sso => "sso",
            Self::Other(word) => word,
        }
    }
}

impl UserSession {
    /// Whether it is the SSO session that this token session came through.
    pub(crate) fn is_behind(&self, token_session: &Self) -> bool {
        self.kind == SessionKind::Sso && self.id.is_some() && self.id == token_session.origin
    }

    /// How to end it: its id, and whether to end linked sessions too. With a browser's session ends what came through it, also
    /// since the list was read.
    pub(crate) fn revocation(&self) -> Result<(&str, bool), StepError> {
        let linked = match &self.kind {
            SessionKind::Token => false,
            SessionKind::Sso => true,
            SessionKind::Other(_) => {
                let message = "this kind of session is not known to this version of the library, so it was not ended";
                return Err(StepError::new(ErrorCode::UnexpectedResponse, message));
            }
        };
        let id = self.id.as_deref().ok_or_else(|| {
            let message = "the list of sessions gives this one no id, so it could not be ended";
            StepError::new(ErrorCode::UnexpectedResponse, message)
        })?;
        Ok((id, linked))
    }
}

/// Without the place and the IP address.
impl fmt::Debug for UserSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserSession")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("client_id", &self.client_id)
            .field("created", &self.created)
            .field("last_active", &self.last_active)
            .field("device", &self.device)
            .field("origin", &self.origin)
            .field("is_current", &self.is_current)
            .finish_non_exhaustive()
    }
}

/// `id`, `kind`, `client_id`, `created`, `last_active`, `device`, `city`, `country`, `origin` and `current`. Times are RFC 3339
/// in UTC; a missing value is `null`. There is no IP address.
impl Serialize for UserSession {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut session = serializer.serialize_struct("UserSession", 10)?;
        session.serialize_field("id", &self.id)?;
        session.serialize_field("kind", self.kind.as_str())?;
        session.serialize_field("client_id", &self.client_id)?;
        session.serialize_field("created", &self.created.map(rfc3339))?;
        session.serialize_field("last_active", &self.last_active.map(rfc3339))?;
        session.serialize_field("device", &self.device)?;
        session.serialize_field("city", &self.city)?;
        session.serialize_field("country", &self.country)?;
        session.serialize_field("origin", &self.origin)?;
        session.serialize_field("current", &self.is_current)?;
        session.end()
    }
}

/// The response of `ListUserSessions` and of `AdminListUserSessions`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Page {
    pub(crate) sessions: Option<Vec<UserSession>>,
    pub(crate) next_token: Option<String>,
}

/// `SessionDescriptionType`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    session_id: Option<String>,
    session_type: Option<String>,
    client_id: Option<String>,
    create_date: Option<f64>,
    last_active_date: Option<f64>,
    device_type: Option<String>,
    #[serde(rename = "LastIPAddress")]
    last_ip_address: Option<String>,
    last_location: Option<Location>,
    origin_session_id: Option<String>,
    is_current_session: Option<bool>,
}

/// `LocationType`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Location {
    city: Option<String>,
    country: Option<String>,
}

impl<'de> Deserialize<'de> for UserSession {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entry = Entry::deserialize(deserializer)?;
        let (city, country) = entry
            .last_location
            .map_or((None, None), |place| (place.city, place.country));
        Ok(Self {
            kind: kind(entry.session_type, entry.session_id.as_deref()),
            id: entry.session_id,
            client_id: entry.client_id,
            created: entry.create_date.and_then(time),
            last_active: entry.last_active_date.and_then(time),
            device: entry.device_type,
            city,
            country,
            ip_address: entry.last_ip_address.map(Secret::from),
            origin: entry.origin_session_id,
            is_current: entry.is_current_session.unwrap_or_default(),
        })
    }
}

/// The kind by its name. Without a name, by the id's first letters.
fn kind(name: Option<String>, id: Option<&str>) -> SessionKind {
    match (name, id.and_then(|id| id.get(..3))) {
        (Some(name), _) if name == "TOKEN" => SessionKind::Token,
        (Some(name), _) if name == "SSO" => SessionKind::Sso,
        (Some(name), _) => SessionKind::Other(name),
        (None, Some("tkn")) => SessionKind::Token,
        (None, Some("sso")) => SessionKind::Sso,
        (None, _) => SessionKind::Other("unknown".to_owned()),
    }
}

/// Seconds since 1970, with a fraction. `None` for a number that is no time.
fn time(seconds: f64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(seconds).ok()?)
}

/// Whether Cognito could have given a session this id: `^(tkn|sso)[a-z0-9]{25}$`.
pub(crate) fn is_session_id(text: &str) -> bool {
    let rest = text.strip_prefix("tkn").or_else(|| text.strip_prefix("sso"));
    rest.is_some_and(|rest| rest.len() == 25 && rest.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit()))
}

/// Collects the pages of a list.
#[derive(Default)]
pub(crate) struct Pages {
    sessions: Vec<UserSession>,
    next_token: Option<String>,
    count: usize,
}

impl Pages {
    /// The token to ask for the next page with.
    pub(crate) fn next_token(&self) -> Option<&str> {
        self.next_token.as_deref()
    }

    /// Takes a page. Whether it was the last one.
    pub(crate) fn take(&mut self, page: Page) -> Result<bool, StepError> {
        self.count += 1;
        self.sessions.extend(page.sessions.unwrap_or_default());
        let is_last = page.next_token.is_none();
        let repeats = page.next_token == self.next_token;
        if !is_last && (repeats || self.count == MOST_PAGES) {
            let message = "the list of sessions does not end";
            return Err(StepError::new(ErrorCode::UnexpectedResponse, message));
        }
        self.next_token = page.next_token;
        Ok(is_last)
    }

    /// All sessions, the last active first.
    pub(crate) fn into_sessions(mut self) -> Vec<UserSession> {
        let last_seen = |session: &UserSession| session.last_active.or(session.created);
        self.sessions.sort_by_key(|session| Reverse(last_seen(session)));
        self.sessions
    }
}

impl CognitoClient {
    /// `ListUserSessions`: the sessions of the access token's user, on all app clients, the last active first.
    pub(crate) async fn sessions(&self, access_token: &Secret, time: Duration) -> Result<Vec<UserSession>, StepError> {
        let end = Instant::now() + time;
        let mut pages = Pages::default();
        loop {
            let input = requests::ListUserSessions {
                access_token: access_token.reveal(),
                next_token: pages.next_token(),
            };
            let left = end.saturating_duration_since(Instant::now());
            let response = self.api.call("ListUserSessions", &input, AfterSilence::TryAgain, left);
            if pages.take(read(&response.await?)?)? {
                return Ok(pages.into_sessions());
            }
        }
    }

    /// `RevokeUserSession`: ends another session of the access token's user. Idempotent, except that a session that has ended is
    /// not found.
    pub(crate) async fn revoke_session(
        &self,
        access_token: &Secret,
        id: &str,
        linked: bool,
        time: Duration,
    ) -> Result<(), StepError> {
        let input = requests::RevokeUserSession {
            access_token: access_token.reveal(),
            session_id: id,
            revoke_associated_sessions: linked.then_some("LINKED"),
        };
        let response = self.api.call("RevokeUserSession", &input, AfterSilence::TryAgain, time);
        response.await?;
        Ok(())
    }
}
