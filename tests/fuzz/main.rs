//! Whatever comes in from outside, mangled at random: nothing panics, what is refused is refused with a typed error,
//! and no error repeats what it was given. One module for each thing that reads foreign input.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests are tests"
)]

#[cfg(feature = "adopt")]
mod adopt;
mod answers;
mod app;
mod claims;
mod config;
mod record;
mod verify;

use std::fmt::{Debug, Display};

use proptest::prelude::*;
use proptest::sample::Index;

/// 256 cases of each property, or what `PROPTEST_CASES` says. Failures are not kept in files: a case that fails prints
/// itself, and belongs into a unit test.
fn cases() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// One change to a text, at a place that fits any text.
#[derive(Debug, Clone)]
enum Edit {
    Replace(Index, char),
    Insert(Index, char),
    Remove(Index),
    Truncate(Index),
    Repeat(Index),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        (any::<Index>(), any::<char>()).prop_map(|(at, with)| Edit::Replace(at, with)),
        (any::<Index>(), any::<char>()).prop_map(|(at, with)| Edit::Insert(at, with)),
        any::<Index>().prop_map(Edit::Remove),
        any::<Index>().prop_map(Edit::Truncate),
        any::<Index>().prop_map(Edit::Repeat),
    ];
    prop::collection::vec(edit, 1..4)
}

fn edited(text: &str, edits: &[Edit]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for edit in edits {
        if chars.is_empty() {
            break;
        }
        let length = chars.len();
        match edit {
            Edit::Replace(at, with) => chars[at.index(length)] = *with,
            Edit::Insert(at, with) => chars.insert(at.index(length), *with),
            Edit::Remove(at) => drop(chars.remove(at.index(length))),
            Edit::Truncate(at) => chars.truncate(at.index(length)),
            Edit::Repeat(at) => chars.extend_from_within(at.index(length)..),
        }
    }
    chars.into_iter().collect()
}

/// Neither form of the error holds twelve characters in a row of what was given.
fn assert_silent(error: &(impl Display + Debug), given: &str) {
    let said = format!("{error} {error:?}");
    let given: Vec<char> = given.chars().collect();
    for piece in given.windows(12) {
        let piece: String = piece.iter().collect();
        assert!(!said.contains(&piece), "{said:?} repeats {piece:?}");
    }
}

#[test]
#[should_panic(expected = "repeats \"hunter2-hunt\"")]
fn an_error_that_repeats_its_input_is_noticed() {
    assert_silent(&"not understood: hunter2-hunter2", "hunter2-hunter2");
}
