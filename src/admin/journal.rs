//! The journal of a run over many users: who is done, on disk, so that an interrupted run goes on where it stopped.
//!
//! JSON lines: first what the run is, then one line for each user, only ever added to.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::AdminError;

const VERSION: u32 = 1;

/// A line longer than any that is written here is not read whole: the file is another.
const LONGEST_LINE: u64 = 64 * 1024;

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

/// An open journal, this process's own for as long as it is open.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Opens the journal of this task, or begins it. What a killed process has left of its last line is cut off.
    pub(super) fn open(path: &Path, task: &Task) -> Result<Self, AdminError> {
        let failed = |error: io::Error| AdminError::journal(path, &error.kind().to_string());
        let mut options = OpenOptions::new();
        // Not for appending: Windows would not let it be cut.
        options.read(true).write(true).create(true).truncate(false);
        // It names users.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = lock(&mut options, path).map_err(|error| match error.kind() {
            ErrorKind::WouldBlock => AdminError::journal(path, "another run is writing it"),
            _ => failed(error),
        })?;
        let header = header(task).map_err(failed)?;
        let whole = verify(&mut file, path, task, &header)?;
        file.set_len(whole).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        if whole == 0 {
            file.write_all(&header).map_err(failed)?;
        }
        file.sync_all().map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    /// Adds lines, and comes back when they are on disk.
    pub(super) fn add(&mut self, lines: &[Line]) -> Result<(), AdminError> {
        let mut bytes = Vec::new();
        let written = lines.iter().try_for_each(|line| {
            serde_json::to_writer(&mut bytes, line)?;
            bytes.push(b'\n');
            Ok(())
        });
        written
            .and_then(|()| self.file.write_all(&bytes))
            .and_then(|()| self.file.sync_data())
            .map_err(|error| AdminError::journal(&self.path, &error.kind().to_string()))
    }

    /// Whether the file, if there is one, is a journal of this task. Changes nothing.
    pub(super) fn check(path: &Path, task: &Task) -> Result<(), AdminError> {
        let failed = |error: io::Error| AdminError::journal(path, &error.kind().to_string());
        match File::open(path) {
            Ok(mut file) => verify(&mut file, path, task, &header(task).map_err(failed)?).map(drop),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// Takes the users out who are done. Reads the file once, and holds one line of it at a time.
    pub(super) fn strike(path: &Path, users: &mut HashSet<String>) -> Result<(), AdminError> {
        let failed = |error: io::Error| AdminError::journal(path, &error.kind().to_string());
        let mut lines = BufReader::with_capacity(LONGEST_LINE as usize, File::open(path).map_err(failed)?);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).map_err(failed)? > 0 {
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

fn header(task: &Task) -> io::Result<Vec<u8>> {
    let mut header = serde_json::to_vec(task)?;
    header.push(b'\n');
    Ok(header)
}

/// How many bytes of a file are whole lines, if it is a journal of this task. What is left of a first line that was cut is one
/// too: none of it is.
fn verify(file: &mut File, path: &Path, task: &Task, header: &[u8]) -> Result<u64, AdminError> {
    let failed = |error: io::Error| AdminError::journal(path, &error.kind().to_string());
    let whole = whole_lines(file).map_err(failed)?;
    let found = first_line(file).map_err(failed)?;
    match serde_json::from_slice::<Task>(&found) {
        _ if found.len() < header.len() && header.starts_with(&found) => Ok(0),
        Ok(found) if found == *task && whole > 0 => Ok(whole),
        Ok(found) if found != *task => Err(AdminError::journal(
            path,
            "it is of another task: another user pool, or disable",
        )),
        _ => Err(AdminError::journal(path, "it is no journal")),
    }
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

    use super::*;

    fn task() -> Task {
        Task::new("eu-central-1_Pool", false)
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
        Journal::strike(path, &mut users).unwrap();
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
                0 | 1 => &["ana", "bob"],
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
            assert_eq!(Journal::open(&path, &other).unwrap_err().code().as_str(), "journal");
        }
        let header = serde_json::to_string(&task()).unwrap();
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
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..=whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            Journal::check(&path, &task()).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), whole[..cut]);
        }
    }

    #[test]
    fn two_runs_at_once_do_not_share_a_journal() {
        let (_folder, path) = folder();
        let first = Journal::open(&path, &task()).unwrap();
        assert_eq!(Journal::open(&path, &task()).unwrap_err().code().as_str(), "journal");
        drop(first);
        Journal::open(&path, &task()).unwrap();
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
