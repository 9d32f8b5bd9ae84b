//! `sign-out-all`: from the names to the summary.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::pin::Pin;

use cognito_signout::admin::{AdminClient, AdminError, SignOutMany, SignOutRun, usernames_in_lines};
use futures_util::{Stream, StreamExt};
use serde_json::json;
use tokio::io::BufReader;

use crate::answer::{Answer, Outcome};
use crate::args::{SignOutAll, Who};
use crate::progress::Progress;
use crate::sample::Sample;

type Names = Pin<Box<dyn Stream<Item = Result<String, AdminError>> + Send>>;

pub(crate) async fn sign_out_all(client: AdminClient, arguments: &SignOutAll, json: bool) -> Answer {
    let sample = match &arguments.sample {
        None => None,
        Some(path) => match Sample::read(path, &client, &arguments.user_pool).await {
            Ok(sample) => Some(sample),
            Err(message) => return Answer::usage(message),
        },
    };
    let (names, total) = match names(&client, &arguments.user_pool, &arguments.who).await {
        Ok(names) => names,
        Err(message) => return Answer::usage(message),
    };
    let mut failures = match arguments
        .failures
        .as_deref()
        .map(|path| Failures::new(path, &arguments.who))
    {
        None => None,
        Some(Ok(failures)) => Some(failures),
        Some(Err(message)) => return Answer::usage(message),
    };
    let run = match start(client.clone(), arguments, names).await {
        Ok(run) => run,
        Err(error) => return Answer::failed("run", &error),
    };
    stop_at_ctrl_c(&run);
    let mut run = run;
    let progress = Progress::new(total, json);
    let mut unwritten = None;
    while let Some(outcome) = run.next().await {
        progress.one_more(&outcome, run.summary().failed);
        if let (Err(error), Some(failures)) = (&outcome.result, &mut failures)
            && let Err(error) = failures.write(&outcome.username, error)
        {
            unwritten = Some(error);
        }
    }
    let written = failures.map_or(Ok(()), Failures::finish);
    let mut answer = Answer::of_many(&run.finish().await);
    progress.end();
    if let Some(error) = unwritten.or(written.err()) {
        answer = answer.lacks("failures", error);
    }
    if let Some(sample) = sample {
        let checked = sample.check(&client, &arguments.user_pool).await;
        if answer.result == Outcome::Complete && !checked.all_refused() {
            answer.result = Outcome::Partial;
        }
        answer.sample = Some(checked);
    }
    answer
}

async fn start(client: AdminClient, arguments: &SignOutAll, names: Names) -> Result<SignOutRun, AdminError> {
    let mut run = SignOutMany::new(client, &arguments.user_pool)?
        .rate(arguments.rate)?
        .concurrency(arguments.concurrency)?
        .disable_first(arguments.disable)
        .dry_run(arguments.dry_run);
    if let Some(path) = &arguments.journal {
        run = run.journal(path);
    }
    run.start(names).await
}

/// Stops begin nothing more; what is under way is finished and written. Once more ends the program at once.
fn stop_at_ctrl_c(run: &SignOutRun) {
    let stop = run.stopper();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.stop();
        }
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(3);
        }
    });
}

/// The names, and how many there are where that is known.
async fn names(client: &AdminClient, pool: &str, who: &Who) -> Result<(Names, Option<u64>), String> {
    if let Some(group) = &who.group {
        return Ok((client.list_users_in_group(pool, group).boxed(), None));
    }
    if let Some(path) = &who.file {
        let failed = |error: std::io::Error| format!("{}: {error}", path.display());
        let total = lines(path).map_err(failed)?;
        let file = tokio::fs::File::open(path).await.map_err(failed)?;
        return Ok((usernames_in_lines(BufReader::new(file)).boxed(), Some(total)));
    }
    if who.stdin {
        return Ok((usernames_in_lines(BufReader::new(tokio::io::stdin())).boxed(), None));
    }
    // An estimate of AWS's, for the progress alone: without the permission to ask there is none.
    let total = match &who.filter {
        None => client.estimated_users(pool).await.ok(),
        Some(_) => None,
    };
    Ok((client.list_users(pool, who.filter.as_deref()).boxed(), total))
}

fn lines(path: &Path) -> std::io::Result<u64> {
    let mut reader = std::io::BufReader::new(File::open(path)?);
    let mut lines = 0;
    loop {
        let chunk = std::io::BufRead::fill_buf(&mut reader)?;
        if chunk.is_empty() {
            return Ok(lines);
        }
        lines += chunk.iter().filter(|byte| **byte == b'\n').count() as u64;
        let length = chunk.len();
        std::io::BufRead::consume(&mut reader, length);
    }
}

/// The file of those who failed.
struct Failures {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Failures {
    fn new(path: &Path, who: &Who) -> Result<Self, String> {
        let same = |other: &PathBuf| {
            other
                .canonicalize()
                .ok()
                .is_some_and(|other| path.canonicalize().is_ok_and(|path| path == other))
        };
        if who.file.as_ref().is_some_and(same) {
            return Err("--failures would overwrite --file, which is still to be read".into());
        }
        let file = File::create(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
        })
    }

    fn write(&mut self, username: &str, error: &AdminError) -> Result<(), String> {
        let line = json!({ "username": username, "code": error.code(), "message": error.to_string() });
        writeln!(self.file, "{line}").map_err(|error| self.failed(&error))
    }

    fn finish(mut self) -> Result<(), String> {
        self.file.flush().map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &std::io::Error) -> String {
        format!("{}: {error}", self.path.display())
    }
}
