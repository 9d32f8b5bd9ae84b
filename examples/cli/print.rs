//! Prints an answer: as JSON, or for people, in colour on a terminal.

use anstyle::{AnsiColor, Style};
use cognito_signout::{BrowserSessionState, ErrorCode, SessionHolder, Skip, StepStatus, Steps};

use crate::answer::{Answer, Outcome, Problem, SessionView, rfc3339};
use crate::web::{WebStepView, WebView};

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
        (Outcome::Complete, Some(true)) if found_nobody(answer) => (MIDDLING, "Nobody was signed in here"),
        (Outcome::Complete, Some(true)) if answer.everywhere => (GOOD, "Signed out, on every device"),
        (Outcome::Complete, Some(true)) => (GOOD, "Signed out"),
        (Outcome::Complete, Some(false)) => (GOOD, "Nothing is owed"),
        (Outcome::Complete, None) => (GOOD, "Done"),
        (Outcome::SignedIn, _) => (GOOD, "Signed in"),
        (Outcome::SignedOut, _) => (GOOD, "Nobody is signed in"),
        (Outcome::Begun, _) => (
            MIDDLING,
            "Begun: still signed in, until the browser has been there and back",
        ),
        (Outcome::Ignored, _) => (BAD, "Ignored: no sign-out waits for this"),
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
    for older in &answer.displaced {
        anstream::println!("no longer kept, to make room:");
        details(older);
    }
}

/// A sign-out that has ended nothing, since there was nothing to end.
fn found_nobody(answer: &Answer) -> bool {
    let nobody = StepStatus::Skipped(Skip::NoSession);
    let mut steps = answer.steps.iter().flat_map(Steps::named);
    steps.any(|(step, status)| step == "commit" && status == nobody)
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
    if let Some(step) = &answer.web_step {
        print_web_step(step);
    }
    // The worst of several is among them: its details follow there.
    if !answer.results.is_empty() {
        return;
    }
    if let Some(steps) = &answer.steps {
        print_steps(steps);
    }
    if let Some(web) = &answer.web {
        print_web(web);
    }
    for residual in answer.residual.iter().flatten() {
        match residual.valid_until.map(rfc3339) {
            Some(until) => anstream::println!(
                "  services that verify it offline accept the {} token until {until}",
                residual.token
            ),
            None => anstream::println!("  Cognito accepts the {} token for as long as it lives", residual.token),
        }
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

fn print_steps(steps: &Steps) {
    for (step, status) in steps.named() {
        let status = status.to_string();
        let style = match status.split(':').next() {
            Some("done") => GOOD,
            Some("failed") => BAD,
            _ => FAINT,
        };
        anstream::println!("  {step:<16} {style}{status}{style:#}");
    }
}

fn print_web(web: &WebView) {
    for session in &web.sessions {
        let whose = match &session.holder {
            // As a session's user: the issuer of the ID token put it there.
            SessionHolder::IdentityProvider(name) => format!("the provider {}", name.escape_debug()),
            _ => "the hosted pages".to_owned(),
        };
        let (style, state) = match session.state {
            BrowserSessionState::Ended => (GOOD, "has ended"),
            _ => (MIDDLING, "may persist"),
        };
        anstream::println!("  the browser's session at {whose} {style}{state}{style:#}");
    }
    if let Some(url) = &web.logout_url {
        anstream::println!("    opened in that browser, this ends it: {url}");
    }
    if let Some(prompt) = web.next_sign_in_prompt {
        anstream::println!("    lest the next sign-in use it silently, ask for prompt={prompt} there");
    }
}

fn print_web_step(step: &WebStepView) {
    anstream::println!("  {MIDDLING}a sign-out waits for the browser{MIDDLING:#}");
    anstream::println!("    open           {}", step.open);
    anstream::println!("    it comes to    {}", step.comes_back_to);
    anstream::println!("    then           finish-sign-out with that whole URL, or with --cancelled");
}

fn print_problem(at: &str, problem: &Problem) {
    anstream::println!("  {BAD}{at}{BAD:#}: {} ({})", problem.message, problem.code);
    anstream::println!("    {}", problem.recovery);
    if problem.code == ErrorCode::VaultUnavailable.as_str() {
        anstream::println!("    Or keep the session in this process alone: --vault memory, with --session.");
    }
    match &problem.token {
        Some(token) => anstream::println!("    token: {token}"),
        None if problem.token_available => anstream::println!("    The result has the token: --reveal shows it."),
        None => {}
    }
}
