//! Prints an answer: as JSON, or for people, in colour on a terminal.

use anstyle::{AnsiColor, Style};

use crate::answer::{Answer, Outcome, Problem, Users};
use crate::sample::Checked;

const GOOD: Style = AnsiColor::Green.on_default().bold();
const MIDDLING: Style = AnsiColor::Yellow.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const FAINT: Style = Style::new().dimmed();

/// One object on one line.
pub(crate) fn json(answer: &Answer) -> serde_json::Result<()> {
    anstream::println!("{}", serde_json::to_string(answer)?);
    Ok(())
}

pub(crate) fn for_people(answer: &Answer) {
    let (style, headline) = match answer.result {
        Outcome::Complete => (GOOD, "Done"),
        Outcome::Partial => (MIDDLING, "Done in part"),
        Outcome::Failed => (BAD, "Failed: nothing was done"),
        Outcome::Usage => return refuse(answer),
    };
    anstream::println!("{style}{headline}{style:#} {FAINT}({} ms){FAINT:#}", answer.elapsed_ms);
    if let Some(disabled) = answer.disabled {
        if disabled {
            anstream::println!("  the user is disabled");
        }
        if answer.result == Outcome::Complete {
            anstream::println!("  every session of the user has ended at Cognito; who verifies tokens offline accepts them until they expire");
        }
    }
    if let Some(users) = &answer.users {
        print_users(users);
    }
    if let Some(sample) = &answer.sample {
        print_sample(sample);
    }
    for (at, problem) in &answer.errors {
        print_problem(at, problem);
    }
}

/// As clap does.
fn refuse(answer: &Answer) {
    for problem in answer.errors.values() {
        anstream::eprintln!("{BAD}error:{BAD:#} {}", problem.message);
    }
}

fn print_users(users: &Users) {
    for (count, what) in [
        (users.signed_out, "signed out"),
        (users.already_done, "signed out before, by the journal"),
        (users.would_sign_out, "would be signed out"),
        (users.failed, "failed"),
        (users.not_found, "of them not in the pool"),
    ] {
        if count > 0 {
            anstream::println!("  {count:>9} {what}");
        }
    }
    if users.throttled > 0 {
        anstream::println!(
            "  Cognito throttled {} of {} requests: down to {:.1} a second",
            users.throttled,
            users.requests,
            users.slowest_rate
        );
    }
    if users.ended == "stopped" {
        anstream::println!("  {MIDDLING}stopped{MIDDLING:#}: with --journal, the same command goes on from here");
    }
}

fn print_sample(sample: &Checked) {
    anstream::println!("  of the sample, {} tokens are refused now", sample.refused);
    for (users, what) in [
        (&sample.still_accepted, "still accepted"),
        (&sample.undecided, "not to be told"),
    ] {
        for user in users {
            anstream::println!("  {BAD}{what}{BAD:#}: {}", user.escape_debug());
        }
    }
}

fn print_problem(at: &str, problem: &Problem) {
    anstream::println!("  {BAD}{at}{BAD:#}: {} ({})", problem.message, problem.code);
    anstream::println!("    {}", problem.recovery);
}
