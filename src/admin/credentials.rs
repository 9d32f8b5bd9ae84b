//! The credentials that sign requests: given ones, or those of AWS's default chain, loaded through the same transport.

use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials as AwsCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, Result as Provided, SharedCredentialsProvider, future};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest as SdkRequest, HttpResponse as SdkResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use tokio::sync::OnceCell;
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;
use url::Url;
use zeroize::Zeroizing;

use super::AdminError;
use super::sdk_transport::sdk_response;
use crate::lock::lock;
use crate::transport::{HttpRequest, HttpTransport, TransportError};

/// How long a source of credentials may take to respond. Short, because on a machine outside AWS nobody listens at the
/// addresses of EC2 and ECS.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(5);

/// The default chain: environment, profile (with SSO, a process, a role), web identity, ECS, EC2. Or only the named profile:
/// in the chain the environment would come first, and could belong to another account. Built for the first request, because
/// building it reads files.
#[derive(Debug)]
pub(super) struct Chain {
    transport: Arc<dyn HttpTransport>,
    profile: Option<String>,
    built: OnceCell<SharedCredentialsProvider>,
}

impl Chain {
    pub(super) fn new(transport: Arc<dyn HttpTransport>, profile: Option<String>) -> Self {
        Self {
            transport,
            profile,
            built: OnceCell::new(),
        }
    }

    /// Loads without logging: the chain writes to `tracing` the headers of requests, with the SSO token, and the output of a
    /// command that failed.
    async fn provide(&self) -> Provided {
        self.load().with_subscriber(NoSubscriber::new()).await
    }

    async fn load(&self) -> Provided {
        let provider = self.built.get_or_init(|| async {
            let config =
                ProviderConfig::without_region().with_http_client(CredentialsHttp(Arc::clone(&self.transport)));
            let Some(profile) = &self.profile else {
                let chain = DefaultCredentialsChain::builder().configure(config);
                return SharedCredentialsProvider::new(chain.build().await);
            };
            // The Region of STS, if the profile assumes a role.
            let of_profile = ProfileFileRegionProvider::builder().profile_name(profile).build();
            let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new()).or_else(of_profile);
            let config = config.with_region(region.region().await);
            let provider = ProfileFileCredentialsProvider::builder().configure(&config);
            SharedCredentialsProvider::new(provider.profile_name(profile).build())
        });
        let provided = provider.await.provide_credentials().await;
        match (provided, &self.profile) {
            (
                Err(CredentialsError::CredentialsNotLoaded(_) | CredentialsError::InvalidConfiguration(_)),
                Some(profile),
            ) => Err(CredentialsError::not_loaded(NoProfile(profile.clone()))),
            (provided, _) => provided,
        }
    }
}

/// The named profile has no credentials. The source of a `CredentialsError`, which has no field for the name.
#[derive(Debug, thiserror::Error)]
#[error("no such profile")]
struct NoProfile(String);

/// Why there are no credentials.
pub(super) fn no_credentials(error: &CredentialsError) -> AdminError {
    if let Some(NoProfile(name)) = error.source().and_then(|source| source.downcast_ref()) {
        return AdminError::NoProfile { name: name.clone() };
    }
    match error {
        CredentialsError::CredentialsNotLoaded(_) | CredentialsError::InvalidConfiguration(_) => {
            AdminError::NoCredentials
        }
        _ => AdminError::CredentialsUnavailable,
    }
}

/// Whose credentials sign the requests: enough to recognise them, and nothing secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signer {
    /// The last four characters of the access key's id.
    pub access_key_id_end: String,
    /// The AWS account, if the source of the credentials names it.
    pub account_id: Option<String>,
}

/// Credentials that can be loaded before the first request, to show whose they are. The first request then uses the loaded
/// ones: a command may ask a person for a code each time it loads them.
#[derive(Debug)]
pub(super) struct Credentials {
    provider: SharedCredentialsProvider,
    loaded: Mutex<Option<AwsCredentials>>,
}

impl Credentials {
    pub(super) fn new(provider: SharedCredentialsProvider) -> Self {
        Self {
            provider,
            loaded: Mutex::default(),
        }
    }

    /// Loads the credentials, and says whose they are.
    pub(super) async fn load(&self, timeout: Duration) -> Result<Signer, AdminError> {
        let loaded = tokio::time::timeout(timeout, self.provider.provide_credentials()).await;
        let loaded = loaded.map_err(|_| AdminError::CredentialsUnavailable)?;
        let credentials = loaded.map_err(|error| no_credentials(&error))?;
        let id = credentials.access_key_id();
        let signer = Signer {
            access_key_id_end: id.chars().skip(id.chars().count().saturating_sub(4)).collect(),
            account_id: credentials.account_id().map(|account| account.as_str().to_owned()),
        };
        *lock(&self.loaded) = Some(credentials);
        Ok(signer)
    }

    async fn provide(&self) -> Provided {
        let loaded = lock(&self.loaded).take();
        let is_valid =
            |credentials: &AwsCredentials| credentials.expiry().is_none_or(|expiry| expiry > SystemTime::now());
        match loaded.filter(is_valid) {
            Some(credentials) => Ok(credentials),
            None => self.provider.provide_credentials().await,
        }
    }
}

impl ProvideCredentials for Credentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.provide())
    }

    fn fallback_on_interrupt(&self) -> Option<AwsCredentials> {
        self.provider.fallback_on_interrupt()
    }
}

impl ProvideCredentials for Chain {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.provide())
    }

    fn fallback_on_interrupt(&self) -> Option<AwsCredentials> {
        self.built.get()?.fallback_on_interrupt()
    }
}

/// Given credentials, which are never renewed.
pub(super) fn given(access_key_id: &str, secret_access_key: &str, session_token: Option<&str>) -> AwsCredentials {
    AwsCredentials::new(
        access_key_id,
        secret_access_key,
        session_token.map(str::to_owned),
        None,
        "given",
    )
}

/// The chain's way to the network. The chain decides which URLs it requests: STS and SSO by name, ECS and EC2 by their fixed
/// addresses.
#[derive(Debug, Clone)]
struct CredentialsHttp(Arc<dyn HttpTransport>);

impl CredentialsHttp {
    async fn exchange(self, request: SdkRequest) -> Result<SdkResponse, ConnectorError> {
        let other = |why: &str| ConnectorError::other(why.into(), None);
        let url = Url::parse(request.uri()).map_err(|_| other("the request's URL is malformed"))?;
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
        let exchange = tokio::time::timeout(RESPONSE_TIMEOUT, self.0.send(outgoing));
        let Ok(response) = exchange.await else {
            return Err(ConnectorError::timeout("no response came in time".into()));
        };
        let response = response.map_err(|error| match error {
            TransportError::Connect(_) | TransportError::Io(_) => ConnectorError::io(error.into()),
            _ => ConnectorError::other(error.into(), None),
        })?;
        let mut to_sdk = sdk_response(&response).map_err(other)?;
        for (name, value) in response.headers {
            // The chain reads no header that is malformed.
            let _ = to_sdk.headers_mut().try_append(name, value);
        }
        Ok(to_sdk)
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

#[cfg(test)]
#[cfg(all(feature = "rustls", feature = "test-util"))]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::UNIX_EPOCH;

    use futures_util::stream;
    use tokio::time::sleep;

    use super::super::{AdminClient, Ended, SignOutMany, Summary};
    use super::*;
    use crate::fake_cognito::FakeCognito;
    use crate::transport::RustlsTransport;

    /// Gives credentials after this time, but fails so many times first. Expired ones are loaded again before each request.
    #[derive(Debug, Default)]
    struct Source {
        after: Duration,
        failures: usize,
        expired: bool,
        loads: AtomicUsize,
    }

    impl ProvideCredentials for Source {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            future::ProvideCredentials::new(async {
                sleep(self.after).await;
                if self.loads.fetch_add(1, Ordering::Relaxed) < self.failures {
                    return Err(CredentialsError::provider_error("503"));
                }
                let expiry = self.expired.then_some(UNIX_EPOCH);
                Ok(AwsCredentials::new("AKIDEXAMPLE", "secret", None, expiry, "source"))
            })
        }
    }

    async fn pool_and_client(source: &Arc<Source>) -> (FakeCognito, AdminClient) {
        let fake = FakeCognito::start().await.unwrap();
        names().for_each(|name| fake.add_user(&name, ""));
        let mut client = AdminClient::builder(RustlsTransport::new())
            .endpoint(fake.url().as_str())
            .unwrap();
        let source: Arc<dyn ProvideCredentials> = Arc::clone(source) as _;
        client.credentials = Some(SharedCredentialsProvider::from(source));
        (fake, client.build())
    }

    fn names() -> impl Iterator<Item = String> + Send {
        (0..100).map(|user| format!("user-{user}"))
    }

    async fn sign_everyone_out(source: Source) -> Summary {
        let (fake, client) = pool_and_client(&Arc::new(source)).await;
        let run = SignOutMany::new(client, &fake.user_pool_id()).unwrap();
        let run = run.start(stream::iter(names().map(Ok))).await.unwrap();
        run.finish().await
    }

    #[tokio::test]
    async fn credentials_are_loaded_once_for_all_calls_clones_and_runs() {
        let source = Arc::default();
        let (fake, client) = pool_and_client(&source).await;
        let pool = &fake.user_pool_id();
        assert_eq!(client.signer().await.unwrap().access_key_id_end, "MPLE");
        client.global_sign_out(pool, "user-0").await.unwrap();
        client.clone().global_sign_out(pool, "user-1").await.unwrap();
        let run = SignOutMany::new(client, pool).unwrap();
        let run = run.start(stream::iter([Ok("user-2".to_owned())])).await.unwrap();
        assert_eq!(run.finish().await.signed_out, 1);
        assert_eq!(source.loads.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn credentials_that_take_half_a_minute_are_waited_for() {
        let source = Source {
            after: Duration::from_secs(30),
            ..Source::default()
        };
        let summary = sign_everyone_out(source).await;
        assert!(summary.is_complete(), "{summary:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn credentials_that_fail_for_a_moment_leave_nobody_signed_in() {
        let source = Source {
            failures: 3,
            expired: true,
            ..Source::default()
        };
        let summary = sign_everyone_out(source).await;
        assert!(summary.is_complete(), "{summary:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn credentials_that_never_load_end_the_run() {
        for source in [
            Source {
                failures: usize::MAX,
                ..Source::default()
            },
            Source {
                after: Duration::MAX,
                ..Source::default()
            },
        ] {
            let summary = sign_everyone_out(source).await;
            assert_eq!(summary.ended, Ended::Aborted(AdminError::CredentialsUnavailable));
            assert_eq!(summary.signed_out, 0);
            assert!(summary.failed <= 32, "{summary:?}");
        }
    }
}
