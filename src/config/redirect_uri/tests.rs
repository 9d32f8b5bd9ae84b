use super::*;

fn uri(text: &str) -> RedirectUri {
    RedirectUri::parse("redirect", text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The error message for a refused redirect, without the name of the setting.
fn complaint(text: &str) -> String {
    let said = RedirectUri::parse("redirect", text).unwrap_err().to_string();
    said.strip_prefix("redirect: must be ").unwrap().to_owned()
}

fn is_at(redirect: &str, callback: &str) -> bool {
    uri(redirect).is_at(&Url::parse(callback).unwrap())
}

#[test]
fn https_own_schemes_and_loopback_are_kept_exactly_as_written() {
    for text in [
        "https://example.com",
        "https://example.com/",
        "https://example.com/signed%20out",
        "https://Example.COM/Signed-Out/?a=1&b=x+y",
        "https://example.com:8443/out",
        "https://xn--bcher-kva.example/grüße",
        "myapp://",
        "myapp://signed-out",
        "myapp://signed-out/",
        "myapp:///signed-out",
        "myapp:/signed-out",
        "myapp:signed-out",
        "com.example.app:/signed-out?from=cognito",
        "http://localhost",
        "http://localhost:8765/signed-out",
        "http://127.0.0.1:1/",
        "http://127.8.9.1/",
        "http://[::1]:8765/signed-out",
    ] {
        assert_eq!(uri(text).as_str(), text);
        assert_eq!(uri(text).to_string(), text);
    }
}

#[test]
fn only_http_counts_as_loopback() {
    for text in ["http://localhost:8765/", "http://127.0.0.1/", "http://[::1]/"] {
        assert!(uri(text).is_loopback(), "{text}");
    }
    for text in ["https://localhost:8765/", "myapp://localhost", "https://example.com/"] {
        assert!(!uri(text).is_loopback(), "{text}");
    }
}

#[test]
fn a_scheme_that_browsers_handle_themselves_is_refused() {
    for text in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,hello",
        "blob:https://example.com/1",
        "file:///etc/passwd",
        "about:blank",
        "mailto:maria@example.com",
        "ftp://example.com/",
        "ws://localhost/",
        "wss://example.com/",
    ] {
        assert_eq!(
            complaint(text),
            "https, the app's own scheme, or http on a loopback host",
            "{text}"
        );
    }
}

#[test]
fn http_is_refused_except_on_a_loopback_host() {
    for text in [
        "http://example.com/signed-out",
        "http://localhost.example.com/",
        "http://127.0.0.1.example.com/",
        "http://10.0.0.1/",
        "http://0.0.0.0:8765/",
        "http://[::]/",
    ] {
        assert_eq!(
            complaint(text),
            "https, the app's own scheme, or http on a loopback host",
            "{text}"
        );
    }
}

#[test]
fn a_fragment_a_user_name_and_a_password_are_refused() {
    for text in [
        "https://example.com/#signed-out",
        "https://example.com/#",
        "myapp://signed-out#x",
        "https://maria@example.com/",
        "https://maria:hunter2@example.com/",
        "https://:hunter2@example.com/",
        "myapp://maria@signed-out",
    ] {
        assert_eq!(
            complaint(text),
            "a URI without fragment, user name or password",
            "{text}"
        );
    }
}

#[test]
fn white_space_and_control_characters_are_refused_everywhere() {
    for text in [
        "https://example.com/signed out",
        " https://example.com/",
        "https://example.com/\n",
        "https://example.com/\tx",
        "https://example.com/\u{a0}",
        "https://example.com/\u{2028}",
        "https://example.com/\0",
        "java\nscript:alert(1)",
        "myapp://signed-out\u{7f}",
    ] {
        assert_eq!(
            complaint(text),
            "a URI without white space: write %20 for a space",
            "{text:?}"
        );
    }
}

#[test]
fn text_that_is_not_a_uri_is_refused() {
    for text in [
        "",
        "signed-out",
        "/signed-out",
        "//example.com",
        "https://",
        "localhost",
    ] {
        assert_eq!(
            complaint(text),
            "a URI with a scheme, such as https://example.com/signed-out or myapp://signed-out",
            "{text}"
        );
    }
}

#[test]
fn a_callback_may_be_in_the_browsers_form_and_have_more_parameters() {
    for (redirect, callback) in [
        ("https://example.com", "https://example.com/"),
        ("https://example.com", "https://example.com/?state=1"),
        ("https://Example.COM/out", "https://example.com/out"),
        ("https://example.com:443/out", "https://example.com/out"),
        ("https://example.com/out", "https://example.com/out#frag"),
        (
            "https://xn--bcher-kva.example/ü",
            "https://xn--bcher-kva.example/%C3%BC",
        ),
        ("https://example.com/?a=1", "https://example.com/?x=2&a=1"),
        ("https://example.com/?a=b%20c", "https://example.com/?a=b+c"),
        ("http://localhost:8765/out", "http://localhost:8765/out?state=1&x=2"),
        ("http://[::1]:8765/out", "http://[0:0:0:0:0:0:0:1]:8765/out"),
        ("myapp://", "myapp://?state=1"),
        ("myapp://", "myapp:///"),
        ("myapp://signed-out", "myapp://signed-out/?state=1"),
        ("myapp:/signed-out", "myapp:/signed-out?state=1"),
        ("myapp:signed-out", "myapp:signed-out?state=1"),
    ] {
        assert!(is_at(redirect, callback), "{redirect} <- {callback}");
    }
}

#[test]
fn a_callback_to_another_uri_does_not_match() {
    for (redirect, callback) in [
        ("https://example.com/out", "https://example.com/"),
        ("https://example.com/out", "https://example.com/out/"),
        ("https://example.com/out", "https://example.com/Out"),
        ("https://example.com/out", "https://example.com.evil.example/out"),
        ("https://example.com/out", "https://example.com@evil.example/out"),
        ("https://example.com/out", "https://example.com:8443/out"),
        ("https://example.com/?a=1", "https://example.com/"),
        ("https://example.com/?a=1", "https://example.com/?a=2"),
        ("http://localhost:8765/out", "https://localhost:8765/out"),
        ("http://localhost:8765/out", "http://localhost:8766/out"),
        ("http://localhost:8765/out", "http://127.0.0.1:8765/out"),
        ("http://localhost:8765/out", "http://localhost:8765/favicon.ico"),
        ("myapp://signed-out", "otherapp://signed-out"),
        ("myapp://signed-out", "myapp://signed-in"),
        ("myapp://", "myapp://signed-out"),
    ] {
        assert!(!is_at(redirect, callback), "{redirect} <- {callback}");
    }
}

#[test]
fn a_record_keeps_the_text_and_refuses_an_invalid_one() {
    let redirect = uri("https://Example.COM/a%20b?c=d");
    let json = serde_json::to_string(&redirect).unwrap();
    assert_eq!(json, r#""https://Example.COM/a%20b?c=d""#);
    assert_eq!(serde_json::from_str::<RedirectUri>(&json).unwrap(), redirect);
    assert!(serde_json::from_str::<RedirectUri>(r#""javascript:alert(1)""#).is_err());
    assert!(serde_json::from_str::<RedirectUri>("42").is_err());
}
