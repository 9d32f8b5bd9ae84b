//! What a sign-out achieves, and what it says of that: scenarios 1 to 6, 14, 19, 20 and 24 to 26.

use std::time::Duration;

use Operation::{GetTokensFromRefreshToken, GlobalSignOut, InitiateAuth, RevokeToken};
use cognito_signout::fake_cognito::Fault;
use cognito_signout::fake_cognito::{FakeCognito, Operation, ServiceError};
use cognito_signout::{ErrorCode, SessionState, SignOutOptions, SignedInWith, TokenKind};
use tokio::time::Instant;

use crate::device::{Device, REFUSED, TWO_HOURS, complete, of, partial, steps};

#[tokio::test]
async fn s01_signed_in_and_revoke_accepted_is_complete() {
    let device = Device::new().await;
    let tokens = device.sign_in("ana").await;
    let elsewhere = device.fake.sign_in("ana");

    let result = device.sign_out().await;

    let expected = [
        "skipped:not_a_browser_session",
        "done",
        "skipped:not_needed",
        "skipped:not_requested",
        "done",
        "done",
    ];
    assert_eq!(steps(&result), expected);
    let complete = complete(result);
    device.assert_asked(&[RevokeToken]);
    device.assert_signed_out().await;
    assert_eq!(device.vault.record(), None, "nothing is left on the device");
    assert!(!device.fake.is_refresh_token_live(&tokens.refresh));
    assert!(!device.fake.is_access_token_live(&tokens.access));
    assert!(device.fake.is_refresh_token_live(&elsewhere.refresh), "another device");
    let exposed: Vec<_> = complete.report.residual.iter().map(|residual| residual.token).collect();
    assert_eq!(exposed, [TokenKind::Access, TokenKind::Id]);
}

#[tokio::test]
async fn s02_already_signed_out_is_complete_without_a_request() {
    let device = Device::signed_in().await;
    complete(device.sign_out().await);
    device.fake.forget_requests();

    for result in [device.sign_out().await, device.sign_out_globally().await] {
        assert_eq!(steps(&result), ["skipped:no_session"; 6]);
        assert!(complete(result).report.residual.is_empty());
    }
    device.assert_asked(&[]);
}

#[tokio::test]
async fn s03_global_and_revoke_accepted_is_complete_and_ends_every_session_of_the_user() {
    let device = Device::signed_in().await;
    device.fake.sign_in("ana");
    device.fake.sign_in("bob");

    complete(device.sign_out_globally().await);

    device.assert_asked(&[GlobalSignOut, RevokeToken]);
    device.assert_signed_out().await;
    assert_eq!(device.fake.live_sessions("ana"), 0);
    assert_eq!(device.fake.live_sessions("bob"), 1);
}

#[tokio::test]
async fn s04_revoke_refused_is_partial_with_only_the_revoke_error_which_carries_the_refresh_token() {
    let device = Device::new().await;
    let tokens = device.sign_in("ana").await;
    device.fake.on(RevokeToken).once(REFUSED);

    let partial = partial(device.sign_out().await);

    let error = partial.revoke_token_error.as_ref().unwrap();
    assert_eq!(error.error.code(), ErrorCode::Refused);
    assert_eq!(error.refresh_token, tokens.refresh);
    assert!(partial.global_sign_out_error.is_none());
    assert!(partial.hosted_ui_error.is_none() && partial.local_cleanup_error.is_none());
    device.assert_signed_out().await;
    assert!(device.fake.is_refresh_token_live(&tokens.refresh));

    complete(device.auth.retry(&partial).await);
    device.assert_asked(&[RevokeToken, RevokeToken]);
    assert!(!device.fake.is_refresh_token_live(&tokens.refresh));
}

#[tokio::test]
async fn s05_global_accepted_and_revoke_refused_is_partial_with_only_the_revoke_error() {
    let device = Device::new().await;
    let tokens = device.sign_in("ana").await;
    device.fake.on(RevokeToken).once(REFUSED);

    let result = device.sign_out_globally().await;

    assert_eq!(steps(&result)[3..], ["done", "failed:refused", "done"]);
    let partial = partial(result);
    assert_eq!(partial.revoke_token_error.unwrap().refresh_token, tokens.refresh);
    assert!(partial.global_sign_out_error.is_none());
    device.assert_asked(&[GlobalSignOut, RevokeToken]);
    device.assert_signed_out().await;
}

#[tokio::test]
async fn s06_global_refused_is_partial_with_the_access_token_and_revoke_was_sent_all_the_same() {
    let device = Device::new().await;
    let tokens = device.sign_in("ana").await;
    let elsewhere = device.fake.sign_in("ana");
    device.fake.on(GlobalSignOut).once(REFUSED);

    let result = device.sign_out_globally().await;

    assert_eq!(steps(&result)[3..], ["failed:refused", "done", "done"]);
    let partial = partial(result);
    assert_eq!(partial.global_sign_out_error.unwrap().access_token, tokens.access);
    assert!(partial.revoke_token_error.is_none());
    device.assert_asked(&[GlobalSignOut, RevokeToken]);
    device.assert_signed_out().await;
    assert!(!device.fake.is_refresh_token_live(&tokens.refresh));
    assert!(device.fake.is_refresh_token_live(&elsewhere.refresh));
}

#[tokio::test]
async fn s06_both_refused_is_partial_with_both_tokens_and_a_retry_does_both() {
    let device = Device::new().await;
    let tokens = device.sign_in("ana").await;
    let elsewhere = device.fake.sign_in("ana");
    device.fake.on(GlobalSignOut).once(REFUSED);
    device.fake.on(RevokeToken).once(REFUSED);

    let partial = partial(device.sign_out_globally().await);
    assert_eq!(
        partial.global_sign_out_error.as_ref().unwrap().access_token,
        tokens.access
    );
    assert_eq!(
        partial.revoke_token_error.as_ref().unwrap().refresh_token,
        tokens.refresh
    );

    complete(device.auth.retry(&partial).await);
    device.assert_asked(&[GlobalSignOut, RevokeToken, GlobalSignOut, RevokeToken]);
    assert!(!device.fake.is_refresh_token_live(&elsewhere.refresh));
}

#[tokio::test]
async fn s06_without_the_scope_global_is_not_asked_and_revoke_is() {
    let device = Device::new().await;
    let tokens = device.fake.sign_in_with_scope("ana", "openid email");
    device
        .auth
        .store_session(of(&tokens), SignedInWith::HostedUiPrivate)
        .await
        .unwrap();

    let partial = partial(device.sign_out_globally().await);

    let error = partial.global_sign_out_error.unwrap();
    assert_eq!(error.error.code(), ErrorCode::MissingScope);
    device.assert_asked(&[RevokeToken]);
    assert!(!device.fake.is_refresh_token_live(&tokens.refresh));
}

#[tokio::test]
async fn s14_the_client_secret_is_sent_with_revoke() {
    let pool = FakeCognito::builder().client_secret("the app's secret");
    let device = Device::at(pool, |config| config).await;
    let tokens = device.sign_in("ana").await;

    complete(device.sign_out().await);

    let requests = device.fake.requests();
    let [request] = &requests[..] else {
        panic!("{requests:?}")
    };
    assert_eq!(request.body()["ClientSecret"], "the app's secret");
    assert!(!device.fake.is_refresh_token_live(&tokens.refresh));
    device.fake.assert_no_token_in_urls();
}

#[tokio::test]
async fn s14_a_wrong_client_secret_is_partial_and_the_token_lives() {
    let pool = FakeCognito::builder().client_secret("the app's secret");
    let device = Device::at(pool, |config| config.client_secret("another")).await;
    let tokens = device.sign_in("ana").await;

    let partial = partial(device.sign_out().await);

    let error = partial.revoke_token_error.unwrap();
    assert_eq!(error.error.code(), ErrorCode::ClientRejected);
    assert_eq!(error.refresh_token, tokens.refresh);
    assert!(device.fake.is_refresh_token_live(&tokens.refresh));
    device.assert_signed_out().await;
}

#[tokio::test]
async fn s19_sign_in_out_and_in_as_another_user_works() {
    let device = Device::new().await;
    let ana = device.sign_in("ana").await;
    complete(device.sign_out().await);
    let bob = device.sign_in("bob").await;

    device.assert_signed_in_as("bob").await;
    assert_eq!(device.auth.tokens().await, Ok(of(&bob)));
    assert!(!device.fake.is_refresh_token_live(&ana.refresh));
    assert!(device.fake.is_refresh_token_live(&bob.refresh));
    complete(device.sign_out().await);
    device.assert_signed_out().await;
}

#[tokio::test]
async fn s20_a_user_who_was_deleted_on_the_server_is_signed_out_locally_all_the_same() {
    let device = Device::signed_in().await;
    device.fake.delete_user("ana");
    complete(device.sign_out().await);
    device.assert_signed_out().await;

    device.sign_in("bob").await;
    device.fake.delete_user("bob");
    let partial = partial(device.sign_out_globally().await);
    let error = partial.global_sign_out_error.unwrap();
    assert_eq!(error.error.code(), ErrorCode::SessionExpired);
    assert!(partial.revoke_token_error.is_none(), "revoke ran after it");
    device.assert_signed_out().await;
}

#[tokio::test]
async fn s24_an_expired_access_token_is_refreshed_before_global_which_then_completes() {
    let device = Device::signed_in().await;
    device.fake.sign_in("ana");
    device.fake.advance(TWO_HOURS);

    let result = device.sign_out_globally().await;

    assert_eq!(steps(&result)[2..], ["done"; 4]);
    complete(result);
    device.assert_asked(&[InitiateAuth, GlobalSignOut, RevokeToken]);
    device.assert_signed_out().await;
    assert_eq!(device.fake.live_sessions("ana"), 0);
}

#[tokio::test]
async fn s24_with_rotation_the_new_refresh_token_is_the_one_that_is_revoked() {
    let device = Device::with_rotation().await;
    let tokens = device.sign_in("ana").await;
    device.fake.advance(TWO_HOURS);
    device.fake.on(GlobalSignOut).once(REFUSED);

    let partial = partial(device.sign_out_globally().await);

    assert!(partial.revoke_token_error.is_none());
    device.assert_asked(&[GetTokensFromRefreshToken, GlobalSignOut, RevokeToken]);
    let revoked = device.fake.requests().last().unwrap().body()["Token"].clone();
    assert_ne!(revoked, tokens.refresh.reveal());
    assert_eq!(device.fake.live_sessions("ana"), 0);
}

#[tokio::test]
async fn s24_an_expired_access_token_needs_no_refresh_to_be_signed_out_of_this_device() {
    let device = Device::signed_in().await;
    device.fake.advance(TWO_HOURS);
    complete(device.sign_out().await);
    device.assert_asked(&[RevokeToken]);
}

#[tokio::test]
async fn s24_a_dead_refresh_token_is_partial_for_global_and_revoke_is_tried() {
    let device = Device::signed_in().await;
    device.fake.advance(TWO_HOURS);
    device
        .fake
        .on(InitiateAuth)
        .always(Fault::Refuse(ServiceError::RefreshTokenRevoked));

    let result = device.sign_out_globally().await;

    let expected = ["failed:session_expired", "failed:session_expired", "done", "done"];
    assert_eq!(steps(&result)[2..], expected);
    partial(result);
    device.assert_asked(&[InitiateAuth, RevokeToken]);
    device.assert_signed_out().await;
}

#[tokio::test]
async fn s25_where_revocation_is_off_it_is_tried_and_the_result_is_partial_with_the_live_token() {
    let device = Device::at(FakeCognito::builder().token_revocation(false), |config| config).await;
    let tokens = device.sign_in("ana").await;

    let result = device.sign_out().await;

    assert_eq!(steps(&result)[4..], ["skipped:revocation_off", "done"]);
    let residual: Vec<_> = result.report().residual.iter().map(|left| left.token).collect();
    assert_eq!(residual, [TokenKind::Access, TokenKind::Id, TokenKind::Refresh]);
    device.assert_asked(&[RevokeToken]);
    device.assert_signed_out().await;
    let partial = partial(result);
    assert!(!partial.kept, "trying again is of no use");
    let failed = partial.revoke_token_error.unwrap();
    assert_eq!(failed.error.code(), ErrorCode::RevocationDisabled);
    assert_eq!(failed.refresh_token, tokens.refresh);
    assert!(device.fake.is_refresh_token_live(&tokens.refresh), "as it says");
    assert_eq!(device.vault.record(), None);
}

#[tokio::test]
async fn s25_where_revocation_is_off_a_global_sign_out_ends_the_session_and_is_complete() {
    let device = Device::at(FakeCognito::builder().token_revocation(false), |config| config).await;
    device.sign_in("ana").await;
    let result = device.sign_out_globally().await;
    assert_eq!(steps(&result)[3..], ["done", "skipped:revocation_off", "done"]);
    let complete = complete(result);
    assert!(complete.report.signed_out_everywhere());
    assert!(
        complete
            .report
            .residual
            .iter()
            .all(|left| left.token != TokenKind::Refresh)
    );
    device.assert_asked(&[GlobalSignOut, RevokeToken]);
    assert_eq!(device.fake.live_sessions("ana"), 0);
}

/// There is no token to ask Cognito with, or to retry with, so it is complete; but nobody was signed out elsewhere.
#[tokio::test]
async fn a_global_sign_out_with_nobody_signed_in_is_complete_and_not_called_everywhere() {
    let device = Device::signed_in().await;
    let elsewhere = device.fake.sign_in("ana");
    complete(device.sign_out().await);
    assert!(
        !complete(device.sign_out_globally().await)
            .report
            .signed_out_everywhere()
    );
    assert!(device.fake.is_refresh_token_live(&elsewhere.refresh));
}

#[tokio::test(start_paused = true)]
async fn s26_offline_is_partial_within_the_deadline_and_signed_out_locally_at_once() {
    let device = Device::new().await;
    let tokens = device.sign_in("ana").await;
    device.fake.go_offline().await.unwrap();
    let mut events = device.auth.events();
    let started = Instant::now();

    let deadline = Duration::from_secs(5);
    let signing_out = device.begin_sign_out(SignOutOptions::global().deadline(deadline));
    events.next().await.unwrap();
    assert_eq!(device.auth.session().await, SessionState::SignedOut);
    assert!(!signing_out.is_finished(), "the network steps are still being tried");
    assert_eq!(started.elapsed(), Duration::ZERO);

    let partial = partial(signing_out.await.unwrap());
    assert!(started.elapsed() <= deadline);
    let revoke = partial.revoke_token_error.as_ref().unwrap();
    assert_eq!(revoke.error.code(), ErrorCode::NetworkUnavailable);
    assert_eq!(revoke.refresh_token, tokens.refresh);
    assert!(partial.global_sign_out_error.is_some());

    device.fake.go_online().await.unwrap();
    complete(device.auth.retry(&partial).await);
    assert_eq!(device.fake.live_sessions("ana"), 0);
}

/// "Access Token has been revoked" is what Cognito says too if somebody has revoked this one session.
#[tokio::test]
async fn a_session_that_was_revoked_before_does_not_prove_that_the_others_have_ended() {
    let device = Device::new().await;
    let tokens = device.sign_in("ana").await;
    let elsewhere = device.fake.sign_in("ana");
    let thief = device.with_vault(Default::default());
    thief.auth.store_session(of(&tokens), SignedInWith::Api).await.unwrap();
    complete(thief.sign_out().await);

    let result = device.sign_out_globally().await;
    assert_eq!(steps(&result)[3..], ["failed:session_expired", "done", "done"]);
    let error = partial(result).global_sign_out_error.unwrap().error;
    assert_eq!(error.code(), ErrorCode::SessionExpired);
    assert!(device.fake.is_refresh_token_live(&elsewhere.refresh), "and so it was");
}

/// What a captive portal or a proxy may answer: nobody has revoked anything.
#[tokio::test]
async fn an_empty_answer_that_is_not_cognitos_is_partial_and_the_token_lives() {
    for fault in [Fault::EmptyPortal, Fault::CaptivePortal] {
        let device = Device::signed_in().await;
        device.fake.on(RevokeToken).always(fault.clone());
        device.fake.on(GlobalSignOut).always(fault);
        let partial = partial(device.sign_out_globally().await);
        let revoke = partial.revoke_token_error.unwrap().error;
        let global = partial.global_sign_out_error.unwrap().error;
        for error in [revoke, global] {
            assert_eq!(error.code(), ErrorCode::UnexpectedResponse);
            assert!(error.message().contains("not from Cognito"), "{error}");
        }
        assert_eq!(device.fake.live_sessions("ana"), 1);
    }
}

#[tokio::test]
async fn a_result_prints_what_it_achieved_and_what_is_left_and_no_token() {
    let device = Device::new().await;
    let tokens = device.sign_in("ana").await;
    device.fake.on(RevokeToken).once(REFUSED);
    let result = device.sign_out().await;
    let said = format!("{result} {}", result.report());
    assert!(!result.is_complete());
    assert!(
        said.starts_with("signed out of this device; revoke_token failed: refused: "),
        "{said}"
    );
    assert!(
        said.contains("; what is unpaid is on record and is tried again; "),
        "{said}"
    );
    assert!(
        said.contains("; the access token is accepted offline until 2"),
        "{said}"
    );
    let json = serde_json::to_string(result.report()).unwrap();
    for token in [&tokens.access, &tokens.id, &tokens.refresh] {
        assert!(!said.contains(token.reveal()) && !json.contains(token.reveal()));
    }
    let partial = partial(result);
    let errors: Vec<_> = partial.errors().map(|(step, error)| (step, error.code())).collect();
    assert_eq!(errors, [("revoke_token", ErrorCode::Refused)]);

    device.sign_in("ana").await;
    let everywhere = device.sign_out_globally().await;
    assert!(everywhere.is_complete() && everywhere.to_string().starts_with("signed out everywhere; "));
}
