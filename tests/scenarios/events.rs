//! Which events subscribers get, and that no subscriber can block a sign-out: scenario 18.

use cognito_signout::AuthEvent::{RevocationSettled, SessionExpired, SignedIn};
use cognito_signout::SignedOutReason::{Global, Local, Replaced};
use cognito_signout::fake_cognito::Operation::{InitiateAuth, RevokeToken};
use cognito_signout::fake_cognito::{FakeCognito, Fault, ServiceError};
use cognito_signout::vault::VaultError;
use cognito_signout::{AuthError, EndReason, SessionState, UnpaidRevocations};

use crate::device::{Device, REFUSED, TWO_HOURS, complete, failed, heard, partial, signed_out};
use crate::vault::Use;

#[tokio::test]
async fn s18_each_transition_sends_one_event_in_order() {
    let device = Device::new().await;
    let mut events = device.auth.events();
    device.sign_in("ana").await;
    complete(device.sign_out().await);
    complete(device.sign_out().await);
    device.sign_in("ana").await;
    device.sign_in("bob").await;
    let expected = [
        SignedIn,
        signed_out(Local),
        SignedIn,
        signed_out(Replaced),
        SignedIn,
        RevocationSettled,
    ];
    for expected in expected {
        assert_eq!(events.next().await, Some(expected));
    }
    complete(device.sign_out_globally().await);
    device.auth.settle_pending().await.unwrap();
    assert_eq!(heard(&mut events), [signed_out(Global)]);
}

#[tokio::test]
async fn s18_a_failed_sign_out_sends_no_event() {
    let device = Device::signed_in().await;
    let mut events = device.auth.events();
    for what in [Use::Read, Use::Write] {
        device.vault.refuse(what, VaultError::Locked("for now".into()));
        failed(device.sign_out().await);
        device.vault.heal();
    }
    assert_eq!(heard(&mut events), []);
}

#[tokio::test]
async fn a_partial_sign_out_sends_the_usual_event_and_the_payment_of_its_debt_sends_settled() {
    let keep = UnpaidRevocations::Keep {
        max_age: TWO_HOURS,
        max_debts: 9,
    };
    let device = Device::at(FakeCognito::builder(), |config| config.unpaid_revocations(keep)).await;
    device.sign_in("ana").await;
    let mut events = device.auth.events();
    device.fake.on(RevokeToken).once(REFUSED);
    let partial = partial(device.sign_out().await);
    assert_eq!(heard(&mut events), [signed_out(Local)]);
    complete(device.auth.retry(&partial).await);
    assert_eq!(heard(&mut events), [RevocationSettled]);
    complete(device.auth.retry(&partial).await);
    assert_eq!(heard(&mut events), [], "once");
}

#[tokio::test]
async fn a_dead_refresh_token_sends_one_event_and_the_record_stays() {
    let device = Device::signed_in().await;
    let mut events = device.auth.events();
    device.fake.advance(TWO_HOURS);
    device
        .fake
        .on(InitiateAuth)
        .always(Fault::Refuse(ServiceError::RefreshTokenRevoked));
    for _ in 0..3 {
        assert_eq!(device.auth.tokens().await, Err(AuthError::SessionExpired));
    }
    assert_eq!(
        heard(&mut events),
        [SessionExpired {
            reason: EndReason::Revoked
        }]
    );
    device.assert_asked(&[InitiateAuth]);
    let SessionState::SignedIn(session) = device.auth.session().await else {
        panic!("only an explicit call signs out")
    };
    assert!(session.expired);
    complete(device.sign_out().await);
}

#[tokio::test]
async fn only_a_definite_response_expires_the_session() {
    let page = |status| Fault::HtmlPage(status);
    for fault in [
        page(403),
        page(503),
        Fault::Refuse(ServiceError::Forbidden),
        Fault::CaptivePortal,
    ] {
        let device = Device::signed_in().await;
        let mut events = device.auth.events();
        device.fake.advance(TWO_HOURS);
        device.fake.on(InitiateAuth).always(fault.clone());
        let answer = device.auth.tokens().await;
        assert!(matches!(answer, Err(AuthError::Service(_))), "{fault:?}: {answer:?}");
        assert_eq!(heard(&mut events), [], "{fault:?}");
        device.fake.heal();
        assert!(device.auth.tokens().await.is_ok(), "{fault:?}");
    }
}

#[tokio::test]
async fn a_subscriber_may_call_the_library_during_the_sign_out() {
    let device = Device::signed_in().await;
    let gate = device.fake.on(RevokeToken).hold();
    let (auth, mut events) = (device.auth.clone(), device.auth.events());
    let subscriber = tokio::spawn(async move {
        assert_eq!(events.next().await, Some(signed_out(Local)));
        let session = auth.session().await;
        auth.set_device("ana", None).await.unwrap();
        (session, auth.sign_out(Default::default()).await)
    });
    let signing_out = device.begin_sign_out(Default::default());
    gate.reached_by(1).await;
    assert_eq!(device.auth.session().await, SessionState::SignedOut);
    gate.open();
    complete(signing_out.await.unwrap());
    let (session, joined) = subscriber.await.unwrap();
    assert_eq!(session, SessionState::SignedOut);
    complete(joined);
    device.assert_asked(&[RevokeToken]);
}

#[tokio::test]
async fn a_subscriber_that_never_reads_blocks_nobody_and_loses_the_oldest_events() {
    let device = Device::new().await;
    let mut slow = device.auth.events();
    let mut quick = device.auth.events();
    let mut told = Vec::new();
    for round in 0..40 {
        device.sign_in("ana").await;
        complete(device.sign_out().await);
        assert_eq!(heard(&mut quick), [SignedIn, signed_out(Local)], "round {round}");
        told.extend([SignedIn, signed_out(Local)]);
    }
    let late = heard(&mut slow);
    assert!(late.len() < told.len());
    assert_eq!(late, told[told.len() - late.len()..]);
}

#[tokio::test]
async fn a_subscription_ends_with_the_last_handle() {
    let device = Device::new().await;
    let mut events = device.auth.events();
    drop(device);
    assert_eq!(events.next().await, None);
}
