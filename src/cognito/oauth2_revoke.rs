//! `POST /oauth2/revoke` at the user pool's domain. It does what `RevokeToken` does, for apps that can reach only the domain.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};
use zeroize::Zeroizing;

use super::retry::{AfterSilence, Attempts};
use super::{responses, user_agent};
use crate::config::AuthConfig;
use crate::error::StepError;
use crate::secret::Secret;
use crate::transport::{HttpRequest, HttpTransport};

/// The endpoint, and the client that calls it.
///
/// The header that proves the client's secret is freed but not wiped.
#[derive(Debug)]
pub(super) struct RevokeEndpoint {
    transport: Arc<dyn HttpTransport>,
    url: Url,
    client_id: String,
    client_secret: Option<Secret>,
    attempt_timeout: Duration,
    user_agent: String,
}

impl RevokeEndpoint {
    pub(super) fn new(domain: &Url, config: &AuthConfig, transport: Arc<dyn HttpTransport>) -> Self {
        let mut url = domain.clone();
        url.set_path("/oauth2/revoke");
        Self {
            transport,
            url,
            client_id: config.client_id().to_owned(),
            client_secret: config.client_secret().cloned(),
            attempt_timeout: config.attempt_timeout(),
            user_agent: user_agent(config),
        }
    }

    /// Ends the session of this refresh token. Idempotent; an unknown token also succeeds (RFC 7009, section 2.2). `time` is
    /// for all attempts together.
    pub(super) async fn revoke(&self, refresh_token: &Secret, time: Duration) -> Result<(), StepError> {
        let attempts = Attempts {
            transport: &*self.transport,
            request: &self.request(refresh_token),
            judge: &responses::judge_oauth2_revoke,
            attempt_timeout: self.attempt_timeout,
            after_silence: AfterSilence::TryAgain,
        };
        attempts.within(time).await?;
        Ok(())
    }

    fn request(&self, refresh_token: &Secret) -> HttpRequest {
        // Each byte can become three. A buffer that grows would leave copies that nobody wipes.
        let names = "token=&client_id=".len();
        let mut body = String::with_capacity(names + 3 * (refresh_token.reveal().len() + self.client_id.len()));
        let mut form = Serializer::new(&mut body);
        form.append_pair("token", refresh_token.reveal());
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut headers = vec![
            header("content-type", "application/x-www-form-urlencoded"),
            header("user-agent", &self.user_agent),
        ];
        match &self.client_secret {
            Some(secret) => headers.push(header("authorization", &basic(&self.client_id, secret))),
            None => {
                form.append_pair("client_id", &self.client_id);
            }
        }
        HttpRequest {
            method: "POST".to_owned(),
            url: self.url.clone(),
            headers,
            body: Zeroizing::new(body.into_bytes()),
        }
    }
}

/// HTTP Basic as in RFC 6749, section 2.3.1: id and secret are first encoded as in a form.
fn basic(client_id: &str, client_secret: &Secret) -> String {
    let secret = client_secret.reveal();
    let mut plain = Zeroizing::new(String::with_capacity(1 + 3 * (client_id.len() + secret.len())));
    plain.extend(byte_serialize(client_id.as_bytes()));
    plain.push(':');
    plain.extend(byte_serialize(secret.as_bytes()));
    format!("Basic {}", BASE64_STANDARD.encode(plain.as_bytes()))
}
