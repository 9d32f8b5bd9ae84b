//! The sign-in with the AWS SDK, of `docs/beside-your-sign-in.md`, at emulators by other authors.

use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::MemoryVault;
use cognito_signout::{Auth, AuthConfig, SessionState, SignOutOptions};

use crate::aws_sdk;
use crate::support::conformance::{PASSWORD, UserPool};
use crate::support::servers::AppClient::Public;
use crate::support::servers::RealServer;
use crate::support::sign_in::sdk;

#[tokio::test]
async fn a_session_of_the_aws_sdk_is_on_record_and_its_sign_out_ends_it() {
    for server in [RealServer::cognitox(Public).await, RealServer::ministack(Public).await] {
        server.add_user("ana", PASSWORD).await;
        let config = AuthConfig::builder(&server.user_pool_id, &server.client_id).endpoint(&server.endpoint);
        let auth = Auth::builder(config.build().unwrap(), MemoryVault::default(), RustlsTransport::new()).build();
        let cognito = sdk(&server.endpoint);
        let wrong = aws_sdk::sign_in(&cognito, &server.client_id, "ana", "wrong", &auth).await;
        assert!(wrong.is_err());
        assert_eq!(auth.session().await, SessionState::SignedOut);

        aws_sdk::sign_in(&cognito, &server.client_id, "ana", PASSWORD, &auth)
            .await
            .unwrap();
        assert!(matches!(auth.session().await, SessionState::SignedIn(_)));
        let tokens = auth.refresh().await.unwrap();
        let is_alive = async || {
            let access = tokens.access_token.reveal();
            cognito.get_user().access_token(access).send().await.is_ok()
        };
        assert!(is_alive().await);
        let result = auth.sign_out(SignOutOptions::local()).await;
        assert!(result.is_complete(), "{result:?}");
        assert!(!is_alive().await);
    }
}
