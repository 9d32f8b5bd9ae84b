//! Moving in, as a host does it: the readers' typed errors, and the session on record.

use std::collections::HashMap;
use std::sync::Arc;

use cognito_signout::adopt::Layout;
use cognito_signout::ffi::{
    AdoptError, AdoptedSession, Adoption, AuthConfig, AwsCredentials, ConfigOptions, Identity, SessionState,
    store_problem,
};
use cognito_signout::vault::VaultError;
use cognito_signout::{Device, Secret, SignedInWith};

use crate::host::{App, Online, ports, tokens};

fn config() -> Arc<AuthConfig> {
    AuthConfig::new(
        "eu-central-1_AbCdEf123".into(),
        "3n4b5urk1ft4fl3mg5e62d9ado".into(),
        ConfigOptions::default(),
    )
    .unwrap()
}

fn items(file: &str) -> HashMap<String, Secret> {
    let dump = std::fs::read_to_string(format!("tests/files/adopt/{file}.json")).unwrap();
    let items: HashMap<String, String> = serde_json::from_str(&dump).unwrap();
    items.into_iter().map(|(name, value)| (name, value.into())).collect()
}

#[test]
fn a_host_gets_the_session_and_the_names_to_forget() {
    let session = config()
        .read_session(Layout::AmplifySwift, items("amplify_swift"), None)
        .unwrap();
    assert_eq!(session.username.as_deref(), Some("ana"));
    assert_eq!(session.device.unwrap().key, "eu-central-1_golden-device");
    let credentials = session.identity.unwrap().credentials.unwrap();
    assert_eq!(credentials.expires, 1_798_761_600_500);

    let names = config()
        .names_to_forget(Layout::AmplifySwift, items("amplify_swift"), None)
        .unwrap();
    assert_eq!(names.len(), 2);
    assert!(
        names[0].ends_with(".ana.deviceMetadata") && names[1].ends_with(".session"),
        "{names:?}"
    );
}

#[test]
fn a_host_gets_each_error_as_its_own_type_with_what_to_do() {
    let read = |file: &str| {
        config()
            .read_session(Layout::AmplifyFlutter, items(file), None)
            .unwrap_err()
    };
    let AdoptError::NobodySignedIn { problem } = read("amplify_flutter_nobody") else {
        panic!("somebody")
    };
    assert_eq!(problem.code, "signed_out");
    assert!(problem.recovery.contains("sign-in page"));
    let mut broken = items("amplify_flutter");
    broken.retain(|name, _| !name.ends_with(".idToken"));
    let missing = config().read_session(Layout::AmplifyFlutter, broken, None).unwrap_err();
    assert!(matches!(&missing, AdoptError::Missing { problem } if problem.detail == "<client id>.idToken is missing"));
    assert_eq!(missing.to_string(), "<client id>.idToken is missing");
}

#[test]
fn a_host_that_reads_a_store_itself_gets_the_texts_for_its_failures() {
    let problem = store_problem(VaultError::Locked("not unlocked yet".into()));
    assert_eq!(problem.code, "vault_locked");
    assert_eq!(problem.detail, "the keychain is locked: not unlocked yet");
}

#[tokio::test]
async fn an_adopted_session_is_on_record_with_what_belongs_to_it() {
    let app = App::with(ports(Online::new())).await;
    let session = AdoptedSession {
        tokens: tokens(&app.issued),
        signed_in_with: SignedInWith::HostedUi,
        username: Some("ana".into()),
        identity: Some(Identity {
            identity_id: "eu-central-1:1".into(),
            credentials: None,
        }),
        device: Some(Device::new("key", "group", "password")),
        provider: None,
    };
    let mut never = session.clone();
    never.identity = Some(Identity {
        identity_id: "eu-central-1:1".into(),
        credentials: Some(AwsCredentials {
            access_key_id: "ASIA".into(),
            secret_access_key: "secret".into(),
            session_token: "session".into(),
            expires: -1,
        }),
    });
    let Adoption::Refused { problem } = app.auth.adopt(never).await else {
        panic!("adopted")
    };
    assert_eq!(problem.code, "invalid_input");

    assert_eq!(app.auth.adopt(session.clone()).await, Adoption::Adopted);
    assert!(matches!(app.auth.session().await, SessionState::SignedIn { .. }));
    assert_eq!(
        app.auth.identity().await.unwrap().unwrap().identity_id,
        "eu-central-1:1"
    );
    assert_eq!(app.auth.device("ana".into()).await.unwrap().unwrap().key, "key");
    assert_eq!(app.auth.adopt(session.clone()).await, Adoption::AlreadySignedIn);
    app.auth.clear_local().await.unwrap();
    assert_eq!(app.auth.adopt(session).await, Adoption::AlreadySignedOut);
}
