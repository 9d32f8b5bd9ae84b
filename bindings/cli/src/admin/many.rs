//! `sign-out-all`: from the names to the output.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::{Duration, Instant};

use cognito_signout::admin::{
    AdminClient, AdminError, Done, Ended, SignOutMany, SignOutRun, Summary, UserOutcome, usernames_in_lines,
};
use futures_util::{Stream, StreamExt};
use tokio::io::BufReader;

use crate::admin::args::{SignOutAll, Who};
use crate::admin::failures::Failures;
use crate::admin::output::{Failed, Output, SHOWN, Verdict};
use crate::admin::progress::Progress;
use crate::admin::sample::Sample;
use crate::admin::signals::stop_at_signals;
use crate::problem::Problem;
use crate::program::Output as _;

type Names = Pin<Box<dyn Stream<Item = Result<String, AdminError>> + Send>>;

pub(crate) async fn sign_out_all(client: AdminClient, arguments: &SignOutAll, json: bool) -> Output {
    let mut sample = match &arguments.sample {
        None => None,
        Some(path) => match Sample::read(path, &client, &arguments.user_pool, arguments.journal.is_some()).await {
            Ok(sample) => Some(sample),
            Err(output) => return output,
        },
    };
    let (names, total) = match names(&client, &arguments.user_pool, &arguments.who).await {
        Ok(names) => names,
        Err(message) => return Output::usage(&message),
    };
    let mut failures = match arguments
        .failures
        .as_deref()
        .map(|path| Failures::open(path, arguments))
    {
        None => None,
        Some(Ok(failures)) => Some(failures),
        Some(Err(message)) => return Output::usage(&message),
    };
    if arguments.dry_run
        && let Err(error) = client.may_sign_out(&arguments.user_pool, arguments.disable).await
    {
        return Output::failed("dry_run", &error);
    }
    let mut run = match start(client.clone(), arguments, names).await {
        Ok(run) => run,
        Err(error) => return Output::failed("run", &error),
    };
    stop_at_signals(&run);
    let progress = Progress::new(total, json);
    let mut shown = Shown::default();
    let mut unwritten = failures.as_mut().and_then(|failures| failures.begin().err());
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    let mut reported = Instant::now();
    loop {
        let outcome = tokio::select! {
            outcome = run.next() => outcome,
            _ = seconds.tick() => {
                let waiting = run.waiting_for_network();
                progress.waits(waiting, run.summary().failed);
                if arguments.report_every > 0 && reported.elapsed().as_secs() >= arguments.report_every {
                    reported = Instant::now();
                    progress.report(&run.summary(), waiting);
                }
                continue;
            }
        };
        let Some(outcome) = outcome else { break };
        progress.one_more(&outcome, run.summary().failed);
        shown.add(&outcome);
        if let (Err(error), Some(failures)) = (&outcome.result, &mut failures)
            && let Err(error) = failures.write(&outcome, error)
        {
            unwritten = Some(error);
        }
        if let Some(sample) = &mut sample {
            sample.check_user(&outcome, &client, &arguments.user_pool).await;
        }
    }
    let summary = run.finish().await;
    progress.end();
    let mut output = shown.into_output(&summary, arguments);
    if let Some(failures) = &mut failures {
        let ended = failures.end(!summary.more_not_tried);
        unwritten = unwritten.or(ended.err());
        if summary.more_not_tried {
            output = output.lacks("failures", failures.incomplete());
        }
    }
    if let Some(message) = unwritten {
        output = output.lacks("failures", unwritten_failures(message, arguments));
    }
    if let Some(sample) = sample {
        let checked = sample.check_rest(&client, &arguments.user_pool).await;
        if output.result == Verdict::Complete && !checked.all_refused() {
            output.result = Verdict::Partial;
        }
        output.sample = Some(checked);
    }
    output
}

/// The users whom the output names.
#[derive(Default)]
struct Shown {
    failed_by_code: BTreeMap<&'static str, Failed>,
    would_sign_out: Vec<String>,
}

impl Shown {
    fn add(&mut self, outcome: &UserOutcome) {
        match &outcome.result {
            // Counted separately.
            Err(AdminError::NotTried) => {}
            Err(error) => {
                let failed = self.failed_by_code.entry(error.code().as_str());
                failed
                    .or_insert_with(|| Failed::with(error))
                    .add(&outcome.username, error);
            }
            Ok(Done::WouldSignOut) if self.would_sign_out.len() < SHOWN => {
                self.would_sign_out.push(outcome.username.clone());
            }
            Ok(_) => {}
        }
    }

    fn into_output(self, summary: &Summary, arguments: &SignOutAll) -> Output {
        let mut output = Output::of_many(summary, arguments.journal.as_deref());
        output.failed_by_code = self.failed_by_code;
        if let Some(users) = &mut output.users {
            users.would_sign_out_first = self.would_sign_out;
        }
        if summary.is_by_the_journal_alone() {
            return output.lacks(
                "journal",
                Problem {
                    code: "nothing_sent",
                    message: "nothing was sent: the journal lists everyone as signed out".to_owned(),
                    recovery: "Users who have signed in again since then are signed in. For a new incident name a new --journal.",
                },
            );
        }
        let nobody = summary.already_done + summary.signed_out + summary.would_sign_out + summary.failed == 0;
        if nobody && summary.ended == Ended::AllTried && !arguments.allow_empty {
            let who = &arguments.who;
            let message = match (&who.filter, &who.group) {
                (Some(_), _) => "nobody to sign out: the filter matches no user",
                (_, Some(_)) => "nobody to sign out: the group has no users",
                _ if who.everyone => "nobody to sign out: the user pool has no users",
                _ => "nobody to sign out: the list has no names",
            };
            return output.lacks(
                "users",
                Problem {
                    code: "nobody",
                    message: message.to_owned(),
                    recovery: "Check the options. If this is right, give --allow-empty.",
                },
            );
        }
        output
    }
}

fn unwritten_failures(message: String, arguments: &SignOutAll) -> Problem {
    let recovery = match arguments.journal {
        Some(_) => {
            "Free space, or choose another file. Then run the same command again: users whom the journal lacks are tried again."
        }
        None => "Free space, or choose another file. Nothing else lists the missing users: run the same command again.",
    };
    Problem {
        code: "file",
        message,
        recovery,
    }
}

async fn start(client: AdminClient, arguments: &SignOutAll, names: Names) -> Result<SignOutRun, AdminError> {
    let mut run = SignOutMany::new(client, &arguments.user_pool)?
        .rate(arguments.rate)?
        .disable_first(arguments.disable)
        .dry_run(arguments.dry_run)
        .continue_journal(arguments.go_on)
        // A listing would cost requests and time.
        .report_untried(arguments.who.file.is_some() || arguments.who.stdin);
    if let Some(users) = arguments.concurrency {
        run = run.concurrency(users)?;
    }
    if let Some(path) = &arguments.journal {
        run = run.journal(path);
    }
    run.start(names).await
}

/// The names, and their number if it is known.
async fn names(client: &AdminClient, pool: &str, who: &Who) -> Result<(Names, Option<u64>), String> {
    if let Some(group) = &who.group {
        return Ok((client.list_users_in_group(pool, group).boxed(), None));
    }
    if let Some(path) = &who.file {
        let failed = |error: std::io::Error| format!("{}: {error}", path.display());
        let open = async || tokio::fs::File::open(path).await.map_err(failed);
        // Reads a file twice, to refuse a malformed list before anyone is signed out. A pipe can be read only once.
        let file = open().await?;
        let mut total = None;
        if file.metadata().await.map_err(failed)?.is_file() {
            let mut names = usernames_in_lines(BufReader::new(file)).boxed();
            let mut users = 0;
            while let Some(name) = names.next().await {
                match name {
                    Ok(_) => users += 1,
                    // Reported at the end: the users on the list are signed out first.
                    Err(AdminError::ListNotWhole) => {}
                    Err(error) => return Err(format!("{}: {error}", path.display())),
                }
            }
            total = Some(users);
            return Ok((usernames_in_lines(BufReader::new(open().await?)).boxed(), total));
        }
        return Ok((usernames_in_lines(BufReader::new(file)).boxed(), total));
    }
    if who.stdin {
        return Ok((usernames_in_lines(BufReader::new(tokio::io::stdin())).boxed(), None));
    }
    // AWS's estimate, only for the progress bar. The credentials may lack the permission to read it.
    let total = match &who.filter {
        None => client.estimated_users(pool).await.ok(),
        Some(_) => None,
    };
    Ok((client.list_users(pool, who.filter.as_deref()).boxed(), total))
}
