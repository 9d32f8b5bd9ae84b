//! A `FakeCognito` as a program of its own, for tests and examples in other languages:
//! `cargo run --example fake_cognito`.
//!
//! It prints one line of JSON that says where it is, and then answers each line of JSON on standard input with one on
//! standard output; see [`orders`] for what can be asked. It ends with its standard input, so a test that dies leaves
//! nothing behind. The tokens that it prints are a fake's, for the test that asked for them.

#![allow(clippy::print_stdout, reason = "a program whose answers are its output")]

mod orders;

use std::error::Error;
use std::io::Write;
use std::time::Duration;

use clap::Parser;
use cognito_signout::fake_cognito::FakeCognito;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

/// A user pool in a process of its own, driven by lines of JSON on standard input.
#[derive(Debug, Parser)]
struct Settings {
    /// Give the app client a secret
    #[arg(long)]
    client_secret: Option<String>,
    /// Switch token revocation off
    #[arg(long)]
    no_revocation: bool,
    /// Rotate refresh tokens, with a grace period of so many seconds
    #[arg(long)]
    rotation: Option<u64>,
    /// How long access tokens live, in seconds
    #[arg(long)]
    access_token_lifetime: Option<u64>,
    /// An allowed sign-out URL; may be given several times
    #[arg(long)]
    sign_out_uri: Vec<String>,
    /// An allowed callback URL; may be given several times
    #[arg(long)]
    callback_uri: Vec<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let fake = start(Settings::parse()).await?;
    say(&json!({
        "url": fake.url().as_str(),
        "user_pool_id": fake.user_pool_id(),
        "client_id": fake.client_id(),
    }))?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let answer = match serde_json::from_str(&line) {
            Ok(order) => orders::carry_out(&fake, order).await,
            Err(error) => Err(error.into()),
        };
        say(&answer.unwrap_or_else(|error| json!({ "error": error.to_string() })))?;
    }
    Ok(())
}

async fn start(settings: Settings) -> std::io::Result<FakeCognito> {
    let mut builder = FakeCognito::builder().token_revocation(!settings.no_revocation);
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

/// Whoever reads waits for the line, so it must not stay in a buffer.
fn say(line: &Value) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}")?;
    output.flush()
}
