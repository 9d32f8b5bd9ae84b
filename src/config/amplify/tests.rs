use serde_json::{Value, json};

use super::{AuthConfig, AuthConfigBuilder, ConfigError, HostedUi};
use crate::config::ProviderLogout;

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

/// The loader's error message for this file.
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
fn a_missing_optional_setting_has_its_default() {
    let region_only_in_the_pools_id = with(GEN2, "auth.aws_region", None);
    let config = AuthConfig::from_amplify_json(&region_only_in_the_pools_id)
        .unwrap()
        .build()
        .unwrap();
    assert_eq!(config.region(), "eu-central-1");

    let mut file = GEN1.to_owned();
    for name in ["Region", "AppClientSecret", "Endpoint"] {
        // For Amplify for Android an empty string counts as missing.
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
fn a_region_in_a_file_overrides_the_pool_ids() {
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
fn a_missing_setting_in_a_file_is_named_by_its_path() {
    for path in ["auth.user_pool_id", "auth.user_pool_client_id"] {
        for nothing in [None, Some(Value::Null)] {
            assert_eq!(complaint(&with(GEN2, path, nothing)), format!("{path}: missing"));
        }
    }
    for path in [
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
fn a_setting_of_the_wrong_type_is_named_by_its_path() {
    for (file, path, must) in [
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
fn a_wrong_setting_in_a_file_is_named_by_its_path() {
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

const GEN1_OAUTH: &str = "auth.plugins.awsCognitoAuthPlugin.Auth.Default.OAuth";

fn loaded(file: &str) -> AuthConfig {
    AuthConfig::from_amplify_json(file).unwrap().build().unwrap()
}

/// The sign-out URIs and the callback URIs.
fn redirects(config: &AuthConfig) -> [Vec<String>; 2] {
    let hosted_ui = config.hosted_ui().unwrap();
    [
        hosted_ui.sign_out_uris().map(ToString::to_string).collect(),
        hosted_ui.callback_uris().map(ToString::to_string).collect(),
    ]
}

#[test]
fn files_of_both_generations_have_the_hosted_pages() {
    for file in [GEN2, GEN1] {
        let config = loaded(file);
        assert_eq!(
            config.hosted_ui().unwrap().domain().as_str(),
            "https://example-app.auth.eu-central-1.amazoncognito.com/"
        );
        assert_eq!(
            redirects(&config),
            [["example-app://signed-out/"], ["example-app://signed-in/"]]
        );
        assert_eq!(
            config.logout_url(None).unwrap().as_str(),
            "https://example-app.auth.eu-central-1.amazoncognito.com/logout?client_id=3n4b5urk1ft4fl3mg5e62d9ado\
             &logout_uri=example-app%3A%2F%2Fsigned-out%2F"
        );
    }
}

#[test]
fn several_redirects_are_a_list_in_one_generation_and_separated_by_commas_in_the_other() {
    let uris = [
        "example-app://out/",
        "http://localhost:8765/out",
        "https://example.com/out",
    ];
    let gen2 = with(GEN2, "auth.oauth.redirect_sign_out_uri", Some(json!(uris)));
    let gen2 = with(&gen2, "auth.oauth.redirect_sign_in_uri", Some(json!(uris)));
    for commas in [uris.join(","), format!(" {} ,", uris.join(", "))] {
        let gen1 = with(GEN1, &format!("{GEN1_OAUTH}.SignOutRedirectURI"), Some(json!(commas)));
        let gen1 = with(&gen1, &format!("{GEN1_OAUTH}.SignInRedirectURI"), Some(json!(commas)));
        for file in [&gen2, &gen1] {
            assert_eq!(redirects(&loaded(file)), [uris, uris]);
        }
    }
}

#[test]
fn a_file_without_hosted_pages_sets_none() {
    let auth = "auth.plugins.awsCognitoAuthPlugin.Auth";
    for nothing in [None, Some(Value::Null), Some(json!({}))] {
        for (file, path) in [
            (GEN2, "auth.oauth"),
            (GEN1, GEN1_OAUTH),
            (GEN1, &format!("{auth}.Default")),
            (GEN1, auth),
        ] {
            assert!(
                loaded(&with(file, path, nothing.clone())).hosted_ui().is_none(),
                "{path}"
            );
        }
    }
}

#[test]
fn hosted_pages_of_a_file_need_a_domain_and_a_sign_out_uri() {
    for (file, path) in [(GEN2, "auth.oauth.domain"), (GEN1, &*format!("{GEN1_OAUTH}.WebDomain"))] {
        for nothing in [None, Some(json!(""))] {
            assert_eq!(complaint(&with(file, path, nothing)), format!("{path}: missing"));
        }
    }
    for (file, path, empty) in [
        (GEN2, "auth.oauth.redirect_sign_out_uri", json!([])),
        (GEN1, &*format!("{GEN1_OAUTH}.SignOutRedirectURI"), json!("")),
    ] {
        for nothing in [None, Some(empty)] {
            let builder = || AuthConfig::from_amplify_json(&with(file, path, nothing.clone())).unwrap();
            let error = builder().build().unwrap_err().to_string();
            let says =
                format!("{path}: must be at least one of the app client's sign-out URLs, such as myapp://signed-out. ");
            assert!(error.starts_with(&says), "{error}");
            // The app may set what the file does not have.
            let own = HostedUi::builder("auth.example.com")
                .sign_out_uri("myapp://out")
                .build();
            builder().hosted_ui(own.unwrap()).build().unwrap();
        }
    }
}

#[test]
fn a_wrong_setting_of_the_hosted_pages_in_a_file_is_named_by_its_path() {
    let redirect = "https, the app's own scheme, or http on a loopback host";
    let domain = "a host name, such as auth.example.com, or its URL without a path";
    let gen1 = |name: &str| format!("{GEN1_OAUTH}.{name}");
    for (file, path, value, says) in [
        (
            GEN2,
            "auth.oauth",
            json!(42),
            "auth.oauth: must be an object".to_owned(),
        ),
        (
            GEN2,
            "auth.oauth.domain",
            json!("[TO DO]"),
            format!("auth.oauth.domain: must be {domain}"),
        ),
        (
            GEN2,
            "auth.oauth.redirect_sign_out_uri",
            json!("example-app://out"),
            "auth.oauth.redirect_sign_out_uri: must be a list of strings".to_owned(),
        ),
        (
            GEN2,
            "auth.oauth.redirect_sign_out_uri",
            json!(["example-app://out", "http://example.com/"]),
            format!("auth.oauth.redirect_sign_out_uri[1]: must be {redirect}"),
        ),
        (
            GEN2,
            "auth.oauth.redirect_sign_in_uri",
            json!([42]),
            "auth.oauth.redirect_sign_in_uri[0]: must be a string".to_owned(),
        ),
        (GEN1, GEN1_OAUTH, json!([]), format!("{GEN1_OAUTH}: must be an object")),
        (
            GEN1,
            &gen1("WebDomain"),
            json!("a b"),
            format!("{GEN1_OAUTH}.WebDomain: must be {domain}"),
        ),
        (
            GEN1,
            &gen1("SignOutRedirectURI"),
            json!("example-app://out,data:x"),
            format!("{GEN1_OAUTH}.SignOutRedirectURI: must be {redirect}"),
        ),
        (
            GEN1,
            &gen1("SignInRedirectURI"),
            json!(["example-app://in"]),
            format!("{GEN1_OAUTH}.SignInRedirectURI: must be a string"),
        ),
        (
            GEN1,
            &gen1("AppClientId"),
            json!("another"),
            format!("{GEN1_OAUTH}.AppClientId: must be the same app client as CognitoUserPool.Default.AppClientId"),
        ),
    ] {
        assert_eq!(complaint(&with(file, path, Some(value))), says);
    }
}

#[test]
fn an_app_can_add_to_a_files_hosted_pages_or_replace_them() {
    let builder = || AuthConfig::from_amplify_json(GEN2).unwrap();
    let config = builder()
        .provider_logout("Google", ProviderLogout::google())
        .provider_logout("Okta", ProviderLogout::okta("example.okta.com"))
        .build()
        .unwrap();
    let hosted_ui = config.hosted_ui().unwrap();
    assert_eq!(hosted_ui.provider("Google"), Some(&ProviderLogout::google()));
    assert_eq!(
        hosted_ui.provider("Okta"),
        Some(&ProviderLogout::okta("example.okta.com"))
    );
    assert_eq!(redirects(&config)[0], ["example-app://signed-out/"]);

    let own = HostedUi::builder("auth.example.com")
        .sign_out_uri("myapp://out")
        .build()
        .unwrap();
    let config = builder()
        .provider_logout("Google", ProviderLogout::google())
        .hosted_ui(own)
        .build()
        .unwrap();
    let hosted_ui = config.hosted_ui().unwrap();
    assert_eq!(hosted_ui.domain().as_str(), "https://auth.example.com/");
    assert!(hosted_ui.provider("Google").is_some());
}

#[test]
fn the_error_for_a_file_that_is_not_json_names_the_place() {
    assert_eq!(
        complaint(""),
        "the Amplify configuration is not JSON: look at line 1, column 0"
    );
    assert_eq!(
        complaint("{\n  \"auth\": hunter2\n}"),
        "the Amplify configuration is not JSON: look at line 2, column 11"
    );
}

#[test]
fn json_that_is_not_an_amplify_configuration_has_its_own_error() {
    for json in [
        "[]",
        "7",
        "{}",
        r#"{"auth": null}"#,
        r#"{"auth": []}"#,
        r#"{"user_pool_id": "eu-central-1_A"}"#,
    ] {
        assert_eq!(
            complaint(json),
            "this is neither amplify_outputs.json nor amplifyconfiguration.json: it must be an object with the field `auth`",
            "{json}"
        );
    }
}

#[test]
fn a_loader_of_one_generation_does_not_accept_the_other() {
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

#[test]
fn session_tracking_stands_in_auth_or_in_the_apps_own_part_of_the_file() {
    let tracks = |file: &str| {
        AuthConfig::from_amplify_json(file)
            .unwrap()
            .build()
            .unwrap()
            .session_tracking()
    };
    for file in [GEN1, GEN2] {
        assert!(!tracks(file));
        assert!(tracks(&with(file, "auth.session_tracking", Some(json!(true)))));
        let custom = with(file, "custom", Some(json!({ "session_tracking": true, "other": 1 })));
        assert!(tracks(&custom));
        assert!(!tracks(&with(&custom, "auth.session_tracking", Some(json!(false)))));
        assert!(!tracks(&with(file, "custom", Some(json!("not an object")))));
    }
    let no_flag = with(GEN2, "auth.session_tracking", Some(json!("yes")));
    assert_eq!(complaint(&no_flag), "auth.session_tracking: must be true or false");
    let no_flag = with(GEN2, "custom", Some(json!({ "session_tracking": 1 })));
    assert_eq!(complaint(&no_flag), "custom.session_tracking: must be true or false");
}
