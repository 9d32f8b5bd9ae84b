//! The operations on sessions, which the SDK does not have yet (1.144). Once it does, its calls replace these, here and
//! nowhere else. Each function is one attempt: the caller retries.

use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use super::client::Pool;
use super::responses::RequestError;
use crate::cognito::Page;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListInput<'a> {
    user_pool_id: &'a str,
    username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RevokeInput<'a> {
    user_pool_id: &'a str,
    username: &'a str,
    session_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoke_associated_sessions: Option<&'static str>,
}

impl Pool {
    /// `AdminListUserSessions`.
    pub(super) async fn list_sessions(&self, username: &str, next_token: Option<&str>) -> Result<Page, RequestError> {
        let input = ListInput {
            user_pool_id: &self.id,
            username,
            next_token,
        };
        self.call("AdminListUserSessions", &input).await
    }

    /// `AdminRevokeUserSession`.
    pub(super) async fn revoke_session(&self, username: &str, id: &str, linked: bool) -> Result<(), RequestError> {
        let input = RevokeInput {
            user_pool_id: &self.id,
            username,
            session_id: id,
            revoke_associated_sessions: linked.then_some("LINKED"),
        };
        let IgnoredAny = self.call("AdminRevokeUserSession", &input).await?;
        Ok(())
    }

    /// `GetUserPoolSessionConfiguration`: the members `UserSessionTracking` and `TokenSession`.
    pub(super) async fn session_configuration(&self) -> Result<Map<String, Value>, RequestError> {
        let input = json!({ "UserPoolId": self.id });
        let mut configuration: Map<String, Value> = self.call("GetUserPoolSessionConfiguration", &input).await?;
        configuration.remove("UserPoolId");
        Ok(configuration)
    }

    /// `SetUserPoolSessionConfiguration`: replaces the whole configuration.
    pub(super) async fn set_session_configuration(
        &self,
        mut configuration: Map<String, Value>,
    ) -> Result<(), RequestError> {
        configuration.insert("UserPoolId".to_owned(), json!(self.id));
        let IgnoredAny = self.call("SetUserPoolSessionConfiguration", &configuration).await?;
        Ok(())
    }

    /// `GetUserPoolClientSessionConfiguration`: the member `SSOSession`.
    pub(super) async fn client_session_configuration(&self, client_id: &str) -> Result<Value, RequestError> {
        let input = json!({ "UserPoolId": self.id, "ClientId": client_id });
        self.call("GetUserPoolClientSessionConfiguration", &input).await
    }
}
