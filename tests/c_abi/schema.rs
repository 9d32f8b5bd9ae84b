//! Holds every message against `bindings/c/messages.schema.json`. It knows the words of JSON Schema that this file uses, and refuses
//! others. A crate for the whole of JSON Schema would build `url` and all that uses it with other features, for each test.

use std::sync::OnceLock;

use serde_json::{Map, Value};

fn file() -> &'static Value {
    static FILE: OnceLock<Value> = OnceLock::new();
    FILE.get_or_init(|| serde_json::from_str(include_str!("../../bindings/c/messages.schema.json")).unwrap())
}

/// An error if `message` has not the form with this name.
pub(crate) fn check(form: &str, message: &Value) -> Result<(), String> {
    let why = |why| format!("not of the form {form}: {why}\n{message:#}");
    fits(message, definition(form)).map_err(why)
}

fn definition(name: &str) -> &'static Value {
    file()["$defs"]
        .get(name)
        .unwrap_or_else(|| panic!("the schema has no {name}"))
}

fn fits(value: &Value, schema: &Value) -> Result<(), String> {
    let rules = match schema {
        Value::Object(rules) => rules,
        Value::Bool(true) => return Ok(()),
        _ => return Err(format!("{value} is not allowed here")),
    };
    rules
        .iter()
        .try_for_each(|(word, rule)| obeys(value, word, rule, rules))
}

fn obeys(value: &Value, word: &str, rule: &Value, rules: &Map<String, Value>) -> Result<(), String> {
    let must = |so: bool| {
        if so {
            Ok(())
        } else {
            Err(format!("{value} is not {word} {rule}"))
        }
    };
    let at_least = |than: Option<f64>| value.as_f64().zip(than).is_none_or(|(number, than)| number >= than);
    match word {
        "description" => Ok(()),
        "$ref" => fits(
            value,
            definition(rule.as_str().unwrap().strip_prefix("#/$defs/").unwrap()),
        ),
        "type" => match rule {
            Value::Array(types) => must(types.iter().any(|name| is_a(value, name))),
            name => must(is_a(value, name)),
        },
        "const" => must(value == rule),
        "enum" => must(rule.as_array().unwrap().contains(value)),
        "minimum" => must(at_least(rule.as_f64())),
        "maximum" => must(value.as_f64().is_none_or(|number| number <= rule.as_f64().unwrap())),
        "minItems" => must(
            value
                .as_array()
                .is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap()),
        ),
        "maxProperties" => must(
            value
                .as_object()
                .is_none_or(|fields| fields.len() as u64 <= rule.as_u64().unwrap()),
        ),
        "required" => {
            let has = |name: &Value| value.get(name.as_str().unwrap()).is_some();
            must(!value.is_object() || rule.as_array().unwrap().iter().all(has))
        }
        "properties" => {
            let fields = rule.as_object().unwrap().iter();
            let mut there = fields.filter_map(|(name, rule)| Some((name, value.get(name)?, rule)));
            there.try_for_each(|(name, value, rule)| fits(value, rule).map_err(|why| format!("{name}: {why}")))
        }
        "additionalProperties" => {
            let known = |name: &String| rules.get("properties").is_some_and(|known| known.get(name).is_some());
            let mut others = value.as_object().into_iter().flatten().filter(|(name, _)| !known(name));
            others.try_for_each(|(name, value)| fits(value, rule).map_err(|why| format!("{name}: {why}")))
        }
        "prefixItems" => {
            let items = value.as_array().into_iter().flatten().zip(rule.as_array().unwrap());
            items.into_iter().try_for_each(|(item, rule)| fits(item, rule))
        }
        "items" => {
            let before = rules.get("prefixItems").and_then(Value::as_array).map_or(0, Vec::len);
            value
                .as_array()
                .into_iter()
                .flatten()
                .skip(before)
                .try_for_each(|item| fits(item, rule))
        }
        "anyOf" | "oneOf" => {
            let outcomes: Vec<_> = rule.as_array().unwrap().iter().map(|each| fits(value, each)).collect();
            let fitting = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
            match fitting == 1 || (word == "anyOf" && fitting > 0) {
                true => Ok(()),
                false => Err(format!("{fitting} of {} fit: {outcomes:?}", outcomes.len())),
            }
        }
        _ => panic!("the checker does not know the word {word}"),
    }
}

fn is_a(value: &Value, name: &Value) -> bool {
    match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        _ => panic!("the checker does not know the type {name}"),
    }
}

/// Else the checks would see nothing.
#[test]
fn a_message_of_another_form_is_noticed() {
    use serde_json::json;
    for (form, message) in [
        ("call", json!({ "method": "sign_out", "args": { "globl": true } })),
        ("call", json!({ "method": "sing_out" })),
        ("event", json!({ "event": "signed_out", "reason": "local" })),
        (
            "error",
            json!({ "error": { "case": "vault", "code": 1, "detail": "", "recovery": "" } }),
        ),
        (
            "http",
            json!({ "method": "GET", "url": "", "headers": [["a", "b", "c"]], "body": "" }),
        ),
        ("settings", json!({ "vault": { "kind": "host", "identity": -1 } })),
    ] {
        assert!(check(form, &message).is_err(), "{form}: {message}");
    }
    check("call", &json!({ "method": "sign_out", "args": { "global": true } })).unwrap();
    check(
        "event",
        &json!({ "event": "signed_out", "reason": "local", "app_reason": null }),
    )
    .unwrap();
}
