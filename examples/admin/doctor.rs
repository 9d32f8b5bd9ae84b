//! `doctor`: looks, and mends what it was told to mend.

use std::io::{BufRead, Write};

use cognito_signout::admin::{AdminClient, AdminError, Change};

use crate::answer::{Answer, Differing, Fixed, Outcome};
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
    let (fixed, unconfirmed) = match fix(&client, &change, arguments.yes, json).await {
        Ok(fixed) => fixed,
        Err(error) => return Answer::failed("fix", &error),
    };
    // What there is to see now.
    let mut answer = look(&client, arguments).await;
    let in_part = match fixed.applied {
        Some(true) => answer.findings.is_none(),
        Some(false) => !fixed.differences.is_empty() && answer.result == Outcome::Complete,
        None => true,
    };
    if in_part {
        answer.result = Outcome::Partial;
    }
    if let Some(error) = unconfirmed {
        answer.errors.insert("fix", (&error).into());
    }
    answer.fixed = Some(fixed);
    answer
}

async fn look(client: &AdminClient, arguments: &Doctor) -> Answer {
    let uris: Vec<&str> = arguments.sign_out_uri.iter().map(String::as_str).collect();
    match client.examine(&arguments.user_pool, &arguments.client_id, &uris).await {
        Ok(examination) => Answer::examined(examination),
        Err(error) => Answer::failed("doctor", &error),
    }
}

/// An error that comes with what was done is that of a fix that was sent and could not be confirmed; any other means that
/// nothing was changed.
async fn fix(
    client: &AdminClient,
    change: &Change,
    yes: bool,
    json: bool,
) -> Result<(Fixed, Option<AdminError>), AdminError> {
    let differences: Vec<Differing> = change.differences().into_iter().map(Differing::from).collect();
    if !json && !differences.is_empty() {
        print::differences(&differences);
    }
    let (applied, unconfirmed) = if change.is_empty() || !(yes || agreed()) {
        (Some(false), None)
    } else {
        match client.apply_fix(change).await {
            Ok(()) => (Some(true), None),
            Err(error @ AdminError::FixNotConfirmed { .. }) => (None, Some(error)),
            Err(error) => return Err(error),
        }
    };
    Ok((Fixed { applied, differences }, unconfirmed))
}

/// Asks; whoever says nothing says no.
fn agreed() -> bool {
    anstream::eprint!("Apply? [y/N] ");
    let mut answer = String::new();
    let heard = std::io::stderr()
        .flush()
        .and_then(|()| std::io::stdin().lock().read_line(&mut answer));
    heard.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}
