use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::app_reason::AppReason;
use crate::end_reason::EndReason;
use crate::session::{AwsCredentials, Device, Identity, SignedInWith, Tokens};

/// A record of version 1 with everything set, as installed apps have it. Do not change it, nor another file of this folder: a
/// change of the code that makes these tests fail needs a new version.
const GOLDEN: &str = include_str!("version_1/full.json");

/// What `signing_out` holds while the browser is in front.
const GOLDEN_IN_BROWSER: &str = include_str!("version_1/in_browser.json");

/// The same record, with what the app's reason adds to a debt and to a waiting sign-out.
const GOLDEN_WITH_REASONS: &str = include_str!("version_1/reasons.json");

/// The same record, with two debts that owe steps of the app's own.
const GOLDEN_WITH_APP_STEPS: &str = include_str!("version_1/app_steps.json");

/// A golden file, and what it adds to the record.
type Gain = (&'static str, fn(&mut Record));

/// What version 1 has gained since, each by itself.
const GAINED: &[Gain] = &[
    (include_str!("version_1/linked.json"), |record| {
        record.pending[0].linked = true
    }),
    (include_str!("version_1/overdue.json"), |record| {
        record.pending[0].overdue = true
    }),
    (include_str!("version_1/adopted.json"), |record| {
        record.adopted = Some("origin-1".into())
    }),
    (include_str!("version_1/ended.json"), |record| {
        record.session.as_mut().unwrap().end_reason = Some(EndReason::UserDisabled);
    }),
];

const NOW: SystemTime = UNIX_EPOCH;

/// What a file says, as this system keeps it: Windows counts time in steps of 100 nanoseconds.
fn json(file: &str) -> serde_json::Value {
    let kept = if cfg!(windows) { 0 } else { 5 };
    let file = file.replace("\"nanos_since_epoch\": 5", &format!("\"nanos_since_epoch\": {kept}"));
    serde_json::from_str(&file).unwrap()
}

fn tokens(name: &str) -> Tokens {
    Tokens::new(
        format!("{name}-access"),
        format!("{name}-id"),
        format!("{name}-refresh"),
    )
}

fn full() -> Record {
    let credentials = AwsCredentials::new(
        "AKIAEXAMPLE",
        "secret-key",
        "session-token",
        UNIX_EPOCH + Duration::new(1_800_000_000, 5),
    );
    let identity = Identity::new("eu-central-1:1234", Some(credentials));
    let session = StoredSession {
        tokens: tokens("new"),
        signed_in_with: SignedInWith::HostedUi,
        username: Some("ana".into()),
        expired: true,
        end_reason: None,
        identity: Some(identity.into()),
        unknown: Unknown::default(),
    };
    let debt = Debt {
        held: Held {
            id: 41,
            tokens: tokens("old"),
            username: Some("bea".into()),
            device_key: Some("device-1".into()),
            signed_in_with: SignedInWith::HostedUiPrivate,
        },
        global: true,
        revoke: true,
        linked: false,
        app_reason: None,
        app_steps: Vec::new(),
        since: 1_800_000_000,
        attempts: 2,
        overdue: false,
        unknown: Unknown::default(),
    };
    Record {
        version: VERSION,
        generation: 42,
        session: Some(session),
        waiting: None,
        pending: vec![debt],
        devices: [("ana".into(), Device::new("device-1", "-group", "password").into())].into(),
        adopted: None,
        unknown: Unknown::default(),
    }
}

#[test]
fn what_was_written_is_what_is_read() {
    for record in [full(), Record::empty()] {
        assert_eq!(Record::decode(&record.encode().unwrap()), Ok(record));
    }
}

#[test]
fn version_1_is_read_and_written_as_it_always_was() {
    assert_eq!(Record::decode(GOLDEN.as_bytes()), Ok(full()));
    let written: serde_json::Value = serde_json::from_slice(&full().encode().unwrap()).unwrap();
    let golden = json(GOLDEN);
    assert_eq!(written, golden);
}

#[test]
fn what_version_1_has_gained_since_is_read_and_written_as_it_always_was() {
    for (golden, gain) in GAINED {
        let mut record = full();
        gain(&mut record);
        assert_ne!(record, full());
        assert_eq!(Record::decode(golden.as_bytes()), Ok(record.clone()));
        let written: serde_json::Value = serde_json::from_slice(&record.encode().unwrap()).unwrap();
        assert_eq!(written, json(golden));
    }
}

#[test]
fn each_golden_file_is_read_by_a_test() {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/record/version_1")).unwrap();
    let files: Vec<_> = folder
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    let mut read = vec![GOLDEN, GOLDEN_IN_BROWSER, GOLDEN_WITH_REASONS, GOLDEN_WITH_APP_STEPS];
    read.extend(GAINED.iter().map(|(golden, _)| golden));
    assert_eq!(files.len(), read.len());
    assert!(files.iter().all(|file| read.contains(&file.as_str())));
}

/// Promise 8, for an app that goes back to an older version and then forward again.
#[test]
fn what_a_later_version_has_added_survives_a_rewrite() {
    // A number that no type of ours holds: the bytes are kept, not what they mean.
    let later = r#"{"a":[1,2.50,123456789012345678901234567890],"refresh_token":"later-token"}"#;
    let newer = GOLDEN
        .replacen("\"generation\"", &format!("\"later\": {later}, \"generation\""), 1)
        .replacen("\"username\": \"ana\"", "\"username\": \"ana\", \"later\": null", 1)
        .replacen("\"since\"", &format!("\"later\": {later}, \"since\""), 1);
    let mut record = Record::decode(newer.as_bytes()).unwrap();
    assert!(!format!("{record:?}").contains("later-token"));
    record.pending[0].attempts += 1;

    let written = record.encode().unwrap();
    let text = std::str::from_utf8(&written).unwrap();
    assert_eq!(text.matches(&format!("\"later\":{later}")).count(), 2, "{text}");
    let written: serde_json::Value = serde_json::from_slice(&written).unwrap();
    let mut expected = json(&newer);
    expected["pending"][0]["attempts"] = 3.into();
    assert_eq!(written, expected);

    // The session's own goes with the session, the debt's with the debt. The record's stays.
    record.end_session(false, false, NOW);
    record.pending.remove(0);
    let written = record.encode().unwrap();
    assert_eq!(std::str::from_utf8(&written).unwrap().matches("later\":").count(), 1);
}

#[test]
fn a_record_with_only_what_a_later_version_has_added_is_worth_keeping() {
    let record = Record::decode(br#"{"version":1,"generation":7,"later":true}"#).unwrap();
    assert!(!record.is_empty());
}

#[test]
fn the_sign_in_that_was_adopted_is_worth_keeping() {
    let mut record = Record::empty();
    record.adopted = Some("o".into());
    assert!(!record.is_empty());
}

#[test]
fn a_reason_of_a_later_version_is_unknown() {
    let mut written = json(GOLDEN);
    written["session"]["end_reason"] = "evicted".into();
    let mut record = full();
    record.session.as_mut().unwrap().end_reason = Some(EndReason::Unknown);
    assert_eq!(Record::decode(written.to_string().as_bytes()), Ok(record));
}

#[test]
fn a_rotated_token_of_an_ended_session_is_owed_as_that_session_is() {
    for linked in [false, true] {
        let mut record = Record {
            pending: Vec::new(),
            ..full()
        };
        let generation = record.generation;
        let held = record.held().unwrap();
        record.end_session(false, linked, NOW).unwrap().app_reason = Some(AppReason::USER);
        let used = held.tokens.refresh_token.clone();
        let rotated = Held {
            id: 7,
            tokens: tokens("rotated"),
            ..held
        };
        let debt = Debt::of(rotated, false, false, NOW);
        record.put(&Fresh { generation, used, debt });
        let owed: Vec<_> = record
            .pending
            .iter()
            .map(|debt| (debt.linked, debt.app_reason.clone()))
            .collect();
        assert_eq!(owed, [(linked, Some(AppReason::USER)), (linked, Some(AppReason::USER))]);
    }
}

#[test]
fn rotated_tokens_take_back_that_the_old_one_was_refused_but_not_what_was_said_of_the_user() {
    for (said, is_over) in [
        (None, false),
        (Some(EndReason::Unknown), false),
        (Some(EndReason::Revoked), false),
        (Some(EndReason::UserDisabled), true),
        (Some(EndReason::UserDeleted), true),
    ] {
        let mut record = full();
        record.session.as_mut().unwrap().end_reason = said;
        let held = record.held().unwrap();
        let used = held.tokens.refresh_token.clone();
        let rotated = Held {
            tokens: tokens("rotated"),
            ..held
        };
        let debt = Debt::of(rotated, false, false, NOW);
        record.put(&Fresh {
            generation: record.generation,
            used,
            debt,
        });
        let session = record.session.unwrap();
        assert_eq!(session.tokens, tokens("rotated"));
        assert_eq!(
            (session.expired, session.end_reason.is_some()),
            (is_over, is_over),
            "{said:?}"
        );
    }
}

#[test]
fn a_sign_out_that_waits_for_the_browser_is_read_and_written_as_it_always_was() {
    let mut golden = json(GOLDEN);
    golden["signing_out"] = serde_json::from_str(GOLDEN_IN_BROWSER).unwrap();
    let record = Record::decode(golden.to_string().as_bytes()).unwrap();
    let written: serde_json::Value = serde_json::from_slice(&record.encode().unwrap()).unwrap();
    assert_eq!(written, golden);

    let waiting = record.waiting_sign_out().unwrap();
    assert_eq!(waiting.visit.url().as_str(), "https://id.example.com/logout?state=s-1");
    let in_time = UNIX_EPOCH + Duration::from_secs(1_800_000_180);
    assert!(!waiting.is_over(in_time));
    assert!(waiting.is_over(in_time + Duration::from_secs(1)));
    let another_session = Record {
        generation: 43,
        ..record
    };
    assert_eq!(another_session.waiting_sign_out(), None);
}

#[test]
fn the_apps_reasons_are_read_and_written_as_they_always_were() {
    let golden = json(GOLDEN_WITH_REASONS);
    let mut record = Record::decode(GOLDEN_WITH_REASONS.as_bytes()).unwrap();
    let written: serde_json::Value = serde_json::from_slice(&record.encode().unwrap()).unwrap();
    assert_eq!(written, golden);

    let waiting = record.waiting.as_mut().unwrap();
    assert_eq!(waiting.app_reason.take(), Some(AppReason::SECURITY));
    let shift_end = AppReason::new("shift-end.2").unwrap();
    assert_eq!(record.pending[0].app_reason.take(), Some(shift_end));
    // Without them it is the record that older libraries write.
    let mut older = json(GOLDEN);
    older["signing_out"] = serde_json::from_str(GOLDEN_IN_BROWSER).unwrap();
    let written: serde_json::Value = serde_json::from_slice(&record.encode().unwrap()).unwrap();
    assert_eq!(written, older);
}

#[test]
fn a_reason_that_this_version_does_not_allow_is_read_past() {
    let mut newer = json(GOLDEN);
    newer["pending"][0]["app_reason"] = "A New Kind Of Word".into();
    assert_eq!(Record::decode(newer.to_string().as_bytes()), Ok(full()));
}

#[test]
fn the_apps_steps_are_read_and_written_as_they_always_were() {
    let golden = json(GOLDEN_WITH_APP_STEPS);
    let mut record = Record::decode(GOLDEN_WITH_APP_STEPS.as_bytes()).unwrap();
    let written: serde_json::Value = serde_json::from_slice(&record.encode().unwrap()).unwrap();
    assert_eq!(written, golden);

    assert_eq!(
        std::mem::take(&mut record.pending[0].app_steps),
        ["forget_push_token", "cache"]
    );
    let steps_alone = record.pending.pop().unwrap();
    assert_eq!((steps_alone.revoke, steps_alone.owes_anything()), (false, true));
    // Without them it is the record that older libraries write.
    assert_eq!(record, full());
}

#[test]
fn what_a_record_may_leave_out_is_empty() {
    let least = Record::decode(br#"{"version":1,"generation":7}"#).unwrap();
    assert!(least.is_empty());
    assert_eq!(least.generation, 7);
}

/// A `Vec` that grows asks for powers of two or for twice what it had: a capacity of just the length was asked for once.
#[test]
fn encoding_asks_for_memory_once() {
    let mut record = full();
    for length in [1, 100, 1_999, 6_000] {
        record.session.as_mut().unwrap().tokens.refresh_token = "x".repeat(length).into();
        let bytes = record.encode().unwrap();
        assert_eq!(bytes.capacity(), bytes.len());
    }
}

#[test]
fn ending_a_session_leaves_its_debt_and_the_devices() {
    let mut record = full();
    let debt = record.end_session(false, false, NOW).unwrap().clone();
    assert_eq!(
        (debt.held.id, &debt.held.tokens, debt.held.device_key.as_deref()),
        (42, &tokens("new"), Some("device-1"))
    );
    assert_eq!(record.session, None);
    assert_eq!(record.generation, 43);
    assert_eq!(record.pending, [full().pending[0].clone(), debt]);
    assert_eq!(record.devices, full().devices);
    assert_eq!(record.end_session(false, false, NOW), None);
}

#[test]
fn another_version_is_an_error_that_says_which() {
    let newer = Record::decode(br#"{"version":2,"session":"in another form"}"#);
    assert_eq!(newer, Err(VaultError::NewerVersion { found: 2, known: 1 }));
    assert!(matches!(
        Record::decode(br#"{"version":0,"generation":1}"#),
        Err(VaultError::Corrupt(_))
    ));
}

#[test]
fn an_array_is_no_record_of_any_version() {
    // Serde reads the fields of a type from an array too: the first would be the version.
    for array in ["[2]", r#"[1,42,null,[],[],{}]"#] {
        let read = Record::decode(array.as_bytes());
        assert!(matches!(read, Err(VaultError::Corrupt(_))), "{array}: {read:?}");
    }
}

#[test]
fn what_is_wrong_in_a_record_is_named_by_its_place_alone() {
    let broken = GOLDEN.replacen("\"hosted_ui\"", "\"eyJtoken\"", 1);
    let Err(VaultError::Corrupt(place)) = Record::decode(broken.as_bytes()) else {
        panic!("it was read");
    };
    assert!(place.starts_with("Data error at line "), "{place}");
    assert!(!place.contains("eyJtoken"), "{place}");
}
