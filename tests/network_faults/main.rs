//! An app whose network is at fault, for real: Linux's network namespaces, and rules for their packets. What each call returns,
//! and when. The guide "How it is proved" has the table.
//!
//! Needs a machine on which a user may make namespaces, so plain `cargo test` leaves it out: `cargo test --test network_faults`.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    unsafe_code,
    reason = "tests say what they expect, and print what they measure; a namespace is made by a system call"
)]

mod app;
mod browser;
mod calls;
mod faults;
mod names;
mod network;
mod services;
#[path = "../support/small_servers.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod small_servers;
mod table;

use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use app::App;
use calls::TABLES;
use faults::{FAULTS, Fault};
use futures_util::future::join_all;
use network::Network;
use table::Row;

/// The variable that says which fault a child process has.
const FAULT: &str = "NETWORK_FAULT";

/// A child computes for about this long, and waits for the rest of its time. So the children do not disturb each other's figures.
const BETWEEN_STARTS: Duration = Duration::from_millis(500);

/// Runs only in a child process, in a network of its own.
#[test]
#[ignore = "one fault, in a network of its own"]
fn child() {
    let name = std::env::var(FAULT).unwrap();
    let fault = FAULTS.iter().find(|fault| fault.name == name).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    println!("{}", runtime.block_on(what_happens(fault)).to_line());
    // A name that is still being resolved would hold the runtime up.
    runtime.shutdown_background();
}

async fn what_happens(fault: &Fault) -> Row {
    let (ready, is_ready) = mpsc::channel();
    let network = Network::lay(fault.addresses, move |network| services::serve(&network, &ready));
    let services = is_ready.recv().unwrap();
    let mut apps = Vec::new();
    for call in TABLES.concat() {
        apps.push(App::signed_in(call, &services).await);
    }
    if fault.needs_open_connections() {
        join_all(apps.iter().map(App::connect)).await;
    }
    join_all(apps.iter().map(App::prepare)).await;

    fault.begin(&network, &services);
    let answers = join_all(apps.iter().map(|app| async {
        let answer = app.call().await;
        app.was_true(&answer).await;
        answer
    }));
    let answers = answers.await;
    let arrival = *services.last_arrival.lock().unwrap();
    let as_expected = arrival.map_or(fault.arrivals.is_empty(), |how| fault.arrivals.contains(&how));
    assert!(as_expected, "{}: a request arrived {arrival:?}", fault.name);
    fault.end(&network, &services);
    if fault.can_end() {
        join_all(apps.iter().zip(&answers).map(|(app, answer)| app.goes_on(answer))).await;
    }
    for (call, answer) in TABLES.concat().iter().zip(&answers) {
        assert!(
            answer.took <= call.limit(),
            "{}: {call:?} took {:?}",
            fault.name,
            answer.took
        );
    }
    Row::of(fault, &answers)
}

#[test]
fn each_call_answers_in_time_and_truly_whatever_is_wrong_with_the_network() {
    let children = FAULTS.iter().map(|fault| {
        std::thread::sleep(BETWEEN_STARTS);
        let mut command = network::in_a_network_of_its_own();
        for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] {
            command.env_remove(name).env_remove(name.to_ascii_lowercase());
        }
        command
            .args(["--exact", "child", "--ignored", "--nocapture"])
            .env(FAULT, fault.name);
        command.envs(fault.https_proxy().map(|proxy| ("HTTPS_PROXY", proxy)));
        start(command)
    });
    let children: Vec<_> = children.collect();
    let (mut rows, mut broken) = (Vec::new(), Vec::new());
    for (fault, child) in FAULTS.iter().zip(children) {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        match said.lines().find_map(Row::from_line) {
            Some(row) if output.status.success() => rows.push(row),
            _ => broken.push(format!(
                "{}: {said}{}",
                fault.name,
                String::from_utf8_lossy(&output.stderr)
            )),
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    table::are_in_the_guide(&rows);
}

/// Ends by itself, also if it hangs.
fn start(command: Command) -> std::process::Child {
    let mut limited = Command::new("timeout");
    limited.arg(Duration::from_secs(120).as_secs().to_string());
    limited.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    limited.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}
