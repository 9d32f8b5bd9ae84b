//! Whether the session lives at Cognito: `verify` and `remote_sign_out`, which mark a session that has ended and sign nobody out.

use std::time::Duration;

use cognito_signout::AuthEvent::{SessionExpired, SignedIn};
use cognito_signout::SignedOutReason::Local;
use cognito_signout::Verification::{Alive, Ended, Unknown};
use cognito_signout::fake_cognito::Operation::{GetTokensFromRefreshToken, GetUser, InitiateAuth, RevokeToken};
use cognito_signout::fake_cognito::{FakeCognito, Fault, ServiceError};
use cognito_signout::vault::VaultError;
use cognito_signout::{
    AuthError, Claims, DEFAULT_DEADLINE, EndReason, ErrorCode, RemoteSignOut, SessionState, SignedInWith, Verification,
};
use serde_json::{Value, json};

use crate::device::{Device, TWO_HOURS, complete, heard, of, signed_out};
use crate::vault::Use;

/// The session is marked as expired and still on record; or it is not marked.
async fn assert_marked(device: &Device, expected: bool) {
    for process in [&device.auth, &device.restarted().auth] {
        let SessionState::SignedIn(session) = process.session().await else {
            panic!("only an explicit call signs out")
        };
        assert_eq!(session.expired, expected);
    }
}

fn code(verification: &Verification) -> ErrorCode {
    match verification {
        Unknown(error) => error.code(),
        known => panic!("known: {known:?}"),
    }
}

#[tokio::test]
async fn a_live_session_is_alive_after_one_request_and_nothing_changes() {
    let device = Device::signed_in().await;
    let (before, mut events) = (device.vault.record(), device.auth.events());
    assert_eq!(device.auth.verify().await, Alive);
    device.assert_asked(&[GetUser]);
    assert_eq!(heard(&mut events), []);
    assert_eq!(device.vault.record(), before);
}

#[tokio::test]
async fn a_session_that_was_revoked_has_ended_and_is_marked_once_and_nobody_is_signed_out() {
    let device = Device::signed_in().await;
    let mut events = device.auth.events();
    device.fake.sign_out_everywhere("ana");
    for _ in 0..3 {
        assert_eq!(device.auth.verify().await, Ended(EndReason::Revoked));
    }
    assert_eq!(device.restarted().auth.verify().await, Ended(EndReason::Revoked));
    assert_eq!(
        heard(&mut events),
        [SessionExpired {
            reason: EndReason::Revoked
        }]
    );
    device.assert_asked(&[GetUser, InitiateAuth]);
    assert_marked(&device, true).await;
    assert_eq!(device.auth.tokens().await, Err(AuthError::SessionExpired));
    complete(device.sign_out().await);
    assert_eq!(heard(&mut events), [signed_out(Local)]);
    assert_eq!(device.auth.verify().await, Unknown(AuthError::SignedOut));
}

#[tokio::test]
async fn the_reason_is_what_cognito_says_of_the_session_or_its_user() {
    type Case = (EndReason, fn(&FakeCognito));
    let cases: [Case; 5] = [
        (EndReason::Revoked, |fake| fake.sign_out_everywhere("ana")),
        (EndReason::UserDisabled, |fake| fake.set_enabled("ana", false)),
        (EndReason::UserDeleted, |fake| fake.delete_user("ana")),
        (EndReason::PasswordReset, |fake| fake.require_password_reset("ana")),
        (EndReason::Expired, |fake| {
            fake.advance(Duration::from_secs(100 * 24 * 60 * 60));
        }),
    ];
    for (reason, end) in cases {
        let device = Device::signed_in().await;
        let mut events = device.auth.events();
        end(&device.fake);
        assert_eq!(device.auth.verify().await, Ended(reason));
        assert_eq!(heard(&mut events), [SessionExpired { reason }]);
        assert_marked(&device, true).await;
    }
}

#[tokio::test]
async fn a_refused_refresh_says_its_reason_in_the_event_and_verify_says_it_again_without_a_request() {
    for (error, reason) in [
        (ServiceError::RefreshTokenRevoked, EndReason::Revoked),
        (ServiceError::RefreshTokenExpired, EndReason::Expired),
        (ServiceError::UserDisabled, EndReason::UserDisabled),
        (ServiceError::RefreshTokenUserDeleted, EndReason::UserDeleted),
        (ServiceError::UserNotFound, EndReason::UserDeleted),
        (ServiceError::PasswordResetRequired, EndReason::PasswordReset),
        (ServiceError::InvalidRefreshToken, EndReason::Unknown),
        (ServiceError::RefreshTokenReuse, EndReason::Unknown),
    ] {
        let device = Device::signed_in().await;
        let mut events = device.auth.events();
        device.fake.on(InitiateAuth).always(Fault::Refuse(error));
        assert_eq!(device.auth.refresh().await, Err(AuthError::SessionExpired), "{error:?}");
        assert_eq!(heard(&mut events), [SessionExpired { reason }], "{error:?}");
        assert_eq!(device.auth.verify().await, Ended(reason), "{error:?}");
        device.assert_asked(&[InitiateAuth]);
    }
}

#[tokio::test]
async fn an_expired_access_token_is_not_sent_and_the_refresh_decides() {
    let device = Device::signed_in().await;
    device.advance(TWO_HOURS);
    assert_eq!(device.auth.verify().await, Alive);
    device.assert_asked(&[InitiateAuth]);
    device.advance(TWO_HOURS);
    device.fake.sign_out_everywhere("ana");
    assert_eq!(device.auth.verify().await, Ended(EndReason::Revoked));
    device.assert_asked(&[InitiateAuth, InitiateAuth]);
}

#[tokio::test]
async fn without_the_scope_a_refresh_asks() {
    let device = Device::new().await;
    let tokens = device.fake.sign_in_with_scope("ana", "openid");
    device.auth.store_session(of(&tokens), SignedInWith::Api).await.unwrap();
    assert_eq!(device.auth.verify().await, Alive);
    device.fake.sign_out_everywhere("ana");
    assert_eq!(device.auth.verify().await, Ended(EndReason::Revoked));
    device.assert_asked(&[InitiateAuth, InitiateAuth]);
}

#[tokio::test]
async fn if_only_cognito_knows_that_the_scope_is_missing_a_refresh_decides_too() {
    let device = Device::signed_in().await;
    device
        .fake
        .on(GetUser)
        .always(Fault::Refuse(ServiceError::MissingScope));
    assert_eq!(device.auth.verify().await, Alive);
    device.assert_asked(&[GetUser, InitiateAuth]);
}

#[tokio::test]
async fn an_access_token_that_was_revoked_alone_is_replaced_and_the_session_lives() {
    let device = Device::signed_in().await;
    let mut events = device.auth.events();
    device.fake.set_enabled("ana", false);
    device.fake.set_enabled("ana", true);
    assert_eq!(device.auth.verify().await, Alive);
    assert_eq!(heard(&mut events), []);
    assert_marked(&device, false).await;
    device.assert_asked(&[GetUser, InitiateAuth, GetUser]);
}

#[tokio::test]
async fn with_rotation_a_password_reset_ends_a_session_that_could_still_be_refreshed() {
    let device = Device::with_rotation().await;
    device.sign_in("ana").await;
    let mut events = device.auth.events();
    device.fake.require_password_reset("ana");
    assert_eq!(device.auth.verify().await, Ended(EndReason::PasswordReset));
    device.assert_asked(&[GetUser, GetTokensFromRefreshToken, GetUser]);
    assert_eq!(
        heard(&mut events),
        [SessionExpired {
            reason: EndReason::PasswordReset
        }]
    );
    // The rotated token is on record, so the sign-out revokes it.
    complete(device.sign_out().await);
    assert_eq!(device.fake.live_sessions("ana"), 0);
}

#[tokio::test]
async fn a_second_refusal_without_a_clear_reason_leaves_it_unknown() {
    for refusal in [ServiceError::InvalidAccessToken, ServiceError::AccessTokenExpired] {
        let device = Device::signed_in().await;
        let mut events = device.auth.events();
        device.fake.on(GetUser).always(Fault::Refuse(refusal));
        let asked = device.auth.verify().await;
        assert!(
            matches!(asked, Unknown(AuthError::Service(_))),
            "{refusal:?}: {asked:?}"
        );
        device.assert_asked(&[GetUser, InitiateAuth, GetUser]);
        assert_eq!(heard(&mut events), [], "{refusal:?}");
        assert_marked(&device, false).await;
    }
}

#[tokio::test]
async fn what_is_no_answer_of_cognito_or_not_about_the_session_leaves_it_unknown() {
    for (fault, expected) in [
        (Fault::Refuse(ServiceError::Forbidden), ErrorCode::Forbidden),
        (Fault::Refuse(ServiceError::TooManyRequests), ErrorCode::Throttled),
        (
            Fault::Refuse(ServiceError::InternalError),
            ErrorCode::ServiceUnavailable,
        ),
        (Fault::Refuse(ServiceError::OperationNotEnabled), ErrorCode::Refused),
        (Fault::Refuse(ServiceError::ResourceNotFound), ErrorCode::Refused),
        (Fault::Refuse(ServiceError::UserNotConfirmed), ErrorCode::Refused),
        (Fault::CaptivePortal, ErrorCode::UnexpectedResponse),
        (Fault::EmptyPortal, ErrorCode::UnexpectedResponse),
        (Fault::EmptyBody, ErrorCode::UnexpectedResponse),
        (Fault::HtmlPage(503), ErrorCode::ServiceUnavailable),
        (Fault::Reset, ErrorCode::NetworkUnavailable),
    ] {
        let device = Device::signed_in().await;
        let mut events = device.auth.events();
        device.fake.on(GetUser).always(fault.clone());
        assert_eq!(code(&device.auth.verify().await), expected, "{fault:?}");
        assert_eq!(device.fake.count(InitiateAuth), 0, "{fault:?}");
        assert_eq!(heard(&mut events), [], "{fault:?}");
        assert_marked(&device, false).await;
        device.fake.heal();
        assert_eq!(device.auth.verify().await, Alive, "{fault:?}");
    }
}

#[tokio::test]
async fn a_refresh_that_cannot_be_made_leaves_it_unknown() {
    let device = Device::signed_in().await;
    device.fake.sign_out_everywhere("ana");
    device
        .fake
        .on(InitiateAuth)
        .always(Fault::Refuse(ServiceError::Forbidden));
    assert_eq!(code(&device.auth.verify().await), ErrorCode::Forbidden);
    assert_marked(&device, false).await;
}

#[tokio::test(start_paused = true)]
async fn it_answers_in_time_if_cognito_does_not() {
    for operation in [GetUser, InitiateAuth] {
        let device = Device::signed_in().await;
        device.fake.set_enabled("ana", false);
        device.fake.on(operation).always(Fault::Hang);
        let started = tokio::time::Instant::now();
        assert_eq!(code(&device.auth.verify().await), ErrorCode::TimedOut, "{operation:?}");
        assert!(
            started.elapsed() <= DEFAULT_DEADLINE,
            "{operation:?}: {:?}",
            started.elapsed()
        );
    }
}

#[tokio::test]
async fn without_a_session_or_a_readable_record_nothing_is_asked() {
    let device = Device::new().await;
    assert_eq!(device.auth.verify().await, Unknown(AuthError::SignedOut));
    device.vault.refuse(Use::Read, VaultError::Locked("for now".into()));
    assert_eq!(code(&device.auth.verify().await), ErrorCode::VaultLocked);
    device.assert_asked(&[]);
}

/// The answer about a session that is gone meanwhile must not mark the next one.
#[tokio::test]
async fn an_answer_about_an_old_session_does_not_mark_a_new_one() {
    let device = Device::signed_in().await;
    let gate = device.fake.on(GetUser).after_effect().hold();
    device.fake.sign_out_everywhere("ana");
    let auth = device.auth.clone();
    let asking = tokio::spawn(async move { auth.verify().await });
    gate.reached_by(1).await;
    device.sign_in("bob").await;
    let mut events = device.auth.events();
    gate.open();
    assert_eq!(asking.await.unwrap(), Unknown(AuthError::SignedOut));
    assert_eq!(
        device.fake.count(InitiateAuth),
        0,
        "bob's tokens are not refreshed for it"
    );
    assert_marked(&device, false).await;
    device.assert_signed_in_as("bob").await;
    assert!(!heard(&mut events).contains(&SessionExpired {
        reason: EndReason::Revoked
    }));
}

/// The same when the refresh has the answer.
#[tokio::test]
async fn a_refusal_of_an_old_refresh_token_does_not_mark_a_new_session() {
    let device = Device::signed_in().await;
    device.advance(TWO_HOURS);
    let gate = device.fake.on(InitiateAuth).after_effect().hold();
    device.fake.sign_out_everywhere("ana");
    let auth = device.auth.clone();
    let asking = tokio::spawn(async move { auth.verify().await });
    gate.reached_by(1).await;
    device.sign_in("bob").await;
    gate.open();
    assert_eq!(asking.await.unwrap(), Unknown(AuthError::SignedOut));
    assert_marked(&device, false).await;
    assert_eq!(device.auth.verify().await, Alive);
}

/// Another process has refreshed and rotated: the refusal of the old token is not about the session on record now.
#[tokio::test]
async fn an_answer_about_tokens_that_another_process_has_replaced_marks_nothing() {
    let device = Device::with_rotation().await;
    device.sign_in("ana").await;
    device.advance(TWO_HOURS);
    let gate = device.fake.on(GetTokensFromRefreshToken).hold();
    let auth = device.auth.clone();
    let asking = tokio::spawn(async move { auth.verify().await });
    gate.reached_by(1).await;
    device.fake.heal();
    device.restarted().auth.refresh().await.unwrap();
    gate.open();
    assert_eq!(asking.await.unwrap(), Alive);
    assert_marked(&device, false).await;
}

#[tokio::test]
async fn many_calls_at_once_all_get_the_answer_and_one_event_is_sent() {
    let device = Device::signed_in().await;
    let mut events = device.auth.events();
    device.fake.sign_out_everywhere("ana");
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let auth = device.auth.clone();
            tokio::spawn(async move { auth.verify().await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), Ended(EndReason::Revoked));
    }
    assert_eq!(
        heard(&mut events),
        [SessionExpired {
            reason: EndReason::Revoked
        }]
    );
}

#[tokio::test]
async fn the_same_user_signs_in_again_and_the_new_session_is_alive() {
    let device = Device::signed_in().await;
    device.fake.sign_out_everywhere("ana");
    assert_eq!(device.auth.verify().await, Ended(EndReason::Revoked));
    let mut events = device.auth.events();
    device.sign_in("ana").await;
    assert_eq!(device.auth.verify().await, Alive);
    assert!(heard(&mut events).contains(&SignedIn));
}

/// What a push says of the session on record.
async fn about(device: &Device) -> Value {
    let tokens = device.auth.tokens().await.unwrap();
    let claims = Claims::from_jwt(&tokens.access_token).unwrap();
    json!({ "sub": claims.subject(), "origin_jti": claims.origin_jti() })
}

#[tokio::test]
async fn a_push_about_this_session_is_verified_in_each_form_of_the_message() {
    let device = Device::signed_in().await;
    let about = about(&device).await;
    let user = json!({ "sub": about["sub"] });
    let messages = [
        json!({ "cognito_signout": about }),
        json!({ "cognito_signout": user }),
        // APNs.
        json!({ "aps": { "content-available": 1 }, "cognito_signout": user, "more": [1] }),
        // FCM: every value is a string.
        json!({ "from": "1234", "cognito_signout": about.to_string() }),
    ];
    for message in &messages {
        let verified = device.auth.remote_sign_out(&message.to_string()).await;
        assert_eq!(verified, RemoteSignOut::Verified(Alive), "{message}");
    }
    device.assert_asked(&[GetUser; 4]);
    let mut events = device.auth.events();
    device.fake.sign_out_everywhere("ana");
    for message in &messages {
        let verified = device.auth.remote_sign_out(&message.to_string()).await;
        assert_eq!(
            verified,
            RemoteSignOut::Verified(Ended(EndReason::Revoked)),
            "{message}"
        );
    }
    assert_eq!(
        heard(&mut events),
        [SessionExpired {
            reason: EndReason::Revoked
        }]
    );
    assert_marked(&device, true).await;
}

#[tokio::test]
async fn a_push_about_another_user_or_session_or_about_nothing_does_nothing() {
    let device = Device::signed_in().await;
    device.fake.sign_out_everywhere("ana");
    let about = about(&device).await;
    for (message, expected) in [
        (
            json!({ "cognito_signout": { "sub": "another" } }),
            RemoteSignOut::OtherSession,
        ),
        (
            json!({ "cognito_signout": { "sub": about["sub"], "origin_jti": "another" } }),
            RemoteSignOut::OtherSession,
        ),
        (
            json!({ "cognito_signout": { "sub": "" } }),
            RemoteSignOut::NotRecognized,
        ),
        (json!({ "cognito_signout": { "sub": 7 } }), RemoteSignOut::NotRecognized),
        (json!({ "cognito_signout": {} }), RemoteSignOut::NotRecognized),
        (json!({ "cognito_signout": "ana" }), RemoteSignOut::NotRecognized),
        (
            json!({ "cognito_signout": [about["sub"]] }),
            RemoteSignOut::NotRecognized,
        ),
        (json!({ "cognito_signout": null }), RemoteSignOut::NotRecognized),
        (
            json!({ "aps": { "alert": "You have mail" } }),
            RemoteSignOut::NotRecognized,
        ),
        (about.clone(), RemoteSignOut::NotRecognized),
        (json!("text"), RemoteSignOut::NotRecognized),
    ] {
        assert_eq!(
            device.auth.remote_sign_out(&message.to_string()).await,
            expected,
            "{message}"
        );
    }
    assert_eq!(device.auth.remote_sign_out("{").await, RemoteSignOut::NotRecognized);
    device.assert_asked(&[]);
    assert_marked(&device, false).await;

    let message = json!({ "cognito_signout": about }).to_string();
    complete(device.sign_out().await);
    assert_eq!(device.auth.remote_sign_out(&message).await, RemoteSignOut::OtherSession);
    device.vault.refuse(Use::Read, VaultError::Locked("for now".into()));
    let unread = device.auth.remote_sign_out(&message).await;
    assert!(
        matches!(unread, RemoteSignOut::Verified(Unknown(AuthError::Vault(_)))),
        "{unread:?}"
    );
    device.assert_asked(&[RevokeToken]);
}

/// Without token revocation, tokens have no `origin_jti`.
#[tokio::test]
async fn a_push_about_a_session_whose_tokens_do_not_name_it_is_verified_for_its_user() {
    let device = Device::at(FakeCognito::builder().token_revocation(false), |config| config).await;
    device.sign_in("ana").await;
    let about = about(&device).await;
    assert_eq!(about["origin_jti"], Value::Null);
    let message = json!({ "cognito_signout": { "sub": about["sub"], "origin_jti": "some" } });
    let verified = device.auth.remote_sign_out(&message.to_string()).await;
    assert_eq!(verified, RemoteSignOut::Verified(Alive));
}

/// The JSON of the guide is what an app gets: APNs gives it the whole payload, FCM its `data`.
#[tokio::test]
async fn each_message_of_the_guide_is_recognized() {
    let device = Device::signed_in().await;
    let guide = std::fs::read_to_string("docs/remote-sign-out.md").unwrap();
    let shown = guide
        .split("```json\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap());
    let mut recognized = 0;
    for message in shown {
        let sent: Value = serde_json::from_str(message).unwrap();
        let received = sent.pointer("/message/data").unwrap_or(&sent);
        let outcome = device.auth.remote_sign_out(&received.to_string()).await;
        assert_eq!(outcome, RemoteSignOut::OtherSession, "{message}");
        recognized += 1;
    }
    assert_eq!(recognized, 2);
}
