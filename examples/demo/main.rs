//! Signs a user out in every way that can succeed or fail, on a fake Cognito: `cargo run --example demo`. The browser has
//! its own chapter: `cargo run --example demo -- --browser`.
//!
//! It prints what happened, and compares each line with what must happen. Its exit code is 0 only if all lines agree.

mod app_steps;
mod at_the_browser;
mod browser;
mod file_vault;
mod headless;
mod killed;
mod loopback;
mod push_server;
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
        // A person may take any time.
        ["--browser"] => browser::play(Person::Real).await,
        ["--browser=headless"] => in_time(browser::play(Person::Played(Headless::new()))).await,
        [app_steps::VICTIM, ..] => app_steps::be_killed(&arguments[1..]).await,
        [killed::VICTIM, ..] => killed::be_killed(&arguments[1..]).await,
        [browser::VICTIM, ..] => browser::be_killed(&arguments[1..]).await,
        _ => Err("the demo takes no argument, --browser or --browser=headless".into()),
    }
}

/// No scene takes more than two seconds. Whatever goes wrong, the demo ends.
async fn in_time(playing: impl Future<Output = Outcome<ExitCode>>) -> Outcome<ExitCode> {
    tokio::time::timeout(Duration::from_secs(60), playing).await?
}

async fn play() -> Outcome<ExitCode> {
    let started = Instant::now();
    let mut stage = Stage::set_up().await?;
    stage
        .show
        .scene("A fake user pool in this process, and two devices, each with its own vault");
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
    stage.fake.forget_requests();
    scenes::by_revocation(&mut stage).await?;
    stage.fake.forget_requests();
    app_steps::app_steps(&mut stage).await?;
    let all_true = stage.show.end(started.elapsed());
    Ok(if all_true { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
