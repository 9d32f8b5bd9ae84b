//! Configurations from a host.

use cognito_signout::Secret;
use cognito_signout::ffi::{
    AuthConfig, AuthError, ConfigOptions, HostedUi, LoginPage, ProviderLogout, UnpaidRevocations,
};

use crate::host::{SIGNED_OUT, hosted_ui};

const POOL: &str = "eu-central-1_AbCdEf123";
const CLIENT: &str = "3n4b5urk1ft4fl3mg5e62d9ado";

const OUTPUTS: &str = r#"{"version": "1.4", "auth": {
    "user_pool_id": "eu-central-1_AbCdEf123",
    "user_pool_client_id": "3n4b5urk1ft4fl3mg5e62d9ado",
    "oauth": {
        "domain": "example-app.auth.eu-central-1.amazoncognito.com",
        "redirect_sign_out_uri": ["example-app://signed-out/"]
    }
}}"#;

fn refusal(options: ConfigOptions) -> String {
    match AuthConfig::new(POOL.into(), CLIENT.into(), options) {
        Err(AuthError::InvalidInput { problem }) => {
            let setting = problem.setting.map(|setting| setting.swift);
            format!("{}: {}", setting.unwrap_or_default(), problem.detail)
        }
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was accepted"),
    }
}

/// Each option has its own check, so the check's error shows that the option arrived.
#[test]
fn every_option_reaches_its_setting() {
    let unset = ConfigOptions::default;
    let text = || Some("ü\n".to_owned());
    let refused = [
        (
            ConfigOptions {
                client_secret: Some(Secret::new("")),
                ..unset()
            },
            "clientSecret: ",
        ),
        (
            ConfigOptions {
                region: text(),
                ..unset()
            },
            "region: ",
        ),
        (
            ConfigOptions {
                endpoint: text(),
                ..unset()
            },
            "endpoint: ",
        ),
        (
            ConfigOptions {
                user_agent: text(),
                ..unset()
            },
            "userAgent: ",
        ),
        (
            ConfigOptions {
                connect_timeout: Some(0),
                ..unset()
            },
            "connectTimeout: ",
        ),
        (
            ConfigOptions {
                attempt_timeout: Some(0),
                ..unset()
            },
            "attemptTimeout: ",
        ),
        (
            ConfigOptions {
                refresh_margin: Some(i64::MAX),
                ..unset()
            },
            "refreshMargin: ",
        ),
        (
            ConfigOptions {
                unpaid_revocations: Some(UnpaidRevocations::Keep {
                    max_age: 1,
                    max_debts: 0,
                }),
                ..unset()
            },
            "unpaidRevocations.maxDebts: ",
        ),
        (
            ConfigOptions {
                revocation_route: Some(cognito_signout::RevocationRoute::PoolDomain),
                ..unset()
            },
            "revocationRoute: ",
        ),
        (
            ConfigOptions {
                hosted_ui: Some(HostedUi {
                    domain: String::new(),
                    ..hosted_ui()
                }),
                ..unset()
            },
            "hostedUI.domain: ",
        ),
        (
            ConfigOptions {
                provider_logouts: Some([("Google".to_owned(), ProviderLogout::Google)].into()),
                ..unset()
            },
            "hostedUI: missing",
        ),
    ];
    for (options, field) in refused {
        let detail = refusal(options);
        assert!(detail.starts_with(field), "{detail}");
    }
}

/// Kotlin's and Swift's numbers are signed, so a negative one can arrive.
#[test]
fn a_negative_time_is_refused_with_the_settings_name_in_the_hosts_spelling() {
    let unset = ConfigOptions::default;
    for options in [
        ConfigOptions {
            connect_timeout: Some(-1),
            ..unset()
        },
        ConfigOptions {
            attempt_timeout: Some(-1),
            ..unset()
        },
        ConfigOptions {
            refresh_margin: Some(i64::MIN),
            ..unset()
        },
        ConfigOptions {
            unpaid_revocations: Some(UnpaidRevocations::Keep {
                max_age: -1,
                max_debts: 1,
            }),
            ..unset()
        },
    ] {
        let said = refusal(options);
        assert!(said.ends_with(": must be a number, and not negative"), "{said}");
    }
    let options = ConfigOptions {
        attempt_timeout: Some(-1),
        ..unset()
    };
    let Err(AuthError::InvalidInput { problem }) = AuthConfig::new(POOL.into(), CLIENT.into(), options) else {
        panic!("it was accepted")
    };
    let setting = problem.setting.unwrap();
    assert_eq!(
        (&*setting.swift, &*setting.kotlin),
        ("attemptTimeout", "attemptTimeoutMillis")
    );
}

#[test]
fn an_amplify_file_is_read_and_options_override_it() {
    let options = ConfigOptions {
        attempt_timeout: Some(2_500),
        provider_logouts: Some([("Google".to_owned(), ProviderLogout::Google)].into()),
        ..ConfigOptions::default()
    };
    let config = AuthConfig::from_amplify_json(OUTPUTS.into(), options).unwrap();
    assert_eq!(
        (config.user_pool_id(), config.client_id()),
        (POOL.into(), CLIENT.into())
    );
    assert_eq!((config.connect_timeout(), config.attempt_timeout()), (3_000, 2_500));
    assert_eq!(config.sign_out_redirects(), ["example-app://signed-out/"]);
    let url = config.logout_url(None).unwrap();
    assert!(
        url.as_str()
            .starts_with("https://example-app.auth.eu-central-1.amazoncognito.com/logout?"),
        "{url}"
    );

    let options = ConfigOptions {
        hosted_ui: Some(hosted_ui()),
        ..ConfigOptions::default()
    };
    let config = AuthConfig::from_amplify_json(OUTPUTS.into(), options).unwrap();
    assert!(
        config
            .logout_url(Some(SIGNED_OUT.into()))
            .unwrap()
            .as_str()
            .starts_with("https://auth.example.com/")
    );
}

#[test]
fn a_file_of_another_format_is_refused() {
    let refused = AuthConfig::from_amplify_json("{".into(), ConfigOptions::default());
    assert!(matches!(refused, Err(AuthError::InvalidInput { .. })));
}

#[test]
fn the_login_page_has_the_chosen_parameters() {
    let options = ConfigOptions {
        hosted_ui: Some(HostedUi {
            callback_uris: vec!["myapp://one".into(), "myapp://two".into()],
            ..hosted_ui()
        }),
        ..ConfigOptions::default()
    };
    let config = AuthConfig::new(POOL.into(), CLIENT.into(), options).unwrap();
    let page = LoginPage {
        callback_uri: Some("myapp://two".into()),
        scopes: vec!["openid".into()],
        state: Some("s".into()),
    };
    let url = config.logout_to_login_url(page).unwrap();
    assert!(
        url.as_str()
            .ends_with("redirect_uri=myapp%3A%2F%2Ftwo&response_type=code&scope=openid&state=s"),
        "{url}"
    );
    assert!(config.logout_url(Some("myapp://three".into())).is_err());
}
