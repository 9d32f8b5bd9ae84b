//! The operations that the fake has, and how their input is read.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::service_error::ServiceError;
use super::wire::Request;

/// The enum, the list of all its variants, and their names.
macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// An operation of Cognito's user pools API that the fake has, or a page or endpoint of the pool's domain.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Operation {
            $($(#[$doc])* $name,)*
        }

        impl Operation {
            /// Every operation, so that a test can drive each once.
            pub const ALL: [Self; [$(stringify!($name)),*].len()] = [$(Self::$name),*];

            /// The operation's name in AWS's API. Pages and endpoints of the pool's domain have no name there; this is
            /// the variant's.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }
        }
    };
}

operations! {
    /// `InitiateAuth`, with the flows `USER_PASSWORD_AUTH` and `REFRESH_TOKEN_AUTH`.
    InitiateAuth,
    /// `GetTokensFromRefreshToken`: the refresh of an app client that rotates its refresh tokens.
    GetTokensFromRefreshToken,
    /// `GetUser`: succeeds for as long as the access token is accepted.
    GetUser,
    /// `GlobalSignOut`: ends every session of the user.
    GlobalSignOut,
    /// `RevokeToken`: ends the session of one refresh token; with `RevokeAssociatedSessions: LINKED` also its SSO session.
    RevokeToken,
    /// `AdminUserGlobalSignOut`: ends every session of any user; signed with SigV4.
    AdminUserGlobalSignOut,
    /// `GET` and `POST /login` and `GET /oauth2/authorize`: the sign-in form, or, with a live cookie, straight back.
    HostedLogin,
    /// `GET /logout`: ends the browser session.
    HostedLogout,
    /// `POST /oauth2/token`: tokens for an authorization code.
    OAuth2Token,
    /// `POST /oauth2/revoke`: does what `RevokeToken` does.
    OAuth2Revoke,
    /// `AdminDisableUser`: the user can no longer sign in or refresh.
    AdminDisableUser,
    /// `ListUsers`: in pages, with filters `=` and `^=` on `username`, `sub`, `status` and `cognito:user_status`.
    ListUsers,
    /// `ListUsersInGroup`.
    ListUsersInGroup,
    /// `DescribeUserPool`.
    DescribeUserPool,
    /// `DescribeUserPoolClient`.
    DescribeUserPoolClient,
    /// `UpdateUserPoolClient`: resets every setting that is not sent.
    UpdateUserPoolClient,
    /// `DescribeUserPoolDomain`.
    DescribeUserPoolDomain,
    /// `DescribeIdentityProvider`.
    DescribeIdentityProvider,
    /// `ListUserSessions`: the active sessions of the access token's user; needs session tracking.
    ListUserSessions,
    /// `RevokeUserSession`: ends another session of the access token's user; needs session tracking.
    RevokeUserSession,
    /// `AdminListUserSessions`: the active sessions of any user; needs session tracking.
    AdminListUserSessions,
    /// `AdminRevokeUserSession`: ends a session of any user; needs session tracking.
    AdminRevokeUserSession,
    /// `GetUserPoolSessionConfiguration`.
    GetUserPoolSessionConfiguration,
    /// `SetUserPoolSessionConfiguration`: replaces both settings.
    SetUserPoolSessionConfiguration,
    /// `GetUserPoolClientSessionConfiguration`.
    GetUserPoolClientSessionConfiguration,
    /// `SetUserPoolClientSessionConfiguration`; needs session tracking.
    SetUserPoolClientSessionConfiguration,
}

/// Who calls an operation, and so how it is authorised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// An app, at the API. Unsigned.
    App,
    /// An administrator, at the API. Signed with SigV4.
    Admin,
    /// A browser or an app, at a path of the pool's domain.
    Hosted,
}

impl Operation {
    pub(super) fn caller(self) -> Caller {
        match self {
            Self::InitiateAuth
            | Self::GetTokensFromRefreshToken
            | Self::GetUser
            | Self::GlobalSignOut
            | Self::RevokeToken
            | Self::ListUserSessions
            | Self::RevokeUserSession => Caller::App,
            Self::HostedLogin | Self::HostedLogout | Self::OAuth2Token | Self::OAuth2Revoke => Caller::Hosted,
            Self::AdminUserGlobalSignOut
            | Self::AdminDisableUser
            | Self::ListUsers
            | Self::ListUsersInGroup
            | Self::DescribeUserPool
            | Self::DescribeUserPoolClient
            | Self::UpdateUserPoolClient
            | Self::DescribeUserPoolDomain
            | Self::DescribeIdentityProvider
            | Self::AdminListUserSessions
            | Self::AdminRevokeUserSession
            | Self::GetUserPoolSessionConfiguration
            | Self::SetUserPoolSessionConfiguration
            | Self::GetUserPoolClientSessionConfiguration
            | Self::SetUserPoolClientSessionConfiguration => Caller::Admin,
        }
    }

    /// The operation that the header `x-amz-target` names.
    pub(super) fn from_target(target: &str) -> Option<Self> {
        let name = target.strip_prefix("AWSCognitoIdentityProviderService.")?;
        let mut known = Self::ALL.into_iter();
        known.find(|operation| operation.caller() != Caller::Hosted && operation.as_str() == name)
    }
}

/// The input of an API operation.
pub(super) fn parse<T: DeserializeOwned>(request: &Request) -> Result<T, ServiceError> {
    let body: Value = serde_json::from_slice(&request.body).map_err(|_| ServiceError::Serialization)?;
    serde_json::from_value(body).map_err(|_| ServiceError::InvalidParameter)
}
