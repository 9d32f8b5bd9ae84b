//! The reader of JWT claims.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_signout::{Claims, ClaimsError, Secret};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::cases;

fn read(payload: &Value) -> Result<Claims, ClaimsError> {
    let payload = URL_SAFE_NO_PAD.encode(payload.to_string());
    Claims::from_jwt(&Secret::new(format!("eyJhbGciOiJSUzI1NiJ9.{payload}.c2lnbmF0dXJl")))
}

/// A value that some claim might have, right or wrong.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::collection::vec(any::<String>(), 0..3).prop_map(Value::from),
        any::<String>().prop_map(|name| json!([{"providerName": name}])),
        any::<String>().prop_map(|name| json!(json!([{"providerName": name}]).to_string())),
    ]
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn identities_of_any_kind_fail_no_token_and_name_a_provider_or_nobody(identities in value()) {
        let payload = json!({"sub": "42", "token_use": "id", "exp": 4_102_444_800_u64, "identities": identities});
        let claims = read(&payload).expect("the rest is in order");
        prop_assert_ne!(claims.identity_provider(), Some(""));
    }

    #[test]
    fn what_was_written_is_what_is_read(
        sub in any::<String>(),
        username in any::<String>(),
        scopes in prop::collection::vec("[!-~]{1,20}", 0..5),
        exp in 0..=253_402_300_799_u64,
        revocable in any::<bool>(),
    ) {
        let mut payload = json!({"sub": sub, "username": username, "scope": scopes.join(" "), "exp": exp});
        if revocable {
            payload["origin_jti"] = json!("bbbbbbbb-1111");
        }
        let claims = read(&payload).expect("a valid token");
        prop_assert_eq!(claims.subject(), Some(&*sub));
        prop_assert_eq!(claims.username(), Some(&*username));
        prop_assert_eq!(claims.scopes().collect::<Vec<_>>(), scopes);
        prop_assert_eq!(claims.expires_at(), SystemTime::UNIX_EPOCH + Duration::from_secs(exp));
        prop_assert_eq!(claims.is_revocable(), revocable);
    }
}
