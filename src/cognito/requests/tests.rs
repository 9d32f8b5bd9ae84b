//! Each request of ours beside the one that the AWS SDK's client makes of the same input, with every optional member present
//! and absent; and what each of them reads in a response. The SDK's client comes with the feature `admin`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::config::{BehaviorVersion, Builder, Region};
use aws_sdk_cognitoidentityprovider::types::AuthFlowType;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest as SdkRequest, HttpResponse as SdkResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

use super::super::secret_hash::secret_hash;
use crate::cognito::CognitoClient;
use crate::config::AuthConfig;
use crate::transport::HttpRequest;
use crate::transport::tests::scripted::{Act, Scripted, answer};

const CLIENT: &str = "3n4b5urk1ft4fl3mg5e62d9ado";
const TIME: Duration = Duration::from_secs(8);
/// JSON has to escape some of it.
const TOKEN: &str = "eyJjdHkiOiJKV1QifQ.the-token_\"\\\u{1}\u{e9}\u{1f511}";
const SECRET: &str = "s3cr3t/+=\"";
const DEVICE: &str = "eu-central-1_8a1d\"";

/// What of a request the server goes by.
#[derive(Debug, PartialEq)]
struct Wire {
    method: String,
    url: String,
    content_type: String,
    target: String,
    body: Value,
}

impl From<HttpRequest> for Wire {
    fn from(request: HttpRequest) -> Self {
        let header = |wanted: &str| {
            let mut headers = request.headers.iter().filter(|(name, _)| name == wanted);
            let (_, value) = headers.next().unwrap();
            assert_eq!(headers.next(), None, "once");
            value.clone()
        };
        Self {
            url: request.url.to_string(),
            content_type: header("content-type"),
            target: header("x-amz-target"),
            body: serde_json::from_slice(&request.body).unwrap(),
            method: request.method,
        }
    }
}

impl From<SdkRequest> for Wire {
    fn from(request: SdkRequest) -> Self {
        let header = |name: &str| request.headers().get(name).unwrap().to_owned();
        Self {
            method: request.method().to_owned(),
            url: request.uri().to_owned(),
            content_type: header("content-type"),
            target: header("x-amz-target"),
            body: serde_json::from_slice(request.body().bytes().unwrap()).unwrap(),
        }
    }
}

/// Keeps what the SDK sends, and responds with the text.
#[derive(Debug, Clone)]
struct Capture(Arc<Mutex<Option<SdkRequest>>>, &'static str);

impl HttpConnector for Capture {
    fn call(&self, request: SdkRequest) -> HttpConnectorFuture {
        *self.0.lock().unwrap() = Some(request);
        HttpConnectorFuture::ready(Ok(SdkResponse::new(200.try_into().unwrap(), SdkBody::from(self.1))))
    }
}

impl HttpClient for Capture {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// Both clients, and what each has sent last.
struct Both {
    ours: CognitoClient,
    our_requests: Arc<Scripted>,
    sdk: Client,
    captured: Capture,
}

impl Both {
    fn new(client_secret: Option<&str>, rotation: bool) -> Self {
        Self::answered(client_secret, rotation, "{}")
    }

    fn answered(client_secret: Option<&str>, rotation: bool, body: &'static str) -> Self {
        let mut config = AuthConfig::builder("eu-central-1_AbCdEf123", CLIENT).refresh_token_rotation(rotation);
        if let Some(secret) = client_secret {
            config = config.client_secret(secret);
        }
        let our_requests = Scripted::new([Act::Answer(answer(200, body))]);
        let captured = Capture(Arc::default(), body);
        let sdk = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .http_client(captured.clone());
        Self {
            ours: CognitoClient::new(&config.build().unwrap(), our_requests.clone()),
            our_requests,
            sdk: Client::from_conf(sdk.build()),
            captured,
        }
    }

    #[track_caller]
    fn assert_the_same(&self) {
        let [ours] = self.our_requests.asked().try_into().unwrap();
        let sdks = self.captured.0.lock().unwrap().take().unwrap();
        assert_eq!(Wire::from(ours), Wire::from(sdks));
    }
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

#[tokio::test]
async fn revoke_token_is_what_awss_sdk_sends() {
    for secret in [None, Some(SECRET)] {
        let both = Both::new(secret, false);
        both.ours.revoke_token(&TOKEN.into(), false, TIME).await.unwrap();
        let request = both.sdk.revoke_token().token(TOKEN).client_id(CLIENT);
        request.set_client_secret(owned(secret)).send().await.unwrap();
        both.assert_the_same();
    }
}

#[tokio::test]
async fn global_sign_out_is_what_awss_sdk_sends() {
    let both = Both::new(Some(SECRET), false);
    both.ours.global_sign_out(&TOKEN.into(), TIME).await.unwrap();
    both.sdk.global_sign_out().access_token(TOKEN).send().await.unwrap();
    both.assert_the_same();
}

#[tokio::test]
async fn get_user_is_what_awss_sdk_sends() {
    let both = Both::new(Some(SECRET), false);
    let _no_user = both.ours.accepts(&TOKEN.into(), TIME).await;
    // The SDK refuses a response without the required members.
    let _no_user = both.sdk.get_user().access_token(TOKEN).send().await;
    both.assert_the_same();
}

#[tokio::test]
async fn get_tokens_from_refresh_token_is_what_awss_sdk_sends() {
    for secret in [None, Some(SECRET)] {
        for device in [None, Some(DEVICE)] {
            let both = Both::new(secret, true);
            let _no_tokens = both.ours.refresh(&TOKEN.into(), Some("mary"), device, TIME).await;
            let request = both.sdk.get_tokens_from_refresh_token();
            let request = request.refresh_token(TOKEN).client_id(CLIENT);
            let request = request.set_client_secret(owned(secret)).set_device_key(owned(device));
            request.send().await.unwrap();
            both.assert_the_same();
        }
    }
}

#[tokio::test]
async fn initiate_auth_is_what_awss_sdk_sends() {
    for secret in [None, Some(SECRET)] {
        for device in [None, Some(DEVICE)] {
            let both = Both::new(secret, false);
            let _no_tokens = both.ours.refresh(&TOKEN.into(), Some("mary"), device, TIME).await;
            let request = both.sdk.initiate_auth().client_id(CLIENT);
            let mut request = request.auth_flow(AuthFlowType::RefreshTokenAuth);
            request = request.auth_parameters("REFRESH_TOKEN", TOKEN);
            if let Some(secret) = secret {
                let hash = secret_hash(&secret.into(), "mary", CLIENT).unwrap();
                request = request.auth_parameters("SECRET_HASH", hash.as_str());
            }
            if let Some(device) = device {
                request = request.auth_parameters("DEVICE_KEY", device);
            }
            request.send().await.unwrap();
            both.assert_the_same();
        }
    }
}

/// JSON may escape any letter. `{"exp":1}` is in the access token, `{"exp":2}` in the ID token.
const REFRESHED: [&str; 3] = [
    r#"{"AuthenticationResult":{"AccessToken":"e30.eyJleHAiOjF9.c2ln","IdToken":"e30.eyJleHAiOjJ9.c2ln","ExpiresIn":3600,"TokenType":"Bearer"}}"#,
    r#"{"AuthenticationResult":{"RefreshToken":"new-\u0072efresh","NewDeviceMetadata":{"DeviceKey":"d"},"IdToken":"e30.eyJleHAiOjJ9.c2ln","AccessToken":"e30.ey\u004aleHAiOjF9.c2ln"},"ChallengeParameters":{},"new":[]}"#,
    r#"{"AuthenticationResult":{"AccessToken":"e30.eyJleHAiOjF9.c2ln","IdToken":"e30.eyJleHAiOjJ9.c2ln","RefreshToken":null},"ChallengeName":null,"Session":null}"#,
];

#[tokio::test]
async fn the_tokens_of_a_refresh_are_what_awss_sdk_reads() {
    for body in REFRESHED {
        for rotation in [false, true] {
            let both = Both::answered(None, rotation, body);
            let ours = both.ours.refresh(&TOKEN.into(), None, None, TIME).await.unwrap();
            let sdks = if rotation {
                let request = both.sdk.get_tokens_from_refresh_token();
                let response = request.refresh_token(TOKEN).client_id(CLIENT).send().await.unwrap();
                response.authentication_result
            } else {
                let request = both.sdk.initiate_auth().client_id(CLIENT);
                let response = request.auth_flow(AuthFlowType::RefreshTokenAuth).send().await.unwrap();
                response.authentication_result
            };
            let sdks = sdks.unwrap();
            assert_eq!(Some(ours.access_token.reveal()), sdks.access_token(), "{body}");
            assert_eq!(Some(ours.id_token.reveal()), sdks.id_token(), "{body}");
            let rotated = ours.refresh_token.as_ref().map(|token| token.reveal());
            assert_eq!(rotated, sdks.refresh_token(), "{body}");
        }
    }
}
