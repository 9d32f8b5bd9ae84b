//! The library's questions to the host, and what an answer does.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use serde_json::Value;

use super::arguments::Fields;
use super::types::Kind;
use crate::ffi::{AppStepCompletion, AppStepFailure, BrowserCompletion, ExchangeCompletion, HttpHeader, HttpResponse};
use crate::json::Wiped;
use crate::transport::TransportError;
use crate::vault::VaultError;
use crate::{BrowserError, Secret, StepError};

pub(super) type VaultAnswer = Result<Option<String>, VaultError>;

/// A question, with what waits for its answer.
pub(super) enum Question {
    Http(Arc<ExchangeCompletion>),
    Vault(SyncSender<VaultAnswer>),
    Browser(Arc<BrowserCompletion>),
    AppStep {
        completion: Arc<AppStepCompletion>,
        access_token: Option<Secret>,
        id_token: Option<Secret>,
    },
}

impl Question {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Http(_) => Kind::Http,
            Self::Vault(_) => Kind::Vault,
            Self::Browser(_) => Kind::Browser,
            Self::AppStep { .. } => Kind::AppStep,
        }
    }

    /// Reads the answer. Carrying it out is a second step, so that a question stays open if its answer cannot be read.
    ///
    /// # Errors
    /// The answer is not what the question needs.
    pub(super) fn read(&self, answer: Value) -> Result<Answer, StepError> {
        let mut answer = Fields::of(answer, "")?;
        let error = answer.maybe_object("error")?.map(Failure::read).transpose()?;
        let nothing = |answer: &mut Fields| match answer.any("ok") {
            Value::Null => Ok(()),
            other => {
                drop(Wiped(other));
                Err(answer.wrong("ok", "null"))
            }
        };
        let read = match (self, error) {
            (Self::Http(_), Some(failure)) => Answer::Http(Err(failure.of_transport()?)),
            (Self::Http(_), None) => Answer::Http(Ok(response(answer.object("ok")?)?)),
            (Self::Vault(_), Some(failure)) => Answer::Vault(Err(failure.of_vault()?)),
            (Self::Vault(_), None) => Answer::Vault(Ok(answer.maybe_text("ok")?)),
            (Self::Browser(_), Some(failure)) => Answer::Browser(Some(failure.of_browser()?)),
            (Self::Browser(_), None) => Answer::Browser(nothing(&mut answer).map(|()| None)?),
            (Self::AppStep { .. }, Some(failure)) => Answer::AppStep(Err(failure.of_app_step()?)),
            (Self::AppStep { .. }, None) => Answer::AppStep(nothing(&mut answer).map(Ok)?),
        };
        answer.end()?;
        Ok(read)
    }

    /// Passes the answer on. False if nobody waits for it any more.
    pub(super) fn answer(self, answer: Answer) -> bool {
        match (self, answer) {
            (Self::Http(completion), Answer::Http(Ok(response))) => completion.succeed(response),
            (Self::Http(completion), Answer::Http(Err(error))) => completion.fail(error),
            (Self::Vault(waiting), Answer::Vault(outcome)) => waiting.send(outcome).is_ok(),
            (Self::Browser(completion), Answer::Browser(error)) => {
                // Has no effect after the last redirect.
                let closed = || BrowserError::Unavailable("the app closed the browser without a report".into());
                completion.failed(error.unwrap_or_else(closed));
                true
            }
            (Self::AppStep { completion, .. }, Answer::AppStep(Ok(()))) => completion.succeed(),
            (Self::AppStep { completion, .. }, Answer::AppStep(Err(error))) => completion.fail(error),
            // `read` makes the answer that fits its question.
            _ => false,
        }
    }
}

/// An answer that fits its question.
pub(super) enum Answer {
    Http(Result<HttpResponse, TransportError>),
    Vault(VaultAnswer),
    Browser(Option<BrowserError>),
    AppStep(Result<(), AppStepFailure>),
}

fn response(mut fields: Fields) -> Result<HttpResponse, StepError> {
    let status = fields.number("status")?;
    let status = u16::try_from(status).map_err(|_| fields.wrong("status", "an HTTP status"))?;
    let headers = fields.list("headers")?.into_iter().map(|header| match header {
        Value::Array(pair) => match <[Value; 2]>::try_from(pair) {
            Ok([Value::String(name), Value::String(value)]) => Ok(HttpHeader { name, value }),
            _ => Err(fields.wrong("headers", "a list of pairs, each a name and a value")),
        },
        _ => Err(fields.wrong("headers", "a list of pairs, each a name and a value")),
    });
    let headers = headers.collect::<Result<_, _>>()?;
    let body = fields.maybe_text("body")?.unwrap_or_default().into_bytes();
    fields.end()?;
    Ok(HttpResponse { status, headers, body })
}

/// A failure, as the host says it.
struct Failure {
    case: String,
    detail: String,
    /// To say what is wrong.
    fields: Fields,
}

impl Failure {
    fn read(mut fields: Fields) -> Result<Self, StepError> {
        let case = fields.text("case")?;
        let detail = fields
            .maybe_text("detail")?
            .unwrap_or_else(|| "the app did not say why".into());
        Ok(Self { case, detail, fields })
    }

    fn unknown(&self, must: &str) -> StepError {
        self.fields.wrong("case", must)
    }

    fn of_transport(self) -> Result<TransportError, StepError> {
        let make = match &*self.case {
            "connect" => TransportError::Connect,
            "io" => TransportError::Io,
            "tls" => TransportError::Tls,
            "bad_response" => TransportError::BadResponse,
            "other" => TransportError::Other,
            _ => return Err(self.unknown("connect, io, tls, bad_response or other")),
        };
        self.fields.end()?;
        Ok(make(self.detail))
    }

    fn of_vault(self) -> Result<VaultError, StepError> {
        let make = match &*self.case {
            "locked" => VaultError::Locked,
            "unavailable" => VaultError::Unavailable,
            "missing_entitlement" => VaultError::MissingEntitlement,
            "corrupt" => VaultError::Corrupt,
            "other" => VaultError::Other,
            _ => return Err(self.unknown("locked, unavailable, missing_entitlement, corrupt or other")),
        };
        self.fields.end()?;
        Ok(make(self.detail))
    }

    /// Also for `finish_sign_out`.
    fn of_browser(self) -> Result<BrowserError, StepError> {
        let error = match &*self.case {
            "cancelled" => BrowserError::Cancelled,
            "timed_out" => BrowserError::TimedOut,
            "unavailable" => BrowserError::Unavailable(self.detail),
            "redirect_taken" => BrowserError::RedirectTaken(self.detail),
            _ => return Err(self.unknown("cancelled, timed_out, unavailable or redirect_taken")),
        };
        self.fields.end()?;
        Ok(error)
    }

    fn of_app_step(self) -> Result<AppStepFailure, StepError> {
        if self.case != "failed" {
            return Err(self.unknown("failed"));
        }
        self.fields.end()?;
        Ok(AppStepFailure::Failed { reason: self.detail })
    }
}

/// Why the browser that the app has opened itself did not come back.
pub(super) fn browser_error(fields: Fields) -> Result<BrowserError, StepError> {
    Failure::read(fields)?.of_browser()
}
