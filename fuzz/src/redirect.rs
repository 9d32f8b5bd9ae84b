//! The settings of the hosted pages: each is accepted and sent as it stands, or refused.

use cognito_signout::{AuthConfig, ConfigError, HostedUi, LoginPage, ProviderLogout};
use url::Url;

use crate::text::assert_silent;

/// Input: a setting in each line: the domain, two redirects, a `state`, and two settings of a provider.
pub fn redirect(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.lines();
    let [domain, redirect, ends_at, state, first, second] = [(); 6].map(|()| lines.next().unwrap_or_default());
    for logout in [
        ProviderLogout::template(first),
        ProviderLogout::oidc(first, second),
        ProviderLogout::okta(first),
        ProviderLogout::auth0(first, second),
        ProviderLogout::entra(first, second),
    ] {
        if let Err(error) = HostedUi::builder("auth.example.com")
            .provider("ExampleId", logout)
            .build()
        {
            assert!(matches!(error, ConfigError::Invalid { .. }), "{error:?}");
            assert_silent(&error);
        }
    }

    let pages = HostedUi::builder(domain)
        .sign_out_uri(redirect)
        .sign_out_uri_ending_at(redirect, ends_at)
        .callback_uri(redirect);
    let pages = match pages.build() {
        Ok(pages) => pages,
        Err(error) => return assert_silent(&error),
    };
    for uri in pages.sign_out_uris().chain(pages.callback_uris()) {
        assert!(uri.is_at(uri.url()), "{uri} is not at itself");
    }
    let config = AuthConfig::builder("eu-central-1_AbCdEf123", "3n4b5");
    let config = config.hosted_ui(pages).build().expect("the pages were accepted");
    let url = config.logout_url(Some(redirect)).expect("it is configured");
    assert_eq!(parameter(&url, "logout_uri").as_deref(), Some(redirect));
    let page = LoginPage::default().callback_uri(redirect).state(state);
    let url = config.logout_to_login_url(&page).expect("it is configured");
    assert_eq!(parameter(&url, "redirect_uri").as_deref(), Some(redirect));
    assert_eq!(parameter(&url, "state").as_deref(), Some(state));
    if ends_at != redirect && state != redirect {
        let error = config.logout_url(Some(state)).expect_err("it is not configured");
        assert!(matches!(error, ConfigError::NotListed { .. }), "{error:?}");
        assert_silent(&error);
    }
}

/// The value of a parameter, decoded once.
fn parameter(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    pairs
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned())
}
