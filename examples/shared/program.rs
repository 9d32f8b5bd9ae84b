//! A program that carries out one command and prints one output, for people or as JSON.

use std::ffi::OsStr;
use std::io::ErrorKind;

use clap::Parser;
use serde::Serialize;

use super::print;

/// The exit code if the output cannot be printed.
const UNPRINTED: i32 = 4;

/// The output of a command.
pub(crate) trait Output: Serialize {
    /// The command line makes no sense. Nothing was done.
    fn usage(message: &str) -> Self;

    fn for_people(&self) -> String;

    fn exit_code(&self) -> i32;
}

/// Reads the command line, performs the command, prints its output, and exits. `perform` also says whether to print JSON.
pub(crate) async fn run<C: Parser, O: Output>(perform: impl AsyncFnOnce(C) -> (O, bool)) -> ! {
    let (output, json) = match C::try_parse() {
        Ok(cli) => perform(cli).await,
        Err(error) if error.use_stderr() && std::env::args_os().any(|argument| argument == OsStr::new("--json")) => {
            let text = error.to_string();
            let first_line = text.lines().next().unwrap_or_default();
            (O::usage(first_line.trim_start_matches("error: ")), true)
        }
        // Also for --help: clap knows where to print it, and the exit code.
        Err(error) => error.exit(),
    };
    let text = if json {
        print::json(&output)
    } else {
        output.for_people()
    };
    let code = match print::out(&text) {
        // After a broken pipe nobody reads the output: the command's own exit code is still right.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            print::aside(&format!("the output could not be printed: {error}"));
            UNPRINTED
        }
        _ => output.exit_code(),
    };
    // Returning from `main` would wait for threads that hang: in a keychain, or reading standard input.
    std::process::exit(code)
}
