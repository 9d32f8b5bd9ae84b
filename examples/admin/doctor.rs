//! `doctor`: looks, and mends what it was told to mend.

use std::io::{BufRead, Write};

use cognito_signout::admin::{AdminClient, AdminError, Change, Severity};

use crate::answer::{Answer, Differing, Fixed, Outcome, Seen};
use crate::args::Doctor;
use crate::print;

pub(crate) async fn examine(client: AdminClient, arguments: &Doctor, json: bool) -> Answer {
    if json && !arguments.fix.is_empty() && !arguments.yes {
        return Answer::usage("--fix with --json asks nobody: give it --yes");
    }
    if arguments.fix.is_empty() {
        return look(&client, arguments).await;
    }
    let planned = client.plan_fix(&arguments.user_pool, &arguments.client_id, &arguments.fix);
    let change = match planned.await {
        Ok(change) => change,
        Err(error) => return Answer::failed("fix", &error),
    };
    let (fixed, error) = fix(&client, &change, arguments.yes, json).await;
    // What there is to see now.
    let mut answer = look(&client, arguments).await;
    if fixed.applied != Some(false)
        && switches_revocation_on(&fixed)
        && let Some(findings) = &mut answer.findings
    {
        findings.push(begun_before());
    }
    let in_part = match fixed.applied {
        Some(true) => answer.findings.is_none(),
        Some(false) => !fixed.differences.is_empty() && answer.result == Outcome::Complete,
        None => true,
    };
    if in_part {
        answer.result = Outcome::Partial;
    }
    if let Some(error) = error {
        if fixed.applied == Some(false) {
            answer.result = Outcome::Failed;
        }
        answer.errors.insert("fix", (&error).into());
    }
    answer.fixed = Some(fixed);
    answer
}

async fn look(client: &AdminClient, arguments: &Doctor) -> Answer {
    let uris: Vec<&str> = arguments.sign_out_uri.iter().map(String::as_str).collect();
    match client.examine(&arguments.user_pool, &arguments.client_id, &uris).await {
        Ok(examination) => Answer::examined(examination, &arguments.accept),
        Err(error) => Answer::failed("doctor", &error),
    }
}

fn switches_revocation_on(fixed: &Fixed) -> bool {
    let mut differences = fixed.differences.iter();
    differences.any(|differing| differing.setting == "EnableTokenRevocation")
}

/// What the settings do not show any more.
fn begun_before() -> Seen {
    Seen {
        severity: Severity::Note.as_str(),
        code: "sessions_begun_before",
        means: "Sessions begun before the fix stay without revocation for as long as their refresh tokens live."
            .to_owned(),
        fix: Some("To end them, sign everyone out: sign-out-all --everyone.".to_owned()),
    }
}

/// What was done; with an error, if that could not be confirmed (`applied` says nothing then) or nothing was changed.
async fn fix(client: &AdminClient, change: &Change, yes: bool, json: bool) -> (Fixed, Option<AdminError>) {
    let differences: Vec<Differing> = change.differences().into_iter().map(Differing::from).collect();
    if !json && !differences.is_empty() {
        print::differences(&differences);
    }
    let (applied, error) = if change.is_empty() || !(yes || agreed()) {
        (Some(false), None)
    } else {
        match client.apply_fix(change).await {
            Ok(()) => (Some(true), None),
            Err(error @ AdminError::FixNotConfirmed { .. }) => (None, Some(error)),
            Err(error) => (Some(false), Some(error)),
        }
    };
    (Fixed { applied, differences }, error)
}

/// Asks; whoever says nothing says no.
fn agreed() -> bool {
    let mut answer = String::new();
    let heard = anstream::stderr()
        .write_all(b"Apply? [y/N] ")
        .and_then(|()| std::io::stderr().flush())
        .and_then(|()| std::io::stdin().lock().read_line(&mut answer));
    heard.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}
