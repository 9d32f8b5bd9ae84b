//! Holds every message against `bindings/c/messages.schema.json`. It knows the words of JSON Schema that this file uses, and refuses
//! others. A crate for the whole of JSON Schema would build `url` and all that uses it with other features, for each test.

use std::collections::HashSet;
use std::sync::{Mutex, OnceLock};

use serde_json::{Map, Value};

use crate::app::lock;

fn file() -> &'static Value {
    static FILE: OnceLock<Value> = OnceLock::new();
    FILE.get_or_init(|| serde_json::from_str(include_str!("../../bindings/c/messages.schema.json")).unwrap())
}

/// The parts of the schema that a message has fitted: forms, fields, alternatives and words.
type Parts = Vec<&'static Value>;

/// An error if `message` has not the form with this name.
pub(crate) fn check(form: &str, message: &Value) -> Result<(), String> {
    let why = |why| format!("not of the form {form}: {why}\n{message:#}");
    let parts = fits(message, definition(form)).map_err(why)?;
    lock(occurred()).extend(parts.into_iter().map(address));
    Ok(())
}

fn address(part: &Value) -> usize {
    std::ptr::from_ref(part).addr()
}

/// The parts that have occurred in a message, by their addresses.
fn occurred() -> &'static Mutex<HashSet<usize>> {
    static OCCURRED: OnceLock<Mutex<HashSet<usize>>> = OnceLock::new();
    OCCURRED.get_or_init(Mutex::default)
}

/// The places of the parts that no message of this process has had, but not what is inside of these. An alternative that only says that
/// a field can be null does not count.
pub(crate) fn never_occurred() -> Vec<String> {
    let forms = file()["$defs"].as_object().unwrap().iter();
    forms
        .flat_map(|(form, part)| never_inside(part, form.clone()))
        .collect()
}

fn never_inside(part: &'static Value, place: String) -> Vec<String> {
    if !lock(occurred()).contains(&address(part)) {
        return vec![place];
    }
    let mut inside = Vec::new();
    for (word, rule) in part.as_object().into_iter().flatten() {
        match (word.as_str(), rule) {
            ("properties", Value::Object(fields)) => {
                inside.extend(fields.iter().map(|(name, part)| (name.clone(), part)))
            }
            ("oneOf" | "anyOf" | "prefixItems", Value::Array(items)) => {
                let items = items.iter().filter(|item| item["type"] != "null").enumerate();
                inside.extend(items.map(|(at, part)| (name_of(part).unwrap_or_else(|| format!("{word}[{at}]")), part)));
            }
            ("enum", Value::Array(words)) => inside.extend(words.iter().map(|word| (word.to_string(), word))),
            ("items" | "additionalProperties", Value::Object(_)) => inside.push((word.clone(), rule)),
            _ => {}
        }
    }
    let inside = inside.into_iter();
    inside
        .flat_map(|(name, part)| never_inside(part, format!("{place}.{name}")))
        .collect()
}

/// What tells an alternative from the others, such as its method.
fn name_of(part: &Value) -> Option<String> {
    let mut fields = part["properties"].as_object()?.values();
    fields.find_map(|field| field["const"].as_str().map(ToOwned::to_owned))
}

/// A name and a word that the schema does not have.
pub(crate) const UNKNOWN: &str = "unknown_to_the_schema";

/// Messages that are nearly this one, but of no form that the schema has: one object more has a field that is unknown, or one text is a
/// word that is unknown.
pub(crate) fn spoiled(form: &str, message: &Value) -> Vec<Value> {
    let mut spoiled = Vec::new();
    for place in places(message, String::new()) {
        let mut other = message.clone();
        match other.pointer_mut(&place).unwrap() {
            Value::Object(fields) => drop(fields.insert(UNKNOWN.into(), UNKNOWN.into())),
            Value::String(text) => *text = UNKNOWN.into(),
            _ => continue,
        }
        if fits(&other, definition(form)).is_err() {
            spoiled.push(other);
        }
    }
    spoiled
}

/// The JSON pointers of a message's parts.
fn places(message: &Value, place: String) -> Vec<String> {
    let inside: Vec<_> = match message {
        Value::Object(fields) => fields.iter().map(|(name, part)| (name.clone(), part)).collect(),
        Value::Array(items) => (0..)
            .zip(items)
            .map(|(at, part): (usize, _)| (at.to_string(), part))
            .collect(),
        _ => Vec::new(),
    };
    let inside = inside
        .into_iter()
        .flat_map(|(name, part)| places(part, format!("{place}/{name}")));
    inside.chain([place.clone()]).collect()
}

fn definition(name: &str) -> &'static Value {
    file()["$defs"]
        .get(name)
        .unwrap_or_else(|| panic!("the schema has no {name}"))
}

fn fits(value: &Value, schema: &'static Value) -> Result<Parts, String> {
    let rules = match schema {
        Value::Object(rules) => rules,
        Value::Bool(true) => return Ok(Vec::new()),
        _ => return Err(format!("{value} is not allowed here")),
    };
    let mut parts = all(rules.iter().map(|(word, rule)| obeys(value, word, rule, rules)))?;
    // A field that is null says as little as one that is not there.
    if !value.is_null() || schema["type"] == "null" {
        parts.push(schema);
    }
    Ok(parts)
}

fn all(each: impl Iterator<Item = Result<Parts, String>>) -> Result<Parts, String> {
    Ok(each.collect::<Result<Vec<_>, _>>()?.concat())
}

fn obeys(value: &Value, word: &str, rule: &'static Value, rules: &'static Map<String, Value>) -> Result<Parts, String> {
    let must = |so: bool| {
        if so {
            Ok(Vec::new())
        } else {
            Err(format!("{value} is not {word} {rule}"))
        }
    };
    let field = |name: &str, value: &Value, rule| fits(value, rule).map_err(|why| format!("{name}: {why}"));
    let items = || value.as_array().into_iter().flatten();
    match word {
        "description" => Ok(Vec::new()),
        "$ref" => fits(
            value,
            definition(rule.as_str().unwrap().strip_prefix("#/$defs/").unwrap()),
        ),
        "type" => match rule {
            Value::Array(types) => must(types.iter().any(|name| is_a(value, name))),
            name => must(is_a(value, name)),
        },
        "const" => must(value == rule),
        "enum" => match rule.as_array().unwrap().iter().find(|word| *word == value) {
            Some(word) => Ok(vec![word]),
            None => must(false),
        },
        "minimum" => must(value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap())),
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
            all(fields.filter_map(|(name, rule)| Some(field(name, value.get(name)?, rule))))
        }
        "additionalProperties" => {
            let known = |name: &String| rules.get("properties").is_some_and(|known| known.get(name).is_some());
            let others = value.as_object().into_iter().flatten().filter(|(name, _)| !known(name));
            all(others.map(|(name, value)| field(name, value, rule)))
        }
        "prefixItems" => all(items()
            .zip(rule.as_array().unwrap())
            .map(|(item, rule)| fits(item, rule))),
        "items" => {
            let before = rules.get("prefixItems").and_then(Value::as_array).map_or(0, Vec::len);
            all(items().skip(before).map(|item| fits(item, rule)))
        }
        "anyOf" | "oneOf" => {
            let outcomes: Vec<_> = rule.as_array().unwrap().iter().map(|each| fits(value, each)).collect();
            let fitting = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
            match fitting == 1 || (word == "anyOf" && fitting > 0) {
                true => Ok(outcomes.into_iter().flatten().flatten().collect()),
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
