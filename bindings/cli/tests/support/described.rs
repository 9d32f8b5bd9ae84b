//! What the program said, compared with the guides.

use std::process::Output;

use serde_json::Value;

use crate::said::Said;

const GUIDES: &str = concat!(
    include_str!("../../../../docs/results.md"),
    include_str!("../../../../docs/command-line.md")
);

/// What the program said. If it is JSON, the guides describe it.
pub(crate) fn described(output: Output) -> Said {
    let said = Said::from(output);
    if let Ok(object) = serde_json::from_str(&said.stdout) {
        assert_described(&object);
    }
    said
}

/// The guides name every field that the program prints. What is below `errors` and `failed_by_code` has names of its own: steps, commands, codes.
fn assert_described(value: &Value) {
    if let Some(values) = value.as_array() {
        values.iter().for_each(assert_described);
    }
    for (name, value) in value.as_object().into_iter().flatten() {
        let named = [("`", '`'), ("].", '`'), ("\"", '"')];
        let named = named
            .iter()
            .any(|(before, after)| GUIDES.contains(&format!("{before}{name}{after}")));
        assert!(named, "the guides do not describe {name}");
        match (name.as_str(), value) {
            ("errors" | "failed_by_code", Value::Object(errors)) => errors.values().for_each(assert_described),
            _ => assert_described(value),
        }
    }
}
