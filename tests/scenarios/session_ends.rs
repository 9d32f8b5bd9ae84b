//! What ends with the session: its scope, and what another process of the app does to it.

use cognito_signout::AuthEvent::{SessionExpired, SignedIn, SignedOut};
use cognito_signout::SignedOutReason::{Elsewhere, Local, Replaced};
use cognito_signout::fake_cognito::Operation::{InitiateAuth, RevokeToken};
use cognito_signout::fake_cognito::{Fault, ServiceError};
use cognito_signout::vault::VaultError;
use cognito_signout::{AuthError, CancellationToken, EndReason, SessionState, SignOutOptions};

use crate::device::{Device, TWO_HOURS, complete, failed, heard, signed_out};
use crate::vault::Use;

async fn scope(device: &Device) -> CancellationToken {
    device.auth.session_scope().await.unwrap()
}

/// The username of the state, `signed out` or `unavailable`.
fn named(state: Option<SessionState>) -> Option<String> {
    Some(match state? {
        SessionState::SignedIn(session) => session.username.unwrap_or_default(),
        SessionState::SignedOut => "signed out".to_owned(),
        SessionState::Unavailable(_) => "unavailable".to_owned(),
    })
}

#[tokio::test]
async fn the_scope_is_cancelled_at_the_commit_before_any_request() {
    let device = Device::signed_in().await;
    let (scope, other) = (scope(&device).await, scope(&device).await);
    let revoking = device.fake.on(RevokeToken).hold();
    let signing_out = device.begin_sign_out(SignOutOptions::local());
    revoking.reached_by(1).await;
    assert!(scope.is_cancelled() && other.is_cancelled());
    revoking.open();
    complete(signing_out.await.unwrap());
    assert_eq!(device.auth.session_scope().await.unwrap_err(), AuthError::SignedOut);
}

#[tokio::test]
async fn a_subscriber_that_hears_of_the_sign_out_finds_the_scope_cancelled() {
    let device = Device::signed_in().await;
    let (scope, mut events) = (scope(&device).await, device.auth.events());
    let heard = tokio::spawn(async move { (events.next().await, scope.is_cancelled()) });
    complete(device.sign_out().await);
    assert_eq!(heard.await.unwrap(), (Some(signed_out(Local)), true));
}

#[tokio::test]
async fn a_failed_sign_out_leaves_the_scope_alone() {
    let device = Device::signed_in().await;
    let scope = scope(&device).await;
    for what in [Use::Read, Use::Write] {
        device.vault.refuse(what, VaultError::Locked("for now".into()));
        failed(device.sign_out().await);
        device.vault.heal();
    }
    assert!(!scope.is_cancelled());
}

#[tokio::test]
async fn a_refresh_leaves_the_scope_alone_and_cancelling_a_scope_ends_nothing_else() {
    let device = Device::signed_in().await;
    let (one, other) = (scope(&device).await, scope(&device).await);
    device.auth.refresh().await.unwrap();
    assert!(!one.is_cancelled());
    one.cancel();
    assert!(!other.is_cancelled() && !scope(&device).await.is_cancelled());
    device.assert_signed_in_as("ana").await;
}

#[tokio::test]
async fn a_replaced_or_cleared_or_purged_session_ends_its_scope_and_the_next_session_has_a_new_one() {
    let device = Device::signed_in().await;
    let anas = scope(&device).await;
    device.sign_in("bob").await;
    let bobs = scope(&device).await;
    assert!(anas.is_cancelled() && !bobs.is_cancelled());
    device.auth.clear_local().await.unwrap();
    assert!(bobs.is_cancelled());
    device.sign_in("bob").await;
    let bobs = scope(&device).await;
    assert!(!bobs.is_cancelled());
    device.auth.purge_local().await.unwrap();
    assert!(bobs.is_cancelled());
}

#[tokio::test]
async fn a_sign_out_by_another_process_is_told_once_and_ends_the_scope_and_does_nothing_else() {
    let device = Device::signed_in().await;
    let (scope, mut events) = (scope(&device).await, device.auth.events());
    complete(device.restarted().sign_out().await);
    assert_eq!(heard(&mut events), [], "nobody has looked yet");
    for _ in 0..3 {
        device.auth.refresh_state().await.unwrap();
    }
    assert_eq!(heard(&mut events), [signed_out(Elsewhere)]);
    assert!(scope.is_cancelled());
    device.assert_asked(&[RevokeToken]);
}

#[tokio::test]
async fn each_call_that_reads_the_record_notices_a_sign_out_by_another_process() {
    for call in 0..4 {
        let device = Device::signed_in().await;
        let mut events = device.auth.events();
        complete(device.restarted().sign_out().await);
        match call {
            0 => assert_eq!(device.auth.tokens().await, Err(AuthError::SignedOut)),
            1 => assert_eq!(device.auth.session().await, SessionState::SignedOut),
            2 => drop(complete(device.sign_out().await)),
            _ => assert_eq!(device.auth.set_identity(None).await, Err(AuthError::SignedOut)),
        }
        assert_eq!(heard(&mut events), [signed_out(Elsewhere)], "call {call}");
    }
}

#[tokio::test]
async fn what_this_process_does_itself_never_counts_as_done_elsewhere() {
    let device = Device::signed_in().await;
    let mut events = device.auth.events();
    device.sign_in("bob").await;
    complete(device.sign_out().await);
    device.sign_in("ana").await;
    device.auth.clear_local().await.unwrap();
    device.sign_in("ana").await;
    device.auth.purge_local().await.unwrap();
    device.auth.refresh_state().await.unwrap();
    let without_payments: Vec<_> = heard(&mut events)
        .into_iter()
        .filter(|event| matches!(event, SignedIn | SignedOut { .. }))
        .collect();
    assert_eq!(
        without_payments,
        [signed_out(Replaced), SignedIn, signed_out(Local), SignedIn, SignedIn]
    );
}

#[tokio::test]
async fn the_states_begin_with_the_present_one_and_miss_nothing_in_between() {
    let device = Device::signed_in().await;
    let mut states = device.auth.session_states();
    complete(device.sign_out().await);
    assert_eq!(named(states.next().await).as_deref(), Some("signed out"));
    device.sign_in("ana").await;
    assert_eq!(named(states.next().await).as_deref(), Some("ana"));
    device.sign_in("bob").await;
    complete(device.sign_out().await);
    assert_eq!(
        named(states.next().await).as_deref(),
        Some("signed out"),
        "the newest state"
    );
    device.auth.set_device("ana", None).await.unwrap();
    device.sign_in("ana").await;
    assert_eq!(
        named(states.next().await).as_deref(),
        Some("ana"),
        "no state comes twice"
    );
}

#[tokio::test]
async fn the_states_tell_of_another_process_a_dead_session_and_a_locked_keychain() {
    let device = Device::signed_in().await;
    let mut states = device.auth.session_states();
    assert_eq!(named(states.next().await).as_deref(), Some("ana"));

    device.vault.refuse(Use::Read, VaultError::Locked("for now".into()));
    device.auth.refresh_state().await.unwrap_err();
    assert_eq!(named(states.next().await).as_deref(), Some("unavailable"));
    device.vault.heal();
    device.auth.refresh_state().await.unwrap();
    assert_eq!(named(states.next().await).as_deref(), Some("ana"));

    device.advance(TWO_HOURS);
    let dead = Fault::Refuse(ServiceError::RefreshTokenRevoked);
    device.fake.on(InitiateAuth).always(dead);
    let mut events = device.auth.events();
    assert_eq!(device.auth.tokens().await, Err(AuthError::SessionExpired));
    assert_eq!(
        heard(&mut events),
        [SessionExpired {
            reason: EndReason::Revoked
        }]
    );
    let SessionState::SignedIn(session) = states.next().await.unwrap() else {
        panic!("only an explicit call signs out")
    };
    assert!(session.expired);

    complete(device.restarted().sign_out().await);
    device.auth.refresh_state().await.unwrap();
    assert_eq!(named(states.next().await).as_deref(), Some("signed out"));
}

#[tokio::test]
async fn dropping_a_wait_for_the_next_state_loses_no_state() {
    let device = Device::signed_in().await;
    let mut states = device.auth.session_states();
    assert_eq!(named(states.next().await).as_deref(), Some("ana"));
    device.sign_in("bob").await;
    let reading = device.vault.hold(Use::Read);
    tokio::select! {
        biased;
        _ = states.next() => panic!("the keychain does not answer"),
        () = reading.reached() => {}
    }
    reading.open();
    assert_eq!(named(states.next().await).as_deref(), Some("bob"));
}

#[tokio::test]
async fn the_states_end_with_the_last_handle() {
    let device = Device::signed_in().await;
    let mut states = device.auth.session_states();
    states.next().await.unwrap();
    drop(device);
    assert_eq!(states.next().await, None);
}
