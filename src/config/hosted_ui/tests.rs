use super::*;

fn pages() -> HostedUiBuilder {
    HostedUi::builder("auth.example.com")
}

fn complaint(builder: HostedUiBuilder) -> String {
    builder.build().unwrap_err().to_string()
}

fn anywhere(_: &RedirectUri) -> bool {
    true
}

#[test]
fn every_setting_reads_as_it_was_given() {
    let hosted_ui = pages()
        .sign_out_uri("myapp://out")
        .sign_out_uri_ending_at("https://example.com/out", "myapp://done")
        .callback_uri("myapp://in")
        .provider("Google", ProviderLogout::google())
        .build()
        .unwrap();
    assert_eq!(hosted_ui.domain().as_str(), "https://auth.example.com/");
    let texts = |uris: Vec<&RedirectUri>| uris.into_iter().map(RedirectUri::to_string).collect::<Vec<_>>();
    assert_eq!(
        texts(hosted_ui.sign_out_uris().collect()),
        ["myapp://out", "https://example.com/out"]
    );
    assert_eq!(texts(hosted_ui.callback_uris().collect()), ["myapp://in"]);
    assert_eq!(hosted_ui.provider("Google"), Some(&ProviderLogout::google()));
    assert_eq!(hosted_ui.provider("google"), None);
}

#[test]
fn a_domain_must_be_a_host_or_an_origin() {
    let domain = |domain: &str| complaint(HostedUi::builder(domain));
    for wrong in [
        "",
        "my domain",
        "auth.example.com/login",
        "https://auth.example.com/login",
        "https://",
        "//evil.example",
        "/\\evil.example",
        "[x]",
    ] {
        assert_eq!(
            domain(wrong),
            "hosted_ui.domain: must be a host name, such as auth.example.com, or its URL without a path",
            "{wrong}"
        );
    }
    for wrong in ["http://auth.example.com", "ftp://auth.example.com", "javascript://auth"] {
        assert_eq!(
            domain(wrong),
            "hosted_ui.domain: must be an https URL; http is allowed only for a loopback host",
            "{wrong}"
        );
    }
    for wrong in [
        "maria@auth.example.com",
        "auth.example.com?a=b",
        "https://auth.example.com/#x",
    ] {
        assert_eq!(
            domain(wrong),
            "hosted_ui.domain: must be a URL without user name, password, query or fragment",
            "{wrong}"
        );
    }
}

#[test]
fn the_error_for_a_redirect_names_its_setting() {
    let must = "must be https, the app's own scheme, or http on a loopback host";
    for (builder, field) in [
        (pages().sign_out_uri("http://example.com/"), "hosted_ui.sign_out_uri"),
        (
            pages().sign_out_uri_ending_at("http://example.com/", "myapp://out"),
            "hosted_ui.sign_out_uri",
        ),
        (
            pages().sign_out_uri_ending_at("myapp://out", "data:,x"),
            "hosted_ui.sign_out_uri.ends_at",
        ),
        (pages().callback_uri("javascript:x"), "hosted_ui.callback_uri"),
    ] {
        assert_eq!(complaint(builder), format!("{field}: {must}"));
    }
}

#[test]
fn the_error_for_a_providers_logout_names_the_provider() {
    let logout = ProviderLogout::template("http://id.example.com/logout");
    assert_eq!(
        complaint(pages().provider("ExampleId", logout)),
        "hosted_ui.provider.ExampleId: must be an https URL; http is allowed only for a loopback host"
    );
}

#[test]
fn whether_a_sign_out_uri_fits_depends_on_where_the_browser_ends() {
    let hosted_ui = pages()
        .sign_out_uri("myapp://out")
        .sign_out_uri_ending_at("https://example.com/out", "http://localhost:8765/done")
        .sign_out_uri("http://localhost:8765/out")
        .build()
        .unwrap();
    let chosen = |fits: fn(&RedirectUri) -> bool| hosted_ui.choose_sign_out_uri(None, fits).unwrap();
    let on_loopback = chosen(RedirectUri::is_loopback);
    assert_eq!(on_loopback.sent.as_str(), "https://example.com/out");
    assert_eq!(on_loopback.ends_at.as_str(), "http://localhost:8765/done");
    assert_eq!(chosen(anywhere).sent.as_str(), "myapp://out");
    // If none fits, the app may still have its own browser: it decides.
    assert_eq!(chosen(|_| false).sent.as_str(), "myapp://out");
    // A choice of the app is not checked.
    let asked = hosted_ui.choose_sign_out_uri(Some("http://localhost:8765/out"), |_| false);
    assert_eq!(asked.unwrap().ends_at.as_str(), "http://localhost:8765/out");
}

#[test]
fn the_error_for_a_choice_that_is_not_configured_gives_the_likely_cause() {
    let slash = "a configured one differs only by a trailing slash";
    let encoding = "a configured one differs only by its percent-encoding: the library encodes it, so write it as in the configuration";
    let case = "a configured one differs only by upper and lower case";
    let unlisted = "add it to the configuration and to the app client's list, with exactly the same text \
                    (a trailing slash, the encoding and the case all count)";
    for (configured, chosen, likely) in [
        ("https://example.com/out", "https://example.com/out/", slash),
        ("https://example.com/out/", "https://example.com/out", slash),
        ("https://example.com", "https://example.com/", slash),
        ("https://example.com/a%20b", "https://example.com/a b", encoding),
        ("https://example.com/%C3%BC", "https://example.com/ü", encoding),
        ("https://example.com/out", "https%3A%2F%2Fexample.com%2Fout", encoding),
        ("https://example.com/out", "https://example.com/Out", case),
        ("https://example.com/out", "HTTPS://EXAMPLE.COM/OUT", case),
        ("https://example.com/out", "https://example.com/other", unlisted),
        ("https://example.com/out", "http://example.com/out", unlisted),
        ("https://example.com/out", "", unlisted),
    ] {
        let hosted_ui = pages()
            .sign_out_uri("otherapp://elsewhere")
            .sign_out_uri(configured)
            .callback_uri("otherapp://elsewhere")
            .callback_uri(configured)
            .build()
            .unwrap();
        let error = hosted_ui.choose_sign_out_uri(Some(chosen), anywhere).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("sign_out_uri: this URI is not in the configuration: {likely}"),
            "{chosen}"
        );
        let error = hosted_ui.choose_callback_uri(Some(chosen)).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("callback_uri: this URI is not in the configuration: {likely}"),
            "{chosen}"
        );
    }
}
