//! What the fake's tokens look like: Cognito's claims and Cognito's sizes, with random bytes in place of signatures and
//! encrypted parts. The pool looks its tokens up by their whole text, so it verifies nothing.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::Secret;

/// The scope that `GlobalSignOut` and `GetUser` require. Every password sign-in has it; a browser sign-in has it only if
/// the app requested it.
pub const ADMIN_SCOPE: &str = "aws.cognito.signin.user.admin";

/// The tokens of one sign-in, as [`FakeCognito::sign_in`](super::FakeCognito::sign_in) returns them.
#[derive(Debug, Clone)]
pub struct IssuedTokens {
    /// The access token, a JWT.
    pub access: Secret,
    /// The ID token, a JWT.
    pub id: Secret,
    /// The refresh token: long, opaque, and in five parts, as Cognito's encrypted JWT is.
    pub refresh: Secret,
}

/// The source of an access token's and an ID token's claims.
pub(super) struct Claims<'a> {
    pub(super) issuer: String,
    pub(super) client_id: &'a str,
    pub(super) username: &'a str,
    pub(super) sub: &'a str,
    pub(super) scope: &'a str,
    pub(super) provider: Option<&'a str>,
    /// Absent, with `jti`, while token revocation is off.
    pub(super) origin_jti: Option<&'a str>,
    pub(super) signed_in_at: SystemTime,
    pub(super) issued_at: SystemTime,
    pub(super) expires_at: SystemTime,
}

impl Claims<'_> {
    pub(super) fn access_token(&self) -> Secret {
        let mut claims = self.common("access");
        claims["client_id"] = json!(self.client_id);
        claims["scope"] = json!(self.scope);
        claims["username"] = json!(self.username);
        claims["version"] = json!(2);
        jwt(&claims)
    }

    pub(super) fn id_token(&self) -> Secret {
        let mut claims = self.common("id");
        claims["aud"] = json!(self.client_id);
        claims["cognito:username"] = json!(self.username);
        claims["email"] = json!(format!("{}@example.com", self.username));
        claims["email_verified"] = json!(true);
        if let Some(provider) = self.provider {
            let user_id = self.username.strip_prefix(provider).unwrap_or(self.username);
            claims["identities"] = json!([{
                "dateCreated": (unix_seconds(self.signed_in_at) * 1000).to_string(),
                "userId": user_id.trim_start_matches('_'),
                "providerName": provider,
                "providerType": "OIDC",
                "issuer": null,
                "primary": "true",
            }]);
        }
        jwt(&claims)
    }

    fn common(&self, token_use: &str) -> Value {
        let mut claims = json!({
            "sub": self.sub,
            "iss": self.issuer,
            "event_id": uuid(),
            "token_use": token_use,
            "auth_time": unix_seconds(self.signed_in_at),
            "iat": unix_seconds(self.issued_at),
            "exp": unix_seconds(self.expires_at),
        });
        if let Some(origin_jti) = self.origin_jti {
            claims["origin_jti"] = json!(origin_jti);
            claims["jti"] = json!(uuid());
        }
        claims
    }
}

fn jwt(claims: &Value) -> Secret {
    let header = json!({ "kid": random(32), "alg": "RS256" });
    let [header, claims] = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    Secret::new(format!("{header}.{claims}.{}", random(256)))
}

/// Five parts, about 1,800 characters: the size of Cognito's refresh tokens under RSA-OAEP and A256GCM.
pub(super) fn refresh_token() -> Secret {
    let header = URL_SAFE_NO_PAD.encode(r#"{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}"#);
    let parts = [256, 12, 1024, 16].map(random);
    Secret::new(format!("{header}.{}", parts.join(".")))
}

pub(super) fn uuid() -> String {
    let digits = format!("{:032x}", fastrand::u128(..));
    let (a, rest) = digits.split_at(8);
    let (b, rest) = rest.split_at(4);
    let (c, rest) = rest.split_at(4);
    let (d, e) = rest.split_at(4);
    [a, b, c, d, e].join("-")
}

pub(super) fn lowercase_and_digits(length: usize) -> String {
    let characters = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let random = |_| char::from(characters[fastrand::usize(..characters.len())]);
    (0..length).map(random).collect()
}

fn random(bytes: usize) -> String {
    let mut buffer = vec![0; bytes];
    fastrand::fill(&mut buffer);
    URL_SAFE_NO_PAD.encode(buffer)
}

pub(super) fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}
