//! Emulators of Cognito by other authors, as separate processes: on loopback, on free ports, ended with the test.

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use super::conformance::{PASSWORD, UserPool};
use super::installed::installed;
use super::wire::{Reply, Tokens, Wire, http_client, secret_hash};

const READY_WITHIN: Duration = Duration::from_secs(30);

/// A user pool with one app client on a real server.
pub(crate) struct RealServer {
    pub(crate) endpoint: String,
    pub(crate) user_pool_id: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<String>,
    deviations: &'static [(&'static str, &'static str)],
    wire: Wire,
    _process: Child,
}

/// Whether the app client has a secret.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum AppClient {
    Public,
    Confidential,
}

impl RealServer {
    /// ministack: a sign-out has the same effects as at AWS. When it revokes, it checks neither client nor secret.
    pub(crate) async fn ministack(client: AppClient) -> Self {
        let port = free_port();
        let process = server("ministack-1.5.33/bin/ministack")
            .env("AUTH", "true")
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("IOT_MTLS_ENABLED", "0")
            .env("COGNITO_EMAIL_ENABLED", "false")
            .spawn()
            .expect("ministack starts");
        let endpoint = format!("http://127.0.0.1:{port}");
        let health = wait_until_healthy(&format!("{endpoint}/_ministack/health")).await;
        // Without these two it accepts every token, and the tests against it would prove nothing.
        assert_eq!(health["auth"], "enabled", "ministack runs without AUTH=true");
        let garbage = Wire::new(&endpoint)
            .call("GlobalSignOut", json!({ "AccessToken": "garbage" }))
            .await;
        assert!(
            !garbage.is_ok(),
            "ministack does not verify tokens: is `cryptography` installed?"
        );
        Self::with_pool(endpoint, client, MINISTACK_DEVIATIONS, process).await
    }

    /// cognitox: strict about requests. Its own binary listens on every interface, so `tests/servers/cognitox` is used.
    pub(crate) async fn cognitox(client: AppClient) -> Self {
        let mut process = server("cognitox-0.2.1/bin/cognitox-loopback")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("cognitox starts");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let endpoint = timeout(READY_WITHIN, lines.next_line())
            .await
            .expect("cognitox is ready in time");
        let endpoint = endpoint.unwrap().expect("cognitox says where it listens");
        wait_until_healthy(&format!("{endpoint}/health")).await;
        Self::with_pool(endpoint, client, COGNITOX_DEVIATIONS, process).await
    }

    /// moto: the administrator's operations, but not the user's sign-out.
    #[cfg(feature = "admin")]
    pub(crate) async fn moto(client: AppClient) -> Self {
        let port = free_port();
        let process = server("moto-5.2.5/bin/moto_server")
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .spawn()
            .expect("moto starts");
        let endpoint = format!("http://127.0.0.1:{port}");
        wait_until_healthy(&format!("{endpoint}/moto-api/data.json")).await;
        // It does not run the conformance suite: it lacks half of it.
        Self::with_pool(endpoint, client, &[], process).await
    }

    /// The server's response to an administrator's request, in plain HTTP.
    #[cfg(feature = "admin")]
    pub(crate) async fn admin(&self, operation: &str, mut input: Value) -> Value {
        input["UserPoolId"] = json!(self.user_pool_id);
        expect_ok(self.wire.call_signed(operation, input).await)
    }

    async fn with_pool(
        endpoint: String,
        client: AppClient,
        deviations: &'static [(&'static str, &'static str)],
        process: Child,
    ) -> Self {
        let wire = Wire::new(&endpoint);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let pool = expect_ok(wire.call_signed("CreateUserPool", json!({ "PoolName": "pool" })).await);
        let user_pool_id = text(&pool["UserPool"]["Id"]).unwrap();
        let request = json!({
            "UserPoolId": user_pool_id,
            "ClientName": "client",
            "GenerateSecret": client == AppClient::Confidential,
            "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        });
        let created = expect_ok(wire.call_signed("CreateUserPoolClient", request).await);
        let app_client = &created["UserPoolClient"];
        let client_secret = text(&app_client["ClientSecret"]);
        assert_eq!(client_secret.is_some(), client == AppClient::Confidential);
        Self {
            client_id: text(&app_client["ClientId"]).unwrap(),
            endpoint,
            user_pool_id,
            client_secret,
            deviations,
            wire,
            _process: process,
        }
    }

    /// Begins a session of a user whom [`UserPool::add_user`] added with [`PASSWORD`].
    pub(crate) async fn sign_in(&self, username: &str) -> Tokens {
        let mut parameters = json!({ "USERNAME": username, "PASSWORD": PASSWORD });
        if let Some(secret) = &self.client_secret {
            parameters["SECRET_HASH"] = json!(secret_hash(secret, username, &self.client_id));
        }
        let flow = "USER_PASSWORD_AUTH";
        let body = json!({ "ClientId": self.client_id, "AuthFlow": flow, "AuthParameters": parameters });
        self.wire.call("InitiateAuth", body).await.tokens_of(username)
    }
}

impl UserPool for RealServer {
    fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    fn user_pool_id(&self) -> String {
        self.user_pool_id.clone()
    }

    fn client_id(&self) -> String {
        self.client_id.clone()
    }

    fn client_secret(&self) -> Option<String> {
        self.client_secret.clone()
    }

    async fn add_user(&self, username: &str, password: &str) {
        let user = json!({ "UserPoolId": self.user_pool_id, "Username": username, "MessageAction": "SUPPRESS" });
        expect_ok(self.wire.call_signed("AdminCreateUser", user).await);
        let password = json!({
            "UserPoolId": self.user_pool_id,
            "Username": username,
            "Password": password,
            "Permanent": true,
        });
        expect_ok(self.wire.call_signed("AdminSetUserPassword", password).await);
    }

    fn deviations(&self) -> &'static [(&'static str, &'static str)] {
        self.deviations
    }
}

const MINISTACK_DEVIATIONS: &[(&str, &str)] = &[
    ("RevokeToken by an unknown client", "ok; refresh dead"),
    ("RevokeToken with garbage", "ok"),
    ("RevokeToken with an access token", "ok; refresh live, access live"),
    (
        "RevokeToken without and with a wrong secret",
        "ok; refresh dead; ok; refresh dead",
    ),
    ("GetTokensFromRefreshToken with a wrong secret", "ok"),
];

const COGNITOX_DEVIATIONS: &[(&str, &str)] = &[
    ("how an error is marked", "status 401, header none"),
    ("origin_jti", "in no token"),
    (
        "RevokeToken",
        "ok; this session: refresh dead, access dead, refreshed access dead; other session: refresh live, access dead",
    ),
    (
        "messages after RevokeToken",
        "Invalid refresh token; Invalid access token",
    ),
    ("RevokeToken again", "NotAuthorizedException"),
    ("RevokeToken after GlobalSignOut", "NotAuthorizedException"),
    ("AdminUserGlobalSignOut unsigned", "ok"),
];

/// An installed server as a silent process, which ends with its handle.
fn server(path: &str) -> Command {
    let mut command = Command::new(installed(path));
    command
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command
}

/// A port that was free a moment ago. The server cannot choose one itself.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

async fn wait_until_healthy(url: &str) -> Value {
    let http = http_client();
    let healthy = async {
        loop {
            if let Ok(response) = http.get(url).send().await {
                let health = response.bytes().await.expect("a whole answer");
                return serde_json::from_slice(&health).expect("JSON");
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(READY_WITHIN, healthy)
        .await
        .unwrap_or_else(|_| panic!("{url} is not ready within {READY_WITHIN:?}"))
}

fn expect_ok(reply: Reply) -> Value {
    assert_eq!(reply.outcome(), "ok", "{}", reply.message());
    reply.body
}
