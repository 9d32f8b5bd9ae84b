//! Stores, shows, refreshes and ends the session of one app client, at a real user pool or any endpoint.
//!
//! `cargo run --example cli -- --help`

mod answer;
mod args;
mod print;
mod session_file;
mod web;

use std::io::ErrorKind;
use std::time::Instant;

use clap::Parser;
use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::{KeychainVault, MemoryVault};
use cognito_signout::{
    Auth, AuthConfig, AuthError, ConfigError, HostedUi, RevocationRoute, SessionState, SignOutResult, SystemBrowser,
    UnpaidRevocations,
};

use crate::answer::{Answer, Outcome};
use crate::args::{Cli, Command, VaultChoice};

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
    // Not by returning, which would wait for a keychain that hangs.
    std::process::exit(code)
}

async fn answer(cli: &Cli) -> Answer {
    let started = Instant::now();
    let auth = match open(cli) {
        Ok(auth) => auth,
        Err(message) => return Answer::usage(message),
    };
    let answer = carry_out(cli, &auth).await;
    match cli.command {
        // The library has timed it.
        Command::SignOut(_) => answer,
        _ => answer.took(started.elapsed()),
    }
}

/// Everything that is asked, as the library's handle.
fn open(cli: &Cli) -> Result<Auth, String> {
    let common = &cli.common;
    let builder = match (&common.config, &common.user_pool, &common.client_id) {
        (Some(path), None, None) => {
            let name = path.display();
            let json = std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
            AuthConfig::from_amplify_json(&json).map_err(|error| format!("{name}: {error}"))?
        }
        (None, Some(user_pool), Some(client_id)) => AuthConfig::builder(user_pool, client_id),
        _ => return Err("give either --config or both --user-pool and --client-id".into()),
    };
    let mut builder = builder.refresh_token_rotation(common.rotation);
    if let Some(secret) = &common.client_secret {
        builder = builder.client_secret(secret.clone());
    }
    if let Some(endpoint) = &common.endpoint {
        builder = builder.endpoint(endpoint);
    }
    if let Some(domain) = &common.domain {
        builder = builder.hosted_ui(hosted_ui(domain, common.sign_out_uri.as_deref())?);
    }
    if common.revoke_at_domain {
        builder = builder.revocation_route(RevocationRoute::PoolDomain);
    }
    if common.hand_over {
        builder = builder.unpaid_revocations(UnpaidRevocations::HandOver);
    }
    let config = builder.build().map_err(|error| match error {
        ConfigError::Invalid { field, .. } if field == "hosted_ui.sign_out_uri" && common.sign_out_uri.is_none() => {
            "--domain needs --sign-out-uri, one of the app client's sign-out URLs; or --revoke-at-domain".into()
        }
        error => error.to_string(),
    })?;
    let transport = RustlsTransport::new();
    Ok(match common.vault {
        VaultChoice::Keychain => Auth::builder(config, KeychainVault::native(), transport),
        VaultChoice::Memory => Auth::builder(config, MemoryVault::default(), transport),
    }
    .browser(SystemBrowser::new())
    .build())
}

/// The hosted pages at this domain.
fn hosted_ui(domain: &str, sign_out_uri: Option<&str>) -> Result<HostedUi, String> {
    let pages = HostedUi::builder(domain);
    let pages = sign_out_uri
        .into_iter()
        .fold(pages, |pages, uri| pages.sign_out_uri(uri));
    pages.build().map_err(|error| error.to_string())
}

async fn carry_out(cli: &Cli, auth: &Auth) -> Answer {
    let reveal = cli.common.reveal;
    if matches!(cli.command, Command::Store) && cli.common.session.is_empty() {
        return Answer::usage("store needs --session FILE");
    }
    for path in &cli.common.session {
        let (tokens, signed_in_with) = match session_file::read(path) {
            Ok(session) => session,
            Err(message) => return Answer::usage(message),
        };
        if let Err(error) = auth.store_session(tokens, signed_in_with).await {
            return Answer::failed("store", &error);
        }
    }
    match &cli.command {
        Command::Store => with_session(auth, Answer::new(Outcome::Complete)).await,
        Command::Status => status(auth).await,
        Command::Refresh => match auth.refresh().await {
            Ok(tokens) => {
                let answer = with_session(auth, Answer::new(Outcome::Complete)).await;
                let tokens = reveal.then(|| (&tokens).into());
                Answer { tokens, ..answer }
            }
            Err(error) => Answer::failed("refresh", &error),
        },
        Command::SignOut(sign_out) => Answer::signed_out(&auth.sign_out(sign_out.options(&cli.common)).await, reveal),
        Command::BeginSignOut(sign_out) => {
            Answer::progress(&auth.begin_sign_out(sign_out.options(&cli.common)).await, reveal)
        }
        Command::FinishSignOut(finish) => Answer::progress(&auth.finish_sign_out(finish.answer()).await, reveal),
        Command::Resume => match auth.resume().await {
            Ok(resumed) => Answer {
                web_step: resumed.web_step.as_ref().map(Into::into),
                ..settled(auth, &resumed.settled, reveal).await
            },
            Err(error) => Answer::not_settled(&error),
        },
        Command::Retry => match auth.settle_pending().await {
            Ok(results) => settled(auth, &results, reveal).await,
            Err(error) => Answer::not_settled(&error),
        },
        Command::Clear => done("clear", auth.clear_local().await),
        Command::Purge => done("purge", auth.purge_local().await),
    }
}

async fn status(auth: &Auth) -> Answer {
    match auth.session().await {
        SessionState::SignedIn(session) => Answer {
            session: Some(session.into()),
            ..Answer::new(Outcome::SignedIn)
        },
        SessionState::SignedOut => Answer::new(Outcome::SignedOut),
        SessionState::Unavailable(error) => Answer {
            result: Outcome::Unavailable,
            ..Answer::failed("status", &AuthError::Vault(error))
        },
    }
}

async fn with_session(auth: &Auth, answer: Answer) -> Answer {
    let session = status(auth).await.session;
    Answer { session, ..answer }
}

async fn settled(auth: &Auth, results: &[SignOutResult], reveal: bool) -> Answer {
    match Answer::settled(results, reveal) {
        Some(answer) => answer,
        None => Answer::nothing_owed(matches!(auth.session().await, SessionState::SignedOut)),
    }
}

fn done(command: &'static str, result: Result<(), AuthError>) -> Answer {
    match result {
        Ok(()) => Answer::new(Outcome::Complete),
        Err(error) => Answer::failed(command, &error),
    }
}
