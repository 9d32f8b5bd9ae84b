//! An app in other processes of a test's D-Bus session. FakeCognito is in the process that starts them.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use cognito_signout::fake_cognito::FakeCognito;

use crate::support::{again, role};

/// Where the children find FakeCognito.
const ENDPOINT: &str = "FAKE_COGNITO";
const ANSWER: &str = "answer: ";

/// If this process is a child: `prepare`s for its role and the server's address, says that it is ready, waits for the start, acts,
/// and prints the result.
pub(crate) fn act_if_child<F: Future<Output = String>>(prepare: impl FnOnce(&str, &str) -> F) -> bool {
    let Some(role) = role() else { return false };
    let act = prepare(&role, &std::env::var(ENDPOINT).unwrap());
    say("ready");
    let mut go = String::new();
    std::io::stdin().read_line(&mut go).unwrap();
    let answer = runtime().block_on(act);
    say(&format!("{ANSWER}{answer}"));
    true
}

/// Prints directly, because libtest captures `println!`.
pub(crate) fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").unwrap();
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

/// Another process of the app, ready to act.
pub(crate) struct Process {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
}

impl Process {
    pub(crate) fn ready_to(role: &str, fake: &FakeCognito) -> Self {
        Self::ready(again(role), fake)
    }

    pub(crate) fn ready(mut command: Command, fake: &FakeCognito) -> Self {
        let mut child = command
            .env(ENDPOINT, fake.url().as_str())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(said.any(|line| line.unwrap() == "ready"));
        Self { child, said }
    }

    pub(crate) fn go(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
    }

    /// Waits until it says this.
    pub(crate) fn has_said(&mut self, line: &str) {
        assert!(self.said.any(|said| said.unwrap() == line));
    }

    /// Its result.
    pub(crate) fn answer(mut self) -> String {
        let answer = (self.said).find_map(|line| Some(line.unwrap().strip_prefix(ANSWER)?.to_owned()));
        assert!(self.child.wait().unwrap().success());
        answer.unwrap()
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        assert!(!self.child.wait().unwrap().success());
    }
}
