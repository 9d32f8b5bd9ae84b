//! What a retry of a `Partial` may report, and which refresh token of a session it uses.

use std::time::Duration;

use cognito_signout::fake_cognito::Operation::{GetTokensFromRefreshToken, GlobalSignOut, RevokeToken};
use cognito_signout::fake_cognito::{FakeCognito, Fault};
use cognito_signout::{ErrorCode, SignOutOptions, UnpaidRevocations};

use crate::device::{Device, REFUSED, TWO_HOURS, complete, partial, steps};

#[tokio::test]
async fn our_own_revocation_whose_response_was_lost_does_not_count_as_a_global_sign_out() {
    let device = Device::signed_in().await;
    let elsewhere = device.fake.sign_in("ana");
    device.fake.on(GlobalSignOut).once(REFUSED);
    device.fake.on(RevokeToken).after_effect().always(Fault::Reset);
    let lost = partial(device.sign_out_globally().await);
    device.fake.heal();

    let retried = partial(device.auth.retry(&lost).await);
    let error = retried.global_sign_out_error.unwrap().error;
    assert_eq!(error.code(), ErrorCode::SessionExpired);
    assert!(device.fake.is_refresh_token_live(&elsewhere.refresh), "and so it was");
}

#[tokio::test]
async fn a_kept_debt_that_was_rotated_meanwhile_is_retried_with_the_newest_token() {
    let kept = UnpaidRevocations::Keep {
        max_age: 10 * TWO_HOURS,
        max_debts: 5,
    };
    let pool = FakeCognito::builder().rotation(Duration::ZERO);
    let device = Device::at(pool, |config| {
        config.refresh_token_rotation(true).unpaid_revocations(kept)
    })
    .await;
    device.sign_in("ana").await;
    for operation in [GlobalSignOut, RevokeToken] {
        device.fake.on(operation).always(REFUSED);
    }
    let first = partial(device.sign_out_globally().await);
    device.advance(TWO_HOURS);
    for settled in device.auth.resume().await.unwrap().settled {
        partial(settled);
    }
    assert_eq!(device.fake.count(GetTokensFromRefreshToken), 1, "the token was rotated");

    device.fake.heal();
    complete(device.auth.retry(&first).await);
    assert_eq!(device.fake.live_sessions("ana"), 0);
    assert_eq!(device.vault.record(), None);
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_rotates_leaves_the_new_token_on_record_if_its_caller_is_gone() {
    let pool = FakeCognito::builder().rotation(Duration::ZERO);
    let device = Device::at(pool, |config| {
        let config = config.refresh_token_rotation(true);
        config.unpaid_revocations(UnpaidRevocations::HandOver)
    })
    .await;
    device.sign_in("ana").await;
    device.fake.go_offline().await.unwrap();
    let first = partial(device.sign_out_globally().await);
    assert_eq!(device.vault.record(), None, "it was handed over");
    device.fake.go_online().await.unwrap();
    device.advance(TWO_HOURS);

    for operation in [GlobalSignOut, RevokeToken] {
        device.fake.on(operation).always(Fault::Hang);
    }
    let auth = device.auth.clone();
    let retrying = tokio::spawn(async move { auth.retry(&first).await });
    while device.fake.count(GlobalSignOut) == 0 {
        tokio::task::yield_now().await;
    }
    retrying.abort();
    tokio::time::sleep(Duration::from_secs(60)).await;

    device.fake.heal();
    let next = device.restarted();
    for settled in next.auth.resume().await.unwrap().settled {
        complete(settled);
    }
    assert_eq!(device.fake.live_sessions("ana"), 0);
    assert_eq!(device.vault.record(), None);
}

#[tokio::test]
async fn a_retry_does_not_repeat_what_was_paid_meanwhile() {
    for revoke_is_paid_too in [false, true] {
        let device = Device::at(FakeCognito::builder(), |config| {
            config.unpaid_revocations(UnpaidRevocations::Keep {
                max_age: 10 * TWO_HOURS,
                max_debts: 5,
            })
        })
        .await;
        device.sign_in("ana").await;
        for operation in [GlobalSignOut, RevokeToken] {
            device.fake.on(operation).always(REFUSED);
        }
        let first = partial(device.sign_out_globally().await);
        device.fake.heal();
        if !revoke_is_paid_too {
            device.fake.on(RevokeToken).once(REFUSED);
        }
        device.auth.settle_pending().await.unwrap();
        device.fake.forget_requests();

        let retried = device.auth.retry(&first).await;
        assert_eq!(steps(&retried)[3], "skipped:already_done");
        assert!(complete(retried).report.signed_out_everywhere());
        assert_eq!(device.fake.count(GlobalSignOut), 0);
        assert_eq!(device.fake.live_sessions("ana"), 0);
        assert_eq!(device.vault.record(), None);
    }
}

/// A debt on record without a global sign-out does not mean that there was one.
#[tokio::test(start_paused = true)]
async fn a_retry_of_a_global_call_that_joined_too_late_asks_for_the_global_sign_out() {
    let device = Device::signed_in().await;
    let elsewhere = device.fake.sign_in("ana");
    device.fake.on(RevokeToken).always(Fault::Hang);
    let local = device.begin_sign_out(SignOutOptions::local());
    while device.fake.count(RevokeToken) == 0 {
        tokio::task::yield_now().await;
    }
    let global = device.begin_sign_out(SignOutOptions::global());
    assert!(partial(local.await.unwrap()).kept);
    let too_late = partial(global.await.unwrap());
    let code = too_late.global_sign_out_error.as_ref().unwrap().error.code();
    assert_eq!(code, ErrorCode::JoinedTooLate);
    device.fake.heal();
    assert!(
        complete(device.auth.retry(&too_late).await)
            .report
            .signed_out_everywhere()
    );
    assert!(!device.fake.is_refresh_token_live(&elsewhere.refresh));
}

#[tokio::test]
async fn a_retry_waits_for_a_running_payment_and_does_the_rest() {
    let device = Device::signed_in().await;
    for operation in [GlobalSignOut, RevokeToken] {
        device.fake.on(operation).always(REFUSED);
    }
    let first = partial(device.sign_out_globally().await);
    device.fake.heal();
    device.fake.forget_requests();
    let gate = device.fake.on(GlobalSignOut).hold();
    let auth = device.auth.clone();
    let settling = tokio::spawn(async move { auth.settle_pending().await });
    gate.reached_by(1).await;
    let auth = device.auth.clone();
    let retrying = tokio::spawn(async move { auth.retry(&first).await });
    tokio::task::yield_now().await;
    gate.open();
    complete(settling.await.unwrap().unwrap().remove(0));
    complete(retrying.await.unwrap());
    assert_eq!(device.fake.count(GlobalSignOut), 1);
}
