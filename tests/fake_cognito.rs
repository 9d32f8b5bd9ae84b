//! `examples/fake_cognito`, used as tests in other languages use it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests say what they expect")]

#[path = "support/example.rs"]
mod example;

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

struct Program {
    child: Child,
    orders: Option<ChildStdin>,
    responses: Lines<BufReader<ChildStdout>>,
}

impl Program {
    /// Starts the program and reads its first line.
    fn start(arguments: &[&str]) -> (Self, Value) {
        let mut child = Command::new(example::build("fake_cognito"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut program = Self {
            orders: child.stdin.take(),
            responses: BufReader::new(child.stdout.take().unwrap()).lines(),
            child,
        };
        let address = program.response();
        (program, address)
    }

    fn response(&mut self) -> Value {
        serde_json::from_str(&self.responses.next().unwrap().unwrap()).unwrap()
    }

    fn order(&mut self, order: &Value) -> Value {
        writeln!(self.orders.as_ref().unwrap(), "{order}").unwrap();
        self.response()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_prints_its_url_carries_out_orders_and_ends_with_its_input() {
    let (mut program, address) = Program::start(&["--no-revocation"]);
    assert!(address["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert!(address["user_pool_id"].is_string() && address["client_id"].is_string());

    let ana = program.order(&json!({ "do": "sign_in", "user": "ana" }));
    let token = ana["refresh_token"].as_str().unwrap();
    let live = json!({ "do": "is_refresh_token_live", "token": token });
    assert_eq!(program.order(&live), json!({ "live": true }));
    assert_eq!(
        program.order(&json!({ "do": "live_sessions", "user": "ana" })),
        json!({ "live": 1 })
    );
    let issued = program.order(&json!({ "do": "issued_tokens" }));
    assert!(issued["tokens"].as_array().unwrap().contains(&json!(token)));
    assert_eq!(program.order(&json!({ "do": "requests" })), json!({ "requests": [] }));

    drop(program.orders.take());
    assert!(program.child.wait().unwrap().success());
}

#[test]
fn every_fault_can_be_ordered_by_its_rust_name() {
    let (mut program, _) = Program::start(&[]);
    for fault in cognito_signout::fake_cognito::Fault::all() {
        let order = json!({
            "do": "fault", "operation": "RevokeToken", "fault": format!("{fault:?}"), "times": 1, "after_effect": true,
        });
        assert_eq!(program.order(&order), json!({}), "{fault:?}");
    }
    assert_eq!(program.order(&json!({ "do": "heal" })), json!({}));
}

#[test]
fn an_invalid_order_returns_an_error_and_the_next_is_carried_out() {
    let (mut program, _) = Program::start(&[]);
    for invalid in [
        json!({ "do": "sing_in" }),
        json!({ "do": "fault", "operation": "Revoke", "fault": "Reset" }),
        json!({ "do": "fault", "operation": "RevokeToken", "fault": "Rest" }),
        json!({ "do": "sign_in", "user": "ana", "scop": "openid" }),
        json!(7),
    ] {
        assert!(program.order(&invalid)["error"].is_string(), "{invalid}");
    }
    assert_eq!(program.order(&json!({ "do": "go_offline" })), json!({}));
    assert_eq!(program.order(&json!({ "do": "go_online" })), json!({}));
}

#[test]
fn tracked_sessions_can_be_listed_changed_and_turned_off() {
    let (mut program, _) = Program::start(&["--session-tracking", "--max-sessions-per-user", "1", "--updated-issuer"]);
    program.order(&json!({ "do": "sign_in", "user": "ana" }));
    let ana = program.order(&json!({ "do": "sign_in", "user": "ana", "browser": true }));
    let id = program.order(&json!({ "do": "session_id", "token": ana["refresh_token"] }));
    let id = id["session_id"].as_str().unwrap();
    let change = json!({ "do": "set_session", "id": id, "member": "DeviceType", "value": null });
    assert_eq!(program.order(&change), json!({}));
    let listed = program.order(&json!({ "do": "sessions", "user": "ana" }));
    let listed = listed["sessions"].as_array().unwrap();
    assert_eq!(
        listed.len(),
        2,
        "the first sign-in was evicted; an SSO session and a token session are left"
    );
    let entry = listed.iter().find(|session| session["SessionId"] == id).unwrap();
    assert_eq!(
        (entry.get("DeviceType"), entry["OriginSessionId"].is_string()),
        (None, true)
    );
    assert_eq!(
        program.order(&json!({ "do": "session_tracking", "on": false })),
        json!({})
    );
    let listed = program.order(&json!({ "do": "sessions", "user": "ana" }));
    assert_eq!(listed, json!({ "sessions": [] }));
}

#[test]
fn help_lists_every_order() {
    let help = Command::new(example::build("fake_cognito"))
        .arg("--help")
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let source = include_str!("../examples/fake_cognito/orders.rs");
    let (_, orders) = source.split_once("enum Order {").unwrap();
    let (orders, _) = orders.split_once("\n}").unwrap();
    let variants = orders.lines().filter_map(|line| line.strip_prefix("    "));
    let variants = variants.filter(|line| line.starts_with(char::is_uppercase) && line.contains('{'));
    let names: Vec<String> = variants
        .map(|line| snake_case(line.split(' ').next().unwrap()))
        .collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        assert!(help.contains(&format!(r#"{{"do": "{name}""#)), "{name} in {help}");
    }
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
