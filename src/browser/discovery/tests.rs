use serde_json::json;

use super::*;
use crate::transport::TransportError;
use crate::transport::tests::scripted::{Act, Scripted, answer};

const LIMIT: Duration = Duration::from_secs(4);

/// The result of a request to `issuer`, and the requested URL.
async fn ask(issuer: &str, act: Act) -> (Result<Url, StepError>, String) {
    let transport = Scripted::new([act]);
    let found = end_session_endpoint(&*transport, &Url::parse(issuer).unwrap(), LIMIT).await;
    let asked = transport.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!((&*asked[0].method, asked[0].body.len()), ("GET", 0));
    (found, asked[0].url.to_string())
}

async fn found(issuer: &str, metadata: serde_json::Value) -> Result<Url, StepError> {
    ask(issuer, Act::Answer(answer(200, &metadata.to_string()))).await.0
}

/// The code, and the message after "the discovery document".
async fn complaint(act: Act) -> String {
    let error = ask("https://id.example", act).await.0.unwrap_err();
    assert_eq!(error.code(), ErrorCode::UnexpectedResponse);
    assert!(!error.message().contains("hunter2"), "{}", error.message());
    error
        .message()
        .strip_prefix("the discovery document ")
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn the_endpoint_comes_from_the_issuers_document() {
    for issuer in [
        "https://id.example",
        "https://id.example/realms/a",
        "http://127.0.0.1:9000",
    ] {
        let metadata = json!({"issuer": issuer, "end_session_endpoint": "https://id.example/end?p=1", "x": [1]});
        let url = found(issuer, metadata).await.unwrap();
        assert_eq!(url.as_str(), "https://id.example/end?p=1");
    }
}

#[tokio::test]
async fn the_well_known_path_follows_the_issuers_own() {
    for (issuer, asked) in [
        (
            "https://id.example",
            "https://id.example/.well-known/openid-configuration",
        ),
        (
            "https://id.example/",
            "https://id.example/.well-known/openid-configuration",
        ),
        (
            "https://id.example:8443/realms/a%20b",
            "https://id.example:8443/realms/a%20b/.well-known/openid-configuration",
        ),
        (
            "https://id.example/realms/a/",
            "https://id.example/realms/a/.well-known/openid-configuration",
        ),
    ] {
        let (_, url) = ask(issuer, Act::Answer(answer(404, ""))).await;
        assert_eq!(url, asked);
    }
}

#[tokio::test]
async fn a_trailing_slash_does_not_change_the_issuer() {
    let metadata = |issuer| json!({"issuer": issuer, "end_session_endpoint": "https://id.example/end"});
    for (configured, named) in [
        ("https://id.example", "https://id.example/"),
        ("https://id.example/", "https://id.example"),
        ("https://id.example/a/", "https://id.example/a"),
    ] {
        assert!(found(configured, metadata(named)).await.is_ok(), "{configured} {named}");
    }
    for (configured, named) in [
        ("https://id.example", "https://hunter2.example"),
        ("https://id.example/a", "https://id.example/b"),
        ("https://id.example/a", "https://id.example"),
        ("https://id.example", "http://id.example"),
    ] {
        let error = found(configured, metadata(named)).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::UnexpectedResponse);
        assert_eq!(
            error.message(),
            "the discovery document is for another issuer than the configured one"
        );
    }
}

#[tokio::test]
async fn a_document_without_a_usable_endpoint_is_refused_with_the_reason() {
    let document = |endpoint: serde_json::Value| {
        let metadata = json!({"issuer": "https://id.example", "end_session_endpoint": endpoint});
        Act::Answer(answer(200, &metadata.to_string()))
    };
    assert_eq!(
        complaint(document(json!(null))).await,
        "has no end_session_endpoint: this provider does not offer RP-initiated logout"
    );
    let without = json!({"issuer": "https://id.example", "authorization_endpoint": "https://id.example/a"});
    assert_eq!(
        complaint(Act::Answer(answer(200, &without.to_string()))).await,
        "has no end_session_endpoint: this provider does not offer RP-initiated logout"
    );
    for endpoint in [
        "http://id.example/end",
        "javascript:alert('hunter2')",
        "/end",
        "",
        "https://maria:hunter2@id.example/end",
    ] {
        assert_eq!(
            complaint(document(json!(endpoint))).await,
            "has an end_session_endpoint that cannot be opened: it must be an https URL without user name or password",
            "{endpoint}"
        );
    }
    assert_eq!(complaint(document(json!(42))).await, "cannot be read");
}

#[tokio::test]
async fn a_response_without_a_document_is_refused_and_its_text_is_not_repeated() {
    for body in [
        "<html>hunter2</html>",
        "",
        "[]",
        "[\"https://id.example\", \"https://id.example/end\"]",
        "{}",
        "{\"issuer\": \"hunter2\"",
        "\"hunter2\"",
    ] {
        assert_eq!(
            complaint(Act::Answer(answer(200, body))).await,
            "cannot be read",
            "{body}"
        );
    }
    for status in [204, 302, 403, 404, 500] {
        assert_eq!(
            complaint(Act::Answer(answer(status, "{\"error\": \"hunter2\"}"))).await,
            "could not be loaded: the status of the response is not 200"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_issuer_costs_the_limit_and_no_more() {
    let start = tokio::time::Instant::now();
    let error = ask("https://id.example", Act::Hang).await.0.unwrap_err();
    assert_eq!(error.code(), ErrorCode::TimedOut);
    assert_eq!(start.elapsed(), LIMIT);
}

#[tokio::test]
async fn a_failed_connection_keeps_its_error() {
    let refused = TransportError::Connect("refused".to_owned());
    let expected = StepError::from(refused.clone());
    let error = ask("https://id.example", Act::Fail(refused)).await.0.unwrap_err();
    assert_eq!(error.code(), expected.code());
}
