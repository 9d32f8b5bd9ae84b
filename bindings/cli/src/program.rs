//! How the program ends: with one output, for people or as JSON.

use std::io::ErrorKind;

use serde::Serialize;

use crate::print;

/// The exit code if the output cannot be printed.
const UNPRINTED: i32 = 4;

/// The output of a command.
pub(crate) trait Output: Serialize {
    /// The command line makes no sense. Nothing was done.
    fn usage(message: &str) -> Self;

    fn for_people(&self) -> String;

    fn exit_code(&self) -> i32;
}

/// Prints the output, and exits.
pub(crate) fn end(output: &impl Output, json: bool) -> ! {
    let text = if json { print::json(output) } else { output.for_people() };
    end_with(&text, output.exit_code())
}

/// Prints a text, and exits.
pub(crate) fn end_with(text: &str, code: i32) -> ! {
    let code = match print::out(text) {
        // After a broken pipe nobody reads the output: the command's own exit code is still right.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            print::aside(&format!("the output could not be printed: {error}"));
            UNPRINTED
        }
        _ => code,
    };
    // Returning from `main` would wait for threads that hang: in a keychain, or reading standard input.
    std::process::exit(code)
}
