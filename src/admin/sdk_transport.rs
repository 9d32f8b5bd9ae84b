//! Any [`HttpTransport`] under the AWS SDK's client, which signs. It sees only the answers that are a success.
//!
//! Whatever else an answer is, is judged here, from its own bytes: the SDK would go by the HTTP status, pass an error that
//! comes with 200, and write the server's words, tokens and all, to `tracing`.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{
    HttpRequest as SdkRequest, HttpResponse as SdkResponse, SensitiveOutput,
};
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use url::Url;
use zeroize::Zeroizing;

use super::errors::judge;
use crate::cognito::attempt::{AttemptError, exchange};
use crate::transport::{HttpRequest, HttpResponse, HttpTransport, TransportError};
use crate::url_policy::may_carry_tokens;
use crate::{ErrorCode, StepError};

/// What stands after the SDK's own words in the `user-agent` header.
const USER_AGENT: &str = concat!("cognito-signout/", env!("CARGO_PKG_VERSION"));

/// It travels through the SDK, whose retry strategy goes by it.
impl AttemptError {
    /// Finds what the last attempt said in what the SDK made of it.
    pub(super) fn from_sdk<E, R>(error: &SdkError<E, R>) -> Self {
        let own = match error {
            SdkError::DispatchFailure(failure) => failure
                .as_connector_error()
                .and_then(std::error::Error::source)
                .and_then(|source| source.downcast_ref::<Self>())
                .cloned(),
            SdkError::ResponseError(_) | SdkError::ServiceError(_) => Some(Self::from(StepError::new(
                ErrorCode::UnexpectedResponse,
                "the answer does not hold what the operation promises",
            ))),
            _ => None,
        };
        own.unwrap_or_else(|| StepError::new(ErrorCode::InvalidInput, "the SDK could not build the request").into())
    }
}

impl From<AttemptError> for ConnectorError {
    fn from(error: AttemptError) -> Self {
        let retry = match error {
            AttemptError::Failed { retry, .. } => retry,
            _ => None,
        };
        Self::other(error.into(), retry)
    }
}

/// The SDK's way to the network: through `transport`, one attempt at a time.
#[derive(Debug, Clone)]
pub(super) struct SdkTransport {
    pub(super) transport: Arc<dyn HttpTransport>,
    pub(super) attempt_timeout: Duration,
}

impl SdkTransport {
    async fn attempt(self, request: SdkRequest) -> Result<SdkResponse, AttemptError> {
        let operation = operation(&request).to_owned();
        let request = self.outgoing(&request)?;
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let answer = exchange(&*self.transport, request, self.attempt_timeout).await;
        let answer = answer.map_err(|error| with_host(error, &host))?;
        judge(&operation, &answer)?;
        incoming(&answer).map_err(|why| TransportError::BadResponse(why.into()).into())
    }

    fn outgoing(&self, request: &SdkRequest) -> Result<HttpRequest, StepError> {
        let refused = |why| StepError::new(ErrorCode::InvalidInput, why);
        let url = Url::parse(request.uri()).ok().filter(may_carry_tokens);
        let url = url.ok_or_else(|| refused("the endpoint is neither https nor a loopback host"))?;
        let body = request.extension::<RequestBody>().cloned();
        let RequestBody(body) = body.ok_or_else(|| refused("the request's body was not set aside"))?;
        let header = |(name, value): (&str, &str)| match name {
            "user-agent" => (name.to_owned(), format!("{value} {USER_AGENT}")),
            _ => (name.to_owned(), value.to_owned()),
        };
        Ok(HttpRequest {
            method: request.method().to_owned(),
            url,
            headers: request.headers().iter().map(header).collect(),
            body,
        })
    }
}

/// Says who did not answer: the Region or the endpoint may be wrong.
fn with_host(error: AttemptError, host: &str) -> AttemptError {
    match error {
        AttemptError::Failed { error, retry } => AttemptError::Failed {
            error: StepError::new(error.code(), format!("{host}: {}", error.message())),
            retry,
        },
        error => error,
    }
}

/// The body does not go as bytes in memory, which `SdkBody` shows in its `Debug`, and the SDK in `tracing`.
pub(super) fn incoming(answer: &HttpResponse) -> Result<SdkResponse, &'static str> {
    let status = StatusCode::try_from(answer.status).map_err(|_| "its status is none of HTTP's")?;
    let body = String::from_utf8(answer.body.to_vec()).map_err(|_| "its body is not text")?;
    Ok(SdkResponse::new(status, SdkBody::from_body_1_x(body)))
}

/// The operation's name, from the header that tells it to the server: `AWSCognitoIdentityProviderService.RevokeToken`.
fn operation(request: &SdkRequest) -> &str {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default()
}

impl HttpConnector for SdkTransport {
    fn call(&self, request: SdkRequest) -> HttpConnectorFuture {
        let attempt = self.clone().attempt(request);
        HttpConnectorFuture::new(async move { attempt.await.map_err(ConnectorError::from) })
    }
}

impl HttpClient for SdkTransport {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// What [`HideBodies`] carries past the SDK's log.
#[derive(Clone)]
struct RequestBody(Zeroizing<Vec<u8>>);

/// Keeps tokens out of `tracing`, to which the SDK writes the whole of each request and answer at TRACE: takes the
/// request's body out of sight until [`SdkTransport`] sends it, and marks each answer as sensitive.
#[derive(Debug)]
pub(super) struct HideBodies;

#[dyn_dispatch_hint]
impl Intercept for HideBodies {
    fn name(&self) -> &'static str {
        "HideBodies"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let body = request.body().bytes().ok_or("the request's body is a stream")?;
        let body = RequestBody(Zeroizing::new(body.to_vec()));
        request.add_extension(body);
        *request.body_mut() = SdkBody::taken();
        config.interceptor_state().store_put(SensitiveOutput);
        Ok(())
    }
}
