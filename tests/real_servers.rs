//! The conformance suite against emulators as real processes. Not part of a plain `cargo test`, since they must be
//! installed: `cargo xtask test` does that and runs `cargo test --test real_servers`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests are tests"
)]

mod support {
    pub(crate) mod conformance;
    pub(crate) mod servers;
    pub(crate) mod wire;
}

use support::conformance::{self, PASSWORD, UserPool};
use support::servers::AppClient::{Confidential, Public};
use support::servers::RealServer;

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
