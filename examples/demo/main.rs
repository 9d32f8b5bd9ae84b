//! Signs a user out in every way that can go well or wrong, on a Cognito of its own: `cargo run --example demo`. The
//! browser has a chapter of its own: `cargo run --example demo -- --browser`.
//!
//! What it prints is what happened, and it holds each line against what had to happen: its exit code is 0 only if all of
//! it did.

mod at_the_browser;
mod browser;
mod file_vault;
mod headless;
mod killed;
mod loopback;
mod scenes;
mod show;
mod stage;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::at_the_browser::Person;
use crate::headless::Headless;
use crate::stage::{Outcome, Stage};

#[tokio::main]
async fn main() -> Outcome<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => in_time(play()).await,
        // A person takes the time that they take.
        ["--browser"] => browser::play(Person::Real).await,
        ["--browser=headless"] => in_time(browser::play(Person::Played(Headless::new()))).await,
        [killed::VICTIM, ..] => killed::be_killed(&arguments[1..]).await,
        [browser::VICTIM, ..] => browser::be_killed(&arguments[1..]).await,
        _ => Err("the demo takes no argument, --browser or --browser=headless".into()),
    }
}

/// No scene takes more than two seconds; whatever is wrong, the demo ends.
async fn in_time(playing: impl Future<Output = Outcome<ExitCode>>) -> Outcome<ExitCode> {
    tokio::time::timeout(Duration::from_secs(60), playing).await?
}

async fn play() -> Outcome<ExitCode> {
    let started = Instant::now();
    let mut stage = Stage::set_up().await?;
    stage
        .show
        .scene("A user pool in this process, and two devices with a vault each");
    stage.show.tell(stage.fake.url().as_str());
    scenes::local(&mut stage).await?;
    stage.fake.forget_requests();
    scenes::global(&mut stage).await?;
    stage.fake.forget_requests();
    scenes::revoke_refused(&mut stage).await?;
    stage.fake.forget_requests();
    scenes::offline(&mut stage).await?;
    stage.fake.forget_requests();
    killed::killed(&mut stage).await?;
    stage.fake.forget_requests();
    scenes::hanging_server(&mut stage).await?;
    let met = stage.show.end(started.elapsed());
    Ok(if met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
