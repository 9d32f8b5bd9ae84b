//! Prints an answer: as JSON, or for people, in colour on a terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::answer::{Answer, Differing, Failed, Fixed, Outcome, Problem, Seen, Users};
use crate::sample::Checked;

const GOOD: Style = AnsiColor::Green.on_default().bold();
const MIDDLING: Style = AnsiColor::Yellow.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const FAINT: Style = Style::new().dimmed();

/// What the summary of a run says of those who were not signed out, and of what a sign-out does not end.
const OFFLINE: &str = "who verifies tokens offline accepts them until they expire";
const BROWSER: &str = "A browser that signed in at the hosted pages keeps its session: whoever sits at it gets new tokens without a \
                       password, for an hour after the sign-in, or with session tracking for up to 90 days.";
const HELPS: &str = "--disable keeps users from that; where sessions are tracked, AdminRevokeUserSession ends it.";

/// Puts a line together, and adds it to a text.
macro_rules! line {
    ($text:expr, $($arguments:tt)*) => {{
        $text.push_str(&format!($($arguments)*));
        $text.push('\n');
    }};
}

/// Writes the answer. What cannot be written is an error and no panic: what was done is done.
pub(crate) fn out(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Says something beside the answer. What cannot be said there is not.
pub(crate) fn aside(text: &str) {
    let _ = writeln!(anstream::stderr(), "{}", plain(text));
}

/// One object on one line.
pub(crate) fn json(answer: &Answer) -> String {
    let text = serde_json::to_string(answer);
    // It is made of strings and numbers alone.
    let text = text.unwrap_or_else(|error| format!(r#"{{"result":"failed","message":"{error}"}}"#));
    // Beyond what JSON itself escapes: a terminal would obey them.
    let escaped = text.chars().map(|character| match is_hidden(character) {
        true => format!("\\u{:04x}", u32::from(character)),
        false => character.to_string(),
    });
    escaped.collect::<String>() + "\n"
}

/// Whether a terminal does something else than show it: control characters, and those that turn the direction of a text.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Names, URIs and files are whatever somebody made of them.
pub(crate) fn plain(text: &str) -> String {
    let escaped = text.chars().map(|character| match is_hidden(character) {
        true => character.escape_unicode().to_string(),
        false => character.to_string(),
    });
    escaped.collect()
}

pub(crate) fn for_people(answer: &Answer) -> String {
    let mut text = String::new();
    let (style, headline) = match answer.result {
        Outcome::Complete | Outcome::Partial if answer.findings.is_some() => (GOOD, "Examined"),
        Outcome::Complete => (GOOD, "Done"),
        Outcome::Partial => (MIDDLING, "Done in part"),
        Outcome::Failed => (BAD, "Failed"),
        Outcome::BrokeOff => (BAD, "Broke off"),
        Outcome::Usage => {
            refuse(answer);
            return text;
        }
    };
    line!(
        text,
        "{style}{headline}{style:#} {FAINT}({} ms){FAINT:#}",
        answer.elapsed_ms
    );
    if let Some(disabled) = answer.disabled {
        if disabled {
            line!(text, "  the user is disabled");
        }
        if answer.result == Outcome::Complete {
            line!(text, "  every session of the user has ended at Cognito; {OFFLINE}");
            what_lives_on(&mut text, disabled);
        }
    }
    if let Some(users) = &answer.users {
        print_users(&mut text, users, answer.result == Outcome::Complete);
    }
    for (code, failed) in &answer.failed_by_code {
        print_failed(&mut text, code, failed);
    }
    if let Some(users) = &answer.users {
        print_untried(&mut text, users, answer.result == Outcome::BrokeOff);
        if users.signed_out > 0 {
            line!(text, "  Of those who were signed out: {OFFLINE}.");
            what_lives_on(&mut text, users.disabled >= users.signed_out);
        }
    }
    if let Some(sample) = &answer.sample {
        print_sample(&mut text, sample);
    }
    for finding in answer.findings.iter().flatten() {
        print_finding(&mut text, finding);
    }
    if let Some(fixed) = &answer.fixed {
        print_fixed(&mut text, fixed);
    }
    for (at, problem) in &answer.errors {
        print_problem(&mut text, at, problem);
    }
    text
}

fn what_lives_on(text: &mut String, disabled: bool) {
    if !disabled {
        line!(text, "  {MIDDLING}{BROWSER}{MIDDLING:#}");
        line!(text, "  {HELPS}");
    }
}

fn print_finding(text: &mut String, finding: &Seen) {
    let style = match finding.severity {
        "good" => GOOD,
        "note" => FAINT,
        "warning" => MIDDLING,
        _ => BAD,
    };
    let Seen {
        severity,
        code,
        means,
        fix,
        ..
    } = finding;
    line!(text, "  {style}{severity:<8}{style:#} {code}: {}", plain(means));
    if let Some(fix) = fix {
        line!(text, "             {FAINT}{}{FAINT:#}", plain(fix));
    }
}

fn print_fixed(text: &mut String, fixed: &Fixed) {
    match (fixed.applied, fixed.differences.is_empty()) {
        (_, true) => line!(text, "  {GOOD}nothing to fix{GOOD:#}"),
        (Some(true), _) => line!(
            text,
            "  {GOOD}fixed{GOOD:#}; all other settings were sent back as they were read a moment before"
        ),
        (Some(false), _) => line!(text, "  {MIDDLING}not fixed{MIDDLING:#}"),
        (None, _) => line!(text, "  {BAD}the fix was sent, but is not confirmed{BAD:#}"),
    }
}

/// The settings that a fix would change, before anyone is asked.
pub(crate) fn differences(differences: &[Differing]) {
    let value = |value: &Option<String>| value.as_deref().map_or_else(|| "not set".to_owned(), plain);
    let mut text = String::new();
    line!(
        text,
        "The fix changes these settings of the app client, and sends all others back as they are:"
    );
    for differing in differences {
        line!(text, "  {}", differing.setting);
        if let Some(words) = &differing.in_words {
            line!(text, "    {}", plain(words));
            continue;
        }
        line!(text, "    {BAD}- {}{BAD:#}", value(&differing.before));
        line!(text, "    {GOOD}+ {}{GOOD:#}", value(&differing.after));
    }
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// As clap does.
fn refuse(answer: &Answer) {
    for problem in answer.errors.values() {
        let message = plain(&problem.message);
        let _ = writeln!(anstream::stderr(), "{BAD}error:{BAD:#} {message}");
    }
}

fn print_users(text: &mut String, users: &Users, complete: bool) {
    let nobody = users.signed_out + users.already_done + users.would_sign_out + users.failed + users.not_tried == 0;
    if nobody && complete {
        line!(text, "  {:>9} signed out", 0);
    }
    for (count, what) in [
        (users.signed_out, "signed out"),
        (users.disabled, "disabled"),
        (users.would_sign_out, "would be signed out"),
    ] {
        if count > 0 {
            line!(text, "  {count:>9} {what}");
        }
    }
    if users.already_done > 0 {
        let journal = users.journal.as_ref().map(|journal| {
            let begun = journal.begun.as_ref().map(|begun| format!(" of {begun}"));
            format!("{}{}", plain(&journal.file), begun.unwrap_or_default())
        });
        let count = users.already_done;
        line!(
            text,
            "  {count:>9} passed over: signed out before, by the journal {}",
            journal.unwrap_or_default()
        );
    }
    if !users.would_sign_out_first.is_empty() {
        line!(
            text,
            "  {FAINT}the first: {}{FAINT:#}",
            names(&users.would_sign_out_first)
        );
    }
    for (count, what) in [(users.failed, "failed"), (users.not_found, "of them not in the pool")] {
        if count > 0 {
            line!(text, "  {count:>9} {what}");
        }
    }
    if users.throttled > 0 {
        line!(
            text,
            "  Cognito throttled {} of {} requests: down to {:.1} a second",
            users.throttled,
            users.requests,
            users.slowest_rate
        );
    }
}

fn print_failed(text: &mut String, code: &str, failed: &Failed) {
    line!(text, "  {BAD}{code}{BAD:#}: {}", failed.count);
    for message in &failed.messages {
        line!(text, "    {}", plain(message));
    }
    line!(text, "    {}", failed.recovery);
    let more = failed.count > failed.first.len() as u64;
    let more = if more {
        ", …; all of them: --failures FILE"
    } else {
        ""
    };
    line!(text, "    {FAINT}{}{more}{FAINT:#}", names(&failed.first));
}

fn names(names: &[String]) -> String {
    plain(&names.join(", "))
}

fn print_untried(text: &mut String, users: &Users, goes_on: bool) {
    let count = users.not_tried;
    let who = match (count, users.more_not_tried) {
        (0, false) => return,
        (_, false) => count.to_string(),
        (0, true) => "whoever the list had left".to_owned(),
        (_, true) => format!("{count}, and everyone after them"),
    };
    line!(text, "  {BAD}NOT TRIED{BAD:#}: {who}");
    if !goes_on {
        // What to do first is said with the error.
        return;
    }
    let how = match users.journal {
        Some(_) => "Run the same command again with the same --journal: it goes on from here.",
        None => "Run the same command again: it begins anew. With --journal it would go on from here.",
    };
    line!(text, "  {how}");
}

fn print_sample(text: &mut String, sample: &Checked) {
    line!(text, "  of the sample, {} tokens are refused now", sample.refused);
    for (users, what) in [
        (&sample.still_accepted, "still accepted"),
        (&sample.undecided, "not to be told"),
    ] {
        for user in users {
            line!(text, "  {BAD}{what}{BAD:#}: {}", plain(user));
        }
    }
}

fn print_problem(text: &mut String, at: &str, problem: &Problem) {
    line!(
        text,
        "  {BAD}{at}{BAD:#}: {} ({})",
        plain(&problem.message),
        problem.code
    );
    line!(text, "    {}", problem.recovery);
}
