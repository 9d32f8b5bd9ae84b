//! Signs users of a user pool out with IAM credentials, one or all, and says what a sign-out does at an app client.
//!
//! `cargo run --features admin --example admin -- --help`

mod answer;
mod args;
mod doctor;
mod many;
mod print;
mod progress;
mod sample;

use std::time::Instant;

use clap::Parser;
use cognito_signout::admin::{AdminClient, AdminError};
use cognito_signout::transport::RustlsTransport;

use crate::answer::Answer;
use crate::args::{Cli, Command, Common, SignOut};

#[tokio::main]
async fn main() {
    let (answer, json) = match Cli::try_parse() {
        Ok(cli) => (answer(&cli).await, cli.common.json),
        Err(error) if error.use_stderr() && std::env::args_os().any(|arg| arg == "--json") => {
            let text = error.to_string();
            let first_line = text.lines().next().unwrap_or_default();
            (Answer::usage(first_line.trim_start_matches("error: ")), true)
        }
        // --help too: clap knows where it goes, and with which exit code.
        Err(error) => error.exit(),
    };
    if !json {
        print::for_people(&answer);
    } else if let Err(error) = print::json(&answer) {
        anstream::eprintln!("the answer could not be printed: {error}");
        std::process::exit(4);
    }
    // Not by returning, which would wait for a thread that reads standard input.
    std::process::exit(answer.result.exit_code())
}

async fn answer(cli: &Cli) -> Answer {
    let started = Instant::now();
    let client = match client(&cli.common) {
        Ok(client) => client,
        Err(error) => return Answer::failed("credentials", &error),
    };
    let answer = match &cli.command {
        Command::SignOut(arguments) => sign_out(client, arguments).await,
        Command::Doctor(arguments) => doctor::examine(client, arguments, cli.common.json).await,
        Command::SignOutAll(arguments) => many::sign_out_all(client, arguments, cli.common.json).await,
    };
    answer.took(started.elapsed())
}

fn client(common: &Common) -> Result<AdminClient, AdminError> {
    let mut client = AdminClient::builder(RustlsTransport::new());
    if let Some(profile) = &common.profile {
        client = client.profile(profile);
    }
    if let Some(endpoint) = &common.endpoint {
        client = client.endpoint(endpoint)?;
    }
    Ok(client.build())
}

async fn sign_out(client: AdminClient, arguments: &SignOut) -> Answer {
    let (pool, user) = (&arguments.user_pool, &arguments.user);
    if arguments.disable
        && let Err(error) = client.disable_user(pool, user).await
    {
        return Answer::failed("disable", &error);
    }
    match client.global_sign_out(pool, user).await {
        Ok(()) => Answer::signed_out(arguments.disable),
        Err(error) if arguments.disable => Answer::partial("sign_out", &error),
        Err(error) => Answer::failed("sign_out", &error),
    }
}
