//! What the demo prints, each claim with its proof: a mark before it says whether it was met, and one that was not makes
//! the demo fail.

use std::time::Duration;

use anstyle::{AnsiColor, Style};

const TITLE: Style = AnsiColor::Cyan.on_default().bold();
const MET: Style = AnsiColor::Green.on_default().bold();
const NOT_MET: Style = AnsiColor::Red.on_default().bold();
const FAINT: Style = Style::new().dimmed();

/// Prints, counts what was not met, and keeps the rows of the table.
#[derive(Debug, Default)]
pub(crate) struct Show {
    not_met: usize,
    rows: Vec<Row>,
}

/// One line of the table at the end.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) asked: String,
    pub(crate) result: String,
    pub(crate) signed_out_after: Duration,
    pub(crate) answered_after: Duration,
    pub(crate) vault: String,
}

impl Show {
    pub(crate) fn scene(&self, title: &str) {
        anstream::println!("\n{TITLE}{title}{TITLE:#}");
    }

    /// What happens next, without anything to prove.
    pub(crate) fn tell(&self, text: &str) {
        anstream::println!("    {FAINT}{text}{FAINT:#}");
    }

    /// A claim, and whether it holds.
    pub(crate) fn claim(&mut self, claim: &str, holds: bool) {
        self.mark(holds);
        anstream::println!("{claim}");
    }

    /// What was found, and what it has to be.
    pub(crate) fn find(&mut self, label: &str, found: &str, expected: &str) {
        self.mark(found == expected);
        anstream::println!("{label:<13}{found}");
        if found != expected {
            anstream::println!("    {NOT_MET}{:<13}{expected}{NOT_MET:#}", "expected");
        }
    }

    pub(crate) fn row(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Prints the table, if there is anything to stand in it. True if every claim was met.
    pub(crate) fn end(self, took: Duration) -> bool {
        if !self.rows.is_empty() {
            table(self.rows);
        }
        anstream::println!();
        let (style, verdict) = match self.not_met {
            0 => (MET, "Every claim above was checked and met.".to_owned()),
            1 => (NOT_MET, "1 claim was not met.".to_owned()),
            several => (NOT_MET, format!("{several} claims were not met.")),
        };
        anstream::println!(
            "{style}{verdict}{style:#} {FAINT}({:.1} s){FAINT:#}",
            took.as_secs_f64()
        );
        self.not_met == 0
    }

    fn mark(&mut self, met: bool) {
        if met {
            anstream::print!("  {MET}✓{MET:#} ");
        } else {
            self.not_met += 1;
            anstream::print!("  {NOT_MET}✗{NOT_MET:#} ");
        }
    }
}

fn table(rows: Vec<Row>) {
    let head = [
        "",
        "asked",
        "result",
        "signed out after",
        "answered after",
        "left in the vault",
    ]
    .map(String::from);
    let cells = rows.into_iter().map(|row| {
        [
            row.what.to_owned(),
            row.asked,
            row.result,
            millis(row.signed_out_after),
            millis(row.answered_after),
            row.vault,
        ]
    });
    let lines: Vec<[String; 6]> = std::iter::once(head).chain(cells).collect();
    let widths = [0, 1, 2, 3, 4, 5].map(|column| lines.iter().map(|line| line[column].chars().count()).max());
    anstream::println!();
    for (number, line) in lines.iter().enumerate() {
        let style = if number == 0 { TITLE } else { Style::new() };
        anstream::print!("  {style}");
        for (cell, width) in line.iter().zip(widths) {
            anstream::print!("{cell:<width$}  ", width = width.unwrap_or_default());
        }
        anstream::println!("{style:#}");
    }
}

/// As `0.6 ms`.
pub(crate) fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
