//! What the doctor reads about an app client, as far as the credentials allow it.

use std::time::Duration;

use aws_sdk_cognitoidentityprovider::types::{
    IdentityProviderTypeType, UserPoolClientType, UserPoolTierType, UserPoolType,
};

use super::super::AdminError;
use super::super::client::Pool;
use super::super::patience::Patience;

/// AWS's defaults.
pub(super) const DEFAULT_MAX_PER_USER: u64 = 20;
const DEFAULT_SSO_MINUTES: u64 = 60;

/// What was read, or the IAM action that was missing to read it.
pub(super) type Seen<T> = Result<T, String>;

#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) client: UserPoolClientType,
    pub(super) pages: Seen<Pages>,
    /// False also if the user pool could not be read.
    pub(super) remembers_devices: bool,
    pub(super) providers: Vec<Provider>,
    pub(super) sessions: Sessions,
}

/// The session configurations of the user pool and of the app client. An error is one that ends nothing: a missing
/// permission, or a Region or an emulator without these operations.
#[derive(Debug, Clone)]
pub(super) struct Sessions {
    pub(super) tracking: Result<Tracking, AdminError>,
    /// How long after a sign-in the app client uses the browser's session, if the pool tracks sessions. Zero: not at all.
    pub(super) sso_validity: Result<Duration, AdminError>,
    /// Whether the pool's tier is Lite, which has no session tracking. False also if the user pool could not be read.
    pub(super) is_lite: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tracking {
    pub(super) is_on: bool,
    pub(super) max_per_user: u64,
}

/// What serves the hosted pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pages {
    /// The pool has no domain.
    None,
    Classic,
    Managed,
}

/// An identity provider that users of the app client can sign in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Provider {
    pub(super) name: String,
    pub(super) kind: Seen<Kind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Saml {
        single_logout: bool,
    },
    Other,
    /// The app client names it, but the pool does not have it.
    Gone,
}

impl Facts {
    pub(super) async fn gather(pool: &Pool, client_id: &str) -> Result<Self, AdminError> {
        let request = pool.sdk.describe_user_pool_client().user_pool_id(&pool.id);
        let request = request.client_id(client_id);
        let response = Patience::brief().send(|| request.clone().send()).await?;
        let client = response.user_pool_client.ok_or(AdminError::ClientNotFound)?;
        let mut providers = Vec::new();
        // `COGNITO` is the pool itself.
        let names = client.supported_identity_providers().iter();
        for name in names.filter(|name| *name != "COGNITO") {
            providers.push(Provider {
                name: name.clone(),
                kind: seen(kind_of(pool, name).await)?,
            });
        }
        let user_pool = seen(described(pool).await)?;
        let is_remembering = |pool: &UserPoolType| pool.device_configuration.is_some();
        let is_lite = |pool: &UserPoolType| pool.user_pool_tier == Some(UserPoolTierType::Lite);
        Ok(Self {
            sessions: Sessions {
                tracking: unless_unreachable(tracking(pool).await)?,
                sso_validity: unless_unreachable(sso_validity(pool, client_id).await)?,
                is_lite: user_pool.as_ref().is_ok_and(is_lite),
            },
            client,
            remembers_devices: user_pool.as_ref().is_ok_and(is_remembering),
            pages: match user_pool {
                Ok(user_pool) => seen(pages_of(pool, user_pool).await)?,
                Err(action) => Err(action),
            },
            providers,
        })
    }
}

/// A missing permission only narrows what is read; any other error ends the examination.
fn seen<T>(read: Result<T, AdminError>) -> Result<Seen<T>, AdminError> {
    match read {
        Ok(value) => Ok(Ok(value)),
        Err(AdminError::AccessDenied { action }) => Ok(Err(action)),
        Err(error) => Err(error),
    }
}

async fn described(pool: &Pool) -> Result<UserPoolType, AdminError> {
    let request = || pool.sdk.describe_user_pool().user_pool_id(&pool.id).send();
    let response = Patience::brief().send(request).await?;
    response.user_pool.ok_or(AdminError::PoolNotFound)
}

async fn pages_of(pool: &Pool, user_pool: UserPoolType) -> Result<Pages, AdminError> {
    let Some(domain) = user_pool.custom_domain.or(user_pool.domain) else {
        return Ok(Pages::None);
    };
    let request = || pool.sdk.describe_user_pool_domain().domain(&domain).send();
    let response = Patience::brief().send(request).await?;
    let version = response
        .domain_description
        .and_then(|domain| domain.managed_login_version);
    // Domains made before managed login existed have no version.
    Ok(if version.unwrap_or(1) >= 2 {
        Pages::Managed
    } else {
        Pages::Classic
    })
}

async fn kind_of(pool: &Pool, name: &str) -> Result<Kind, AdminError> {
    let request = pool.sdk.describe_identity_provider().user_pool_id(&pool.id);
    let request = request.provider_name(name);
    let response = match Patience::brief().send(|| request.clone().send()).await {
        // The pool exists: its app client was read before.
        Err(AdminError::PoolNotFound) => return Ok(Kind::Gone),
        response => response?,
    };
    let Some(provider) = response.identity_provider else {
        return Ok(Kind::Other);
    };
    let details = provider.provider_details.unwrap_or_default();
    let is_on = |value: &String| value.eq_ignore_ascii_case("true");
    Ok(match provider.provider_type {
        Some(IdentityProviderTypeType::Saml) => Kind::Saml {
            single_logout: details.get("IDPSignout").is_some_and(is_on),
        },
        _ => Kind::Other,
    })
}

/// Not every Region has the session operations, and no emulator, so a refusal only narrows what is read.
fn unless_unreachable<T>(read: Result<T, AdminError>) -> Result<Result<T, AdminError>, AdminError> {
    match read {
        Err(error) if error.is_of_network() => Err(error),
        read => Ok(read),
    }
}

async fn tracking(pool: &Pool) -> Result<Tracking, AdminError> {
    let configuration = Patience::brief().send(|| pool.session_configuration()).await?;
    Ok(Tracking {
        is_on: configuration
            .get("UserSessionTracking")
            .is_some_and(|tracking| tracking == "ENABLED"),
        max_per_user: configuration
            .get("TokenSession")
            .and_then(|sessions| sessions["MaxPerUser"].as_u64())
            .unwrap_or(DEFAULT_MAX_PER_USER),
    })
}

async fn sso_validity(pool: &Pool, client_id: &str) -> Result<Duration, AdminError> {
    let request = || pool.client_session_configuration(client_id);
    let configuration = Patience::brief().send(request).await?;
    let minutes = configuration["SSOSession"]["MaxValidityMinutes"].as_u64();
    Ok(Duration::from_secs(60 * minutes.unwrap_or(DEFAULT_SSO_MINUTES)))
}
