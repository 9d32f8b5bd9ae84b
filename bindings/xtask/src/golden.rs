//! What is on record in the repository, so that a review shows each change of it.

use std::collections::BTreeSet;
use std::env;

use crate::files::{text, write};
use crate::workspace;

/// An error if the file does not have this content. With the variable `UPDATE_API`, puts it on record.
pub(crate) fn compare(file: &str, content: &str, command: &str) -> Result<(), String> {
    let recorded = workspace().join(file);
    if env::var_os("UPDATE_API").is_some() {
        return write(&recorded, content.as_bytes());
    }
    let there = text(&recorded)?;
    if there == content {
        return Ok(());
    }
    Err(format!(
        "the public API is not the one in {file}. If that is intended: UPDATE_API=1 {command}\n{}",
        difference(&there, content)
    ))
}

/// The lines that are only in one of the two. Lines in another order are no difference here.
fn difference(old: &str, new: &str) -> String {
    let only_in = |one: &str, other: &str, mark: char| -> String {
        let others: BTreeSet<_> = other.lines().collect();
        let lines = one.lines().filter(|line| !others.contains(line));
        lines.map(|line| format!("{mark} {line}\n")).collect()
    };
    only_in(old, new, '-') + &only_in(new, old, '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_shows_what_has_gone_and_what_is_new() {
        assert_eq!(difference("a\nb\nc\n", "a\nc\nd\n"), "- b\n+ d\n");
    }

    #[test]
    fn another_content_is_an_error_that_names_the_command() {
        let error = compare("bindings/api/rust.txt", "pub mod nothing\n", "cargo xtask rust-api").unwrap_err();
        assert!(
            error.contains("UPDATE_API=1 cargo xtask rust-api\n- pub mod cognito_signout\n"),
            "{error}"
        );
        assert!(error.ends_with("+ pub mod nothing\n"), "{error}");
    }
}
