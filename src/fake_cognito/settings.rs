//! How the user pool and its one app client are set up.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::Secret;

const HOUR: Duration = Duration::from_secs(60 * 60);

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
    /// Whether `iss` has the newer format (`IssuerConfigurationType`, `UPDATED`).
    pub(super) updated_issuer: bool,
    pub(super) session_tracking: SessionTracking,
}

/// The session configurations of the pool and its app client.
#[derive(Debug, Clone)]
pub(super) struct SessionTracking {
    /// `UserSessionTracking`.
    pub(super) enabled: bool,
    /// `TokenSession.MaxPerUser`.
    pub(super) max_per_user: usize,
    /// `SSOSession.MaxValidityMinutes`: how long after an authentication the app client reuses an SSO session.
    pub(super) sso_validity: Duration,
    /// How long after a revocation the linked sessions end.
    pub(super) linked_delay: Duration,
    /// How many sessions one page lists.
    pub(super) page_size: usize,
}

impl Default for SessionTracking {
    fn default() -> Self {
        Self {
            enabled: false,
            max_per_user: 20,
            sso_validity: HOUR,
            linked_delay: Duration::ZERO,
            page_size: 125,
        }
    }
}

impl SessionTracking {
    /// How long after an authentication the hosted pages sign the user in again without asking.
    pub(super) fn cookie_validity(&self) -> Duration {
        if self.enabled { self.sso_validity } else { HOUR }
    }

    /// How long an SSO session and its cookie last after an authentication. How long AWS keeps them is not established;
    /// here it is the app client's validity, and at least an hour, because other app clients can reuse the session.
    pub(super) fn sso_lifetime(&self) -> Duration {
        self.cookie_validity().max(HOUR)
    }
}

impl Settings {
    /// The claim `iss`, in one of AWS's two formats.
    pub(super) fn issuer(&self) -> String {
        let host = if self.updated_issuer {
            "issuer-cognito-idp"
        } else {
            "cognito-idp"
        };
        let region = self.user_pool_id.split('_').next().unwrap_or_default();
        format!("https://{host}.{region}.amazonaws.com/{}", self.user_pool_id)
    }

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
