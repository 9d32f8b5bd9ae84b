//! What happens between two steps of a sign-out, which no test can see from outside.

use std::sync::Arc;
use std::time::Duration;

use super::Auth;
use crate::config::AuthConfig;
use crate::events::{AuthEvent, SignedOutReason};
use crate::options::SignOutOptions;
use crate::session::{SignedInWith, Tokens};
use crate::sign_out::Run;
use crate::transport::{Exchange, HttpRequest, HttpTransport};
use crate::vault::MemoryVault;

/// `{"sub":"user-1","token_use":…,"client_id":"client","aud":"client","exp":4102444800}`
fn tokens() -> Tokens {
    use base64::Engine as _;
    let jwt = |token_use: &str| {
        let claims = format!(
            r#"{{"sub":"user-1","token_use":"{token_use}","client_id":"client","aud":"client","exp":4102444800}}"#
        );
        let encoded = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(claims);
        format!("e30.{encoded}.c2ln")
    };
    Tokens::new(jwt("access"), jwt("id"), "refresh")
}

/// Never answers.
#[derive(Debug)]
struct Silent;

impl HttpTransport for Silent {
    fn send(&self, _: HttpRequest) -> Exchange {
        Box::pin(std::future::pending())
    }
}

/// The event is sent within the write that signs out, before the sign-out itself goes on.
#[tokio::test]
async fn a_subscriber_that_pays_when_it_hears_of_the_sign_out_leaves_its_debt_alone() {
    let config = AuthConfig::builder("eu-central-1_Example", "client").build().unwrap();
    let auth = Auth::builder(config, MemoryVault::default(), Silent).build();
    auth.store_session(tokens(), SignedInWith::Api).await.unwrap();
    let mut events = auth.events();
    let caller = Arc::new(());
    let run = Arc::new(Run::sign_out(&SignOutOptions::local(), Arc::downgrade(&caller)));

    let driving = auth.0.driver.drive(&run);
    tokio::pin!(driving);
    let heard = tokio::select! {
        biased;
        event = events.next() => event,
        () = &mut driving => panic!("it ended without a word"),
    };
    // The sign-out has not gone on since: what it does next, this does first.
    assert_eq!(
        heard,
        Some(AuthEvent::SignedOut {
            reason: SignedOutReason::Local,
            app_reason: None
        })
    );
    let settled = tokio::time::timeout(Duration::from_secs(5), auth.settle_pending()).await;
    assert!(settled.unwrap().unwrap().is_empty(), "it was paid twice");
}
