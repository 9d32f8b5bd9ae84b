//! The journal of a run over many users: who is done, on disk, so that an interrupted run goes on where it stopped.
//!
//! JSON lines: first what the run is and when it was begun; then a line for each run that writes here, one for each user, and
//! one when everyone is signed out. Only ever added to.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use aws_smithy_types::date_time::{DateTime, Format};
use serde::{Deserialize, Serialize};

use super::errors::{JournalProblem, date};
use super::{AdminError, JournalProblem as Problem};

const VERSION: u32 = 1;

/// A line longer than any that is written here is not read whole: the file is another.
const LONGEST_LINE: u64 = 64 * 1024;

/// A journal that was begun longer ago is not gone on with unless that is said: it is likely to be another incident's.
const OLD: Duration = Duration::from_secs(24 * 60 * 60);

/// What the run does, in the journal's first line. A journal is good for the same again and for nothing else: its users
/// would be taken for done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Task {
    /// Tells a journal from other files.
    cognito_signout_journal: u32,
    user_pool_id: String,
    disable: bool,
}

impl Task {
    pub(super) fn new(user_pool_id: &str, disable: bool) -> Self {
        Self {
            cognito_signout_journal: VERSION,
            user_pool_id: user_pool_id.to_owned(),
            disable,
        }
    }
}

/// The journal's first line.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    #[serde(flatten)]
    task: Task,
    /// Those of the first version have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    begun: Option<String>,
}

/// A run that writes here.
#[derive(Debug, Serialize, Deserialize)]
struct Opened {
    opened: String,
    process: u32,
}

/// The run before has signed everyone out.
#[derive(Debug, Serialize, Deserialize)]
struct Finished {
    finished: String,
}

/// One user's line.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub(super) username: String,
    /// [`DONE`], or the code of the error.
    pub(super) outcome: &'static str,
}

/// The same, as it is read.
#[derive(Deserialize)]
struct Found<'a> {
    #[serde(borrow)]
    username: Cow<'a, str>,
    #[serde(borrow)]
    outcome: Cow<'a, str>,
}

/// The outcome of a user who is signed out. Any other is tried again.
pub(super) const DONE: &str = "signed_out";

/// What a run does at its journal.
#[derive(Debug, Clone)]
pub(super) struct Use {
    pub(super) task: Task,
    /// Goes on with a journal that is old, or of a run that had signed everyone out.
    pub(super) go_on: bool,
}

/// An open journal, this process's own for as long as it is open.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// If an earlier run did that.
    pub(super) begun: Option<SystemTime>,
}

impl Journal {
    /// Opens the journal of this task, or begins it. What a killed process has left of its last line is cut off.
    pub(super) fn open(path: &Path, with: &Use) -> Result<Self, AdminError> {
        let failed = |error: io::Error| AdminError::journal(path, Problem::Io(error.kind()));
        let mut options = OpenOptions::new();
        options.create(true).truncate(false);
        let (mut journal, whole) = Self::open_and_verify(path, with, options)?;
        let now = date(SystemTime::now());
        let mut lines = Vec::new();
        if whole == 0 {
            let header = Header {
                task: with.task.clone(),
                begun: Some(now.clone()),
            };
            add_line(&mut lines, &header).map_err(failed)?;
        }
        let opened = Opened {
            opened: now,
            process: std::process::id(),
        };
        add_line(&mut lines, &opened).map_err(failed)?;
        journal.file.set_len(whole).map_err(failed)?;
        journal.write(&lines)?;
        journal.file.sync_all().map_err(failed)?;
        Ok(journal)
    }

    /// Whether [`open`](Self::open) would succeed, and what is there to be read. Changes nothing.
    pub(super) fn check(path: &Path, with: &Use) -> Result<Option<Self>, AdminError> {
        match Self::open_and_verify(path, with, OpenOptions::new()) {
            Ok((journal, _)) => Ok(Some(journal)),
            Err(AdminError::Journal {
                problem: Problem::Io(ErrorKind::NotFound),
                ..
            }) => {
                let made = OpenOptions::new().write(true).create_new(true).open(path);
                let tried = made.and_then(|_| std::fs::remove_file(path));
                tried.map_err(|error| AdminError::journal(path, Problem::Io(error.kind())))?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// And how many of its bytes are whole lines.
    fn open_and_verify(path: &Path, with: &Use, mut options: OpenOptions) -> Result<(Self, u64), AdminError> {
        let wrong = |problem| AdminError::journal(path, problem);
        let failed = |error: io::Error| wrong(Problem::Io(error.kind()));
        // Not for appending: Windows would not let it be cut.
        options.read(true).write(true);
        // It names users, and is believed: nobody else may read or write it, and no link leads elsewhere.
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
            options.custom_flags(i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or_default());
        }
        let mut file = lock(&mut options, path).map_err(|error| match error.kind() {
            ErrorKind::WouldBlock => wrong(in_use(path)),
            // Which was not followed.
            _ if path.is_symlink() => wrong(Problem::NotOurs),
            _ => failed(error),
        })?;
        let metadata = file.metadata().map_err(failed)?;
        if !is_ours(&metadata) {
            return Err(wrong(Problem::NotOurs));
        }
        let whole = verify(&mut file, path, &with.task)?;
        let mut journal = Self {
            path: path.to_owned(),
            file,
            begun: None,
        };
        if whole > 0 {
            let begun = journal.begun_at(&metadata).map_err(failed)?;
            journal.begun = Some(begun);
            let age = SystemTime::now().duration_since(begun).unwrap_or_default();
            match with.go_on {
                true => {}
                false if journal.is_finished(whole).map_err(failed)? => return Err(wrong(Problem::Finished { begun })),
                false if age > OLD => return Err(wrong(Problem::Old { begun })),
                false => {}
            }
        }
        Ok((journal, whole))
    }

    /// By its first line; those of the first version have the time of the last change alone.
    fn begun_at(&mut self, metadata: &Metadata) -> io::Result<SystemTime> {
        let header: Option<Header> = serde_json::from_slice(&first_line(&mut self.file)?).ok();
        let begun = header.and_then(|header| header.begun);
        match begun.and_then(|begun| time(&begun)) {
            Some(begun) => Ok(begun),
            None => metadata.modified(),
        }
    }

    /// Whether the last of these bytes' lines says so.
    fn is_finished(&mut self, whole: u64) -> io::Result<bool> {
        let mut last = Vec::new();
        self.file.seek(SeekFrom::Start(whole.saturating_sub(LONGEST_LINE)))?;
        for line in BufReader::new(io::Read::take(&mut self.file, LONGEST_LINE)).split(b'\n') {
            last = line?;
        }
        Ok(serde_json::from_slice::<Finished>(&last).is_ok())
    }

    /// The same file, to be read by [`strike`]. What is read moves the place where this one would write, so that is sought
    /// anew each time.
    pub(super) fn reader(&self) -> Result<File, AdminError> {
        self.file
            .try_clone()
            .map_err(|error| AdminError::journal(&self.path, Problem::Io(error.kind())))
    }

    /// Adds lines, and comes back when they are on disk.
    pub(super) fn add(&mut self, lines: &[Line]) -> Result<(), AdminError> {
        let mut bytes = Vec::new();
        let written = lines.iter().try_for_each(|line| add_line(&mut bytes, line));
        written.map_err(|error| AdminError::journal(&self.path, Problem::Io(error.kind())))?;
        self.write(&bytes)
    }

    /// Writes down that everyone is signed out.
    pub(super) fn finish(&mut self) -> Result<(), AdminError> {
        let mut line = Vec::new();
        let finished = Finished {
            finished: date(SystemTime::now()),
        };
        add_line(&mut line, &finished).map_err(|error| AdminError::journal(&self.path, Problem::Io(error.kind())))?;
        self.write(&line)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), AdminError> {
        let written = (self.file.seek(SeekFrom::End(0)))
            .and_then(|_| self.file.write_all(bytes))
            .and_then(|()| self.file.sync_data());
        written.map_err(|error| AdminError::journal(&self.path, Problem::Io(error.kind())))
    }
}

/// Takes the users out who are done. Reads the journal once, and holds one line of it at a time.
pub(super) fn strike(mut journal: &File, users: &mut HashSet<String>) -> io::Result<()> {
    journal.seek(SeekFrom::Start(0))?;
    let mut lines = BufReader::with_capacity(LONGEST_LINE as usize, journal);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        // A line that says nothing of a user, the first for one, takes nobody out.
        if let Ok(Found { username, outcome }) = serde_json::from_slice(&line)
            && outcome == DONE
        {
            users.remove(username.as_ref());
        }
        line.clear();
    }
    Ok(())
}

fn add_line(bytes: &mut Vec<u8>, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *bytes, line)?;
    bytes.push(b'\n');
    Ok(())
}

fn time(date: &str) -> Option<SystemTime> {
    let time = DateTime::from_str(date, Format::DateTime).ok()?;
    SystemTime::try_from(time).ok()
}

/// Whether nobody but this user can have written it.
#[cfg(unix)]
fn is_ours(file: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    const WRITABLE_BY_OTHERS: u32 = 0o022;
    file.is_file() && file.uid() == rustix::process::geteuid().as_raw() && file.mode() & WRITABLE_BY_OTHERS == 0
}

/// The same where a file's rights are not told by its metadata: they are as its folder's.
#[cfg(not(unix))]
fn is_ours(file: &Metadata) -> bool {
    file.is_file()
}

/// Who has it, by the last line of a run's beginning.
fn in_use(path: &Path) -> JournalProblem {
    let mut last = None;
    let lines = File::open(path).map(|file| BufReader::new(file).split(b'\n'));
    for line in lines.into_iter().flatten().map_while(Result::ok) {
        if let Ok(opened) = serde_json::from_slice::<Opened>(&line) {
            last = Some(opened);
        }
    }
    Problem::InUse {
        process: last.as_ref().map(|opened| opened.process),
        since: last.and_then(|opened| time(&opened.opened)),
    }
}

/// Opens the file for this process alone, but so that it can be read beside. `WouldBlock`: another has it.
#[cfg(not(windows))]
fn lock(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let file = options.open(path)?;
    file.try_lock()?;
    Ok(file)
}

/// The same where a lock would keep readers out too: there it is a matter of sharing.
#[cfg(windows)]
fn lock(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    const FILE_SHARE_READ: u32 = 1;
    const ERROR_SHARING_VIOLATION: i32 = 32;
    std::os::windows::fs::OpenOptionsExt::share_mode(options, FILE_SHARE_READ);
    options.open(path).map_err(|error| match error.raw_os_error() {
        Some(ERROR_SHARING_VIOLATION) => ErrorKind::WouldBlock.into(),
        _ => error,
    })
}

/// How many bytes of a file are whole lines, if it is a journal of this task. What is left of a first line that was cut is one
/// too: none of it is.
fn verify(file: &mut File, path: &Path, task: &Task) -> Result<u64, AdminError> {
    let failed = |error: io::Error| AdminError::journal(path, Problem::Io(error.kind()));
    let whole = whole_lines(file).map_err(failed)?;
    let found = first_line(file).map_err(failed)?;
    if is_cut_header(&found, task).map_err(failed)? {
        return Ok(0);
    }
    match serde_json::from_slice::<Header>(&found) {
        Ok(found) if found.task == *task && whole > 0 => Ok(whole),
        Ok(found) if found.task != *task => Err(AdminError::journal(path, Problem::OtherTask)),
        _ => Err(AdminError::journal(path, Problem::NotAJournal)),
    }
}

/// Whether a first line is what is left of this task's, or nothing.
fn is_cut_header(found: &[u8], task: &Task) -> io::Result<bool> {
    let header = |begun| {
        serde_json::to_vec(&Header {
            task: task.clone(),
            begun,
        })
    };
    // The time is another's: what can be told of it is its length and its characters.
    let (old, new) = (header(None)?, header(Some(date(SystemTime::UNIX_EPOCH)))?);
    let as_new = |(at, byte): (usize, &u8)| {
        new.get(at)
            .is_some_and(|expected| byte == expected || (at >= old.len() && byte.is_ascii_digit()))
    };
    Ok(old.starts_with(found) || found.iter().enumerate().all(as_new))
}

/// How many bytes end with a line's end.
fn whole_lines(file: &mut File) -> io::Result<u64> {
    let length = file.seek(SeekFrom::End(0))?;
    let start = length.saturating_sub(LONGEST_LINE);
    file.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    io::Read::read_to_end(file, &mut tail)?;
    let end = tail
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at as u64 + 1);
    Ok(if end == 0 { 0 } else { start + end })
}

fn first_line(file: &mut File) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(0))?;
    let mut line = Vec::new();
    BufReader::new(io::Read::take(file, LONGEST_LINE)).read_until(b'\n', &mut line)?;
    Ok(line)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use crate::ErrorCode;

    use super::*;

    fn task() -> Use {
        of(Task::new("eu-central-1_Pool", false))
    }

    fn of(task: Task) -> Use {
        Use { task, go_on: false }
    }

    fn going_on() -> Use {
        Use { go_on: true, ..task() }
    }

    #[track_caller]
    fn problem(refused: Result<Journal, AdminError>) -> Problem {
        match refused {
            Err(AdminError::Journal { problem, .. }) => problem,
            other => panic!("{other:?}"),
        }
    }

    fn folder() -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        (folder, path)
    }

    fn line(username: &str, outcome: &'static str) -> Line {
        Line {
            username: username.to_owned(),
            outcome,
        }
    }

    fn left(path: &Path, users: &[&str]) -> Vec<String> {
        let mut users = users.iter().map(|user| (*user).to_owned()).collect();
        strike(&File::open(path).unwrap(), &mut users).unwrap();
        let mut left: Vec<_> = users.into_iter().collect();
        left.sort();
        left
    }

    #[test]
    fn who_is_done_is_struck_and_who_failed_is_not() {
        let (_folder, path) = folder();
        let mut journal = Journal::open(&path, &task()).unwrap();
        let odd = "ö\"\\n{}";
        journal
            .add(&[line("ana", DONE), line("bob", "throttled"), line(odd, DONE)])
            .unwrap();
        assert_eq!(left(&path, &["ana", "bob", "cy", odd]), ["bob", "cy"]);
        journal.add(&[line("bob", DONE)]).unwrap();
        assert_eq!(left(&path, &["ana", "bob", "cy"]), ["cy"]);
    }

    #[test]
    fn a_journal_cut_at_any_byte_is_gone_on_with_and_takes_nobody_for_done_who_is_not() {
        let (_folder, path) = folder();
        let mut journal = Journal::open(&path, &task()).unwrap();
        journal.add(&[line("ana", DONE), line("bob", DONE)]).unwrap();
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let mut journal = Journal::open(&path, &task()).unwrap();
            let lines = whole[..cut].iter().filter(|byte| **byte == b'\n').count();
            let expected: &[&str] = match lines {
                // The header, and the line of the run that begins.
                0..=2 => &["ana", "bob"],
                _ => &["bob"],
            };
            assert_eq!(left(&path, &["ana", "bob"]), expected, "{cut}");
            journal.add(&[line("ana", DONE), line("bob", DONE)]).unwrap();
            assert!(left(&path, &["ana", "bob"]).is_empty(), "{cut}");
        }
    }

    #[test]
    fn a_journal_of_another_task_or_another_file_is_refused_and_left_alone() {
        let (_folder, path) = folder();
        drop(Journal::open(&path, &task()).unwrap());
        for other in [
            Task::new("eu-central-1_Other", false),
            Task::new("eu-central-1_Pool", true),
        ] {
            assert_eq!(problem(Journal::open(&path, &of(other))), Problem::OtherTask);
        }
        let header = serde_json::to_string(&task().task).unwrap();
        for other in [
            "ana\nbob\n".to_owned(),
            "ana".to_owned(),
            "{\"a\":1}\n".to_owned(),
            "{\"a\":1}".to_owned(),
            format!("{header},"),
            serde_json::to_string(&Task::new("eu-central-1_Other", false)).unwrap(),
            "x".repeat(100_000),
            format!("{header}\n{}", "x".repeat(100_000)),
        ] {
            std::fs::write(&path, &other).unwrap();
            assert_eq!(
                Journal::open(&path, &task()).unwrap_err().code().as_str(),
                "journal",
                "{other}"
            );
            assert_eq!(
                Journal::check(&path, &task()).unwrap_err().code().as_str(),
                "journal",
                "{other}"
            );
            assert_eq!(std::fs::read_to_string(&path).unwrap(), other);
        }
    }

    #[test]
    fn what_is_checked_is_left_as_it_is() {
        let (_folder, path) = folder();
        Journal::check(&path, &task()).unwrap();
        assert!(!path.exists());
        let mut journal = Journal::open(&path, &task()).unwrap();
        journal.add(&[line("ana", DONE)]).unwrap();
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..=whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            assert!(Journal::check(&path, &task()).unwrap().is_some());
            assert_eq!(std::fs::read(&path).unwrap(), whole[..cut]);
        }
    }

    #[test]
    fn two_runs_at_once_do_not_share_a_journal_and_the_second_is_told_of_the_first() {
        let (_folder, path) = folder();
        let first = Journal::open(&path, &task()).unwrap();
        let refused = problem(Journal::open(&path, &task()));
        let Problem::InUse { process, since } = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(process, Some(std::process::id()));
        assert!(since.unwrap().elapsed().unwrap() < Duration::from_secs(60));
        drop(first);
        Journal::open(&path, &task()).unwrap();
    }

    #[test]
    fn a_journal_of_a_run_that_signed_everyone_out_is_gone_on_with_only_if_that_is_said() {
        let (_folder, path) = folder();
        let mut journal = Journal::open(&path, &task()).unwrap();
        assert_eq!(journal.begun, None);
        journal.add(&[line("ana", DONE)]).unwrap();
        journal.finish().unwrap();
        drop(journal);
        let finished = std::fs::read(&path).unwrap();
        assert!(matches!(
            problem(Journal::open(&path, &task())),
            Problem::Finished { .. }
        ));
        assert!(matches!(
            Journal::check(&path, &task()),
            Err(AdminError::Journal { .. })
        ));
        assert_eq!(std::fs::read(&path).unwrap(), finished);
        let journal = Journal::open(&path, &going_on()).unwrap();
        assert!(journal.begun.unwrap().elapsed().unwrap() < Duration::from_secs(60));
        drop(journal);
        // That run did not finish.
        Journal::open(&path, &task()).unwrap();
    }

    #[test]
    fn a_journal_that_was_begun_more_than_a_day_ago_is_gone_on_with_only_if_that_is_said() {
        let (_folder, path) = folder();
        let header = |begun: SystemTime| Header {
            task: task().task,
            begun: Some(date(begun)),
        };
        for (hours, is_old) in [(23, false), (25, true)] {
            let begun = SystemTime::now() - Duration::from_secs(hours * 60 * 60);
            let header = serde_json::to_string(&header(begun)).unwrap();
            std::fs::write(&path, format!("{header}\n")).unwrap();
            match Journal::open(&path, &task()) {
                Ok(_) => assert!(!is_old),
                refused => assert!(is_old && matches!(problem(refused), Problem::Old { .. })),
            }
            Journal::open(&path, &going_on()).unwrap();
        }
    }

    #[test]
    fn a_journal_of_the_first_version_has_no_time_but_its_last_change_and_is_read() {
        let (_folder, path) = folder();
        let header = serde_json::to_string(&task().task).unwrap();
        let text = format!("{header}\n{{\"username\":\"ana\",\"outcome\":\"signed_out\"}}\n");
        std::fs::write(&path, text).unwrap();
        let journal = Journal::open(&path, &task()).unwrap();
        assert!(journal.begun.is_some());
        assert_eq!(left(&path, &["ana", "bob"]), ["bob"]);
        drop(journal);
        let file = File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - 2 * OLD).unwrap();
        assert!(matches!(problem(Journal::open(&path, &task())), Problem::Old { .. }));
    }

    #[test]
    fn what_is_read_of_it_meanwhile_does_not_move_where_it_is_written() {
        let (_folder, path) = folder();
        let mut journal = Journal::open(&path, &task()).unwrap();
        let reader = journal.reader().unwrap();
        for (done, left) in [("ana", &["bob", "cy"][..]), ("bob", &["cy"])] {
            journal.add(&[line(done, DONE)]).unwrap();
            let mut users = ["ana", "bob", "cy"].map(str::to_owned).into();
            strike(&reader, &mut users).unwrap();
            assert_eq!(users, left.iter().map(|left| (*left).to_owned()).collect());
        }
    }

    #[cfg(unix)]
    #[test]
    fn one_that_somebody_else_can_have_written_is_not_believed() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, path) = folder();
        drop(Journal::open(&path, &task()).unwrap());
        let whole = std::fs::read(&path).unwrap();
        for mode in [0o602, 0o620, 0o666] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            assert_eq!(problem(Journal::open(&path, &task())), Problem::NotOurs, "{mode:o}");
            assert_eq!(std::fs::read(&path).unwrap(), whole);
        }
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_eq!(problem(Journal::open(&link, &task())), Problem::NotOurs);
        // The one file of another's that there is everywhere.
        if !rustix::process::geteuid().is_root() {
            assert!(!is_ours(&std::fs::metadata("/etc/passwd").unwrap()));
        }
        Journal::open(&path, &task()).unwrap();
    }

    #[test]
    fn a_folder_that_is_not_there_is_seen_before_the_run() {
        let (folder, _) = folder();
        let path = folder.path().join("none").join("journal");
        assert_eq!(problem(Journal::open(&path, &task())), Problem::Io(ErrorKind::NotFound));
        assert_eq!(Journal::check(&path, &task()).unwrap_err().code(), ErrorCode::Journal);
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, path) = folder();
        drop(Journal::open(&path, &task()).unwrap());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
