//! Cognito's wire protocol in plain HTTP, so that the suite does not judge servers through the library under test.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

/// The header of SigV4, with a signature that no test server checks.
const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=test/20261121/eu-central-1/cognito-idp/aws4_request, \
                      SignedHeaders=host, Signature=0";

/// A client of one server.
pub(crate) struct Wire {
    endpoint: String,
    http: reqwest::Client,
}

/// A server's response.
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// `x-amzn-errortype`, without the colon that AWS ends it with.
    pub(crate) error_header: Option<String>,
    pub(crate) body: Value,
}

/// The tokens of one sign-in, and the user: a refresh's `SECRET_HASH` needs the name.
pub(crate) struct Tokens {
    pub(crate) username: String,
    pub(crate) access: String,
    pub(crate) id: String,
    pub(crate) refresh: String,
}

impl Reply {
    /// `ok`, or the error's code.
    pub(crate) fn outcome(&self) -> &str {
        match self.body.get("__type") {
            Some(code) => code.as_str().unwrap(),
            None if self.status == 200 => "ok",
            None => panic!("status {} without an error's code", self.status),
        }
    }

    pub(crate) fn is_ok(&self) -> bool {
        self.outcome() == "ok"
    }

    pub(crate) fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }

    /// The tokens in the response to this user's sign-in.
    pub(crate) fn tokens_of(&self, username: &str) -> Tokens {
        Tokens {
            username: username.to_owned(),
            access: self.token("AccessToken"),
            id: self.token("IdToken"),
            refresh: self.token("RefreshToken"),
        }
    }

    /// One field of the response to a sign-in or a refresh.
    pub(crate) fn token(&self, name: &str) -> String {
        let token = self.body["AuthenticationResult"][name].as_str();
        token
            .unwrap_or_else(|| panic!("{name} is missing: {}", self.outcome()))
            .to_owned()
    }
}

impl Wire {
    pub(crate) fn new(endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            http: http_client(),
        }
    }

    pub(crate) async fn call(&self, operation: &str, body: Value) -> Reply {
        self.send(self.request(operation, body)).await
    }

    pub(crate) async fn call_signed(&self, operation: &str, body: Value) -> Reply {
        self.send(self.request(operation, body).header("authorization", SIGNED))
            .await
    }

    fn request(&self, operation: &str, body: Value) -> reqwest::RequestBuilder {
        self.http
            .post(&self.endpoint)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("AWSCognitoIdentityProviderService.{operation}"))
            .body(body.to_string())
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let response = request.send().await.expect("the server answers");
        let error_header = response.headers().get("x-amzn-errortype");
        let error_header = error_header.map(|value| value.to_str().unwrap().trim_end_matches(':').to_owned());
        let status = response.status().as_u16();
        let body = response.bytes().await.unwrap();
        let body = if body.is_empty() {
            json!({})
        } else {
            serde_json::from_slice(&body).expect("JSON")
        };
        Reply {
            status,
            error_header,
            body,
        }
    }
}

pub(crate) fn http_client() -> reqwest::Client {
    // It uses plain HTTP only, but this build of reqwest needs a provider to make any client.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}

/// Base64(HMAC-SHA-256(client secret, user name + client id)).
pub(crate) fn secret_hash(client_secret: &str, username: &str, client_id: &str) -> String {
    let mut hash = Hmac::<sha2::Sha256>::new_from_slice(client_secret.as_bytes()).unwrap();
    hash.update(username.as_bytes());
    hash.update(client_id.as_bytes());
    STANDARD.encode(hash.finalize().into_bytes())
}

/// A JWT's claims, unverified.
pub(crate) fn claims(token: &str) -> Value {
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).unwrap()).unwrap()
}
