//! What a refusal says about a token: of an app's own call to Cognito, or of an app's own API.

use super::challenges::challenges;
use super::responses::{Said, read_error, says, told_by};
use crate::end_reason::EndReason;

/// What a refusal says about the token that was sent, from [`Auth::classify`](crate::Auth::classify) or
/// [`Auth::classify_www_authenticate`](crate::Auth::classify_www_authenticate).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum Refusal {
    /// The token was revoked. [`Auth::verify`](crate::Auth::verify) says whether the session has ended, and marks it.
    Revoked,
    /// The token has expired. [`Auth::refresh`](crate::Auth::refresh) gets a new one; then try again, once.
    Expired,
    /// The token lacks a scope. Request the scope at sign-in: a new token has the same scopes.
    InsufficientScope,
    /// Something else, or the text leaves a doubt. For a status 401, ask [`Auth::verify`](crate::Auth::verify).
    Other,
}

impl Refusal {
    /// The word that never changes: `revoked`, `expired`, `insufficient_scope`, `other`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::InsufficientScope => "insufficient_scope",
            Self::Other => "other",
        }
    }

    /// Of a response of Cognito's user pools API, or of the pool's domain.
    pub(crate) fn of_cognito(status: u16, body: &[u8]) -> Self {
        let refused = (status >= 400).then(|| {
            read_error(body, |said| match said {
                Said::Api("NotAuthorizedException", text) if says(text, "required scopes") => Self::InsufficientScope,
                Said::Api("NotAuthorizedException", text) => match told_by(text) {
                    EndReason::Revoked => Self::Revoked,
                    EndReason::Expired => Self::Expired,
                    _ => Self::Other,
                },
                Said::Api(..) => Self::Other,
                Said::OAuth(error, text) => Self::of_oauth(error, text),
            })
        });
        refused.flatten().unwrap_or(Self::Other)
    }

    /// Of a header `WWW-Authenticate`. If it has several challenges for bearer tokens, the first with an error counts.
    pub(crate) fn of_www_authenticate(header: &str) -> Self {
        let challenges = challenges(header);
        let mut bearer = challenges.iter().filter(|challenge| challenge.scheme == "bearer");
        let refused = bearer.find_map(|challenge| {
            let text = challenge.parameter("error_description").unwrap_or_default();
            Some(Self::of_oauth(challenge.parameter("error")?, text))
        });
        refused.unwrap_or(Self::Other)
    }

    /// By the error codes of RFC 6750, section 3.1. `invalid_token` has several causes, which only the description tells apart;
    /// that is free text.
    fn of_oauth(error: &str, description: &str) -> Self {
        match error {
            "insufficient_scope" => Self::InsufficientScope,
            "invalid_token" | "invalid_grant" => of_description(description),
            _ => Self::Other,
        }
    }
}

/// What a description says for certain. "The access token expired" does; "expired, revoked, malformed, or invalid for other
/// reasons" and "has not expired" do not.
fn of_description(text: &str) -> Refusal {
    const IN_DOUBT: [&str; 8] = ["or", "not", "no", "if", "may", "might", "invalid", "malformed"];
    let text = text.to_ascii_lowercase();
    let words: Vec<&str> = text.split(|next: char| !next.is_ascii_alphabetic()).collect();
    let has = |word: &str| words.contains(&word);
    match (has("revoked"), has("expired")) {
        _ if IN_DOUBT.iter().any(|word| has(word)) => Refusal::Other,
        (true, false) => Refusal::Revoked,
        (false, true) => Refusal::Expired,
        _ => Refusal::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::Refusal::{Expired, InsufficientScope, Other, Revoked};
    use super::*;

    #[test]
    fn cognitos_error_and_text_decide_and_the_status_only_tells_a_success() {
        let api = |name: &str, text: &str| format!(r#"{{"__type":"{name}","message":"{text}"}}"#);
        let not_authorized = |text: &str| api("NotAuthorizedException", text);
        for (body, expected) in [
            (not_authorized("Access Token has been revoked"), Revoked),
            (not_authorized("Refresh Token has been revoked"), Revoked),
            (not_authorized("Access Token has expired"), Expired),
            (
                api("ns#NotAuthorizedException:http://x", "Refresh Token has expired"),
                Expired,
            ),
            (
                not_authorized("Access Token does not have required scopes"),
                InsufficientScope,
            ),
            (not_authorized("Invalid Access Token"), Other),
            (not_authorized("User is disabled."), Other),
            (not_authorized("has expired, or has been revoked"), Other),
            (api("TooManyRequestsException", "Access Token has been revoked"), Other),
            (api("UserNotFoundException", ""), Other),
            (
                r#"{"error":"invalid_token","error_description":"Access token has expired"}"#.into(),
                Expired,
            ),
            (
                r#"{"error":"invalid_grant","error_description":"Refresh Token has been revoked"}"#.into(),
                Revoked,
            ),
            (r#"{"error":"invalid_grant"}"#.into(), Other),
            (
                r#"{"error":["invalid_token"],"error_description":"expired"}"#.into(),
                Other,
            ),
            ("{}".into(), Other),
            ("[]".into(), Other),
            ("<html>Access Token has been revoked</html>".into(), Other),
            (String::new(), Other),
        ] {
            for status in [400, 401, 403, 500] {
                assert_eq!(
                    Refusal::of_cognito(status, body.as_bytes()),
                    expected,
                    "{status} {body}"
                );
            }
            assert_eq!(
                Refusal::of_cognito(200, body.as_bytes()),
                Other,
                "a success refuses nothing"
            );
        }
    }

    #[test]
    fn a_header_is_judged_by_its_bearer_challenge() {
        for (header, expected) in [
            // RFC 6750, section 3.
            (
                r#"Bearer realm="example", error="invalid_token", error_description="The access token expired""#,
                Expired,
            ),
            // API Gateway, without commas.
            (
                r#"Bearer scope="" error="invalid_token" error_description="the token has expired""#,
                Expired,
            ),
            (
                r#"Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience""#,
                Other,
            ),
            (
                r#"Bearer scope="" error="invalid_token" error_description="token contains an invalid number of segments""#,
                Other,
            ),
            (r#"Bearer error="insufficient_scope", scope="read""#, InsufficientScope),
            (
                r#"Bearer error="insufficient_scope", error_description="The access token expired""#,
                InsufficientScope,
            ),
            // ASP.NET, Spring, express-jwt.
            (
                r#"Bearer error="invalid_token", error_description="The token expired at '11/29/2026 07:00:00'""#,
                Expired,
            ),
            (
                r#"Bearer error="invalid_token", error_description="An error occurred while attempting to decode the Jwt: Jwt expired at 2026-11-29T07:00:00Z""#,
                Expired,
            ),
            (r#"bearer error=invalid_token,error_description="jwt expired""#, Expired),
            (
                r#"Bearer error="invalid_token", error_description="The token was revoked""#,
                Revoked,
            ),
            // RFC 6750, section 3.1: it does not say which.
            (
                r#"Bearer error="invalid_token", error_description="The access token provided is expired, revoked, malformed, or invalid for other reasons.""#,
                Other,
            ),
            (
                r#"Bearer error="invalid_token", error_description="The token is invalid or has expired""#,
                Other,
            ),
            (
                r#"Bearer error="invalid_token", error_description="has not expired""#,
                Other,
            ),
            (
                r#"Bearer error="invalid_token", error_description="expired and revoked""#,
                Other,
            ),
            (r#"Bearer error="invalid_request", error_description="expired""#, Other),
            (r#"Bearer error_description="The access token expired""#, Other),
            (r#"Bearer realm="example""#, Other),
            (r#"Basic error="invalid_token", error_description="expired""#, Other),
            (
                r#"Basic realm="x", Bearer realm="y", Bearer error="invalid_token", error_description="expired""#,
                Expired,
            ),
            (r#"Basic realm="Bearer error=\"insufficient_scope\"""#, Other),
            ("", Other),
        ] {
            assert_eq!(Refusal::of_www_authenticate(header), expected, "{header}");
        }
    }
}
