//! The hosted pages as a browser sees them: a small browser, and the sign-in.

mod logout;
mod oauth;
mod sso;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use url::form_urlencoded::{Serializer, parse};

use super::*;
use crate::Secret;
use crate::fake_cognito::{FakeCognitoBuilder, Fault, OAuthError};

const CALLBACK: &str = "http://localhost:8765/callback";
const SIGNED_OUT: &str = "http://localhost:8765/signed-out?from=app";
const HOUR: Duration = Duration::from_secs(60 * 60);

fn builder() -> FakeCognitoBuilder {
    FakeCognito::builder()
        .callback_uris([CALLBACK, "myapp://cb?x=1"])
        .sign_out_uris([SIGNED_OUT])
}

/// One browser, with the one cookie that it has received.
struct Browser<'a> {
    fake: &'a FakeCognito,
    cookie: Option<String>,
}

impl<'a> Browser<'a> {
    fn new(fake: &'a FakeCognito) -> Self {
        Self { fake, cookie: None }
    }

    async fn call(&mut self, request_line: &str, headers: &str, body: &str) -> Reply {
        let cookie = self
            .cookie
            .as_ref()
            .map(|cookie| format!("cookie: theme=dark; {cookie}\r\n"));
        let request = format!(
            "{request_line} HTTP/1.1\r\nhost: fake\r\n{}{headers}content-length: {}\r\n\r\n{body}",
            cookie.unwrap_or_default(),
            body.len()
        );
        let reply = exchange(&mut connect(self.fake).await, &request).await;
        if let Some(set) = reply.exact_header("set-cookie") {
            let pair = set.split(';').next().unwrap().to_owned();
            self.cookie = (!pair.ends_with('=')).then_some(pair);
        }
        reply
    }

    async fn get(&mut self, path: &str, query: &[(&str, &str)]) -> Reply {
        self.call(&format!("GET {path}?{}", encoded(query)), "", "").await
    }

    async fn submit(&mut self, query: &[(&str, &str)], username: &str) -> Reply {
        let form = encoded(&[("username", username), ("password", "whatever")]);
        let line = format!("POST /login?{}", encoded(query));
        let headers = "content-type: application/x-www-form-urlencoded\r\n";
        self.call(&line, headers, &form).await
    }

    async fn sign_in(&mut self, username: &str) {
        let query = sign_in_query(self.fake);
        let reply = self.submit(&pairs(&query), username).await;
        assert_eq!(reply.status(), 302, "{}", reply.text());
    }

    async fn log_out(&mut self, query: &[(&str, &str)]) -> Reply {
        let client_id = self.fake.client_id();
        let query = [&[("client_id", client_id.as_str())], query].concat();
        self.get("/logout", &query).await
    }
}

impl Reply {
    fn exact_header(&self, name: &str) -> Option<String> {
        let text = self.text();
        let mut lines = text.lines().take_while(|line| !line.is_empty());
        lines.find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned))
    }

    fn location(&self) -> String {
        assert_eq!(self.status(), 302, "{}", self.text());
        self.exact_header("location").unwrap()
    }

    /// A parameter of the redirect's URL.
    fn sent_back(&self, name: &str) -> Option<String> {
        let location = self.location();
        let (_, query) = location.split_once('?')?;
        let mut parameters = parse(query.as_bytes());
        parameters.find_map(|(known, value)| (known == name).then(|| value.into_owned()))
    }

    fn is_form(&self) -> bool {
        self.status() == 200 && self.text().contains(r#"<form method="post""#)
    }
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

type Query = Vec<(&'static str, String)>;

fn sign_in_query(fake: &FakeCognito) -> Query {
    vec![
        ("client_id", fake.client_id()),
        ("redirect_uri", CALLBACK.to_owned()),
        ("response_type", "code".to_owned()),
        ("scope", "openid aws.cognito.signin.user.admin".to_owned()),
        ("state", "a&b=c d%#é".to_owned()),
    ]
}

/// The same with one parameter set or left out.
fn with(mut query: Query, name: &'static str, value: Option<&str>) -> Query {
    query.retain(|(known, _)| *known != name);
    query.extend(value.map(|value| (name, value.to_owned())));
    query
}

fn pairs(query: &Query) -> Vec<(&str, &str)> {
    query.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

async fn post_form(fake: &FakeCognito, path: &str, authorization: Option<&str>, form: &[(&str, &str)]) -> Reply {
    let authorization = authorization.map(|value| format!("authorization: {value}\r\n"));
    let headers = format!(
        "content-type: application/x-www-form-urlencoded\r\n{}",
        authorization.unwrap_or_default()
    );
    let line = format!("POST {path}");
    Browser::new(fake).call(&line, &headers, &encoded(form)).await
}

#[tokio::test]
async fn the_login_page_is_a_form_that_a_person_can_fill_in() {
    let fake = builder().start().await.unwrap();
    for path in ["/login", "/oauth2/authorize"] {
        let reply = Browser::new(&fake).get(path, &pairs(&sign_in_query(&fake))).await;
        assert!(reply.is_form(), "{}", reply.text());
        let text = reply.text();
        for part in [
            r#"id="username" name="username""#,
            r#"id="password" name="password""#,
            r#"type="submit""#,
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(reply.exact_header("set-cookie"), None);
        assert_eq!(reply.exact_header("cache-control").as_deref(), Some("no-store"));
    }
    assert_eq!(fake.operations(), [Operation::HostedLogin; 2]);
}

#[tokio::test]
async fn signing_in_sets_a_cookie_and_returns_with_a_code_that_gives_tokens_once() {
    let fake = builder().start().await.unwrap();
    let mut browser = Browser::new(&fake);
    let query = sign_in_query(&fake);
    let reply = browser.submit(&pairs(&query), "ana").await;

    let cookie = reply.exact_header("set-cookie").unwrap();
    assert!(cookie.starts_with("cognito=") && cookie.ends_with("; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax"));
    assert!(reply.location().starts_with("http://localhost:8765/callback?code="));
    assert_eq!(reply.sent_back("state").as_deref(), Some("a&b=c d%#é"));
    assert!(fake.has_browser_session("ana") && !fake.has_browser_session("bob"));

    let (code, client_id) = (reply.sent_back("code").unwrap(), fake.client_id());
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", client_id.as_str()),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
    ];
    let response = post_form(&fake, "/oauth2/token", None, &form).await;
    assert_eq!(response.status(), 200);
    let tokens = response.json();
    assert_eq!(
        (&tokens["token_type"], &tokens["expires_in"]),
        (&json!("Bearer"), &json!(3600))
    );
    assert!(fake.is_access_token_live(&Secret::new(tokens["access_token"].as_str().unwrap())));
    assert!(fake.is_refresh_token_live(&Secret::new(tokens["refresh_token"].as_str().unwrap())));
    assert_eq!(fake.live_sessions("ana"), 1);

    let again = post_form(&fake, "/oauth2/token", None, &form).await;
    assert_eq!(
        (again.status(), again.json()),
        (400, json!({ "error": "invalid_grant" }))
    );
    fake.assert_no_token_in_urls();
}

#[tokio::test]
async fn a_live_cookie_leads_straight_back_for_an_hour_and_only_in_that_browser() {
    let fake = builder().start().await.unwrap();
    let mut browser = Browser::new(&fake);
    browser.sign_in("ana").await;
    let query = sign_in_query(&fake);

    for path in ["/login", "/oauth2/authorize"] {
        let reply = browser.get(path, &pairs(&query)).await;
        assert!(reply.sent_back("code").is_some());
    }
    assert!(Browser::new(&fake).get("/login", &pairs(&query)).await.is_form());

    fake.advance(HOUR - Duration::from_secs(60));
    assert!(fake.has_browser_session("ana"));
    fake.advance(Duration::from_secs(60));
    assert!(!fake.has_browser_session("ana"));
    assert!(browser.get("/login", &pairs(&query)).await.is_form());
}

#[tokio::test]
async fn prompts_request_the_form_or_forbid_it() {
    let fake = builder().start().await.unwrap();
    let prompt = |prompt| with(sign_in_query(&fake), "prompt", Some(prompt));
    let mut browser = Browser::new(&fake);
    let none = browser.get("/oauth2/authorize", &pairs(&prompt("none"))).await;
    assert_eq!(none.sent_back("error").as_deref(), Some("login_required"));
    assert!(none.sent_back("state").is_some() && none.sent_back("code").is_none());

    browser.sign_in("ana").await;
    let none = browser.get("/oauth2/authorize", &pairs(&prompt("none"))).await;
    assert!(none.sent_back("code").is_some());
    assert!(
        browser
            .get("/oauth2/authorize", &pairs(&prompt("login")))
            .await
            .is_form()
    );
    let select = browser
        .get("/oauth2/authorize", &pairs(&prompt("select_account")))
        .await;
    assert!(
        select.sent_back("code").is_some(),
        "it has no effect on the pages' own session"
    );
}

#[tokio::test]
async fn only_exactly_the_app_clients_own_redirects_are_followed() {
    let fake = builder().start().await.unwrap();
    let mut browser = Browser::new(&fake);
    browser.sign_in("ana").await;
    for (name, value) in [
        ("client_id", Some("another")),
        ("client_id", None),
        ("redirect_uri", Some("http://localhost:8765/callback/")),
        ("redirect_uri", Some("http://localhost:8765/Callback")),
        ("redirect_uri", Some("http%3A%2F%2Flocalhost%3A8765%2Fcallback")),
        ("redirect_uri", Some(SIGNED_OUT)),
        ("redirect_uri", None),
    ] {
        let query = with(sign_in_query(&fake), name, value);
        let opened = browser.get("/login", &pairs(&query)).await;
        let submitted = Browser::new(&fake).submit(&pairs(&query), "bob").await;
        for reply in [opened, submitted] {
            assert_eq!(
                (reply.status(), reply.exact_header("location")),
                (400, None),
                "{name} {value:?}"
            );
        }
    }
    assert!(!fake.has_browser_session("bob"));

    let query = with(sign_in_query(&fake), "redirect_uri", Some("myapp://cb?x=1"));
    let reply = browser.get("/login", &pairs(&query)).await;
    assert!(reply.location().starts_with("myapp://cb?x=1&code="));
    let query = with(sign_in_query(&fake), "response_type", Some("token"));
    for mut browser in [browser, Browser::new(&fake)] {
        let reply = browser.get("/login", &pairs(&query)).await;
        assert_eq!(reply.sent_back("error").as_deref(), Some("invalid_request"));
    }
}

#[tokio::test]
async fn a_user_pool_with_default_settings_redirects_nowhere() {
    let fake = FakeCognito::start().await.unwrap();
    let mut browser = Browser::new(&fake);
    assert_eq!(browser.get("/login", &pairs(&sign_in_query(&fake))).await.status(), 400);
    assert_eq!(browser.log_out(&[("logout_uri", SIGNED_OUT)]).await.status(), 400);
}

#[tokio::test]
async fn a_page_escapes_whatever_the_request_contains() {
    let fake = builder().start().await.unwrap();
    let mut browser = Browser::new(&fake);
    // Unencoded, as no browser would send it.
    let raw = format!(
        "GET /login?client_id={}&redirect_uri={CALLBACK}&response_type=code&state='\"><script>",
        fake.client_id()
    );
    let reply = browser.call(&raw, "", "").await;
    assert!(
        reply.is_form() && !reply.text().contains("<script>"),
        "{}",
        reply.text()
    );
}

#[tokio::test(start_paused = true)]
async fn every_page_is_recorded_and_can_fail() {
    let fake = builder().start().await.unwrap();
    let (client_id, refresh) = (fake.client_id(), fake.sign_in("ana").refresh);
    let requests = [
        ("GET /login", Operation::HostedLogin, vec![]),
        ("POST /login", Operation::HostedLogin, vec![]),
        ("GET /oauth2/authorize", Operation::HostedLogin, vec![]),
        ("GET /logout", Operation::HostedLogout, vec![]),
        ("POST /oauth2/token", Operation::OAuth2Token, vec![]),
        (
            "POST /oauth2/revoke",
            Operation::OAuth2Revoke,
            vec![("token", refresh.reveal())],
        ),
    ];
    for (line, operation, form) in &requests {
        fake.forget_requests();
        fake.on(*operation).once(Fault::HtmlPage(503));
        fake.on(*operation).once(Fault::Hang);
        fake.on(*operation).once(Fault::RefuseOAuth(OAuthError::InvalidClient));
        let headers = "content-type: application/x-www-form-urlencoded\r\n";
        let mut reply = Vec::new();
        for _ in 0..3 {
            let body = encoded(&[form.as_slice(), &[("client_id", client_id.as_str())]].concat());
            reply.push(Browser::new(&fake).call(line, headers, &body).await);
        }
        assert_eq!((reply[0].status(), &reply[1].ending), (503, &Ending::Silence));
        assert_eq!(
            (reply[2].status(), reply[2].json()),
            (401, json!({ "error": "invalid_client" }))
        );
        assert_eq!(fake.operations(), [*operation; 3]);
    }
    assert!(fake.is_refresh_token_live(&refresh));
    let printed = format!("{:?}", fake.requests()[2]);
    assert_eq!(printed, "POST /oauth2/revoke OAuth2Revoke {client_id, token} -> 401");
    assert_eq!(fake.requests()[2].body()["token"], refresh.reveal());

    let form = [("token", refresh.reveal()), ("client_id", client_id.as_str())];
    fake.on(Operation::OAuth2Revoke).once(Fault::TokenAsMessage);
    let leaky = post_form(&fake, "/oauth2/revoke", None, &form).await.json();
    assert_eq!(leaky["error_description"], refresh.reveal());
    fake.on(Operation::OAuth2Revoke).after_effect().once(Fault::Reset);
    post_form(&fake, "/oauth2/revoke", None, &form).await;
    assert!(!fake.is_refresh_token_live(&refresh));
}

#[tokio::test]
async fn a_hosted_page_is_found_by_its_path_and_not_by_the_apis_header() {
    let fake = builder().start().await.unwrap();
    for operation in [
        Operation::HostedLogin,
        Operation::HostedLogout,
        Operation::OAuth2Token,
        Operation::OAuth2Revoke,
    ] {
        let reply = call(&fake, operation, &json!({})).await;
        assert_eq!(reply.json()["__type"], "UnknownOperationException");
    }
    assert_eq!(fake.operations(), []);
    for line in ["POST /logout", "GET /oauth2/revoke", "GET /oauth2/token", "GET /login/"] {
        assert_eq!(Browser::new(&fake).call(line, "", "").await.status(), 404, "{line}");
    }
}

#[tokio::test]
async fn no_debug_output_contains_a_cookie_or_a_code() {
    let fake = builder().start().await.unwrap();
    let mut browser = Browser::new(&fake);
    let query = sign_in_query(&fake);
    let code = browser.submit(&pairs(&query), "ana").await.sent_back("code").unwrap();
    let cookie = browser.cookie.clone().unwrap();
    browser.get("/login", &pairs(&query)).await;
    let printed = format!("{fake:?} {:?} {:?}", fake.requests(), fake.shared);
    for secret in [code.as_str(), cookie.strip_prefix("cognito=").unwrap(), "whatever"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
