//! `doctor`: examines an app client, and applies the fixes that were asked for.

use std::io::{BufRead, Write};

use cognito_signout::admin::{AdminClient, AdminError, Change, Severity};

use crate::admin::args::Doctor;
use crate::admin::for_people;
use crate::admin::output::{ChangedSetting, Fixed, Output, ShownFinding, Verdict};
use crate::program::Output as _;

pub(crate) async fn examine(client: AdminClient, arguments: &Doctor, json: bool) -> Output {
    if json && !arguments.fix.is_empty() && !arguments.yes {
        return Output::usage("--fix with --json cannot ask: add --yes");
    }
    if arguments.fix.is_empty() {
        return look(&client, arguments).await;
    }
    let planned = client.plan_fix(&arguments.user_pool, &arguments.client_id, &arguments.fix);
    let change = match planned.await {
        Ok(change) => change,
        Err(error) => return Output::failed("fix", &error),
    };
    let (fixed, error) = fix(&client, &change, arguments.yes, json).await;
    // The findings after the fix.
    let mut output = look(&client, arguments).await;
    if fixed.applied != Some(false)
        && switches_revocation_on(&fixed)
        && let Some(findings) = &mut output.findings
    {
        findings.push(begun_before());
    }
    let in_part = match fixed.applied {
        Some(true) => output.findings.is_none(),
        Some(false) => !fixed.differences.is_empty() && output.result == Verdict::Complete,
        None => true,
    };
    if in_part {
        output.result = Verdict::Partial;
    }
    if let Some(error) = error {
        if fixed.applied == Some(false) {
            output.result = Verdict::Failed;
        }
        output.errors.insert("fix", (&error).into());
    }
    output.fixed = Some(fixed);
    output
}

async fn look(client: &AdminClient, arguments: &Doctor) -> Output {
    let uris: Vec<&str> = arguments.sign_out_uri.iter().map(String::as_str).collect();
    match client.examine(&arguments.user_pool, &arguments.client_id, &uris).await {
        Ok(examination) => Output::examined(examination, &arguments.accept),
        Err(error) => Output::failed("doctor", &error),
    }
}

fn switches_revocation_on(fixed: &Fixed) -> bool {
    let mut differences = fixed.differences.iter();
    differences.any(|differing| differing.setting == "EnableTokenRevocation")
}

/// A finding that the settings no longer show.
fn begun_before() -> ShownFinding {
    ShownFinding {
        severity: Severity::Note.as_str(),
        code: "sessions_begun_before",
        means: "Sessions that began before the fix cannot be revoked until their refresh tokens expire.".to_owned(),
        fix: Some("To end them, sign everyone out: sign-out-all --everyone.".to_owned()),
    }
}

/// Applies the change. With an error either nothing was changed, or it could not be confirmed; then `applied` is `None`.
async fn fix(client: &AdminClient, change: &Change, yes: bool, json: bool) -> (Fixed, Option<AdminError>) {
    let differences: Vec<ChangedSetting> = change.differences().into_iter().map(ChangedSetting::from).collect();
    if !json && !differences.is_empty() {
        // If this cannot be printed, the question cannot be either.
        let text = for_people::differences(change.subject(), &differences);
        let _ = anstream::stderr().write_all(text.as_bytes());
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

/// Asks for consent. No answer means no.
fn agreed() -> bool {
    let mut answer = String::new();
    let answered = anstream::stderr()
        .write_all(b"Apply? [y/N] ")
        .and_then(|()| std::io::stderr().flush())
        .and_then(|()| std::io::stdin().lock().read_line(&mut answer));
    answered.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}
