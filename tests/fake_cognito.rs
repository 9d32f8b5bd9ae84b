//! `examples/fake_cognito`, as tests in other languages drive it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests say what they expect")]

#[path = "support/example.rs"]
mod example;

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

struct Program {
    child: Child,
    orders: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Program {
    /// Starts it, and reads where it is.
    fn start(arguments: &[&str]) -> (Self, Value) {
        let mut child = Command::new(example::build("fake_cognito"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut program = Self {
            orders: child.stdin.take(),
            answers: BufReader::new(child.stdout.take().unwrap()).lines(),
            child,
        };
        let place = program.answer();
        (program, place)
    }

    fn answer(&mut self) -> Value {
        serde_json::from_str(&self.answers.next().unwrap().unwrap()).unwrap()
    }

    fn ask(&mut self, order: &Value) -> Value {
        writeln!(self.orders.as_ref().unwrap(), "{order}").unwrap();
        self.answer()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_says_where_it_is_carries_out_orders_and_ends_with_its_input() {
    let (mut program, place) = Program::start(&["--no-revocation"]);
    assert!(place["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert!(place["user_pool_id"].is_string() && place["client_id"].is_string());

    let ana = program.ask(&json!({ "do": "sign_in", "user": "ana" }));
    let token = ana["refresh_token"].as_str().unwrap();
    let live = json!({ "do": "is_refresh_token_live", "token": token });
    assert_eq!(program.ask(&live), json!({ "live": true }));
    assert_eq!(
        program.ask(&json!({ "do": "live_sessions", "user": "ana" })),
        json!({ "live": 1 })
    );
    let issued = program.ask(&json!({ "do": "issued_tokens" }));
    assert!(issued["tokens"].as_array().unwrap().contains(&json!(token)));
    assert_eq!(program.ask(&json!({ "do": "requests" })), json!({ "requests": [] }));

    drop(program.orders.take());
    assert!(program.child.wait().unwrap().success());
}

#[test]
fn every_fault_can_be_ordered_as_rust_prints_it() {
    let (mut program, _) = Program::start(&[]);
    for fault in cognito_signout::fake_cognito::Fault::all() {
        let order = json!({
            "do": "fault", "operation": "RevokeToken", "fault": format!("{fault:?}"), "times": 1, "after_effect": true,
        });
        assert_eq!(program.ask(&order), json!({}), "{fault:?}");
    }
    assert_eq!(program.ask(&json!({ "do": "heal" })), json!({}));
}

#[test]
fn an_order_that_is_none_is_answered_with_an_error_and_the_next_is_carried_out() {
    let (mut program, _) = Program::start(&[]);
    for none in [
        json!({ "do": "sing_in" }),
        json!({ "do": "fault", "operation": "Revoke", "fault": "Reset" }),
        json!({ "do": "fault", "operation": "RevokeToken", "fault": "Rest" }),
        json!({ "do": "sign_in", "user": "ana", "scop": "openid" }),
        json!(7),
    ] {
        assert!(program.ask(&none)["error"].is_string(), "{none}");
    }
    assert_eq!(program.ask(&json!({ "do": "go_offline" })), json!({}));
    assert_eq!(program.ask(&json!({ "do": "go_online" })), json!({}));
}
