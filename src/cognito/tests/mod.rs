//! The client over a scripted transport, in Tokio's paused time: which requests it sends, and with what result.

mod retries;

use std::io::Write;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::*;
use crate::config::AuthConfigBuilder;
use crate::transport::tests::scripted::{Act, Scripted, answer, refusal};
use crate::transport::{HttpRequest, MAX_RESPONSE_BYTES, TransportError};

const TOKEN: &str = "eyJjdHkiOiJKV1QifQ.the-token";
const CLIENT: &str = "3n4b5urk1ft4fl3mg5e62d9ado";
/// JWTs without a name for anybody: `{"exp":1}` and `{"exp":2}`.
const NEW_ACCESS: &str = "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjF9.c2ln";
const NEW_ID: &str = "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjJ9.c2ln";
/// How long a caller waits: as long as a local sign-out with the default deadline.
const TIME: Duration = Duration::from_secs(8);

fn config() -> AuthConfigBuilder {
    AuthConfig::builder("eu-central-1_AbCdEf123", CLIENT)
}

fn client(config: AuthConfigBuilder, transport: &Arc<Scripted>) -> CognitoClient {
    CognitoClient::new(&config.build().unwrap(), transport.clone())
}

/// Both ways to revoke a token. They share the retries, and each has errors of its own.
const ROUTES: [RevocationRoute; 2] = [RevocationRoute::UserPoolsApi, RevocationRoute::PoolDomain];

fn revoking_by(route: RevocationRoute) -> AuthConfigBuilder {
    let hosted_ui = HostedUi::builder("auth.example.com").sign_out_uri("myapp://signed-out");
    config().hosted_ui(hosted_ui.build().unwrap()).revocation_route(route)
}

/// One revocation against the script: its result, and how many attempts it took.
async fn revoke(route: RevocationRoute, acts: impl IntoIterator<Item = Act>) -> (Result<(), ErrorCode>, usize) {
    let transport = Scripted::new(acts);
    let client = client(revoking_by(route), &transport);
    let result = client.revoke_token(&TOKEN.into(), false, TIME).await;
    (result.map_err(|error| error.code()), transport.asked().len())
}

async fn global_sign_out(act: Act) -> Result<GlobalSignOut, ErrorCode> {
    let client = client(config(), &Scripted::new([act]));
    client
        .global_sign_out(&TOKEN.into(), TIME)
        .await
        .map_err(|error| error.code())
}

/// The only request that was made.
fn only(transport: &Scripted) -> (HttpRequest, Value) {
    let [request] = transport.asked().try_into().expect("one request");
    let body = serde_json::from_slice(&request.body).unwrap();
    (request, body)
}

fn header<'a>(request: &'a HttpRequest, wanted: &str) -> Option<&'a str> {
    let header = request.headers.iter().find(|(name, _)| name == wanted);
    header.map(|(_, value)| value.as_str())
}

fn ok() -> Act {
    Act::Answer(answer(200, "{}"))
}

fn refused(code: &str) -> Act {
    Act::Answer(refusal(code, TOKEN))
}

fn tokens() -> Act {
    new_tokens(NEW_ACCESS, NEW_ID)
}

fn new_tokens(access: &str, id: &str) -> Act {
    let result = json!({ "AccessToken": access, "IdToken": id, "RefreshToken": "new-refresh", "ExpiresIn": 3600 });
    Act::Answer(answer(200, &json!({ "AuthenticationResult": result }).to_string()))
}

#[test]
fn a_client_can_be_built_outside_a_runtime() {
    client(config(), &Scripted::new([Act::Hang]));
}

#[tokio::test(start_paused = true)]
async fn a_revocation_is_one_unsigned_post_to_the_region() {
    let transport = Scripted::new([ok()]);
    let client = client(
        config().client_secret("s3cr3t").user_agent("example-app/1.2"),
        &transport,
    );

    client.revoke_token(&TOKEN.into(), false, TIME).await.unwrap();

    let (request, body) = only(&transport);
    assert_eq!(
        body,
        json!({ "Token": TOKEN, "ClientId": CLIENT, "ClientSecret": "s3cr3t" })
    );
    assert_eq!(request.method, "POST");
    assert_eq!(request.url.as_str(), "https://cognito-idp.eu-central-1.amazonaws.com/");
    assert_eq!(header(&request, "content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(header(&request, "authorization"), None);
    let target = "AWSCognitoIdentityProviderService.RevokeToken";
    assert_eq!(header(&request, "x-amz-target"), Some(target));
    let user_agent = header(&request, "user-agent").unwrap();
    assert_eq!(user_agent, "cognito-signout/0.1.0 example-app/1.2");
}

#[tokio::test(start_paused = true)]
async fn an_access_token_is_accepted_only_by_a_response_that_names_the_user() {
    for (body, accepted) in [
        (
            r#"{"Username":"ana","UserAttributes":[{"Name":"sub","Value":"1"}]}"#,
            true,
        ),
        (r#"{"UserAttributes":[]}"#, false),
        (r#"["ana"]"#, false),
        ("{}", false),
        ("", false),
    ] {
        let client = client(config(), &Scripted::new([Act::Answer(answer(200, body))]));
        let asked = client.accepts(&TOKEN.into(), TIME).await.map_err(|error| error.code());
        let expected = if accepted {
            Ok(())
        } else {
            Err(ErrorCode::UnexpectedResponse)
        };
        assert_eq!(asked, expected, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_above_1_mib_is_refused_from_any_transport() {
    let padded = |size: usize| Act::Answer(answer(200, &format!("{{}}{}", " ".repeat(size - 2))));
    for route in ROUTES {
        assert_eq!(revoke(route, [padded(MAX_RESPONSE_BYTES)]).await, (Ok(()), 1));
        let result = revoke(route, [padded(MAX_RESPONSE_BYTES + 1)]).await;
        assert_eq!(result, (Err(ErrorCode::UnexpectedResponse), 1), "{route:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_global_sign_out_says_what_not_authorized_means() {
    let not_authorized = |message| Act::Answer(refusal("NotAuthorizedException", message));
    assert_eq!(global_sign_out(ok()).await, Ok(GlobalSignOut::Done));
    let revoked = not_authorized("Access Token has been revoked");
    assert_eq!(global_sign_out(revoked).await, Ok(GlobalSignOut::AlreadyRevoked));
    for (message, code) in [
        ("Access Token has expired", ErrorCode::SessionExpired),
        ("Access Token does not have required scopes", ErrorCode::MissingScope),
        ("Invalid Access Token", ErrorCode::Refused),
        (TOKEN, ErrorCode::Refused),
    ] {
        assert_eq!(global_sign_out(not_authorized(message)).await, Err(code), "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_without_rotation_proves_the_secret_by_its_hash() {
    let transport = Scripted::new([tokens()]);
    let client = client(config().client_secret("s3cr3t"), &transport);

    let refreshed = client
        .refresh(&TOKEN.into(), Some("mary"), Some("device"), TIME)
        .await
        .unwrap();

    assert_eq!(
        (refreshed.access_token.reveal(), refreshed.id_token.reveal()),
        (NEW_ACCESS, NEW_ID)
    );
    let (request, body) = only(&transport);
    let hash = secret_hash(&"s3cr3t".into(), "mary", CLIENT).unwrap();
    let parameters = json!({ "REFRESH_TOKEN": TOKEN, "SECRET_HASH": *hash, "DEVICE_KEY": "device" });
    assert_eq!(
        body,
        json!({ "AuthFlow": "REFRESH_TOKEN_AUTH", "ClientId": CLIENT, "AuthParameters": parameters })
    );
    assert_eq!(header(&request, "authorization"), None);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_cannot_make_the_hash_sends_nothing() {
    let transport = Scripted::new([tokens()]);
    let client = client(config().client_secret("s3cr3t"), &transport);
    let error = client.refresh(&TOKEN.into(), None, None, TIME).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    assert!(transport.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refresh_with_rotation_brings_the_next_refresh_token() {
    let transport = Scripted::new([tokens()]);
    let client = client(
        config().client_secret("s3cr3t").refresh_token_rotation(true),
        &transport,
    );

    let refreshed = client.refresh(&TOKEN.into(), None, Some("device"), TIME).await.unwrap();

    assert_eq!(refreshed.refresh_token, Some("new-refresh".into()));
    let (request, body) = only(&transport);
    let target = "AWSCognitoIdentityProviderService.GetTokensFromRefreshToken";
    assert_eq!(header(&request, "x-amz-target"), Some(target));
    assert_eq!(
        body,
        json!({ "RefreshToken": TOKEN, "ClientId": CLIENT, "ClientSecret": "s3cr3t", "DeviceKey": "device" })
    );
}

#[tokio::test(start_paused = true)]
async fn only_a_definite_response_ends_the_session() {
    for rotation in [false, true] {
        for (act, code) in [
            (refused("NotAuthorizedException"), ErrorCode::SessionExpired),
            (refused("RefreshTokenReuseException"), ErrorCode::SessionExpired),
            (refused("UserNotFoundException"), ErrorCode::SessionExpired),
            (refused("TooManyRequestsException"), ErrorCode::Throttled),
            (refused("ResourceNotFoundException"), ErrorCode::ClientRejected),
            (Act::Answer(answer(500, "")), ErrorCode::ServiceUnavailable),
            (
                Act::Fail(TransportError::Connect("offline".into())),
                ErrorCode::NetworkUnavailable,
            ),
            (Act::Hang, ErrorCode::TimedOut),
            (ok(), ErrorCode::UnexpectedResponse),
            (Act::Answer(answer(200, "")), ErrorCode::UnexpectedResponse),
            (
                Act::Answer(answer(200, r#"{"AuthenticationResult":{"AccessToken":"a"}}"#)),
                ErrorCode::UnexpectedResponse,
            ),
            (
                Act::Answer(answer(200, r#"{"AuthenticationResult":7}"#)),
                ErrorCode::UnexpectedResponse,
            ),
            // Nobody could read them from the record.
            (new_tokens("opaque", NEW_ID), ErrorCode::UnexpectedResponse),
            (new_tokens(NEW_ACCESS, "opaque"), ErrorCode::UnexpectedResponse),
        ] {
            let client = client(config().refresh_token_rotation(rotation), &Scripted::new([act.clone()]));
            let error = client.refresh(&TOKEN.into(), None, None, TIME).await.unwrap_err();
            assert_eq!(error.code(), code, "{act:?}");
        }
    }
}

/// Where `tracing` writes in [`no_secret_is_logged`].
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn no_secret_is_logged() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // With only one subscriber, `tracing` asks the first thread that reaches an event whether anybody listens. Another test's
    // thread would answer no for all threads.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let _guard = tracing::subscriber::set_default(subscriber);

    let leaky =
        json!({ "__type": TOKEN, "message": TOKEN, "AuthenticationResult": { "AccessToken": 7, "IdToken": TOKEN } });
    for act in [
        ok(),
        tokens(),
        Act::Hang,
        Act::Fail(TransportError::Io("reset".into())),
        refused("NotAuthorizedException"),
        Act::Answer(answer(500, TOKEN)),
        Act::Answer(answer(200, TOKEN)),
        Act::Answer(answer(200, &format!(r#"{{"echo":"{TOKEN}"}}"#))),
        Act::Answer(answer(200, &format!(r#"{{"AuthenticationResult":"{TOKEN}"}}"#))),
        Act::Answer(answer(200, &leaky.to_string())),
    ] {
        for rotation in [false, true] {
            let config = config().client_secret("the-s3cr3t").refresh_token_rotation(rotation);
            let client = client(config, &Scripted::new([act.clone()]));
            let results = [
                format!("{:?}", client.revoke_token(&TOKEN.into(), false, TIME).await),
                format!("{:?}", client.global_sign_out(&TOKEN.into(), TIME).await),
                format!(
                    "{:?} {client:?}",
                    client.refresh(&TOKEN.into(), Some("mary"), None, TIME).await
                ),
            ];
            tracing::info!(?results);
        }
    }

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("results="), "the log was written");
    for secret in [TOKEN, "the-s3cr3t", "new-access", "new-id", "new-refresh"] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "a secret was logged");
    }
    let hash = secret_hash(&"the-s3cr3t".into(), "mary", CLIENT).unwrap();
    assert!(!log.contains(hash.as_str()));
}
