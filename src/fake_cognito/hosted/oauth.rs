//! `POST /oauth2/token` and `POST /oauth2/revoke`, with OAuth's errors.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::Pages;
use crate::fake_cognito::app_client::ClientProof;
use crate::fake_cognito::pool::Pool;
use crate::fake_cognito::service_error::ServiceError;
use crate::fake_cognito::wire::{Answer, Fields, Request};

/// An error of the endpoints under `/oauth2/` (RFC 6749, section 5.2; RFC 7009, section 2.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OAuthError {
    /// `invalid_request`: no token was given to revoke, or token revocation is off for the app client.
    InvalidRequest,
    /// `invalid_client`: another client's id, or the secret is wrong or missing.
    InvalidClient,
    /// `invalid_grant`: the code was used, has expired or was given to another redirect URL.
    InvalidGrant,
    /// `unsupported_grant_type`: the fake gives tokens for authorization codes only.
    UnsupportedGrantType,
    /// `unsupported_token_type`: `/oauth2/revoke` takes refresh tokens only.
    UnsupportedTokenType,
}

impl OAuthError {
    /// Every error, so that a test can drive each once.
    pub const ALL: [Self; 5] = [
        Self::InvalidRequest,
        Self::InvalidClient,
        Self::InvalidGrant,
        Self::UnsupportedGrantType,
        Self::UnsupportedTokenType,
    ];

    /// The code, as it stands in `error`.
    pub fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedTokenType => "unsupported_token_type",
        }
    }

    /// The HTTP status: 401 for a client that is not believed, 400 for all else.
    pub fn status(self) -> u16 {
        if self == Self::InvalidClient { 401 } else { 400 }
    }

    pub(in crate::fake_cognito) fn answer(self) -> Answer {
        json_answer(self.status(), &json!({ "error": self.code() }))
    }
}

/// Tokens for an authorization code. A `code_verifier` is not looked at.
pub(super) fn token(pages: &mut Pages, pool: &mut Pool, request: &Request, now: SystemTime) -> Answer {
    let form = request.form();
    let client = Client::of(request, &form).filter(|client| pool.authenticate(client.proof()).is_ok());
    if client.is_none() {
        return OAuthError::InvalidClient.answer();
    }
    if form.get("grant_type") != Some("authorization_code") {
        return OAuthError::UnsupportedGrantType.answer();
    }
    let (Some(code), Some(redirect_uri)) = (form.get("code"), form.get("redirect_uri")) else {
        return OAuthError::InvalidRequest.answer();
    };
    let Some(grant) = pages.redeem(code, redirect_uri, pool, now) else {
        return OAuthError::InvalidGrant.answer();
    };
    let tokens = pool.issue(&grant.username, &grant.scope, now);
    let body = json!({
        "access_token": tokens.access.reveal(),
        "id_token": tokens.id.reveal(),
        "refresh_token": tokens.refresh.reveal(),
        "token_type": "Bearer",
        "expires_in": pool.settings.access_token_lifetime.as_secs(),
    });
    json_answer(200, &body)
}

/// What `RevokeToken` does, with the answers that AWS documents for this endpoint.
pub(super) fn revoke(pool: &mut Pool, request: &Request) -> Answer {
    let form = request.form();
    let Some(client) = Client::of(request, &form) else {
        return OAuthError::InvalidClient.answer();
    };
    let token = form.get("token").unwrap_or_default();
    match pool.revoke(client.proof(), token) {
        Err(ServiceError::Unauthorized) => OAuthError::InvalidClient.answer(),
        Err(ServiceError::UnsupportedTokenType) => OAuthError::UnsupportedTokenType.answer(),
        Err(ServiceError::UnsupportedOperation) => OAuthError::InvalidRequest.answer(),
        _ if token.is_empty() => OAuthError::InvalidRequest.answer(),
        // A token that is none among them: the client need not know which tokens there are.
        _ => Answer::empty(200),
    }
}

/// Who asks: by HTTP Basic (RFC 6749, section 2.3.1), or, a client without a secret, by `client_id` in the form.
struct Client {
    id: String,
    secret: Option<String>,
}

impl Client {
    fn of(request: &Request, form: &Fields) -> Option<Self> {
        let Some(header) = request.header("authorization") else {
            let id = form.get("client_id")?.to_owned();
            return Some(Self { id, secret: None });
        };
        let plain = STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
        let (id, secret) = str::from_utf8(&plain).ok()?.split_once(':')?;
        let decoded = |text: &str| {
            let pair = format!("={text}");
            let mut pairs = form_urlencoded::parse(pair.as_bytes());
            pairs.next().map(|(_, value)| value.into_owned())
        };
        Some(Self {
            id: decoded(id)?,
            secret: decoded(secret),
        })
    }

    fn proof(&self) -> ClientProof<'_> {
        ClientProof {
            id: &self.id,
            proof: self.secret.as_deref(),
        }
    }
}

fn json_answer(status: u16, body: &Value) -> Answer {
    Answer {
        body: body.to_string().into(),
        ..Answer::empty(status)
    }
    .with("content-type", "application/json;charset=UTF-8")
}
