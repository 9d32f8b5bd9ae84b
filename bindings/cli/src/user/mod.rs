//! The user's commands: they store, show, refresh and end the session of one app client, at a real user pool or at any
//! endpoint.

mod adopt;
mod args;
mod files;
mod for_people;
mod output;
mod session_file;
mod web;

use std::time::Instant;

use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::{KeychainVault, MemoryVault};
use cognito_signout::{
    Auth, AuthConfig, AuthError, ConfigError, HostedUi, RevocationRoute, SessionState, SignOutResult, SystemBrowser,
    UnpaidRevocations,
};

pub(crate) use args::{AFTER_HELP, Cli};
pub(crate) use output::Output;

use crate::program::Output as _;
use crate::sessions::ShownSession;
use crate::user::args::{Command, EndSession, SignOut, VaultChoice};
use crate::user::output::Verdict;

pub(crate) async fn perform(cli: &Cli) -> Output {
    let started = Instant::now();
    let config = match config(cli) {
        Ok(config) => config,
        Err(message) => return Output::usage(&message),
    };
    let output = carry_out(cli, &config).await;
    match cli.command {
        // The library has measured the time.
        Command::SignOut(SignOut { others: false, .. }) => output,
        _ => output.took(started.elapsed()),
    }
}

/// The options' user pool and app client.
fn config(cli: &Cli) -> Result<AuthConfig, String> {
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
    if common.session_tracking {
        builder = builder.session_tracking(true);
    }
    if common.hand_over {
        builder = builder.unpaid_revocations(UnpaidRevocations::HandOver);
    }
    builder.build().map_err(|error| match error {
        ConfigError::Invalid { field, .. } if field == "hosted_ui.sign_out_uri" && common.sign_out_uri.is_none() => {
            "--domain needs --sign-out-uri, one of the app client's sign-out URLs; or --revoke-at-domain".into()
        }
        error => error.to_string(),
    })
}

/// The library's handle.
fn open(vault: VaultChoice, config: AuthConfig) -> Auth {
    let transport = RustlsTransport::new();
    match vault {
        VaultChoice::Keychain => Auth::builder(config, KeychainVault::native(), transport),
        VaultChoice::Memory => Auth::builder(config, MemoryVault::default(), transport),
    }
    .browser(SystemBrowser::new())
    .build()
}

/// The hosted pages at this domain.
fn hosted_ui(domain: &str, sign_out_uri: Option<&str>) -> Result<HostedUi, String> {
    let pages = HostedUi::builder(domain);
    let pages = sign_out_uri
        .into_iter()
        .fold(pages, |pages, uri| pages.sign_out_uri(uri));
    pages.build().map_err(|error| error.to_string())
}

async fn carry_out(cli: &Cli, config: &AuthConfig) -> Output {
    let auth = &open(cli.common.vault, config.clone());
    let reveal = cli.common.reveal;
    if matches!(cli.command, Command::Store) && cli.common.session.is_empty() {
        return Output::usage("store needs --session FILE");
    }
    for path in &cli.common.session {
        let (tokens, signed_in_with) = match session_file::read(path) {
            Ok(session) => session,
            Err(message) => return Output::usage(&message),
        };
        if let Err(error) = auth.store_session(tokens, signed_in_with).await {
            return Output::failed("store", &error);
        }
    }
    match &cli.command {
        Command::Store => with_session(auth, Output::new(Verdict::Complete)).await,
        Command::Adopt(args) => with_session(auth, adopt::adopt(auth, config, args).await).await,
        Command::Status => status(auth).await,
        Command::Refresh => match auth.refresh().await {
            Ok(tokens) => {
                let output = with_session(auth, Output::new(Verdict::Complete)).await;
                let tokens = reveal.then(|| (&tokens).into());
                Output { tokens, ..output }
            }
            Err(error) => Output::failed("refresh", &error),
        },
        Command::SignOut(SignOut { others: true, .. }) => Output::others(auth.sign_out_others().await),
        Command::SignOut(SignOut { how, .. }) => {
            Output::signed_out(&auth.sign_out(how.options(&cli.common)).await, reveal)
        }
        Command::Sessions => match auth.sessions().await {
            Ok(sessions) => Output {
                sessions: Some(ShownSession::listed(sessions, reveal)),
                ..Output::new(Verdict::Complete)
            },
            Err(error) => Output::failed("sessions", &error),
        },
        Command::EndSession(EndSession { id, linked }) => done("end_session", auth.end_session(id, *linked).await),
        Command::BeginSignOut(how) => Output::progress(&auth.begin_sign_out(how.options(&cli.common)).await, reveal),
        Command::FinishSignOut(finish) => Output::progress(&auth.finish_sign_out(finish.callback()).await, reveal),
        Command::Resume => match auth.resume().await {
            Ok(resumed) => Output {
                web_step: resumed.web_step.as_ref().map(Into::into),
                ..settled(auth, &resumed.settled, reveal).await
            },
            Err(error) => Output::not_settled(&error),
        },
        Command::Retry => match auth.settle_pending().await {
            Ok(results) => settled(auth, &results, reveal).await,
            Err(error) => Output::not_settled(&error),
        },
        Command::Clear => done("clear", auth.clear_local().await),
        Command::Purge => done("purge", auth.purge_local().await),
    }
}

async fn status(auth: &Auth) -> Output {
    match auth.session().await {
        SessionState::SignedIn(session) => Output {
            session: Some(session.into()),
            ..Output::new(Verdict::SignedIn)
        },
        SessionState::SignedOut => Output::new(Verdict::SignedOut),
        SessionState::Unavailable(error) => Output {
            result: Verdict::Unavailable,
            ..Output::failed("status", &AuthError::Vault(error))
        },
    }
}

async fn with_session(auth: &Auth, output: Output) -> Output {
    let session = status(auth).await.session;
    Output { session, ..output }
}

async fn settled(auth: &Auth, results: &[SignOutResult], reveal: bool) -> Output {
    match Output::settled(results, reveal) {
        Some(output) => output,
        None => Output::nothing_owed(matches!(auth.session().await, SessionState::SignedOut)),
    }
}

fn done(command: &'static str, result: Result<(), AuthError>) -> Output {
    match result {
        Ok(()) => Output::new(Verdict::Complete),
        Err(error) => Output::failed(command, &error),
    }
}
