//! How a command shows the user's sessions.

use cognito_signout::UserSession;
use serde::Serialize;

use crate::print::{self, BAD, FAINT, GOOD, line, plain, rfc3339};
use crate::problem::Problem;

/// A session as it is printed.
#[derive(Debug, Serialize)]
pub(crate) struct ShownSession {
    #[serde(flatten)]
    session: UserSession,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_address: Option<String>,
    /// Whether it was ended, if it was to be ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ended: Option<bool>,
    /// Why it was not ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
}

impl ShownSession {
    /// The sessions of a list; with their IP addresses if `reveal` says so.
    pub(crate) fn listed(sessions: Vec<UserSession>, reveal: bool) -> Vec<Self> {
        let shown = |session: UserSession| Self {
            ip_address: session
                .ip_address
                .as_ref()
                .filter(|_| reveal)
                .map(|address| address.reveal().to_owned()),
            session,
            ended: None,
            error: None,
        };
        sessions.into_iter().map(shown).collect()
    }

    /// A session that was to be ended, and the error that prevented it.
    pub(crate) fn to_end(session: UserSession, error: Option<Problem>) -> Self {
        Self {
            session,
            ip_address: None,
            ended: Some(error.is_none()),
            error,
        }
    }
}

/// For people: each session in two lines.
pub(crate) fn print_each(text: &mut String, sessions: &[ShownSession]) {
    for shown in sessions {
        let session = &shown.session;
        let id = session.id.as_deref().unwrap_or("without an id");
        let device = session.device.as_deref().unwrap_or("unknown device");
        let ended = match shown.ended {
            Some(true) => format!("{GOOD}ended{GOOD:#} "),
            Some(false) => format!("{BAD}left{BAD:#}  "),
            None => String::new(),
        };
        let this = if session.is_current { ", this session" } else { "" };
        line!(
            text,
            "  {ended}{} ({}{this}) {}",
            plain(id),
            plain(session.kind.as_str()),
            plain(device)
        );
        line!(text, "    {FAINT}{}{FAINT:#}", plain(&details(shown).join(", ")));
        if let Some(error) = &shown.error {
            print::problem(text, "  error", error);
        }
    }
}

fn details(shown: &ShownSession) -> Vec<String> {
    let session = &shown.session;
    let place: Vec<&str> = [&session.city, &session.country]
        .into_iter()
        .flatten()
        .map(String::as_str)
        // Cognito's own word for a place that it does not know.
        .filter(|place| *place != "unknown")
        .collect();
    let known = [
        ("last active", session.last_active.map(rfc3339)),
        ("signed in", session.created.map(rfc3339)),
        ("app client", session.client_id.clone()),
        ("in", (!place.is_empty()).then(|| place.join(", "))),
        ("IP address", shown.ip_address.clone()),
        ("through", session.origin.clone()),
    ];
    let known = known
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name} {}", value?)));
    known.collect()
}
