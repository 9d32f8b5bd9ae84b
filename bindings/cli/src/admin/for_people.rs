//! A command's output for people.

use crate::admin::output::{ChangedSetting, Failed, Fixed, Output, ShownFinding, Users, Verdict};
use crate::admin::sample::Checked;
use crate::admin::sessions;
use crate::print::{self, BAD, FAINT, GOOD, WARNING, line, plain};

/// What a sign-out does not end.
pub(crate) const OFFLINE: &str = "services that verify tokens offline accept them until they expire";
const BROWSER: &str = "A browser that signed in at the hosted pages keeps its session: whoever uses it gets new tokens without a \
                       password, for an hour after the sign-in, or with session tracking for up to 90 days.";
const HELPS: &str =
    "--disable prevents this. If sessions are tracked, `sessions` shows that session and `end-session` ends it.";

pub(crate) fn text(output: &Output) -> String {
    let mut text = String::new();
    let (style, headline) = match output.result {
        Verdict::Complete | Verdict::Partial if output.findings.is_some() => (GOOD, "Examined"),
        Verdict::Complete => (GOOD, "Done"),
        Verdict::Partial => (WARNING, "Done in part"),
        Verdict::Failed => (BAD, "Failed"),
        Verdict::BrokeOff => (BAD, "Broke off"),
        Verdict::Usage => {
            print::refuse(output.errors.values());
            return text;
        }
    };
    line!(
        text,
        "{style}{headline}{style:#} {FAINT}({} ms){FAINT:#}",
        output.elapsed_ms
    );
    if let Some(disabled) = output.disabled {
        if disabled {
            line!(text, "  the user is disabled");
        }
        if output.result == Verdict::Complete {
            line!(text, "  every session of the user has ended at Cognito; {OFFLINE}");
            what_lives_on(&mut text, disabled);
        }
    }
    sessions::print(&mut text, output);
    if let Some(users) = &output.users {
        print_users(&mut text, users, output.result == Verdict::Complete);
    }
    for (code, failed) in &output.failed_by_code {
        print_failed(&mut text, code, failed);
    }
    if let Some(users) = &output.users {
        print_untried(&mut text, users, output.result == Verdict::BrokeOff);
        if users.signed_out > 0 {
            line!(text, "  For the users who were signed out: {OFFLINE}.");
            what_lives_on(&mut text, users.disabled >= users.signed_out);
        }
    }
    if let Some(sample) = &output.sample {
        print_sample(&mut text, sample);
    }
    for finding in output.findings.iter().flatten() {
        print_finding(&mut text, finding);
    }
    if let Some(fixed) = &output.fixed {
        print_fixed(&mut text, fixed);
    }
    for (at, problem) in &output.errors {
        print::problem(&mut text, at, problem);
    }
    text
}

fn what_lives_on(text: &mut String, disabled: bool) {
    if !disabled {
        line!(text, "  {WARNING}{BROWSER}{WARNING:#}");
        line!(text, "  {HELPS}");
    }
}

fn print_finding(text: &mut String, finding: &ShownFinding) {
    let style = match finding.severity {
        "good" => GOOD,
        "note" => FAINT,
        "warning" => WARNING,
        _ => BAD,
    };
    let ShownFinding {
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
            "  {GOOD}fixed{GOOD:#}; all other settings were sent back as they had just been read"
        ),
        (Some(false), _) => line!(text, "  {WARNING}not fixed{WARNING:#}"),
        (None, _) => line!(text, "  {BAD}the fix was sent but is not confirmed{BAD:#}"),
    }
}

/// The settings that a fix would change, to print before asking.
pub(crate) fn differences(subject: &str, differences: &[ChangedSetting]) -> String {
    let value = |value: &Option<String>| value.as_deref().map_or_else(|| "not set".to_owned(), plain);
    let mut text = String::new();
    line!(
        text,
        "The fix changes these settings of the {subject}, and sends all others back unchanged:"
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
    text
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
            "  {count:>9} skipped: signed out before, according to the journal {}",
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
            "  Cognito throttled {} of {} requests: the rate fell to {:.1} a second",
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
    let more = if more { ", …; --failures FILE lists all" } else { "" };
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
        (0, true) => "all users after these".to_owned(),
        (_, true) => format!("{count} users, and all users after them"),
    };
    line!(text, "  {BAD}NOT TRIED{BAD:#}: {who}");
    if !goes_on {
        // The error says what to do first.
        return;
    }
    let how = match users.journal {
        Some(_) => "Run the same command again with the same --journal: it continues from here.",
        None => "Run the same command again: it starts over. With --journal it would continue from here.",
    };
    line!(text, "  {how}");
}

fn print_sample(text: &mut String, sample: &Checked) {
    line!(text, "  of the sample, {} tokens are refused now", sample.refused);
    for (users, what) in [
        (&sample.still_accepted, "still accepted"),
        (&sample.undecided, "cannot be checked"),
    ] {
        for user in users {
            line!(text, "  {BAD}{what}{BAD:#}: {}", plain(user));
        }
    }
}
