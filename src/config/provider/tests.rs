use super::*;

/// A URL that must be encoded as a parameter.
const REDIRECT: &str = "https://example.com/out?a=1&b=%20";
const ENCODED_REDIRECT: &str = "https%3A%2F%2Fexample.com%2Fout%3Fa%3D1%26b%3D%2520";

fn redirect() -> RedirectUri {
    RedirectUri::parse("redirect", REDIRECT).unwrap()
}

/// The provider's page, and how the browser comes back.
fn page(logout: &ProviderLogout) -> (String, ComesBack) {
    logout.check("provider").unwrap();
    match logout.hop(&redirect(), "st&te").unwrap() {
        ProviderHop::Visit { url, comes_back } => (url.into(), comes_back),
        other => panic!("{other:?}"),
    }
}

fn complaint(logout: &ProviderLogout) -> String {
    logout.check("provider").unwrap_err().to_string()
}

#[test]
fn the_last_page_for_google_is_its_own() {
    assert_eq!(
        page(&ProviderLogout::google()),
        ("https://accounts.google.com/Logout".to_owned(), ComesBack::Never)
    );
}

#[test]
fn entra_gets_tenant_client_redirect_and_state() {
    let whole = format!(
        "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/logout?client_id=1b%26c\
         &post_logout_redirect_uri={ENCODED_REDIRECT}&state=st%26te"
    );
    let logout = ProviderLogout::entra("contoso.example", "1b&c");
    assert_eq!(page(&logout), (whole, ComesBack::WithState));
    // Every tenant stays in its part of the path.
    let (url, _) = page(&ProviderLogout::entra("a/../b?c", "1"));
    assert!(
        url.starts_with("https://login.microsoftonline.com/a%2F..%2Fb%3Fc/oauth2/v2.0/logout?"),
        "{url}"
    );
}

#[test]
fn okta_signs_out_at_its_own_pages_because_its_oidc_logout_needs_a_token() {
    let whole = format!("https://example.okta.com/login/signout?fromURI={ENCODED_REDIRECT}");
    for domain in [
        "example.okta.com",
        "https://example.okta.com",
        "https://example.okta.com/",
    ] {
        assert_eq!(
            page(&ProviderLogout::okta(domain)),
            (whole.clone(), ComesBack::Plainly),
            "{domain}"
        );
    }
}

#[test]
fn auth0_gets_client_redirect_and_state() {
    let whole = format!(
        "https://example.eu.auth0.com/oidc/logout?client_id=1b%26c\
         &post_logout_redirect_uri={ENCODED_REDIRECT}&state=st%26te"
    );
    let logout = ProviderLogout::auth0("example.eu.auth0.com", "1b&c");
    assert_eq!(page(&logout), (whole, ComesBack::WithState));
}

#[test]
fn a_domain_with_more_than_a_host_is_refused() {
    for domain in [
        "",
        "example.okta.com/oauth2/default",
        "a b",
        "https://example.okta.com/x",
    ] {
        assert_eq!(
            complaint(&ProviderLogout::okta(domain)),
            "provider.domain: must be a host name, such as auth.example.com, or its URL without a path",
            "{domain}"
        );
    }
    assert_eq!(
        complaint(&ProviderLogout::auth0("http://example.auth0.com", "1")),
        "provider.domain: must be an https URL; http is allowed only for a loopback host"
    );
    assert_eq!(
        complaint(&ProviderLogout::okta("maria@example.okta.com")),
        "provider.domain: must be a URL without user name, password, query or fragment"
    );
}

#[test]
fn the_placeholders_of_a_template_decide_how_the_browser_comes_back() {
    for (template, url, comes_back) in [
        (
            "https://id.example/out",
            "https://id.example/out".to_owned(),
            ComesBack::Never,
        ),
        (
            "https://id.example/out?s={state}",
            "https://id.example/out?s=st%26te".to_owned(),
            ComesBack::Never,
        ),
        (
            "https://id.example/out?app=7&return={redirect}",
            format!("https://id.example/out?app=7&return={ENCODED_REDIRECT}"),
            ComesBack::Plainly,
        ),
        (
            "https://id.example/{state}?a={redirect}&b={redirect}&state={state}",
            format!("https://id.example/st%26te?a={ENCODED_REDIRECT}&b={ENCODED_REDIRECT}&state=st%26te"),
            ComesBack::WithState,
        ),
        (
            "http://127.0.0.1:9000/out?r={redirect}",
            format!("http://127.0.0.1:9000/out?r={ENCODED_REDIRECT}"),
            ComesBack::Plainly,
        ),
    ] {
        assert_eq!(
            page(&ProviderLogout::template(template)),
            (url, comes_back),
            "{template}"
        );
    }
}

#[test]
fn a_template_that_cannot_be_opened_safely_is_refused() {
    for (template, must) in [
        ("", "a URL, such as https://example.com/"),
        ("id.example/out?r={redirect}", "a URL, such as https://example.com/"),
        ("{redirect}", "a URL, such as https://example.com/"),
        (
            "http://id.example/out",
            "an https URL; http is allowed only for a loopback host",
        ),
        (
            "javascript:alert(1)",
            "an https URL; http is allowed only for a loopback host",
        ),
        ("myapp://out", "an https URL; http is allowed only for a loopback host"),
        (
            "https://maria:hunter2@id.example/",
            "a URL without user name or password",
        ),
        (
            "https://id.example/?r={redirect_uri}",
            "a URL with no placeholders except {redirect} and {state}",
        ),
        (
            "https://id.example/?r={Redirect}",
            "a URL with no placeholders except {redirect} and {state}",
        ),
    ] {
        assert_eq!(
            complaint(&ProviderLogout::template(template)),
            format!("provider: must be {must}"),
            "{template}"
        );
    }
}

#[test]
fn an_oidc_provider_is_discovered() {
    let logout = ProviderLogout::oidc("https://id.example/realms/a", "app&1");
    logout.check("provider").unwrap();
    assert_eq!(
        logout.hop(&redirect(), "s").unwrap(),
        ProviderHop::Discover {
            issuer: Url::parse("https://id.example/realms/a").unwrap(),
            client_id: "app&1".to_owned(),
        }
    );
}

#[test]
fn an_oidc_provider_needs_an_issuer_and_a_client_id() {
    let said = |issuer, client_id| complaint(&ProviderLogout::oidc(issuer, client_id));
    assert_eq!(
        said("https://id.example", ""),
        "provider.client_id: must be the client's ID at the provider"
    );
    assert_eq!(
        said("id.example", "1"),
        "provider.issuer: must be a URL, such as https://example.com/"
    );
    assert_eq!(
        said("http://id.example", "1"),
        "provider.issuer: must be an https URL; http is allowed only for a loopback host"
    );
    for issuer in [
        "https://id.example/?a=b",
        "https://id.example/#x",
        "https://maria@id.example/",
    ] {
        assert_eq!(
            said(issuer, "1"),
            "provider.issuer: must be a URL without user name, password, query or fragment"
        );
    }
}

#[test]
fn the_discovered_endpoint_gets_client_redirect_and_state_after_its_own_parameters() {
    let endpoint = Url::parse("https://id.example/end?p=policy").unwrap();
    assert_eq!(
        end_session_url(endpoint, "app&1", &redirect(), "st&te").as_str(),
        format!(
            "https://id.example/end?p=policy&client_id=app%261\
             &post_logout_redirect_uri={ENCODED_REDIRECT}&state=st%26te"
        )
    );
}

#[test]
fn saml_and_none_have_no_page() {
    for logout in [ProviderLogout::saml_single_logout(), ProviderLogout::none()] {
        logout.check("provider").unwrap();
        assert_eq!(logout.hop(&redirect(), "s").unwrap(), ProviderHop::Nowhere);
    }
}
