//! Each layout against its golden files. `tests/files/adopt/README.md` says what wrote them.

use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cognito_signout::adopt::AdoptError::{self, Federated, Guest, NobodySignedIn};
use cognito_signout::adopt::{AdoptedSession, Layout, StoredItems};
use cognito_signout::{AuthConfig, ErrorCode, SignedInWith};
use serde_json::{Value, json};

pub(crate) const POOL: &str = "eu-central-1_AbCdEf123";
pub(crate) const CLIENT: &str = "3n4b5urk1ft4fl3mg5e62d9ado";
pub(crate) const IDENTITY_POOL: &str = "eu-central-1:11112222-3333-4444-5555-666677778888";

pub(crate) fn config(pool: &str, client: &str) -> AuthConfig {
    AuthConfig::builder(pool, client).build().unwrap()
}

pub(crate) fn dump(file: &str) -> String {
    fs::read_to_string(format!("tests/files/adopt/{file}.json")).unwrap()
}

fn read_dump(layout: Layout, dump: &str) -> Result<AdoptedSession, AdoptError> {
    let items = StoredItems::from_json(dump).unwrap();
    layout.read(&items, &config(POOL, CLIENT), Some(IDENTITY_POOL))
}

/// The golden file of a layout, with this ending.
pub(crate) fn file_of(layout: Layout, ending: &str) -> String {
    format!("{}{ending}", layout.as_str().replace('-', "_"))
}

#[track_caller]
fn read(layout: Layout, ending: &str) -> AdoptedSession {
    read_dump(layout, &dump(&file_of(layout, ending))).unwrap()
}

/// Ana signed in through the API, on a device that Cognito remembers.
#[track_caller]
fn assert_ana(session: &AdoptedSession, password: &str) {
    assert_eq!(session.signed_in_with, SignedInWith::Api);
    assert_eq!(session.username.as_deref(), Some("ana"));
    assert_eq!(session.provider, None);
    assert_eq!(session.tokens.refresh_token.reveal(), "golden-refresh-token-of-ana");
    let of_use = |token| {
        cognito_signout::Claims::from_jwt(token)
            .unwrap()
            .token_use()
            .map(str::to_owned)
    };
    assert_eq!(of_use(&session.tokens.access_token).as_deref(), Some("access"));
    assert_eq!(of_use(&session.tokens.id_token).as_deref(), Some("id"));
    let device = session.device.as_ref().unwrap();
    assert_eq!(device.key, "eu-central-1_golden-device");
    assert_eq!(device.group_key, "-golden-group");
    assert_eq!(device.password.reveal(), password);
}

#[track_caller]
fn assert_identity(session: &AdoptedSession, expires: SystemTime) {
    let identity = session.identity.as_ref().unwrap();
    assert_eq!(
        identity.identity_id,
        "eu-central-1:9999aaaa-bbbb-cccc-dddd-eeeeffff0000"
    );
    let credentials = identity.credentials.as_ref().unwrap();
    assert_eq!(credentials.access_key_id, "ASIAGOLDEN");
    assert_eq!(credentials.secret_access_key.reveal(), "golden/secret+key");
    assert_eq!(credentials.session_token.reveal(), "golden/session+token");
    assert_eq!(credentials.expires, expires);
}

/// 2027-01-01T00:00:00Z
fn new_year() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_798_761_600)
}

/// Ana signed in at the hosted pages with Google.
#[track_caller]
fn assert_hosted(session: &AdoptedSession, signed_in_with: SignedInWith) {
    assert_eq!(session.signed_in_with, signed_in_with);
    assert_eq!(session.username.as_deref(), Some("ana"));
    assert_eq!(session.provider.as_deref(), Some("Google"));
    assert_eq!(session.identity, None);
}

#[test]
fn amplify_swifts_session_is_read_with_identity_and_device() {
    let session = read(Layout::AmplifySwift, "");
    assert_ana(&session, "golden/device+secret");
    assert_identity(&session, new_year() + Duration::from_millis(500));
}

#[test]
fn amplify_swifts_session_at_the_hosted_pages_is_read_with_the_device_in_it() {
    let session = read(Layout::AmplifySwift, "_hosted_ui");
    assert_hosted(&session, SignedInWith::HostedUiPrivate);
    assert_eq!(session.device.unwrap().password.reveal(), "golden/device+secret");
}

#[test]
fn amplify_androids_session_is_read_with_identity_and_device() {
    let session = read(Layout::AmplifyAndroid, "");
    assert_ana(&session, "golden/device+secret");
    assert_identity(&session, new_year());
}

#[test]
fn amplify_androids_tokens_as_objects_are_read_too() {
    let session = read(Layout::AmplifyAndroid, "_2_30_2");
    assert_hosted(&session, SignedInWith::HostedUi);
    assert_eq!(session.tokens.refresh_token.reveal(), "golden-refresh-token-of-ana");
    assert_eq!(session.device, None);
}

#[test]
fn amplify_flutters_session_is_read_with_identity_and_device() {
    let session = read(Layout::AmplifyFlutter, "");
    assert_ana(&session, "golden/device+secret");
    assert_identity(&session, new_year());
}

#[test]
fn amplify_flutters_session_at_the_hosted_pages_is_read() {
    assert_hosted(
        &read(Layout::AmplifyFlutter, "_hosted_ui"),
        SignedInWith::HostedUiPrivate,
    );
}

/// The user typed an alias, and Amplify names the items by it. The tokens have the username.
#[test]
fn amplify_jss_session_is_read_with_the_device_and_the_true_username() {
    let dump = dump("amplify_js");
    let items: Value = serde_json::from_str(&dump).unwrap();
    let password = &items[format!("CognitoIdentityServiceProvider.{CLIENT}.ana@example.com.randomPasswordKey")];
    let session = read(Layout::AmplifyJs, "");
    assert_ana(&session, password.as_str().unwrap());
    assert_eq!(session.identity, None);
}

/// Amplify JS has its layout from this library.
#[test]
fn a_session_of_amazon_cognito_identity_js_is_read_with_its_device() {
    let dump = dump("amplify_js_identity");
    let password = serde_json::from_str::<Value>(&dump).unwrap();
    let name = format!("CognitoIdentityServiceProvider.{CLIENT}.ana.randomPasswordKey");
    let session = read(Layout::AmplifyJs, "_identity");
    assert_ana(&session, password[name].as_str().unwrap());
    assert_eq!(session.identity, None);
}

#[test]
fn amplify_jss_cookies_give_the_same_session() {
    let mut same = read(Layout::AmplifyJs, "");
    // Its value is encoded too: `true%2Cfalse`.
    same.signed_in_with = SignedInWith::HostedUi;
    assert_eq!(read(Layout::AmplifyJs, "_cookies"), same);
}

#[test]
fn amplify_jss_items_of_react_native_give_the_same_session() {
    let items: Value = serde_json::from_str(&dump("amplify_js")).unwrap();
    let items = items.as_object().unwrap().iter();
    let prefixed: Value = items
        .map(|(name, value)| (format!("@MemoryStorage:{name}"), value.clone()))
        .collect();
    assert_eq!(
        read_dump(Layout::AmplifyJs, &prefixed.to_string()).unwrap(),
        read(Layout::AmplifyJs, "")
    );
}

#[test]
fn amplify_jss_session_at_the_hosted_pages_is_read() {
    assert_hosted(&read(Layout::AmplifyJs, "_hosted_ui"), SignedInWith::HostedUiPrivate);
}

#[test]
fn aws_mobile_clients_sessions_are_read_with_identity_and_device() {
    for layout in [Layout::AwsMobileClientIos, Layout::AwsMobileClientAndroid] {
        let session = read(layout, "");
        assert_ana(&session, "golden/device+secret");
        assert_identity(&session, new_year());
    }
}

/// On Android the store does not say it: the token's scopes do.
#[test]
fn aws_mobile_clients_sessions_at_the_hosted_pages_are_read() {
    for layout in [Layout::AwsMobileClientIos, Layout::AwsMobileClientAndroid] {
        assert_hosted(&read(layout, "_hosted_ui"), SignedInWith::HostedUi);
    }
}

#[test]
fn guests_federated_sessions_and_empty_stores_are_told_apart_and_refused_with_what_to_do() {
    for layout in Layout::ALL {
        for (ending, expected) in [
            ("_guest", Guest),
            ("_federated", Federated),
            ("_nobody", NobodySignedIn),
        ] {
            let refused = read_dump(layout, &dump(&file_of(layout, ending)));
            assert_eq!(refused, Err(expected.clone()), "{layout:?}");
            assert_eq!(expected.code(), ErrorCode::SignedOut);
            assert!(expected.recovery().starts_with("Nothing to adopt"));
        }
        let empty = layout.read(&StoredItems::default(), &config(POOL, CLIENT), None);
        assert_eq!(empty, Err(NobodySignedIn), "{layout:?}");
    }
}

/// Otherwise an app with a wrong configuration would sign everyone out.
#[test]
fn a_session_of_another_configuration_is_an_error_of_its_own() {
    for layout in Layout::ALL {
        let items = StoredItems::from_json(&dump(&file_of(layout, ""))).unwrap();
        for identity_pool in [None, Some(IDENTITY_POOL)] {
            let error = layout
                .read(&items, &config("eu-central-1_Other", "other"), identity_pool)
                .unwrap_err();
            assert!(
                matches!(error, AdoptError::OtherConfiguration { .. }),
                "{layout:?}, {identity_pool:?}: {error}"
            );
        }
    }
}

/// An app may not know the identity pool where it moves.
#[test]
fn without_the_identity_pool_the_only_session_of_the_user_pool_is_read() {
    for layout in [Layout::AmplifySwift, Layout::AmplifyAndroid] {
        let one = StoredItems::from_json(&dump(&file_of(layout, ""))).unwrap();
        let session = layout.read(&one, &config(POOL, CLIENT), None).unwrap();
        assert_eq!(session, read(layout, ""));

        let mut two = one.clone();
        two.insert(format!("amplify.{POOL}.eu-central-1:other.session"), "{}");
        let error = layout.read(&two, &config(POOL, CLIENT), None).unwrap_err();
        assert!(matches!(error, AdoptError::OtherConfiguration { .. }), "{error}");
    }
}

/// Each token in turn is taken away: the error names the place, and the session is never read without it.
#[test]
fn a_missing_token_is_named_by_its_place() {
    let mut places = Vec::new();
    for layout in Layout::ALL {
        for token in ["accessToken", "idToken", "refreshToken"] {
            let mut items: Value = serde_json::from_str(&dump(&file_of(layout, ""))).unwrap();
            for (name, value) in items.as_object_mut().unwrap() {
                match name.ends_with(&format!(".{token}")) {
                    true => *value = Value::Null,
                    // Within the JSON of Amplify Swift and Android.
                    false => *value = json!(value.as_str().unwrap().replace(&format!("\"{token}\""), "\"gone\"")),
                }
            }
            items.as_object_mut().unwrap().retain(|_, value| !value.is_null());
            match read_dump(layout, &items.to_string()) {
                Err(AdoptError::Missing { place }) => places.push(place),
                other => panic!("{layout:?} without {token}: {other:?}"),
            }
        }
    }
    assert_eq!(
        [&places[0], &places[5], &places[7], &places[9], &places[14], &places[15]],
        [
            "session / userPoolAndIdentityPool / signedInData / cognitoUserPoolTokens / accessToken",
            "session / signedInData / cognitoUserPoolTokens / refreshToken",
            "<client id>.idToken",
            "CognitoIdentityServiceProvider.<client id>.<user>.accessToken",
            "<client id>.<user>.refreshToken",
            "CognitoIdentityProvider.<client id>.<user>.accessToken",
        ]
    );
}

/// An unreadable store is never "nobody was signed in".
#[test]
fn a_session_that_cannot_be_read_is_an_error_of_its_own() {
    let name = format!("amplify.{POOL}.session");
    for layout in [Layout::AmplifySwift, Layout::AmplifyAndroid] {
        for text in [
            "",
            "hunter2",
            "{\"hunter2\":1",
            "[]",
            "{}",
            "null",
            "{\"type\":\"hunter2\"}",
            "{\"userPoolOnly\":{\"signedInData\":7}}",
        ] {
            let error = read_dump(layout, &json!({ &name: text }).to_string()).unwrap_err();
            assert!(
                matches!(error, AdoptError::Invalid { .. } | AdoptError::Missing { .. }),
                "{text}: {error}"
            );
            assert_eq!(error.code(), ErrorCode::InvalidInput);
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }
    assert_eq!(
        StoredItems::from_json("hunter2").unwrap_err().to_string(),
        "the dump must be JSON"
    );
    let nested = StoredItems::from_json(r#"{"hunter2":["hunter2"]}"#).unwrap_err();
    assert_eq!(nested.to_string(), "the dump / <item> must be a string");
}

/// Credentials can be fetched again: without one of their parts they are left out, and the session is read.
#[test]
fn credentials_that_are_not_complete_are_left_out() {
    for layout in [Layout::AmplifySwift, Layout::AmplifyAndroid, Layout::AmplifyFlutter] {
        let dump = dump(&file_of(layout, "")).replace("sessionToken", "gone");
        let session = read_dump(layout, &dump).unwrap();
        assert_eq!(session.identity.unwrap().credentials, None, "{layout:?}");
    }
}

#[test]
fn nothing_prints_a_secret_or_a_username_of_the_store() {
    for layout in Layout::ALL {
        let dump = dump(&file_of(layout, ""));
        let items = StoredItems::from_json(&dump).unwrap();
        assert!(format!("{items:?}").starts_with("StoredItems("));
        let session = read_dump(layout, &dump).unwrap();
        let printed = format!("{items:?} {session:?}");
        for secret in ["golden-refresh", "golden/", "eyJ"] {
            assert!(!printed.contains(secret), "{layout:?}: {printed}");
        }
    }
}
