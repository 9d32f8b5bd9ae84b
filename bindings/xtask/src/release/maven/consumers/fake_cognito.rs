//! The program `fake_cognito`, which takes orders as lines of JSON and answers each with one line.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

pub(super) struct FakeCognito {
    program: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// Its URL, its user pool and its app client.
    place: Value,
}

impl FakeCognito {
    pub(super) fn start(program: &Path) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("{}: {error}", program.display());
        let mut started = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let orders = started.stdin.take();
        let answers = BufReader::new(started.stdout.take().ok_or("the fake has no output")?);
        let mut fake = Self {
            program: started,
            orders,
            answers,
            place: Value::Null,
        };
        fake.place = fake.answer()?;
        Ok(fake)
    }

    /// Where an app finds the server and the user's new session: URL, user pool, app client and three tokens, with blanks between.
    pub(super) fn sign_in(&mut self, user: &str) -> Result<String, String> {
        let tokens = self.order(&json!({ "do": "sign_in", "user": user }))?;
        let words = ["url", "user_pool_id", "client_id"].map(|name| &self.place[name]);
        let tokens = ["access_token", "id_token", "refresh_token"].map(|name| &tokens[name]);
        let words: Option<Vec<_>> = words.into_iter().chain(tokens).map(Value::as_str).collect();
        words
            .map(|words| words.join(" "))
            .ok_or_else(|| "the fake gave no tokens".into())
    }

    pub(super) fn is_signed_in(&mut self, user: &str) -> Result<bool, String> {
        let live = self.order(&json!({ "do": "live_sessions", "user": user }))?["live"].as_u64();
        live.map(|live| live > 0)
            .ok_or_else(|| "the fake did not say who is signed in".into())
    }

    fn order(&mut self, order: &Value) -> Result<Value, String> {
        let orders = self.orders.as_mut().ok_or("the fake takes no orders")?;
        writeln!(orders, "{order}").map_err(|error| format!("the fake takes no orders: {error}"))?;
        self.answer()
    }

    fn answer(&mut self) -> Result<Value, String> {
        let mut line = String::new();
        self.answers
            .read_line(&mut line)
            .map_err(|error| format!("the fake does not answer: {error}"))?;
        serde_json::from_str(&line).map_err(|error| format!("the fake's answer: {error}"))
    }
}

/// It ends when nobody can give it orders any more.
impl Drop for FakeCognito {
    fn drop(&mut self) {
        self.orders = None;
        let _ = self.program.wait();
    }
}
