//! Whether three tokens can be one session of this app client.

#[cfg(feature = "adopt")]
use {
    base64::{Engine, prelude::BASE64_STANDARD},
    sha2::{Digest, Sha256},
};

use super::{Auth, AuthError};
use crate::claims::Claims;
use crate::session::Tokens;

impl Auth {
    /// The access token's claims, if the three tokens can be one session of this app client.
    pub(super) fn check(&self, tokens: &Tokens) -> Result<Claims, AuthError> {
        let claims =
            |name, token| Claims::from_jwt(token).map_err(|error| AuthError::InvalidInput(error.of_token(name)));
        let access = claims("access", &tokens.access_token)?;
        let id = claims("ID", &tokens.id_token)?;
        let refuse = |what: &str| Err(AuthError::InvalidInput(what.to_owned()));
        if tokens.refresh_token.reveal().is_empty() {
            return refuse("the refresh token is empty");
        }
        let is_blank = |character: char| character.is_whitespace() || character.is_control();
        if tokens.refresh_token.reveal().contains(is_blank) {
            return refuse("the refresh token has white space in it or at its end");
        }
        // A token of another kind cannot be revoked.
        let refresh = Claims::from_jwt(&tokens.refresh_token);
        if refresh.is_ok_and(|claims| matches!(claims.token_use(), Some("access" | "id"))) {
            return refuse("the refresh token is an access token or an ID token");
        }
        if access.token_use() == Some("id") || id.token_use() == Some("access") {
            return refuse("the access token and the ID token are swapped");
        }
        if access.subject() != id.subject() {
            return refuse("the access token and the ID token name different users (`sub`)");
        }
        let is_another_clients = |claims: &Claims| claims.client_id().is_some_and(|client| client != self.0.client_id);
        if is_another_clients(&access) {
            return refuse("the access token belongs to another app client than the configured one (`client_id`)");
        }
        if is_another_clients(&id) {
            return refuse("the ID token belongs to another app client than the configured one (`aud`)");
        }
        Ok(access)
    }
}

/// Whether two sets of tokens come from the same sign-in: revoking one revokes the other.
pub(super) fn is_same_sign_in(old: &Tokens, new: &Tokens) -> bool {
    old.refresh_token == new.refresh_token || origin(old).is_some_and(|old| Some(old) == origin(new))
}

/// Names the sign-in that the tokens come from, and is no secret. Refreshed tokens have the same name, unless the app client does
/// not revoke tokens: then only the same refresh token has.
#[cfg(feature = "adopt")]
pub(super) fn sign_in_name(tokens: &Tokens) -> String {
    origin(tokens).unwrap_or_else(|| BASE64_STANDARD.encode(Sha256::digest(tokens.refresh_token.reveal())))
}

fn origin(tokens: &Tokens) -> Option<String> {
    let claims = Claims::from_jwt(&tokens.access_token).ok()?;
    claims.origin_jti().map(str::to_owned)
}
