//! What an app is told when what it hands in cannot be right: the setting or the claim by name, and what it must be.

use cognito_signout::{AuthConfig, Claims, ErrorCode, Secret};

#[test]
fn a_wrong_setting_is_named_and_explained() {
    let builder = || AuthConfig::builder("eu-central-1_AbCdEf123", "3n4b5urk1ft4fl3mg5e62d9ado");
    for (builder, says) in [
        (
            AuthConfig::builder("AbCdEf123", "3n4b5urk1ft4fl3mg5e62d9ado"),
            "user_pool_id: must be the Region, an underscore and the pool's own id, as eu-central-1_AbCdEf123",
        ),
        (
            AuthConfig::builder("eu-central-1_AbCdEf123", ""),
            "client_id: must be the app client's id, 1 to 128 letters, digits, _ or +",
        ),
        (
            builder().client_secret(""),
            "client_secret: must be the app client's secret, or left out for a client without one",
        ),
        (
            builder().endpoint("http://cognito.example.com/"),
            "endpoint: must be an https URL; http is for a loopback host only",
        ),
        (
            builder().endpoint("https://user:password@cognito.example.com/"),
            "endpoint: must be a URL without user name, password, query or fragment",
        ),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.to_string(), says);
        assert_eq!(error.code(), ErrorCode::InvalidInput);
    }
}

#[test]
fn a_wrong_file_is_told_where() {
    for (file, says) in [
        ("auth: {}", "the file: not JSON from line 1, column 1 on"),
        ("{}", "auth: missing"),
        (
            r#"{"auth": {"user_pool_id": 7}}"#,
            "auth.user_pool_id: must be a string",
        ),
        (
            r#"{"auth": {"plugins": {"awsCognitoAuthPlugin": {}}}}"#,
            "auth.plugins.awsCognitoAuthPlugin.CognitoUserPool: missing",
        ),
    ] {
        assert_eq!(AuthConfig::from_amplify_json(file).unwrap_err().to_string(), says);
    }
}

#[test]
fn a_token_that_cannot_be_read_is_explained() {
    for (token, says) in [
        ("", "the token is not a JWT: it is empty"),
        (
            "opaque",
            "the token is not a JWT: it does not have three parts with dots between them",
        ),
        (
            "a.b.c.d.e",
            "the token is not a JWT: it has five parts, as a refresh token; an ID or access token has three",
        ),
        (
            "a.{}.c",
            "the token is not a JWT: its payload is not base64url without padding",
        ),
        ("a.W10.c", "the token is not a JWT: its payload is not a JSON object"),
        (
            "a.e30.c",
            "the token's claim exp must be a whole number of seconds since 1970, before the year 10000",
        ),
    ] {
        let error = Claims::from_jwt(&Secret::new(token)).unwrap_err();
        assert_eq!(error.to_string(), says);
        assert_eq!(error.code(), ErrorCode::InvalidInput);
    }
}
