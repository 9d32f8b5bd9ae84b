//! The journal of a run over many users: a file that says who is done, so that an interrupted run continues where it stopped.
//!
//! The format is JSON lines, which are only ever added: first the task and when the journal was begun; then one line for each
//! run that writes here, one for each user, and one when everyone is signed out.

mod content;
mod file;
mod lines;
pub(super) mod problem;
#[cfg(test)]
mod tests;

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

pub(super) use lines::{DONE, Line, Task, remove_done};
use lines::{Finished, Header, Opened, add_line};
use problem::date;

use super::{AdminError, JournalProblem};

/// A journal begun longer ago is continued only on request: it probably belongs to an earlier incident.
const OLD: Duration = Duration::from_secs(24 * 60 * 60);

/// What a run wants of its journal.
#[derive(Debug, Clone)]
pub(super) struct Use {
    pub(super) task: Task,
    /// Whether to continue a journal that is old, or whose run signed everyone out.
    pub(super) go_on: bool,
}

/// An open journal, which no other process can write to.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// When an earlier run began it; `None` if this run does.
    pub(super) begun: Option<SystemTime>,
}

impl Journal {
    /// Opens the journal of this task, or begins it. Cuts off what a killed process has left of its last line.
    pub(super) fn open(path: &Path, with: &Use) -> Result<Self, AdminError> {
        let failed = |error: io::Error| AdminError::journal(path, JournalProblem::Io(error.kind()));
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
        journal.write(&lines).map_err(failed)?;
        journal.file.sync_all().map_err(failed)?;
        Ok(journal)
    }

    /// Says whether [`open`](Self::open) would succeed, and gives the journal to read, if there is one. Changes nothing.
    pub(super) fn check(path: &Path, with: &Use) -> Result<Option<Self>, AdminError> {
        match Self::open_and_verify(path, with, OpenOptions::new()) {
            Ok((journal, _)) => Ok(Some(journal)),
            Err(AdminError::Journal {
                problem: JournalProblem::Io(ErrorKind::NotFound),
                ..
            }) => {
                let made = OpenOptions::new().write(true).create_new(true).open(path);
                let tried = made.and_then(|_| std::fs::remove_file(path));
                tried.map_err(|error| AdminError::journal(path, JournalProblem::Io(error.kind())))?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The journal, and how many of its bytes are whole lines.
    fn open_and_verify(path: &Path, with: &Use, options: OpenOptions) -> Result<(Self, u64), AdminError> {
        let wrong = |problem| AdminError::journal(path, problem);
        let failed = |error: io::Error| wrong(JournalProblem::Io(error.kind()));
        let (mut file, metadata) = file::open(path, options).map_err(wrong)?;
        let whole = content::verify(&mut file, &with.task).map_err(wrong)?;
        let mut begun = None;
        if whole > 0 {
            let at = content::begun_at(&mut file, &metadata).map_err(failed)?;
            begun = Some(at);
            if !with.go_on {
                if content::is_finished(&mut file, whole).map_err(failed)? {
                    return Err(wrong(JournalProblem::Finished { begun: at }));
                }
                if SystemTime::now().duration_since(at).unwrap_or_default() > OLD {
                    return Err(wrong(JournalProblem::Old { begun: at }));
                }
            }
        }
        let path = path.to_owned();
        Ok((Self { path, file, begun }, whole))
    }

    /// The same file, for [`remove_done`] to read. Reading moves the position at which this one would write, so each write
    /// seeks the end first.
    pub(super) fn reader(&self) -> Result<File, AdminError> {
        self.file.try_clone().map_err(|error| self.failed(&error))
    }

    /// Adds lines, and returns once they are on disk.
    pub(super) fn add(&mut self, lines: &[Line]) -> Result<(), AdminError> {
        let mut bytes = Vec::new();
        let made = lines.iter().try_for_each(|line| add_line(&mut bytes, line));
        let written = made.and_then(|()| self.write(&bytes));
        written.map_err(|error| self.failed(&error))
    }

    /// Writes down that everyone is signed out.
    pub(super) fn finish(&mut self) -> Result<(), AdminError> {
        let mut line = Vec::new();
        let finished = Finished {
            finished: date(SystemTime::now()),
        };
        let written = add_line(&mut line, &finished).and_then(|()| self.write(&line));
        written.map_err(|error| self.failed(&error))
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::End(0))?;
        self.file.write_all(bytes)?;
        self.file.sync_data()
    }

    fn failed(&self, error: &io::Error) -> AdminError {
        AdminError::journal(&self.path, JournalProblem::Io(error.kind()))
    }
}
