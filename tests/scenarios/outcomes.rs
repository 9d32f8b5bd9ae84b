//! What only Rust can see of scenarios 1 to 6, 14, 19, 20 and 24 to 26: the record, single tokens, faked time, printed results.
//! The rest of them is in the shared list, `bindings/scenarios.json`.

use std::time::Duration;

use Operation::{GetTokensFromRefreshToken, GlobalSignOut, RevokeToken};
use cognito_signout::fake_cognito::Operation;
use cognito_signout::{ErrorCode, SessionState, SignOutOptions};
use tokio::time::Instant;

use crate::device::{Device, REFUSED, TWO_HOURS, complete, partial};

#[tokio::test]
async fn s01_a_sign_out_clears_the_keychain_and_ends_this_session_alone() {
    let device = Device::new().await;
    let tokens = device.sign_in("ana").await;
    let elsewhere = device.fake.sign_in("ana");

    complete(device.sign_out().await);

    device.assert_signed_out().await;
    assert_eq!(device.vault.record(), None);
    assert!(!device.fake.is_refresh_token_live(&tokens.refresh));
    assert!(!device.fake.is_access_token_live(&tokens.access));
    assert!(device.fake.is_refresh_token_live(&elsewhere.refresh), "another device");
}

#[tokio::test]
async fn s24_with_rotation_the_new_refresh_token_is_revoked_and_not_the_old_one() {
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
async fn s24_a_local_sign_out_does_not_refresh_an_expired_access_token() {
    let device = Device::signed_in().await;
    device.fake.advance(TWO_HOURS);
    complete(device.sign_out().await);
    device.assert_asked(&[RevokeToken]);
}

#[tokio::test(start_paused = true)]
async fn s26_offline_the_device_is_signed_out_at_once_and_the_result_comes_within_the_deadline() {
    let device = Device::signed_in().await;
    device.fake.go_offline().await.unwrap();
    let mut events = device.auth.events();
    let started = Instant::now();

    let deadline = Duration::from_secs(5);
    let signing_out = device.begin_sign_out(SignOutOptions::global().deadline(deadline));
    events.next().await.unwrap();
    assert_eq!(device.auth.session().await, SessionState::SignedOut);
    assert!(!signing_out.is_finished(), "the network steps are still being tried");
    assert_eq!(started.elapsed(), Duration::ZERO);

    let revoke = partial(signing_out.await.unwrap()).revoke_token_error.unwrap();
    assert!(started.elapsed() <= deadline, "{:?}", started.elapsed());
    assert_eq!(revoke.error.code(), ErrorCode::NetworkUnavailable);
}

/// The access token is dead then, so nothing keeps it: a retry would get `session_expired`.
#[tokio::test]
async fn a_global_sign_out_that_failed_while_the_revocation_succeeded_prints_that_a_retry_cannot_help() {
    let device = Device::new().await;
    device.sign_in("ana").await;
    device.fake.on(GlobalSignOut).always(REFUSED);
    let partial = partial(device.sign_out_globally().await);
    device.fake.heal();
    assert!(!partial.kept && partial.revoke_token_error.is_none());
    let said = partial.to_string();
    assert!(said.contains("; global_sign_out cannot be retried, "), "{said}");
    assert!(!said.contains("only in this result"), "{said}");
    let again = device.auth.retry(&partial).await;
    assert!(
        again.to_string().contains("global_sign_out failed: session_expired: "),
        "{again}"
    );
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
        said.contains("; what is owed is on record and is tried again; "),
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
