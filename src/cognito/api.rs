//! The user pools API for apps: an unsigned `POST` of JSON to the region's endpoint. Only the administrator's side uses the AWS
//! SDK's client: its signing and endpoint resolution made up a third of the library on a phone.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;
use zeroize::Zeroizing;

use super::attempt::AttemptError;
use super::retry::{AfterSilence, Attempts};
use super::{responses, user_agent};
use crate::config::AuthConfig;
use crate::error::{ErrorCode, StepError};
use crate::json::to_wiped_json;
use crate::transport::{HttpRequest, HttpResponse, HttpTransport};
use crate::url_policy::may_carry_tokens;

/// The first part of the header `x-amz-target`.
const SERVICE: &str = "AWSCognitoIdentityProviderService";

/// The endpoint, and how requests are sent to it.
#[derive(Debug)]
pub(super) struct Api {
    transport: Arc<dyn HttpTransport>,
    endpoint: Url,
    attempt_timeout: Duration,
    user_agent: String,
}

impl Api {
    pub(super) fn new(config: &AuthConfig, transport: Arc<dyn HttpTransport>) -> Self {
        Self {
            transport,
            endpoint: config.endpoint().clone(),
            attempt_timeout: config.attempt_timeout(),
            user_agent: user_agent(config),
        }
    }

    /// Calls an operation. `time` is for all attempts together.
    ///
    /// The input is written at once. So what waits for the response is compiled once, and not for every input.
    pub(super) fn call(
        &self,
        operation: &'static str,
        input: &impl Serialize,
        after_silence: AfterSilence,
        time: Duration,
    ) -> impl Future<Output = Result<HttpResponse, AttemptError>> {
        let request = self.request(operation, to_wiped_json(input));
        self.send(operation, request, after_silence, time)
    }

    async fn send(
        &self,
        operation: &'static str,
        request: Result<HttpRequest, StepError>,
        after_silence: AfterSilence,
        time: Duration,
    ) -> Result<HttpResponse, AttemptError> {
        let attempts = Attempts {
            transport: &*self.transport,
            request: &request?,
            judge: &|response| responses::judge(operation, response),
            attempt_timeout: self.attempt_timeout,
            after_silence,
        };
        attempts.within(time).await
    }

    fn request(&self, operation: &str, body: serde_json::Result<Zeroizing<Vec<u8>>>) -> Result<HttpRequest, StepError> {
        let refused = |why| StepError::new(ErrorCode::InvalidInput, why);
        if !may_carry_tokens(&self.endpoint) {
            return Err(refused("the endpoint is neither https nor on a loopback host"));
        }
        let header = |name: &str, value: String| (name.to_owned(), value);
        Ok(HttpRequest {
            method: "POST".to_owned(),
            url: self.endpoint.clone(),
            headers: vec![
                header("content-type", "application/x-amz-json-1.1".to_owned()),
                header("x-amz-target", format!("{SERVICE}.{operation}")),
                header("user-agent", self.user_agent.clone()),
            ],
            body: body.map_err(|_| refused("the request cannot be written as JSON"))?,
        })
    }
}

/// Reads what an operation has returned.
pub(super) fn read<T: DeserializeOwned>(response: &HttpResponse) -> Result<T, StepError> {
    serde_json::from_slice(&response.body).map_err(|_| {
        let message = "the response does not have the members that the operation declares";
        StepError::new(ErrorCode::UnexpectedResponse, message)
    })
}
