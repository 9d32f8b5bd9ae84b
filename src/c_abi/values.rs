//! Parts of the JSON that goes out.

use serde_json::{Map, Value};

use crate::ffi::{AuthError, Problem};
use crate::json::Wiped;
use crate::{AuthEvent, Secret, SignedOutReason, StepError};

/// An object. Not `json!`, whose code is larger: it is compiled at each place.
pub(super) fn object(fields: &mut [(&str, Value)]) -> Value {
    let fields = fields.iter_mut();
    Value::Object(
        fields
            .map(|(name, value)| ((*name).to_owned(), value.take()))
            .collect::<Map<_, _>>(),
    )
}

pub(super) fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// Null if there is none.
pub(super) fn maybe_text(text: Option<String>) -> Value {
    text.map_or(Value::Null, Value::String)
}

pub(super) fn maybe_number(number: Option<u64>) -> Value {
    number.map_or(Value::Null, Value::from)
}

/// In plain text. `Wiped` wipes it.
pub(super) fn secret(secret: &Secret) -> Value {
    text(secret.reveal())
}

pub(super) fn maybe_secret(value: Option<&Secret>) -> Value {
    value.map_or(Value::Null, secret)
}

pub(super) fn list<T>(values: Vec<T>, each: impl FnMut(T) -> Value) -> Value {
    Value::Array(values.into_iter().map(each).collect())
}

/// The answer of a call that has succeeded.
pub(super) fn ok(value: Value) -> Wiped {
    Wiped(object(&mut [("ok", value)]))
}

/// The answer of a call that has failed.
pub(super) fn failed(error: AuthError) -> Wiped {
    let (case, about) = match error {
        AuthError::SignedOut { problem } => ("signed_out", problem),
        AuthError::SessionExpired { problem } => ("session_expired", problem),
        AuthError::Vault { problem } => ("vault", problem),
        AuthError::Service { problem } => ("service", problem),
        AuthError::InvalidInput { problem } => ("invalid_input", problem),
        AuthError::Runtime { problem } => ("runtime", problem),
    };
    failed_as(case, about)
}

pub(super) fn failed_as(case: &str, about: Problem) -> Wiped {
    let mut error = problem(about);
    if let Value::Object(fields) = &mut error {
        fields.insert("case".into(), text(case));
    }
    Wiped(object(&mut [("error", error)]))
}

/// A problem. The name of a setting that is wrong stands before the detail, as JSON has it.
pub(super) fn problem(problem: Problem) -> Value {
    let detail = match problem.setting {
        Some(setting) => format!("{}: {}", setting.name, problem.detail),
        None => problem.detail,
    };
    object(&mut [
        ("code", Value::String(problem.code)),
        ("detail", Value::String(detail)),
        ("recovery", Value::String(problem.recovery)),
    ])
}

pub(super) fn step_error(error: StepError) -> Value {
    problem(error.into())
}

pub(super) fn event(event: AuthEvent) -> Value {
    let word = |word| ("event", text(word));
    match event {
        AuthEvent::SignedIn => object(&mut [word("signed_in")]),
        AuthEvent::SignedOut { reason, app_reason } => object(&mut [
            word("signed_out"),
            (
                "reason",
                text(match reason {
                    SignedOutReason::Local => "local",
                    SignedOutReason::Global => "global",
                    SignedOutReason::Replaced => "replaced",
                    SignedOutReason::Elsewhere => "elsewhere",
                }),
            ),
            ("app_reason", maybe_text(app_reason.map(|reason| reason.to_string()))),
        ]),
        AuthEvent::SessionExpired { reason } => {
            object(&mut [word("session_expired"), ("reason", text(reason.as_str()))])
        }
        AuthEvent::RevocationSettled => object(&mut [word("revocation_settled")]),
    }
}
