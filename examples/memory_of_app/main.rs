//! Searches the memory of an app in another language for copies of its refresh token, after its sign-out. The tests of the bindings run
//! it: `memory_of_app BYTES COMMAND…`. It fails if this library leaves more than that of the token, in whole copies and pieces together.
//!
//! The app runs once for each of [`KINDS`], which its variable `MEMORY_TEST_APP` names, and some times for the one that is judged.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "it is a part of tests")]

#[cfg(target_os = "linux")]
#[path = "../../tests/support/memory/copies.rs"]
mod copies;
#[cfg(target_os = "linux")]
#[path = "../../tests/support/memory/search.rs"]
mod search;

/// What is not judged: docs/how-it-is-proved.md has the figures. The app alone has the tokens in its strings, and drops them. Then it also
/// sends the refresh token by its language's own HTTP. Then it uses this library as an app does, and last with a transport that
/// sends nothing: it reads a token, gets new tokens, or keeps the record in a vault of its own.
#[cfg(target_os = "linux")]
const KINDS: [&str; 6] = [
    "has strings",
    "sends a request",
    "signs out",
    "reads a token",
    "refreshes",
    "has a vault",
];

/// The transport sends nothing, and the app wipes its own strings. So all that is found is this library's.
#[cfg(target_os = "linux")]
const JUDGED: &str = "signs out without a network";

/// Whether a freed block is used again is chance. So one run of these may have left more, and not two.
#[cfg(target_os = "linux")]
const RUNS: usize = 4;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    use std::process::{Command, ExitCode};

    use cognito_signout::fake_cognito::FakeCognito;

    let mut arguments = std::env::args().skip(1);
    let at_most: usize = arguments.next().unwrap().parse().unwrap();
    let (program, arguments) = (arguments.next().unwrap(), arguments.collect::<Vec<_>>());
    let run = |kind| {
        let mut app = Command::new(&program);
        app.args(&arguments);
        let [before, after] = copies::copies(app, kind, FakeCognito::builder(), copies::refresh_token);
        assert!(!before.is_empty(), "the search sees nothing");
        let whole = after.iter().filter(|copy| copy.is_whole).count();
        let bytes: usize = after.iter().map(|copy| copy.bytes).sum();
        println!(
            "{kind}: {bytes} bytes; {whole} whole copies, {} pieces",
            after.len() - whole
        );
        println!("    {after:?}");
        bytes
    };
    for kind in KINDS {
        run(kind);
    }
    let mut runs: Vec<usize> = (0..RUNS).map(|_| run(JUDGED)).collect();
    runs.sort_unstable();
    let ours = runs[RUNS - 2];
    println!("of the library: {runs:?} bytes in {RUNS} runs, at most {at_most} are allowed in all but one");
    if ours > at_most {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {}
