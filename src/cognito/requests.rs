//! The operations' requests, with the members that the service model names. They are our own types, because the SDK's types
//! keep tokens in `String`s, which nobody wipes. The tests compare each request with the one that the SDK's client sends.

#[cfg(test)]
#[cfg(feature = "admin")]
mod tests;

use serde::Serialize;

/// `RevokeToken`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RevokeToken<'a> {
    pub(super) token: &'a str,
    pub(super) client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_secret: Option<&'a str>,
    /// `LINKED`. Left out, it is `NONE`, and servers that do not know the member see the request that they know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) revoke_associated_sessions: Option<&'static str>,
}

/// `GlobalSignOut`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GlobalSignOut<'a> {
    pub(super) access_token: &'a str,
}

/// `GetUser`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetUser<'a> {
    pub(super) access_token: &'a str,
}

/// `ListUserSessions`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListUserSessions<'a> {
    pub(super) access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_token: Option<&'a str>,
}

/// `RevokeUserSession`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RevokeUserSession<'a> {
    pub(super) access_token: &'a str,
    pub(super) session_id: &'a str,
    /// As in [`RevokeToken`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) revoke_associated_sessions: Option<&'static str>,
}

/// `GetTokensFromRefreshToken`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetTokensFromRefreshToken<'a> {
    pub(super) refresh_token: &'a str,
    pub(super) client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_secret: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) device_key: Option<&'a str>,
}

/// `InitiateAuth`, used for a refresh.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InitiateAuth<'a> {
    /// `REFRESH_TOKEN_AUTH`.
    pub(super) auth_flow: &'static str,
    pub(super) client_id: &'a str,
    pub(super) auth_parameters: RefreshParameters<'a>,
}

/// The parameters of `REFRESH_TOKEN_AUTH`.
#[derive(Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) struct RefreshParameters<'a> {
    pub(super) refresh_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) secret_hash: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) device_key: Option<&'a str>,
}
