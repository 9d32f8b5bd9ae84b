//! The table in the guide: results are compared with it, and times are measured anew when it is written.

use std::path::Path;

use crate::calls::Answer;
use crate::faults::Fault;

const GUIDE: &str = "docs/how-it-is-proved.md";
const HEAD: &str = "| fault | `sign_out`, local | global | with the browser's page | `refresh` | `verify` | `session` | `store_session` |\n\
    |---|---|---|---|---|---|---|---|\n";
/// Begins a row where a child prints it.
const ROW: &str = "row: ";

/// One line of the table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row(String);

impl Row {
    pub(crate) fn of(fault: &Fault, answers: &[Answer]) -> Self {
        let cells = answers.iter().map(|answer| {
            let seconds = answer.took.as_secs_f64();
            format!("{}: {seconds:.1} s", answer.text)
        });
        let cells: Vec<_> = std::iter::once(fault.name.to_owned()).chain(cells).collect();
        Self(format!("| {} |", cells.join(" | ")))
    }

    pub(crate) fn to_line(&self) -> String {
        format!("{ROW}{}", self.0)
    }

    pub(crate) fn from_line(line: &str) -> Option<Self> {
        // libtest may have begun the line.
        Some(Self(line.split_once(ROW)?.1.to_owned()))
    }

    /// The fault and the results. When the last attempt takes as long as its call may, milliseconds decide which of two codes it
    /// returns.
    fn without_times(&self) -> String {
        let (name, cells) = self.0.split_once(" | ").unwrap_or_default();
        let results = cells.split(" | ").map(|cell| match cell.rsplit_once(": ") {
            Some((result, _)) => result.replace("timed_out", "network_unavailable"),
            None => cell.to_owned(),
        });
        let row: Vec<_> = std::iter::once(name.to_owned()).chain(results).collect();
        row.join(" | ")
    }
}

/// With `UPDATE_NETWORK_FAULTS`, writes the table.
pub(crate) fn is_in_the_guide(rows: &[Row]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(GUIDE);
    let guide = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = guide.split_once(HEAD).unwrap();
    let end = rest.find("\n\n").unwrap() + 1;
    let (old, after) = rest.split_at(end);
    let measured: String = rows.iter().map(|row| format!("{}\n", row.0)).collect();
    println!("{HEAD}{measured}");
    if std::env::var_os("UPDATE_NETWORK_FAULTS").is_some() {
        std::fs::write(&path, [before, HEAD, &measured, after].concat()).unwrap();
        return;
    }
    let results = |rows: &str| -> Vec<_> { rows.lines().map(|row| Row(row.to_owned()).without_times()).collect() };
    assert_eq!(
        results(&measured),
        results(old),
        "{GUIDE} says otherwise: UPDATE_NETWORK_FAULTS=1 writes it"
    );
}
