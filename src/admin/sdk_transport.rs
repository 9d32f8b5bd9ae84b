//! Any [`HttpTransport`] under the AWS SDK's client, which signs. The SDK sees only successful responses.
//!
//! Errors are recognised here, from the bytes of the response. The SDK would go by the HTTP status, accept an error with
//! status 200, and write the server's words, including tokens, to `tracing`.

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
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use url::Url;
use zeroize::Zeroizing;

use super::responses::{RequestError, judge};
use crate::cognito::attempt::exchange;
use crate::transport::{HttpRequest, HttpResponse, HttpTransport, TransportError};
use crate::url_policy::may_carry_tokens;
use crate::{ErrorCode, StepError};

/// Follows the SDK's own text in the `user-agent` header.
const USER_AGENT: &str = concat!("cognito-signout/", env!("CARGO_PKG_VERSION"));

/// The SDK's way to the network: through `transport`, one attempt at a time.
#[derive(Debug, Clone)]
pub(super) struct SdkTransport {
    pub(super) transport: Arc<dyn HttpTransport>,
    pub(super) attempt_timeout: Duration,
}

impl SdkTransport {
    async fn attempt(self, request: SdkRequest) -> Result<SdkResponse, RequestError> {
        let operation = operation(&request).to_owned();
        let request = self.outgoing(&request)?;
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let response = exchange(&*self.transport, request, self.attempt_timeout).await;
        let response = response.map_err(|error| with_host(&error.into(), &host))?;
        judge(&operation, &response)?;
        let malformed = |why: &str| StepError::from(TransportError::BadResponse(why.into()));
        Ok(sdk_response(&response).map_err(malformed)?)
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

/// Names the host that failed: the Region or the endpoint may be wrong.
fn with_host(error: &StepError, host: &str) -> StepError {
    StepError::new(error.code(), format!("{host}: {}", error.message()))
}

/// Hands the body over as a stream: `SdkBody` shows bytes in memory in its `Debug`, and the SDK writes that to `tracing`.
pub(super) fn sdk_response(response: &HttpResponse) -> Result<SdkResponse, &'static str> {
    let status = StatusCode::try_from(response.status).map_err(|_| "its status is not an HTTP status")?;
    let body = String::from_utf8(response.body.to_vec()).map_err(|_| "its body is not text")?;
    Ok(SdkResponse::new(status, SdkBody::from_body_1_x(body)))
}

/// The operation's name, from the header that names it to the server: `AWSCognitoIdentityProviderService.RevokeToken`.
fn operation(request: &SdkRequest) -> &str {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default()
}

impl HttpConnector for SdkTransport {
    fn call(&self, request: SdkRequest) -> HttpConnectorFuture {
        let attempt = self.clone().attempt(request);
        HttpConnectorFuture::new(
            async move { attempt.await.map_err(|error| ConnectorError::other(error.into(), None)) },
        )
    }
}

impl HttpClient for SdkTransport {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// The body that [`HideBodies`] carries past the SDK's log.
#[derive(Clone)]
struct RequestBody(Zeroizing<Vec<u8>>);

/// Keeps tokens out of `tracing`, where the SDK writes each whole request and response at TRACE: hides the request's body
/// until [`SdkTransport`] sends it, and marks each response as sensitive.
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
