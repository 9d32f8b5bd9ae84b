//! Two `Auth`s over one record in one process. They share what belongs to the record, and no session comes back.

use std::sync::Arc;
use std::thread::yield_now as yield_thread;

use cognito_signout::fake_cognito::Operation::{GetTokensFromRefreshToken, InitiateAuth, RevokeToken};
use cognito_signout::vault::{MemoryVault, Vault, VaultError, VaultKey};
use cognito_signout::{
    Auth, AuthError, Identity, SessionState, SignOutOptions, SignOutProgress, SignOutResult, SignedInWith,
    SignedOutReason,
};
use tokio::task::yield_now;
use zeroize::Zeroizing;

use crate::debts::until;
use crate::device::{Device, TWO_HOURS, complete, heard, of, signed_out};
use crate::vault::{TestVault, Use};

/// Two handles over the device's keychain, in one process.
fn two(device: &Device) -> (Auth, Auth) {
    let vault = Arc::new(device.vault.clone());
    (device.handle(Arc::clone(&vault)), device.handle(vault))
}

/// A vault in memory that lets other threads run first.
#[derive(Debug, Default)]
struct Hesitant(MemoryVault);

impl Hesitant {
    fn hesitate(&self) -> &MemoryVault {
        (0..20).for_each(|_| yield_thread());
        &self.0
    }
}

impl Vault for Hesitant {
    fn read(&self, key: &VaultKey) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        self.hesitate().read(key)
    }

    fn write(&self, key: &VaultKey, record: &[u8]) -> Result<(), VaultError> {
        self.hesitate().write(key, record)
    }

    fn delete(&self, key: &VaultKey) -> Result<(), VaultError> {
        self.hesitate().delete(key)
    }
}

/// Many times: runs `beside` on one handle while the other signs out. Each time nobody is signed in at the end.
async fn sign_out_beside<F: Future<Output = ()> + Send + 'static>(beside: impl Fn(Auth) -> F) {
    let device = Device::with_rotation().await;
    let vault = Arc::new(Hesitant::default());
    let (a, b) = (device.handle(Arc::clone(&vault)), device.handle(vault));
    for run in 0..120 {
        let tokens = device.fake.sign_in("ana");
        a.store_session(of(&tokens), SignedInWith::Api).await.unwrap();
        let other = tokio::spawn(beside(b.clone()));
        let result = a.sign_out(SignOutOptions::local()).await;
        other.await.unwrap();
        assert!(result.signed_out_locally(), "run {run}: {result:?}");
        for auth in [&a, &b] {
            assert_eq!(auth.session().await, SessionState::SignedOut, "run {run}");
        }
        let _ = b.settle_pending().await.unwrap();
        assert_eq!(device.fake.live_sessions("ana"), 0, "run {run}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_out_is_not_undone_by_an_identity_or_a_device_that_another_handle_keeps() {
    sign_out_beside(|auth| async move {
        for _ in 0..2 {
            let _ = auth.set_identity(Some(Identity::new("identity", None))).await;
            let device = cognito_signout::Device::new("key", "group", "password");
            auth.set_device("ana", Some(device)).await.unwrap();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_out_is_not_undone_by_a_refresh_of_another_handle() {
    sign_out_beside(|auth| async move {
        let _ = auth.refresh().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_out_is_not_undone_by_another_user_who_signs_in_by_another_handle() {
    let device = Device::new().await;
    let vault = Arc::new(Hesitant::default());
    let (a, b) = (device.handle(Arc::clone(&vault)), device.handle(vault));
    for run in 0..120 {
        let ana = of(&device.fake.sign_in("ana"));
        a.store_session(ana, SignedInWith::Api).await.unwrap();
        let (bob, by) = (of(&device.fake.sign_in("bob")), b.clone());
        let signing_in = tokio::spawn(async move { by.store_session(bob, SignedInWith::Api).await });
        let _ = a.sign_out(SignOutOptions::local()).await;
        signing_in.await.unwrap().unwrap();
        for auth in [&a, &b] {
            match auth.session().await {
                SessionState::SignedIn(session) => assert_eq!(session.username.as_deref(), Some("bob"), "run {run}"),
                // The other user signed in first, and was signed out.
                SessionState::SignedOut => assert_eq!(device.fake.live_sessions("bob"), 0, "run {run}"),
                SessionState::Unavailable(error) => panic!("run {run}: {error}"),
            }
        }
        complete(b.sign_out(SignOutOptions::local()).await);
        let _ = a.settle_pending().await.unwrap();
        // What the sign-in pays in the background, that call leaves out.
        until(|| device.fake.live_sessions("ana") == 0).await;
    }
}

#[tokio::test]
async fn sign_outs_of_two_handles_are_one_and_each_gets_one_event() {
    let device = Device::signed_in().await;
    let (a, b) = two(&device);
    let mut events = [a.events(), b.events()];
    let gate = device.fake.on(RevokeToken).hold();
    let calls: Vec<_> = (0..20)
        .map(|call| {
            let auth = if call % 2 == 0 { a.clone() } else { b.clone() };
            tokio::spawn(async move { auth.sign_out(SignOutOptions::local()).await })
        })
        .collect();
    gate.reached_by(1).await;
    gate.open();
    for call in calls {
        complete(call.await.unwrap());
    }
    device.assert_asked(&[RevokeToken]);
    for events in &mut events {
        assert_eq!(heard(events), [signed_out(SignedOutReason::Local)]);
    }
}

#[tokio::test]
async fn refreshes_of_two_handles_are_one() {
    let device = Device::signed_in().await;
    device.fake.advance(TWO_HOURS);
    let (a, b) = two(&device);
    let gate = device.fake.on(InitiateAuth).hold();
    let first = tokio::spawn(async move { a.tokens().await });
    gate.reached_by(1).await;
    let before = device.vault.reads();
    let second = tokio::spawn(async move { b.refresh().await });
    while device.vault.reads() == before {
        yield_now().await;
    }
    gate.open();
    assert_eq!(first.await.unwrap().unwrap(), second.await.unwrap().unwrap());
    device.assert_asked(&[InitiateAuth]);
}

#[tokio::test]
async fn a_debt_that_one_handle_is_paying_is_not_touched_by_another() {
    let device = Device::signed_in().await;
    let (a, b) = two(&device);
    let gate = device.fake.on(RevokeToken).hold();
    let signing_out = tokio::spawn(async move { a.sign_out(SignOutOptions::local()).await });
    gate.reached_by(1).await;
    assert!(b.settle_pending().await.unwrap().is_empty());
    gate.open();
    complete(signing_out.await.unwrap());
    device.assert_asked(&[RevokeToken]);
}

#[tokio::test]
async fn one_handle_finishes_a_sign_out_that_another_began() {
    let device = Device::hosted().await;
    let (a, b) = two(&device);
    let begun = a.begin_sign_out(SignOutOptions::local()).await;
    assert!(matches!(begun, SignOutProgress::Open(_)), "{begun:?}");
    let finished = b.finish_sign_out(Ok("myapp://signed-out".parse().unwrap())).await;
    let SignOutProgress::Finished(result) = finished else {
        panic!("{finished:?}")
    };
    complete(result);
    device.assert_signed_out().await;
}

#[tokio::test]
async fn a_handle_that_is_made_while_another_ones_sign_out_goes_on_joins_it() {
    let device = Device::signed_in().await;
    let vault = Arc::new(device.vault.clone());
    let a = device.handle(Arc::clone(&vault));
    let gate = device.fake.on(RevokeToken).hold();
    let signing_out = tokio::spawn(async move { a.sign_out(SignOutOptions::local()).await });
    gate.reached_by(1).await;
    signing_out.abort();
    // The handle was dropped with the call.
    signing_out.await.unwrap_err();

    let b = device.handle(vault);
    let joining = tokio::spawn(async move { b.sign_out(SignOutOptions::local()).await });
    yield_now().await;
    gate.open();
    let SignOutResult::Complete(joined) = joining.await.unwrap() else {
        panic!("not complete")
    };
    assert_eq!(joined.report.steps.revoke_token.to_string(), "done");
    device.assert_asked(&[RevokeToken]);
}

#[tokio::test]
async fn handles_over_other_records_share_nothing() {
    let (one, other) = (Device::signed_in().await, Device::signed_in().await);
    let a = one.handle(Arc::new(one.vault.clone()));
    let b = other.handle(Arc::new(other.vault.clone()));
    let mut events = b.events();
    complete(a.sign_out(SignOutOptions::local()).await);
    assert!(heard(&mut events).is_empty());
    assert!(matches!(b.session().await, SessionState::SignedIn(_)));
}

/// With rotation, and a keychain that refuses writes for a while: the fate of the new token.
async fn rotated_while_locked() -> (Device, Auth, cognito_signout::Tokens) {
    let device = Device::with_rotation().await;
    device.sign_in("ana").await;
    let auth = device.handle(Arc::new(device.vault.clone()));
    device.vault.refuse(Use::Lock, VaultError::Locked("for a while".into()));
    let fresh = auth.refresh().await.unwrap();
    device.assert_asked(&[GetTokensFromRefreshToken]);
    (device, auth, fresh)
}

#[tokio::test]
async fn rotated_tokens_that_the_keychain_refuses_are_returned_and_written_at_the_next_turn() {
    let (device, auth, fresh) = rotated_while_locked().await;
    // Every handle of the process reads them as if they were on record.
    assert_eq!(auth.tokens().await.unwrap(), fresh);
    assert_ne!(device.restarted().auth.tokens().await.unwrap(), fresh, "not on record");

    device.vault.heal();
    let some = cognito_signout::Device::new("key", "group", "password");
    auth.set_device("bob", Some(some)).await.unwrap();
    assert_eq!(device.restarted().auth.tokens().await.unwrap(), fresh);
    // A token on record is not revoked when the handle is dropped.
    drop(auth);
    yield_now().await;
    assert_eq!(device.fake.count(RevokeToken), 0);
}

#[tokio::test]
async fn rotated_tokens_that_are_not_on_record_yet_are_what_a_refresh_uses_and_a_sign_out_revokes() {
    let (device, auth, fresh) = rotated_while_locked().await;
    let newer = auth.refresh().await.unwrap();
    assert_ne!(newer.refresh_token, fresh.refresh_token);
    device.vault.heal();
    complete(auth.sign_out(SignOutOptions::local()).await);
    assert!(!device.fake.is_refresh_token_live(&newer.refresh_token));
    assert_eq!(device.fake.live_sessions("ana"), 0);
    assert_eq!(device.vault.record(), None);
}

#[tokio::test]
async fn rotated_tokens_that_are_never_on_record_are_revoked_when_the_last_handle_is_dropped() {
    let (device, auth, fresh) = rotated_while_locked().await;
    let gate = device.fake.on(RevokeToken).after_effect().hold();
    let last = auth.clone();
    drop(auth);
    yield_now().await;
    assert!(device.fake.is_refresh_token_live(&fresh.refresh_token));
    drop(last);
    gate.reached_by(1).await;
    assert!(!device.fake.is_refresh_token_live(&fresh.refresh_token));
}

#[tokio::test]
async fn rotated_tokens_of_a_session_that_has_ended_meanwhile_are_not_returned_and_revoked_later() {
    let device = Device::with_rotation().await;
    device.sign_in("ana").await;
    let auth = device.handle(Arc::new(device.vault.clone()));
    let gate = device.fake.on(GetTokensFromRefreshToken).after_effect().hold();
    let refreshing = tokio::spawn({
        let auth = auth.clone();
        async move { auth.refresh().await }
    });
    gate.reached_by(1).await;
    assert!(auth.sign_out(SignOutOptions::local()).await.signed_out_locally());
    device.vault.refuse(Use::Lock, VaultError::Locked("for a while".into()));
    gate.open();
    assert_eq!(refreshing.await.unwrap(), Err(AuthError::SignedOut));

    device.vault.heal();
    assert_eq!(auth.session().await, SessionState::SignedOut);
    let _ = auth.resume().await.unwrap();
    assert_eq!(device.fake.live_sessions("ana"), 0);
    assert_eq!(device.vault.record(), None);
}

/// For each handle, a vault object without a name is a separate store. The tests simulate other processes in this way.
#[tokio::test]
async fn vaults_without_a_name_are_separate_stores() {
    let device = Device::signed_in().await;
    let (a, b) = (
        device.handle(device.vault.clone()),
        device.handle(TestVault::clone(&device.vault)),
    );
    let mut events = b.events();
    complete(a.sign_out(SignOutOptions::local()).await);
    assert!(heard(&mut events).is_empty());
}
