//! What the operations are asked, member by member as the service model names them. Of our own making, since the SDK's shapes
//! own what they are given as `String`s, which nobody wipes. The SDK stays the judge: the tests hold each against its client.

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
}

/// `GlobalSignOut`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GlobalSignOut<'a> {
    pub(super) access_token: &'a str,
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

/// `InitiateAuth`, as it refreshes.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InitiateAuth<'a> {
    /// `REFRESH_TOKEN_AUTH`.
    pub(super) auth_flow: &'static str,
    pub(super) client_id: &'a str,
    pub(super) auth_parameters: RefreshParameters<'a>,
}

/// What `REFRESH_TOKEN_AUTH` asks for.
#[derive(Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) struct RefreshParameters<'a> {
    pub(super) refresh_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) secret_hash: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) device_key: Option<&'a str>,
}
