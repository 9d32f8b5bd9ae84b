//! The C ABI, as C sees it: the library's file, loaded at run time. `cargo xtask c --test` builds the file and names it in
//! `COGNITO_SIGNOUT_C`. Every message in both directions is held against `bindings/c/messages.schema.json`.

#![allow(
    unsafe_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests say what they expect, and C has only unsafe functions"
)]

mod app;
mod apps;
mod calls;
mod device;
mod forms;
mod library;
#[cfg(target_os = "linux")]
mod memory;
mod misuse;
#[allow(dead_code, reason = "only the program prints its help")]
#[path = "../../examples/fake_cognito/orders.rs"]
mod orders;
#[path = "../shared_scenarios/pool.rs"]
mod pool;
mod programs;
mod runner;
mod schema;
mod watched;
#[allow(dead_code, reason = "who the peers are is Rust's to check")]
#[path = "../shared_scenarios/words.rs"]
mod words;

use std::process::Command;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use words::{Language, List};

/// How many scenarios run at once.
const AT_ONCE: usize = 12;

const LIST: &str = include_str!("../../bindings/scenarios.json");

/// Runs the scenarios of a list. Returns the names of those that passed, and of those that failed.
async fn run(list: &str) -> (Vec<String>, Vec<String>) {
    let list: List = serde_json::from_str(list).unwrap();
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    let scenarios = list.scenarios.into_iter();
    for scenario in scenarios.filter(|scenario| !scenario.not_in.contains(&Language::C)) {
        let places = Arc::clone(&places);
        running.spawn(async move {
            let _place = places.acquire().await.unwrap();
            let name = scenario.name.clone();
            (tokio::spawn(runner::run(scenario)).await.is_ok(), name)
        });
    }
    let (passed, failed): (Vec<_>, Vec<_>) = running.join_all().await.into_iter().partition(|(passed, _)| *passed);
    let names = |outcomes: Vec<(bool, String)>| outcomes.into_iter().map(|(_, name)| name).collect();
    (names(passed), names(failed))
}

/// Runs one test, which is ignored otherwise, in a process of its own.
fn alone(test: &str) {
    let mut process = Command::new(std::env::current_exe().unwrap());
    let output = process
        .args(["--ignored", "--exact", "--nocapture", test])
        .output()
        .unwrap();
    let [said, errors] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success() && said.contains("1 passed"), "{said}\n{errors}");
}

/// What no test has: it would ask for the password of this machine's keychain; FakeCognito knows no city.
const NEVER: [&str; 3] = [
    "call.ask_to_unlock_keychain",
    "ok.ask_to_unlock_keychain",
    "user_session.city",
];

#[test]
fn every_shared_scenario_passes_and_the_messages_are_those_of_the_schema() {
    alone("alone_every_shared_scenario_passes_and_the_messages_are_those_of_the_schema");
}

/// No other test adds to the messages.
#[test]
#[ignore = "alone: the test above starts it"]
fn alone_every_shared_scenario_passes_and_the_messages_are_those_of_the_schema() {
    let (passed, failed) = tokio::runtime::Runtime::new().unwrap().block_on(run(LIST));
    println!("{} scenarios passed", passed.len());
    assert!(failed.is_empty(), "their panics are above: {failed:#?}");
    calls::all();
    forms::all();
    assert_eq!(schema::never_occurred(), NEVER);
    misuse::what_the_schema_does_not_know_is_refused();
}

/// Else the runner would not look.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_expects_something_else_fails() {
    let mut list: serde_json::Value = serde_json::from_str(LIST).unwrap();
    let mut falsified = 0;
    let scenarios = list["scenarios"].as_array_mut().unwrap();
    // Those whose last action expects a result: quick ones, and some of each kind.
    scenarios.retain_mut(|scenario| {
        let wants = |action: &serde_json::Value| action["do"] == "sign_out" && action["expect"]["result"] == "complete";
        let Some(action) = scenario["actions"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .find(|action| wants(action))
        else {
            return false;
        };
        falsified += 1;
        action["expect"]["result"] = "partial".into();
        falsified <= 10
    });
    let (passed, failed) = run(&list.to_string()).await;
    assert_eq!(passed, [""; 0]);
    assert_eq!(failed.len(), 10);
}
