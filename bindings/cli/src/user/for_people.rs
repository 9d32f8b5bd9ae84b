//! A command's output for people.

use cognito_signout::{BrowserSessionState, ErrorCode, SessionHolder, Skip, StepStatus, Steps};

use crate::print::{self, BAD, FAINT, GOOD, WARNING, line, plain, rfc3339};
use crate::sessions::print_each;
use crate::user::output::{Failure, Output, SessionView, Verdict};
use crate::user::web::{WebStepView, WebView};

/// A headline and its details. Usage errors go to standard error instead.
pub(crate) fn text(output: &Output) -> String {
    let mut whole = String::new();
    let text = &mut whole;
    let (style, headline) = match (output.result, output.signed_out_locally) {
        (Verdict::Complete, Some(true)) if found_nobody(output) => (WARNING, "Nobody was signed in here"),
        (Verdict::Complete, Some(true)) if output.everywhere => (GOOD, "Signed out, on every device"),
        (Verdict::Complete, Some(true)) => (GOOD, "Signed out"),
        (Verdict::Complete, Some(false)) => (GOOD, "Nothing is owed"),
        (Verdict::Complete, None) if output.ended_others => (GOOD, "Signed out everywhere else"),
        (Verdict::Complete, None) if output.sessions.is_some() => (GOOD, "Where you are signed in"),
        (Verdict::Complete, None) if output.adoption.is_some() => (GOOD, "Adopted: signed in here"),
        (Verdict::Complete, None) => (GOOD, "Done"),
        (Verdict::SignedIn, _) if output.adoption.is_some() => (GOOD, "Signed in here already: nothing has changed"),
        (Verdict::SignedIn, _) => (GOOD, "Signed in"),
        (Verdict::SignedOut, _) if output.adoption.is_some() => {
            (WARNING, "That session was signed out here, and stays so")
        }
        (Verdict::SignedOut, _) => (GOOD, "Nobody is signed in"),
        (Verdict::Begun, _) => (WARNING, "Begun: still signed in until the browser comes back"),
        (Verdict::Ignored, _) => (BAD, "Ignored: no sign-out waits for this"),
        (Verdict::Partial, None) => (WARNING, "Not signed out everywhere else: run it again"),
        (Verdict::Partial, _) => (WARNING, "Signed out of this device, with something left to do"),
        (Verdict::Failed, Some(_)) => (BAD, "Failed: nothing has changed"),
        (Verdict::Failed, None) => (BAD, "Failed"),
        (Verdict::Unavailable, _) => (BAD, "Cannot tell who is signed in"),
        (Verdict::Usage, _) => {
            print::refuse(output.errors.values().map(|failure| &failure.problem));
            return whole;
        }
    };
    line!(
        text,
        "{style}{headline}{style:#} {FAINT}({} ms){FAINT:#}",
        output.elapsed_ms
    );
    details(text, output);
    for (number, result) in output.results.iter().enumerate() {
        line!(text, "debt {}:", number + 1);
        details(text, result);
    }
    for older in &output.displaced {
        line!(text, "no longer kept, to make room:");
        details(text, older);
    }
    whole
}

/// Whether a sign-out found no session to end.
fn found_nobody(output: &Output) -> bool {
    let nobody = StepStatus::Skipped(Skip::NoSession);
    let mut steps = output.steps.iter().flat_map(Steps::named);
    steps.any(|(step, status)| step == "commit" && status == nobody)
}

fn details(text: &mut String, output: &Output) {
    if let Some(sessions) = &output.sessions {
        print_each(text, sessions);
    }
    if let Some(session) = &output.session {
        print_session(text, session);
    }
    if let Some(step) = &output.web_step {
        print_web_step(text, step);
    }
    // With several results, the worst is one of them, and its details follow there.
    if !output.results.is_empty() {
        return;
    }
    if let Some(steps) = &output.steps {
        print_steps(text, steps);
    }
    if let Some(web) = &output.web {
        print_web(text, web);
    }
    for residual in output.residual.iter().flatten() {
        match residual.valid_until.map(rfc3339) {
            Some(until) => line!(
                text,
                "  services that verify the {} token offline accept it until {until}",
                residual.token
            ),
            None => line!(text, "  Cognito accepts the {} token until it expires", residual.token),
        }
    }
    for (at, failure) in &output.errors {
        print_failure(text, at, failure);
    }
    match output.kept {
        Some(true) => line!(text, "  What is unpaid is kept: `resume` and `retry` try again."),
        // Without a token there is nothing to keep.
        Some(false) if output.errors.values().any(|failure| failure.token_available) => {
            line!(text, "  {WARNING}Nothing is kept for another attempt.{WARNING:#}");
        }
        _ => {}
    }
    if let Some(tokens) = &output.tokens {
        line!(text, "  access token   {}", tokens.access_token);
        line!(text, "  id token       {}", tokens.id_token);
        line!(text, "  refresh token  {}", tokens.refresh_token);
    }
}

fn print_session(text: &mut String, session: &SessionView) {
    let user = plain(session.username.as_deref().unwrap_or(&session.sub));
    line!(text, "  user           {user}");
    line!(text, "  access token   expires {}", session.access_token_expires);
    if session.expired {
        line!(
            text,
            "  {WARNING}Cognito no longer accepts this session: sign in again{WARNING:#}"
        );
    }
}

fn print_steps(text: &mut String, steps: &Steps) {
    for (step, status) in steps.named() {
        let status = status.to_string();
        let style = match status.split(':').next() {
            Some("done") => GOOD,
            Some("requested") => WARNING,
            Some("failed") => BAD,
            _ => FAINT,
        };
        line!(text, "  {step:<16} {style}{status}{style:#}");
    }
}

fn print_web(text: &mut String, web: &WebView) {
    for session in &web.sessions {
        let whose = match &session.holder {
            SessionHolder::IdentityProvider(name) => format!("the provider {}", plain(name)),
            _ => "the hosted pages".to_owned(),
        };
        let (style, state) = match session.state {
            BrowserSessionState::Ended => (GOOD, "has ended"),
            BrowserSessionState::EndRequested => {
                (WARNING, "was asked to end within a few seconds; nothing confirms it")
            }
            _ => (WARNING, "may persist"),
        };
        line!(text, "  the browser's session at {whose} {style}{state}{style:#}");
    }
    if let Some(url) = &web.logout_url {
        line!(text, "    to end it, open this in that browser: {url}");
    }
    if let Some(prompt) = web.next_sign_in_prompt {
        line!(
            text,
            "    so that the next sign-in there asks for a password, send prompt={prompt}"
        );
    }
}

fn print_web_step(text: &mut String, step: &WebStepView) {
    line!(text, "  {WARNING}a sign-out waits for the browser{WARNING:#}");
    line!(text, "    open           {}", step.open);
    line!(text, "    it returns to  {}", step.comes_back_to);
    line!(
        text,
        "    then           run finish-sign-out with that whole URL, or with --cancelled"
    );
}

fn print_failure(text: &mut String, at: &str, failure: &Failure) {
    print::problem(text, at, &failure.problem);
    if failure.problem.code == ErrorCode::VaultUnavailable.as_str() {
        line!(
            text,
            "    Or keep the session in this process only: --vault memory, with --session."
        );
    }
    match &failure.token {
        Some(token) => line!(text, "    token: {token}"),
        None if failure.token_available => line!(text, "    The result has the token: --reveal shows it."),
        None => {}
    }
}
