//! The file of `--failures`.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use cognito_signout::admin::{AdminError, UserOutcome};
use serde_json::json;

use crate::admin::args::SignOutAll;
use crate::problem::Problem;

/// The users who failed or were not tried, one line each. Written at once, so that the lines survive if the program is killed.
pub(crate) struct Failures {
    path: PathBuf,
    file: File,
    is_file: bool,
}

/// Whether the file is complete, for `usernames_in_lines`. Both lines have the same length: one overwrites the other.
const INCOMPLETE: &[u8] = b"{\"complete\":false}\n";
const COMPLETE: &[u8] = b"{\"complete\":true }\n";

/// Recognises a journal by the beginning of its first line.
fn is_a_journal(path: &Path) -> bool {
    let mut beginning = Vec::new();
    let read = path
        .is_file()
        .then(|| File::open(path).and_then(|file| file.take(64).read_to_end(&mut beginning)));
    matches!(read, Some(Ok(_))) && beginning.starts_with(b"{\"cognito_signout_journal\"")
}

impl Failures {
    /// Opens the file without changing it: the run has not begun yet.
    pub(crate) fn open(path: &Path, arguments: &SignOutAll) -> Result<Self, String> {
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
            return Err(format!("--failures would overwrite a journal: {}", path.display()));
        }
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        // The file names users.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            // Otherwise it is a terminal or a pipe.
            is_file: file.metadata().map_err(failed)?.is_file(),
            file,
        })
    }

    /// Marks the file as incomplete. It stays so if the program is killed.
    pub(crate) fn begin(&mut self) -> Result<(), String> {
        if !self.is_file {
            return Ok(());
        }
        let begun = self.file.set_len(0).and_then(|()| self.file.write_all(INCOMPLETE));
        begun.map_err(|error| self.failed(&error))
    }

    /// Marks the file as complete if it has every user who is not signed out.
    pub(crate) fn end(&mut self, complete: bool) -> Result<(), String> {
        let ended = match (self.is_file, complete) {
            (true, true) => (self.file.seek(SeekFrom::Start(0))).and_then(|_| self.file.write_all(COMPLETE)),
            (false, false) => self.file.write_all(INCOMPLETE),
            _ => Ok(()),
        };
        ended.map_err(|error| self.failed(&error))
    }

    pub(crate) fn incomplete(&self) -> Problem {
        Problem {
            code: "not_all",
            message: format!(
                "{} lacks the users whose names were not read before the run ended",
                self.path.display()
            ),
            recovery: "Do not continue from this file: run the same command again.",
        }
    }

    pub(crate) fn write(&mut self, outcome: &UserOutcome, error: &AdminError) -> Result<(), String> {
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

/// The absolute path of a file that may not exist yet, to compare paths that are spelt differently.
fn place(path: &Path) -> std::io::Result<PathBuf> {
    path.canonicalize().or_else(|_| {
        let path = std::path::absolute(path)?;
        match (path.parent(), path.file_name()) {
            (Some(folder), Some(name)) => Ok(folder.canonicalize()?.join(name)),
            _ => Ok(path),
        }
    })
}
