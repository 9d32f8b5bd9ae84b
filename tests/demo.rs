//! `examples/demo` checks every claim that it prints; this holds it to that.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests say what they expect")]

#[path = "support/example.rs"]
mod example;

use std::process::Command;
use std::sync::LazyLock;

/// What one run prints. It is run once for all tests.
static PRINTED: LazyLock<String> = LazyLock::new(|| {
    let output = Command::new(example::build("demo")).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}");
    printed
});

#[test]
fn the_demo_meets_every_claim_it_makes_and_prints_plain_text_into_a_pipe() {
    let said = &*PRINTED;
    assert!(said.contains("Every claim above was checked and is true."));
    assert!(!said.contains('\u{1b}'), "colour is for terminals");
    let table = said.rsplit("left in the vault").next().unwrap();
    for scene in [
        "local",
        "global",
        "revoke refused",
        "offline",
        "killed, resumed",
        "server hangs",
        "by revocation",
        "the app's own step",
    ] {
        assert!(table.contains(scene), "{scene} is missing from the table");
    }
}

/// Without what differs from run to run: durations and points in time; and, since a table is as wide as its longest
/// duration, without the number of spaces.
fn masked(line: &str) -> String {
    let mut words: Vec<&str> = line.split_whitespace().collect();
    for place in 0..words.len() {
        let is_duration =
            matches!(words.get(place + 1), Some(unit) if unit.starts_with("ms") || unit.starts_with("s)"));
        if is_duration && words[place].contains('.') {
            words[place] = "#";
        } else if words[place].trim_end_matches(',').ends_with('Z') {
            words[place] = "#Z";
        }
    }
    words.join(" ")
}

/// The text of each line of the picture in README.md.
fn lines_of_picture() -> Vec<String> {
    let picture = include_str!("../docs/images/demo.svg").lines();
    let lines = picture.filter(|line| line.trim_start().starts_with("<text "));
    let text = lines.map(|line| {
        let between_tags = line.split('<').filter_map(|part| Some(part.split_once('>')?.1));
        between_tags
            .collect::<String>()
            .replace("&lt;", "<")
            .replace("&amp;", "&")
    });
    text.collect()
}

#[test]
fn the_picture_in_the_readme_shows_what_the_demo_prints() {
    let mut printed = PRINTED.lines().map(masked);
    let picture = lines_of_picture();
    assert!(picture.len() > 30, "{} lines", picture.len());
    for line in picture {
        let line = masked(&line);
        let found = printed.any(|printed| printed == line);
        assert!(
            found,
            "the demo no longer prints this, or not in this place: run `cargo xtask picture`\n{line}"
        );
    }
}

#[test]
fn so_does_the_browsers_chapter_without_a_person() {
    let mut demo = Command::new(example::build("demo"));
    let output = demo.arg("--browser=headless").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("Every claim above was checked and is true."));
    for scene in [
        "1  Ana signs out: first in the browser",
        "2  The sign-out URI has one slash too many",
        "3  Ana tries again; her app is killed",
        "4  Ana signed in through an identity provider",
    ] {
        assert!(said.contains(scene), "{scene} is missing");
    }
}
