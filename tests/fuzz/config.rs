//! The loaders of Amplify's configuration files, and the settings of the hosted pages.

use cognito_signout::{AuthConfig, AuthConfigBuilder, ConfigError, HostedUi, LoginPage, ProviderLogout};
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
            "oauth",
            "domain",
            "redirect_sign_in_uri",
            "redirect_sign_out_uri",
            "Auth",
            "OAuth",
            "WebDomain",
            "SignInRedirectURI",
            "SignOutRedirectURI",
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
pub(crate) fn places(value: &Value, here: String, found: &mut Vec<String>) {
    if let Value::Object(fields) = value {
        for (name, inner) in fields {
            places(inner, format!("{here}/{name}"), found);
        }
    }
    found.push(here);
}

/// A host, a redirect or a template, near enough to one to be accepted now and then, or anything.
fn setting() -> impl Strategy<Value = String> {
    let near = "(https?|HTTPS|myapp|javascript|data)://?(localhost|127\\.0\\.0\\.1|\\[::1\\]|[a-zü.@:0-9]{0,12})\
                (/[!-~ü]{0,12})?(\\{redirect\\})?(\\{state\\})?";
    prop_oneof![6 => near, 1 => "[a-z0-9.:/@-]{0,20}", 1 => any::<String>()]
}

/// The value of a parameter, decoded once.
fn parameter(url: &url::Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    pairs
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned())
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_hosted_pages_are_accepted_and_sent_as_they_stand_or_refused(
        domain in prop_oneof![3 => Just("auth.example.com".to_owned()), 1 => setting()],
        redirect in setting(),
        ends_at in setting(),
        state in any::<String>(),
    ) {
        let pages = HostedUi::builder(&domain)
            .sign_out_uri(&redirect)
            .sign_out_uri_ending_at(&redirect, &ends_at)
            .callback_uri(&redirect);
        let hosted_ui = match pages.build() {
            Ok(hosted_ui) => hosted_ui,
            Err(error) => {
                for given in [&domain, &redirect, &ends_at] {
                    assert_silent(&error, given);
                }
                return Ok(());
            }
        };
        let config = AuthConfig::builder("eu-central-1_AbCdEf123", "3n4b5").hosted_ui(hosted_ui).build().unwrap();
        let url = config.logout_url(Some(&redirect)).expect("it is configured");
        prop_assert_eq!(parameter(&url, "logout_uri"), Some(redirect.clone()));
        let page = LoginPage::default().callback_uri(&redirect).state(&state);
        let url = config.logout_to_login_url(&page).expect("it is configured");
        prop_assert_eq!(parameter(&url, "redirect_uri"), Some(redirect.clone()));
        prop_assert_eq!(parameter(&url, "state"), Some(state.clone()));
    }

    #[test]
    fn any_redirect_that_is_not_configured_is_refused(chosen in setting()) {
        let hosted_ui = HostedUi::builder("auth.example.com").sign_out_uri("myapp://signed-out").build().unwrap();
        let config = AuthConfig::builder("eu-central-1_AbCdEf123", "3n4b5").hosted_ui(hosted_ui).build().unwrap();
        let error = config.logout_url(Some(&chosen)).expect_err("it is not configured");
        prop_assert!(matches!(error, ConfigError::NotListed { .. }), "{:?}", error);
        assert_silent(&error, &chosen);
    }

    #[test]
    fn any_logout_of_a_provider_is_accepted_or_refused(kind in 0..5, first in setting(), second in setting()) {
        let logout = match kind {
            0 => ProviderLogout::template(&first),
            1 => ProviderLogout::oidc(&first, &second),
            2 => ProviderLogout::okta(&first),
            3 => ProviderLogout::auth0(&first, &second),
            _ => ProviderLogout::entra(&first, &second),
        };
        if let Err(error) = HostedUi::builder("auth.example.com").provider("ExampleId", logout).build() {
            prop_assert!(matches!(error, ConfigError::Invalid { .. }), "{:?}", error);
            for given in [&first, &second] {
                assert_silent(&error, given);
            }
        }
    }

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
        redirects in prop::collection::vec("[a-z]{3,6}app://[a-z]{0,6}(/[a-z%&?=+]{0,6})?", 1..4),
        gen1 in any::<bool>(),
    ) {
        let pool = format!("{region}_{own}");
        let domain = format!("{own}.example").to_lowercase();
        let file = if gen1 {
            let default = json!({"PoolId": pool, "AppClientId": client, "AppClientSecret": secret, "Region": region});
            let oauth = json!({"WebDomain": domain, "SignOutRedirectURI": redirects.join(",")});
            json!({"auth": {"plugins": {"awsCognitoAuthPlugin": {
                "CognitoUserPool": {"Default": default},
                "Auth": {"Default": {"OAuth": oauth}}
            }}}})
        } else {
            let oauth = json!({"domain": domain, "redirect_sign_out_uri": redirects});
            json!({"auth": {
                "user_pool_id": pool, "user_pool_client_id": client, "aws_region": region, "oauth": oauth
            }})
        };
        let config = load(&file.to_string()).expect("a valid file");
        prop_assert_eq!(config.user_pool_id(), pool);
        prop_assert_eq!(config.client_id(), client);
        prop_assert_eq!(config.region(), region);
        prop_assert_eq!(config.client_secret().map(|secret| secret.reveal().to_owned()), gen1.then_some(secret));
        let hosted_ui = config.hosted_ui().expect("the file names them");
        prop_assert_eq!(hosted_ui.domain().as_str(), format!("https://{domain}/"));
        let found: Vec<_> = hosted_ui.sign_out_uris().map(ToString::to_string).collect();
        prop_assert_eq!(found, redirects);
    }
}
