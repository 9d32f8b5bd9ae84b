//! What only an administrator sees of the pool: groups, and the descriptions of pool, app client, domain and identity
//! providers.
//!
//! The descriptions are JSON as AWS returns it, so a test can set any member, also one that this library does not know.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::settings::Settings;

pub(super) struct Administration {
    /// How many times `AdminUserGlobalSignOut` signed anyone out.
    pub(super) sign_outs: usize,
    pub(super) groups: BTreeMap<String, BTreeSet<String>>,
    pub(super) user_pool: Map<String, Value>,
    pub(super) client: Map<String, Value>,
    pub(super) domain: Option<Map<String, Value>>,
    pub(super) identity_providers: BTreeMap<String, Map<String, Value>>,
}

impl Administration {
    pub(super) fn of(settings: &Settings) -> Self {
        let minutes = settings.access_token_lifetime.as_secs() / 60;
        let user_pool = json!({ "Id": settings.user_pool_id, "Name": "pool" });
        let mut client = json!({
            "UserPoolId": settings.user_pool_id,
            "ClientName": "app",
            "ClientId": settings.client_id,
            "LastModifiedDate": 1.7e9,
            "CreationDate": 1.7e9,
            "RefreshTokenValidity": settings.refresh_token_lifetime.as_secs() / (24 * 60 * 60),
            "AccessTokenValidity": minutes,
            "IdTokenValidity": minutes,
            "TokenValidityUnits": { "AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days" },
            "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"],
            "EnableTokenRevocation": settings.token_revocation,
            "AuthSessionValidity": 3,
        });
        if let Some(secret) = &settings.client_secret {
            client["ClientSecret"] = json!(secret.reveal());
        }
        if let Some(grace) = settings.rotation {
            client["RefreshTokenRotation"] =
                json!({ "Feature": "ENABLED", "RetryGracePeriodSeconds": grace.as_secs() });
        }
        Self {
            sign_outs: 0,
            groups: BTreeMap::new(),
            user_pool: object(user_pool),
            client: object(client),
            domain: None,
            identity_providers: BTreeMap::new(),
        }
    }
}

/// The object's members; none of any other JSON.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// Sets a member; `Null` removes it.
pub(super) fn set(object: &mut Map<String, Value>, member: &str, value: Value) {
    if value.is_null() {
        object.remove(member);
    } else {
        object.insert(member.to_owned(), value);
    }
}
