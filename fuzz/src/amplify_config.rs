//! The loaders of Amplify's configuration files.

use cognito_signout::{AuthConfig, AuthConfigBuilder, ConfigError};

use crate::text::assert_silent;

/// Input: a file of either generation.
pub fn amplify_config(data: &[u8]) {
    let file = String::from_utf8_lossy(data);
    // The fuzzer also copies its text to where it is no secret.
    let has_secret =
        file.matches("client+secret").count() == 1 && file.contains(r#""AppClientSecret": "client+secret"#);
    let load = |loaded: Result<AuthConfigBuilder, ConfigError>| {
        let shows_it = has_secret && format!("{loaded:?}").contains("client+secret");
        assert!(!shows_it, "the secret is shown");
        loaded
            .and_then(AuthConfigBuilder::build)
            .inspect_err(assert_silent)
            .ok()
    };
    let gen2 = load(AuthConfig::from_amplify_outputs(&file));
    let gen1 = load(AuthConfig::from_amplifyconfiguration(&file));
    let either = load(AuthConfig::from_amplify_json(&file));
    // By their texts: configurations cannot be compared.
    let shown = [&either, &gen2, &gen1].map(|config| format!("{config:?}"));
    assert!(either.is_none() || shown[1..].contains(&shown[0]));
    if let Some(config) = either {
        let has_pages = config
            .hosted_ui()
            .is_some_and(|pages| pages.sign_out_uris().next().is_some());
        assert_eq!(config.logout_url(None).is_ok(), has_pages);
    }
}
