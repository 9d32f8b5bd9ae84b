//! Who asks: credentials that are given, or those of the default chain, fetched through the same transport.

use std::sync::Arc;
use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, Result as Provided, future};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest as SdkRequest, HttpResponse as SdkResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use tokio::sync::OnceCell;
use url::Url;
use zeroize::Zeroizing;

use super::sdk_transport::incoming;
use crate::transport::{HttpRequest, HttpTransport, TransportError};

/// What the SDK allows IMDS and its like by default: a machine that is not AWS's has nobody there.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);

/// The default chain: environment, profile (with SSO, a process, a role), web identity, ECS, EC2. Built at the first
/// request, since building it reads files.
#[derive(Debug)]
pub(super) struct Chain {
    transport: Arc<dyn HttpTransport>,
    profile: Option<String>,
    built: OnceCell<DefaultCredentialsChain>,
}

impl Chain {
    pub(super) fn new(transport: Arc<dyn HttpTransport>, profile: Option<String>) -> Self {
        Self {
            transport,
            profile,
            built: OnceCell::new(),
        }
    }

    async fn provide(&self) -> Provided {
        let chain = self.built.get_or_init(|| async {
            let config =
                ProviderConfig::without_region().with_http_client(CredentialsHttp(Arc::clone(&self.transport)));
            let mut chain = DefaultCredentialsChain::builder().configure(config);
            if let Some(profile) = &self.profile {
                chain = chain.profile_name(profile);
            }
            chain.build().await
        });
        chain.await.provide_credentials().await
    }
}

impl ProvideCredentials for Chain {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.provide())
    }
}

/// Credentials as they were given, for as long as they last.
pub(super) fn given(access_key_id: &str, secret_access_key: &str, session_token: Option<&str>) -> Credentials {
    Credentials::new(
        access_key_id,
        secret_access_key,
        session_token.map(str::to_owned),
        None,
        "given",
    )
}

/// The chain's way to the network. Where it may go is the chain's to say: it knows STS and SSO by name, and ECS and EC2 by
/// addresses that no other machine has.
#[derive(Debug, Clone)]
struct CredentialsHttp(Arc<dyn HttpTransport>);

impl CredentialsHttp {
    async fn exchange(self, request: SdkRequest) -> Result<SdkResponse, ConnectorError> {
        let other = |why: &str| ConnectorError::other(why.into(), None);
        let url = Url::parse(request.uri()).map_err(|_| other("the request's URL is none"))?;
        let body = request
            .body()
            .bytes()
            .ok_or_else(|| other("the request's body is a stream"))?;
        let headers = request.headers().iter();
        let outgoing = HttpRequest {
            method: request.method().to_owned(),
            url,
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: Zeroizing::new(body.to_vec()),
        };
        let exchange = tokio::time::timeout(ANSWERED_WITHIN, self.0.send(outgoing));
        let Ok(answer) = exchange.await else {
            return Err(ConnectorError::timeout("no answer came in time".into()));
        };
        let answer = answer.map_err(|error| match error {
            TransportError::Connect(_) | TransportError::Io(_) => ConnectorError::io(error.into()),
            _ => ConnectorError::other(error.into(), None),
        })?;
        let mut sdk_answer = incoming(&answer).map_err(other)?;
        for (name, value) in answer.headers {
            // One that cannot be a header is none that the chain reads.
            let _ = sdk_answer.headers_mut().try_append(name, value);
        }
        Ok(sdk_answer)
    }
}

impl HttpConnector for CredentialsHttp {
    fn call(&self, request: SdkRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().exchange(request))
    }
}

impl HttpClient for CredentialsHttp {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
