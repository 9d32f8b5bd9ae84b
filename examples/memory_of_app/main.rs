//! Searches the memory of an app in another language for copies of its refresh token, after its sign-out. The tests of the bindings run
//! it: `memory_of_app BYTES COMMAND…`. It fails if this library leaves more than that of the token, in whole copies and pieces together.
//!
//! The app runs five times, or a few more. Its variable `MEMORY_TEST_APP` says what it does with the tokens: see [`KINDS`].

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "it is a part of tests")]

#[cfg(target_os = "linux")]
#[path = "../../tests/support/memory/copies.rs"]
mod copies;
#[cfg(target_os = "linux")]
#[path = "../../tests/support/memory/search.rs"]
mod search;

/// The app alone has the tokens in its strings, and drops them. Then it also sends the refresh token by its language's own HTTP. Then it
/// uses this library, with a transport that sends nothing: what this leaves and the first does not, is the library's. At last it does all
/// of it as an app does.
#[cfg(target_os = "linux")]
const KINDS: [&str; 4] = [
    "has strings",
    "sends a request",
    "signs out without a network",
    "signs out",
];

#[cfg(target_os = "linux")]
const TRIES: usize = 4;

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
    let [strings, _, mut without_a_network, _] = KINDS.map(run);
    // Whether a freed block is used again is chance. What this library never wipes is there each time, and what its app leaves by
    // chance must not hide it.
    let strings = strings.min(run(KINDS[0]));
    for _ in 1..TRIES {
        if without_a_network > strings + at_most {
            without_a_network = without_a_network.min(run(KINDS[2]));
        }
    }
    let ours = without_a_network.saturating_sub(strings);
    println!("of the library: {ours} bytes, at most {at_most} are allowed");
    if ours > at_most {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {}
