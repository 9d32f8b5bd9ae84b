//! `sessions`, `end-session` and `sign-out --others-than`: the sessions of one user.

use cognito_signout::admin::{AdminClient, SessionOutcome};
use serde::Serialize;

use crate::admin::args::{EndSession, Sessions};
use crate::admin::for_people::OFFLINE;
use crate::admin::output::{Output, Verdict};
use crate::print::{line, plain};
use crate::problem::Problem;
use crate::sessions::{ShownSession, print_each};

/// The session that `end-session` ended.
#[derive(Debug, Serialize)]
pub(crate) struct EndedSession {
    id: String,
    linked: bool,
}

pub(crate) async fn list(client: AdminClient, arguments: &Sessions) -> Output {
    match client.sessions(&arguments.user_pool, &arguments.user).await {
        Ok(sessions) => Output {
            sessions: Some(ShownSession::listed(sessions, arguments.reveal)),
            ..Output::new(Verdict::Complete)
        },
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
                sessions: Some(outcomes.into_iter().map(shown).collect()),
                ..Output::new(verdict)
            }
        }
        Err(error) => Output::failed("sessions", &error),
    }
}

fn shown(outcome: SessionOutcome) -> ShownSession {
    ShownSession::to_end(outcome.session, outcome.result.as_ref().err().map(Problem::from))
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
