//! [`AdminClient`]: the administrator's operations on a user pool, over the AWS SDK, signed with SigV4.

use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_cognitoidentityprovider::config::retry::RetryConfig;
use aws_sdk_cognitoidentityprovider::config::{
    BehaviorVersion, Builder, IdentityCache, Region, StalledStreamProtectionConfig,
};
use aws_sdk_cognitoidentityprovider::{Client, Config};
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use url::Url;

use super::AdminError;
use super::credentials::{Chain, Introduced, Signer, given};
use super::patience::Patience;
use super::sdk_transport::{HideBodies, SdkTransport};
use crate::Secret;
use crate::cognito::attempt::AttemptError;
use crate::config::check;
use crate::transport::HttpTransport;

/// The first attempt and four more: nobody waits at a screen.
const ATTEMPTS: u32 = 5;
const FIRST_BACKOFF: Duration = Duration::from_millis(200);
const LONGEST_BACKOFF: Duration = Duration::from_secs(5);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// Credentials may be a role behind a role, or behind a command that asks somebody for a code.
const CREDENTIALS_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a run or a listing waits for a network that is away, unless told otherwise.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
const MAX_PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// Asks Cognito as an administrator, for any user pool that its IAM credentials are good for. Clones share connections and
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
/// // Where there is no `credentials`, the default chain: environment, profile, SSO, ECS, EC2.
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
    /// All but the Region, which is in each user pool's id.
    config: Config,
    credentials: Arc<Introduced>,
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
    /// A client with the credentials of AWS's default chain: the environment's variables, the profile that `AWS_PROFILE`
    /// names (its keys, its SSO session, its process, the role it assumes), a web identity, and what an ECS task or an EC2
    /// instance is given. They are looked for at the first request, waited for a minute at most, and renewed before they
    /// expire. A role is assumed in the Region of `AWS_REGION` or the profile.
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

    /// Signs a user out everywhere: `AdminUserGlobalSignOut`. The user is named by user name, by an alias that the pool
    /// lets users sign in with, or by `sub`.
    ///
    /// **It ends** every session of the user at this user pool: no refresh token of theirs brings new tokens any more, and
    /// Cognito's own operations (`GetUser`, `UpdateUserAttributes`, …) refuse the access tokens. A user who has no session
    /// is a success too.
    ///
    /// **It does not end** what others verify by themselves: API Gateway, AppSync and your own back end accept access and ID
    /// tokens until their `exp`, 5 minutes to a day after they were issued ([`examine`](Self::examine) says how long). Nor does
    /// it end an identity provider's session, or temporary AWS credentials of an identity pool.
    ///
    /// **It does not end the browser's session at the hosted pages**: whoever sits at that browser gets new tokens without a
    /// password, for an hour after the sign-in, or where the pool tracks sessions for as long as the app client allows, up
    /// to 90 days. [`disable_user`](Self::disable_user) keeps the user from getting any, there and elsewhere. Where sessions
    /// are tracked, `AdminRevokeUserSession` ends that one; AWS does not say that resetting the password does.
    ///
    /// Needs `cognito-idp:AdminUserGlobalSignOut`. Retries throttling, 5xx and broken connections, five attempts in all, each
    /// bounded by [`attempt_timeout`](AdminClientBuilder::attempt_timeout); one that gets no answer in time is the last.
    ///
    /// # Errors
    /// [`AdminError::UserNotFound`], [`PoolNotFound`](AdminError::PoolNotFound),
    /// [`AccessDenied`](AdminError::AccessDenied) with the IAM action that is missing, what is wrong with the credentials, or
    /// [`Service`](AdminError::Service): throttled, 5xx, out of reach.
    pub async fn global_sign_out(&self, user_pool_id: &str, username: &str) -> Result<(), AdminError> {
        self.pool(user_pool_id)?.global_sign_out(username).await
    }

    /// Keeps a user from signing in, and from refreshing tokens: `AdminDisableUser`. Access and ID tokens live on as after
    /// [`global_sign_out`](Self::global_sign_out), which should follow. Needs `cognito-idp:AdminDisableUser`.
    ///
    /// # Errors
    /// As [`global_sign_out`](Self::global_sign_out).
    pub async fn disable_user(&self, user_pool_id: &str, username: &str) -> Result<(), AdminError> {
        self.pool(user_pool_id)?.disable_user(username).await
    }

    /// Whether Cognito still accepts an access token, by asking `GetUser` with it: to see the effect of a sign-out on a
    /// sample of sessions whose tokens are at hand. Needs no IAM permission, but a token with the scope
    /// `aws.cognito.signin.user.admin`.
    ///
    /// # Errors
    /// [`AdminError::Service`] if the token cannot tell: with the code `session_expired` it is past its `exp`, with
    /// `missing_scope` it lacks the scope, with `refused` it is no token of this pool.
    pub async fn is_accepted(&self, user_pool_id: &str, access_token: &Secret) -> Result<bool, AdminError> {
        let pool = self.pool(user_pool_id)?;
        match pool.sdk.get_user().access_token(access_token.reveal()).send().await {
            Ok(_) => Ok(true),
            Err(error) => match AttemptError::from_sdk(&error) {
                AttemptError::AlreadyRevoked => Ok(false),
                _ => Err(AdminError::from_sdk(&error)),
            },
        }
    }

    /// Whose credentials sign the requests, to be told before anything is done with them. They are looked for now, and used for
    /// the first request; nothing is sent to Cognito.
    ///
    /// # Errors
    /// What is wrong with the credentials, as [`global_sign_out`](Self::global_sign_out).
    pub async fn signer(&self) -> Result<Signer, AdminError> {
        let mut patience = Patience::default();
        loop {
            match self.credentials.introduce(CREDENTIALS_TIMEOUT).await {
                Ok(signer) => return Ok(signer),
                Err(error) => tokio::time::sleep(patience.after(&error).ok_or(error)?).await,
            }
        }
    }

    /// Whether these credentials may sign users of this pool out, and disable them if that is asked, by trying it on a user
    /// whom no pool has: for a dry run. Changes nothing.
    ///
    /// # Errors
    /// As [`global_sign_out`](Self::global_sign_out), but for [`AdminError::UserNotFound`], which is what it should be.
    pub async fn may_sign_out(&self, user_pool_id: &str, disable: bool) -> Result<(), AdminError> {
        let nobody = format!("cognito-signout-nobody-{:016x}", fastrand::u64(..));
        let expected = |answer| match answer {
            Err(AdminError::UserNotFound) => Ok(()),
            answer => answer,
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
        let answer = pool.sdk.describe_user_pool().user_pool_id(&pool.id).send().await;
        let answer = answer.map_err(|error| AdminError::from_sdk(&error))?;
        let users = answer.user_pool.map_or(0, |pool| pool.estimated_number_of_users);
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
    /// Uses these credentials in place of the default chain's. Temporary ones have a session token; they are not renewed.
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

    /// Takes the credentials from this profile of `~/.aws/config` and from nowhere else: the environment's variables are
    /// passed over, as the AWS CLI does it. If there is no such profile, or it has no credentials, each request ends with
    /// [`AdminError::NoProfile`].
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Asks here in place of the Region's endpoint.
    ///
    /// # Errors
    /// [`AdminError::InvalidInput`] if it is neither https nor http on a loopback host.
    pub fn endpoint(mut self, url: &str) -> Result<Self, AdminError> {
        self.endpoint = Some(check::endpoint("endpoint", url)?);
        Ok(self)
    }

    /// How long one attempt may wait for its answer. Default: 10 s.
    ///
    /// # Errors
    /// [`AdminError::InvalidInput`] if it is zero or longer than 5 minutes.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Result<Self, AdminError> {
        check::timeout("attempt_timeout", timeout)?;
        self.attempt_timeout = timeout;
        Ok(self)
    }

    /// How long a run over many users, or the listing of a pool, waits for a network that is away before it ends: nobody
    /// fails for it meanwhile. Where nobody has answered yet, half a minute at most. Default: 10 minutes.
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

    /// Makes the client. Touches neither network nor files.
    pub fn build(self) -> AdminClient {
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(FIRST_BACKOFF)
            .with_max_backoff(LONGEST_BACKOFF);
        // The SDK's own quota is one for the whole process: enough failures would leave the next request without retries.
        let partition = RetryPartition::custom("cognito-signout-admin").token_bucket(TokenBucket::unlimited());
        let credentials = self.credentials.unwrap_or_else(|| {
            let chain = Chain::new(Arc::clone(&self.transport), self.profile);
            SharedCredentialsProvider::new(chain)
        });
        let credentials = Arc::new(Introduced::new(credentials));
        let mut config = Builder::new()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .credentials_provider(SharedCredentialsProvider::from(
                Arc::clone(&credentials) as Arc<dyn ProvideCredentials>
            ))
            .retry_config(retries)
            .retry_partition(partition.build())
            // One for all that is made of this configuration: without it each of the SDK's clients would ask for its own.
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

/// One user pool, asked in its Region.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    pub(super) sdk: Client,
    pub(super) id: String,
    /// How long a network that is away is waited for.
    pub(super) patience: Duration,
}

impl Pool {
    /// The same, for a caller that retries by itself, at its own pace.
    pub(super) fn without_retries(&self) -> Self {
        let config = self.sdk.config().to_builder();
        Self {
            sdk: Client::from_conf(config.retry_config(RetryConfig::disabled()).build()),
            id: self.id.clone(),
            patience: self.patience,
        }
    }

    pub(super) async fn global_sign_out(&self, username: &str) -> Result<(), AdminError> {
        let request = self.sdk.admin_user_global_sign_out().user_pool_id(&self.id);
        let answer = request.username(checked(username)?).send().await;
        answer.map(drop).map_err(|error| AdminError::from_sdk(&error))
    }

    pub(super) async fn disable_user(&self, username: &str) -> Result<(), AdminError> {
        let request = self.sdk.admin_disable_user().user_pool_id(&self.id);
        let answer = request.username(checked(username)?).send().await;
        answer.map(drop).map_err(|error| AdminError::from_sdk(&error))
    }
}

/// `UsernameType`: 1 to 128 characters, none of them blank or a control character.
fn checked(username: &str) -> Result<&str, AdminError> {
    let allowed = |character: char| !character.is_whitespace() && !character.is_control();
    if (1..=128).contains(&username.chars().count()) && username.chars().all(allowed) {
        Ok(username)
    } else {
        Err(AdminError::InvalidInput(
            "username: must be 1 to 128 characters, none of them blank".into(),
        ))
    }
}
