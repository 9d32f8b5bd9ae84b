use proptest::prelude::*;

use super::*;

const CLIENT: &str = "3n4b5+_9";

/// Redirects that break if they are encoded twice or not at all.
const AWKWARD: [&str; 10] = [
    "https://example.com",
    "https://example.com/",
    "https://example.com/a%20b",
    "https://example.com/a%2520b?q=100%25",
    "https://example.com/out?a=1&b=2+3&c=d=e",
    "https://example.com:8443/out",
    "https://xn--bcher-kva.example/grüße?ü=ß",
    "http://[::1]:8765/signed-out",
    "com.example.app:/signed-out",
    "myapp://",
];

fn config(pages: crate::HostedUiBuilder) -> AuthConfig {
    let builder = AuthConfig::builder("eu-central-1_AbCdEf123", CLIENT);
    builder.hosted_ui(pages.build().unwrap()).build().unwrap()
}

fn pages() -> crate::HostedUiBuilder {
    HostedUi::builder("auth.example.com")
}

/// The parameters of the query, decoded once.
fn parameters(url: &Url) -> Vec<(String, String)> {
    url.query_pairs().into_owned().collect()
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn login_url(page: &LoginPage) -> Url {
    config(pages().callback_uri("myapp://signed-in"))
        .logout_to_login_url(page)
        .unwrap()
}

#[test]
fn every_sign_out_uri_is_encoded_once() {
    for uri in AWKWARD {
        let url = config(pages().sign_out_uri(uri)).logout_url(None).unwrap();
        assert!(url.as_str().starts_with("https://auth.example.com/logout?client_id="));
        assert_eq!(
            parameters(&url),
            [pair("client_id", CLIENT), pair("logout_uri", uri)],
            "{uri}"
        );
        assert_only_unreserved(&url);
    }
}

#[test]
fn the_logout_url_is_exactly_this() {
    for (uri, encoded) in [
        ("https://example.com/a%20b", "https%3A%2F%2Fexample.com%2Fa%2520b"),
        (
            "https://example.com/?a=1&b=2+3",
            "https%3A%2F%2Fexample.com%2F%3Fa%3D1%26b%3D2%2B3",
        ),
        ("https://example.com/ü", "https%3A%2F%2Fexample.com%2F%C3%BC"),
        ("my-app.x://a_b~c", "my-app.x%3A%2F%2Fa_b~c"),
    ] {
        let url = config(pages().sign_out_uri(uri)).logout_url(None).unwrap();
        assert_eq!(
            url.as_str(),
            format!("https://auth.example.com/logout?client_id=3n4b5%2B_9&logout_uri={encoded}")
        );
    }
}

#[test]
fn the_hosted_pages_can_be_at_a_prefix_domain_a_custom_domain_or_a_loopback_port() {
    for (domain, origin) in [
        (
            "example.auth.eu-central-1.amazoncognito.com",
            "https://example.auth.eu-central-1.amazoncognito.com",
        ),
        ("auth.example.com", "https://auth.example.com"),
        ("https://auth.example.com", "https://auth.example.com"),
        ("https://auth.example.com/", "https://auth.example.com"),
        ("Auth.Example.COM", "https://auth.example.com"),
        (
            "anmeldung.xn--bcher-kva.example",
            "https://anmeldung.xn--bcher-kva.example",
        ),
        ("auth.example.com:8443", "https://auth.example.com:8443"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
    ] {
        let config = config(HostedUi::builder(domain).sign_out_uri("myapp://out"));
        assert_eq!(
            config.logout_url(None).unwrap().as_str(),
            format!("{origin}/logout?client_id=3n4b5%2B_9&logout_uri=myapp%3A%2F%2Fout"),
        );
    }
}

#[test]
fn the_first_of_several_redirects_is_used_or_the_chosen_one() {
    let mut with_all = pages();
    for uri in AWKWARD {
        with_all = with_all.sign_out_uri(uri).callback_uri(uri);
    }
    let config = config(with_all);
    let sent = |url: Url| url.query_pairs().into_owned().nth(1).unwrap().1;
    assert_eq!(sent(config.logout_url(None).unwrap()), AWKWARD[0]);
    let first = config.logout_to_login_url(&LoginPage::default()).unwrap();
    assert_eq!(sent(first), AWKWARD[0]);
    for uri in AWKWARD {
        assert_eq!(sent(config.logout_url(Some(uri)).unwrap()), uri);
        let page = LoginPage::default().callback_uri(uri);
        assert_eq!(sent(config.logout_to_login_url(&page).unwrap()), uri);
    }
}

#[test]
fn the_login_page_has_the_parameters_of_authorize() {
    let plain = login_url(&LoginPage::default());
    let shared = [
        pair("client_id", CLIENT),
        pair("redirect_uri", "myapp://signed-in"),
        pair("response_type", "code"),
    ];
    assert_eq!(parameters(&plain), shared);

    let page = LoginPage::default()
        .scopes(["openid", "https://api.example.com/read all"])
        .state("a&b=c#d%20e+f ü");
    let mut all = shared.to_vec();
    all.push(pair("scope", "openid https://api.example.com/read all"));
    all.push(pair("state", "a&b=c#d%20e+f ü"));
    let url = login_url(&page);
    assert_eq!(parameters(&url), all);
    assert_only_unreserved(&url);
}

#[test]
fn the_error_without_hosted_pages_or_redirects_says_what_is_missing() {
    let said = |error: ConfigError| error.to_string();
    let bare = AuthConfig::builder("eu-central-1_AbCdEf123", CLIENT).build().unwrap();
    assert_eq!(said(bare.logout_url(None).unwrap_err()), "hosted_ui: missing");
    let page = LoginPage::default();
    assert_eq!(said(bare.logout_to_login_url(&page).unwrap_err()), "hosted_ui: missing");

    let without = config(pages().callback_uri("myapp://in"));
    let says = "hosted_ui.sign_out_uri: must be at least one of the app client's sign-out URLs, ";
    let error = said(without.logout_url(None).unwrap_err());
    assert!(error.starts_with(says), "{error}");
    let without = config(pages().sign_out_uri("myapp://out"));
    assert_eq!(
        said(without.logout_to_login_url(&page).unwrap_err()),
        "hosted_ui.callback_uri: missing"
    );
}

#[test]
fn parameters_are_added_after_those_of_the_url() {
    for (base, whole) in [
        ("https://id.example/out", "https://id.example/out?a=%26"),
        ("https://id.example/out?", "https://id.example/out?a=%26"),
        ("https://id.example/out?p=x%20y", "https://id.example/out?p=x%20y&a=%26"),
        ("https://id.example/out?p=1#f", "https://id.example/out?p=1&a=%26#f"),
    ] {
        let url = with_parameters(Url::parse(base).unwrap(), &[("a", "&")]);
        assert_eq!(url.as_str(), whole);
    }
}

/// Only the unreserved characters of RFC 3986, section 2.3, `%`, and the separators of parameters.
fn assert_only_unreserved(url: &Url) {
    let query = url.query().unwrap();
    let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%=&".contains(&byte);
    assert!(query.bytes().all(may_stand), "{query}");
    assert_eq!(url.fragment(), None);
    for parameter in query.split('&') {
        assert_eq!(parameter.matches('=').count(), 1, "{query}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_state_and_scopes_can_be_decoded_again(
        state in any::<String>(),
        scopes in prop::collection::vec(any::<String>(), 1..4),
    ) {
        let url = login_url(&LoginPage::default().scopes(scopes.clone()).state(state.clone()));
        assert_only_unreserved(&url);
        let found = parameters(&url);
        prop_assert_eq!(found.last(), Some(&pair("state", &state)));
        let scope = scopes.join(" ");
        let asked = found.iter().find(|(name, _)| name == "scope").map(|(_, value)| value);
        prop_assert_eq!(asked, Some(&scope).filter(|scope| !scope.is_empty()));
    }

    #[test]
    fn any_accepted_redirect_can_be_decoded_again(rest in "[!-~ä-ü]{0,40}") {
        let uri = format!("https://example.com/{rest}");
        let Ok(pages) = pages().sign_out_uri(&uri).build() else {
            return Ok(());
        };
        let config = AuthConfig::builder("eu-central-1_AbCdEf123", CLIENT).hosted_ui(pages).build().unwrap();
        let url = config.logout_url(Some(&uri)).unwrap();
        assert_only_unreserved(&url);
        prop_assert_eq!(parameters(&url), [pair("client_id", CLIENT), pair("logout_uri", &uri)]);
    }
}
