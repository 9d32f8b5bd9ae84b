//! Prints an answer: as JSON, or for people, in colour on a terminal.

use anstyle::{AnsiColor, Style};

use crate::answer::{Answer, Outcome, Problem, SessionView, StepList};

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
    let (style, headline) = match (answer.result, answer.signed_out_locally) {
        (Outcome::Complete, Some(true)) => (GOOD, "Signed out"),
        (Outcome::Complete, Some(false)) => (GOOD, "Nothing is owed"),
        (Outcome::Complete, None) => (GOOD, "Done"),
        (Outcome::SignedIn, _) => (GOOD, "Signed in"),
        (Outcome::SignedOut, _) => (GOOD, "Nobody is signed in"),
        (Outcome::Partial, _) => (MIDDLING, "Signed out of this device, with something left to do"),
        (Outcome::Failed, Some(_)) => (BAD, "Failed: nothing has changed"),
        (Outcome::Failed, None) => (BAD, "Failed"),
        (Outcome::Unavailable, _) => (BAD, "Cannot tell who is signed in"),
        (Outcome::Usage, _) => return refuse(answer),
    };
    anstream::println!("{style}{headline}{style:#} {FAINT}({} ms){FAINT:#}", answer.elapsed_ms);
    details(answer);
    for (number, result) in answer.results.iter().enumerate() {
        anstream::println!("debt {}:", number + 1);
        details(result);
    }
}

/// As clap does.
fn refuse(answer: &Answer) {
    for problem in answer.errors.values() {
        anstream::eprintln!("{BAD}error:{BAD:#} {}", problem.message);
    }
}

fn details(answer: &Answer) {
    if let Some(session) = &answer.session {
        print_session(session);
    }
    // The worst of several is among them: its details follow there.
    if !answer.results.is_empty() {
        return;
    }
    if let Some(steps) = &answer.steps {
        print_steps(steps);
    }
    for residual in answer.residual.iter().flatten() {
        anstream::println!(
            "  services that verify it offline accept the {} token until {}",
            residual.token,
            residual.valid_until
        );
    }
    for (at, problem) in &answer.errors {
        print_problem(at, problem);
    }
    if let Some(tokens) = &answer.tokens {
        anstream::println!("  access token   {}", tokens.access_token);
        anstream::println!("  id token       {}", tokens.id_token);
        anstream::println!("  refresh token  {}", tokens.refresh_token);
    }
}

fn print_session(session: &SessionView) {
    // A token's claims are whatever the issuer put there: no control character of theirs reaches the terminal.
    let user = session.username.as_deref().unwrap_or(&session.sub).escape_debug();
    anstream::println!("  user           {user}");
    anstream::println!("  access token   expires {}", session.access_token_expires);
    if session.expired {
        anstream::println!("  {MIDDLING}Cognito no longer accepts this session: sign in again{MIDDLING:#}");
    }
}

fn print_steps(steps: &StepList) {
    for (step, status) in &steps.0 {
        let status = status.to_string();
        let style = match status.split(':').next() {
            Some("done") => GOOD,
            Some("failed") => BAD,
            _ => FAINT,
        };
        anstream::println!("  {step:<16} {style}{status}{style:#}");
    }
}

fn print_problem(at: &str, problem: &Problem) {
    anstream::println!("  {BAD}{at}{BAD:#}: {} ({})", problem.message, problem.code);
    anstream::println!("    {}", problem.recovery);
    match &problem.token {
        Some(token) => anstream::println!("    token: {token}"),
        None if problem.token_available => anstream::println!("    The result has the token: --reveal shows it."),
        None => {}
    }
}
