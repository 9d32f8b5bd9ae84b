//! The lines of a journal, as JSON: what is written, and how it is read.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};

use serde::{Deserialize, Serialize};

const VERSION: u32 = 1;

/// No line written here is longer. A longer line is not read whole: the file is not a journal.
pub(super) const LONGEST_LINE: u64 = 64 * 1024;

/// What the run does, in the journal's first line. A journal serves only runs with the same task: in another task its users
/// would be skipped, although nothing was done for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::admin) struct Task {
    /// Distinguishes a journal from other files.
    cognito_signout_journal: u32,
    user_pool_id: String,
    disable: bool,
}

impl Task {
    pub(in crate::admin) fn new(user_pool_id: &str, disable: bool) -> Self {
        Self {
            cognito_signout_journal: VERSION,
            user_pool_id: user_pool_id.to_owned(),
            disable,
        }
    }
}

/// The journal's first line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Header {
    #[serde(flatten)]
    pub(super) task: Task,
    /// Journals of the first version lack it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) begun: Option<String>,
}

/// A run begins to write here.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Opened {
    pub(super) opened: String,
    pub(super) process: u32,
}

/// The run that wrote the lines before has signed everyone out.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Finished {
    pub(super) finished: String,
}

/// One user's line.
#[derive(Debug, Serialize)]
pub(in crate::admin) struct Line {
    pub(in crate::admin) username: String,
    /// [`DONE`], or the error's code.
    pub(in crate::admin) outcome: &'static str,
}

/// One user's line, as it is read.
#[derive(Deserialize)]
struct Found<'a> {
    #[serde(borrow)]
    username: Cow<'a, str>,
    #[serde(borrow)]
    outcome: Cow<'a, str>,
}

/// The outcome of a user who is signed out. A user with any other outcome is tried again.
pub(in crate::admin) const DONE: &str = "signed_out";

pub(super) fn add_line(bytes: &mut Vec<u8>, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *bytes, line)?;
    bytes.push(b'\n');
    Ok(())
}

/// Removes the users whom the journal lists as signed out. Reads the journal once, one line at a time.
pub(in crate::admin) fn remove_done(mut journal: &File, users: &mut HashSet<String>) -> io::Result<()> {
    journal.seek(SeekFrom::Start(0))?;
    let mut lines = BufReader::with_capacity(LONGEST_LINE as usize, journal);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        // Lines about no user, such as the first, remove nobody.
        if let Ok(Found { username, outcome }) = serde_json::from_slice(&line)
            && outcome == DONE
        {
            users.remove(username.as_ref());
        }
        line.clear();
    }
    Ok(())
}
