//! A refresh token is revoked at the user pool's domain, by `POST /oauth2/revoke`. The results are the same as with the API.

use cognito_signout::fake_cognito::Operation::{GlobalSignOut, OAuth2Revoke};
use cognito_signout::fake_cognito::{FakeCognito, FakeCognitoBuilder, Fault, OAuthError};
use cognito_signout::{AuthConfigBuilder, DEFAULT_DEADLINE, ErrorCode, HostedUi, RevocationRoute};
use serde_json::json;
use tokio::time::Instant;

use crate::device::{Device, complete, partial, steps};

/// A device that revokes at the domain.
async fn device(pool: FakeCognitoBuilder) -> Device {
    Device::configured(pool, by_domain).await
}

/// The domain is FakeCognito too.
fn by_domain(fake: &FakeCognito, config: AuthConfigBuilder) -> AuthConfigBuilder {
    let hosted_ui = HostedUi::builder(fake.url().as_str()).build().unwrap();
    config
        .hosted_ui(hosted_ui)
        .revocation_route(RevocationRoute::PoolDomain)
}

#[tokio::test]
async fn a_public_client_revokes_with_one_request_to_the_domain() {
    let device = device(FakeCognito::builder()).await;
    let tokens = device.sign_in("ana").await;
    let elsewhere = device.fake.sign_in("ana");

    complete(device.sign_out().await);

    device.assert_asked(&[OAuth2Revoke]);
    let [request] = device.fake.requests().try_into().unwrap();
    assert_eq!((request.method(), request.path()), ("POST", "/oauth2/revoke"));
    let form = json!({ "token": tokens.refresh.reveal(), "client_id": device.fake.client_id() });
    assert_eq!(*request.body(), form);
    assert_eq!(request.header("authorization"), None);
    device.fake.assert_no_token_in_urls();
    device.assert_signed_out().await;
    assert!(!device.fake.is_refresh_token_live(&tokens.refresh));
    assert!(!device.fake.is_access_token_live(&tokens.access));
    assert!(device.fake.is_refresh_token_live(&elsewhere.refresh), "another device");
}

#[tokio::test]
async fn a_client_with_a_secret_proves_it_and_revokes_with_one_request() {
    for secret in ["s3cr3t", "with+signs/that=count&a blank:é%"] {
        let device = device(FakeCognito::builder().client_secret(secret)).await;
        let tokens = device.sign_in("ana").await;

        complete(device.sign_out().await);

        device.assert_asked(&[OAuth2Revoke]);
        let [request] = device.fake.requests().try_into().unwrap();
        assert_eq!(*request.body(), json!({ "token": tokens.refresh.reveal() }));
        assert!(request.header("authorization").unwrap().starts_with("Basic "));
        assert!(!device.fake.is_refresh_token_live(&tokens.refresh));
    }
}

#[tokio::test]
async fn a_global_sign_out_uses_the_api_because_the_domain_has_no_such_endpoint() {
    let device = device(FakeCognito::builder()).await;
    device.sign_in("ana").await;
    complete(device.sign_out_globally().await);
    device.assert_asked(&[GlobalSignOut, OAuth2Revoke]);
}

#[tokio::test]
async fn a_refusal_is_partial_with_the_refresh_token_and_a_retry_uses_the_domain_too() {
    for (error, code) in [
        (OAuthError::InvalidClient, ErrorCode::ClientRejected),
        (OAuthError::InvalidRequest, ErrorCode::RevocationDisabled),
        (OAuthError::UnsupportedTokenType, ErrorCode::Refused),
    ] {
        let device = device(FakeCognito::builder()).await;
        let tokens = device.sign_in("ana").await;
        device.fake.on(OAuth2Revoke).once(Fault::RefuseOAuth(error));

        let partial = partial(device.sign_out().await);

        let failed = partial.revoke_token_error.as_ref().unwrap();
        assert_eq!((failed.error.code(), &failed.refresh_token), (code, &tokens.refresh));
        assert!(partial.global_sign_out_error.is_none());
        device.assert_signed_out().await;
        device.assert_asked(&[OAuth2Revoke]);
        assert!(device.fake.is_refresh_token_live(&tokens.refresh));

        complete(device.auth.retry(&partial).await);
        device.assert_asked(&[OAuth2Revoke, OAuth2Revoke]);
        assert!(!device.fake.is_refresh_token_live(&tokens.refresh));
    }
}

#[tokio::test]
async fn a_wrong_secret_is_partial_and_the_token_lives() {
    let pool = FakeCognito::builder().client_secret("s3cr3t");
    let device = Device::configured(pool, |fake, config| by_domain(fake, config).client_secret("another")).await;
    let tokens = device.sign_in("ana").await;
    let failed = partial(device.sign_out().await).revoke_token_error.unwrap();
    assert_eq!(failed.error.code(), ErrorCode::ClientRejected);
    assert_eq!(failed.refresh_token, tokens.refresh);
    assert!(device.fake.is_refresh_token_live(&tokens.refresh));
}

#[tokio::test(start_paused = true)]
async fn a_temporary_failure_is_retried_and_revoking_twice_does_no_harm() {
    for fault in [Fault::HtmlPage(503), Fault::HtmlPage(429), Fault::Reset, Fault::Close] {
        let device = device(FakeCognito::builder()).await;
        device.sign_in("ana").await;
        device.fake.on(OAuth2Revoke).after_effect().times(2, fault.clone());
        let result = device.sign_out().await;
        assert_eq!(steps(&result)[4], "done", "{fault:?}");
        complete(result);
        device.assert_asked(&[OAuth2Revoke; 3]);
    }
}

#[tokio::test(start_paused = true)]
async fn every_other_response_of_a_domain_is_partial_within_the_deadline() {
    for fault in Fault::all() {
        let device = device(FakeCognito::builder()).await;
        let tokens = device.sign_in("ana").await;
        device.fake.on(OAuth2Revoke).always(fault.clone());
        let started = Instant::now();

        let result = device.sign_out().await;

        assert!(
            started.elapsed() <= DEFAULT_DEADLINE,
            "{fault:?}: {:?}",
            started.elapsed()
        );
        device.assert_signed_out().await;
        let printed = format!("{result:?}");
        assert!(!printed.contains(tokens.refresh.reveal()), "{fault:?}");
        // The response has no body that could be cut off.
        let harmless = [
            Fault::EmptyBody,
            Fault::TruncatedJson,
            Fault::ResetAfterHeaders,
            Fault::CloseMidBody,
            Fault::HangMidBody,
            Fault::StaleKeepAlive,
        ];
        if harmless.contains(&fault) {
            complete(result);
        } else {
            let failed = partial(result).revoke_token_error.unwrap();
            assert_eq!(failed.refresh_token, tokens.refresh, "{fault:?}");
            assert!(!failed.error.message().contains(tokens.refresh.reveal()));
        }
    }
}
