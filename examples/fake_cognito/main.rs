//! A `FakeCognito` as a separate program, for tests and examples in other languages: `cargo run --example fake_cognito`.
//!
//! It prints one line of JSON with its URL. Then it reads orders, one line of JSON each, from standard input, and prints
//! one line of JSON for each; `--help` lists them. It ends when its standard input ends, so a test that dies leaves no
//! process behind. The tokens that it prints are fake ones, for the test that ordered them.

#![allow(clippy::print_stdout, reason = "the program prints its results")]

mod orders;

use std::error::Error;
use std::io::Write;
use std::time::Duration;

use clap::Parser;
use cognito_signout::fake_cognito::FakeCognito;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

/// The end of `--help`. A test compares it with [`orders::Order`].
const ORDERS: &str = r#"Orders, one line of JSON each. The result is one line of JSON, {} if none is described here:
  {"do": "sign_in", "user": U}              begin a session: {"access_token", "id_token", "refresh_token"}
                                            optional: "scope": S, or "through": P, an identity provider,
                                            or "browser": true, through the hosted pages
  {"do": "fault", "operation": O, "fault": F}
                                            the requests for the operation meet the fault
                                            O is RevokeToken, HostedLogout, ...; F is written as in Rust:
                                            Reset, HtmlPage(503), Refuse(Forbidden), ...
                                            optional: "times": N, "after_effect": true
  {"do": "heal"}                            remove all faults
  {"do": "delay", "millis": N}              delay every response from now on
  {"do": "go_offline"}                      refuse connections
  {"do": "go_online"}                       accept them again
  {"do": "advance", "seconds": N}           move the server's clock forward
  {"do": "requests"}                        {"requests": [{"operation", "method", "path", "status"}]}
  {"do": "forget_requests"}                 empty that list
  {"do": "delete_user", "user": U}          delete the user
  {"do": "sign_out_everywhere", "user": U}  as AdminUserGlobalSignOut
  {"do": "set_enabled", "user": U, "on": B} as AdminDisableUser or AdminEnableUser
  {"do": "require_password_reset", "user": U}
                                            as AdminResetUserPassword
  {"do": "live_sessions", "user": U}        {"live": the number of sessions that can be refreshed}
  {"do": "is_refresh_token_live", "token": T}
                                            {"live": true or false}
  {"do": "is_access_token_live", "token": T}
                                            {"live": true or false}
  {"do": "has_browser_session", "user": U}  {"live": true or false}
  {"do": "issued_tokens"}                   {"tokens": [every token issued so far]}
  {"do": "sessions", "user": U}             {"sessions": [as AdminListUserSessions returns them]}
  {"do": "session_id", "token": T}          {"session_id": of the token's session, or null}
  {"do": "set_session", "id": I, "member": M, "value": V}
                                            set a member of the session's entry in all lists; null removes it
  {"do": "session_tracking", "on": B}       turn session tracking on or off
  {"do": "set_user_pool", "member": M, "value": V}
                                            set a member of what DescribeUserPool returns
An invalid order has the result {"error": "why"}."#;

/// A fake Cognito user pool in a separate process, controlled by lines of JSON on standard input.
#[derive(Debug, Parser)]
#[command(after_help = ORDERS)]
struct Settings {
    /// Give the app client this secret
    #[arg(long)]
    client_secret: Option<String>,
    /// Turn token revocation off
    #[arg(long)]
    no_revocation: bool,
    /// Rotate refresh tokens, with a grace period of this many seconds
    #[arg(long)]
    rotation: Option<u64>,
    /// Lifetime of access tokens, in seconds
    #[arg(long)]
    access_token_lifetime: Option<u64>,
    /// Track sessions
    #[arg(long)]
    session_tracking: bool,
    /// Active token sessions that a user can have while sessions are tracked
    #[arg(long, default_value_t = 20)]
    max_sessions_per_user: usize,
    /// How long the hosted pages reuse an SSO session, in minutes
    #[arg(long, default_value_t = 60)]
    sso_validity: u64,
    /// Delay before linked sessions end, in milliseconds
    #[arg(long, default_value_t = 0)]
    linked_sessions_delay: u64,
    /// Sessions on one page of a list
    #[arg(long, default_value_t = 125)]
    session_page_size: usize,
    /// Issue tokens with the newer issuer, https://issuer-cognito-idp...
    #[arg(long)]
    updated_issuer: bool,
    /// An allowed sign-out URL; repeat it for several
    #[arg(long)]
    sign_out_uri: Vec<String>,
    /// An allowed callback URL; repeat it for several
    #[arg(long)]
    callback_uri: Vec<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let fake = start(Settings::parse()).await?;
    print(&json!({
        "url": fake.url().as_str(),
        "user_pool_id": fake.user_pool_id(),
        "client_id": fake.client_id(),
    }))?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let result = match serde_json::from_str(&line) {
            Ok(order) => orders::carry_out(&fake, order).await,
            Err(error) => Err(error.into()),
        };
        print(&result.unwrap_or_else(|error| json!({ "error": error.to_string() })))?;
    }
    Ok(())
}

async fn start(settings: Settings) -> std::io::Result<FakeCognito> {
    let mut builder = FakeCognito::builder()
        .token_revocation(!settings.no_revocation)
        .max_sessions_per_user(settings.max_sessions_per_user)
        .sso_validity(Duration::from_secs(60 * settings.sso_validity))
        .linked_sessions_delay(Duration::from_millis(settings.linked_sessions_delay))
        .session_page_size(settings.session_page_size);
    if settings.session_tracking {
        builder = builder.session_tracking();
    }
    if settings.updated_issuer {
        builder = builder.updated_issuer();
    }
    if let Some(secret) = settings.client_secret {
        builder = builder.client_secret(secret);
    }
    if let Some(grace) = settings.rotation {
        builder = builder.rotation(Duration::from_secs(grace));
    }
    if let Some(lifetime) = settings.access_token_lifetime {
        builder = builder.access_token_lifetime(Duration::from_secs(lifetime));
    }
    if !settings.sign_out_uri.is_empty() {
        builder = builder.sign_out_uris(settings.sign_out_uri);
    }
    if !settings.callback_uri.is_empty() {
        builder = builder.callback_uris(settings.callback_uri);
    }
    builder.start().await
}

/// Flushes: the reader waits for the line.
fn print(line: &Value) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}")?;
    output.flush()
}
