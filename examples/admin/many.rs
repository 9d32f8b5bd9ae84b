//! `sign-out-all`: from the names to the summary.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use cognito_signout::admin::{self, AdminClient, AdminError, SignOutMany, SignOutRun, usernames_in_lines};
use futures_util::{Stream, StreamExt};
use serde_json::json;
use tokio::io::BufReader;

use crate::answer::{Answer, Outcome};
use crate::args::{SignOutAll, Who};
use crate::progress::Progress;
use crate::sample::Sample;

type Names = Pin<Box<dyn Stream<Item = Result<String, AdminError>> + Send>>;

pub(crate) async fn sign_out_all(client: AdminClient, arguments: &SignOutAll, json: bool) -> Answer {
    let mut sample = match &arguments.sample {
        None => None,
        Some(path) => match Sample::read(path, &client, &arguments.user_pool, arguments.journal.is_some()).await {
            Ok(sample) => Some(sample),
            Err(answer) => return answer,
        },
    };
    let (names, total) = match names(&client, &arguments.user_pool, &arguments.who).await {
        Ok(names) => names,
        Err(message) => return Answer::usage(message),
    };
    let mut failures = match arguments
        .failures
        .as_deref()
        .map(|path| Failures::open(path, arguments))
    {
        None => None,
        Some(Ok(failures)) => Some(failures),
        Some(Err(message)) => return Answer::usage(message),
    };
    let mut run = match start(client.clone(), arguments, names).await {
        Ok(run) => run,
        Err(error) => return Answer::failed("run", &error),
    };
    stop_at_ctrl_c(&run);
    let progress = Progress::new(total, json);
    let mut unwritten = failures.as_mut().and_then(|failures| failures.begin().err());
    while let Some(outcome) = run.next().await {
        progress.one_more(&outcome, run.summary().failed);
        if let (Err(error), Some(failures)) = (&outcome.result, &mut failures)
            && let Err(error) = failures.write(&outcome, error)
        {
            unwritten = Some(error);
        }
        if let Some(sample) = &mut sample {
            sample.look_at(&outcome, &client, &arguments.user_pool).await;
        }
    }
    let mut answer = Answer::of_many(&run.finish().await);
    progress.end();
    if let Some(error) = unwritten {
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

/// The file of those who failed, a line at a time: who is in it is there if the program is killed too.
struct Failures {
    path: PathBuf,
    file: File,
}

impl Failures {
    /// Opens the file and leaves it as it is: the run may not begin yet.
    fn open(path: &Path, arguments: &SignOutAll) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("{}: {error}", path.display());
        for (other, name) in [
            (&arguments.who.file, "--file"),
            (&arguments.journal, "--journal"),
            (&arguments.sample, "--sample"),
        ] {
            if let Some(other) = other
                && place(other).is_ok_and(|other| place(path).is_ok_and(|path| path == other))
            {
                return Err(format!("--failures would overwrite {name}"));
            }
        }
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).open(path);
        Ok(Self {
            path: path.to_owned(),
            file: file.map_err(failed)?,
        })
    }

    fn begin(&mut self) -> Result<(), String> {
        let emptied = self.file.metadata().and_then(|file| match file.is_file() {
            true => self.file.set_len(0),
            // A terminal, a pipe.
            false => Ok(()),
        });
        emptied.map_err(|error| self.failed(&error))
    }

    fn write(&mut self, outcome: &admin::Outcome, error: &AdminError) -> Result<(), String> {
        let line = json!({
            "username": outcome.username,
            "code": error.code(),
            "message": error.to_string(),
            "disabled": outcome.disabled,
        });
        let written = self.file.write_all(format!("{line}\n").as_bytes());
        written.map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &std::io::Error) -> String {
        format!("{}: {error}", self.path.display())
    }
}

/// Where a file is or would be, however it is spelt.
fn place(path: &Path) -> std::io::Result<PathBuf> {
    path.canonicalize().or_else(|_| {
        let path = std::path::absolute(path)?;
        match (path.parent(), path.file_name()) {
            (Some(folder), Some(name)) => Ok(folder.canonicalize()?.join(name)),
            _ => Ok(path),
        }
    })
}
