//! The C ABI, as C sees it: the library's file, loaded at run time. `cargo xtask c --test` builds the file and names it in
//! `COGNITO_SIGNOUT_C`. Every message in both directions is held against `bindings/c/messages.schema.json`. On Linux alone, whose tools check the programs in C.

#![cfg(target_os = "linux")]
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
#[path = "../support/secret_service.rs"]
mod secret_service;
mod watched;
#[allow(dead_code, reason = "who the peers are is Rust's to check")]
#[path = "../shared_scenarios/words.rs"]
mod words;

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

/// In a process of its own, so that no other test adds to the messages, and in a D-Bus session of its own, for the call that can open
/// a prompt.
#[test]
fn every_shared_scenario_passes_and_every_message_of_the_schema_occurs() {
    secret_service::in_session(|| {
        let (passed, failed) = tokio::runtime::Runtime::new().unwrap().block_on(run(LIST));
        println!("{} scenarios passed", passed.len());
        assert!(failed.is_empty(), "their panics are above: {failed:#?}");
        calls::all();
        calls::the_user_is_asked_to_unlock_the_keychain();
        forms::all();
        assert_eq!(schema::never_occurred(), [""; 0]);
        misuse::what_the_schema_does_not_know_is_refused();
    });
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
