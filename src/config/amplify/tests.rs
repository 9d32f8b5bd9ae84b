use serde_json::{Value, json};

use super::{AuthConfig, AuthConfigBuilder, ConfigError};

const GEN2: &str = include_str!("../../../tests/files/amplify_outputs.json");
const GEN1: &str = include_str!("../../../tests/files/amplifyconfiguration.json");
const GEN1_POOL: &str = "auth.plugins.awsCognitoAuthPlugin.CognitoUserPool.Default";

/// The file with another value at a path, or with nothing there.
fn with(file: &str, path: &str, value: Option<Value>) -> String {
    let mut root: Value = serde_json::from_str(file).unwrap();
    let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
    let pointer: String = parent
        .split('.')
        .filter(|part| !part.is_empty())
        .map(|part| format!("/{part}"))
        .collect();
    let fields = root.pointer_mut(&pointer).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => fields.insert(name.to_owned(), value),
        None => fields.remove(name),
    };
    root.to_string()
}

/// What the loader says of it.
fn complaint(file: &str) -> String {
    AuthConfig::from_amplify_json(file).unwrap_err().to_string()
}

#[test]
fn amplify_outputs_gives_pool_client_and_region() {
    for load in [AuthConfig::from_amplify_outputs, AuthConfig::from_amplify_json] {
        let config = load(GEN2).unwrap().build().unwrap();
        assert_eq!(config.user_pool_id(), "eu-central-1_AbCdEf123");
        assert_eq!(config.client_id(), "3n4b5urk1ft4fl3mg5e62d9ado");
        assert_eq!(config.region(), "eu-central-1");
        assert_eq!(config.client_secret(), None);
    }
}

#[test]
fn amplifyconfiguration_gives_secret_and_endpoint_too() {
    for load in [AuthConfig::from_amplifyconfiguration, AuthConfig::from_amplify_json] {
        let config = load(GEN1).unwrap().build().unwrap();
        assert_eq!(config.user_pool_id(), "eu-central-1_AbCdEf123");
        assert_eq!(config.client_id(), "3n4b5urk1ft4fl3mg5e62d9ado");
        assert_eq!(config.region(), "eu-central-1");
        assert_eq!(
            config.client_secret().unwrap().reveal(),
            "client+secret+of+the+sample+file"
        );
        assert_eq!(config.endpoint().as_str(), "https://sign-in.example.com/");
    }
}

#[test]
fn what_a_file_need_not_say_has_its_default() {
    let region_only_in_the_pools_id = with(GEN2, "auth.aws_region", None);
    let config = AuthConfig::from_amplify_json(&region_only_in_the_pools_id)
        .unwrap()
        .build()
        .unwrap();
    assert_eq!(config.region(), "eu-central-1");

    let mut file = GEN1.to_owned();
    for name in ["Region", "AppClientSecret", "Endpoint"] {
        // Amplify for Android takes an empty string for nothing.
        file = with(&file, &format!("{GEN1_POOL}.{name}"), Some(json!("")));
    }
    let config = AuthConfig::from_amplify_json(&file).unwrap().build().unwrap();
    assert_eq!(config.client_secret(), None);
    assert_eq!(
        config.endpoint().as_str(),
        "https://cognito-idp.eu-central-1.amazonaws.com/"
    );
}

#[test]
fn a_region_in_a_file_goes_before_the_pool_ids() {
    let file = with(GEN2, "auth.aws_region", Some(json!("eu-west-1")));
    let config = AuthConfig::from_amplify_json(&file).unwrap().build().unwrap();
    assert_eq!(
        config.endpoint().as_str(),
        "https://cognito-idp.eu-west-1.amazonaws.com/"
    );
}

#[test]
fn an_endpoint_in_a_file_may_be_a_loopback_url() {
    let file = with(
        GEN1,
        &format!("{GEN1_POOL}.Endpoint"),
        Some(json!("http://127.0.0.1:9229")),
    );
    let config = AuthConfig::from_amplify_json(&file).unwrap().build().unwrap();
    assert_eq!(config.endpoint().as_str(), "http://127.0.0.1:9229/");
}

#[test]
fn what_is_missing_in_a_file_is_named_by_its_path() {
    for path in ["auth", "auth.user_pool_id", "auth.user_pool_client_id"] {
        for nothing in [None, Some(Value::Null)] {
            assert_eq!(complaint(&with(GEN2, path, nothing)), format!("{path}: missing"));
        }
    }
    for path in [
        "auth",
        "auth.plugins.awsCognitoAuthPlugin",
        "auth.plugins.awsCognitoAuthPlugin.CognitoUserPool",
        "auth.plugins.awsCognitoAuthPlugin.CognitoUserPool.Default",
        "auth.plugins.awsCognitoAuthPlugin.CognitoUserPool.Default.PoolId",
        "auth.plugins.awsCognitoAuthPlugin.CognitoUserPool.Default.AppClientId",
    ] {
        assert_eq!(complaint(&with(GEN1, path, None)), format!("{path}: missing"));
    }
}

#[test]
fn what_has_the_wrong_type_in_a_file_is_named_by_its_path() {
    for (file, path, must) in [
        (GEN2, "auth", "an object"),
        (GEN2, "auth.user_pool_id", "a string"),
        (GEN2, "auth.user_pool_client_id", "a string"),
        (GEN2, "auth.aws_region", "a string"),
        (GEN1, "auth.plugins", "an object"),
        (GEN1, GEN1_POOL, "an object"),
        (GEN1, &format!("{GEN1_POOL}.PoolId"), "a string"),
        (GEN1, &format!("{GEN1_POOL}.AppClientSecret"), "a string"),
        (GEN1, &format!("{GEN1_POOL}.Endpoint"), "a string"),
    ] {
        for wrong in [json!(42), json!(true), json!(["x"])] {
            assert_eq!(
                complaint(&with(file, path, Some(wrong))),
                format!("{path}: must be {must}")
            );
        }
    }
}

#[test]
fn what_is_wrong_in_a_file_is_named_by_its_path() {
    for (file, path) in [
        (GEN2, "auth.user_pool_id"),
        (GEN2, "auth.user_pool_client_id"),
        (GEN2, "auth.aws_region"),
        (GEN1, &*format!("{GEN1_POOL}.PoolId")),
        (GEN1, &format!("{GEN1_POOL}.AppClientId")),
        (GEN1, &format!("{GEN1_POOL}.Region")),
        (GEN1, &format!("{GEN1_POOL}.Endpoint")),
    ] {
        let said = complaint(&with(file, path, Some(json!("[TO BE FILLED IN]"))));
        assert!(said.starts_with(&format!("{path}: must be ")), "{said}");
        assert!(!said.contains("FILLED"), "{said}");
    }
}

#[test]
fn a_file_that_is_not_json_is_told_where() {
    assert_eq!(complaint(""), "the file: not JSON from line 1, column 0 on");
    assert_eq!(
        complaint("{\n  \"auth\": hunter2\n}"),
        "the file: not JSON from line 2, column 11 on"
    );
    assert_eq!(complaint("[]"), "the file: must be a JSON object");
}

#[test]
fn a_loader_of_one_generation_does_not_take_the_other() {
    let said = |loaded: Result<AuthConfigBuilder, ConfigError>| loaded.unwrap_err().to_string();
    assert_eq!(
        said(AuthConfig::from_amplifyconfiguration(GEN2)),
        "auth.plugins: missing"
    );
    assert_eq!(
        said(AuthConfig::from_amplify_outputs(GEN1)),
        "auth.user_pool_id: missing"
    );
}
