//! What Cognito's answers mean: by the service's own code, in whatever HTTP status it comes.
//!
//! A success has to be Cognito's: see [`is_from_aws`]. An empty page with status 200 is what a captive portal or a proxy may
//! answer, and must not end as a revoked token.
//!
//! AWS declares 400 for nearly every error, emulators use 401 and 500, and a proxy may put 200 on top. Messages are read only
//! where one code hides several causes, and are never repeated: servers put the token into them.

#[cfg(test)]
mod tests;

use serde::Deserialize;
use serde_json::Value;

use super::attempt::AttemptError;
use crate::error::{ErrorCode, StepError};
use crate::transport::HttpResponse;

/// Lets a success through and says what anything else is.
pub(crate) fn judge(operation: &str, answer: &HttpResponse) -> Result<(), AttemptError> {
    judge_by(operation, answer, |name, message| {
        match meaning(operation, name, message) {
            Some(code) => refusal(code, name, operation).into(),
            None => AttemptError::AlreadyRevoked,
        }
    })
}

/// The same, where `meaning` says what an error is, by its name and the message that came with it.
pub(crate) fn judge_by(
    operation: &str,
    answer: &HttpResponse,
    meaning: impl FnOnce(&str, &str) -> AttemptError,
) -> Result<(), AttemptError> {
    let body = Body::of(answer);
    if let Some(name) = error_name(answer, &body) {
        return Err(meaning(name, body.message()));
    }
    let code = match (answer.status, body) {
        (200, Body::Empty | Body::Json(_)) if is_from_aws(answer) => return Ok(()),
        (429, _) => ErrorCode::Throttled,
        (500..=599, _) => ErrorCode::ServiceUnavailable,
        _ => ErrorCode::UnexpectedResponse,
    };
    let message = format!("HTTP {} for {operation}, and {}", answer.status, not_cognitos(answer));
    Err(StepError::new(code, message).into())
}

/// Whether an answer comes from AWS, by a header that no captive portal sends.
///
/// Real answers of the user pools API have `x-amzn-requestid`, those of a pool's domain `x-amz-cognito-request-id`, and what
/// CloudFront passes on has `x-amz-cf-id` besides. Of the emulators ministack and moto send the first; cognitox sends AWS
/// JSON's `content-type` alone. Either is enough, so a proxy may take some of them away.
fn is_from_aws(answer: &HttpResponse) -> bool {
    let begins = |text: &str, with: &str| {
        text.get(..with.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    let mut headers = answer.headers.iter();
    headers.any(|(name, value)| {
        begins(name, "x-amz") || (name.eq_ignore_ascii_case("content-type") && begins(value, "application/x-amz-json"))
    })
}

/// What to say of an answer that is not Cognito's. A good one without any header is more likely a transport's doing.
fn not_cognitos(answer: &HttpResponse) -> &'static str {
    if answer.status == 200 && answer.headers.is_empty() {
        "the response has no headers: an HttpTransport must pass them on"
    } else {
        "the response is not from Cognito: a proxy or a captive portal may have answered"
    }
}

/// The same for `POST /oauth2/revoke`, whose errors are OAuth's (RFC 6749, section 5.2, and RFC 7009, section 2.2.1).
pub(super) fn judge_oauth2_revoke(answer: &HttpResponse) -> Result<(), AttemptError> {
    let body = Body::of(answer);
    let error = match &body {
        Body::Json(fields) => fields.error.as_ref().map(|error| error.as_str().unwrap_or_default()),
        _ => None,
    };
    let (code, what) = match (answer.status, error) {
        // It means that no token was sent, or that revocation is off: and one was sent.
        (_, Some("invalid_request")) => (ErrorCode::RevocationDisabled, Some("invalid_request")),
        (_, Some("unsupported_token_type")) => (ErrorCode::Refused, Some("unsupported_token_type")),
        (_, Some("invalid_client")) => (ErrorCode::ClientRejected, Some("invalid_client")),
        (401, _) => (ErrorCode::ClientRejected, None),
        (403, _) => (ErrorCode::Forbidden, None),
        (429, _) => (ErrorCode::Throttled, None),
        (500..=599, _) => (ErrorCode::ServiceUnavailable, None),
        (_, Some(_)) => (ErrorCode::Refused, Some("an error that is not in its documentation")),
        (200, None) if matches!(answer.body.trim_ascii(), b"" | b"{}") && is_from_aws(answer) => return Ok(()),
        _ => (ErrorCode::UnexpectedResponse, None),
    };
    let what = what.map_or_else(
        || format!("HTTP {}, and {}", answer.status, not_cognitos(answer)),
        str::to_owned,
    );
    let message = format!("the user pool's domain answered POST /oauth2/revoke with {what}");
    Err(StepError::new(code, message).into())
}

/// `name` has been held against what an error's name can be: it is not the server's free text.
pub(crate) fn refusal(code: ErrorCode, name: &str, operation: &str) -> StepError {
    StepError::new(code, format!("Cognito answered {name} to {operation}"))
}

/// What an error means to the caller; `None` if it is that the token had been revoked before.
fn meaning(operation: &str, name: &str, message: &str) -> Option<ErrorCode> {
    if let Some(code) = of_any_operation(name) {
        return Some(code);
    }
    match operation {
        "RevokeToken" => Some(of_revoke_token(name)),
        "GlobalSignOut" | "GetUser" => of_access_token(name, message),
        "InitiateAuth" | "GetTokensFromRefreshToken" => Some(of_refresh(name, message)),
        _ => Some(ErrorCode::Refused),
    }
}

/// What has nothing to do with what was asked.
pub(crate) fn of_any_operation(name: &str) -> Option<ErrorCode> {
    match name {
        "TooManyRequestsException"
        | "LimitExceededException"
        | "RequestLimitExceeded"
        | "Throttling"
        | "ThrottlingException" => Some(ErrorCode::Throttled),
        "InternalErrorException"
        | "InternalFailure"
        | "InternalServerError"
        | "ServiceUnavailable"
        | "ServiceUnavailableException" => Some(ErrorCode::ServiceUnavailable),
        "ForbiddenException" => Some(ErrorCode::Forbidden),
        _ => None,
    }
}

fn of_revoke_token(name: &str) -> ErrorCode {
    match name {
        "UnsupportedOperationException" | "OperationNotEnabledException" => ErrorCode::RevocationDisabled,
        // The last two are not declared for RevokeToken: emulators say the first of a wrong client or secret, and every
        // other operation says the second of an unknown client.
        "UnauthorizedException" | "NotAuthorizedException" | "ResourceNotFoundException" => ErrorCode::ClientRejected,
        // InvalidParameterException and UnsupportedTokenTypeException among them: it is the token that is wrong, or nobody
        // has established what is.
        _ => ErrorCode::Refused,
    }
}

fn of_access_token(name: &str, message: &str) -> Option<ErrorCode> {
    match name {
        "NotAuthorizedException" if says(message, "has been revoked") => None,
        "NotAuthorizedException" if says(message, "has expired") => Some(ErrorCode::SessionExpired),
        "NotAuthorizedException" if says(message, "required scopes") => Some(ErrorCode::MissingScope),
        "UserNotFoundException" => Some(ErrorCode::SessionExpired),
        // "Invalid Access Token" among them: of another pool, or not a token at all.
        _ => Some(ErrorCode::Refused),
    }
}

fn of_refresh(name: &str, message: &str) -> ErrorCode {
    match name {
        "ResourceNotFoundException" => ErrorCode::ClientRejected,
        // "Unable to verify secret hash for client …", "… configured for secret but secret was not received": nothing is
        // known of the token then.
        "NotAuthorizedException" if says(message, "secret") => ErrorCode::ClientRejected,
        // Any other text ("Refresh Token has been revoked", "has expired", "Invalid Refresh Token", "User is disabled", or
        // one that is not known yet) ends the session: the code says that the token authorises nothing, and the same
        // request would bring the same answer for ever. Amplify's libraries take it so too.
        "NotAuthorizedException" | "RefreshTokenReuseException" | "UserNotFoundException" => ErrorCode::SessionExpired,
        _ => ErrorCode::Refused,
    }
}

fn says(message: &str, words: &str) -> bool {
    message.to_ascii_lowercase().contains(words)
}

enum Body {
    Empty,
    Json(ErrorFields),
    Other,
}

/// What the AWS JSON 1.1 protocol puts into the body of an error, and OAuth (`error`). Not typed as strings, so that an odd
/// value is still seen to be there.
#[derive(Deserialize)]
struct ErrorFields {
    #[serde(rename = "__type")]
    kind: Option<Value>,
    message: Option<Value>,
    #[serde(rename = "Message")]
    capital_message: Option<Value>,
    error: Option<Value>,
}

impl Body {
    fn of(answer: &HttpResponse) -> Self {
        if answer.body.is_empty() {
            return Self::Empty;
        }
        // Serde would read the fields from an array too.
        let is_object = answer.body.trim_ascii_start().starts_with(b"{");
        match serde_json::from_slice(&answer.body) {
            Ok(fields) if is_object => Self::Json(fields),
            _ => Self::Other,
        }
    }

    fn message(&self) -> &str {
        let Self::Json(fields) = self else { return "" };
        let message = fields.message.as_ref().or(fields.capital_message.as_ref());
        message.and_then(Value::as_str).unwrap_or_default()
    }
}

/// The error's name without what may stand around it: `Name`, `namespace#Name`, `Name:http://…`, in the body or, where a
/// proxy has eaten the body, in the header. (Smithy, AWS JSON 1.1 protocol, "Operation error serialization".)
fn error_name<'a>(answer: &'a HttpResponse, body: &'a Body) -> Option<&'a str> {
    let in_body = match body {
        Body::Json(fields) => fields.kind.as_ref().map(|kind| kind.as_str().unwrap_or_default()),
        _ => None,
    };
    let in_header = || {
        let mut headers = answer.headers.iter();
        let header = headers.find(|(name, _)| name.eq_ignore_ascii_case("x-amzn-errortype"));
        header.map(|(_, value)| value.as_str())
    };
    let full = in_body.or_else(in_header)?;
    let name = full.split(':').next().unwrap_or_default();
    let name = name.rsplit('#').next().unwrap_or_default().trim();
    let plain = (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    Some(if plain { name } else { "an error without a plain name" })
}
