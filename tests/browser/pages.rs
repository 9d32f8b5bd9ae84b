//! Hosted pages with one app client, on each of the servers.

use std::net::UdpSocket;
use std::sync::Mutex;
use std::time::Duration;

use cognito_signout::fake_cognito::{FakeCognito, FakeCognitoBuilder};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;
use url::Url;

use crate::conformance::UserPool;
use crate::oidc_provider::OidcProvider;
use crate::servers::{AppClient, RealServer};
use crate::wire::{Tokens, Wire, http_client};

/// The host of the hosted pages. Everything else has another host, because cookies do not distinguish ports.
pub(crate) const HOST: &str = "127.0.0.1";

/// The name of an identity provider in the user pool.
pub(crate) const PROVIDER: &str = "ExampleId";

/// A user pool's domain, and an app client that may use it.
pub(crate) struct Pages {
    pub(crate) origin: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<String>,
    /// On the app client's list.
    pub(crate) sign_out_uri: String,
    pub(crate) server: Server,
    /// The app's configuration says that the user pool tracks sessions.
    pub(crate) tracks_sessions: bool,
    pub(crate) app_page: AppPage,
}

/// The server of the pages. It ends when this is dropped.
pub(crate) enum Server {
    Fake(FakeCognito),
    OidcProvider { _process: OidcProvider },
    Ministack(RealServer),
}

/// The app's own site, which gets the code. The tests only look at its URLs.
pub(crate) struct AppPage {
    pub(crate) url: Url,
    /// Also on the app client's list. Tests open it without the library.
    pub(crate) signed_out: String,
    server: AbortHandle,
}

impl Pages {
    /// FakeCognito's.
    pub(crate) async fn of_the_fake() -> Self {
        Self::of_a_fake(FakeCognito::builder()).await
    }

    /// FakeCognito's, whose user pool tracks sessions. What is linked to a revoked session ends after this delay.
    pub(crate) async fn of_the_fake_with_tracking(linked_sessions_delay: Duration) -> Self {
        let pool = FakeCognito::builder().session_tracking();
        let pages = Self::of_a_fake(pool.linked_sessions_delay(linked_sessions_delay)).await;
        Self {
            tracks_sessions: true,
            ..pages
        }
    }

    async fn of_a_fake(pool: FakeCognitoBuilder) -> Self {
        let (app_page, sign_out_uri) = (AppPage::serve().await, sign_out_uri());
        let fake = pool
            .client_secret("s3cret")
            .callback_uris([app_page.url.as_str()])
            .sign_out_uris([&sign_out_uri, &app_page.signed_out])
            .start()
            .await
            .unwrap();
        Self {
            origin: fake.url().origin().ascii_serialization(),
            client_id: fake.client_id(),
            client_secret: fake.client_secret().map(|secret| secret.reveal().to_owned()),
            sign_out_uri,
            server: Server::Fake(fake),
            tracks_sessions: false,
            app_page,
        }
    }

    /// The server, if it is FakeCognito.
    pub(crate) fn fake(&self) -> &FakeCognito {
        match &self.server {
            Server::Fake(fake) => fake,
            _ => panic!("not FakeCognito"),
        }
    }

    /// oidc-provider's, under Cognito's names.
    pub(crate) async fn of_oidc_provider() -> Self {
        Self::of(OidcProvider::listen(HOST).await, json!({})).await
    }

    /// oidc-provider's pages that ask before they end a session. There a user can close the tab.
    pub(crate) async fn that_ask() -> Self {
        Self::of(OidcProvider::listen(HOST).await, json!({ "asks": true })).await
    }

    /// oidc-provider's pages that sign in through [`PROVIDER`]: another oidc-provider, which asks before it ends a session.
    pub(crate) async fn with_a_provider_behind() -> (Self, OidcProvider) {
        let (hosted, behind) = (
            OidcProvider::listen(HOST).await,
            OidcProvider::listen("localhost").await,
        );
        let federated = json!({ "name": PROVIDER, "issuer": behind.issuer, "client_id": "pool" });
        let back_to = format!("{}/login/idpresponse", hosted.issuer);
        let pages = Self::of(hosted, json!({ "federated": federated })).await;
        let client = json!({
            "client_id": "pool",
            "token_endpoint_auth_method": "none",
            "redirect_uris": [back_to],
            "post_logout_redirect_uris": [pages.sign_out_uri],
        });
        let behind = behind.serve(&json!({ "asks": true, "client": client })).await;
        (pages, behind)
    }

    async fn of(server: OidcProvider, mut settings: Value) -> Self {
        let (app_page, sign_out_uri) = (AppPage::serve().await, sign_out_uri());
        settings["hosted_pages"] = json!(true);
        settings["client"] = json!({
            "client_id": "app",
            "client_secret": "s3cret",
            "grant_types": ["authorization_code", "refresh_token"],
            "redirect_uris": [app_page.url],
            "post_logout_redirect_uris": [sign_out_uri, app_page.signed_out],
        });
        let server = server.serve(&settings).await;
        Self {
            origin: server.issuer.clone(),
            client_id: "app".into(),
            client_secret: Some("s3cret".into()),
            sign_out_uri,
            server: Server::OidcProvider { _process: server },
            tracks_sessions: false,
            app_page,
        }
    }

    /// ministack's.
    pub(crate) async fn of_ministack() -> Self {
        let (app_page, sign_out_uri) = (AppPage::serve().await, sign_out_uri());
        let server = RealServer::ministack(AppClient::Confidential).await;
        let pages = Self {
            origin: server.endpoint.clone(),
            client_id: server.client_id.clone(),
            client_secret: server.client_secret.clone(),
            server: Server::Ministack(server),
            tracks_sessions: false,
            sign_out_uri,
            app_page,
        };
        pages
            .set_ministacks_sign_out_uris(&[&pages.sign_out_uri, &pages.app_page.signed_out])
            .await;
        pages
    }

    /// Puts these on the list of the app client at ministack.
    pub(crate) async fn set_ministacks_sign_out_uris(&self, uris: &[&str]) {
        let Server::Ministack(server) = &self.server else {
            panic!("not ministack");
        };
        let client = json!({
            "UserPoolId": server.user_pool_id,
            "ClientId": server.client_id,
            "AllowedOAuthFlowsUserPoolClient": true,
            "AllowedOAuthFlows": ["code"],
            "AllowedOAuthScopes": ["openid", "aws.cognito.signin.user.admin"],
            "SupportedIdentityProviders": ["COGNITO"],
            "CallbackURLs": [self.app_page.url],
            "LogoutURLs": uris,
        });
        let updated = Wire::new(&self.origin)
            .call_signed("UpdateUserPoolClient", client)
            .await;
        assert_eq!(updated.outcome(), "ok", "{}", updated.message());
    }

    /// Creates the user ana, on servers that do not accept every name.
    pub(crate) async fn add_ana(&self, password: &str) {
        if let Server::Ministack(server) = &self.server {
            server.add_user("ana", password).await;
        }
    }

    pub(crate) fn user_pool_id(&self) -> String {
        match &self.server {
            Server::Fake(fake) => fake.user_pool_id(),
            Server::OidcProvider { .. } => "eu-central-1_Example".into(),
            Server::Ministack(server) => server.user_pool_id.clone(),
        }
    }

    /// The URL at which a sign-in begins.
    pub(crate) fn authorize_url(&self) -> Url {
        let parameters = [
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", self.app_page.url.as_str()),
            ("response_type", "code"),
            ("scope", "openid"),
        ];
        Url::parse_with_params(&format!("{}/oauth2/authorize", self.origin), parameters).unwrap()
    }

    pub(crate) fn logout_url(&self, parameters: &[(&str, &str)]) -> Url {
        Url::parse_with_params(&format!("{}/logout", self.origin), parameters).unwrap()
    }

    /// Whether this session can still get new tokens.
    pub(crate) async fn refreshes(&self, tokens: &Tokens) -> bool {
        if let Server::Fake(fake) = &self.server {
            return fake.is_refresh_token_live(&tokens.refresh.as_str().into());
        }
        let form = [("grant_type", "refresh_token"), ("refresh_token", &tokens.refresh)];
        self.post("/oauth2/token", &form).await.0 == 200
    }

    /// Sends a request of the app client, with its secret if it has one.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        self.post_as(&self.client_id, self.client_secret.as_deref(), path, form)
            .await
    }

    pub(crate) async fn post_as(
        &self,
        client_id: &str,
        secret: Option<&str>,
        path: &str,
        form: &[(&str, &str)],
    ) -> (u16, Value) {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        let mut request = http_client().post(format!("{}{path}", self.origin));
        match secret {
            Some(_) => request = request.basic_auth(client_id, secret),
            None => drop(body.append_pair("client_id", client_id)),
        }
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(body.finish()).send().await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.bytes().await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }
}

impl AppPage {
    async fn serve() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let server = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    // A browser's request fits, and arrives in one piece on loopback.
                    let _ = stream.read(&mut [0; 8192]).await;
                    let page = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nApp";
                    let _ = stream.write_all(page.as_bytes()).await;
                });
            }
        });
        Self {
            url: format!("{origin}/signed-in").parse().unwrap(),
            signed_out: format!("{origin}/signed-out"),
            server: server.abort_handle(),
        }
    }
}

impl Drop for AppPage {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A sign-out URI with a free port that is not one of the ports of outgoing connections.
fn sign_out_uri() -> String {
    static OURS: Mutex<Vec<UdpSocket>> = Mutex::new(Vec::new());
    for port in 20_000..30_000 {
        // The process that has the UDP port may use the TCP port of the same number. The library's tests do the same.
        let Ok(ours) = UdpSocket::bind((HOST, port)) else {
            continue;
        };
        OURS.lock().unwrap().push(ours);
        if is_free(port) {
            return format!("http://localhost:{port}/signed-out");
        }
    }
    panic!("no port is free");
}

/// Whether nobody listens on this port, with IPv4 or IPv6. A machine may have no IPv6.
pub(crate) fn is_free(port: u16) -> bool {
    let binds = |host: &str, port: u16| std::net::TcpListener::bind((host, port)).is_ok();
    ["127.0.0.1", "::1"]
        .iter()
        .all(|host| binds(host, port) || !binds(host, 0))
}
