//! Prints an answer: as JSON, or for people, in colour on a terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use cognito_signout::{BrowserSessionState, ErrorCode, SessionHolder, Skip, StepStatus, Steps};

use crate::answer::{Answer, Outcome, Problem, SessionView, rfc3339};
use crate::web::{WebStepView, WebView};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const MIDDLING: Style = AnsiColor::Yellow.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const FAINT: Style = Style::new().dimmed();

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
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// One object on one line.
pub(crate) fn json(answer: &Answer) -> String {
    let text = serde_json::to_string(answer);
    // It is made of strings and numbers alone.
    text.unwrap_or_else(|error| format!(r#"{{"result":"failed","message":"{error}"}}"#)) + "\n"
}

/// In words; what was asked wrongly is said beside.
pub(crate) fn for_people(answer: &Answer) -> String {
    let mut whole = String::new();
    let text = &mut whole;
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
        (Outcome::Usage, _) => {
            refuse(answer);
            return whole;
        }
    };
    line!(
        text,
        "{style}{headline}{style:#} {FAINT}({} ms){FAINT:#}",
        answer.elapsed_ms
    );
    details(text, answer);
    for (number, result) in answer.results.iter().enumerate() {
        line!(text, "debt {}:", number + 1);
        details(text, result);
    }
    for older in &answer.displaced {
        line!(text, "no longer kept, to make room:");
        details(text, older);
    }
    whole
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
        aside(&format!("{BAD}error:{BAD:#} {}", problem.message));
    }
}

fn details(text: &mut String, answer: &Answer) {
    if let Some(session) = &answer.session {
        print_session(text, session);
    }
    if let Some(step) = &answer.web_step {
        print_web_step(text, step);
    }
    // The worst of several is among them: its details follow there.
    if !answer.results.is_empty() {
        return;
    }
    if let Some(steps) = &answer.steps {
        print_steps(text, steps);
    }
    if let Some(web) = &answer.web {
        print_web(text, web);
    }
    for residual in answer.residual.iter().flatten() {
        match residual.valid_until.map(rfc3339) {
            Some(until) => line!(
                text,
                "  services that verify it offline accept the {} token until {until}",
                residual.token
            ),
            None => line!(
                text,
                "  Cognito accepts the {} token for as long as it lives",
                residual.token
            ),
        }
    }
    for (at, problem) in &answer.errors {
        print_problem(text, at, problem);
    }
    if let Some(tokens) = &answer.tokens {
        line!(text, "  access token   {}", tokens.access_token);
        line!(text, "  id token       {}", tokens.id_token);
        line!(text, "  refresh token  {}", tokens.refresh_token);
    }
}

fn print_session(text: &mut String, session: &SessionView) {
    // A token's claims are whatever the issuer put there: no control character of theirs reaches the terminal.
    let user = session.username.as_deref().unwrap_or(&session.sub).escape_debug();
    line!(text, "  user           {user}");
    line!(text, "  access token   expires {}", session.access_token_expires);
    if session.expired {
        line!(
            text,
            "  {MIDDLING}Cognito no longer accepts this session: sign in again{MIDDLING:#}"
        );
    }
}

fn print_steps(text: &mut String, steps: &Steps) {
    for (step, status) in steps.named() {
        let status = status.to_string();
        let style = match status.split(':').next() {
            Some("done") => GOOD,
            Some("failed") => BAD,
            _ => FAINT,
        };
        line!(text, "  {step:<16} {style}{status}{style:#}");
    }
}

fn print_web(text: &mut String, web: &WebView) {
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
        line!(text, "  the browser's session at {whose} {style}{state}{style:#}");
    }
    if let Some(url) = &web.logout_url {
        line!(text, "    opened in that browser, this ends it: {url}");
    }
    if let Some(prompt) = web.next_sign_in_prompt {
        line!(
            text,
            "    lest the next sign-in use it silently, ask for prompt={prompt} there"
        );
    }
}

fn print_web_step(text: &mut String, step: &WebStepView) {
    line!(text, "  {MIDDLING}a sign-out waits for the browser{MIDDLING:#}");
    line!(text, "    open           {}", step.open);
    line!(text, "    it comes to    {}", step.comes_back_to);
    line!(
        text,
        "    then           finish-sign-out with that whole URL, or with --cancelled"
    );
}

fn print_problem(text: &mut String, at: &str, problem: &Problem) {
    line!(text, "  {BAD}{at}{BAD:#}: {} ({})", problem.message, problem.code);
    line!(text, "    {}", problem.recovery);
    if problem.code == ErrorCode::VaultUnavailable.as_str() {
        line!(
            text,
            "    Or keep the session in this process alone: --vault memory, with --session."
        );
    }
    match &problem.token {
        Some(token) => line!(text, "    token: {token}"),
        None if problem.token_available => line!(text, "    The result has the token: --reveal shows it."),
        None => {}
    }
}
