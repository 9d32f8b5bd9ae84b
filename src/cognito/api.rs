//! The user pools API for apps: an unsigned `POST` of JSON to the region's endpoint. The AWS SDK's types read the responses.
//! Only the administrator's side uses the SDK's client: its signing and endpoint resolution made up a third of the library
//! on a phone.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_json::codec::{JsonCodec, JsonCodecSettings};
use aws_smithy_schema::codec::Codec;
use aws_smithy_schema::serde::{SerdeError, ShapeDeserializer};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::attempt::{AttemptError, exchange};
use super::retry::{AfterSilence, retrying};
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

/// How the SDK reads an operation's response, for example `InitiateAuthOutput::deserialize`.
pub(super) type Read<T> = fn(&mut dyn ShapeDeserializer) -> Result<T, SerdeError>;

impl Api {
    pub(super) fn new(config: &AuthConfig, transport: Arc<dyn HttpTransport>) -> Self {
        Self {
            transport,
            endpoint: config.endpoint().clone(),
            attempt_timeout: config.attempt_timeout(),
            user_agent: user_agent(config),
        }
    }

    /// Calls an idempotent operation whose response is empty. `time` is for all attempts together.
    pub(super) async fn call(
        &self,
        operation: &str,
        input: &impl Serialize,
        time: Duration,
    ) -> Result<(), AttemptError> {
        let request = self.request(operation, input)?;
        self.send(operation, request, AfterSilence::TryAgain, time)
            .await
            .map(drop)
    }

    /// Calls an operation and reads its response. `time` is for all attempts together.
    pub(super) async fn call_and_read<T>(
        &self,
        operation: &str,
        input: &impl Serialize,
        read: Read<T>,
        after_silence: AfterSilence,
        time: Duration,
    ) -> Result<T, AttemptError> {
        let request = self.request(operation, input)?;
        let response = self.send(operation, request, after_silence, time).await?;
        read(&mut codec().create_deserializer(&response.body)).map_err(|_| undeclared().into())
    }

    /// The same for an operation that the SDK does not know.
    pub(super) async fn call_for_json<T: DeserializeOwned>(
        &self,
        operation: &str,
        input: &impl Serialize,
        after_silence: AfterSilence,
        time: Duration,
    ) -> Result<T, AttemptError> {
        let request = self.request(operation, input)?;
        let response = self.send(operation, request, after_silence, time).await?;
        serde_json::from_slice(&response.body).map_err(|_| undeclared().into())
    }

    async fn send(
        &self,
        operation: &str,
        request: HttpRequest,
        after_silence: AfterSilence,
        time: Duration,
    ) -> Result<HttpResponse, AttemptError> {
        // Each clone of the request is wiped after its attempt.
        retrying(time, self.attempt_timeout, after_silence, |limit| {
            let request = request.clone();
            async move {
                let response = exchange(&*self.transport, request, limit).await?;
                responses::judge(operation, &response)?;
                Ok(response)
            }
        })
        .await
    }

    fn request(&self, operation: &str, input: &impl Serialize) -> Result<HttpRequest, StepError> {
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
            body: to_wiped_json(input).map_err(|_| refused("the request cannot be written as JSON"))?,
        })
    }
}

fn undeclared() -> StepError {
    let message = "the response does not have the members that the operation declares";
    StepError::new(ErrorCode::UnexpectedResponse, message)
}

/// AWS JSON 1.1: the members have the names of the service model.
fn codec() -> JsonCodec {
    JsonCodec::new(JsonCodecSettings::builder().use_json_name(false).build())
}
