//! Who asks: credentials that are given, or those of the default chain, fetched through the same transport.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
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
use super::sdk_transport::incoming;
use crate::lock::lock;
use crate::transport::{HttpRequest, HttpTransport, TransportError};

/// What the SDK allows IMDS and its like by default: a machine that is not AWS's has nobody there.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);

/// The default chain: environment, profile (with SSO, a process, a role), web identity, ECS, EC2. Or a profile that was named,
/// alone: in the chain the environment would come before it, and be of another account. Built at the first request, since
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

    /// Unheard: the chain writes requests to `tracing`, the SSO token in their headers, and what a command said when it failed.
    async fn provide(&self) -> Provided {
        self.ask().with_subscriber(NoSubscriber::new()).await
    }

    async fn ask(&self) -> Provided {
        let provider = self.built.get_or_init(|| async {
            let config =
                ProviderConfig::without_region().with_http_client(CredentialsHttp(Arc::clone(&self.transport)));
            let Some(profile) = &self.profile else {
                let chain = DefaultCredentialsChain::builder().configure(config);
                return SharedCredentialsProvider::new(chain.build().await);
            };
            // That of STS, where the profile assumes a role.
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

/// The profile that was named has no credentials. In a `CredentialsError`, which has no place for the name.
#[derive(Debug, thiserror::Error)]
#[error("no such profile")]
pub(super) struct NoProfile(pub(super) String);

/// Whose credentials sign the requests: enough to see whether they are the right ones, and nothing secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signer {
    /// The last four characters of the access key's id.
    pub access_key_id_end: String,
    /// The AWS account, if whoever gave the credentials says so.
    pub account_id: Option<String>,
}

/// Credentials that may be asked whose they are before the first request, which then has them: a command may ask a person for
/// a code each time.
#[derive(Debug)]
pub(super) struct Introduced {
    provider: SharedCredentialsProvider,
    kept: Mutex<Option<Credentials>>,
}

impl Introduced {
    pub(super) fn new(provider: SharedCredentialsProvider) -> Self {
        Self {
            provider,
            kept: Mutex::default(),
        }
    }

    pub(super) async fn introduce(&self, within: Duration) -> Result<Signer, AdminError> {
        let asked = tokio::time::timeout(within, self.provider.provide_credentials()).await;
        let asked = asked.map_err(|_| AdminError::CredentialsUnavailable)?;
        let credentials = asked.map_err(|error| AdminError::from_credentials(&error))?;
        let id = credentials.access_key_id();
        let signer = Signer {
            access_key_id_end: id.chars().skip(id.chars().count().saturating_sub(4)).collect(),
            account_id: credentials.account_id().map(|account| account.as_str().to_owned()),
        };
        *self.kept() = Some(credentials);
        Ok(signer)
    }

    async fn provide(&self) -> Provided {
        let kept = self.kept().take();
        let lasts = |credentials: &Credentials| credentials.expiry().is_none_or(|expiry| expiry > SystemTime::now());
        match kept.filter(lasts) {
            Some(credentials) => Ok(credentials),
            None => self.provider.provide_credentials().await,
        }
    }

    fn kept(&self) -> MutexGuard<'_, Option<Credentials>> {
        lock(&self.kept)
    }
}

impl ProvideCredentials for Introduced {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.provide())
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
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

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.built.get()?.fallback_on_interrupt()
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

    /// Has credentials after this time, but fails so many times first. They are over at once, if they are to be asked for
    /// before each request.
    #[derive(Debug, Default)]
    struct Source {
        after: Duration,
        failures: usize,
        expired: bool,
        asked: AtomicUsize,
    }

    impl ProvideCredentials for Source {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            future::ProvideCredentials::new(async {
                sleep(self.after).await;
                if self.asked.fetch_add(1, Ordering::Relaxed) < self.failures {
                    return Err(CredentialsError::provider_error("503"));
                }
                let expiry = self.expired.then_some(UNIX_EPOCH);
                Ok(Credentials::new("AKIDEXAMPLE", "secret", None, expiry, "source"))
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
    async fn credentials_are_asked_for_once_by_all_calls_clones_and_runs() {
        let source = Arc::default();
        let (fake, client) = pool_and_client(&source).await;
        let pool = &fake.user_pool_id();
        assert_eq!(client.signer().await.unwrap().access_key_id_end, "MPLE");
        client.global_sign_out(pool, "user-0").await.unwrap();
        client.clone().global_sign_out(pool, "user-1").await.unwrap();
        let run = SignOutMany::new(client, pool).unwrap();
        let run = run.start(stream::iter([Ok("user-2".to_owned())])).await.unwrap();
        assert_eq!(run.finish().await.signed_out, 1);
        assert_eq!(source.asked.load(Ordering::Relaxed), 1);
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
    async fn credentials_that_fail_for_a_moment_cost_nobody_the_sign_out() {
        let source = Source {
            failures: 3,
            expired: true,
            ..Source::default()
        };
        let summary = sign_everyone_out(source).await;
        assert!(summary.is_complete(), "{summary:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn credentials_that_do_not_come_end_the_run() {
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
