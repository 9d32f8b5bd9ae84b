//! `sign-out-all`: from the names to the summary.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{IsTerminal, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::{Duration, Instant};

use cognito_signout::admin::{
    self, AdminClient, AdminError, Done, Ended, SignOutMany, SignOutRun, Summary, usernames_in_lines,
};
use futures_util::{Stream, StreamExt};
use serde_json::json;
use tokio::io::BufReader;

use crate::answer::{Answer, Failed, Outcome, Problem, TOLD};
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
    if arguments.dry_run
        && let Err(error) = client.may_sign_out(&arguments.user_pool, arguments.disable).await
    {
        return Answer::failed("dry_run", &error);
    }
    let mut run = match start(client.clone(), arguments, names).await {
        Ok(run) => run,
        Err(error) => return Answer::failed("run", &error),
    };
    stop_at_signals(&run);
    let progress = Progress::new(total, json);
    let mut told = Told::default();
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
        told.add(&outcome);
        if let (Err(error), Some(failures)) = (&outcome.result, &mut failures)
            && let Err(error) = failures.write(&outcome, error)
        {
            unwritten = Some(error);
        }
        if let Some(sample) = &mut sample {
            sample.look_at(&outcome, &client, &arguments.user_pool).await;
        }
    }
    let summary = run.finish().await;
    progress.end();
    let mut answer = told.into_answer(&summary, arguments);
    if let Some(failures) = &mut failures {
        let ended = failures.end(!summary.more_not_tried);
        unwritten = unwritten.or(ended.err());
        if summary.more_not_tried {
            answer = answer.lacks("failures", failures.are_not_all());
        }
    }
    if let Some(message) = unwritten {
        answer = answer.lacks("failures", unwritten_failures(message, arguments));
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

/// Whom the answer names.
#[derive(Default)]
struct Told {
    failed_by_code: BTreeMap<&'static str, Failed>,
    would_sign_out: Vec<String>,
}

impl Told {
    fn add(&mut self, outcome: &admin::Outcome) {
        match &outcome.result {
            // They are counted apart.
            Err(AdminError::NotTried) => {}
            Err(error) => {
                let failed = self.failed_by_code.entry(error.code().as_str());
                failed
                    .or_insert_with(|| Failed::with(error))
                    .add(&outcome.username, error);
            }
            Ok(Done::WouldSignOut) if self.would_sign_out.len() < TOLD => {
                self.would_sign_out.push(outcome.username.clone());
            }
            Ok(_) => {}
        }
    }

    fn into_answer(self, summary: &Summary, arguments: &SignOutAll) -> Answer {
        let mut answer = Answer::of_many(summary, arguments.journal.as_deref());
        answer.failed_by_code = self.failed_by_code;
        if let Some(users) = &mut answer.users {
            users.would_sign_out_first = self.would_sign_out;
        }
        if summary.is_by_the_journal_alone() {
            return answer.lacks(
                "journal",
                Problem {
                    code: "nothing_sent",
                    message: "nothing was sent: the journal has everyone as signed out before".to_owned(),
                    recovery: "Who signed in again since is signed in. For a new incident name a new --journal.",
                },
            );
        }
        let nobody = summary.already_done + summary.signed_out + summary.would_sign_out + summary.failed == 0;
        if nobody && summary.ended == Ended::AllTried && !arguments.allow_empty {
            let who = &arguments.who;
            let message = match (&who.filter, &who.group) {
                (Some(_), _) => "nobody: the filter finds no user",
                (_, Some(_)) => "nobody: the group has no users",
                _ if who.everyone => "nobody: the user pool has no users",
                _ => "nobody: the list has no names",
            };
            return answer.lacks(
                "users",
                Problem {
                    code: "nobody",
                    message: message.to_owned(),
                    recovery: "Look at what was asked for; if nobody is as it should be, give --allow-empty.",
                },
            );
        }
        answer
    }
}

fn unwritten_failures(message: String, arguments: &SignOutAll) -> Problem {
    let recovery = match arguments.journal {
        Some(_) => {
            "Make room, or choose another file. Run the same command again: whom the journal lacks is tried again."
        }
        None => {
            "Make room, or choose another file. Who is missing there is named nowhere else: run the same command again."
        }
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
        // A listing costs requests, and time.
        .tell_untried(arguments.who.file.is_some() || arguments.who.stdin);
    if let Some(users) = arguments.concurrency {
        run = run.concurrency(users)?;
    }
    if let Some(path) = &arguments.journal {
        run = run.journal(path);
    }
    run.start(names).await
}

/// Each of them begins nothing more; what is under way is finished and written. Once more ends the program at once.
fn stop_at_signals(run: &SignOutRun) {
    let stop = run.stopper();
    let signals = signals();
    tokio::spawn(async move {
        let mut signals = std::pin::pin!(signals);
        if signals.next().await.is_some() {
            stop.stop();
        }
        if signals.next().await.is_some() {
            std::process::exit(Outcome::BrokeOff.exit_code());
        }
    });
}

/// Ctrl-C; who tells the program to end; a terminal that is gone.
#[cfg(unix)]
fn signals() -> impl Stream<Item = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
    if !outlives_its_terminal() {
        kinds.push(SignalKind::hangup());
    }
    // One that cannot be listened for ends the program, as it would have.
    let signals = kinds.into_iter().filter_map(|kind| signal(kind).ok());
    let signals = signals.map(|signal| {
        Box::pin(futures_util::stream::unfold(signal, |mut signal| async move {
            signal.recv().await.map(|()| ((), signal))
        }))
    });
    futures_util::stream::select_all(signals)
}

/// Whether it was begun so (nohup): a signal that is listened for is ignored no more.
#[cfg(unix)]
fn outlives_its_terminal() -> bool {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else {
        // Elsewhere that cannot be asked for, but nohup leaves no terminal to write to.
        return !std::io::stderr().is_terminal();
    };
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|ignored| u64::from_str_radix(ignored.trim(), 16).ok());
    // SIGHUP is the first.
    ignored.is_some_and(|ignored| ignored & 1 != 0)
}

#[cfg(not(unix))]
fn signals() -> impl Stream<Item = ()> {
    futures_util::stream::unfold((), |()| async { tokio::signal::ctrl_c().await.ok().map(|()| ((), ())) })
}

/// The names, and how many there are where that is known.
async fn names(client: &AdminClient, pool: &str, who: &Who) -> Result<(Names, Option<u64>), String> {
    if let Some(group) = &who.group {
        return Ok((client.list_users_in_group(pool, group).boxed(), None));
    }
    if let Some(path) = &who.file {
        let failed = |error: std::io::Error| format!("{}: {error}", path.display());
        let open = async || tokio::fs::File::open(path).await.map_err(failed);
        // Read twice: what is no list is refused before anyone is signed out. A pipe can be read but once.
        let file = open().await?;
        let mut total = None;
        if file.metadata().await.map_err(failed)?.is_file() {
            let mut names = usernames_in_lines(BufReader::new(file)).boxed();
            let mut users = 0;
            while let Some(name) = names.next().await {
                match name {
                    Ok(_) => users += 1,
                    // It is told in the end: those whom the list has are still to be signed out.
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
    // An estimate of AWS's, for the progress alone: without the permission to ask there is none.
    let total = match &who.filter {
        None => client.estimated_users(pool).await.ok(),
        Some(_) => None,
    };
    Ok((client.list_users(pool, who.filter.as_deref()).boxed(), total))
}

/// The file of those who failed, a line at a time: who is in it is there if the program is killed too.
struct Failures {
    path: PathBuf,
    file: File,
    is_file: bool,
}

/// What a file of failures says of itself, which `usernames_in_lines` reads. Of one length: the one is written over the other.
const NOT_ALL: &[u8] = b"{\"complete\":false}\n";
const ALL: &[u8] = b"{\"complete\":true }\n";

/// By the beginning of its first line.
fn is_a_journal(path: &Path) -> bool {
    let mut beginning = Vec::new();
    let read = path
        .is_file()
        .then(|| File::open(path).and_then(|file| file.take(64).read_to_end(&mut beginning)));
    matches!(read, Some(Ok(_))) && beginning.starts_with(b"{\"cognito_signout_journal\"")
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
        if is_a_journal(path) {
            return Err(format!(
                "--failures would overwrite a journal: {} is one",
                path.display()
            ));
        }
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        // It names users.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            // Else a terminal, or a pipe.
            is_file: file.metadata().map_err(failed)?.is_file(),
            file,
        })
    }

    /// What the file says of itself while the run goes on stays if the program is killed.
    fn begin(&mut self) -> Result<(), String> {
        if !self.is_file {
            return Ok(());
        }
        let begun = self.file.set_len(0).and_then(|()| self.file.write_all(NOT_ALL));
        begun.map_err(|error| self.failed(&error))
    }

    /// Says whether the file has everyone whom the run has left.
    fn end(&mut self, all: bool) -> Result<(), String> {
        let ended = match (self.is_file, all) {
            (true, true) => (self.file.seek(SeekFrom::Start(0))).and_then(|_| self.file.write_all(ALL)),
            (false, false) => self.file.write_all(NOT_ALL),
            _ => Ok(()),
        };
        ended.map_err(|error| self.failed(&error))
    }

    fn are_not_all(&self) -> Problem {
        Problem {
            code: "not_all",
            message: format!(
                "{} has those who failed and those whose names were read, and not everyone after them",
                self.path.display()
            ),
            recovery: "Do not go on from this file: run the same command again.",
        }
    }

    fn write(&mut self, outcome: &admin::Outcome, error: &AdminError) -> Result<(), String> {
        let line = json!({
            "username": outcome.username,
            "code": error.code().as_str(),
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
