//! Signs a user out in every way that can go well or wrong, on a Cognito of its own: `cargo run --example demo`.
//!
//! What it prints is what happened, and it holds each line against what had to happen: its exit code is 0 only if all of
//! it did.

mod file_vault;
mod killed;
mod scenes;
mod show;
mod stage;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::stage::{Outcome, Stage};

#[tokio::main]
async fn main() -> Outcome<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, rest @ ..] = &arguments[..]
        && first == killed::VICTIM
    {
        killed::be_killed(rest).await?;
    }
    // No scene takes more than two seconds; whatever is wrong, the demo ends.
    tokio::time::timeout(Duration::from_secs(60), play()).await?
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
