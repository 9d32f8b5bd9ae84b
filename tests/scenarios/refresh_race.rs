//! A refresh in progress while a sign-out commits: scenario 15. Nothing comes back, and no token is forgotten.

use std::time::Duration;

use cognito_signout::fake_cognito::Operation::{GetTokensFromRefreshToken, InitiateAuth, RevokeToken};
use cognito_signout::fake_cognito::{FakeCognito, Fault, ServiceError};
use cognito_signout::vault::VaultError;
use cognito_signout::{AuthConfig, AuthError, SignedInWith, SignedOutReason, UnpaidRevocations};

use crate::device::{Device, REFUSED, TWO_HOURS, complete, heard, of, partial, signed_out};
use crate::vault::Use;

/// How many different refresh tokens were in `RevokeToken` requests.
fn tokens_revoked(device: &Device) -> usize {
    let requests = device.fake.requests();
    let asked = requests
        .iter()
        .filter(|request| request.operation() == Some(RevokeToken));
    let tokens: std::collections::BTreeSet<_> = asked.map(|request| request.body()["Token"].to_string()).collect();
    tokens.len()
}

#[tokio::test]
async fn s15_a_sign_out_during_a_refresh_is_not_undone_by_it() {
    let device = Device::signed_in().await;
    device.fake.advance(TWO_HOURS);
    let gate = device.fake.on(InitiateAuth).after_effect().hold();
    let mut events = device.auth.events();
    let refreshing = device.begin_tokens();
    gate.reached_by(1).await;

    complete(device.sign_out().await);
    gate.open();

    assert_eq!(refreshing.await.unwrap(), Err(AuthError::SignedOut));
    device.assert_signed_out().await;
    assert_eq!(device.vault.record(), None);
    assert_eq!(heard(&mut events), [signed_out(SignedOutReason::Local)]);
    assert_eq!(device.fake.live_sessions("ana"), 0);
}

#[tokio::test]
async fn s15_a_refresh_that_the_sign_out_made_fail_does_not_say_expired() {
    let device = Device::signed_in().await;
    device.fake.advance(TWO_HOURS);
    let gate = device.fake.on(InitiateAuth).hold();
    let mut events = device.auth.events();
    let refreshing = device.begin_tokens();
    gate.reached_by(1).await;
    complete(device.sign_out().await);
    gate.open();
    assert_eq!(refreshing.await.unwrap(), Err(AuthError::SignedOut));
    assert_eq!(heard(&mut events), [signed_out(SignedOutReason::Local)]);
}

#[tokio::test]
async fn s15_with_rotation_the_refresh_token_that_comes_too_late_is_revoked() {
    let pool = FakeCognito::builder().rotation(Duration::ZERO);
    let device = Device::at(pool, |config| {
        let config = config.refresh_token_rotation(true);
        config.unpaid_revocations(UnpaidRevocations::HandOver)
    })
    .await;
    device.sign_in("ana").await;
    device.fake.advance(TWO_HOURS);
    let gate = device.fake.on(GetTokensFromRefreshToken).after_effect().hold();
    let refreshing = device.begin_tokens();
    gate.reached_by(1).await;

    // The old token is not revoked, so the new one dies only if it is revoked itself.
    device.fake.on(RevokeToken).once(REFUSED);
    partial(device.sign_out().await);
    assert_eq!(device.fake.live_sessions("ana"), 1, "the token that is on its way");
    gate.open();

    assert_eq!(refreshing.await.unwrap(), Err(AuthError::SignedOut));
    assert_eq!(tokens_revoked(&device), 2, "the old one and the new one");
    assert_eq!(device.fake.live_sessions("ana"), 0);
    device.assert_signed_out().await;
    assert_eq!(device.vault.record(), None);
}

/// Under either policy, because there is no caller to hand the token to.
#[tokio::test]
async fn s15_with_rotation_a_refresh_token_that_comes_too_late_and_cannot_be_revoked_stays_on_record() {
    let keep = UnpaidRevocations::Keep {
        max_age: TWO_HOURS,
        max_debts: 9,
    };
    for unpaid in [UnpaidRevocations::HandOver, keep] {
        let pool = FakeCognito::builder().rotation(Duration::ZERO);
        let device = Device::at(pool, |config| {
            config.refresh_token_rotation(true).unpaid_revocations(unpaid)
        })
        .await;
        device.sign_in("ana").await;
        device.fake.advance(TWO_HOURS);
        let gate = device.fake.on(GetTokensFromRefreshToken).after_effect().hold();
        let refreshing = device.begin_tokens();
        gate.reached_by(1).await;

        device
            .fake
            .on(RevokeToken)
            .always(Fault::Refuse(ServiceError::LimitExceeded));
        partial(device.sign_out().await);
        gate.open();
        assert_eq!(refreshing.await.unwrap(), Err(AuthError::SignedOut));
        device.assert_signed_out().await;
        assert_eq!(device.fake.live_sessions("ana"), 1);

        device.fake.heal();
        drop(device.restarted().auth.resume().await.unwrap());
        assert_eq!(device.fake.live_sessions("ana"), 0, "{unpaid:?}");
        assert_eq!(device.vault.record(), None, "{unpaid:?}");
    }
}

#[tokio::test]
async fn s15_another_user_who_signs_in_during_a_refresh_keeps_their_own_tokens() {
    let device = Device::signed_in().await;
    device.fake.advance(TWO_HOURS);
    let gate = device.fake.on(InitiateAuth).after_effect().hold();
    let refreshing = device.begin_tokens();
    gate.reached_by(1).await;

    complete(device.sign_out().await);
    let bob = device.sign_in("bob").await;
    gate.open();

    assert_eq!(refreshing.await.unwrap(), Err(AuthError::SignedOut));
    assert_eq!(device.auth.tokens().await, Ok(of(&bob)));
}

#[tokio::test]
async fn fifty_callers_share_one_refresh() {
    let device = Device::signed_in().await;
    device.fake.advance(TWO_HOURS);
    let gate = device.fake.on(InitiateAuth).hold();
    let callers: Vec<_> = (0..50).map(|_| device.begin_tokens()).collect();
    gate.reached_by(1).await;
    gate.open();
    let mut answers = Vec::new();
    for caller in callers {
        answers.push(caller.await.unwrap().unwrap());
    }
    device.assert_asked(&[InitiateAuth]);
    assert!(answers.iter().all(|tokens| *tokens == answers[0]));
    assert!(device.fake.is_access_token_live(&answers[0].access_token));
}

/// The old token is dead, so a keychain that is locked for a moment must not lose the session.
#[tokio::test]
async fn a_rotated_refresh_token_that_the_keychain_refuses_is_written_again() {
    let device = Device::with_rotation().await;
    let old = device.sign_in("ana").await;
    device.fake.advance(TWO_HOURS);
    let write = device.vault.hold(Use::Lock);
    let refreshing = device.begin_tokens();
    write.reached().await;
    device
        .vault
        .refuse(Use::Write, VaultError::Locked("for a moment".into()));
    write.open();
    // It gets its turn after the refused write.
    device.assert_signed_in_as("ana").await;
    device.vault.heal();

    let fresh = refreshing.await.unwrap().unwrap();
    assert_ne!(fresh.refresh_token, old.refresh);
    assert_eq!(device.restarted().auth.tokens().await.unwrap(), fresh);
}

/// An app may do nothing but read from now on, and its process may be killed.
#[tokio::test(start_paused = true)]
async fn a_rotated_refresh_token_that_the_keychain_has_refused_is_written_when_the_record_is_next_read() {
    let device = Device::with_rotation().await;
    device.sign_in("ana").await;
    device.fake.advance(TWO_HOURS);
    let locked = VaultError::Locked("for some time".into());
    device.vault.refuse(Use::Write, locked);
    let fresh = device.auth.tokens().await.unwrap();
    device.assert_signed_in_as("ana").await;
    device.vault.heal();

    device.assert_signed_in_as("ana").await;
    assert_eq!(device.restarted().auth.tokens().await.unwrap(), fresh);
}

#[tokio::test]
async fn a_sign_in_with_newer_tokens_of_the_same_session_owes_nothing() {
    let device = Device::signed_in().await;
    device.fake.advance(TWO_HOURS);
    let newer = device.auth.tokens().await.unwrap();
    device.auth.store_session(newer, SignedInWith::Api).await.unwrap();
    assert!(device.auth.settle_pending().await.unwrap().is_empty());
    assert_eq!(device.fake.live_sessions("ana"), 1);
}

/// Within the margin before the access token expires: it should be refreshed, but is still valid.
const ALMOST_AN_HOUR: Duration = Duration::from_secs(60 * 60 - 30);

#[tokio::test(start_paused = true)]
async fn a_refresh_that_joins_a_failing_tokens_call_is_an_error_and_returns_no_old_tokens() {
    let device = Device::signed_in().await;
    device.fake.advance(ALMOST_AN_HOUR);
    let gate = device.fake.on(InitiateAuth).hold();
    let tokens = device.begin_tokens();
    gate.reached_by(1).await;
    let refreshed = device.auth.refresh().await;
    assert!(matches!(refreshed, Err(AuthError::Service(_))), "{refreshed:?}");
    tokens.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_tokens_call_that_joins_a_failing_refresh_returns_the_tokens_that_are_still_valid() {
    let device = Device::new().await;
    let old = device.sign_in("ana").await;
    device.fake.advance(ALMOST_AN_HOUR);
    let gate = device.fake.on(InitiateAuth).hold();
    let refreshing = tokio::spawn({
        let auth = device.auth.clone();
        async move { auth.refresh().await }
    });
    gate.reached_by(1).await;
    assert_eq!(device.auth.tokens().await, Ok(of(&old)));
    assert!(matches!(refreshing.await.unwrap(), Err(AuthError::Service(_))));
}

/// Each call uses its own margin, not that of the call that it joins.
#[tokio::test]
async fn tokens_that_are_fresh_enough_for_one_handle_are_not_for_another() {
    let device = Device::new().await;
    let old = device.sign_in("ana").await;
    let vault = std::sync::Arc::new(device.vault.clone());
    let hasty = device.handle(std::sync::Arc::clone(&vault));
    let config = AuthConfig::builder(device.fake.user_pool_id(), device.fake.client_id())
        .endpoint(device.fake.url().as_str())
        .refresh_margin(Duration::from_secs(10))
        .build()
        .unwrap();
    let patient = device.configured_otherwise(config).handle(vault);
    device.fake.advance(ALMOST_AN_HOUR);
    let gate = device.fake.on(InitiateAuth).hold();
    let refreshing = tokio::spawn(async move { hasty.tokens().await });
    gate.reached_by(1).await;
    assert_eq!(patient.tokens().await, Ok(of(&old)));
    gate.open();
    assert_ne!(refreshing.await.unwrap(), Ok(of(&old)));
    device.assert_asked(&[InitiateAuth]);
}

#[tokio::test]
async fn the_end_of_anas_refresh_does_not_reach_bob_who_has_signed_in_meanwhile() {
    let device = Device::signed_in().await;
    device.fake.advance(TWO_HOURS);
    let gate = device.fake.on(InitiateAuth).after_effect().hold();
    let refreshing = device.begin_tokens();
    gate.reached_by(1).await;
    complete(device.sign_out().await);
    let bob = device.sign_in("bob").await;
    let before = device.vault.reads();
    let bobs = tokio::spawn({
        let auth = device.auth.clone();
        async move { auth.refresh().await }
    });
    while device.vault.reads() == before {
        tokio::task::yield_now().await;
    }
    gate.open();
    assert_eq!(refreshing.await.unwrap(), Err(AuthError::SignedOut));
    let fresh = bobs.await.unwrap().unwrap();
    assert_ne!(fresh.access_token, bob.access);
    assert_eq!(fresh.refresh_token, bob.refresh);
}
