use std::time::Duration;

use url::Url;

use super::{AuthConfig, AuthConfigBuilder, ConfigError, RevocationRoute, UnpaidRevocations};
use crate::config::{HostedUi, ProviderLogout};
use crate::error::{ErrorCode, StepError};
use crate::options::WebPolicy;

const POOL: &str = "eu-central-1_AbCdEf123";
const CLIENT: &str = "3n4b5urk1ft4fl3mg5e62d9ado";
const SECRET: &str = "client+secret+of+the+sample+file";

fn builder() -> AuthConfigBuilder {
    AuthConfig::builder(POOL, CLIENT)
}

/// The name of the setting that the builder refuses.
fn refused(builder: AuthConfigBuilder) -> String {
    match builder.build() {
        Err(ConfigError::Invalid { field, .. }) => field,
        other => panic!("expected an invalid setting, got {other:?}"),
    }
}

#[test]
fn every_setting_reads_as_it_was_given() {
    let keep = UnpaidRevocations::Keep {
        max_age: Duration::from_secs(7 * 24 * 60 * 60),
        max_debts: 5,
    };
    let config = builder()
        .client_secret(SECRET)
        .region("us-east-1")
        .endpoint("https://proxy.example.com/cognito")
        .user_agent("example-app/1.2 (kiosk)")
        .refresh_token_rotation(true)
        .connect_timeout(Duration::from_millis(1))
        .attempt_timeout(Duration::from_secs(300))
        .refresh_margin(Duration::from_secs(299))
        .unpaid_revocations(keep)
        .build()
        .unwrap();
    assert_eq!(config.user_pool_id(), POOL);
    assert_eq!(config.client_id(), CLIENT);
    assert_eq!(config.client_secret().unwrap().reveal(), SECRET);
    assert_eq!(config.region(), "us-east-1");
    assert_eq!(config.endpoint().as_str(), "https://proxy.example.com/cognito");
    assert_eq!(config.user_agent(), Some("example-app/1.2 (kiosk)"));
    assert!(config.refresh_token_rotation());
    assert_eq!(config.connect_timeout(), Duration::from_millis(1));
    assert_eq!(config.attempt_timeout(), Duration::from_secs(300));
    assert_eq!(config.refresh_margin(), Duration::from_secs(299));
    assert_eq!(config.unpaid_revocations(), keep);
}

#[test]
fn the_pools_domain_can_be_the_route_only_if_the_hosted_pages_have_it() {
    let by_domain = builder().revocation_route(RevocationRoute::PoolDomain);
    assert_eq!(refused(by_domain.clone()), "revocation_route");
    let hosted_ui = HostedUi::builder("auth.example.com").build().unwrap();
    let config = by_domain.hosted_ui(hosted_ui.clone()).build().unwrap();
    assert_eq!(config.revocation_route(), RevocationRoute::PoolDomain);
    assert_eq!(refused(builder().hosted_ui(hosted_ui)), "hosted_ui.sign_out_uri");
}

#[test]
fn hosted_pages_without_a_sign_out_uri_are_refused_unless_they_are_only_for_the_login_page() {
    let pages = || HostedUi::builder("auth.example.com");
    let error = builder().hosted_ui(pages().build().unwrap()).build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "hosted_ui.sign_out_uri: must be at least one of the app client's sign-out URLs, such as myapp://signed-out. \
         Without it, a session that began at the hosted pages cannot be signed out. Add the URL to the app client's list and \
         here"
    );
    for pages in [pages().sign_out_uri("myapp://out"), pages().callback_uri("myapp://in")] {
        let config = builder().hosted_ui(pages.build().unwrap()).build().unwrap();
        assert_eq!(config.revocation_route(), RevocationRoute::UserPoolsApi);
        assert!(!config.session_tracking());
    }
}

#[test]
fn the_defaults_are_the_documented_ones() {
    let config = builder().build().unwrap();
    assert_eq!(config.client_secret(), None);
    assert_eq!(config.region(), "eu-central-1");
    assert_eq!(config.user_agent(), None);
    assert!(!config.refresh_token_rotation());
    assert_eq!(config.connect_timeout(), Duration::from_secs(3));
    assert_eq!(config.attempt_timeout(), Duration::from_secs(4));
    assert_eq!(config.refresh_margin(), Duration::from_secs(60));
    assert_eq!(
        config.unpaid_revocations(),
        UnpaidRevocations::Keep {
            max_age: Duration::from_secs(30 * 24 * 60 * 60),
            max_debts: 5,
        }
    );
}

#[test]
fn the_endpoint_follows_from_the_region() {
    for (pool, endpoint) in [
        (POOL, "https://cognito-idp.eu-central-1.amazonaws.com/"),
        (
            "us-gov-west-1_AbCdEf123",
            "https://cognito-idp.us-gov-west-1.amazonaws.com/",
        ),
        (
            "cn-north-1_AbCdEf123",
            "https://cognito-idp.cn-north-1.amazonaws.com.cn/",
        ),
    ] {
        let config = AuthConfig::builder(pool, CLIENT).build().unwrap();
        assert_eq!(config.endpoint().as_str(), endpoint);
    }
}

#[test]
fn the_error_for_a_pool_id_without_a_region_shows_the_right_shape() {
    for pool in [
        "",
        "AbCdEf123",
        "_AbCdEf123",
        "eu-central-1",
        "eu-central-1_",
        "eu-central-1-AbCdEf123",
    ] {
        let error = AuthConfig::builder(pool, CLIENT).build().unwrap_err();
        assert_eq!(
            error.to_string(),
            "user_pool_id: must be the Region, an underscore and the pool's own ID, such as eu-central-1_AbCdEf123",
            "{pool}"
        );
    }
}

#[test]
fn a_pool_id_that_cognito_could_not_have_is_refused() {
    let too_long = format!("eu-central-1_{}", "a".repeat(43));
    for pool in [
        "eu-central-1_AbC.dEf",
        "eu-central-1_AbCdEf ",
        "EU-central-1_AbCdEf",
        "evil.example/_AbCdEf",
        "-_AbCdEf",
        "[COGNITO USER POOL ID]",
        &too_long,
    ] {
        assert_eq!(refused(AuthConfig::builder(pool, CLIENT)), "user_pool_id", "{pool}");
    }
    let longest = format!("eu-central-1_{}", "a".repeat(42));
    assert_eq!(
        AuthConfig::builder(&longest, CLIENT).build().unwrap().region(),
        "eu-central-1"
    );
}

#[test]
fn a_client_id_with_wrong_characters_or_length_is_refused() {
    for client in ["", "with space", "with-hyphen", "ümlaut", &"a".repeat(129)] {
        assert_eq!(refused(AuthConfig::builder(POOL, client)), "client_id", "{client}");
    }
    for client in ["a", "A_9+", &"a".repeat(128)] {
        assert_eq!(AuthConfig::builder(POOL, client).build().unwrap().client_id(), client);
    }
}

/// How to write it is in the error.
#[test]
fn a_host_that_is_not_in_ascii_is_refused_by_each_setting() {
    let pages = || HostedUi::builder("auth.example.com");
    for error in [
        builder().endpoint("https://bücher.example/").build().unwrap_err(),
        HostedUi::builder("anmeldung.bücher.example").build().unwrap_err(),
        pages().sign_out_uri("https://bücher.example/out").build().unwrap_err(),
        pages().callback_uri("https://bücher.example/in").build().unwrap_err(),
    ] {
        assert!(
            error.to_string().contains("bücher.example is xn--bcher-kva.example"),
            "{error}"
        );
    }
    assert!(pages().sign_out_uri("https://example.com/grüße").build().is_ok());
    assert!(pages().sign_out_uri("myapp://grüße").build().is_ok());
}

#[test]
fn an_empty_client_secret_is_refused() {
    assert_eq!(refused(builder().client_secret("")), "client_secret");
}

#[test]
fn a_region_that_cannot_be_part_of_a_host_name_is_refused() {
    for region in ["", "EU-central-1", "eu.central", "eu-central-1/", "-eu", "eu-"] {
        assert_eq!(refused(builder().region(region)), "region", "{region}");
    }
}

#[test]
fn a_region_that_aws_could_not_have_needs_an_endpoint() {
    for region in [
        "mars",
        "eu-central",
        "eu-1",
        "eu-central-one",
        "eu--1",
        "e-central-1",
        "1-2-3",
        "eu-central-1a",
    ] {
        let error = builder().region(region).build().unwrap_err();
        assert_eq!(
            error.to_string(),
            "region: must be an AWS Region, such as eu-central-1",
            "{region}"
        );
        assert_eq!(
            refused(AuthConfig::builder(format!("{region}_AbCdEf"), CLIENT)),
            "user_pool_id",
            "{region}"
        );
        for builder in [
            builder().region(region),
            AuthConfig::builder(format!("{region}_AbCdEf"), CLIENT),
        ] {
            let config = builder.endpoint("http://localhost:9229/").build().unwrap();
            assert_eq!(config.region(), region);
        }
    }
    for region in [
        "eu-central-1",
        "us-gov-west-1",
        "us-isob-east-1",
        "eusc-de-east-1",
        "ap-southeast-10",
    ] {
        assert_eq!(builder().region(region).build().unwrap().region(), region);
    }
}

#[test]
fn plain_http_is_allowed_only_for_loopback_hosts() {
    for endpoint in [
        "http://127.0.0.1:9229",
        "http://127.8.9.1/",
        "http://localhost:4566/",
        "http://[::1]:1/",
    ] {
        assert!(builder().endpoint(endpoint).build().is_ok(), "{endpoint}");
    }
    for endpoint in [
        "http://example.com/",
        "http://127.0.0.1.example.com/",
        "http://localhost.example.com/",
        "http://10.0.0.1/",
        "http://0.0.0.0/",
        "http://[::]/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "data:,x",
    ] {
        assert_eq!(
            builder().endpoint(endpoint).build().unwrap_err().to_string(),
            "endpoint: must be an https URL; http is allowed only for a loopback host",
            "{endpoint}"
        );
    }
}

#[test]
fn an_endpoint_must_be_a_url_without_user_query_or_fragment() {
    for endpoint in [
        "",
        "cognito-idp.eu-central-1.amazonaws.com",
        "https://",
        "https://user@example.com/",
        "https://user:password@example.com/",
        "https://example.com/?a=b",
        "https://example.com/#top",
    ] {
        assert_eq!(refused(builder().endpoint(endpoint)), "endpoint", "{endpoint}");
    }
    let url = Url::parse("https://example.com:8443/cognito/").unwrap();
    let config = builder().endpoint(url.clone()).build().unwrap();
    assert_eq!(config.endpoint(), &url);
}

#[test]
fn a_user_agent_that_could_break_a_header_is_refused() {
    for user_agent in ["", " app", "app ", "app\r\nx-evil: 1", "app\t1", "app\0", "äpp"] {
        assert_eq!(
            refused(builder().user_agent(user_agent)),
            "user_agent",
            "{user_agent:?}"
        );
    }
}

#[test]
fn timeouts_of_zero_or_more_than_5_minutes_are_refused() {
    for timeout in [Duration::ZERO, Duration::from_secs(301), Duration::MAX] {
        assert_eq!(
            refused(builder().connect_timeout(timeout)),
            "connect_timeout",
            "{timeout:?}"
        );
        assert_eq!(
            refused(builder().attempt_timeout(timeout)),
            "attempt_timeout",
            "{timeout:?}"
        );
    }
}

#[test]
fn a_margin_as_long_as_a_tokens_life_is_refused() {
    for margin in [Duration::from_secs(300), Duration::MAX] {
        assert_eq!(
            refused(builder().refresh_margin(margin)),
            "refresh_margin",
            "{margin:?}"
        );
    }
    assert!(builder().refresh_margin(Duration::ZERO).build().is_ok());
}

#[test]
fn keeping_unpaid_revocations_needs_sensible_bounds() {
    let keep = |max_age, max_debts| builder().unpaid_revocations(UnpaidRevocations::Keep { max_age, max_debts });
    for age in [Duration::ZERO, Duration::MAX] {
        assert_eq!(refused(keep(age, 1)), "unpaid_revocations.max_age", "{age:?}");
    }
    assert_eq!(refused(keep(Duration::from_secs(1), 0)), "unpaid_revocations.max_debts");
    assert!(keep(Duration::from_secs(1), 1).build().is_ok());
}

#[test]
fn with_session_tracking_a_browser_session_ends_by_revocation_unless_its_provider_has_a_logout_page() {
    let pages = HostedUi::builder("auth.example.com").sign_out_uri("https://example.com/out");
    let pages = pages.provider("Google", ProviderLogout::google()).build().unwrap();
    let pages = || builder().hosted_ui(pages.clone());
    for (config, own, google, other) in [
        (pages(), WebPolicy::Required, WebPolicy::Required, WebPolicy::Required),
        (
            pages().session_tracking(true),
            WebPolicy::ByRevocation,
            WebPolicy::Required,
            WebPolicy::ByRevocation,
        ),
        (
            pages()
                .session_tracking(true)
                .revocation_route(RevocationRoute::PoolDomain),
            WebPolicy::Required,
            WebPolicy::Required,
            WebPolicy::Required,
        ),
        (
            builder().session_tracking(true),
            WebPolicy::ByRevocation,
            WebPolicy::ByRevocation,
            WebPolicy::ByRevocation,
        ),
    ] {
        let config = config.build().unwrap();
        assert_eq!(config.default_web_policy(None), own);
        assert_eq!(config.default_web_policy(Some("Google")), google);
        assert_eq!(config.default_web_policy(Some("Okta")), other);
    }
}

#[test]
fn the_browsers_session_can_end_by_revocation_only_if_the_pool_tracks_sessions_and_the_api_revokes() {
    let refused = |config: AuthConfigBuilder| {
        let config = config.build().unwrap();
        config
            .allows_revocation_of_browser_sessions()
            .map_err(|error| error.setting().unwrap().to_owned())
    };
    let domain = || {
        let pages = HostedUi::builder("auth.example.com").build().unwrap();
        builder().hosted_ui(pages).revocation_route(RevocationRoute::PoolDomain)
    };
    assert_eq!(refused(builder().session_tracking(true)), Ok(()));
    assert_eq!(refused(builder()), Err("session_tracking".to_owned()));
    assert_eq!(
        refused(domain().session_tracking(true)),
        Err("revocation_route".to_owned())
    );
}

#[test]
fn a_providers_logout_needs_hosted_pages_and_a_url_that_can_be_opened() {
    let said = |builder: AuthConfigBuilder| builder.build().unwrap_err().to_string();
    let google = builder().provider_logout("Google", ProviderLogout::google());
    assert_eq!(said(google), "hosted_ui: missing");
    let hosted_ui = HostedUi::builder("auth.example.com")
        .sign_out_uri("myapp://out")
        .build()
        .unwrap();
    let insecure = ProviderLogout::template("http://id.example.com/logout");
    assert_eq!(
        said(builder().hosted_ui(hosted_ui).provider_logout("ExampleId", insecure)),
        "hosted_ui.provider.ExampleId: must be an https URL; http is allowed only for a loopback host"
    );
}

#[test]
fn a_secret_in_the_wrong_setting_is_not_repeated() {
    let misplaced = "hunter2 misplaced";
    for builder in [
        AuthConfig::builder(misplaced, CLIENT),
        AuthConfig::builder(POOL, misplaced),
        builder().region(misplaced),
        builder().endpoint(format!("https://user:{misplaced}@example.com/")),
        builder().user_agent(format!("{misplaced}\n")),
    ] {
        let error = builder.build().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
    let hidden = builder()
        .client_secret("hunter2")
        .endpoint("https://user:hunter2@example.com/");
    assert!(!format!("{hidden:?}").contains("hunter2"), "{hidden:?}");
    let hidden = builder().client_secret("hunter2").build().unwrap();
    assert!(!format!("{hidden:?}").contains("hunter2"), "{hidden:?}");
}

#[test]
fn a_configuration_error_in_a_step_has_the_code_invalid_input() {
    let error = builder().region("").build().unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    let step = StepError::from(error.clone());
    assert_eq!(
        (step.code(), step.message()),
        (ErrorCode::InvalidInput, &*error.to_string())
    );
}
