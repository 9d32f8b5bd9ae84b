//! The readers of other libraries' stores: each golden file, damaged.

use std::fs;

use cognito_signout::AuthConfig;
use cognito_signout::adopt::{Layout, StoredItems};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::config::places;
use crate::{Edit, cases, edited, edits};

const IDENTITY_POOL: &str = "eu-central-1:11112222-3333-4444-5555-666677778888";

/// Part of each secret in the golden files.
const MARKS: [&str; 3] = ["golden", "eyJ", "hunter2"];

/// The golden files of a layout.
fn golden(layout: Layout) -> impl Strategy<Value = String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("tests/files/adopt").expect("the golden files") {
        let path = entry.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if name.starts_with(&layout.as_str().replace('-', "_")) {
            found.push(fs::read_to_string(path).expect("text"));
        }
    }
    prop::sample::select(found)
}

/// A session, or a typed error that says nothing of the content.
fn read(layout: Layout, dump: &str) {
    let config = AuthConfig::builder("eu-central-1_AbCdEf123", "3n4b5urk1ft4fl3mg5e62d9ado")
        .build()
        .expect("a valid configuration");
    let items = StoredItems::from_json(dump);
    if let Ok(items) = &items {
        let names = layout.names_to_forget(items, &config, Some(IDENTITY_POOL));
        let stored: Value = serde_json::from_str(dump).expect("it was read");
        assert!(
            names.into_iter().flatten().all(|name| stored.get(name).is_some()),
            "{layout:?}"
        );
    }
    let read = items.and_then(|items| layout.read(&items, &config, Some(IDENTITY_POOL)));
    let said = match read {
        Ok(session) => {
            let device = session.device.map(|device| device.password);
            format!("{:?} {device:?}", session.tokens)
        }
        Err(error) => format!("{error} {error:?}"),
    };
    assert!(!MARKS.iter().any(|mark| said.contains(mark)), "{said}");
}

/// The session's own text is damaged, and the dump is whole.
fn with_a_damaged_item(dump: &str, at: Index, edits: &[Edit]) -> String {
    let mut items: Value = serde_json::from_str(dump).expect("JSON");
    let fields = items.as_object_mut().expect("an object");
    if !fields.is_empty() {
        let at = at.index(fields.len());
        let value = fields.values_mut().nth(at).expect("an item");
        *value = json!(edited(value.as_str().expect("a text"), edits));
    }
    items.to_string()
}

fn anything() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(|text| json!(format!("{text}hunter2"))),
        Just(json!([])),
        Just(json!({})),
    ]
}

/// Each item's JSON gets this value in a random place.
fn with_a_value_somewhere(dump: &str, at: Index, value: &Value) -> String {
    let mut items: Value = serde_json::from_str(dump).expect("JSON");
    for item in items.as_object_mut().expect("an object").values_mut() {
        let Ok(mut inner) = serde_json::from_str::<Value>(item.as_str().expect("a text")) else {
            continue;
        };
        let mut found = Vec::new();
        places(&inner, String::new(), &mut found);
        *inner
            .pointer_mut(&found[at.index(found.len())])
            .expect("a place that was found") = value.clone();
        *item = json!(inner.to_string());
    }
    items.to_string()
}

/// The same for each layout, under its own name, so that one reader can run by itself.
macro_rules! readers {
    ($($name:ident = $layout:expr;)*) => {
        $(
            mod $name {
                use super::*;

                proptest! {
                    #![proptest_config(cases())]

                    #[test]
                    fn any_dump_is_read_or_refused(dump in any::<String>()) {
                        read($layout, &dump);
                    }

                    #[test]
                    fn a_damaged_store_is_read_or_refused(dump in golden($layout), edits in edits()) {
                        read($layout, &edited(&dump, &edits));
                    }

                    #[test]
                    fn a_store_with_a_damaged_item_is_read_or_refused(
                        dump in golden($layout), edits in edits(), at in any::<Index>(),
                    ) {
                        read($layout, &with_a_damaged_item(&dump, at, &edits));
                    }

                    #[test]
                    fn a_session_with_anything_anywhere_is_read_or_refused(
                        dump in golden($layout), at in any::<Index>(), value in anything(),
                    ) {
                        read($layout, &with_a_value_somewhere(&dump, at, &value));
                    }
                }
            }
        )*
        const READERS: &[Layout] = &[$($layout),*];
    };
}

readers! {
    amplify_swift = Layout::AmplifySwift;
    amplify_android = Layout::AmplifyAndroid;
    amplify_flutter = Layout::AmplifyFlutter;
    amplify_js = Layout::AmplifyJs;
    aws_mobile_client_ios = Layout::AwsMobileClientIos;
    aws_mobile_client_android = Layout::AwsMobileClientAndroid;
}

#[test]
fn every_layout_has_its_reader_here() {
    assert_eq!(READERS, Layout::ALL);
}

#[test]
fn the_stores_that_are_damaged_here_are_good_ones() {
    let config = AuthConfig::builder("eu-central-1_AbCdEf123", "3n4b5urk1ft4fl3mg5e62d9ado")
        .build()
        .expect("valid");
    for layout in Layout::ALL {
        let dump =
            fs::read_to_string(format!("tests/files/adopt/{}.json", layout.as_str().replace('-', "_"))).expect("text");
        let items = StoredItems::from_json(&dump).expect("a dump");
        assert!(layout.read(&items, &config, Some(IDENTITY_POOL)).is_ok(), "{layout:?}");
    }
}
