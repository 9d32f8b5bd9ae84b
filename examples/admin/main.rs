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

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use clap::Parser;
use cognito_signout::admin::{AdminClient, AdminError};
use cognito_signout::transport::RustlsTransport;

use crate::answer::{Answer, Signer};
use crate::args::{Cli, Command, SignOut};

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
    let text = if json {
        print::json(&answer)
    } else {
        print::for_people(&answer)
    };
    let code = match print::out(&text) {
        // Nobody reads on: as it is.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            print::aside(&format!("the answer could not be printed: {error}"));
            4
        }
        _ => answer.result.exit_code(),
    };
    // Not by returning, which would wait for a thread that reads standard input.
    std::process::exit(code)
}

async fn answer(cli: &Cli) -> Answer {
    let started = Instant::now();
    let answer = match client(cli) {
        Ok(client) => perform(client, cli).await,
        Err(error) => Answer::failed("credentials", &error),
    };
    answer.took(started.elapsed())
}

async fn perform(client: AdminClient, cli: &Cli) -> Answer {
    let signer = match client.signer().await {
        Ok(signer) => Signer::from(signer),
        Err(error) => return Answer::failed("credentials", &error),
    };
    // Before anything is done: the wrong account is seen while there is time.
    if !cli.common.json {
        print::aside(&signer.to_string());
    }
    let answer = match &cli.command {
        Command::SignOut(arguments) => sign_out(client, arguments).await,
        Command::Doctor(arguments) => doctor::examine(client, arguments, cli.common.json).await,
        Command::SignOutAll(arguments) => many::sign_out_all(client, arguments, cli.common.json).await,
    };
    Answer {
        signer: Some(signer),
        ..answer
    }
}

fn client(cli: &Cli) -> Result<AdminClient, AdminError> {
    let mut client = AdminClient::builder(RustlsTransport::new());
    if let Some(profile) = &cli.common.profile {
        client = client.profile(profile);
    }
    if let Some(endpoint) = &cli.common.endpoint {
        client = client.endpoint(endpoint)?;
    }
    if let Command::SignOutAll(arguments) = &cli.command {
        client = client.patience(Duration::from_secs(arguments.patience))?;
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
