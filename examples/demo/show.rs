//! What the demo prints. A mark before each claim says whether it is true; one that is not makes the demo fail.

use std::time::Duration;

use anstyle::{AnsiColor, Style};

const TITLE: Style = AnsiColor::Cyan.on_default().bold();
const TRUE: Style = AnsiColor::Green.on_default().bold();
const NOT_TRUE: Style = AnsiColor::Red.on_default().bold();
const FAINT: Style = Style::new().dimmed();

/// Prints, counts what is not true, and collects the rows of the table.
#[derive(Debug, Default)]
pub(crate) struct Show {
    not_true: usize,
    rows: Vec<Row>,
}

/// One line of the table at the end.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) scene: &'static str,
    pub(crate) requests: String,
    pub(crate) result: String,
    pub(crate) signed_out_after: Duration,
    pub(crate) returned_after: Duration,
    pub(crate) vault: String,
}

impl Show {
    pub(crate) fn scene(&self, title: &str) {
        anstream::println!("\n{TITLE}{title}{TITLE:#}");
    }

    /// What happens next, with nothing to prove.
    pub(crate) fn tell(&self, text: &str) {
        anstream::println!("    {FAINT}{text}{FAINT:#}");
    }

    /// A claim, and whether it is true.
    pub(crate) fn claim(&mut self, claim: &str, holds: bool) {
        self.mark(holds);
        anstream::println!("{claim}");
    }

    /// What was found, and what it must be.
    pub(crate) fn find(&mut self, label: &str, found: &str, expected: &str) {
        self.mark(found == expected);
        anstream::println!("{label:<13}{found}");
        if found != expected {
            anstream::println!("    {NOT_TRUE}{:<13}{expected}{NOT_TRUE:#}", "expected");
        }
    }

    pub(crate) fn row(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Prints the table, if it has rows. Returns whether every claim is true.
    pub(crate) fn end(self, took: Duration) -> bool {
        if !self.rows.is_empty() {
            table(self.rows);
        }
        anstream::println!();
        let (style, verdict) = match self.not_true {
            0 => (TRUE, "Every claim above was checked and is true.".to_owned()),
            1 => (NOT_TRUE, "1 claim is not true.".to_owned()),
            several => (NOT_TRUE, format!("{several} claims are not true.")),
        };
        anstream::println!(
            "{style}{verdict}{style:#} {FAINT}({:.1} s){FAINT:#}",
            took.as_secs_f64()
        );
        self.not_true == 0
    }

    fn mark(&mut self, holds: bool) {
        if holds {
            anstream::print!("  {TRUE}✓{TRUE:#} ");
        } else {
            self.not_true += 1;
            anstream::print!("  {NOT_TRUE}✗{NOT_TRUE:#} ");
        }
    }
}

fn table(rows: Vec<Row>) {
    let head = [
        "",
        "requests",
        "result",
        "signed out after",
        "returned after",
        "left in the vault",
    ]
    .map(String::from);
    let cells = rows.into_iter().map(|row| {
        [
            row.scene.to_owned(),
            row.requests,
            row.result,
            millis(row.signed_out_after),
            millis(row.returned_after),
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
