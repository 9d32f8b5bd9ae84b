//! [`AdminClient`]: the administrator's operations on a user pool, over the AWS SDK, signed with SigV4.

use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_cognitoidentityprovider::config::retry::RetryConfig;
use aws_sdk_cognitoidentityprovider::config::{
    BehaviorVersion, Builder, IdentityCache, Region, StalledStreamProtectionConfig,
};
use aws_sdk_cognitoidentityprovider::{Client, Config};
use url::Url;

use super::AdminError;
use super::credentials::{Chain, Credentials, Signer, given};
use super::patience::Patience;
use super::responses::RequestError;
use super::sdk_transport::{HideBodies, SdkTransport};
use crate::Secret;
use crate::config::check;
use crate::transport::HttpTransport;

const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// Credentials may come from a chain of roles, or from a command that asks a person for a code.
const CREDENTIALS_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a run or a listing waits for an unavailable network by default.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
const MAX_PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// Calls Cognito as an administrator, for any user pool that its IAM credentials may access. Clones share connections and
/// credentials.
///
/// ```
/// # #[cfg(all(feature = "rustls", feature = "test-util"))]
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use cognito_signout::admin::{AdminClient, AdminError};
/// use cognito_signout::transport::RustlsTransport;
/// # let fake = cognito_signout::fake_cognito::FakeCognito::start().await?;
/// # let pool = fake.user_pool_id();
/// # fake.sign_in("ana");
///
/// let client = AdminClient::builder(RustlsTransport::new());
/// // Without `credentials`, the default chain is used: environment, profile, SSO, ECS, EC2.
/// let client = client.credentials("AKIDEXAMPLE", "secret", None);
/// # let client = client.endpoint(fake.url().as_str())?;
/// let client = client.build();
///
/// client.global_sign_out(&pool, "ana").await?;
/// assert_eq!(client.global_sign_out(&pool, "nobody").await, Err(AdminError::UserNotFound));
/// # assert_eq!(fake.live_sessions("ana"), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct AdminClient {
    /// Everything but the Region, which is part of each user pool's id.
    config: Config,
    credentials: Arc<Credentials>,
    patience: Duration,
}

/// Collects settings for an [`AdminClient`].
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct AdminClientBuilder {
    transport: Arc<dyn HttpTransport>,
    pub(super) credentials: Option<SharedCredentialsProvider>,
    profile: Option<String>,
    endpoint: Option<Url>,
    attempt_timeout: Duration,
    patience: Duration,
}

impl AdminClient {
    /// A client with the credentials of AWS's default chain: environment variables, the profile named by `AWS_PROFILE`
    /// (its keys, its SSO session, its process, the role it assumes), a web identity, and what an ECS task or an EC2
    /// instance is given. They are loaded for the first request, within a minute, and renewed before they expire. A role
    /// is assumed in the Region of `AWS_REGION` or of the profile.
    pub fn new(transport: impl HttpTransport) -> Self {
        Self::builder(transport).build()
    }

    /// Starts a client with other settings.
    pub fn builder(transport: impl HttpTransport) -> AdminClientBuilder {
        AdminClientBuilder {
            transport: Arc::new(transport),
            credentials: None,
            profile: None,
            endpoint: None,
            attempt_timeout: ATTEMPT_TIMEOUT,
            patience: PATIENCE,
        }
    }

    /// Signs a user out everywhere: `AdminUserGlobalSignOut`. `username` is the user name, the `sub`, or an alias that the
    /// pool accepts at sign-in.
    ///
    /// **It ends** every session of the user at this user pool: the user's refresh tokens no longer bring new tokens, and
    /// Cognito's own operations (`GetUser`, `UpdateUserAttributes`, …) refuse the access tokens. A user without a session
    /// is a success too.
    ///
    /// **It does not end** what others verify by themselves: API Gateway, AppSync and your own back end accept access and ID
    /// tokens until their `exp`, 5 minutes to a day after they were issued ([`examine`](Self::examine) says how long). It also
    /// does not end the session at an identity provider, or temporary AWS credentials from an identity pool.
    ///
    /// **It does not end the browser's session at the hosted pages.** Whoever uses that browser gets new tokens without a
    /// password, for an hour after the sign-in, or, if the pool tracks sessions, for as long as the app client allows, up
    /// to 90 days. [`disable_user`](Self::disable_user) prevents this, there and elsewhere. If sessions are tracked,
    /// [`end_session`](Self::end_session) ends that session; AWS does not say that a password reset does.
    ///
    /// Needs `cognito-idp:AdminUserGlobalSignOut`. Retries throttling, 5xx and broken connections, with five attempts in
    /// all and 3 s of pauses at most; [`attempt_timeout`](AdminClientBuilder::attempt_timeout) limits each attempt. A timeout
    /// is not retried.
    ///
    /// # Errors
    /// [`AdminError::UserNotFound`], [`PoolNotFound`](AdminError::PoolNotFound),
    /// [`AccessDenied`](AdminError::AccessDenied) with the missing IAM action, an error about the credentials, or
    /// [`Service`](AdminError::Service): throttled, 5xx, unreachable.
    pub async fn global_sign_out(&self, user_pool_id: &str, username: &str) -> Result<(), AdminError> {
        let pool = self.pool(user_pool_id)?;
        Patience::brief().send(|| pool.global_sign_out(username)).await
    }

    /// Prevents a user from signing in and from refreshing tokens: `AdminDisableUser`. Access and ID tokens stay valid as
    /// after [`global_sign_out`](Self::global_sign_out), which should follow. Needs `cognito-idp:AdminDisableUser`.
    ///
    /// # Errors
    /// As [`global_sign_out`](Self::global_sign_out).
    pub async fn disable_user(&self, user_pool_id: &str, username: &str) -> Result<(), AdminError> {
        let pool = self.pool(user_pool_id)?;
        Patience::brief().send(|| pool.disable_user(username)).await
    }

    /// Whether Cognito still accepts an access token: sends it to `GetUser`. Shows the effect of a sign-out on sessions whose
    /// tokens you have. Needs no IAM permission, but a token with the scope `aws.cognito.signin.user.admin`.
    ///
    /// # Errors
    /// [`AdminError::Service`] if the token cannot answer the question. Its code is `session_expired` if the token is past its
    /// `exp`, `missing_scope` if it lacks the scope, and `refused` if it is not a token of this pool.
    pub async fn is_accepted(&self, user_pool_id: &str, access_token: &Secret) -> Result<bool, AdminError> {
        let pool = self.pool(user_pool_id)?;
        let get_user = async || match pool.sdk.get_user().access_token(access_token.reveal()).send().await {
            Ok(_) => Ok(true),
            Err(error) => match RequestError::from(error) {
                RequestError::TokenRevoked => Ok(false),
                RequestError::Failed(error) => Err(error),
            },
        };
        Patience::brief().send(get_user).await
    }

    /// Whose credentials sign the requests, to show before anything is done with them. Loads them now and uses them for
    /// the first request. Sends nothing to Cognito.
    ///
    /// # Errors
    /// What is wrong with the credentials, as [`global_sign_out`](Self::global_sign_out).
    pub async fn signer(&self) -> Result<Signer, AdminError> {
        Patience::long()
            .send(|| self.credentials.load(CREDENTIALS_TIMEOUT))
            .await
    }

    /// Whether these credentials may sign out users of this pool, and disable them if `disable` is set. For a dry run: tries
    /// it with a user name that no pool has. Changes nothing.
    ///
    /// # Errors
    /// As [`global_sign_out`](Self::global_sign_out), except [`AdminError::UserNotFound`], which is the expected response.
    pub async fn may_sign_out(&self, user_pool_id: &str, disable: bool) -> Result<(), AdminError> {
        let nobody = format!("cognito-signout-nobody-{:016x}", fastrand::u64(..));
        let expected = |result| match result {
            Err(AdminError::UserNotFound) => Ok(()),
            result => result,
        };
        if disable {
            expected(self.disable_user(user_pool_id, &nobody).await)?;
        }
        expected(self.global_sign_out(user_pool_id, &nobody).await)
    }

    /// How many users the pool has, as AWS estimates it (`DescribeUserPool`): for a progress bar. Needs
    /// `cognito-idp:DescribeUserPool`.
    ///
    /// # Errors
    /// As [`global_sign_out`](Self::global_sign_out).
    pub async fn estimated_users(&self, user_pool_id: &str) -> Result<u64, AdminError> {
        let pool = self.pool(user_pool_id)?;
        let request = || pool.sdk.describe_user_pool().user_pool_id(&pool.id).send();
        let response = Patience::brief().send(request).await?;
        let users = response.user_pool.map_or(0, |pool| pool.estimated_number_of_users);
        Ok(u64::try_from(users).unwrap_or_default())
    }

    pub(super) fn pool(&self, user_pool_id: &str) -> Result<Pool, AdminError> {
        let region = check::user_pool_id("user_pool_id", user_pool_id)?.to_owned();
        Ok(Pool {
            sdk: Client::from_conf(self.config.to_builder().region(Region::new(region)).build()),
            id: user_pool_id.to_owned(),
            patience: self.patience,
        })
    }
}

impl AdminClientBuilder {
    /// Uses these credentials instead of the default chain. Temporary credentials have a session token; they are not renewed.
    pub fn credentials(
        mut self,
        access_key_id: impl AsRef<str>,
        secret_access_key: impl Into<Secret>,
        session_token: Option<Secret>,
    ) -> Self {
        let credentials = given(
            access_key_id.as_ref(),
            secret_access_key.into().reveal(),
            session_token.as_ref().map(Secret::reveal),
        );
        self.credentials = Some(SharedCredentialsProvider::new(credentials));
        self
    }

    /// Takes the credentials from this profile of `~/.aws/config` and from nowhere else: environment variables are ignored,
    /// as in the AWS CLI. If there is no such profile, or it has no credentials, each request fails with
    /// [`AdminError::NoProfile`].
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Sends requests to this endpoint instead of the Region's.
    ///
    /// # Errors
    /// [`AdminError::InvalidInput`] if it is neither https nor http on a loopback host.
    pub fn endpoint(mut self, url: &str) -> Result<Self, AdminError> {
        self.endpoint = Some(check::endpoint("endpoint", url)?);
        Ok(self)
    }

    /// How long one attempt may wait for its response. Default: 10 s.
    ///
    /// # Errors
    /// [`AdminError::InvalidInput`] if it is zero or longer than 5 minutes.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Result<Self, AdminError> {
        check::timeout("attempt_timeout", timeout)?;
        self.attempt_timeout = timeout;
        Ok(self)
    }

    /// How long a run over many users, or the listing of a pool, waits for an unavailable network before it ends. Meanwhile no
    /// user counts as failed. Before the first response ever, it waits half a minute at most. Default: 10 minutes.
    ///
    /// # Errors
    /// [`AdminError::InvalidInput`] if it is longer than a day.
    pub fn patience(mut self, patience: Duration) -> Result<Self, AdminError> {
        if patience > MAX_PATIENCE {
            return Err(AdminError::InvalidInput("patience: must be a day at most".into()));
        }
        self.patience = patience;
        Ok(self)
    }

    /// Makes the client. Uses neither network nor files.
    pub fn build(self) -> AdminClient {
        let credentials = self.credentials.unwrap_or_else(|| {
            let chain = Chain::new(Arc::clone(&self.transport), self.profile);
            SharedCredentialsProvider::new(chain)
        });
        let credentials = Arc::new(Credentials::new(credentials));
        let mut config = Builder::new()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .credentials_provider(SharedCredentialsProvider::from(
                Arc::clone(&credentials) as Arc<dyn ProvideCredentials>
            ))
            // `Patience` retries.
            .retry_config(RetryConfig::disabled())
            // One cache for every pool; otherwise each of the SDK's clients would load its own credentials.
            .identity_cache(IdentityCache::lazy().load_timeout(CREDENTIALS_TIMEOUT).build())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .interceptor(HideBodies)
            .http_client(SdkTransport {
                transport: self.transport,
                attempt_timeout: self.attempt_timeout,
            });
        config.set_endpoint_url(self.endpoint.map(String::from));
        AdminClient {
            config: config.build(),
            credentials,
            patience: self.patience,
        }
    }
}

/// One user pool, in its Region. Each request is one attempt: the caller retries, by its own [`Patience`].
#[derive(Debug, Clone)]
pub(super) struct Pool {
    pub(super) sdk: Client,
    pub(super) id: String,
    /// How long to wait for an unavailable network.
    pub(super) patience: Duration,
}

impl Pool {
    pub(super) async fn global_sign_out(&self, username: &str) -> Result<(), AdminError> {
        let request = self.sdk.admin_user_global_sign_out().user_pool_id(&self.id);
        let sent = request.username(checked(username)?).send().await;
        sent.map_err(RequestError::from)?;
        Ok(())
    }

    pub(super) async fn disable_user(&self, username: &str) -> Result<(), AdminError> {
        let request = self.sdk.admin_disable_user().user_pool_id(&self.id);
        let sent = request.username(checked(username)?).send().await;
        sent.map_err(RequestError::from)?;
        Ok(())
    }
}

/// AWS's `UsernameType`: 1 to 128 characters, without white space or control characters.
pub(super) fn checked(username: &str) -> Result<&str, AdminError> {
    let allowed = |character: char| !character.is_whitespace() && !character.is_control();
    if (1..=128).contains(&username.chars().count()) && username.chars().all(allowed) {
        Ok(username)
    } else {
        Err(AdminError::InvalidInput(
            "username: must be 1 to 128 characters, without white space".into(),
        ))
    }
}
