//! The claims of a token.

#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::error::{ErrorCode, StepError};
use crate::secret::Secret;

/// The scope that lets an access token act for its user, `GlobalSignOut` included.
const ADMIN_SCOPE: &str = "aws.cognito.signin.user.admin";

/// Tokens are sent in headers, and hardly any HTTP server accepts a header of this length.
const LONGEST_TOKEN: usize = 64 * 1024;

/// 9999-12-31T23:59:59Z: the last second that RFC 3339 can write and every platform's clock can represent.
const LAST_SECOND: u64 = 253_402_300_799;

/// The claims of an ID token or an access token from Cognito.
///
/// The signature is **not** verified. The app got the token from Cognito itself, over TLS, and uses the claims only to decide
/// what to ask Cognito next. A service that accepts the token as proof must verify it. Do not grant access to anything
/// because of these claims.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use cognito_signout::{Claims, Secret};
///
/// // {"sub":"42","token_use":"access","origin_jti":"o","scope":"openid","exp":4102444800}
/// let token = Secret::new(concat!(
///     "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI0MiIsInRva2VuX3VzZSI6ImFjY2VzcyIsIm9yaWdpbl9qdGkiOiJvIiwic2NvcGUiOiJv",
///     "cGVuaWQiLCJleHAiOjQxMDI0NDQ4MDB9.c2lnbmF0dXJl",
/// ));
/// let claims = Claims::from_jwt(&token)?;
/// assert_eq!(claims.subject(), Some("42"));
/// assert!(claims.is_revocable());
/// assert!(!claims.can_sign_out_globally());
/// assert_eq!(claims.expires_at(), SystemTime::UNIX_EPOCH + Duration::from_secs(4_102_444_800));
/// # Ok::<(), cognito_signout::ClaimsError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    subject: Option<String>,
    username: Option<String>,
    client_id: Option<String>,
    issuer: Option<String>,
    token_use: Option<String>,
    origin_jti: Option<String>,
    scope: Option<String>,
    identity_provider: Option<String>,
    expires_at: SystemTime,
}

impl Claims {
    /// Reads the claims of a JWT (RFC 7519) in compact form, without verifying it.
    ///
    /// # Errors
    /// [`ClaimsError`]: the text is not such a JWT, or a claim has the wrong type or value.
    pub fn from_jwt(token: &Secret) -> Result<Self, ClaimsError> {
        let mut payload = payload_of(token.reveal())?;
        Ok(Self {
            subject: text(&mut payload, "sub")?,
            username: text_of_either(&mut payload, "username", "cognito:username")?,
            client_id: text_of_either(&mut payload, "client_id", "aud")?,
            issuer: text(&mut payload, "iss")?,
            token_use: text(&mut payload, "token_use")?,
            origin_jti: text(&mut payload, "origin_jti")?,
            scope: text(&mut payload, "scope")?,
            identity_provider: identity_provider(&payload),
            expires_at: expiry(&payload)?,
        })
    }

    /// The user's id in the user pool (`sub`), which never changes.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// The user's name: `username` of an access token, `cognito:username` of an ID token.
    pub fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    /// The app client: `client_id` of an access token, `aud` of an ID token.
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// The issuer of the token (`iss`). Cognito's ends with a slash and the user pool's id.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// `access` or `id`.
    pub fn token_use(&self) -> Option<&str> {
        self.token_use.as_deref()
    }

    /// The OAuth scopes. An ID token has none.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope.as_deref().unwrap_or_default().split_ascii_whitespace()
    }

    /// The identity provider that the user signed in through, by its name in the user pool: `providerName` in the claim
    /// `identities`, which only the ID tokens of federated users have. `None` for a user who signed in at the user pool itself,
    /// and if the claim does not have the form that Cognito writes.
    ///
    /// If several identities are linked to the user, the claim lists them all, and Cognito does not say which one was used. This
    /// is then the one that the user's profile was made from (`primary`), or the first.
    ///
    /// ```
    /// use cognito_signout::{Claims, Secret};
    ///
    /// // {"token_use":"id","exp":4102444800,"identities":[{"providerName":"Google","primary":"true"}]}
    /// let token = Secret::new(concat!(
    ///     "eyJhbGciOiJSUzI1NiJ9.eyJ0b2tlbl91c2UiOiJpZCIsImV4cCI6NDEwMjQ0NDgwMCwiaWRlbnRpdGllcyI6W3sicHJvdmlkZXJO",
    ///     "YW1lIjoiR29vZ2xlIiwicHJpbWFyeSI6InRydWUifV19.c2lnbmF0dXJl",
    /// ));
    /// assert_eq!(Claims::from_jwt(&token)?.identity_provider(), Some("Google"));
    /// # Ok::<(), cognito_signout::ClaimsError>(())
    /// ```
    pub fn identity_provider(&self) -> Option<&str> {
        self.identity_provider.as_deref()
    }

    /// When the token expires (`exp`): from then on nobody may accept it.
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at
    }

    /// Whether the token has expired at `now`, or expires within `margin`.
    pub fn expired_at(&self, now: SystemTime, margin: Duration) -> bool {
        now.checked_add(margin).is_none_or(|then| then >= self.expires_at)
    }

    /// Identifies the sign-in that the token comes from. Refreshed tokens keep it. `None` if token revocation is off.
    pub fn origin_jti(&self) -> Option<&str> {
        self.origin_jti.as_deref()
    }

    /// Whether `RevokeToken` can end the token's session. Cognito puts `origin_jti` into the tokens of an app client if token
    /// revocation is on for it; the tokens show it in no other way.
    pub fn is_revocable(&self) -> bool {
        self.origin_jti.is_some()
    }

    /// Whether `GlobalSignOut` accepts the token until it expires: it must be an access token with the scope
    /// `aws.cognito.signin.user.admin`. True for an access token without a scope claim too, because a request that Cognito
    /// refuses costs less than a session that stays alive.
    pub fn can_sign_out_globally(&self) -> bool {
        self.token_use() != Some("id") && (self.scope.is_none() || self.scopes().any(|scope| scope == ADMIN_SCOPE))
    }
}

/// Why a token's claims could not be read. Give an ID token or an access token exactly as Cognito issued it.
///
/// No error contains any part of the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimsError {
    /// The text is not a JWT in compact form. Check that it is the right token, and complete.
    #[error("the token is not a JWT: {0}")]
    NotAJwt(&'static str),
    /// The text is longer than 64 KiB. Check that it is a token.
    #[error("the token is longer than 64 KiB")]
    TooLong,
    /// A claim has the wrong type or value: the token was not issued by Cognito, or was changed.
    #[error("the token's claim {claim} must be {must}")]
    Claim {
        /// The claim's name.
        claim: &'static str,
        /// What it must be: the words after "must be" in the message.
        must: &'static str,
    },
}

impl ClaimsError {
    /// This error's stable code: [`ErrorCode::InvalidInput`].
    pub fn code(&self) -> ErrorCode {
        ErrorCode::InvalidInput
    }

    /// The message with the token's name, such as "the access token is not a JWT: …". Each message begins with "the token".
    pub(crate) fn of_token(&self, name: &str) -> String {
        self.to_string().replacen("the token", &format!("the {name} token"), 1)
    }
}

/// Decodes the middle of the three parts: base64url without padding (RFC 7515, section 2).
fn payload_of(token: &str) -> Result<Map<String, Value>, ClaimsError> {
    if token.is_empty() {
        return Err(ClaimsError::NotAJwt("it is empty"));
    }
    if token.len() > LONGEST_TOKEN {
        return Err(ClaimsError::TooLong);
    }
    let payload = match token.split('.').collect::<Vec<_>>()[..] {
        [_, payload, _] => Ok(payload),
        [_, _, _, _, _] => Err("it has five parts, like a refresh token; an ID or access token has three"),
        _ => Err("it does not have three parts separated by dots"),
    }
    .map_err(ClaimsError::NotAJwt)?;
    let json = URL_SAFE_NO_PAD
        .decode(payload)
        .map(Zeroizing::new)
        .map_err(|_| ClaimsError::NotAJwt("its payload is not base64url without padding"))?;
    match serde_json::from_slice(&json) {
        Ok(Value::Object(claims)) => Ok(claims),
        _ => Err(ClaimsError::NotAJwt("its payload is not a JSON object")),
    }
}

fn text(payload: &mut Map<String, Value>, claim: &'static str) -> Result<Option<String>, ClaimsError> {
    match payload.remove(claim) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ClaimsError::Claim {
            claim,
            must: "a string",
        }),
    }
}

/// Access tokens and ID tokens have different names for some claims.
fn text_of_either(
    payload: &mut Map<String, Value>,
    access: &'static str,
    id: &'static str,
) -> Result<Option<String>, ClaimsError> {
    match text(payload, access)? {
        None => text(payload, id),
        found => Ok(found),
    }
}

/// An array of objects, or the JSON text of one, as in the attribute `identities`. It only decides which page to visit next, so
/// a claim that cannot be read counts as none.
fn identity_provider(payload: &Map<String, Value>) -> Option<String> {
    let identities: Vec<Value> = match payload.get("identities")? {
        Value::Array(identities) => identities.clone(),
        Value::String(json) => serde_json::from_str(json).ok()?,
        _ => return None,
    };
    let is_primary = |identity: &&Value| match identity.get("primary") {
        // Cognito writes "true".
        Some(Value::String(primary)) => primary == "true",
        Some(Value::Bool(primary)) => *primary,
        _ => false,
    };
    let identity = identities.iter().find(is_primary).or(identities.first())?;
    let name = identity.get("providerName")?.as_str()?;
    Some(name.to_owned()).filter(|name| !name.is_empty())
}

/// RFC 7519, section 4.1.4, allows fractions of seconds; Cognito issues none.
fn expiry(payload: &Map<String, Value>) -> Result<SystemTime, ClaimsError> {
    payload
        .get("exp")
        .and_then(Value::as_u64)
        .filter(|&seconds| seconds <= LAST_SECOND)
        .map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .ok_or(ClaimsError::Claim {
            claim: "exp",
            must: "a whole number of seconds since 1970, before the year 10000",
        })
}

impl From<ClaimsError> for StepError {
    fn from(error: ClaimsError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}
