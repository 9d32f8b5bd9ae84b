//! The tables in the guide: results are compared with them, and times are measured anew when they are written.

use std::ops::Range;
use std::path::Path;

use crate::app::Answer;
use crate::calls::{Call, TABLES};
use crate::faults::Fault;

const GUIDE: &str = "docs/how-it-is-proved.md";
/// Begins a row where a child prints it.
const ROW: &str = "row: ";
/// In seconds. From then on a call's last attempt takes as long as the call may, and milliseconds decide which of two codes the call
/// returns.
const LAST_ATTEMPT_MAY_END: f64 = 7.5;

/// What each call returned under one fault.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    fault: String,
    cells: Vec<String>,
}

impl Row {
    pub(crate) fn of(fault: &Fault, answers: &[Answer]) -> Self {
        let cells = answers.iter().map(|answer| {
            let seconds = answer.took.as_secs_f64();
            format!("{}: {seconds:.1} s", answer.text)
        });
        Self {
            fault: fault.name.to_owned(),
            cells: cells.collect(),
        }
    }

    pub(crate) fn to_line(&self) -> String {
        format!("{ROW}{}", self.of_table(0..self.cells.len()))
    }

    pub(crate) fn from_line(line: &str) -> Option<Self> {
        // libtest may have begun the line.
        Some(Self::from_table(line.split_once(ROW)?.1))
    }

    fn of_table(&self, columns: Range<usize>) -> String {
        format!("| {} | {} |", self.fault, self.cells[columns].join(" | "))
    }

    fn from_table(line: &str) -> Self {
        let mut cells = line.trim_matches(['|', ' ']).split(" | ").map(str::to_owned);
        Self {
            fault: cells.next().unwrap(),
            cells: cells.collect(),
        }
    }

    /// The fault and the results.
    fn without_times(&self) -> String {
        let results = self.cells.iter().map(|cell| {
            let (result, time) = cell.rsplit_once(": ").unwrap();
            let seconds: f64 = time.strip_suffix(" s").unwrap().parse().unwrap();
            match seconds < LAST_ATTEMPT_MAY_END {
                true => result.to_owned(),
                false => result.replace("timed_out", "network_unavailable"),
            }
        });
        let row: Vec<_> = std::iter::once(self.fault.clone()).chain(results).collect();
        row.join(" | ")
    }
}

fn head(calls: &[Call]) -> String {
    let columns: Vec<_> = calls.iter().map(|call| call.column()).collect();
    format!(
        "| fault | {} |\n|---|{}\n",
        columns.join(" | "),
        "---|".repeat(calls.len())
    )
}

/// With `UPDATE_NETWORK_FAULTS`, writes the tables.
pub(crate) fn are_in_the_guide(rows: &[Row]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(GUIDE);
    let mut guide = std::fs::read_to_string(&path).unwrap();
    let (mut tables, mut first) = (Vec::new(), 0);
    for calls in TABLES {
        let (head, columns) = (head(calls), first..first + calls.len());
        first = columns.end;
        let measured = rows.iter().map(|row| row.of_table(columns.clone()) + "\n");
        let measured: String = measured.collect();
        println!("{head}{measured}");
        let (before, rest) = guide.split_once(&head).unwrap();
        let (old, after) = rest.split_at(rest.find("\n\n").unwrap() + 1);
        tables.push((results(&measured), results(old)));
        guide = [before, &head, &measured, after].concat();
    }
    if std::env::var_os("UPDATE_NETWORK_FAULTS").is_some() {
        std::fs::write(&path, guide).unwrap();
        return;
    }
    for (measured, old) in tables {
        assert_eq!(
            measured, old,
            "{GUIDE} says otherwise: UPDATE_NETWORK_FAULTS=1 writes it"
        );
    }
}

fn results(table: &str) -> Vec<String> {
    table.lines().map(|row| Row::from_table(row).without_times()).collect()
}

#[test]
fn a_call_that_times_out_early_is_not_taken_for_one_without_a_network() {
    let of = |cell: &str| Row::from_table(&format!("| a fault | {cell} |")).without_times();
    let (early, late) = (of("timed_out: 1.0 s"), of("Unknown, timed_out: 10.0 s"));
    assert_ne!(early, of("network_unavailable: 1.0 s"));
    assert_eq!(late, of("Unknown, network_unavailable: 9.2 s"));
    assert_ne!(late, of("Unknown, unexpected_response: 9.2 s"));
}
