//! Runs the two programs at the server, in turn.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use super::figures::{Cell, Library, Server, Times};
use crate::by_lines::ByLines;

/// So that connections are open and code is compiled: sign-outs that are not measured.
const WARM_UP: usize = 20;

/// Where everything lies.
pub(super) struct Bench {
    pub(super) server: PathBuf,
    pub(super) ours: PathBuf,
    pub(super) script: PathBuf,
    pub(super) modules: PathBuf,
    /// In seconds.
    pub(super) patience: u64,
}

/// How often each library signs out.
pub(super) struct Rounds {
    rounds: usize,
    repetitions: usize,
}

impl Rounds {
    /// So many times in one process.
    pub(super) fn together(repetitions: usize) -> Self {
        Self { rounds: 1, repetitions }
    }

    /// So many times, each in a new process: what an unanswered sign-out leaves behind would disturb the next.
    pub(super) fn each_new(rounds: usize) -> Self {
        Self { rounds, repetitions: 1 }
    }
}

impl Bench {
    /// A cell for each library.
    pub(super) fn measure(&self, server: Server, global: bool, rounds: Rounds) -> Result<Vec<Cell>, String> {
        println!(
            "{}, {}",
            server.name(),
            if global { "everywhere" } else { "this device" }
        );
        let mut cells = Library::BOTH.map(|library| Cell::empty(server, global, library));
        for _ in 0..rounds.rounds {
            let mut round = Round::begin(self, global)?;
            for library in Library::BOTH {
                for _ in 0..WARM_UP {
                    round.sign_out(library)?;
                }
            }
            round.set(server)?;
            for _ in 0..rounds.repetitions {
                for (library, cell) in Library::BOTH.into_iter().zip(&mut cells) {
                    let sign_out = round.sign_out(library)?;
                    cell.add(&sign_out)?;
                }
            }
        }
        Ok(cells.into())
    }

    fn program(&self, library: Library) -> Command {
        match library {
            Library::Ours => Command::new(&self.ours),
            Library::Amplify => {
                let mut node = Command::new("node");
                node.args([&self.script, &self.modules]);
                node
            }
        }
    }
}

/// The server and both programs.
struct Round {
    // Dropped in this order: a program ends before the server it waits for.
    programs: [ByLines; 2],
    server: ByLines,
    global: bool,
    patience: u64,
}

/// What one sign-out was like, as the program and the server tell it.
struct SignOut {
    told: Value,
    live: Value,
    requests: Value,
}

impl Round {
    fn begin(bench: &Bench, global: bool) -> Result<Self, String> {
        let mut server = ByLines::start(&mut Command::new(&bench.server))?;
        let place = server.answer()?;
        let start = |library| {
            let mut command = bench.program(library);
            for name in ["url", "user_pool_id", "client_id"] {
                command.arg(place[name].as_str().ok_or("the server does not say where it is")?);
            }
            ByLines::start(&mut command)
        };
        let [ours, amplify] = Library::BOTH;
        Ok(Self {
            programs: [start(ours)?, start(amplify)?],
            server,
            global,
            patience: bench.patience,
        })
    }

    fn set(&mut self, server: Server) -> Result<(), String> {
        match server {
            Server::Delay(millis) => self.order(&json!({ "do": "delay", "millis": millis })).map(drop),
            Server::NeverAnswers => ["RevokeToken", "GlobalSignOut"].into_iter().try_for_each(|operation| {
                self.order(&json!({ "do": "fault", "operation": operation, "fault": "Hang" }))
                    .map(drop)
            }),
        }
    }

    /// An order to the server.
    fn order(&mut self, order: &Value) -> Result<Value, String> {
        self.server.order(order)
    }

    fn sign_out(&mut self, library: Library) -> Result<SignOut, String> {
        let mut order = self.order(&json!({ "do": "sign_in", "user": "ana" }))?;
        let token = order["refresh_token"].clone();
        order["user"] = json!("ana");
        order["global"] = json!(self.global);
        order["wait_seconds"] = json!(self.patience);
        self.order(&json!({ "do": "forget_requests" }))?;
        let [ours, amplify] = &mut self.programs;
        let told = match library {
            Library::Ours => ours.order(&order)?,
            Library::Amplify => amplify.order(&order)?,
        };
        Ok(SignOut {
            told,
            live: self.order(&json!({ "do": "is_refresh_token_live", "token": token }))?["live"].clone(),
            requests: self.order(&json!({ "do": "requests" }))?["requests"].clone(),
        })
    }
}

impl Cell {
    fn empty(server: Server, global: bool, library: Library) -> Self {
        Self {
            server,
            global,
            library,
            signed_out: Times::default(),
            result: Times::default(),
            said: String::new(),
            left: String::new(),
            signed_in: false,
            live: false,
            requests: String::new(),
        }
    }

    /// Adds a repetition. What it did must be what the others did; only its times may differ.
    fn add(&mut self, sign_out: &SignOut) -> Result<(), String> {
        let SignOut { told, live, requests } = sign_out;
        let words = |list: &Value, name: Option<&str>| {
            let list = list.as_array().into_iter().flatten();
            let words = list.filter_map(|word| name.map_or(word, |name| &word[name]).as_str());
            words.collect::<Vec<_>>().join(", ")
        };
        let this = Self {
            signed_out: Times::default(),
            result: Times::default(),
            said: told["result"].as_str().unwrap_or_default().to_owned(),
            left: words(&told["left"], None),
            signed_in: told["signed_in"] == true,
            live: live == true,
            requests: words(requests, Some("operation")),
            ..*self
        };
        let (signed_out, result) = (std::mem::take(&mut self.signed_out), std::mem::take(&mut self.result));
        if !signed_out.0.is_empty() && *self != this {
            return Err(format!(
                "two repetitions differ: {} and {}",
                self.to_json(),
                this.to_json()
            ));
        }
        *self = this;
        // To the microsecond.
        let time = |name: &str| told[name].as_f64().map(|millis| (millis * 1000.0).round() / 1000.0);
        self.signed_out = Times([signed_out.0, vec![time("signed_out_ms")]].concat());
        self.result = Times([result.0, vec![time("result_ms")]].concat());
        Ok(())
    }
}
