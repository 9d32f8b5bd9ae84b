//! The reader of JWT claims.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_signout::{Claims, Secret};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{assert_silent, cases, edited, edits};

fn jwt(payload: impl AsRef<[u8]>) -> String {
    format!("eyJhbGciOiJSUzI1NiJ9.{}.c2lnbmF0dXJl", URL_SAFE_NO_PAD.encode(payload))
}

/// Reads it; if that is refused, without a word of the token.
fn read(token: &str) -> Option<Claims> {
    Claims::from_jwt(&Secret::new(token))
        .inspect_err(|error| assert_silent(error, token))
        .ok()
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
    fn any_text_is_read_or_refused(token in any::<String>()) {
        read(&token);
    }

    #[test]
    fn any_payload_is_read_or_refused(payload in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&jwt(payload));
    }

    #[test]
    fn any_value_of_any_claim_is_read_or_refused(
        claim in prop::sample::select(vec!["sub", "username", "client_id", "aud", "token_use", "origin_jti", "scope", "exp"]),
        value in value(),
    ) {
        let mut payload = json!({"sub": "42", "token_use": "access", "exp": 4_102_444_800_u64});
        payload[claim] = value;
        if let Some(claims) = read(&jwt(payload.to_string())) {
            // What the rest of the library does with claims must hold for any that were read.
            claims.expired_at(SystemTime::now(), Duration::MAX);
            claims.can_sign_out_globally();
        }
    }

    #[test]
    fn identities_of_any_kind_fail_no_token_and_name_a_provider_or_nobody(identities in value()) {
        let payload = json!({"sub": "42", "token_use": "id", "exp": 4_102_444_800_u64, "identities": identities});
        let claims = read(&jwt(payload.to_string())).expect("the rest is in order");
        prop_assert_ne!(claims.identity_provider(), Some(""));
    }

    #[test]
    fn a_damaged_token_is_read_or_refused(edits in edits()) {
        let payload = json!({
            "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
            "origin_jti": "bbbbbbbb-1111",
            "token_use": "access",
            "scope": "openid aws.cognito.signin.user.admin",
            "exp": 4_102_444_800_u64,
        })
        .to_string();
        read(&edited(&jwt(&payload), &edits));
        read(&jwt(edited(&payload, &edits)));
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
        let claims = read(&jwt(payload.to_string())).expect("a valid token");
        prop_assert_eq!(claims.subject(), Some(&*sub));
        prop_assert_eq!(claims.username(), Some(&*username));
        prop_assert_eq!(claims.scopes().collect::<Vec<_>>(), scopes);
        prop_assert_eq!(claims.expires_at(), SystemTime::UNIX_EPOCH + Duration::from_secs(exp));
        prop_assert_eq!(claims.is_revocable(), revocable);
    }
}
