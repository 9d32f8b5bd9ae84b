//! [`JournalProblem`]: why a journal cannot be used.

use std::io::ErrorKind;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_smithy_types::date_time::{DateTime, Format};

/// Why a journal cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JournalProblem {
    /// Another run is writing to it.
    #[error("another run is writing to it{}", writer(*.process, *.since))]
    InUse {
        /// The process id that the other run wrote into the journal.
        process: Option<u32>,
        /// When that run began.
        since: Option<SystemTime>,
    },
    /// It belongs to another user pool, or to a run that disables users while this one does not, or the other way round.
    #[error("it belongs to another task: another user pool, or a run that differs in whether it disables users")]
    OtherTask,
    /// The file is not a journal.
    #[error("the file is not a journal")]
    NotAJournal,
    /// Its run signed everyone out. Users who have signed in again since then would be skipped.
    #[error("it was begun at {}, and its run signed everyone out", date(*.begun))]
    Finished {
        /// When the journal was begun.
        begun: SystemTime,
    },
    /// It was begun more than a day ago. Users who have signed in again since then would be skipped.
    #[error("it was begun at {}, more than a day ago", date(*.begun))]
    Old {
        /// When the journal was begun.
        begun: SystemTime,
    },
    /// It belongs to another user of this machine, others may write to it, or it is a link or no ordinary file. Somebody else
    /// could have written into it that a user is signed out.
    #[error("it is a link, belongs to another user, or others may write to it")]
    NotOurs,
    /// The disk or the file system failed.
    #[error("{0}")]
    Io(ErrorKind),
}

impl JournalProblem {
    pub(in crate::admin) fn recovery(self) -> &'static str {
        match self {
            Self::InUse { .. } => "Wait for that run, or stop it; then run again.",
            Self::OtherTask | Self::NotAJournal => "Name another file: each task needs its own journal.",
            Self::Finished { .. } | Self::Old { .. } => {
                "For a new incident name a new file. To continue the old run, give --continue: users whom the journal lists as \
                 signed out are skipped, even if they have signed in again."
            }
            Self::NotOurs => "Name a file of your own that nobody else may write to (chmod 600).",
            Self::Io(ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge) => {
                "Free space on the disk; then run the same command again with the same journal."
            }
            Self::Io(ErrorKind::NotFound) => "Create the journal's folder, or name another file.",
            Self::Io(ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
                "Allow this user to write the journal and its folder, or name another file."
            }
            Self::Io(_) => "Check the disk, or name another file.",
        }
    }
}

fn writer(process: Option<u32>, since: Option<SystemTime>) -> String {
    let process = process.map(|process| format!(", process {process}"));
    let since = since.map(|since| format!(", since {}", date(since)));
    [process, since].into_iter().flatten().collect()
}

/// A time as in RFC 3339, in UTC, to the second.
pub(super) fn date(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let time = DateTime::from_secs(i64::try_from(seconds).unwrap_or_default());
    time.fmt(Format::DateTime).unwrap_or_default()
}

pub(super) fn time(date: &str) -> Option<SystemTime> {
    let time = DateTime::from_str(date, Format::DateTime).ok()?;
    SystemTime::try_from(time).ok()
}
