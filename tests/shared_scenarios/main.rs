//! What every binding must do, as data in `bindings/scenarios.json`. Here the list runs through the facade under the bindings. Swift
//! and Kotlin run it through their packages.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests say what they expect, and so do their helpers"
)]

mod device;
#[allow(dead_code, reason = "only the program prints its help")]
#[path = "../../examples/fake_cognito/orders.rs"]
mod orders;
mod pool;
mod ports;
mod runner;
mod words;

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use words::{Language, List};

/// How many scenarios run at once.
const AT_ONCE: usize = 12;

fn list() -> List {
    serde_json::from_str(include_str!("../../bindings/scenarios.json")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_shared_scenario_passes() {
    // Many of them expect an answer in time, so a busy machine must not run all of them at once.
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    let scenarios = list().scenarios.into_iter();
    for scenario in scenarios.filter(|scenario| !scenario.not_in.contains(&Language::Rust)) {
        let places = Arc::clone(&places);
        running.spawn(async move {
            let _place = places.acquire().await.unwrap();
            let name = scenario.name.clone();
            let outcome = tokio::spawn(runner::run(scenario)).await;
            (name, outcome)
        });
    }
    let mut failed = Vec::new();
    for (name, outcome) in running.join_all().await {
        match outcome {
            Ok(()) => println!("passed: {name}"),
            Err(_) => failed.push(name),
        }
    }
    assert!(failed.is_empty(), "their panics are above: {failed:#?}");
}

#[test]
fn the_list_has_every_scenario_of_the_peers_and_no_name_twice() {
    let scenarios = list().scenarios;
    let names: BTreeSet<_> = scenarios.iter().map(|scenario| &scenario.name).collect();
    assert_eq!(names.len(), scenarios.len());
    let peers: BTreeSet<_> = scenarios.iter().filter_map(|scenario| scenario.peers).collect();
    assert_eq!(peers, (1..=26).collect());
}
