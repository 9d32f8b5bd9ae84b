//! The rules of the user pool, as functions of state and time.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;

use crate::Secret;
use crate::fake_cognito::ServiceError as E;
use crate::fake_cognito::app_client::ClientProof;
use crate::fake_cognito::pool::Pool;
use crate::fake_cognito::settings::{SessionTracking, Settings};
use crate::fake_cognito::tokens::ADMIN_SCOPE;

const HOUR: Duration = Duration::from_secs(60 * 60);
const GRACE: Duration = Duration::from_secs(10);
const US: ClientProof<'_> = ClientProof {
    id: "client",
    proof: None,
};
const NOW: SystemTime = SystemTime::UNIX_EPOCH;

fn settings() -> Settings {
    Settings {
        user_pool_id: "eu-central-1_Pool".into(),
        client_id: "client".into(),
        client_secret: None,
        token_revocation: true,
        rotation: None,
        access_token_lifetime: HOUR,
        refresh_token_lifetime: 24 * HOUR,
        unsigned_admin: false,
        updated_issuer: false,
        session_tracking: SessionTracking::default(),
    }
}

fn pool() -> Pool {
    Pool::new(settings())
}

pub(super) fn claims(token: &Secret) -> Value {
    let claims = token.reveal().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

#[test]
fn tokens_carry_the_claims_and_have_the_size_of_cognitos() {
    let mut pool = pool();
    let tokens = pool.issue("ana", ADMIN_SCOPE, NOW + HOUR);
    let (access, id) = (claims(&tokens.access), claims(&tokens.id));
    for token in [&access, &id] {
        assert_eq!((token["iat"].as_u64(), token["exp"].as_u64()), (Some(3600), Some(7200)));
        assert_eq!(
            token["iss"],
            "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Pool"
        );
        assert_eq!(
            (&token["sub"], &token["origin_jti"]),
            (&access["sub"], &access["origin_jti"])
        );
        assert_eq!(token["jti"].as_str().unwrap().len(), 36);
    }
    assert_ne!(access["jti"], id["jti"]);
    assert_eq!(
        (&access["token_use"], &access["client_id"], &access["username"]),
        (&"access".into(), &"client".into(), &"ana".into())
    );
    assert_eq!(access["scope"], ADMIN_SCOPE);
    assert_eq!(
        (&id["token_use"], &id["aud"], &id["cognito:username"]),
        (&"id".into(), &"client".into(), &"ana".into())
    );

    assert!(
        (900..1300).contains(&tokens.access.reveal().len()),
        "{}",
        tokens.access.reveal().len()
    );
    assert!(
        (1700..1900).contains(&tokens.refresh.reveal().len()),
        "{}",
        tokens.refresh.reveal().len()
    );
    assert_eq!(tokens.refresh.reveal().split('.').count(), 5);
}

#[test]
fn revoking_ends_one_session_with_every_access_token_of_it() {
    let mut pool = pool();
    let (phone, laptop) = (pool.issue("ana", ADMIN_SCOPE, NOW), pool.issue("ana", ADMIN_SCOPE, NOW));
    let second = pool.refresh(US, phone.refresh.reveal(), NOW).unwrap();
    assert_eq!(
        claims(&second.access)["origin_jti"],
        claims(&phone.access)["origin_jti"]
    );
    assert!(second.refresh.is_none());

    pool.revoke(US, phone.refresh.reveal()).unwrap();
    for access in [&phone.access, &second.access] {
        assert_eq!(pool.get_user(access.reveal(), NOW), Err(E::AccessTokenRevoked));
    }
    assert_eq!(
        pool.refresh(US, phone.refresh.reveal(), NOW).unwrap_err(),
        E::RefreshTokenRevoked
    );
    assert!(pool.get_user(laptop.access.reveal(), NOW).is_ok());
    assert_eq!(pool.live_sessions("ana", NOW), 1);
    assert_eq!(pool.revoke(US, phone.refresh.reveal()), Ok(()), "a repeat succeeds");
}

#[test]
fn revoking_anything_but_a_refresh_token_of_this_client_is_refused_and_changes_nothing() {
    let mut pool = pool();
    let tokens = pool.issue("ana", ADMIN_SCOPE, NOW);
    let stranger = ClientProof {
        id: "stranger",
        proof: None,
    };
    assert_eq!(pool.revoke(stranger, tokens.refresh.reveal()), Err(E::Unauthorized));
    assert_eq!(pool.revoke(US, tokens.access.reveal()), Err(E::UnsupportedTokenType));
    assert_eq!(pool.revoke(US, "garbage"), Err(E::InvalidParameter));
    assert!(pool.is_refresh_token_live(tokens.refresh.reveal(), NOW));
}

#[test]
fn with_token_revocation_off_there_is_no_origin_jti_and_no_revoking() {
    let mut pool = Pool::new(Settings {
        token_revocation: false,
        ..settings()
    });
    let tokens = pool.issue("ana", ADMIN_SCOPE, NOW);
    for token in [&tokens.access, &tokens.id] {
        assert_eq!(
            (claims(token).get("origin_jti"), claims(token).get("jti")),
            (None, None)
        );
    }
    assert_eq!(pool.revoke(US, tokens.refresh.reveal()), Err(E::UnsupportedOperation));
    assert_eq!(pool.global_sign_out(tokens.access.reveal(), NOW), Ok(()));
    assert_eq!(pool.live_sessions("ana", NOW), 0);
}

#[test]
fn global_sign_out_ends_every_session_of_this_user() {
    let mut pool = pool();
    let (phone, laptop) = (pool.issue("ana", ADMIN_SCOPE, NOW), pool.issue("ana", ADMIN_SCOPE, NOW));
    let ben = pool.issue("ben", ADMIN_SCOPE, NOW);
    pool.global_sign_out(phone.access.reveal(), NOW).unwrap();
    assert_eq!((pool.live_sessions("ana", NOW), pool.live_sessions("ben", NOW)), (0, 1));
    assert!(!pool.is_access_token_live(laptop.access.reveal(), NOW));
    assert!(pool.is_access_token_live(ben.access.reveal(), NOW));
    assert_eq!(
        pool.global_sign_out(phone.access.reveal(), NOW),
        Err(E::AccessTokenRevoked),
        "a repeat is refused"
    );

    let anew = pool.issue("ana", ADMIN_SCOPE, NOW);
    assert!(
        pool.get_user(anew.access.reveal(), NOW).is_ok(),
        "the user can sign in again"
    );
}

#[test]
fn global_sign_out_needs_a_valid_access_token_with_the_scope() {
    let mut pool = pool();
    let browser = pool.issue("ana", "openid email", NOW);
    let api = pool.issue("ana", &format!("openid {ADMIN_SCOPE}"), NOW);
    assert_eq!(pool.global_sign_out(browser.access.reveal(), NOW), Err(E::MissingScope));
    assert!(
        pool.is_access_token_live(browser.access.reveal(), NOW),
        "but it is live"
    );
    for not_an_access_token in [&api.id, &api.refresh, &Secret::new("garbage")] {
        assert_eq!(
            pool.global_sign_out(not_an_access_token.reveal(), NOW),
            Err(E::InvalidAccessToken)
        );
    }
    assert_eq!(
        pool.global_sign_out(api.access.reveal(), NOW + HOUR),
        Err(E::AccessTokenExpired)
    );
    assert_eq!(pool.live_sessions("ana", NOW), 2);
}

#[test]
fn an_administrator_signs_a_user_out_by_name() {
    let mut pool = pool();
    pool.issue("ana", ADMIN_SCOPE, NOW);
    assert_eq!(pool.admin_user_global_sign_out("nobody"), Err(E::UserNotFound));
    assert_eq!(pool.live_sessions("ana", NOW), 1);
    assert_eq!(pool.admin_user_global_sign_out("ana"), Ok(()));
    assert_eq!(pool.live_sessions("ana", NOW), 0);
}

#[test]
fn refresh_tokens_expire_and_use_does_not_extend_them() {
    let mut pool = pool();
    let tokens = pool.issue("ana", ADMIN_SCOPE, NOW);
    let late = NOW + 24 * HOUR;
    assert!(pool.refresh(US, tokens.refresh.reveal(), late - GRACE).is_ok());
    assert_eq!(
        pool.refresh(US, tokens.refresh.reveal(), late).unwrap_err(),
        E::RefreshTokenExpired
    );
    assert_eq!(pool.live_sessions("ana", late), 0);
    assert_eq!(pool.refresh(US, "garbage", NOW).unwrap_err(), E::InvalidRefreshToken);
}

#[test]
fn rotation_replaces_the_refresh_token_and_keeps_the_old_one_for_its_grace() {
    let mut pool = Pool::new(Settings {
        rotation: Some(GRACE),
        ..settings()
    });
    let first = pool.issue("ana", ADMIN_SCOPE, NOW).refresh;
    assert_eq!(
        pool.refresh(US, first.reveal(), NOW).unwrap_err(),
        E::UnsupportedOperation
    );

    let mut rotate = |token: &Secret, at| {
        pool.tokens_from_refresh_token(US, token.reveal(), at)
            .map(|it| it.refresh.unwrap())
    };
    let second = rotate(&first, NOW).unwrap();
    let third = rotate(&first, NOW + GRACE / 2).unwrap();
    assert_eq!(rotate(&first, NOW + GRACE).unwrap_err(), E::RefreshTokenReuse);
    assert!(rotate(&second, NOW + GRACE).is_ok());
    assert_eq!(pool.live_sessions("ana", NOW + GRACE), 1);

    pool.revoke(US, third.reveal()).unwrap();
    assert!(
        !pool.is_refresh_token_live(second.reveal(), NOW + GRACE),
        "the whole session ends"
    );
}

#[test]
fn without_rotation_the_newer_operation_returns_no_refresh_token() {
    let mut pool = pool();
    let tokens = pool.issue("ana", ADMIN_SCOPE, NOW);
    let refreshed = pool
        .tokens_from_refresh_token(US, tokens.refresh.reveal(), NOW)
        .unwrap();
    assert!(refreshed.refresh.is_none());
    assert!(pool.is_refresh_token_live(tokens.refresh.reveal(), NOW));
}

#[test]
fn a_client_with_a_secret_must_prove_that_it_knows_it() {
    let mut pool = Pool::new(Settings {
        client_secret: Some("s3cret".into()),
        ..settings()
    });
    pool.add_user("ana", "password");
    let mut hash = Hmac::<sha2::Sha256>::new_from_slice(b"s3cret").unwrap();
    hash.update(b"anaclient");
    let hash = STANDARD.encode(hash.finalize().into_bytes());
    let with = |proof| ClientProof { id: "client", proof };

    assert_eq!(
        pool.sign_in(US, "ana", "password", NOW).unwrap_err(),
        E::SecretHashMissing
    );
    assert_eq!(
        pool.sign_in(with(Some("c3VyZQ==")), "ana", "password", NOW)
            .unwrap_err(),
        E::SecretHashWrong
    );
    let tokens = pool.sign_in(with(Some(&hash)), "ana", "password", NOW).unwrap();
    assert_eq!(
        pool.refresh(US, tokens.refresh.reveal(), NOW).unwrap_err(),
        E::SecretHashMissing
    );
    assert!(pool.refresh(with(Some(&hash)), tokens.refresh.reveal(), NOW).is_ok());
    let refused = pool.tokens_from_refresh_token(with(Some("wrong")), tokens.refresh.reveal(), NOW);
    assert_eq!(refused.unwrap_err(), E::SecretHashWrong);
    assert!(
        pool.tokens_from_refresh_token(with(Some("s3cret")), tokens.refresh.reveal(), NOW)
            .is_ok()
    );

    for wrong in [None, Some("wrong"), Some(hash.as_str())] {
        assert_eq!(pool.revoke(with(wrong), tokens.refresh.reveal()), Err(E::Unauthorized));
    }
    assert!(pool.is_refresh_token_live(tokens.refresh.reveal(), NOW));
    assert_eq!(pool.revoke(with(Some("s3cret")), tokens.refresh.reveal()), Ok(()));
}

#[test]
fn an_unknown_client_gets_nothing() {
    let mut pool = pool();
    let tokens = pool.issue("ana", ADMIN_SCOPE, NOW);
    let stranger = ClientProof {
        id: "stranger",
        proof: None,
    };
    assert_eq!(
        pool.sign_in(stranger, "ana", "any", NOW).unwrap_err(),
        E::ResourceNotFound
    );
    assert_eq!(
        pool.refresh(stranger, tokens.refresh.reveal(), NOW).unwrap_err(),
        E::ResourceNotFound
    );
    let refused = pool.tokens_from_refresh_token(stranger, tokens.refresh.reveal(), NOW);
    assert_eq!(refused.unwrap_err(), E::ResourceNotFound);
}

#[test]
fn the_tokens_of_a_deleted_user_are_refused_even_when_another_takes_the_name() {
    let mut pool = pool();
    let tokens = pool.issue("ana", ADMIN_SCOPE, NOW);
    pool.delete_user("ana");
    for _ in 0..2 {
        assert_eq!(
            pool.refresh(US, tokens.refresh.reveal(), NOW).unwrap_err(),
            E::RefreshTokenUserDeleted
        );
        assert_eq!(pool.global_sign_out(tokens.access.reveal(), NOW), Err(E::UserNotFound));
        assert_eq!(pool.revoke(US, tokens.refresh.reveal()), Ok(()), "revoking still works");
        pool.add_user("ana", "new");
    }
}

#[test]
fn a_wrong_password_and_a_wrong_name_look_alike() {
    let mut pool = pool();
    pool.add_user("ana", "password");
    for (username, password) in [("ana", "wrong"), ("nobody", "password")] {
        assert_eq!(pool.sign_in(US, username, password, NOW).unwrap_err(), E::WrongPassword);
    }
    assert!(pool.sign_in(US, "ana", "password", NOW).is_ok());
}

#[test]
fn disabling_a_user_revokes_the_access_tokens_and_enabling_does_not_bring_them_back() {
    let mut pool = pool();
    let (tokens, other) = (pool.issue("ana", ADMIN_SCOPE, NOW), pool.issue("bob", ADMIN_SCOPE, NOW));
    pool.disable_user("ana").unwrap();
    let refused = |pool: &Pool| pool.get_user(tokens.access.reveal(), NOW).unwrap_err();
    assert_eq!(refused(&pool), E::AccessTokenRevoked);
    assert_eq!(
        pool.refresh(US, tokens.refresh.reveal(), NOW).unwrap_err(),
        E::UserDisabled
    );
    assert!(pool.get_user(other.access.reveal(), NOW).is_ok());
    pool.enable_user("ana").unwrap();
    assert_eq!(refused(&pool), E::AccessTokenRevoked);
    let renewed = pool.refresh(US, tokens.refresh.reveal(), NOW).unwrap();
    assert!(pool.get_user(renewed.access.reveal(), NOW).is_ok());
}

#[test]
fn after_a_password_reset_the_operations_that_declare_the_error_refuse_with_it() {
    let mut pool = pool();
    pool.add_user("ana", "Passw0rd!x");
    let tokens = pool.issue("ana", ADMIN_SCOPE, NOW);
    pool.reset_password("ana").unwrap();
    assert_eq!(
        pool.get_user(tokens.access.reveal(), NOW).unwrap_err(),
        E::PasswordResetRequired
    );
    assert_eq!(
        pool.refresh(US, tokens.refresh.reveal(), NOW).unwrap_err(),
        E::PasswordResetRequired
    );
    assert_eq!(
        pool.sign_in(US, "ana", "Passw0rd!x", NOW).unwrap_err(),
        E::PasswordResetRequired
    );
    assert!(
        pool.tokens_from_refresh_token(US, tokens.refresh.reveal(), NOW).is_ok(),
        "it declares no such error"
    );
}
