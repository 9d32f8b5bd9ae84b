//! The operations on sessions, which the SDK does not have yet (1.144). Once it does, its calls replace these, here and
//! nowhere else. Each function is one attempt: the caller retries.

use serde_json::{Map, Value, json};

use super::client::Pool;
use super::responses::RequestError;

impl Pool {
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
        self.call("SetUserPoolSessionConfiguration", &configuration)
            .await
            .map(|_: Value| ())
    }

    /// `GetUserPoolClientSessionConfiguration`: the member `SSOSession`.
    pub(super) async fn client_session_configuration(&self, client_id: &str) -> Result<Value, RequestError> {
        let input = json!({ "UserPoolId": self.id, "ClientId": client_id });
        self.call("GetUserPoolClientSessionConfiguration", &input).await
    }
}
