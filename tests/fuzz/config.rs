//! The loaders of Amplify's configuration files.

use cognito_signout::{AuthConfig, AuthConfigBuilder, ConfigError};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};

use crate::{assert_silent, cases, edited, edits};

const FILES: [&str; 2] = [
    include_str!("../files/amplify_outputs.json"),
    include_str!("../files/amplifyconfiguration.json"),
];

/// Stands in every string that is put into a file here, and must not stand in any message.
const MARK: &str = "hunter2";

type Loader = fn(&str) -> Result<AuthConfigBuilder, ConfigError>;

const LOADERS: [Loader; 3] = [
    AuthConfig::from_amplify_outputs,
    AuthConfig::from_amplifyconfiguration,
    AuthConfig::from_amplify_json,
];

/// Loads and builds by every loader, and gives what the one that detects the generation made of it.
fn load(file: &str) -> Result<AuthConfig, ConfigError> {
    let [gen2, gen1, either] = LOADERS.map(|load| {
        let loaded = load(file);
        assert!(!format!("{loaded:?}").contains("client+secret"), "the secret was shown");
        loaded.and_then(AuthConfigBuilder::build).inspect_err(|error| {
            let said = format!("{error} {error:?}");
            assert!(!said.contains(MARK) && !said.contains("client+secret"), "{said}");
        })
    });
    assert!(either.is_err() || gen2.is_ok() || gen1.is_ok());
    either
}

fn json_value() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        prop::sample::select(vec![
            "auth",
            "user_pool_id",
            "user_pool_client_id",
            "aws_region",
            "plugins",
            "awsCognitoAuthPlugin",
            "CognitoUserPool",
            "Default",
            "PoolId",
            "AppClientId",
            "AppClientSecret",
            "Region",
            "Endpoint",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(|text| json!(format!("{text}{MARK}"))),
        "(https?://)?[a-z0-9.:@/_+-]{0,20}".prop_map(|text| json!(format!("{text}{MARK}"))),
    ];
    leaf.prop_recursive(8, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..5).prop_map(|fields| Value::Object(Map::from_iter(fields))),
        ]
    })
}

/// Every place in a JSON value, as a JSON pointer (RFC 6901), the outermost first.
fn places(value: &Value, here: String, found: &mut Vec<String>) {
    if let Value::Object(fields) = value {
        for (name, inner) in fields {
            places(inner, format!("{here}/{name}"), found);
        }
    }
    found.push(here);
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_text_is_loaded_or_refused(file in any::<String>()) {
        for loader in LOADERS {
            if let Err(error) = loader(&file) {
                assert_silent(&error, &file);
            }
        }
    }

    #[test]
    fn any_json_is_loaded_or_refused(value in json_value(), under_auth in any::<bool>()) {
        let value = if under_auth { json!({ "auth": value }) } else { value };
        let _ = load(&value.to_string());
    }

    #[test]
    fn a_damaged_file_is_loaded_or_refused(file in prop::sample::select(&FILES), edits in edits()) {
        let _ = load(&edited(file, &edits));
    }

    #[test]
    fn a_file_with_anything_anywhere_is_loaded_or_refused(
        file in prop::sample::select(&FILES),
        place in any::<Index>(),
        value in json_value(),
    ) {
        let mut file: Value = serde_json::from_str(file).expect("the sample files are JSON");
        let mut found = Vec::new();
        places(&file, String::new(), &mut found);
        *file.pointer_mut(&found[place.index(found.len())]).expect("a place that was found") = value;
        let _ = load(&file.to_string());
    }

    #[test]
    fn a_valid_file_gives_what_it_says(
        region in "[a-z]{2}-[a-z]{4,9}-[1-9]",
        own in "[0-9A-Za-z]{1,20}",
        client in "[0-9A-Za-z_+]{1,128}",
        secret in "[0-9A-Za-z_+]{1,64}",
        gen1 in any::<bool>(),
    ) {
        let pool = format!("{region}_{own}");
        let file = if gen1 {
            let default = json!({"PoolId": pool, "AppClientId": client, "AppClientSecret": secret, "Region": region});
            json!({"auth": {"plugins": {"awsCognitoAuthPlugin": {"CognitoUserPool": {"Default": default}}}}})
        } else {
            json!({"auth": {"user_pool_id": pool, "user_pool_client_id": client, "aws_region": region}})
        };
        let config = load(&file.to_string()).expect("a valid file");
        prop_assert_eq!(config.user_pool_id(), pool);
        prop_assert_eq!(config.client_id(), client);
        prop_assert_eq!(config.region(), region);
        prop_assert_eq!(config.client_secret().map(|secret| secret.reveal().to_owned()), gen1.then_some(secret));
    }
}
