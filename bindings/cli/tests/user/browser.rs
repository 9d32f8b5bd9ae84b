//! The browser step: the program opens `$BROWSER`, which passes the page to the test's own browser.

use std::fs::Permissions;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use cognito_signout::fake_cognito::{FakeCognito, Operation};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::unix::pipe;
use url::Url;

use crate::desk::Desk;
use crate::headless::Headless;
use crate::said::Said;

const SIGNED_IN: &str = "myapp://signed-in";
const OF_THE_APP: &str = "myapp://signed-out";

/// A desk whose user, ana, is also signed in at the hosted pages, in a browser that the program can open.
struct WithBrowser {
    desk: Desk,
    browser: Headless,
    session: PathBuf,
    sign_out_uri: String,
    _port: UdpSocket,
}

impl WithBrowser {
    async fn new() -> Self {
        let (_port, port) = port();
        let sign_out_uri = format!("http://127.0.0.1:{port}/signed-out");
        let fake = FakeCognito::builder().callback_uris([SIGNED_IN]);
        let fake = fake.sign_out_uris([sign_out_uri.as_str(), OF_THE_APP]);
        let desk = Desk::over(fake.start().await.unwrap());
        let browser = Headless::new();
        let login = format!(
            "{}login?client_id={}&response_type=code&redirect_uri={SIGNED_IN}",
            desk.fake.url(),
            desk.fake.client_id()
        );
        let page = browser.sign_in(&login.parse().unwrap(), "ana").await.unwrap();
        assert!(page.url.as_str().starts_with(SIGNED_IN), "{}", page.url);
        assert!(desk.fake.has_browser_session("ana"));
        desk.fake.forget_requests();
        let (session, _) = desk.session("ana.json", "hosted_ui");
        Self {
            desk,
            browser,
            session,
            sign_out_uri,
            _port,
        }
    }

    /// The options for the hosted pages.
    fn pages(&self) -> String {
        format!("--domain {} --sign-out-uri {}", self.desk.fake.url(), self.sign_out_uri)
    }

    /// The page that ends the browser's session.
    fn logout_url(&self) -> String {
        let (pages, client_id) = (self.desk.fake.url(), self.desk.fake.client_id());
        let uri = self.sign_out_uri.replace(':', "%3A").replace('/', "%2F");
        format!("{pages}logout?client_id={client_id}&logout_uri={uri}")
    }

    /// Runs the program beside a browser. Only a `willing` one opens the page.
    async fn run(&self, args: &str, willing: bool) -> Said {
        let (script, pipe) = script(self.desk.folder.path());
        let args = format!("{args} {}", self.pages());
        let program = async {
            let env = [("BROWSER", script.as_path())];
            self.desk.run_with(&args, &[&self.session], &env).await
        };
        let opening = async {
            let url = url_from(pipe).await;
            if willing {
                self.browser.open(&url).await.unwrap();
            }
        };
        tokio::join!(program, opening).0
    }
}

/// The script for `$BROWSER`: it writes its URL into this pipe.
fn script(folder: &Path) -> (PathBuf, pipe::Receiver) {
    let (script, pipe) = (folder.join("browser"), folder.join("pipe"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let write = format!("#!/bin/sh\nprintf '%s\\n' \"$1\" > '{}'\n", pipe.display());
    std::fs::write(&script, write).unwrap();
    std::fs::set_permissions(&script, Permissions::from_mode(0o700)).unwrap();
    // Read-write, so that there is no end of file while nobody writes.
    let pipe = pipe::OpenOptions::new().read_write(true).open_receiver(pipe);
    (script, pipe.unwrap())
}

async fn url_from(pipe: pipe::Receiver) -> Url {
    let mut lines = BufReader::new(pipe).lines();
    let line = tokio::time::timeout(Duration::from_secs(60), lines.next_line()).await;
    line.expect("a browser is opened").unwrap().unwrap().parse().unwrap()
}

/// A port that no other test uses until the socket is dropped: the holder of the number for UDP may use it for TCP. Below the
/// ports that the system gives to outgoing connections.
fn port() -> (UdpSocket, u16) {
    let own = |port| {
        let socket = UdpSocket::bind(("127.0.0.1", port)).ok()?;
        let is_free = TcpListener::bind(("127.0.0.1", port)).is_ok();
        is_free.then_some((socket, port))
    };
    (20_000..30_000).find_map(own).expect("a port is free")
}

fn held_by_the_hosted_pages(state: &str) -> Value {
    json!([{ "holder": "hosted_ui", "state": state }])
}

#[tokio::test]
async fn the_system_browser_ends_its_session_and_the_output_says_so() {
    let with = WithBrowser::new().await;
    let said = with.run("sign-out --web required --json", true).await;
    let object = said.object();
    let web = json!({
        "status": "done",
        "sessions": held_by_the_hosted_pages("ended"),
        "logout_url": null,
        "next_sign_in_prompt": null,
    });
    assert_eq!(object["web"], web);
    assert_eq!(
        (&object["result"], &object["steps"]["web"]),
        (&json!("complete"), &json!("done"))
    );
    assert_eq!(said.code, Some(0));
    assert!(!with.desk.fake.has_browser_session("ana"));
    assert!(with.browser.window().contains("You are signed out"));
    let asked = [Operation::HostedLogout, Operation::RevokeToken];
    assert_eq!(with.desk.fake.operations(), asked);

    let with = WithBrowser::new().await;
    let said = with.run("sign-out", true).await;
    let ended = "  the browser's session at the hosted pages has ended\n";
    assert!(said.stdout.contains(ended), "{}", said.stdout);
}

#[tokio::test]
async fn a_browser_that_does_not_come_back_changes_nothing_under_required() {
    let with = WithBrowser::new().await;
    let args = "sign-out --web required --browser-deadline 300ms --json";
    let said = with.run(args, false).await;
    let object = said.object();
    let web = json!({
        "status": "failed:hosted_ui_timed_out",
        "sessions": held_by_the_hosted_pages("may_persist"),
        "logout_url": with.logout_url(),
        "next_sign_in_prompt": "login",
    });
    assert_eq!(object["web"], web);
    assert_eq!(
        (&object["result"], &object["signed_out_locally"]),
        (&json!("failed"), &json!(false))
    );
    assert_eq!(object["errors"]["web"]["code"], "hosted_ui_timed_out");
    assert_eq!(said.code, Some(4));
    assert!(with.desk.fake.requests().is_empty());
    assert!(with.desk.fake.has_browser_session("ana"));
}

#[tokio::test]
async fn under_best_effort_it_is_partial_and_the_remaining_page_is_named() {
    let with = WithBrowser::new().await;
    let args = "sign-out --web best-effort --browser-deadline 300ms";
    let said = with.run(args, false).await;
    assert_eq!(said.code, Some(3));
    for words in [
        "the browser's session at the hosted pages may persist\n",
        "to end it, open this in that browser: http://127.0.0.1:",
        "send prompt=login",
        "(hosted_ui_timed_out)",
    ] {
        assert!(said.stdout.contains(words), "{}", said.stdout);
    }
    assert_eq!(with.desk.fake.operations(), [Operation::RevokeToken]);
}

#[tokio::test]
async fn begin_prints_the_page_to_open_and_changes_nothing() {
    let with = WithBrowser::new().await;
    let args = format!(
        "begin-sign-out --json --domain {} --sign-out-uri {OF_THE_APP}",
        with.desk.fake.url()
    );
    let said = with.desk.run(&args, &[&with.session]).await;
    let object = said.object();
    assert_eq!(
        (&object["result"], &object["signed_out_locally"]),
        (&json!("begun"), &json!(false))
    );
    assert_eq!(object["web_step"]["comes_back_to"], OF_THE_APP);
    assert_eq!(said.code, Some(0));
    assert!(with.desk.fake.requests().is_empty());
    let open = object["web_step"]["open"].as_str().unwrap().parse().unwrap();
    assert_eq!(with.browser.open(&open).await.unwrap().url.as_str(), OF_THE_APP);
    assert!(!with.desk.fake.has_browser_session("ana"));
}

#[tokio::test]
async fn a_callback_that_no_sign_out_waits_for_is_ignored() {
    let with = WithBrowser::new().await;
    for callback in [OF_THE_APP, "--cancelled"] {
        let args = format!("finish-sign-out {callback} --json");
        let said = with.desk.run(&args, &[&with.session]).await;
        let ignored = json!({ "result": "ignored", "errors": {}, "elapsed_ms": 0 });
        assert_eq!(said.object(), ignored);
        assert_eq!(said.code, Some(4));
    }
    assert!(with.desk.fake.requests().is_empty());
}

#[tokio::test]
async fn revoking_at_the_domain_needs_no_sign_out_uri() {
    let with = WithBrowser::new().await;
    let (session, tokens) = with.desk.session("api.json", "api");
    let args = format!("sign-out --revoke-at-domain --json --domain {}", with.desk.fake.url());
    let said = with.desk.run(&args, &[&session]).await;
    assert_eq!(said.object()["steps"]["revoke_token"], "done");
    assert_eq!(with.desk.fake.operations(), [Operation::OAuth2Revoke]);
    assert!(!with.desk.fake.is_refresh_token_live(&tokens.refresh));
}
