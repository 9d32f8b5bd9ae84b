//! The table in the guide: results are compared with it, and times are measured anew when it is written.

use std::path::Path;

use crate::calls::Answer;
use crate::faults::Fault;

const GUIDE: &str = "docs/how-it-is-proved.md";
const HEAD: &str = "| fault | `sign_out`, local | global | with the browser's page | `refresh` | `verify` | `session` | `store_session` |\n\
    |---|---|---|---|---|---|---|---|\n";
/// Begins a row where a child prints it.
const ROW: &str = "row: ";
/// In seconds. From then on a call's last attempt takes as long as the call may, and milliseconds decide which of two codes the call
/// returns.
const LAST_ATTEMPT_MAY_END: f64 = 7.5;

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

    /// The fault and the results.
    fn without_times(&self) -> String {
        let (name, cells) = self.0.split_once(" | ").unwrap();
        let cells = cells.strip_suffix(" |").unwrap().split(" | ");
        let results = cells.map(|cell| {
            let (result, time) = cell.rsplit_once(": ").unwrap();
            let seconds: f64 = time.strip_suffix(" s").unwrap().parse().unwrap();
            match seconds < LAST_ATTEMPT_MAY_END {
                true => result.to_owned(),
                false => result.replace("timed_out", "network_unavailable"),
            }
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

#[test]
fn a_call_that_times_out_early_is_not_taken_for_one_without_a_network() {
    let of = |cell: &str| Row(format!("| a fault | {cell} |")).without_times();
    let (early, late) = (of("timed_out: 1.0 s"), of("Unknown, timed_out: 10.0 s"));
    assert_ne!(early, of("network_unavailable: 1.0 s"));
    assert_eq!(late, of("Unknown, network_unavailable: 9.2 s"));
    assert_ne!(late, of("Unknown, unexpected_response: 9.2 s"));
}
