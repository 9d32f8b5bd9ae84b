//! The administrator's commands: they sign users of a user pool out with IAM credentials, one or all, and say what a sign-out
//! does with an app client.

mod args;
mod doctor;
mod failures;
mod for_people;
mod many;
mod output;
mod progress;
mod sample;
mod sessions;
mod signals;

use std::time::{Duration, Instant};

use cognito_signout::admin::{AdminClient, AdminError};
use cognito_signout::transport::RustlsTransport;

pub(crate) use args::Cli;
pub(crate) use output::Output;

use crate::admin::args::{Command, SignOut};
use crate::admin::output::Signer;
use crate::print;

pub(crate) async fn perform(cli: &Cli) -> Output {
    let started = Instant::now();
    let output = match client(cli) {
        Ok(client) => carry_out(client, cli).await,
        Err(error) => Output::failed("credentials", &error),
    };
    output.took(started.elapsed())
}

async fn carry_out(client: AdminClient, cli: &Cli) -> Output {
    let signer = match client.signer().await {
        Ok(signer) => Signer::from(signer),
        Err(error) => return Output::failed("credentials", &error),
    };
    // First, so that a person can stop the program if the account is wrong.
    if !cli.common.json {
        print::aside(&signer.to_string());
    }
    let output = match &cli.command {
        Command::SignOut(arguments) => sign_out(client, arguments).await,
        Command::Sessions(arguments) => sessions::list(client, arguments).await,
        Command::EndSession(arguments) => sessions::end(client, arguments).await,
        Command::Doctor(arguments) => doctor::examine(client, arguments, cli.common.json).await,
        Command::SignOutAll(arguments) => many::sign_out_all(client, arguments, cli.common.json).await,
    };
    Output {
        signer: Some(signer),
        ..output
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

async fn sign_out(client: AdminClient, arguments: &SignOut) -> Output {
    let (pool, user) = (&arguments.user_pool, &arguments.user);
    if let Some(kept) = &arguments.others_than {
        return sessions::end_others(client, pool, user, kept).await;
    }
    if arguments.disable
        && let Err(error) = client.disable_user(pool, user).await
    {
        return Output::failed("disable", &error);
    }
    match client.global_sign_out(pool, user).await {
        Ok(()) => Output::signed_out(arguments.disable),
        Err(error) if arguments.disable => Output::partial("sign_out", &error),
        Err(error) => Output::failed("sign_out", &error),
    }
}
