//! A device whose clock is wrong, or jumps.

use cognito_signout::SessionState;
use cognito_signout::fake_cognito::FakeClock;
use cognito_signout::fake_cognito::Operation::{GlobalSignOut, InitiateAuth, RevokeToken};

use crate::device::{Device, TWO_HOURS, complete, of, steps};

#[tokio::test]
async fn a_clock_that_jumps_forward_causes_one_needless_refresh_and_nothing_else() {
    let clock = FakeClock::default();
    let device = Device::new().await.with_clock(&clock);
    let tokens = device.sign_in("ana").await;
    clock.advance(TWO_HOURS);
    let result = device.sign_out_globally().await;
    assert_eq!(steps(&result)[2..], ["done"; 4]);
    complete(result);
    device.assert_asked(&[InitiateAuth, GlobalSignOut, RevokeToken]);
    assert!(!device.fake.is_refresh_token_live(&tokens.refresh));
}

#[tokio::test]
async fn a_clock_that_was_set_back_learns_from_cognito_that_the_access_token_has_expired() {
    let clock = FakeClock::default();
    let device = Device::new().await.with_clock(&clock);
    let tokens = device.sign_in("ana").await;
    device.fake.sign_in("ana");
    device.fake.advance(TWO_HOURS);
    assert_eq!(
        device.auth.tokens().await,
        Ok(of(&tokens)),
        "as far as the device can tell"
    );

    complete(device.sign_out_globally().await);
    device.assert_asked(&[GlobalSignOut, InitiateAuth, GlobalSignOut, RevokeToken]);
    assert_eq!(device.fake.live_sessions("ana"), 0);
    device.assert_signed_out().await;
}

#[tokio::test]
async fn a_clock_that_jumps_signs_nobody_out() {
    let clock = FakeClock::default();
    let device = Device::new().await.with_clock(&clock);
    device.sign_in("ana").await;
    let ten_years = 5 * 365 * 12 * TWO_HOURS;
    clock.advance(2 * ten_years);
    device.assert_signed_in_as("ana").await;
    clock.rewind(4 * ten_years);
    device.assert_signed_in_as("ana").await;
    assert!(matches!(device.auth.session().await, SessionState::SignedIn(session) if !session.expired));
    complete(device.sign_out().await);
}
