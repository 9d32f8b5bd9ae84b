//! The endpoint over a scripted transport: its requests, and what its responses mean. What it shares with `RevokeToken` (retries,
//! time, size) is tested for both in `cognito/tests/`.

use proptest::prelude::*;
use url::form_urlencoded::parse;

use super::*;
use crate::config::AuthConfigBuilder;
use crate::error::ErrorCode;
use crate::transport::HttpResponse;
use crate::transport::tests::scripted::{Act, Scripted, answer};

const TOKEN: &str = "eyJjdHkiOiJKV1QifQ.the-token";
const CLIENT: &str = "3n4b5urk1ft4fl3mg5e62d9ado";
/// How long a caller waits.
const TIME: Duration = Duration::from_secs(8);

fn config() -> AuthConfigBuilder {
    AuthConfig::builder("eu-central-1_AbCdEf123", CLIENT)
}

fn endpoint(config: AuthConfigBuilder, transport: &Arc<Scripted>) -> RevokeEndpoint {
    let domain = Url::parse("https://auth.example.com/").unwrap();
    RevokeEndpoint::new(&domain, &config.build().unwrap(), transport.clone())
}

/// One revocation against the script: its result, and how many attempts it took.
async fn revoke(acts: impl IntoIterator<Item = Act>) -> (Result<(), ErrorCode>, usize) {
    let transport = Scripted::new(acts);
    let result = endpoint(config(), &transport).revoke(&TOKEN.into(), TIME).await;
    (result.map_err(|error| error.code()), transport.asked().len())
}

/// The request that revokes `token`, and the fields of its form.
async fn sent(config: AuthConfigBuilder, token: &str) -> (HttpRequest, Vec<(String, String)>) {
    let transport = Scripted::new([ok()]);
    endpoint(config, &transport).revoke(&token.into(), TIME).await.unwrap();
    let [request] = transport.asked().try_into().expect("one request");
    let form = parse(&request.body).into_owned().collect();
    (request, form)
}

fn header<'a>(request: &'a HttpRequest, wanted: &str) -> Option<&'a str> {
    let header = request.headers.iter().find(|(name, _)| name == wanted);
    header.map(|(_, value)| value.as_str())
}

fn ok() -> Act {
    Act::Answer(answer(200, ""))
}

/// An OAuth error, with the token in every place where a server could put it.
fn refusal(status: u16, error: &str) -> HttpResponse {
    let body = serde_json::json!({ "error": error, "error_description": TOKEN, "error_uri": TOKEN });
    answer(status, &body.to_string())
}

fn refused(status: u16, error: &str) -> Act {
    Act::Answer(refusal(status, error))
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_public_client_names_itself_beside_the_token() {
    let (request, form) = sent(config().user_agent("example-app/1.2"), TOKEN).await;
    assert_eq!(
        (request.method.as_str(), request.url.as_str()),
        ("POST", "https://auth.example.com/oauth2/revoke")
    );
    assert_eq!(form, [pair("token", TOKEN), pair("client_id", CLIENT)]);
    assert_eq!(
        header(&request, "content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(
        header(&request, "user-agent"),
        Some("cognito-signout/0.1.0 example-app/1.2")
    );
    assert_eq!(header(&request, "authorization"), None);
}

#[tokio::test(start_paused = true)]
async fn a_client_with_a_secret_proves_it_in_the_header_alone() {
    let (request, form) = sent(config().client_secret("s3cr3t"), TOKEN).await;
    assert_eq!(form, [pair("token", TOKEN)]);
    // printf %s 3n4b5urk1ft4fl3mg5e62d9ado:s3cr3t | base64
    assert_eq!(
        header(&request, "authorization"),
        Some("Basic M240YjV1cmsxZnQ0ZmwzbWc1ZTYyZDlhZG86czNjcjN0")
    );
}

#[tokio::test(start_paused = true)]
async fn id_and_secret_are_encoded_as_in_a_form_before_they_go_into_the_header() {
    let config = AuthConfig::builder("eu-central-1_AbCdEf123", "a+b").client_secret("s:c r%t/é");
    let (request, _) = sent(config, TOKEN).await;
    // printf %s 'a%2Bb:s%3Ac+r%25t%2F%C3%A9' | base64
    assert_eq!(
        header(&request, "authorization"),
        Some("Basic YSUyQmI6cyUzQWMrciUyNXQlMkYlQzMlQTk=")
    );
}

#[tokio::test(start_paused = true)]
async fn any_token_can_be_read_back_from_the_form_and_is_never_in_the_url() {
    for token in ["a&token=b", "a+b c", "100%41", "=#?;", "zażółć", &"&".repeat(4000)] {
        let (request, form) = sent(config(), token).await;
        assert_eq!(form, [pair("token", token), pair("client_id", CLIENT)]);
        assert_eq!(request.url.query(), None);
    }
}

/// The documented errors, and some that are not documented.
#[tokio::test(start_paused = true)]
async fn an_error_of_the_endpoint_is_tried_once() {
    for (act, code) in [
        (refused(400, "invalid_request"), ErrorCode::RevocationDisabled),
        (refused(400, "unsupported_token_type"), ErrorCode::Refused),
        (refused(401, "invalid_client"), ErrorCode::ClientRejected),
        (refused(400, "invalid_client"), ErrorCode::ClientRejected),
        (refused(200, "invalid_client"), ErrorCode::ClientRejected),
        (refused(500, "invalid_request"), ErrorCode::RevocationDisabled),
        (refused(400, "something_new"), ErrorCode::Refused),
        (refused(200, "something_new"), ErrorCode::Refused),
        (Act::Answer(answer(401, "")), ErrorCode::ClientRejected),
        (Act::Answer(answer(403, "<html>")), ErrorCode::Forbidden),
        (Act::Answer(answer(400, r#"{"error":7}"#)), ErrorCode::Refused),
        (Act::Answer(answer(400, "")), ErrorCode::UnexpectedResponse),
        (Act::Answer(answer(400, "{}")), ErrorCode::UnexpectedResponse),
        (Act::Answer(answer(404, "<html>")), ErrorCode::UnexpectedResponse),
        (Act::Answer(answer(204, "")), ErrorCode::UnexpectedResponse),
        (
            Act::Answer(answer(200, r#"{"please":"log in to this network"}"#)),
            ErrorCode::UnexpectedResponse,
        ),
    ] {
        assert_eq!(revoke([act.clone(), ok()]).await, (Err(code), 1), "{act:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_response_and_an_empty_object_are_successes() {
    for body in ["", "{}"] {
        assert_eq!(revoke([Act::Answer(answer(200, body))]).await, (Ok(()), 1), "{body:?}");
    }
}

/// A possible response of a captive portal or a proxy: nothing was revoked.
#[tokio::test(start_paused = true)]
async fn an_empty_response_that_is_not_from_cognito_is_an_error() {
    for headers in [vec![], vec![("content-length".to_owned(), "0".to_owned())]] {
        let mut empty = answer(200, "");
        empty.headers = headers;
        assert_eq!(
            revoke([Act::Answer(empty)]).await,
            (Err(ErrorCode::UnexpectedResponse), 1)
        );
    }
    let mut behind_a_custom_domain = answer(200, "");
    behind_a_custom_domain.headers = vec![("X-Amz-Cognito-Request-Id".to_owned(), "5f0d".to_owned())];
    assert_eq!(revoke([Act::Answer(behind_a_custom_domain)]).await, (Ok(()), 1));
}

#[test]
fn its_debug_holds_no_secret() {
    let endpoint = endpoint(config().client_secret("s3cr3t"), &Scripted::new([ok()]));
    assert!(!format!("{endpoint:?}").contains("s3cr3t"));
}

proptest! {
    /// Nothing of what a server sends is in the error.
    #[test]
    fn an_error_never_repeats_the_servers_words(
        status in 0_u16..=599,
        error in "[a-z_]{6,40}|[A-Za-z0-9._-]{20,60}",
    ) {
        let documented = ["invalid_request", "unsupported_token_type", "invalid_client"];
        prop_assume!(!documented.contains(&error.as_str()));
        let verdict = responses::judge_oauth2_revoke(&refusal(status, &error));
        let message = StepError::from(verdict.unwrap_err()).to_string();
        prop_assert!(!message.contains(TOKEN));
        let own_words = "POST /oauth2/revoke at the user pool's domain: an undocumented error";
        prop_assert!(own_words.contains(&error) || !message.contains(&error), "{message}");
    }
}
