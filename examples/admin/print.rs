//! Prints an answer: as JSON, or for people, in colour on a terminal.

use anstyle::{AnsiColor, Style};

use crate::answer::{Answer, Differing, Fixed, Outcome, Problem, Seen, Users};
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
        Outcome::Complete | Outcome::Partial if answer.findings.is_some() => (GOOD, "Examined"),
        Outcome::Complete => (GOOD, "Done"),
        Outcome::Partial => (MIDDLING, "Done in part"),
        Outcome::Failed => (BAD, "Failed"),
        Outcome::Usage => return refuse(answer),
    };
    anstream::println!("{style}{headline}{style:#} {FAINT}({} ms){FAINT:#}", answer.elapsed_ms);
    if let Some(disabled) = answer.disabled {
        if disabled {
            anstream::println!("  the user is disabled");
        }
        if answer.result == Outcome::Complete {
            anstream::println!(
                "  every session of the user has ended at Cognito; who verifies tokens offline accepts them until they expire"
            );
        }
    }
    if let Some(users) = &answer.users {
        print_users(users);
    }
    if let Some(sample) = &answer.sample {
        print_sample(sample);
    }
    answer.findings.iter().flatten().for_each(print_finding);
    if let Some(fixed) = &answer.fixed {
        print_fixed(fixed);
    }
    for (at, problem) in &answer.errors {
        print_problem(at, problem);
    }
}

fn print_finding(finding: &Seen) {
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
    // Names and URIs in it are whatever the user pool has.
    anstream::println!("  {style}{severity:<8}{style:#} {code}: {}", plain(means));
    if let Some(fix) = fix {
        anstream::println!("             {FAINT}{}{FAINT:#}", plain(fix));
    }
}

fn print_fixed(fixed: &Fixed) {
    match (fixed.applied, fixed.differences.is_empty()) {
        (_, true) => anstream::println!("  {GOOD}nothing to fix{GOOD:#}"),
        (Some(true), _) => anstream::println!("  {GOOD}fixed{GOOD:#}, and no other setting has changed"),
        (Some(false), _) => anstream::println!("  {MIDDLING}not fixed{MIDDLING:#}"),
        (None, _) => anstream::println!("  {BAD}the fix was sent, but is not confirmed{BAD:#}"),
    }
}

/// The settings that a fix would change, before anyone is asked.
pub(crate) fn differences(differences: &[Differing]) {
    let value = |value: &Option<String>| value.as_deref().map_or_else(|| "not set".to_owned(), plain);
    anstream::eprintln!("The fix changes these settings of the app client, and leaves all others as they are:");
    for differing in differences {
        anstream::eprintln!("  {}", differing.setting);
        anstream::eprintln!("    {BAD}- {}{BAD:#}", value(&differing.before));
        anstream::eprintln!("    {GOOD}+ {}{GOOD:#}", value(&differing.after));
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).collect()
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
        (users.disabled, "disabled"),
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
