//! The conformance suite against emulators as real processes, and then the library against them: the server itself says what a
//! sign-out did. Not part of a plain `cargo test`, because the emulators must be installed: `.ci/install` does that, and
//! `cargo xtask test --all` runs these tests.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests are tests"
)]

#[cfg(feature = "admin")]
mod admin;
// The AWS SDK's runtime comes with it.
#[cfg(feature = "admin")]
#[path = "../../examples/sign_in/aws_sdk.rs"]
mod aws_sdk;
#[cfg(feature = "admin")]
mod sign_in;
#[path = "../support"]
mod support {
    pub(crate) mod conformance;
    pub(crate) mod installed;
    pub(crate) mod servers;
    #[cfg(feature = "admin")]
    #[allow(dead_code, reason = "there are no hosted pages here")]
    pub(crate) mod sign_in;
    pub(crate) mod wire;
}

use std::time::Duration;

use cognito_signout::fake_cognito::FakeClock;
use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::MemoryVault;
use cognito_signout::{
    Auth, AuthConfig, AuthConfigBuilder, AuthError, ErrorCode, Partial, SessionState, SignOutOptions, SignOutResult,
    SignedInWith, StepStatus, WebPolicy,
};
use serde_json::json;
use support::conformance::{self, PASSWORD, UserPool};
use support::servers::AppClient::{Confidential, Public};
use support::servers::RealServer;
use support::wire::{Tokens, Wire, secret_hash};

#[tokio::test]
async fn ministack_with_a_public_client() {
    conformance::check(&RealServer::ministack(Public).await).await;
}

#[tokio::test]
async fn ministack_with_a_confidential_client() {
    conformance::check(&RealServer::ministack(Confidential).await).await;
}

#[tokio::test]
async fn cognitox_with_a_public_client() {
    conformance::check(&RealServer::cognitox(Public).await).await;
}

#[tokio::test]
async fn cognitox_with_a_confidential_client() {
    conformance::check(&RealServer::cognitox(Confidential).await).await;
}

#[tokio::test]
async fn a_server_ends_with_its_handle() {
    for server in [
        RealServer::ministack(Confidential).await,
        RealServer::cognitox(Confidential).await,
    ] {
        server.add_user("ana", PASSWORD).await;
        assert_eq!(server.sign_in("ana").await.username, "ana");
        let address = server.endpoint.trim_start_matches("http://").to_owned();
        drop(server);
        let gone = async { while tokio::net::TcpStream::connect(&address).await.is_ok() {} };
        tokio::time::timeout(std::time::Duration::from_secs(10), gone)
            .await
            .expect("the process ends");
    }
}

/// The library on a device, and the user's other device, at a real server.
struct Devices {
    server: RealServer,
    auth: Auth,
    clock: FakeClock,
    here: Tokens,
    elsewhere: Tokens,
}

impl Devices {
    /// ana signs in on both.
    async fn at(server: RealServer) -> Self {
        let secret = server.client_secret.clone();
        Self::with_secret(server, secret).await
    }

    /// The same, with an app that uses this client secret.
    async fn with_secret(server: RealServer, secret: Option<String>) -> Self {
        Self::configured(server, secret, |config| config, SignedInWith::Api).await
    }

    /// The same, with other settings, for a session that began in this way.
    async fn configured(
        server: RealServer,
        secret: Option<String>,
        configure: impl FnOnce(AuthConfigBuilder) -> AuthConfigBuilder,
        signed_in_with: SignedInWith,
    ) -> Self {
        server.add_user("ana", PASSWORD).await;
        let (here, elsewhere) = (server.sign_in("ana").await, server.sign_in("ana").await);
        let mut config = AuthConfig::builder(&server.user_pool_id, &server.client_id).endpoint(&server.endpoint);
        if let Some(secret) = secret {
            config = config.client_secret(secret);
        }
        let clock = FakeClock::default();
        let config = configure(config).build().unwrap();
        let auth = Auth::builder(config, MemoryVault::default(), RustlsTransport::new())
            .clock(clock.clone())
            .build();
        let devices = Self {
            server,
            auth,
            clock,
            here,
            elsewhere,
        };
        let here = &devices.here;
        let tokens = cognito_signout::Tokens::new(here.access.as_str(), here.id.as_str(), here.refresh.as_str());
        devices.auth.store_session(tokens, signed_in_with).await.unwrap();
        devices
    }

    async fn sign_out(&self, options: SignOutOptions) -> SignOutResult {
        let result = self.auth.sign_out(options).await;
        assert_eq!(self.auth.session().await, SessionState::SignedOut);
        assert_eq!(self.auth.tokens().await, Err(AuthError::SignedOut));
        result
    }

    /// Whether the server still refreshes these tokens, and whether it still accepts the access token.
    async fn still_accepted(&self, tokens: &Tokens) -> (bool, bool) {
        let wire = Wire::new(&self.server.endpoint);
        let mut parameters = json!({ "REFRESH_TOKEN": tokens.refresh });
        if let Some(secret) = &self.server.client_secret {
            parameters["SECRET_HASH"] = json!(secret_hash(secret, &tokens.username, &self.server.client_id));
        }
        let flow = "REFRESH_TOKEN_AUTH";
        let refresh = json!({ "ClientId": self.server.client_id, "AuthFlow": flow, "AuthParameters": parameters });
        let user = json!({ "AccessToken": tokens.access });
        (
            wire.call("InitiateAuth", refresh).await.is_ok(),
            wire.call("GetUser", user).await.is_ok(),
        )
    }
}

const ALIVE: (bool, bool) = (true, true);
const DEAD: (bool, bool) = (false, false);

#[track_caller]
fn assert_complete(result: &SignOutResult) {
    assert!(matches!(result, SignOutResult::Complete(_)), "{result:?}");
}

#[track_caller]
fn partial(result: SignOutResult) -> Partial {
    match result {
        SignOutResult::Partial(partial) => partial,
        other => panic!("not partial: {other:?}"),
    }
}

#[tokio::test]
async fn s01_ministack_a_local_sign_out_ends_this_session_and_no_other() {
    for client in [Public, Confidential] {
        let devices = Devices::at(RealServer::ministack(client).await).await;
        assert_eq!(devices.still_accepted(&devices.here).await, ALIVE);
        assert_complete(&devices.sign_out(SignOutOptions::local()).await);
        assert_eq!(devices.still_accepted(&devices.here).await, DEAD);
        assert_eq!(devices.still_accepted(&devices.elsewhere).await, ALIVE);
    }
}

/// ministack knows no session management and ignores the parameter. The report claims no more than elsewhere.
#[tokio::test]
async fn ministack_ignores_that_the_browsers_session_is_to_end_and_revokes_as_without_it() {
    for client in [Public, Confidential] {
        let server = RealServer::ministack(client).await;
        let secret = server.client_secret.clone();
        let tracking = |config: AuthConfigBuilder| config.session_tracking(true);
        let devices = Devices::configured(server, secret, tracking, SignedInWith::HostedUi).await;
        assert_eq!(devices.still_accepted(&devices.here).await, ALIVE);
        let result = devices
            .sign_out(SignOutOptions::local().web(WebPolicy::ByRevocation))
            .await;
        assert_complete(&result);
        assert_eq!(result.report().steps.web, StepStatus::Requested);
        assert_eq!(devices.still_accepted(&devices.here).await, DEAD);
        assert_eq!(devices.still_accepted(&devices.elsewhere).await, ALIVE);
    }
}

#[tokio::test]
async fn servers_without_session_management_say_that_they_do_not_know_it() {
    for server in [RealServer::ministack(Public).await, RealServer::cognitox(Public).await] {
        let devices = Devices::at(server).await;
        let unknown = devices.auth.sessions().await.unwrap_err();
        assert_eq!(unknown.code(), ErrorCode::SessionsNotSupported);
        assert!(!devices.auth.sign_out_others().await.is_complete());
        assert_eq!(devices.still_accepted(&devices.here).await, ALIVE);
        assert_eq!(devices.still_accepted(&devices.elsewhere).await, ALIVE);
    }
}

#[tokio::test]
async fn s03_ministack_a_global_sign_out_ends_every_session() {
    let devices = Devices::at(RealServer::ministack(Confidential).await).await;
    assert_complete(&devices.sign_out(SignOutOptions::global()).await);
    assert_eq!(devices.still_accepted(&devices.here).await, DEAD);
    assert_eq!(devices.still_accepted(&devices.elsewhere).await, DEAD);
}

#[tokio::test]
async fn s24_ministack_an_expired_access_token_is_refreshed_first() {
    for client in [Public, Confidential] {
        let devices = Devices::at(RealServer::ministack(client).await).await;
        devices.clock.advance(Duration::from_secs(2 * 24 * 60 * 60));
        let result = devices.sign_out(SignOutOptions::global()).await;
        assert_complete(&result);
        assert_eq!(result.report().steps.refresh, StepStatus::Done);
        assert_eq!(devices.still_accepted(&devices.here).await, DEAD);
        assert_eq!(devices.still_accepted(&devices.elsewhere).await, DEAD);
    }
}

#[tokio::test]
async fn ministack_a_session_that_another_device_ended_does_not_prove_that_all_have() {
    let devices = Devices::at(RealServer::ministack(Public).await).await;
    let global = json!({ "AccessToken": devices.elsewhere.access });
    assert!(
        Wire::new(&devices.server.endpoint)
            .call("GlobalSignOut", global)
            .await
            .is_ok()
    );
    let result = devices.sign_out(SignOutOptions::global()).await;
    assert!(!result.report().signed_out_everywhere());
    let error = partial(result).global_sign_out_error.unwrap().error;
    assert_eq!(error.code(), ErrorCode::SessionExpired);
}

#[tokio::test]
async fn s25_cognitox_without_origin_jti_the_refresh_token_is_revoked_all_the_same() {
    let devices = Devices::at(RealServer::cognitox(Public).await).await;
    let result = devices.sign_out(SignOutOptions::local()).await;
    assert_complete(&result);
    assert_eq!(result.report().steps.revoke_token, StepStatus::Done);
    assert_eq!(devices.still_accepted(&devices.here).await, DEAD);
}

#[tokio::test]
async fn s03_cognitox_a_global_sign_out_ends_every_session() {
    let devices = Devices::at(RealServer::cognitox(Confidential).await).await;
    let result = devices.sign_out(SignOutOptions::global()).await;
    assert!(result.report().signed_out_everywhere());
    // Cognito responds with 200. This server refuses to revoke a refresh token that it has just ended.
    let refused = partial(result).revoke_token_error.unwrap().error;
    assert_eq!(refused.code(), ErrorCode::ClientRejected);
    assert_eq!(devices.still_accepted(&devices.here).await, DEAD);
    assert_eq!(devices.still_accepted(&devices.elsewhere).await, DEAD);
}

#[tokio::test]
async fn s14_cognitox_the_client_secret_revokes_the_refresh_token() {
    let devices = Devices::at(RealServer::cognitox(Confidential).await).await;
    assert_complete(&devices.sign_out(SignOutOptions::local()).await);
    assert_eq!(devices.still_accepted(&devices.here).await, DEAD);
    // It ends every access token of the user, but no other refresh token.
    assert_eq!(devices.still_accepted(&devices.elsewhere).await, (true, false));
}

#[tokio::test]
async fn s04_cognitox_a_wrong_client_secret_is_partial_with_the_refresh_token_which_lives() {
    let server = RealServer::cognitox(Confidential).await;
    let devices = Devices::with_secret(server, Some("not the secret".into())).await;
    let error = partial(devices.sign_out(SignOutOptions::local()).await)
        .revoke_token_error
        .unwrap();
    // It responds with InvalidParameterException, which does not say what is wrong.
    assert_eq!(error.error.code(), ErrorCode::Refused);
    assert_eq!(error.refresh_token.reveal(), devices.here.refresh);
    assert_eq!(devices.still_accepted(&devices.here).await, ALIVE);
}
