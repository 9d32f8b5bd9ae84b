//! How the user pool and its one app client are set up.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::Secret;

#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) user_pool_id: String,
    pub(super) client_id: String,
    pub(super) client_secret: Option<Secret>,
    /// `EnableTokenRevocation`.
    pub(super) token_revocation: bool,
    /// The grace period of `RefreshTokenRotation`; `None` while rotation is off.
    pub(super) rotation: Option<Duration>,
    pub(super) access_token_lifetime: Duration,
    pub(super) refresh_token_lifetime: Duration,
    /// Whether administrators' operations need no signature.
    pub(super) unsigned_admin: bool,
}

impl Settings {
    /// Takes over what the description of the app client says about tokens. It holds for tokens issued from now on.
    pub(super) fn follow(&mut self, client: &Map<String, Value>) {
        self.token_revocation = client.get("EnableTokenRevocation") != Some(&json!(false));
        let units = client.get("TokenValidityUnits");
        let unit = match units.and_then(|units| units["AccessToken"].as_str()) {
            Some("seconds") => 1,
            Some("minutes") => 60,
            Some("days") => 24 * 60 * 60,
            _ => 60 * 60,
        };
        let validity = client.get("AccessTokenValidity").and_then(Value::as_u64).unwrap_or(1);
        self.access_token_lifetime = Duration::from_secs(validity * unit);
    }
}
