//! JSON of others that may contain tokens.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Deserializer, Value};
use zeroize::{Zeroize, Zeroizing};

/// JSON that may contain tokens. Its texts are wiped when it is dropped.
pub(crate) struct Wiped(pub(crate) Value);

impl Wiped {
    /// Reads JSON. Do not pass the error on: it can quote what was read, and that may be a token.
    ///
    /// serde_json reads a text with escapes through a buffer of its own, and neither wipes that buffer nor what it leaves behind when
    /// it grows. So a filler that is longer than all of `json` makes the buffer grow before, and another one takes its place
    /// afterwards.
    pub(crate) fn parse(json: &str) -> serde_json::Result<Self> {
        // This needs no such buffer. What is no JSON ends here, except half of a surrogate pair, a number that is too large, and what
        // is nested too deeply.
        serde_json::from_str::<IgnoredAny>(json)?;
        let filler = format!("\"\\n{}\"", "-".repeat(json.len()));
        let all = Zeroizing::new([&filler, json, &filler].concat());
        let mut all = Deserializer::from_str(&all);
        String::deserialize(&mut all)?;
        let value = Value::deserialize(&mut all).map(Self);
        String::deserialize(&mut all)?;
        value
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
