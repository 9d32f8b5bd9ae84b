//! The program `fake_cognito`, as the consumers use it.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::by_lines::ByLines;

pub(super) struct FakeCognito {
    program: ByLines,
    /// Its URL, its user pool and its app client.
    place: Value,
}

impl FakeCognito {
    pub(super) fn start(program: &Path) -> Result<Self, String> {
        let mut program = ByLines::start(&mut Command::new(program))?;
        let place = program.answer()?;
        Ok(Self { program, place })
    }

    /// Where an app finds the server and the user's new session: URL, user pool, app client and three tokens, with blanks between.
    pub(super) fn sign_in(&mut self, user: &str) -> Result<String, String> {
        let tokens = self.program.order(&json!({ "do": "sign_in", "user": user }))?;
        let words = ["url", "user_pool_id", "client_id"].map(|name| &self.place[name]);
        let tokens = ["access_token", "id_token", "refresh_token"].map(|name| &tokens[name]);
        let words: Option<Vec<_>> = words.into_iter().chain(tokens).map(Value::as_str).collect();
        words
            .map(|words| words.join(" "))
            .ok_or_else(|| "the fake gave no tokens".into())
    }

    pub(super) fn is_signed_in(&mut self, user: &str) -> Result<bool, String> {
        let live = self.program.order(&json!({ "do": "live_sessions", "user": user }))?["live"].as_u64();
        live.map(|live| live > 0)
            .ok_or_else(|| "the fake did not say who is signed in".into())
    }
}
