//! `sessions`, `end-session` and `sign-out --others-than`: the sessions of one user.

use cognito_signout::UserSession;
use cognito_signout::admin::{AdminClient, SessionOutcome};
use serde::Serialize;

use crate::args::{EndSession, Sessions};
use crate::for_people::OFFLINE;
use crate::output::{Output, Verdict};
use crate::shared::print::{self, BAD, FAINT, GOOD, line, plain, rfc3339};
use crate::shared::problem::Problem;

/// A session as it is printed.
#[derive(Debug, Serialize)]
pub(crate) struct ShownSession {
    #[serde(flatten)]
    session: UserSession,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_address: Option<String>,
    /// Whether it was ended, if it was to be ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<bool>,
    /// Why it was not ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
}

/// The session that `end-session` ended.
#[derive(Debug, Serialize)]
pub(crate) struct EndedSession {
    id: String,
    linked: bool,
}

pub(crate) async fn list(client: AdminClient, arguments: &Sessions) -> Output {
    match client.sessions(&arguments.user_pool, &arguments.user).await {
        Ok(sessions) => {
            let shown = |session: UserSession| ShownSession {
                ip_address: session
                    .ip_address
                    .as_ref()
                    .filter(|_| arguments.reveal)
                    .map(|address| address.reveal().to_owned()),
                session,
                ended: None,
                error: None,
            };
            Output {
                sessions: Some(sessions.into_iter().map(shown).collect()),
                ..Output::new(Verdict::Complete)
            }
        }
        Err(error) => Output::failed("sessions", &error),
    }
}

pub(crate) async fn end(client: AdminClient, arguments: &EndSession) -> Output {
    let EndSession {
        user,
        id,
        user_pool,
        linked,
    } = arguments;
    match client.end_session(user_pool, user, id, *linked).await {
        Ok(()) => Output {
            ended: Some(EndedSession {
                id: id.clone(),
                linked: *linked,
            }),
            ..Output::new(Verdict::Complete)
        },
        Err(error) => Output::failed("end_session", &error),
    }
}

pub(crate) async fn end_others(client: AdminClient, pool: &str, user: &str, kept: &str) -> Output {
    match client.end_other_sessions(pool, user, kept).await {
        Ok(outcomes) => {
            let failed = outcomes.iter().filter(|outcome| outcome.result.is_err()).count();
            let verdict = match failed {
                0 => Verdict::Complete,
                failed if failed == outcomes.len() => Verdict::Failed,
                _ => Verdict::Partial,
            };
            Output {
                kept: Some(kept.to_owned()),
                sessions: Some(outcomes.into_iter().map(ShownSession::from).collect()),
                ..Output::new(verdict)
            }
        }
        Err(error) => Output::failed("sessions", &error),
    }
}

impl From<SessionOutcome> for ShownSession {
    fn from(outcome: SessionOutcome) -> Self {
        Self {
            session: outcome.session,
            ip_address: None,
            ended: Some(outcome.result.is_ok()),
            error: outcome.result.as_ref().err().map(Problem::from),
        }
    }
}

/// For people: what the command did with sessions.
pub(crate) fn print(text: &mut String, output: &Output) {
    if let Some(ended) = &output.ended {
        line!(
            text,
            "  the session {} has ended at Cognito; {OFFLINE}",
            plain(&ended.id)
        );
        if ended.linked {
            line!(text, "  The sessions linked to it end within a few seconds.");
        }
    }
    let Some(sessions) = &output.sessions else {
        return;
    };
    match (sessions.len(), &output.kept) {
        (0, Some(_)) => line!(text, "  no other session"),
        (1, None) => line!(text, "  1 session"),
        (count, None) => line!(text, "  {count} sessions"),
        _ => {}
    }
    print_each(text, sessions);
    if sessions.iter().any(|shown| shown.ended == Some(true)) {
        line!(text, "  For the sessions that ended: {OFFLINE}.");
    }
}

fn print_each(text: &mut String, sessions: &[ShownSession]) {
    for shown in sessions {
        let session = &shown.session;
        let id = session.id.as_deref().unwrap_or("without an id");
        let device = session.device.as_deref().unwrap_or("unknown device");
        let ended = match shown.ended {
            Some(true) => format!("{GOOD}ended{GOOD:#} "),
            Some(false) => format!("{BAD}left{BAD:#}  "),
            None => String::new(),
        };
        line!(
            text,
            "  {ended}{} ({}) {}",
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
