//! The other library's session is forgotten: all of it, nothing else, and however often the app is killed meanwhile.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use cognito_signout::adopt::{AdoptError, Layout, StoredItems};
use cognito_signout::fake_cognito::FakeCognito;
use cognito_signout::source::{self, Source, SourceError};
use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::{MemoryVault, VaultError};
use cognito_signout::{Adoption, Auth, AuthConfig, ErrorCode, SessionState};
use serde_json::Value;

use crate::layouts::{CLIENT, IDENTITY_POOL, POOL, config, dump, file_of};

/// A store in memory, under an app that is killed after so many removals.
struct Store {
    layout: Layout,
    items: RefCell<BTreeMap<String, String>>,
    removals: Cell<usize>,
}

impl Store {
    fn new(layout: Layout, dump: &str) -> Self {
        let items: BTreeMap<String, String> = serde_json::from_str(dump).unwrap();
        Self {
            layout,
            items: items.into(),
            removals: usize::MAX.into(),
        }
    }

    fn names(&self) -> Vec<String> {
        self.items.borrow().keys().cloned().collect()
    }
}

impl Source for Store {
    fn layout(&self) -> Layout {
        self.layout
    }

    fn items(&self) -> Result<StoredItems, VaultError> {
        let items = self.items.borrow();
        Ok(items
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().into()))
            .collect())
    }

    fn remove(&self, name: &str) -> Result<(), VaultError> {
        let left = self.removals.get().checked_sub(1);
        self.removals.set(left.ok_or(VaultError::Other("killed".into()))?);
        self.items.borrow_mut().remove(name);
        Ok(())
    }
}

fn ours() -> AuthConfig {
    config(POOL, CLIENT)
}

/// What belongs to no session, or to another user's or app client's.
const OTHERS: [&str; 7] = [
    "authConfiguration",
    "version",
    "amplify.eu-central-1_Other.session",
    "other.ana.accessToken",
    "CognitoIdentityServiceProvider.other.LastAuthUser",
    "CognitoIdentityProvider.other.LastAuthUser",
    "hunter2",
];

fn with_others(layout: Layout, ending: &str) -> Store {
    let mut items: Value = serde_json::from_str(&dump(&file_of(layout, ending))).unwrap();
    for name in OTHERS {
        items[name] = "another's".into();
    }
    Store::new(layout, &items.to_string())
}

#[test]
fn all_of_the_session_is_forgotten_and_nothing_else() {
    for layout in Layout::ALL {
        let store = with_others(layout, "");
        assert!(source::find(&store, &ours(), Some(IDENTITY_POOL)).unwrap().is_some());
        for _ in 0..2 {
            assert_eq!(source::forget_source(&store, &ours(), Some(IDENTITY_POOL)), Ok(()));
            let left = store.items.borrow();
            for name in OTHERS {
                assert_eq!(left.get(name).map(String::as_str), Some("another's"), "{layout:?}");
            }
            // What Amplify sends to Cognito's threat protection names the device, not the session.
            let others = |name: &&String| !OTHERS.contains(&name.as_str()) && !name.to_lowercase().contains("asf");
            let of_session: Vec<_> = left.keys().filter(others).collect();
            let expected: &[&str] = match layout {
                Layout::AmplifyFlutter => &["3n4b5urk1ft4fl3mg5e62d9ado.ana.deviceStatus"],
                Layout::AwsMobileClientAndroid => &["isFederationEnabled"],
                _ => &[],
            };
            assert_eq!(of_session, expected, "{layout:?}");
        }
    }
}

#[test]
fn a_session_at_the_hosted_pages_is_forgotten_and_found_no_more() {
    for layout in Layout::ALL
        .into_iter()
        .filter(|layout| *layout != Layout::AmplifyAndroid)
    {
        let store = Store::new(layout, &dump(&file_of(layout, "_hosted_ui")));
        assert_eq!(source::forget_source(&store, &ours(), Some(IDENTITY_POOL)), Ok(()));
        assert_eq!(
            source::find(&store, &ours(), Some(IDENTITY_POOL)),
            Ok(None),
            "{layout:?}"
        );
        let secrets = ["Token", "session", "token"];
        let left = store.names();
        assert!(
            !left
                .iter()
                .any(|name| secrets.iter().any(|secret| name.ends_with(secret))),
            "{layout:?}: {left:?}"
        );
    }
}

/// Guests and federated sessions are not adopted, so they are not forgotten either.
#[test]
fn what_is_not_adopted_is_not_forgotten() {
    for layout in Layout::ALL {
        for ending in ["_guest", "_federated"] {
            let store = Store::new(layout, &dump(&file_of(layout, ending)));
            let before = store.names();
            assert_eq!(source::forget_source(&store, &ours(), Some(IDENTITY_POOL)), Ok(()));
            assert_eq!(store.names(), before, "{layout:?}");
        }
        let store = Store::new(layout, &dump(&file_of(layout, "")));
        let before = store.names();
        let other = config("eu-central-1_Other", "other");
        assert_eq!(source::forget_source(&store, &other, None), Ok(()));
        assert_eq!(store.names(), before, "{layout:?}");
    }
}

#[test]
fn a_session_that_cannot_be_read_is_kept() {
    for layout in [Layout::AmplifySwift, Layout::AmplifyAndroid] {
        for text in ["hunter2", r#"{"userPoolOnly":{}}"#, r#"{"type":"userPool"}"#] {
            let name = format!("amplify.{POOL}.session");
            let store = Store::new(layout, &serde_json::json!({ &name: text }).to_string());
            let error = source::forget_source(&store, &ours(), None).unwrap_err();
            assert!(matches!(error, SourceError::Session(_)), "{error:?}");
            assert_eq!(error.code(), ErrorCode::InvalidInput);
            assert_eq!(store.names(), [name]);
        }
    }
}

#[test]
fn what_cannot_be_removed_is_named_and_removed_by_the_next_call() {
    let store = Store::new(Layout::AmplifySwift, &dump("amplify_swift"));
    store.removals.set(1);
    let error = source::forget_source(&store, &ours(), Some(IDENTITY_POOL)).unwrap_err();
    let session = format!("amplify.{POOL}.{IDENTITY_POOL}.session");
    let why = VaultError::Other("killed".into());
    let expected = SourceError::NotRemoved {
        left: vec![session.clone()],
        why,
    };
    assert_eq!(error, expected);
    assert_eq!(error.code(), ErrorCode::VaultFailed);
    assert!(!error.to_string().contains(POOL), "it says how many: {error}");
    assert!(store.names().contains(&session));

    store.removals.set(usize::MAX);
    assert_eq!(source::forget_source(&store, &ours(), Some(IDENTITY_POOL)), Ok(()));
    assert!(!store.names().contains(&session));
}

/// Amplify copies the session when an app adds its identity pool, and leaves the old item.
#[test]
fn the_old_copy_of_a_session_is_forgotten_with_it() {
    for layout in [Layout::AmplifySwift, Layout::AmplifyAndroid] {
        let mut items: Value = serde_json::from_str(&dump(&file_of(layout, ""))).unwrap();
        let with_both = items[format!("amplify.{POOL}.{IDENTITY_POOL}.session")].clone();
        items[format!("amplify.{POOL}.session")] = with_both;
        for identity_pool in [Some(IDENTITY_POOL), None] {
            let store = Store::new(layout, &items.to_string());
            assert_eq!(source::forget_source(&store, &ours(), identity_pool), Ok(()));
            assert!(
                !store.names().iter().any(|name| name.ends_with(".session")),
                "{layout:?}"
            );
        }
    }
}

/// The cookies' names are percent-encoded in the store.
#[test]
fn names_are_those_of_the_store() {
    let items = StoredItems::from_json(&dump("amplify_js_cookies")).unwrap();
    let names = Layout::AmplifyJs.names_to_forget(&items, &ours(), None).unwrap();
    let stored: BTreeMap<String, String> = serde_json::from_str(&dump("amplify_js_cookies")).unwrap();
    assert!(
        names.len() > 3 && names.iter().all(|name| stored.contains_key(name)),
        "{names:?}"
    );
    assert!(names.iter().any(|name| name.contains('%')));
}

/// The app at one launch: it adopts what it finds, and forgets what is on record. It is killed at a removal, or goes through.
async fn launch(auth: &Auth, config: &AuthConfig, store: &Store) -> Result<(), SourceError> {
    if auth.session().await == SessionState::SignedOut
        && let Some(found) = source::find(store, config, Some(IDENTITY_POOL))?
    {
        assert_eq!(auth.adopt(found).await, Adoption::Adopted);
    }
    source::forget_source(store, config, Some(IDENTITY_POOL))
}

#[tokio::test]
async fn wherever_the_app_is_killed_the_next_launch_ends_in_the_same_state() {
    for layout in Layout::ALL {
        let mut expected = None;
        for removals in (0..).map(|n| if n == 0 { usize::MAX } else { n - 1 }) {
            let fake = FakeCognito::start().await.unwrap();
            let config = AuthConfig::builder(POOL, CLIENT)
                .endpoint(fake.url().as_str())
                .build()
                .unwrap();
            let vault = MemoryVault::default();
            let auth = || Auth::builder(config.clone(), vault.clone(), RustlsTransport::new()).build();
            let store = Store::new(layout, &dump(&file_of(layout, "")));

            store.removals.set(removals);
            let first = launch(&auth(), &config, &store).await;
            store.removals.set(usize::MAX);
            assert_eq!(
                launch(&auth(), &config, &store).await,
                Ok(()),
                "{layout:?} after {removals} removals"
            );

            let record = (
                auth().session().await,
                auth().identity().await,
                auth().device("ana").await,
            );
            let state = format!("{record:?} {:?}", store.names());
            assert_eq!(
                *expected.get_or_insert_with(|| state.clone()),
                state,
                "{layout:?} after {removals} removals"
            );
            match first {
                Ok(()) if removals < usize::MAX => break,
                Ok(()) => {}
                Err(SourceError::NotRemoved { left, .. }) => assert!(!left.is_empty()),
                Err(other) => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn a_store_that_cannot_be_read_is_no_empty_store() {
    struct Locked;
    impl Source for Locked {
        fn layout(&self) -> Layout {
            Layout::AmplifyFlutter
        }

        fn items(&self) -> Result<StoredItems, VaultError> {
            Err(VaultError::Locked("the collection is locked".into()))
        }

        fn remove(&self, _name: &str) -> Result<(), VaultError> {
            unreachable!("it was not read")
        }
    }
    let found = source::find(&Locked, &ours(), None);
    assert_eq!(found.unwrap_err().code(), ErrorCode::VaultLocked);
    assert_eq!(
        source::forget_source(&Locked, &ours(), None).unwrap_err().code(),
        ErrorCode::VaultLocked
    );
}

#[test]
fn nobody_is_none_and_a_guest_is_an_error() {
    for layout in Layout::ALL {
        let store = |ending| Store::new(layout, &dump(&file_of(layout, ending)));
        assert_eq!(source::find(&store("_nobody"), &ours(), Some(IDENTITY_POOL)), Ok(None));
        let guest = source::find(&store("_guest"), &ours(), Some(IDENTITY_POOL));
        assert_eq!(guest, Err(AdoptError::Guest.into()));
    }
}
