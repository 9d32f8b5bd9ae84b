//! `POST /oauth2/token` and `POST /oauth2/revoke`, with OAuth's errors.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use url::form_urlencoded;

use super::pages::Pages;
use crate::fake_cognito::app_client::ClientProof;
use crate::fake_cognito::oauth_error::OAuthError;
use crate::fake_cognito::pool::Pool;
use crate::fake_cognito::service_error::ServiceError;
use crate::fake_cognito::wire::{Fields, Request, Response};

/// Tokens for an authorization code.
pub(super) fn token(pages: &mut Pages, pool: &mut Pool, request: &Request, now: SystemTime) -> Response {
    let form = request.form();
    let client = Client::of(request, &form).filter(|client| pool.settings.authenticate(client.proof()).is_ok());
    if client.is_none() {
        return Response::oauth_error(OAuthError::InvalidClient);
    }
    if form.get("grant_type") != Some("authorization_code") {
        return Response::oauth_error(OAuthError::UnsupportedGrantType);
    }
    let (Some(code), Some(redirect_uri)) = (form.get("code"), form.get("redirect_uri")) else {
        return Response::oauth_error(OAuthError::InvalidRequest);
    };
    let Some(grant) = pages.redeem(code, redirect_uri, form.get("code_verifier"), pool, now) else {
        return Response::oauth_error(OAuthError::InvalidGrant);
    };
    let tokens = pool.issue_through(grant.sso, &grant.username, &grant.scope, now);
    pool.note_activity(&tokens.access, true, request.header("user-agent"), now);
    let body = json!({
        "access_token": tokens.access.reveal(),
        "id_token": tokens.id.reveal(),
        "refresh_token": tokens.refresh.reveal(),
        "token_type": "Bearer",
        "expires_in": pool.settings.access_token_lifetime.as_secs(),
    });
    Response::oauth_json(200, &body)
}

/// Does what `RevokeToken` does, with the responses that AWS documents for this endpoint.
pub(super) fn revoke(pool: &mut Pool, request: &Request) -> Response {
    let form = request.form();
    let Some(client) = Client::of(request, &form) else {
        return Response::oauth_error(OAuthError::InvalidClient);
    };
    let token = form.get("token").unwrap_or_default();
    match pool.revoke(client.proof(), token) {
        Err(ServiceError::Unauthorized) => Response::oauth_error(OAuthError::InvalidClient),
        Err(ServiceError::UnsupportedTokenType) => Response::oauth_error(OAuthError::UnsupportedTokenType),
        Err(ServiceError::UnsupportedOperation) => Response::oauth_error(OAuthError::InvalidRequest),
        _ if token.is_empty() => Response::oauth_error(OAuthError::InvalidRequest),
        // Also for a text that is not a token (RFC 7009, section 2.2).
        _ => Response::empty(200),
    }
}

/// The client that a request names: by HTTP Basic (RFC 6749, section 2.3.1), or, without a secret, by `client_id` in the
/// form.
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
