use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{Claims, ClaimsError};
use crate::error::{ErrorCode, StepError};
use crate::secret::Secret;

/// Claims as Cognito's developer guide shows them for an access token.
fn access_token() -> Value {
    json!({
        "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        "iss": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEf123",
        "client_id": "3n4b5urk1ft4fl3mg5e62d9ado",
        "origin_jti": "bbbbbbbb-1111",
        "token_use": "access",
        "scope": "openid aws.cognito.signin.user.admin",
        "auth_time": 1_676_312_777,
        "exp": 1_676_316_377,
        "iat": 1_676_312_777,
        "jti": "cccccccc-2222",
        "username": "maria"
    })
}

fn id_token() -> Value {
    json!({
        "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        "aud": "3n4b5urk1ft4fl3mg5e62d9ado",
        "token_use": "id",
        "cognito:username": "maria",
        "exp": 1_676_316_377
    })
}

/// The claims with another value for one of them, or without it.
fn with(mut claims: Value, claim: &str, value: Option<Value>) -> Value {
    let fields = claims.as_object_mut().unwrap();
    match value {
        Some(value) => fields.insert(claim.to_owned(), value),
        None => fields.remove(claim),
    };
    claims
}

fn jwt(payload: impl AsRef<[u8]>) -> Secret {
    Secret::new(format!(
        "eyJhbGciOiJSUzI1NiJ9.{}.c2lnbmF0dXJl",
        URL_SAFE_NO_PAD.encode(payload)
    ))
}

fn read(claims: &Value) -> Result<Claims, ClaimsError> {
    Claims::from_jwt(&jwt(claims.to_string()))
}

/// The error for a token that is refused.
fn complaint(token: &str) -> String {
    Claims::from_jwt(&Secret::new(token)).unwrap_err().to_string()
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

#[test]
fn an_access_token_says_whose_it_is_and_what_it_may_do() {
    let claims = read(&access_token()).unwrap();
    assert_eq!(claims.subject(), Some("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"));
    assert_eq!(claims.username(), Some("maria"));
    assert_eq!(claims.client_id(), Some("3n4b5urk1ft4fl3mg5e62d9ado"));
    assert!(claims.issuer().unwrap().ends_with("/eu-central-1_AbCdEf123"));
    assert_eq!(claims.token_use(), Some("access"));
    assert_eq!(
        claims.scopes().collect::<Vec<_>>(),
        ["openid", "aws.cognito.signin.user.admin"]
    );
    assert_eq!(claims.expires_at(), at(1_676_316_377));
    assert!(claims.is_revocable());
    assert!(claims.can_sign_out_globally());
}

#[test]
fn an_id_token_names_user_and_client_in_claims_of_its_own() {
    let claims = read(&id_token()).unwrap();
    assert_eq!(claims.username(), Some("maria"));
    assert_eq!(claims.client_id(), Some("3n4b5urk1ft4fl3mg5e62d9ado"));
    assert_eq!(claims.token_use(), Some("id"));
    assert_eq!(claims.scopes().count(), 0);
}

/// An element of `identities`, as Cognito's developer guide shows it.
fn identity(provider: &str, primary: &str) -> Value {
    json!({
        "userId": "amzn1.account.EXAMPLE",
        "providerName": provider,
        "providerType": provider,
        "issuer": null,
        "primary": primary,
        "dateCreated": "1642699117273"
    })
}

fn provider_in(identities: Value) -> Option<String> {
    let claims = read(&with(id_token(), "identities", Some(identities))).unwrap();
    claims.identity_provider().map(str::to_owned)
}

#[test]
fn an_id_token_names_the_provider_that_the_user_signed_in_through() {
    let alone = json!([identity("LoginWithAmazon", "true")]);
    assert_eq!(provider_in(alone.clone()).as_deref(), Some("LoginWithAmazon"));
    assert_eq!(
        provider_in(json!(alone.to_string())).as_deref(),
        Some("LoginWithAmazon")
    );
    assert_eq!(read(&id_token()).unwrap().identity_provider(), None);
    assert_eq!(read(&access_token()).unwrap().identity_provider(), None);
}

#[test]
fn of_linked_identities_the_primary_one_is_named_or_the_first() {
    let linked = |primary: [&str; 3]| {
        let [a, b, c] = primary;
        provider_in(json!([
            identity("Google", a),
            identity("Okta", b),
            identity("Facebook", c)
        ]))
    };
    assert_eq!(linked(["false", "true", "false"]).as_deref(), Some("Okta"));
    assert_eq!(linked(["false", "false", "false"]).as_deref(), Some("Google"));
    let as_booleans = json!([
        {"providerName": "Google", "primary": false},
        {"providerName": "Okta", "primary": true},
    ]);
    assert_eq!(provider_in(as_booleans).as_deref(), Some("Okta"));
    assert_eq!(provider_in(json!([{"providerName": "Okta"}])).as_deref(), Some("Okta"));
}

#[test]
fn identities_in_another_form_than_cognitos_name_no_provider_and_are_no_error() {
    for identities in [
        json!(null),
        json!(42),
        json!(true),
        json!(""),
        json!("not json"),
        json!("{\"providerName\": \"Google\"}"),
        json!("[".repeat(10_000)),
        json!([]),
        json!("[]"),
        json!([42]),
        json!([null]),
        json!([{}]),
        json!([{"providerName": 42}]),
        json!([{"providerName": ""}]),
        json!([[identity("Google", "true")]]),
        json!({"providerName": "Google"}),
    ] {
        assert_eq!(provider_in(identities.clone()), None, "{identities}");
    }
}

#[test]
fn without_origin_jti_there_is_nothing_to_revoke() {
    for nothing in [None, Some(Value::Null)] {
        assert!(
            !read(&with(access_token(), "origin_jti", nothing))
                .unwrap()
                .is_revocable()
        );
    }
}

#[test]
fn global_sign_out_takes_an_access_token_with_the_admin_scope() {
    let can = |claims: Value| read(&claims).unwrap().can_sign_out_globally();
    assert!(can(with(
        access_token(),
        "scope",
        Some(json!("aws.cognito.signin.user.admin"))
    )));
    assert!(can(with(access_token(), "scope", None)));
    for scope in [
        "",
        "openid email",
        "aws.cognito.signin.user.administrator",
        "x-aws.cognito.signin.user.admin",
    ] {
        assert!(!can(with(access_token(), "scope", Some(json!(scope)))), "{scope}");
    }
    assert!(!can(id_token()));
    assert!(!can(with(
        id_token(),
        "scope",
        Some(json!("aws.cognito.signin.user.admin"))
    )));
}

#[test]
fn a_token_is_expired_from_exp_on_and_by_the_margin_before() {
    let claims = read(&access_token()).unwrap();
    let exp = claims.expires_at();
    let second = Duration::from_secs(1);
    assert!(!claims.expired_at(exp - second, Duration::ZERO));
    assert!(claims.expired_at(exp, Duration::ZERO));
    assert!(!claims.expired_at(exp - second * 61, second * 60));
    assert!(claims.expired_at(exp - second * 60, second * 60));
    assert!(claims.expired_at(exp - second, Duration::MAX));
}

#[test]
fn a_clock_that_jumps_changes_only_which_tokens_count_as_expired() {
    let claims = read(&access_token()).unwrap();
    assert!(!claims.expired_at(SystemTime::UNIX_EPOCH, Duration::from_secs(60)));
    assert!(!claims.expired_at(SystemTime::UNIX_EPOCH - Duration::from_secs(1), Duration::from_secs(60)));
    assert!(claims.expired_at(at(253_402_300_799), Duration::from_secs(60)));
}

#[test]
fn an_expiry_out_of_range_is_refused() {
    let refused = [
        None,
        Some(json!(null)),
        Some(json!(-1)),
        Some(json!(253_402_300_800_u64)),
        Some(json!(u64::MAX)),
        Some(json!(1e300)),
        Some(json!(1_676_316_377.5)),
        Some(json!("1676316377")),
        Some(json!([1_676_316_377])),
        Some(json!(true)),
    ];
    for exp in refused {
        assert_eq!(
            read(&with(access_token(), "exp", exp.clone())).unwrap_err().to_string(),
            "the token's claim exp must be a whole number of seconds since 1970, before the year 10000",
            "{exp:?}"
        );
    }
    for exp in [0, 253_402_300_799] {
        assert_eq!(
            read(&with(access_token(), "exp", Some(json!(exp))))
                .unwrap()
                .expires_at(),
            at(exp)
        );
    }
}

#[test]
fn a_claim_of_the_wrong_type_is_named() {
    for claim in [
        "sub",
        "username",
        "client_id",
        "iss",
        "token_use",
        "origin_jti",
        "scope",
    ] {
        assert_eq!(
            read(&with(access_token(), claim, Some(json!(42)))).unwrap_err(),
            ClaimsError::Claim {
                claim,
                must: "a string"
            }
        );
    }
    for claim in ["aud", "cognito:username"] {
        assert_eq!(
            read(&with(id_token(), claim, Some(json!(["x"])))).unwrap_err(),
            ClaimsError::Claim {
                claim,
                must: "a string"
            }
        );
    }
}

#[test]
fn a_text_that_is_not_a_jwt_is_refused_with_the_reason() {
    assert_eq!(complaint(""), "the token is not a JWT: it is empty");
    for token in ["opaque", "a.b", "a.b.c.d", "....."] {
        assert_eq!(
            complaint(token),
            "the token is not a JWT: it does not have three parts separated by dots",
            "{token}"
        );
    }
    assert_eq!(
        complaint("header.key.iv.ciphertext.tag"),
        "the token is not a JWT: it has five parts, like a refresh token; an ID or access token has three"
    );
}

#[test]
fn a_payload_that_is_not_base64url_is_refused() {
    // "~~~~" needs the characters in which the two alphabets differ.
    let claims = with(access_token(), "username", Some(json!("~~~~?"))).to_string();
    let padded = [claims.clone(), format!("{claims} "), format!("{claims}  ")]
        .map(|claims| URL_SAFE.encode(claims))
        .into_iter()
        .find(|payload| payload.ends_with('='))
        .unwrap();
    let other_alphabet = STANDARD_NO_PAD.encode(&claims);
    assert!(other_alphabet.contains(['+', '/']));
    for payload in [&*padded, &other_alphabet, "{}", "a", "e30 ", "ümlaut"] {
        assert_eq!(
            complaint(&format!("h.{payload}.s")),
            "the token is not a JWT: its payload is not base64url without padding",
            "{payload}"
        );
    }
}

#[test]
fn a_payload_that_is_not_a_json_object_is_refused() {
    let deep = "[".repeat(10_000);
    for payload in [
        &b""[..],
        b"null",
        b"[]",
        b"{\"exp\":",
        b"{} {}",
        b"\xff\xfe",
        deep.as_bytes(),
    ] {
        assert_eq!(
            Claims::from_jwt(&jwt(payload)).unwrap_err().to_string(),
            "the token is not a JWT: its payload is not a JSON object"
        );
    }
}

#[test]
fn a_token_of_more_than_64_kib_is_refused_without_reading_it() {
    let sized = |length: usize| {
        let head = jwt(access_token().to_string()).reveal().to_owned();
        Secret::new(format!("{head}{}", "s".repeat(length - head.len())))
    };
    assert!(Claims::from_jwt(&sized(64 * 1024)).is_ok());
    assert_eq!(Claims::from_jwt(&sized(64 * 1024 + 1)), Err(ClaimsError::TooLong));
}

#[test]
fn a_malformed_token_is_invalid_input_for_a_step() {
    let error = Claims::from_jwt(&Secret::new("opaque")).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    let step = StepError::from(error.clone());
    assert_eq!(
        (step.code(), step.message()),
        (ErrorCode::InvalidInput, &*error.to_string())
    );
}
