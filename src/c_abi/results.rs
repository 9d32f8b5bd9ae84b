//! What a sign-out achieved, as JSON. Its tokens stay here under a number, until the host asks for them.

use serde_json::{Map, Value};
use url::Url;

use super::host::Host;
use super::kept::{Kept, keep};
use super::sessions::ended_sessions;
use super::values::{list, maybe_number, maybe_text, object, problem, step_error, text};
use crate::ffi::{Report, Resumed, SignOutOthersResult, SignOutProgress, SignOutResult};
use crate::{NextPage, SessionHolder, StepError, WebVisit};

pub(super) fn result(host: &Host, result: SignOutResult) -> Value {
    match result {
        SignOutResult::Complete { report: what } => {
            object(&mut [("result", text("complete")), ("report", report(what))])
        }
        SignOutResult::Failed { error, report: what } => object(&mut [
            ("result", text("failed")),
            ("error", step_error(error)),
            ("report", report(what)),
        ]),
        SignOutResult::Partial {
            revoke_token_error,
            global_sign_out_error,
            hosted_ui_error,
            app_step_errors,
            local_cleanup_error,
            kept,
            displaced,
            report: what,
            partial,
        } => {
            let (revoke_token, refresh_token) = apart(revoke_token_error.map(|it| (it.error, it.refresh_token)));
            let (global_sign_out, access_token) = apart(global_sign_out_error.map(|it| (it.error, it.access_token)));
            let hosted_ui = hosted_ui_error.map_or(Value::Null, |failed| {
                object(&mut [
                    ("error", step_error(failed.error)),
                    ("url", maybe_text(failed.url.map(String::from))),
                ])
            });
            let local_cleanup = local_cleanup_error.map_or(Value::Null, |failed| step_error(failed.error));
            let app_steps = list(app_step_errors, |failed| {
                object(&mut [
                    ("name", Value::String(failed.name)),
                    ("error", step_error(failed.error)),
                ])
            });
            let displaced = list(displaced, |older| self::result(host, older));
            let kept_here = Kept::Partial {
                partial,
                refresh_token,
                access_token,
            };
            let number = keep(host.handle, kept_here);
            object(&mut [
                ("result", text("partial")),
                ("partial", Value::from(number)),
                ("revoke_token_error", revoke_token),
                ("global_sign_out_error", global_sign_out),
                ("hosted_ui_error", hosted_ui),
                ("app_step_errors", app_steps),
                ("local_cleanup_error", local_cleanup),
                ("kept", Value::Bool(kept)),
                ("displaced", displaced),
                ("report", report(what)),
            ])
        }
    }
}

fn apart<T>(failed: Option<(StepError, T)>) -> (Value, Option<T>) {
    match failed {
        Some((error, token)) => (step_error(error), Some(token)),
        None => (Value::Null, None),
    }
}

fn report(report: Report) -> Value {
    let named = report.steps.named();
    let steps = named.map(|(name, status)| (name.to_owned(), Value::String(status.to_string())));
    let app_steps = list(report.steps.app, |step| {
        object(&mut [
            ("name", Value::String(step.name)),
            ("status", Value::String(step.status.to_string())),
        ])
    });
    let residual = list(report.residual, |residual| {
        object(&mut [
            ("token", text(residual.token.as_str())),
            ("valid_until", maybe_number(residual.valid_until)),
        ])
    });
    let browser_sessions = list(report.browser_sessions, |session| {
        let provider = match session.holder {
            SessionHolder::HostedUi => None,
            SessionHolder::IdentityProvider(name) => Some(name),
        };
        object(&mut [
            ("provider", maybe_text(provider)),
            ("state", text(session.state.as_str())),
        ])
    });
    object(&mut [
        ("steps", Value::Object(steps.into_iter().collect::<Map<_, _>>())),
        ("app_steps", app_steps),
        ("residual", residual),
        ("signed_out_everywhere", Value::Bool(report.signed_out_everywhere)),
        ("browser_sessions", browser_sessions),
        ("logout_url", maybe_text(report.logout_url.map(String::from))),
        (
            "next_sign_in",
            maybe_text(report.next_sign_in.map(|prompt| prompt.as_str().to_owned())),
        ),
        (
            "app_reason",
            maybe_text(report.app_reason.map(|reason| reason.to_string())),
        ),
        ("elapsed", Value::from(report.elapsed)),
    ])
}

fn visit(visit: WebVisit) -> Value {
    object(&mut [
        ("url", Value::String(visit.url.into())),
        ("redirect", Value::String(visit.redirect.to_string())),
    ])
}

pub(super) fn progress(host: &Host, progress: SignOutProgress) -> Value {
    match progress {
        SignOutProgress::Show { visit: page } => object(&mut [("progress", text("show")), ("visit", visit(page))]),
        SignOutProgress::Ignored => object(&mut [("progress", text("ignored"))]),
        SignOutProgress::Finished { result: ended } => {
            object(&mut [("progress", text("finished")), ("result", result(host, ended))])
        }
    }
}

pub(super) fn settled(host: &Host, settled: Vec<SignOutResult>) -> Value {
    list(settled, |each| result(host, each))
}

pub(super) fn resumed(host: &Host, resumed: Resumed) -> Value {
    object(&mut [
        ("settled", settled(host, resumed.settled)),
        ("web_step", resumed.web_step.map_or(Value::Null, visit)),
    ])
}

pub(super) fn others(host: &Host, result: SignOutOthersResult) -> Value {
    match result {
        SignOutOthersResult::Complete { sessions } => {
            object(&mut [("result", text("complete")), ("sessions", ended_sessions(sessions))])
        }
        SignOutOthersResult::Partial { sessions, partial } => object(&mut [
            ("result", text("partial")),
            ("sessions", ended_sessions(sessions)),
            ("partial", Value::from(keep(host.handle, Kept::Others(partial)))),
        ]),
        SignOutOthersResult::Failed { problem: why } => {
            object(&mut [("result", text("failed")), ("problem", problem(why))])
        }
    }
}

/// What the browser is to do after a redirect.
pub(super) fn next_page(next: NextPage) -> Value {
    match next {
        NextPage::Ignored => object(&mut [("next", text("ignored"))]),
        NextPage::Open(url) => object(&mut [("next", text("open")), ("url", text(url.as_str()))]),
        NextPage::End { leave_at } => object(&mut [
            ("next", text("end")),
            ("leave_at", maybe_text(leave_at.map(|url: Url| url.into()))),
        ]),
    }
}
