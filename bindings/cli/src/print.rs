//! Prints to standard output and standard error, in colour on a terminal.

use std::io::{self, Write};
use std::time::SystemTime;

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use serde::Serialize;

use crate::problem::Problem;

pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();

/// Formats a line, and adds it to a text.
macro_rules! line {
    ($text:expr, $($arguments:tt)*) => {{
        $text.push_str(&format!($($arguments)*));
        $text.push('\n');
    }};
}
pub(crate) use line;

/// Prints to standard output. Does not panic: what the command did is done, printed or not.
pub(crate) fn out(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Prints a line to standard error, if possible.
pub(crate) fn aside(text: &str) {
    let _ = writeln!(anstream::stderr(), "{}", plain(text));
}

/// Prints usage errors to standard error, as clap does.
pub(crate) fn refuse<'p>(problems: impl Iterator<Item = &'p Problem>) {
    for problem in problems {
        let _ = writeln!(anstream::stderr(), "{BAD}error:{BAD:#} {}", plain(&problem.message));
    }
}

pub(crate) fn problem(text: &mut String, at: &str, problem: &Problem) {
    let Problem {
        code,
        message,
        recovery,
    } = problem;
    line!(text, "  {BAD}{at}{BAD:#}: {} ({code})", plain(message));
    line!(text, "    {recovery}");
}

/// One JSON object on one line.
pub(crate) fn json(output: &impl Serialize) -> String {
    let text = serde_json::to_string(output);
    // Cannot fail: the output consists of strings and numbers.
    let text = text.unwrap_or_else(|error| format!(r#"{{"result":"failed","message":"{error}"}}"#));
    // JSON itself does not escape all characters that control a terminal.
    let escaped = text.chars().map(|character| match is_control(character) {
        true => format!("\\u{:04x}", u32::from(character)),
        false => character.to_string(),
    });
    escaped.collect::<String>() + "\n"
}

/// Text from outside (names, URIs, paths) with its control characters escaped.
pub(crate) fn plain(text: &str) -> String {
    let escaped = text.chars().map(|character| match is_control(character) {
        true => character.escape_unicode().to_string(),
        false => character.to_string(),
    });
    escaped.collect()
}

/// Whether a terminal would obey the character and not show it. Includes characters that change the direction of a text.
fn is_control(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A time as `2026-11-21T09:00:00Z`.
pub(crate) fn rfc3339(time: SystemTime) -> String {
    // Every time that the library gives is within jiff's range.
    let time = Timestamp::try_from(time).unwrap_or(Timestamp::MAX);
    Timestamp::from_second(time.as_second()).unwrap_or(time).to_string()
}
