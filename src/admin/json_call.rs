//! Calls an operation with JSON, and reads JSON: for operations, and members of operations, that the SDK does not know.
//!
//! The SDK still finds the endpoint, loads the credentials, signs and sends. It begins with a `DescribeUserPool`, which
//! changes nothing, and whose target and body are replaced before it signs.

use std::fmt;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::client::Pool;
use super::responses::RequestError;
use crate::lock::lock;
use crate::{ErrorCode, StepError};

impl Pool {
    /// One attempt at an operation. `input` has every member of the request, also `UserPoolId`.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        input: &impl Serialize,
    ) -> Result<T, RequestError> {
        let failed = |code, why: &str| StepError::new(code, format!("{operation}: {why}"));
        let body = serde_json::to_string(input);
        let body = body.map_err(|_| failed(ErrorCode::InvalidInput, "the request could not be written as JSON"))?;
        let kept = KeepBody::default();
        let request = self.sdk.describe_user_pool().user_pool_id(&self.id).customize();
        let request = request.mutate_request(move |request| {
            let headers = request.headers_mut();
            headers.insert("x-amz-target", format!("AWSCognitoIdentityProviderService.{operation}"));
            headers.insert("content-length", body.len().to_string());
            *request.body_mut() = SdkBody::from(body.as_str());
        });
        request.interceptor(kept.clone()).send().await?;
        let body = kept.take();
        let body = if body.is_empty() { b"{}" } else { body.as_slice() };
        serde_json::from_slice(body).map_err(|_| {
            let why = "the response is not what the operation promises";
            failed(ErrorCode::UnexpectedResponse, why).into()
        })
    }
}

/// Keeps the body of a response, which the SDK's types would drop.
#[derive(Clone, Default)]
struct KeepBody(Arc<Mutex<Zeroizing<Vec<u8>>>>);

impl KeepBody {
    fn take(&self) -> Zeroizing<Vec<u8>> {
        std::mem::take(&mut lock(&self.0))
    }
}

impl fmt::Debug for KeepBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeepBody")
    }
}

#[dyn_dispatch_hint]
impl Intercept for KeepBody {
    fn name(&self) -> &'static str {
        "KeepBody"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().unwrap_or_default();
        *lock(&self.0) = Zeroizing::new(body.to_vec());
        Ok(())
    }
}
