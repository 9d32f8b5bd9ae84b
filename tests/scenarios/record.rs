//! What is in the keychain, and a keychain that fails: scenarios 21 to 23.

use std::time::{Duration, SystemTime};

use cognito_signout::fake_cognito::Operation::{InitiateAuth, RevokeToken};
use cognito_signout::vault::VaultError;
use cognito_signout::{AuthError, AwsCredentials, Device as Remembered, Identity, SessionState, SignedInWith};

use crate::device::{Device, TWO_HOURS, complete, failed, heard, of, partial, steps};
use crate::vault::{TestVault, Use};

fn locked() -> VaultError {
    VaultError::Locked("until it is unlocked".into())
}

#[tokio::test]
async fn s21_a_remembered_device_survives_sign_out_and_is_sent_with_the_next_refresh() {
    let device = Device::signed_in().await;
    let remembered = Remembered::new("eu-central-1_device", "group", "password");
    device.auth.set_device("ana", Some(remembered.clone())).await.unwrap();
    complete(device.sign_out().await);
    assert_eq!(device.restarted().auth.device("ana").await, Ok(Some(remembered)));

    device.sign_in("ana").await;
    device.fake.advance(TWO_HOURS);
    device.auth.tokens().await.unwrap();
    let requests = device.fake.requests();
    let refresh = requests
        .iter()
        .find(|request| request.operation() == Some(InitiateAuth))
        .unwrap();
    assert_eq!(refresh.body()["AuthParameters"]["DEVICE_KEY"], "eu-central-1_device");
}

#[tokio::test]
async fn an_identity_and_its_credentials_are_cleared_by_sign_out() {
    let device = Device::signed_in().await;
    let expires = SystemTime::now() + Duration::from_secs(3600);
    let credentials = AwsCredentials::new("AKIA", "secret", "session", expires);
    let identity = Identity::new("eu-central-1:1234", Some(credentials));
    device.auth.set_identity(Some(identity.clone())).await.unwrap();
    assert_eq!(device.auth.identity().await, Ok(Some(identity)));
    complete(device.sign_out().await);
    device.sign_in("ana").await;
    assert_eq!(device.auth.identity().await, Ok(None));
}

#[tokio::test]
async fn s22_a_store_that_refuses_the_commit_fails_the_sign_out_and_nothing_is_revoked() {
    let device = Device::new().await;
    let tokens = device.sign_in("ana").await;
    let before = device.vault.record();
    device.vault.refuse(Use::Write, VaultError::Other("disk full".into()));

    let result = device.sign_out_globally().await;
    assert_eq!(
        steps(&result)[1..],
        [
            "failed:vault_failed",
            "skipped:not_reached",
            "skipped:not_reached",
            "skipped:not_reached",
            "skipped:not_reached"
        ]
    );
    failed(result);
    device.assert_asked(&[]);
    assert_eq!(device.vault.record(), before);
    assert!(device.fake.is_refresh_token_live(&tokens.refresh));
    device.assert_signed_in_as("ana").await;

    device.vault.heal();
    complete(device.sign_out().await);
    device.assert_signed_out().await;
}

#[tokio::test]
async fn s22_a_store_that_cannot_be_cleared_is_partial_signed_out_and_cleared_later() {
    let device = Device::signed_in().await;
    device.vault.refuse(Use::Delete, locked());

    let partial = partial(device.sign_out().await);
    let error = partial.local_cleanup_error.as_ref().unwrap();
    assert_eq!(error.error.code().as_str(), "vault_locked");
    assert!(partial.revoke_token_error.is_none());
    device.assert_signed_out().await;
    assert!(device.vault.record().is_some());

    device.vault.heal();
    complete(device.auth.retry(&partial).await);
    assert_eq!(device.vault.record(), None);
    device.assert_asked(&[RevokeToken]);
}

#[tokio::test]
async fn s23_an_unreadable_store_has_an_error_of_its_own_and_nothing_changes() {
    let errors = [
        (locked(), "vault_locked"),
        (VaultError::Unavailable("no service".into()), "vault_unavailable"),
        (
            VaultError::MissingEntitlement("group".into()),
            "vault_missing_entitlement",
        ),
        (VaultError::Corrupt("garbled".into()), "record_corrupt"),
        (VaultError::Other("-25300".into()), "vault_failed"),
    ];
    for (error, code) in errors {
        let device = Device::signed_in().await;
        let before = device.vault.record();
        let mut events = device.auth.events();
        device.vault.refuse(Use::Read, error.clone());

        assert_eq!(device.auth.session().await, SessionState::Unavailable(error.clone()));
        assert_eq!(device.auth.tokens().await, Err(AuthError::Vault(error)));
        let failed = failed(device.sign_out_globally().await);
        assert_eq!(failed.error.code().as_str(), code);
        assert!(!failed.error.recovery().is_empty());

        device.vault.heal();
        device.assert_asked(&[]);
        assert_eq!(device.vault.record(), before);
        assert_eq!(heard(&mut events), []);
        device.assert_signed_in_as("ana").await;
    }
}

#[tokio::test]
async fn clear_local_leaves_nothing_in_the_keychain() {
    let device = Device::signed_in().await;
    device.auth.clear_local().await.unwrap();
    device.assert_signed_out().await;
    assert_eq!(device.vault.record(), None);
}

#[tokio::test]
async fn a_corrupt_record_is_an_error_until_it_is_purged() {
    for garbage in [
        &b"garbage"[..],
        b"",
        b"{}",
        br#"{"version":1,"generation":"#,
        br#"{"version":0}"#,
    ] {
        let device = Device::new().await.with_vault(TestVault::holding(garbage));
        let session = device.auth.session().await;
        assert!(
            matches!(session, SessionState::Unavailable(VaultError::Corrupt(_))),
            "{session:?}"
        );
        assert_eq!(failed(device.sign_out().await).error.code().as_str(), "record_corrupt");
        assert_eq!(
            device.auth.clear_local().await.unwrap_err().code().as_str(),
            "record_corrupt"
        );
        assert_eq!(device.vault.record().as_deref(), Some(garbage), "it is unchanged");

        device.auth.purge_local().await.unwrap();
        device.assert_signed_out().await;
        device.sign_in("ana").await;
        device.assert_signed_in_as("ana").await;
    }
}

#[tokio::test]
async fn a_purge_does_not_read() {
    let device = Device::signed_in().await;
    device.vault.refuse(Use::Write, locked());
    device.auth.purge_local().await.unwrap();
    assert_eq!(device.vault.record(), None);
}

#[tokio::test]
async fn a_record_of_a_newer_version_is_an_error_and_not_a_wipe() {
    let newer = br#"{"version":2,"sessions":["in another form"]}"#;
    let device = Device::new().await.with_vault(TestVault::holding(*newer));
    let expected = VaultError::NewerVersion { found: 2, known: 1 };
    assert_eq!(device.auth.session().await, SessionState::Unavailable(expected.clone()));
    assert_eq!(failed(device.sign_out().await).error.code().as_str(), "record_too_new");
    let tokens = of(&device.fake.sign_in("ana"));
    let refused = Err(AuthError::Vault(expected));
    assert_eq!(device.auth.store_session(tokens, SignedInWith::Api).await, refused);
    assert_eq!(device.auth.clear_local().await, refused);
    assert_eq!(device.auth.resume().await.map(drop), refused);
    assert_eq!(device.vault.record().as_deref(), Some(&newer[..]));
    device.assert_asked(&[]);
}
