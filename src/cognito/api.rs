//! The user pools API, as an app asks it: an unsigned `POST` of JSON to the region's endpoint. Answers are read by the AWS
//! SDK's shapes. Its client is left to the administrator's side: what it can sign, look up and resolve was a third of the
//! library that a phone carries.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_json::codec::{JsonCodec, JsonCodecSettings};
use aws_smithy_schema::codec::Codec;
use aws_smithy_schema::serde::{SerdeError, ShapeDeserializer};
use serde::Serialize;
use url::Url;

use super::attempt::{AttemptError, exchange};
use super::retry::{AfterSilence, retrying};
use super::{responses, user_agent};
use crate::config::AuthConfig;
use crate::error::{ErrorCode, StepError};
use crate::json::to_wiped_json;
use crate::transport::{HttpRequest, HttpResponse, HttpTransport};
use crate::url_policy::may_carry_tokens;

/// What a request's `x-amz-target` begins with.
const SERVICE: &str = "AWSCognitoIdentityProviderService";

/// The endpoint, and how it is asked.
#[derive(Debug)]
pub(super) struct Api {
    transport: Arc<dyn HttpTransport>,
    endpoint: Url,
    attempt_timeout: Duration,
    user_agent: String,
}

/// How the SDK reads an operation's answer: `InitiateAuthOutput::deserialize`, for one.
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

    /// Asks for an idempotent operation whose answer says nothing but that it succeeded, for so long.
    pub(super) async fn tell(
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

    /// Asks for an operation, for so long, and reads its answer.
    pub(super) async fn ask<T>(
        &self,
        operation: &str,
        input: &impl Serialize,
        read: Read<T>,
        after_silence: AfterSilence,
        time: Duration,
    ) -> Result<T, AttemptError> {
        let request = self.request(operation, input)?;
        let answer = self.send(operation, request, after_silence, time).await?;
        read(&mut codec().create_deserializer(&answer.body)).map_err(|_| {
            let message = "the answer does not hold what the operation promises";
            StepError::new(ErrorCode::UnexpectedResponse, message).into()
        })
    }

    async fn send(
        &self,
        operation: &str,
        request: HttpRequest,
        after_silence: AfterSilence,
        time: Duration,
    ) -> Result<HttpResponse, AttemptError> {
        // Each clone of the request is wiped when its attempt is over.
        retrying(time, self.attempt_timeout, after_silence, |limit| {
            let request = request.clone();
            async move {
                let answer = exchange(&*self.transport, request, limit).await?;
                responses::judge(operation, &answer)?;
                Ok(answer)
            }
        })
        .await
    }

    fn request(&self, operation: &str, input: &impl Serialize) -> Result<HttpRequest, StepError> {
        let refused = |why| StepError::new(ErrorCode::InvalidInput, why);
        if !may_carry_tokens(&self.endpoint) {
            return Err(refused("the endpoint is neither https nor a loopback host"));
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

/// Of AWS JSON 1.1, which knows no other names for members than the model's.
fn codec() -> JsonCodec {
    JsonCodec::new(JsonCodecSettings::builder().use_json_name(false).build())
}
