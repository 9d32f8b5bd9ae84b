//! `examples/demo` checks every claim that it prints; this holds it to that.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests say what they expect")]

#[path = "support/example.rs"]
mod example;

use std::process::Command;

#[test]
fn the_demo_meets_every_claim_it_makes_and_prints_plain_text_into_a_pipe() {
    let output = Command::new(example::build("demo")).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("Every claim above was checked and met."));
    assert!(!said.contains('\u{1b}'), "colour is for terminals");
    let table = said.rsplit("left in the vault").next().unwrap();
    for scene in [
        "local",
        "global",
        "revoke refused",
        "offline",
        "killed, resumed",
        "server hangs",
    ] {
        assert!(table.contains(scene), "{scene} is missing from the table");
    }
}

#[test]
fn so_does_the_browsers_chapter_without_a_person() {
    let mut demo = Command::new(example::build("demo"));
    let output = demo.arg("--browser=headless").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("Every claim above was checked and met."));
    for scene in [
        "1  Ana signs out: of the browser first",
        "2  The sign-out URI has a slash too many",
        "3  Ana tries again; her app is killed",
        "4  Ana came through an identity provider",
    ] {
        assert!(said.contains(scene), "{scene} is missing");
    }
}
