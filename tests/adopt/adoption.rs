//! A session from another library on record, against FakeCognito.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use cognito_signout::adopt::AdoptedSession;
use cognito_signout::fake_cognito::{FakeCognito, Fault, IssuedTokens, Operation, ServiceError};
use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::{MemoryVault, Vault, VaultError, VaultKey};
use cognito_signout::zeroize::Zeroizing;
use cognito_signout::{
    Adoption, Auth, AuthConfig, AuthError, AuthEvent, AwsCredentials, Device, ErrorCode, Identity, SessionState,
    SignOutOptions, SignOutResult, SignedInWith, Tokens,
};

fn config(fake: &FakeCognito) -> AuthConfig {
    let config = AuthConfig::builder(fake.user_pool_id(), fake.client_id()).endpoint(fake.url().as_str());
    config.build().unwrap()
}

fn auth(fake: &FakeCognito, vault: impl Vault) -> Auth {
    Auth::builder(config(fake), vault, RustlsTransport::new())
        .clock(fake.clock())
        .build()
}

/// For an app client that rotates refresh tokens.
fn rotating(fake: &FakeCognito, vault: impl Vault) -> Auth {
    let config = AuthConfig::builder(fake.user_pool_id(), fake.client_id())
        .endpoint(fake.url().as_str())
        .refresh_token_rotation(true)
        .build()
        .unwrap();
    Auth::builder(config, vault, RustlsTransport::new())
        .clock(fake.clock())
        .build()
}

fn record(fake: &FakeCognito, vault: &MemoryVault) -> Option<Vec<u8>> {
    vault.read(&key(fake)).unwrap().map(|record| record.to_vec())
}

fn key(fake: &FakeCognito) -> VaultKey {
    VaultKey {
        user_pool_id: fake.user_pool_id(),
        client_id: fake.client_id(),
    }
}

fn tokens(issued: &IssuedTokens) -> Tokens {
    Tokens::new(issued.access.clone(), issued.id.clone(), issued.refresh.clone())
}

fn device() -> Device {
    Device::new("eu-central-1_device", "-group", "password")
}

fn identity() -> Identity {
    let expires = UNIX_EPOCH + Duration::from_secs(1_900_000_000);
    Identity::new(
        "eu-central-1:1234",
        Some(AwsCredentials::new("ASIA", "secret", "session", expires)),
    )
}

/// What a reader returns for these tokens.
fn found(issued: &IssuedTokens) -> AdoptedSession {
    let mut session = AdoptedSession::new(tokens(issued), SignedInWith::HostedUi);
    session.device = Some(device());
    session.identity = Some(identity());
    session
}

#[tokio::test]
async fn an_adopted_session_is_signed_in_with_its_identity_and_its_device() {
    let fake = FakeCognito::start().await.unwrap();
    let auth = auth(&fake, MemoryVault::default());
    let issued = fake.sign_in("ana");
    let mut events = auth.events();
    fake.forget_requests();

    assert_eq!(auth.adopt(found(&issued)).await, Adoption::Adopted);
    assert_eq!(events.try_next(), Some(AuthEvent::SignedIn));
    assert_eq!(events.try_next(), None);
    let SessionState::SignedIn(session) = auth.session().await else {
        panic!("not signed in")
    };
    assert_eq!(session.username.as_deref(), Some("ana"));
    assert_eq!(session.signed_in_with, SignedInWith::HostedUi);
    assert_eq!(auth.identity().await, Ok(Some(identity())));
    assert_eq!(auth.device("ana").await, Ok(Some(device())));
    assert_eq!(auth.tokens().await, Ok(tokens(&issued)));
    assert!(fake.requests().is_empty(), "adopting asks no server");
}

#[tokio::test]
async fn an_adopted_session_is_verified_by_a_refresh_with_its_device_key_and_can_sign_out() {
    let fake = FakeCognito::start().await.unwrap();
    let auth = auth(&fake, MemoryVault::default());
    let issued = fake.sign_in("ana");
    let mut session = found(&issued);
    session.signed_in_with = SignedInWith::Api;
    assert_eq!(auth.adopt(session).await, Adoption::Adopted);

    auth.refresh().await.unwrap();
    let requests = fake.requests();
    let refresh = requests
        .iter()
        .find(|request| request.operation() == Some(Operation::InitiateAuth))
        .unwrap();
    assert_eq!(refresh.body()["AuthParameters"]["DEVICE_KEY"], "eu-central-1_device");

    let result = auth.sign_out(SignOutOptions::local()).await;
    assert!(matches!(result, SignOutResult::Complete(_)), "{result:?}");
    assert!(!fake.is_refresh_token_live(&issued.refresh));
}

#[tokio::test]
async fn a_session_on_record_wins_and_is_untouched() {
    let fake = FakeCognito::start().await.unwrap();
    let vault = MemoryVault::default();
    let auth = auth(&fake, vault.clone());
    auth.store_session(tokens(&fake.sign_in("bea")), SignedInWith::Api)
        .await
        .unwrap();
    let before = record(&fake, &vault);
    let mut events = auth.events();

    assert_eq!(auth.adopt(found(&fake.sign_in("ana"))).await, Adoption::AlreadySignedIn);
    assert_eq!(record(&fake, &vault), before);
    assert_eq!(events.try_next(), None);
}

#[tokio::test]
async fn adopting_twice_is_adopting_once() {
    let fake = FakeCognito::start().await.unwrap();
    let vault = MemoryVault::default();
    let session = found(&fake.sign_in("ana"));
    assert_eq!(
        auth(&fake, vault.clone()).adopt(session.clone()).await,
        Adoption::Adopted
    );
    let before = record(&fake, &vault);
    assert_eq!(
        auth(&fake, vault.clone()).adopt(session).await,
        Adoption::AlreadySignedIn
    );
    assert_eq!(record(&fake, &vault), before);
}

/// The other library's store still has the session. Signing out wins all the same.
#[tokio::test]
async fn a_session_that_was_signed_out_here_offline_is_not_adopted_again() {
    let fake = FakeCognito::start().await.unwrap();
    let vault = MemoryVault::default();
    let first = auth(&fake, vault.clone());
    let mut session = found(&fake.sign_in("ana"));
    session.signed_in_with = SignedInWith::Api;
    assert_eq!(first.adopt(session.clone()).await, Adoption::Adopted);
    fake.on(Operation::RevokeToken).always(Fault::Reset);
    let result = first.sign_out(SignOutOptions::local()).await;
    assert!(matches!(result, SignOutResult::Partial(_)), "{result:?}");

    let before = record(&fake, &vault);
    assert_eq!(
        auth(&fake, vault.clone()).adopt(session).await,
        Adoption::AlreadySignedOut
    );
    assert_eq!(record(&fake, &vault), before);
}

/// The app was killed before it could forget the source, or was offline. So the source still has the session.
#[tokio::test]
async fn a_session_that_has_left_this_device_is_not_adopted_again() {
    for way in [
        "sign-out",
        "sign-out of a dead session",
        "deleted account",
        "another user's sign-in and sign-out",
    ] {
        let fake = FakeCognito::start().await.unwrap();
        let vault = MemoryVault::default();
        let mut session = found(&fake.sign_in("ana"));
        session.signed_in_with = SignedInWith::Api;
        session.device = None;
        let first = auth(&fake, vault.clone());
        assert_eq!(first.adopt(session.clone()).await, Adoption::Adopted);
        match way {
            "deleted account" => first.clear_local().await.unwrap(),
            "sign-out of a dead session" => {
                let revoked = Fault::Refuse(ServiceError::RefreshTokenRevoked);
                fake.on(Operation::InitiateAuth).always(revoked);
                assert_eq!(first.refresh().await, Err(AuthError::SessionExpired));
            }
            "another user's sign-in and sign-out" => {
                let bea = tokens(&fake.sign_in("bea"));
                first.store_session(bea, SignedInWith::Api).await.unwrap();
            }
            _ => {}
        }
        let result = first.sign_out(SignOutOptions::local()).await;
        assert!(matches!(result, SignOutResult::Complete(_)), "{way}: {result:?}");
        first.settle_pending().await.unwrap();

        let before = record(&fake, &vault);
        let next = auth(&fake, vault.clone());
        assert_eq!(next.adopt(session.clone()).await, Adoption::AlreadySignedOut, "{way}");
        assert_eq!(next.session().await, SessionState::SignedOut, "{way}");
        assert_eq!(record(&fake, &vault), before, "{way}");
        // What stays on record is no secret.
        let before = String::from_utf8(before.unwrap()).unwrap();
        for secret in [
            &session.tokens.access_token,
            &session.tokens.id_token,
            &session.tokens.refresh_token,
        ] {
            assert!(!before.contains(secret.reveal()), "{way}: {before}");
        }
    }
}

#[tokio::test]
async fn what_the_other_library_has_made_of_that_session_is_not_adopted_either() {
    let fake = FakeCognito::builder().rotation(Duration::ZERO).start().await.unwrap();
    let session = found(&fake.sign_in("ana"));
    // The other library refreshes, as this one does in a keychain of its own.
    let other_library = rotating(&fake, MemoryVault::default());
    assert_eq!(other_library.adopt(session.clone()).await, Adoption::Adopted);
    let refreshed = AdoptedSession::new(other_library.refresh().await.unwrap(), SignedInWith::HostedUi);
    assert_ne!(refreshed.tokens.refresh_token, session.tokens.refresh_token);

    let vault = MemoryVault::default();
    assert_eq!(auth(&fake, vault.clone()).adopt(session).await, Adoption::Adopted);
    auth(&fake, vault.clone()).clear_local().await.unwrap();
    assert_eq!(auth(&fake, vault).adopt(refreshed).await, Adoption::AlreadySignedOut);
}

/// An app client that does not revoke tokens gives them no `origin_jti`.
#[tokio::test]
async fn a_session_without_a_name_of_its_sign_in_is_known_again_too() {
    let fake = FakeCognito::builder().token_revocation(false).start().await.unwrap();
    let vault = MemoryVault::default();
    let launch = auth(&fake, vault.clone());
    let session = found(&fake.sign_in("ana"));
    assert_eq!(launch.adopt(session.clone()).await, Adoption::Adopted);
    launch.clear_local().await.unwrap();
    assert_eq!(launch.adopt(session.clone()).await, Adoption::AlreadySignedOut);
    assert_eq!(launch.adopt(found(&fake.sign_in("ana"))).await, Adoption::Adopted);

    launch.purge_local().await.unwrap();
    assert_eq!(launch.adopt(session).await, Adoption::Adopted, "a purge leaves nothing");
}

/// An older release was installed again: the user signed in with the other library there.
#[tokio::test]
async fn the_next_sign_in_with_the_other_library_is_adopted() {
    let fake = FakeCognito::start().await.unwrap();
    let vault = MemoryVault::default();
    for _ in 0..2 {
        let launch = auth(&fake, vault.clone());
        assert_eq!(launch.adopt(found(&fake.sign_in("ana"))).await, Adoption::Adopted);
        launch.clear_local().await.unwrap();
    }
}

#[tokio::test]
async fn tokens_that_are_not_a_session_of_this_app_client_are_refused_and_nothing_is_stored() {
    let fake = FakeCognito::start().await.unwrap();
    let vault = MemoryVault::default();
    let another_client = AuthConfig::builder(fake.user_pool_id(), "2another2client3of4fake5co");
    let another_client = another_client.endpoint(fake.url().as_str()).build().unwrap();
    let of_another_client = Auth::builder(another_client, vault.clone(), RustlsTransport::new()).build();
    let mut no_refresh_token = found(&fake.sign_in("ana"));
    no_refresh_token.tokens.refresh_token = "".into();
    for (auth, session) in [
        (of_another_client, found(&fake.sign_in("ana"))),
        (auth(&fake, vault.clone()), no_refresh_token),
    ] {
        let Adoption::Refused(error) = auth.adopt(session).await else {
            panic!("adopted")
        };
        assert_eq!(error.code(), ErrorCode::InvalidInput);
        assert_eq!(auth.session().await, SessionState::SignedOut);
    }
}

/// Amplify keeps an expired session too. It can be adopted, and a refresh says that it is dead, at this launch and the next.
#[tokio::test]
async fn a_dead_session_is_adopted_and_a_refresh_says_so() {
    let fake = FakeCognito::start().await.unwrap();
    let vault = MemoryVault::default();
    let session = found(&fake.sign_in("ana"));
    fake.on(Operation::InitiateAuth)
        .always(Fault::Refuse(ServiceError::RefreshTokenRevoked));
    for expected in [Adoption::Adopted, Adoption::AlreadySignedIn] {
        let auth = auth(&fake, vault.clone());
        assert_eq!(auth.adopt(session.clone()).await, expected);
        assert_eq!(auth.refresh().await, Err(AuthError::SessionExpired));
    }
}

/// A keychain under a process that is killed before its nth access.
#[derive(Debug)]
struct Killed {
    vault: MemoryVault,
    left: AtomicUsize,
}

impl Killed {
    fn access(&self) -> Result<(), VaultError> {
        let left = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        left.map(drop).map_err(|_| VaultError::Other("killed".into()))
    }
}

impl Vault for Killed {
    fn read(&self, key: &VaultKey) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        self.access()?;
        self.vault.read(key)
    }

    fn write(&self, key: &VaultKey, record: &[u8]) -> Result<(), VaultError> {
        self.access()?;
        self.vault.write(key, record)
    }

    fn delete(&self, key: &VaultKey) -> Result<(), VaultError> {
        self.access()?;
        self.vault.delete(key)
    }
}

#[tokio::test]
async fn wherever_the_app_is_killed_the_next_launch_ends_in_the_same_state() {
    let mut before_the_write = 0;
    let mut after_the_write = 0;
    for accesses in 0.. {
        let fake = FakeCognito::start().await.unwrap();
        let session = found(&fake.sign_in("ana"));
        let vault = MemoryVault::default();
        let killed = Arc::new(Killed {
            vault: vault.clone(),
            left: AtomicUsize::new(accesses),
        });
        let first = auth(&fake, Arc::clone(&killed)).adopt(session.clone()).await;
        // The other process has the same records.
        let next_vault = MemoryVault::default();
        if let Some(record) = record(&fake, &vault) {
            next_vault.write(&key(&fake), &record).unwrap();
        }
        let next = auth(&fake, next_vault);
        match next.adopt(session.clone()).await {
            Adoption::Adopted => before_the_write += 1,
            Adoption::AlreadySignedIn => after_the_write += 1,
            other => panic!("{other:?}"),
        }
        assert_eq!(next.tokens().await, Ok(session.tokens.clone()));
        assert_eq!(next.identity().await, Ok(Some(identity())));
        assert_eq!(next.device("ana").await, Ok(Some(device())));
        if killed.left.load(Ordering::SeqCst) > 0 {
            assert_eq!(first, Adoption::Adopted);
            break;
        }
    }
    assert!(before_the_write > 0 && after_the_write > 0);
}

#[tokio::test]
async fn with_rotation_the_new_tokens_are_on_record_after_the_verification() {
    let fake = FakeCognito::builder().rotation(Duration::ZERO).start().await.unwrap();
    let vault = MemoryVault::default();
    let launch = || rotating(&fake, vault.clone());
    let issued = fake.sign_in("ana");
    assert_eq!(launch().adopt(found(&issued)).await, Adoption::Adopted);
    let new = launch().refresh().await.unwrap();
    assert_ne!(new.refresh_token, issued.refresh);
    // The source is still there, with a token that is invalid now.
    let next = launch();
    assert_eq!(next.adopt(found(&issued)).await, Adoption::AlreadySignedIn);
    next.refresh().await.unwrap();
}
