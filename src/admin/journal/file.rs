//! The journal as a file: opened by one process at a time, and writable by nobody else.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::path::Path;

use super::lines::Opened;
use super::problem::{JournalProblem, time};

/// Opens the file for this process alone; others can still read it.
pub(super) fn open(path: &Path, mut options: OpenOptions) -> Result<(File, Metadata), JournalProblem> {
    let failed = |error: io::Error| JournalProblem::Io(error.kind());
    // Not for appending: Windows does not truncate such a file.
    options.read(true).write(true);
    // The file names users, and a run trusts it: nobody else may read or write it, and it must not be a link.
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
        options.custom_flags(i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or_default());
    }
    let file = lock(&mut options, path).map_err(|error| match error.kind() {
        ErrorKind::WouldBlock => in_use(path),
        // The link was not followed.
        _ if path.is_symlink() => JournalProblem::NotOurs,
        _ => failed(error),
    })?;
    let metadata = file.metadata().map_err(failed)?;
    if is_ours(&metadata) {
        Ok((file, metadata))
    } else {
        Err(JournalProblem::NotOurs)
    }
}

/// Whether only this user can have written the file.
#[cfg(unix)]
pub(super) fn is_ours(file: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    const WRITABLE_BY_OTHERS: u32 = 0o022;
    file.is_file() && file.uid() == rustix::process::geteuid().as_raw() && file.mode() & WRITABLE_BY_OTHERS == 0
}

/// Windows inherits a file's rights from its folder, and the metadata does not tell them.
#[cfg(not(unix))]
fn is_ours(file: &Metadata) -> bool {
    file.is_file()
}

/// Who uses the journal, by the last line that a run wrote when it began.
fn in_use(path: &Path) -> JournalProblem {
    let mut last = None;
    let lines = File::open(path).map(|file| BufReader::new(file).split(b'\n'));
    for line in lines.into_iter().flatten().map_while(Result::ok) {
        if let Ok(opened) = serde_json::from_slice::<Opened>(&line) {
            last = Some(opened);
        }
    }
    JournalProblem::InUse {
        process: last.as_ref().map(|opened| opened.process),
        since: last.and_then(|opened| time(&opened.opened)),
    }
}

/// Opens and locks the file. `WouldBlock`: another process has it.
#[cfg(not(windows))]
fn lock(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let file = options.open(path)?;
    file.try_lock()?;
    Ok(file)
}

/// A lock on Windows would keep readers out too, so the sharing mode excludes other writers.
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
