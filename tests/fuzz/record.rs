//! The decoder of the record, through a vault that holds whatever it likes.

use cognito_signout::vault::VaultError;
use cognito_signout::{AuthError, ErrorCode, SessionState, SignOutOptions, SignOutResult};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::app::{auth, record_in, run, valid_record, vault_with};
use crate::{assert_silent, cases, edited, edits};

/// Whoever finds such a record says so with a typed error, without a word of it, and leaves it as it is; or it is
/// a record after all. Which of them?
fn is_read(record: &[u8]) -> bool {
    let vault = vault_with(record);
    let text = String::from_utf8_lossy(record);
    run(async {
        let auth = auth(&vault, None);
        let session = auth.session().await;
        if let SessionState::Unavailable(error) = &session {
            assert_silent(error, &text);
        }
        if let Err(error) = auth.tokens().await {
            assert_silent(&error, &text);
        }
        assert_eq!(
            record_in(&vault).as_deref(),
            Some(record),
            "reading has changed the record"
        );

        let result = auth.sign_out(SignOutOptions::local()).await;
        let SignOutResult::Failed(failed) = result else {
            assert_eq!(auth.session().await, SessionState::SignedOut);
            return true;
        };
        assert_silent(&failed.error, &text);
        let expected = match session {
            SessionState::Unavailable(VaultError::Corrupt(_)) => ErrorCode::RecordCorrupt,
            SessionState::Unavailable(VaultError::NewerVersion { .. }) => ErrorCode::RecordTooNew,
            other => panic!("{other:?}, and signing out failed: {failed:?}"),
        };
        assert_eq!(failed.error.code(), expected);
        assert_eq!(
            record_in(&vault).as_deref(),
            Some(record),
            "`Failed`, and the record has changed"
        );
        // What cannot be read is not written over either, but can be removed.
        assert!(matches!(auth.set_device("ana", None).await, Err(AuthError::Vault(_))));
        assert_eq!(record_in(&vault).as_deref(), Some(record));
        assert_eq!(auth.purge_local().await, Ok(()));
        assert_eq!(auth.session().await, SessionState::SignedOut);
        false
    })
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_bytes_are_refused_and_left_alone(record in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(!is_read(&record));
    }

    #[test]
    fn a_damaged_record_is_read_or_refused(edits in edits()) {
        is_read(edited(&valid_record(), &edits).as_bytes());
    }

    #[test]
    fn a_record_with_anything_for_a_field_is_read_or_refused(
        field in prop::sample::select(vec!["/version", "/generation", "/session", "/session/tokens", "/session/username",
            "/session/tokens/access_token", "/session/signed_in_with", "/session/expired", "/pending", "/devices"]),
        value in prop_oneof![
            Just(Value::Null), any::<bool>().prop_map(Value::from), any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from), any::<String>().prop_map(Value::from), Just(json!([])), Just(json!({})),
        ],
    ) {
        let mut record: Value = serde_json::from_str(&valid_record()).expect("JSON");
        *record.pointer_mut(field).expect("a field of the record") = value;
        is_read(record.to_string().as_bytes());
    }

    #[test]
    fn a_record_of_another_version_is_never_touched(version in any::<u32>(), rest in any::<String>()) {
        let record = json!({ "version": version, "what is new": rest }).to_string();
        let vault = vault_with(record.as_bytes());
        let session = run(async { auth(&vault, None).session().await });
        match version {
            // This library's own, without its other fields; and one that never was.
            0 | 1 => prop_assert!(matches!(session, SessionState::Unavailable(VaultError::Corrupt(_)))),
            found => prop_assert_eq!(session, SessionState::Unavailable(VaultError::NewerVersion { found, known: 1 })),
        }
        prop_assert!(!is_read(record.as_bytes()));
    }
}

#[test]
fn the_record_that_is_damaged_here_is_a_good_one() {
    assert!(is_read(valid_record().as_bytes()));
}
