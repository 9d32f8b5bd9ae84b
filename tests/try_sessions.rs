//! `examples/try-sessions.sh` as a user runs it, with the real AWS CLI: against FakeCognito, with a stand-in for the person at
//! the browser, and against moto, which has the operations that create and delete a user pool.
//!
//! Not part of a plain `cargo test`, because `.ci/install` must get the AWS CLI and moto: `cargo xtask test --all` does that.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests are tests"
)]
#![cfg(feature = "admin")]

#[allow(dead_code, reason = "made for the tests of the servers, which need more of it")]
mod support {
    pub(crate) mod conformance;
    pub(crate) mod installed;
    pub(crate) mod servers;
    pub(crate) mod wire;
}

use std::collections::BTreeMap;
use std::process::{Output, Stdio};
use std::time::Duration;

use cognito_signout::fake_cognito::FakeCognito;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect;
use serde_json::json;
use support::installed::installed;
use support::servers::{AppClient, RealServer};
use support::wire::Wire;
use tempfile::{NamedTempFile, TempDir};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

const USER: &str = "ana";
const PASSWORD: &str = "correct horse";
const CALLBACK: &str = "http://localhost:8765/";
/// The AWS CLI takes a third of a second for each operation, and more on a busy machine.
const LONGEST: Duration = Duration::from_secs(300);

/// The script in a folder for temporary files of its own.
fn script(temporary: &TempDir) -> Command {
    let path = std::env::var_os("PATH").unwrap();
    let path = [installed("awscli-1.46.3/bin")]
        .into_iter()
        .chain(std::env::split_paths(&path));
    let model = installed("botocore-1.44.8/lib");
    let python = std::fs::read_dir(model).unwrap().next().unwrap().unwrap().path();
    let mut command = Command::new("examples/try-sessions.sh");
    command
        .env("PATH", std::env::join_paths(path).unwrap())
        .env("AWS_DATA_PATH", python.join("site-packages/botocore/data"))
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "example")
        .env("AWS_CONFIG_FILE", temporary.path().join("none"))
        .env("NO_PROXY", "127.0.0.1")
        .env("TMPDIR", temporary.path())
        .args(["--wait", "1"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn output_of(command: &mut Command) -> Output {
    timeout(LONGEST, command.output())
        .await
        .expect("it ends in time")
        .unwrap()
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap()
}

async fn fake() -> FakeCognito {
    let fake = FakeCognito::builder()
        .callback_uris([CALLBACK])
        .sign_out_uris([CALLBACK]);
    let fake = fake.start().await.unwrap();
    fake.add_user(USER, PASSWORD);
    fake
}

/// The script's arguments for the fake's pool, and the file that the password is in.
fn for_pool_of(fake: &FakeCognito, password: &NamedTempFile) -> Vec<String> {
    std::fs::write(password.path(), format!("{PASSWORD}\n")).unwrap();
    let url = fake.url().to_string();
    let arguments = [
        ("--change-pool", fake.user_pool_id()),
        ("--client-id", fake.client_id()),
        ("--user", USER.to_owned()),
        ("--password-file", password.path().to_str().unwrap().to_owned()),
        ("--domain", url.clone()),
        ("--callback", CALLBACK.to_owned()),
        ("--endpoint-url", url),
    ];
    arguments
        .into_iter()
        .flat_map(|(name, value)| [name.to_owned(), value])
        .collect()
}

/// The questions with their answers. Of an error message, only its code; of the seconds, only that there are some.
fn answers(output: &str) -> BTreeMap<&str, Vec<String>> {
    let mut answers: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut question = "";
    for line in output.lines() {
        match line.strip_prefix("    answer  ") {
            Some(answer) => {
                let parts = answer.split("; ").map(|part| part.split("Exception: ").next().unwrap());
                let parts: Vec<_> = parts.collect();
                let text = (0..100).fold(parts.join("; "), |text, seconds| {
                    text.replace(&format!("after {seconds} s"), "after N s")
                });
                answers.entry(question).or_default().push(text);
            }
            None if line.starts_with(' ') => {}
            None => question = line.split_once("  ").map_or(question, |(name, _)| name),
        }
    }
    answers
}

#[track_caller]
fn assert_answers(output: &Output, expected: &[(&str, &[&str])]) {
    let answers = answers(text(&output.stdout));
    for (question, expected) in expected {
        assert_eq!(answers.get(question).unwrap(), expected, "{question}");
    }
}

fn assert_without_secrets(fake: &FakeCognito, output: &Output) {
    let tokens = fake.issued_tokens();
    assert!(tokens.len() > 30, "{} tokens", tokens.len());
    for printed in [text(&output.stdout), text(&output.stderr)] {
        assert!(!printed.contains(PASSWORD));
        for token in &tokens {
            assert!(!printed.contains(token.reveal()), "{printed}");
            // Not a part of one either.
            assert!(!printed.contains(&token.reveal()[20..60]), "{printed}");
        }
    }
}

fn assert_clean(temporary: &TempDir) {
    assert_eq!(
        std::fs::read_dir(temporary.path()).unwrap().count(),
        0,
        "files were left"
    );
}

/// What the pool does with sessions: whether it tracks them, and how many a user can have.
async fn settings(fake: &FakeCognito) -> (String, u64) {
    let input = json!({ "UserPoolId": fake.user_pool_id() });
    let read = Wire::new(fake.url().as_str())
        .call_signed("GetUserPoolSessionConfiguration", input)
        .await;
    let tracking = read.body["UserSessionTracking"].as_str().unwrap().to_owned();
    (tracking, read.body["TokenSession"]["MaxPerUser"].as_u64().unwrap())
}

const GONE: &str = "token session: not listed after N s";
const LIVES: &str = "token session: still listed after N s";

#[tokio::test(flavor = "multi_thread")]
async fn every_question_gets_the_answer_of_the_pool_and_no_token_is_printed() {
    let (fake, temporary, password) = (fake().await, TempDir::new().unwrap(), NamedTempFile::new().unwrap());
    let output = output_of(script(&temporary).args(for_pool_of(&fake, &password))).await;
    assert!(
        output.status.success(),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    assert_without_secrets(&fake, &output);
    assert_clean(&temporary);
    assert_eq!(settings(&fake).await, ("DISABLED".to_owned(), 20));
    let issuer = format!("https://cognito-idp.eu-central-1.amazonaws.com/{}", fake.user_pool_id());
    let no_claims = "token: only with: none; only without: none";
    let ended = format!("accepted; {GONE}");
    let all: [(&str, &[&str]); 18] = [
        ("c1", &["accepted", "the refresh token afterwards: NotAuthorized"]),
        ("d1", &["OperationNotEnabled", "OperationNotEnabled"]),
        ("d2", &["OperationNotEnabled"]),
        ("a1", &[&format!("access {no_claims}"), &format!("id {no_claims}")]),
        (
            "a2",
            &[
                "ListUserSessions with its access token: accepted; the session is not listed",
                "RevokeToken with LINKED: accepted",
            ],
        ),
        ("i1", &[&issuer]),
        ("c2", &["the session has the origin None", &ended]),
        ("c3", &["accepted"]),
        ("c4", &["InvalidParameter"]),
        ("d3", &["InvalidParameter", "the access token afterwards: accepted"]),
        (
            "d4",
            &[
                &ended,
                "its access token: NotAuthorized",
                "its refresh token: NotAuthorized",
                "RevokeToken of it: accepted",
                "the same request again: ResourceNotFound",
            ],
        ),
        ("d5", &["well-formed: ResourceNotFound", "malformed: InvalidParameter"]),
        ("e1", &[&ended, "RevokeToken with LINKED after it: accepted"]),
        ("e2", &[&format!("HTTP 200; {GONE}")]),
        ("g1", &["HTTP 200"]),
        (
            "f1",
            &[
                GONE,
                "its access token: NotAuthorized",
                "its refresh token: NotAuthorized",
                "RevokeToken of it: accepted",
            ],
        ),
        (
            "k1",
            &[
                "its refresh token while tracking is off: accepted",
                &format!("after it is on again: {LIVES}"),
            ],
        ),
        (
            "e5",
            &[&format!("accepted; {LIVES}"), "its refresh token: NotAuthorized"],
        ),
    ];
    assert_answers(&output, &all);
    // FakeCognito does not have the operation of the one other question.
    assert_eq!(answers(text(&output.stdout)).len(), all.len() + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_breaks_off_sets_the_pools_settings_back() {
    let fake = FakeCognito::builder()
        .session_tracking()
        .max_sessions_per_user(7)
        .start()
        .await
        .unwrap();
    let (temporary, password) = (TempDir::new().unwrap(), NamedTempFile::new().unwrap());
    let output = output_of(script(&temporary).args(for_pool_of(&fake, &password))).await;
    assert!(!output.status.success());
    assert!(
        text(&output.stderr).contains("initiate-auth: "),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(settings(&fake).await, ("ENABLED".to_owned(), 7));
    assert_clean(&temporary);
}

/// The person at the browser: signs in where a form is shown.
struct Person {
    http: reqwest::Client,
    cookie: Option<String>,
}

impl Person {
    /// Opens a page, and returns where the browser is sent: `None` if a form is shown.
    async fn open(&mut self, url: &str, fills_in_the_form: bool) -> Option<String> {
        let request = if fills_in_the_form {
            self.http
                .post(url)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(format!("username={USER}"))
        } else {
            self.http.get(url)
        };
        let request = match &self.cookie {
            Some(cookie) => request.header(COOKIE, cookie),
            None => request,
        };
        let response = request.send().await.unwrap();
        let header = |name| Some(response.headers().get(name)?.to_str().unwrap().to_owned());
        if let Some(cookie) = header(SET_COOKIE) {
            self.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        }
        header(LOCATION)
    }

    async fn sign_in(&mut self, url: &str) -> String {
        match self.open(url, false).await {
            Some(callback) => callback,
            None => self
                .open(&url.replace("/oauth2/authorize", "/login"), true)
                .await
                .unwrap(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_at_the_browser_is_led_through_the_rest() {
    let (fake, temporary, password) = (fake().await, TempDir::new().unwrap(), NamedTempFile::new().unwrap());
    let mut process = script(&temporary)
        .args(for_pool_of(&fake, &password))
        .arg("--browser")
        .stdin(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut input = process.stdin.take().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    // The pages are plain HTTP, but this build of reqwest needs a provider to make any client.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut person = Person {
        http: reqwest::Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .build()
            .unwrap(),
        cookie: None,
    };
    let (mut printed, mut url) = (String::new(), String::new());
    let leads = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            let typed = match line.trim_start().split_once(' ') {
                Some(("open", page)) => {
                    page.trim().clone_into(&mut url);
                    None
                }
                Some(("paste", _)) => Some(person.sign_in(&url).await),
                Some(("type", _)) => Some(person.open(&url, false).await.map_or("form", |_| "in").to_owned()),
                Some(("press", _)) => {
                    person.open(&url, false).await;
                    Some(String::new())
                }
                _ => None,
            };
            if let Some(typed) = typed {
                input.write_all(format!("{typed}\n").as_bytes()).await.unwrap();
            }
            printed += &line;
            printed.push('\n');
        }
    };
    timeout(LONGEST, leads).await.expect("it ends in time");
    let output = Output {
        status: process.wait().await.unwrap(),
        stdout: printed.into_bytes(),
        stderr: Vec::new(),
    };
    assert!(output.status.success(), "{}", text(&output.stdout));
    assert_without_secrets(&fake, &output);
    assert_clean(&temporary);
    let gone = format!("{GONE}; SSO session: not listed after N s");
    let sso_lives = format!("{GONE}; SSO session: still listed after N s");
    let sso_gone = format!("{LIVES}; SSO session: not listed after N s");
    assert_answers(
        &output,
        &[
            ("d6", &["NotAuthorized"]),
            ("b1", &["the token session has an SSO session as its origin"]),
            ("b2", &["accepted", "form", &gone, "form"]),
            (
                "e3",
                &[&format!("accepted; {sso_lives}"), &format!("accepted; {gone}"), "form"],
            ),
            ("g2", &[&format!("HTTP 200; {sso_lives}")]),
            ("d7", &[&format!("accepted; {sso_gone}"), "form"]),
            (
                "d8",
                &[&format!("accepted; {gone}"), "one's own access token: NotAuthorized"],
            ),
            ("e4", &[&sso_gone, "its access token: accepted"]),
            (
                "e5",
                &[&format!("accepted; {LIVES}; SSO session: still listed after N s")],
            ),
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_pool_is_deleted_also_if_it_cannot_track_sessions() {
    let server = RealServer::moto(AppClient::Public).await;
    let temporary = TempDir::new().unwrap();
    let output = output_of(script(&temporary).args([
        "--new-pool",
        "--classic-pages",
        "--region",
        "eu-central-1",
        "--endpoint-url",
        &server.endpoint,
    ]))
    .await;
    assert!(!output.status.success());
    assert!(text(&output.stdout).starts_with("Created the user pool"));
    let error = text(&output.stderr);
    assert!(
        error.contains("session settings") && error.lines().count() == 1,
        "{error}"
    );
    let pools = Wire::new(&server.endpoint)
        .call_signed("ListUserPools", json!({ "MaxResults": 60 }))
        .await;
    assert_eq!(pools.body["UserPools"].as_array().unwrap().len(), 1);
    assert_clean(&temporary);
}
