//! Signs out by this library, once for each line on standard input, and prints one line about each: `cargo xtask compare`.
//! `amplify/sign-out.mjs` does the same by amplify-js.

#![allow(clippy::print_stdout, reason = "the program prints what it measured")]

use std::error::Error;
use std::time::{Duration, Instant};

use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::{MemoryVault, Vault, VaultKey};
use cognito_signout::{
    Auth, AuthConfig, AuthEvent, SessionState, SignOutOptions, SignOutResult, SignedInWith, StepStatus, Tokens,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::time::timeout;

/// One sign-out: with which tokens, from where, and for how long its result is waited for.
#[derive(Deserialize)]
struct Order {
    global: bool,
    wait_seconds: u64,
    access_token: String,
    id_token: String,
    refresh_token: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [url, user_pool_id, client_id] = &words[..] else {
        return Err("usage: cognito-signout-compare URL USER_POOL CLIENT".into());
    };
    let vault = MemoryVault::default();
    let config = AuthConfig::builder(user_pool_id, client_id).endpoint(url).build()?;
    let auth = Auth::builder(config, vault.clone(), RustlsTransport::new()).build();
    let key = VaultKey {
        user_pool_id: user_pool_id.clone(),
        client_id: client_id.clone(),
    };
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let order: Order = serde_json::from_str(&line)?;
        let mut measured = sign_out(&auth, &order).await?;
        let record = vault
            .read(&key)?
            .map(|record| String::from_utf8_lossy(&record).into_owned());
        measured["left"] = left(&record.unwrap_or_default(), &order);
        println!("{measured}");
    }
    Ok(())
}

async fn sign_out(auth: &Auth, order: &Order) -> Result<Value, Box<dyn Error>> {
    let Order {
        access_token,
        id_token,
        refresh_token,
        ..
    } = order;
    let tokens = Tokens::new(access_token.clone(), id_token.clone(), refresh_token.clone());
    auth.store_session(tokens, SignedInWith::Api).await?;
    let mut events = auth.events();
    let options = match order.global {
        true => SignOutOptions::global(),
        false => SignOutOptions::local(),
    };

    let begun = Instant::now();
    let since = move || begun.elapsed().as_secs_f64() * 1000.0;
    let call = tokio::spawn({
        let auth = auth.clone();
        async move {
            let result = auth.sign_out(options).await;
            (result, since())
        }
    });
    // The event comes when the session is gone from the record, which has been read back. A sign-out that failed has none.
    let wait = Duration::from_secs(order.wait_seconds);
    let signed_out = timeout(wait, async {
        while let Some(event) = events.next().await {
            if matches!(event, AuthEvent::SignedOut { .. }) {
                return Some(since());
            }
        }
        None
    });
    let signed_out = signed_out.await.ok().flatten();
    let ended = timeout(wait, call).await;
    let (result, took) = match ended {
        Ok(ended) => {
            let (result, took) = ended?;
            (said(&result), Some(took))
        }
        Err(_) => ("none".to_owned(), None),
    };
    Ok(json!({
        "signed_out_ms": signed_out,
        "result_ms": took,
        "result": result,
        "signed_in": auth.session().await != SessionState::SignedOut,
    }))
}

/// The result, and the steps that failed.
fn said(result: &SignOutResult) -> String {
    let kind = match result {
        SignOutResult::Complete(_) => "Complete",
        SignOutResult::Partial(_) => "Partial",
        SignOutResult::Failed(_) => "Failed",
    };
    let steps = &result.report().steps;
    let of_network = [
        ("GlobalSignOut", steps.global_sign_out),
        ("RevokeToken", steps.revoke_token),
    ];
    let failed = of_network.into_iter().filter_map(|(name, status)| match status {
        StepStatus::Failed(code) => Some(format!("{name}: {}", code.as_str())),
        _ => None,
    });
    let failed: Vec<_> = failed.collect();
    match &failed[..] {
        [] => kind.to_owned(),
        failed => format!("{kind} ({})", failed.join(", ")),
    }
}

/// Which of the session's tokens are still stored.
fn left(stored: &str, order: &Order) -> Value {
    let tokens = [
        ("access token", &order.access_token),
        ("ID token", &order.id_token),
        ("refresh token", &order.refresh_token),
    ];
    let left = tokens.into_iter().filter(|(_, token)| stored.contains(token.as_str()));
    left.map(|(name, _)| name).collect()
}
