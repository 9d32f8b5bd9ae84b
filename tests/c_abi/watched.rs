//! The messages of a program in C, as `bindings/c/tests/watched.c` writes them down, are held against the schema.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::app::form;
use crate::library::kind;
use crate::schema;

/// Whether all that a program sends must have its form.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Program {
    IsRight,
    MakesMistakes,
}

/// Fails unless every message in `file` has its form. Returns the answers, each with the method of its call.
pub(crate) fn check(file: &Path, program: Program) -> Vec<(String, Value)> {
    // A mistake may be no UTF-8.
    let written = String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned();
    let (mut calls, mut questions) = (HashMap::<_, String>::new(), HashMap::new());
    let mut answers = Vec::new();
    for line in written.split_terminator('\0') {
        let [what, kind, id, json] = *line.splitn(4, ' ').collect::<Vec<_>>() else {
            panic!("not a message: {line}")
        };
        let message: Option<Value> = serde_json::from_str(json).ok();
        let has_form = |form: &str| schema::check(form, message.as_ref().expect(line)).unwrap();
        match (what, kind.parse().unwrap()) {
            ("heard", kind::ANSWER) => {
                has_form("answer");
                let (method, answer) = (calls[id].clone(), message.clone().unwrap());
                if let Some(value) = answer.get("ok") {
                    schema::check(&format!("ok.{method}"), value).unwrap();
                }
                answers.push((method, answer));
            }
            ("heard", _) if json.is_empty() => {
                assert!(questions.contains_key(id), "taken back before it was asked: {line}")
            }
            ("heard", kind) => {
                has_form(form(kind));
                questions.insert(id, form(kind));
            }
            ("error", _) => has_form("error"),
            ("call", _) => {
                let method = message.as_ref().and_then(|call| call["method"].as_str());
                calls.insert(id, method.unwrap_or_default().to_owned());
                if program == Program::IsRight {
                    has_form("call");
                }
            }
            _ if program == Program::MakesMistakes => {}
            ("settings", _) => has_form("settings"),
            ("answer", _) => has_form(&format!("{}_answer", questions[id])),
            _ => panic!("a mistake: {line}"),
        }
    }
    answers
}
