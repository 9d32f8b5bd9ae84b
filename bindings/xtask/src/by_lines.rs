//! A program that takes orders as lines of JSON, and answers each with one line: `examples/fake_cognito`, and what `compare` measures.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

pub(crate) struct ByLines {
    program: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl ByLines {
    pub(crate) fn start(command: &mut Command) -> Result<Self, String> {
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut program = started.map_err(|error| format!("{command:?} could not be started ({error})"))?;
        let orders = program.stdin.take();
        let answers = program.stdout.take().ok_or("the program has no output")?;
        Ok(Self {
            program,
            orders,
            answers: BufReader::new(answers),
        })
    }

    pub(crate) fn order(&mut self, order: &Value) -> Result<Value, String> {
        let orders = self.orders.as_mut().ok_or("the program takes no orders")?;
        writeln!(orders, "{order}").map_err(|error| format!("the program takes no orders: {error}"))?;
        self.answer()
    }

    /// The next line.
    pub(crate) fn answer(&mut self) -> Result<Value, String> {
        let mut line = String::new();
        self.answers
            .read_line(&mut line)
            .map_err(|error| format!("the program does not answer: {error}"))?;
        serde_json::from_str(&line).map_err(|error| format!("the program's answer: {error}"))
    }
}

/// It ends when nobody can give it orders any more.
impl Drop for ByLines {
    fn drop(&mut self) {
        self.orders = None;
        let _ = self.program.wait();
    }
}
