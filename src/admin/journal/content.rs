//! What a file holds: whether it is a journal of this task, how much of it is whole lines, and when it was begun.

use std::fs::{File, Metadata};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::time::SystemTime;

use super::lines::{Finished, Header, LONGEST_LINE, Task};
use super::problem::{JournalProblem, date, time};

/// How many bytes of the file are whole lines, if it is a journal of this task. A killed process can leave the beginning of a
/// first line: that is a journal of zero bytes.
pub(super) fn verify(file: &mut File, task: &Task) -> Result<u64, JournalProblem> {
    let failed = |error: io::Error| JournalProblem::Io(error.kind());
    let whole = whole_lines(file).map_err(failed)?;
    let found = first_line(file).map_err(failed)?;
    if is_cut_header(&found, task).map_err(failed)? {
        return Ok(0);
    }
    match serde_json::from_slice::<Header>(&found) {
        Ok(found) if found.task == *task && whole > 0 => Ok(whole),
        Ok(found) if found.task != *task => Err(JournalProblem::OtherTask),
        _ => Err(JournalProblem::NotAJournal),
    }
}

/// The first line says when the journal was begun. Journals of the first version have only the time of the last change.
pub(super) fn begun_at(file: &mut File, metadata: &Metadata) -> io::Result<SystemTime> {
    let header: Option<Header> = serde_json::from_slice(&first_line(file)?).ok();
    let begun = header.and_then(|header| header.begun);
    match begun.and_then(|begun| time(&begun)) {
        Some(begun) => Ok(begun),
        None => metadata.modified(),
    }
}

/// Whether the last of these whole lines says that everyone is signed out.
pub(super) fn is_finished(file: &mut File, whole: u64) -> io::Result<bool> {
    let mut last = Vec::new();
    file.seek(SeekFrom::Start(whole.saturating_sub(LONGEST_LINE)))?;
    for line in BufReader::new(Read::take(file, LONGEST_LINE)).split(b'\n') {
        last = line?;
    }
    Ok(serde_json::from_slice::<Finished>(&last).is_ok())
}

/// Whether this is the beginning of this task's first line, or empty.
fn is_cut_header(found: &[u8], task: &Task) -> io::Result<bool> {
    let header = |begun| {
        serde_json::to_vec(&Header {
            task: task.clone(),
            begun,
        })
    };
    // Another run wrote the time, so only its length and the kind of its characters are known.
    let (old, new) = (header(None)?, header(Some(date(SystemTime::UNIX_EPOCH)))?);
    let as_new = |(at, byte): (usize, &u8)| {
        new.get(at)
            .is_some_and(|expected| byte == expected || (at >= old.len() && byte.is_ascii_digit()))
    };
    Ok(old.starts_with(found) || found.iter().enumerate().all(as_new))
}

/// How many bytes come before the end of the last whole line.
fn whole_lines(file: &mut File) -> io::Result<u64> {
    let length = file.seek(SeekFrom::End(0))?;
    let start = length.saturating_sub(LONGEST_LINE);
    file.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let end = tail
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at as u64 + 1);
    Ok(if end == 0 { 0 } else { start + end })
}

fn first_line(file: &mut File) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(0))?;
    let mut line = Vec::new();
    BufReader::new(Read::take(file, LONGEST_LINE)).read_until(b'\n', &mut line)?;
    Ok(line)
}
