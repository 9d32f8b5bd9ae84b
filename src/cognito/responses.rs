//! What Cognito's responses mean. The service's own error name decides; the HTTP status does not.
//!
//! A success must come from Cognito: see [`is_from_aws`]. A captive portal or a proxy may send an empty page with status 200,
//! and that must not count as a revoked token.
//!
//! AWS declares status 400 for nearly every error, emulators use 401 and 500, and a proxy may send 200 instead. A message is
//! read only where one error name has several causes. It is never repeated, because servers put the token into it.

#[cfg(test)]
mod tests;

use serde::Deserialize;
use serde_json::Value;

use super::attempt::AttemptError;
use crate::end_reason::EndReason;
use crate::error::{ErrorCode, StepError};
use crate::json;
use crate::transport::HttpResponse;

/// Accepts a success, and says what any other response means.
pub(crate) fn judge(operation: &str, response: &HttpResponse) -> Result<(), AttemptError> {
    judge_by(operation, response, |name, message| {
        match meaning(operation, name, message) {
            Some(code) => refusal(code, name, operation)
                .because(end_reason(operation, code, name, message))
                .into(),
            None => AttemptError::AlreadyRevoked,
        }
    })
}

/// As [`judge`], but `meaning` says what an error is, from its name and its message.
pub(crate) fn judge_by<E: From<StepError>>(
    operation: &str,
    response: &HttpResponse,
    meaning: impl FnOnce(&str, &str) -> E,
) -> Result<(), E> {
    let body = Body::of(&response.body);
    if let Some(name) = error_name(response, &body) {
        return Err(meaning(name, body.message()));
    }
    let code = match (response.status, body) {
        (200, Body::Empty | Body::Json(_)) if is_from_aws(response) => return Ok(()),
        (429, _) => ErrorCode::Throttled,
        (500..=599, _) => ErrorCode::ServiceUnavailable,
        _ => ErrorCode::UnexpectedResponse,
    };
    let message = format!(
        "HTTP {} for {operation}, and {}",
        response.status,
        not_cognitos(response)
    );
    Err(StepError::new(code, message).into())
}

/// Whether a response comes from AWS: it has a header that no captive portal sends.
///
/// Responses of the user pools API have `x-amzn-requestid`, responses of a pool's domain have `x-amz-cognito-request-id`, and
/// CloudFront adds `x-amz-cf-id`. The emulators ministack and moto send the first; cognitox sends only the `content-type` of
/// AWS JSON. One of these is enough, so a proxy may remove the others.
fn is_from_aws(response: &HttpResponse) -> bool {
    let begins = |text: &str, with: &str| {
        text.get(..with.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    let mut headers = response.headers.iter();
    headers.any(|(name, value)| {
        begins(name, "x-amz") || (name.eq_ignore_ascii_case("content-type") && begins(value, "application/x-amz-json"))
    })
}

/// How to describe a response that is not from Cognito. If a success has no headers at all, the transport has probably
/// dropped them.
fn not_cognitos(response: &HttpResponse) -> &'static str {
    if response.status == 200 && response.headers.is_empty() {
        "the response has no headers: an HttpTransport must pass them on"
    } else {
        "the response is not from Cognito: a proxy or a captive portal may have sent it"
    }
}

/// As [`judge`], for `POST /oauth2/revoke`. Its errors are OAuth's (RFC 6749, section 5.2, and RFC 7009, section 2.2.1).
pub(super) fn judge_oauth2_revoke(response: &HttpResponse) -> Result<(), AttemptError> {
    let body = Body::of(&response.body);
    let error = match &body {
        Body::Json(fields) => fields.error.as_ref().map(|error| error.as_str().unwrap_or_default()),
        _ => None,
    };
    let (code, what) = match (response.status, error) {
        // It means that no token was sent, or that revocation is off. A token was sent.
        (_, Some("invalid_request")) => (ErrorCode::RevocationDisabled, Some("invalid_request")),
        (_, Some("unsupported_token_type")) => (ErrorCode::Refused, Some("unsupported_token_type")),
        (_, Some("invalid_client")) => (ErrorCode::ClientRejected, Some("invalid_client")),
        (401, _) => (ErrorCode::ClientRejected, None),
        (403, _) => (ErrorCode::Forbidden, None),
        (429, _) => (ErrorCode::Throttled, None),
        (500..=599, _) => (ErrorCode::ServiceUnavailable, None),
        (_, Some(_)) => (ErrorCode::Refused, Some("an undocumented error")),
        (200, None) if matches!(response.body.trim_ascii(), b"" | b"{}") && is_from_aws(response) => return Ok(()),
        _ => (ErrorCode::UnexpectedResponse, None),
    };
    let what = what.map_or_else(
        || format!("HTTP {}, and {}", response.status, not_cognitos(response)),
        str::to_owned,
    );
    let message = format!("POST /oauth2/revoke at the user pool's domain: {what}");
    Err(StepError::new(code, message).into())
}

/// `name` is checked: it has the form of an error name, and is not the server's free text.
pub(crate) fn refusal(code: ErrorCode, name: &str, operation: &str) -> StepError {
    StepError::new(code, format!("{operation} failed: Cognito returned {name}"))
}

/// What an error means to the caller. `None`: the token had already been revoked.
fn meaning(operation: &str, name: &str, message: &str) -> Option<ErrorCode> {
    if let Some(code) = of_any_operation(name) {
        return Some(code);
    }
    match operation {
        "RevokeToken" => Some(of_revoke_token(name)),
        "GlobalSignOut" => of_access_token(name, message),
        "GetUser" => of_access_token(name, message).or(Some(ErrorCode::SessionExpired)),
        "ListUserSessions" | "RevokeUserSession" => {
            of_sessions(operation, name).map_or_else(|| of_access_token(name, message), Some)
        }
        "InitiateAuth" | "GetTokensFromRefreshToken" => Some(of_refresh(name, message)),
        _ => Some(ErrorCode::Refused),
    }
}

/// Errors that any operation can return.
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
        // The last two are not declared for RevokeToken. Emulators return the first for a wrong client or secret, and all
        // other operations return the second for an unknown client.
        "UnauthorizedException" | "NotAuthorizedException" | "ResourceNotFoundException" => ErrorCode::ClientRejected,
        // For example InvalidParameterException and UnsupportedTokenTypeException: the token is wrong, or the cause is
        // unknown.
        _ => ErrorCode::Refused,
    }
}

fn of_access_token(name: &str, message: &str) -> Option<ErrorCode> {
    match name {
        "NotAuthorizedException" if says(message, "has been revoked") => None,
        "NotAuthorizedException" if says(message, "has expired") => Some(ErrorCode::SessionExpired),
        "NotAuthorizedException" if says(message, "required scopes") => Some(ErrorCode::MissingScope),
        "UserNotFoundException" => Some(ErrorCode::SessionExpired),
        // For example "Invalid Access Token": the token of another pool, or no token at all.
        _ => Some(ErrorCode::Refused),
    }
}

/// What only the operations of session management return.
fn of_sessions(operation: &str, name: &str) -> Option<ErrorCode> {
    match name {
        // The second is for the operations that turn tracking on. Without the tier, tracking is off.
        "OperationNotEnabledException" | "FeatureUnavailableInTierException" => Some(ErrorCode::SessionTrackingOff),
        // Of a list it does not mean a session.
        "ResourceNotFoundException" if operation == "RevokeUserSession" => Some(ErrorCode::SessionNotFound),
        // The server does not know the operation: AWS's name for it, those of the emulators cognitox and ministack, and what a
        // server says that takes it for an operation to be signed.
        "UnknownOperationException"
        | "NotImplementedException"
        | "InvalidAction"
        | "MissingAuthenticationTokenException" => Some(ErrorCode::SessionsNotSupported),
        _ => None,
    }
}

fn of_refresh(name: &str, message: &str) -> ErrorCode {
    match name {
        "ResourceNotFoundException" => ErrorCode::ClientRejected,
        // "Unable to verify secret hash for client …", "… configured for secret but secret was not received": these say
        // nothing about the token.
        "NotAuthorizedException" if says(message, "secret") => ErrorCode::ClientRejected,
        // Any other text ends the session ("Refresh Token has been revoked", "has expired", "Invalid Refresh Token", "User is
        // disabled", or a text that is not known yet). The error name says that the token authorises nothing, and the same
        // request would always get the same response. Amplify's libraries do the same.
        "NotAuthorizedException" | "RefreshTokenReuseException" | "UserNotFoundException" => ErrorCode::SessionExpired,
        _ => ErrorCode::Refused,
    }
}

/// Why the session has ended, if the error of a refresh or of `GetUser` says that it has.
fn end_reason(operation: &str, code: ErrorCode, name: &str, message: &str) -> Option<EndReason> {
    let asks_about_it = matches!(operation, "InitiateAuth" | "GetTokensFromRefreshToken" | "GetUser");
    if !asks_about_it || !matches!(code, ErrorCode::SessionExpired | ErrorCode::Refused) {
        return None;
    }
    match name {
        "PasswordResetRequiredException" => Some(EndReason::PasswordReset),
        "UserNotFoundException" => Some(EndReason::UserDeleted),
        "NotAuthorizedException" => Some(told_by(message)),
        "RefreshTokenReuseException" => Some(EndReason::Unknown),
        _ => None,
    }
}

/// What the text of a `NotAuthorizedException` says about a token or its user.
pub(super) fn told_by(message: &str) -> EndReason {
    const TEXTS: [(&str, EndReason); 4] = [
        ("has been revoked", EndReason::Revoked),
        ("has expired", EndReason::Expired),
        ("user is disabled", EndReason::UserDisabled),
        ("user has been deleted", EndReason::UserDeleted),
    ];
    let mut told = TEXTS.iter().filter(|(text, _)| says(message, text));
    match (told.next(), told.next()) {
        (Some((_, reason)), None) => *reason,
        _ => EndReason::Unknown,
    }
}

pub(super) fn says(message: &str, words: &str) -> bool {
    message.to_ascii_lowercase().contains(words)
}

enum Body {
    Empty,
    Json(ErrorFields),
    Other,
}

/// The fields that AWS JSON 1.1 and OAuth (`error`) put into the body of an error. They are not typed as strings, so that a
/// value of another type is still seen.
#[derive(Deserialize)]
struct ErrorFields {
    #[serde(rename = "__type")]
    kind: Option<Value>,
    message: Option<Value>,
    #[serde(rename = "Message")]
    capital_message: Option<Value>,
    error: Option<Value>,
    error_description: Option<Value>,
}

impl Body {
    fn of(body: &[u8]) -> Self {
        if body.is_empty() {
            return Self::Empty;
        }
        match serde_json::from_slice(body) {
            Ok(fields) if json::is_object(body) => Self::Json(fields),
            _ => Self::Other,
        }
    }

    fn message(&self) -> &str {
        let Self::Json(fields) = self else { return "" };
        let message = fields.message.as_ref().or(fields.capital_message.as_ref());
        message.and_then(Value::as_str).unwrap_or_default()
    }
}

/// The error's name without its namespace and URL: `Name`, `namespace#Name`, `Name:http://…`. It is in the body or, if a
/// proxy has removed the body, in the header. (Smithy, AWS JSON 1.1 protocol, "Operation error serialization".)
fn error_name<'a>(response: &'a HttpResponse, body: &'a Body) -> Option<&'a str> {
    let in_body = match body {
        Body::Json(fields) => fields.kind.as_ref().map(|kind| kind.as_str().unwrap_or_default()),
        _ => None,
    };
    let in_header = || {
        let mut headers = response.headers.iter();
        let header = headers.find(|(name, _)| name.eq_ignore_ascii_case("x-amzn-errortype"));
        header.map(|(_, value)| value.as_str())
    };
    Some(plain_name(in_body.or_else(in_header)?))
}

fn plain_name(full: &str) -> &str {
    let name = full.split(':').next().unwrap_or_default();
    let name = name.rsplit('#').next().unwrap_or_default().trim();
    let plain = (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    if plain {
        name
    } else {
        "an error without a readable name"
    }
}

/// What the body of an error response says.
pub(super) enum Said<'a> {
    /// An error of the user pools API: its name and its message.
    Api(&'a str, &'a str),
    /// An error of the pool's domain: `error` and `error_description`.
    OAuth(&'a str, &'a str),
}

/// Reads an error's body, and gives it to `then`. `None`: it is not one of Cognito's.
pub(super) fn read_error<T>(body: &[u8], then: impl FnOnce(Said<'_>) -> T) -> Option<T> {
    let body = Body::of(body);
    let Body::Json(fields) = &body else { return None };
    fn text(field: &Option<Value>) -> Option<&str> {
        field.as_ref().map(|value| value.as_str().unwrap_or_default())
    }
    let said = match (text(&fields.kind), text(&fields.error)) {
        (Some(kind), _) => Said::Api(plain_name(kind), body.message()),
        (None, Some(error)) => Said::OAuth(error, text(&fields.error_description).unwrap_or_default()),
        (None, None) => return None,
    };
    Some(then(said))
}
