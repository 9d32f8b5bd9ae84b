//! The progress of a run: a bar on a terminal, a line from time to time in a log, nothing with JSON.

use std::fmt::Write;
use std::time::Duration;

use cognito_signout::admin::{AdminError, Summary, UserOutcome};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::print;

const WITH_TOTAL: &str = "{bar:30} {human_pos}/{human_len} users, {rate}, {eta} left{msg}";
const WITHOUT_TOTAL: &str = "{spinner} {human_pos} users, {rate}{msg}";

/// How many failures are shown one by one, on a terminal.
const SHOWN: u64 = 10;

pub(crate) struct Progress {
    bar: ProgressBar,
    total: Option<u64>,
    json: bool,
}

impl Progress {
    pub(crate) fn new(total: Option<u64>, json: bool) -> Self {
        let (bar, template) = match total {
            Some(total) => (ProgressBar::new(total), WITH_TOTAL),
            None => (ProgressBar::new_spinner(), WITHOUT_TOTAL),
        };
        // Draws on standard error if that is a terminal.
        bar.set_draw_target(if json {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        });
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.with_key("rate", |state: &ProgressState, line: &mut dyn Write| {
                // A bar that cannot be drawn does not matter.
                let _ = write!(line, "{:.1}/s", state.per_sec());
            }));
        }
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(250));
        }
        Self { bar, total, json }
    }

    pub(crate) fn one_more(&self, outcome: &UserOutcome, failed: u64) {
        self.bar.inc(1);
        if let Err(error) = &outcome.result
            && *error != AdminError::NotTried
        {
            self.bar.set_message(format!(", {failed} failed"));
            if failed <= SHOWN {
                // Names come from outside.
                self.bar
                    .println(format!("{}: {error}", print::plain(&outcome.username)));
            }
        }
    }

    /// Writes a line about the progress to a log.
    pub(crate) fn report(&self, summary: &Summary, waiting: Option<Duration>) {
        if self.json || !self.bar.is_hidden() {
            return;
        }
        let of = self.total.map(|total| format!(" of {total}")).unwrap_or_default();
        let waiting = waiting.map(|waiting| {
            let seconds = waiting.as_secs();
            format!("; no network for {seconds} s, waiting for it")
        });
        print::aside(&format!(
            "after {} s: {}{of} users, {} failed{}",
            summary.elapsed.as_secs(),
            self.bar.position(),
            summary.failed,
            waiting.unwrap_or_default()
        ));
    }

    /// Shows on a terminal that the run waits.
    pub(crate) fn waits(&self, waiting: Option<Duration>, failed: u64) {
        self.bar.set_message(match waiting {
            Some(waiting) => format!(", no network for {} s, waiting for it", waiting.as_secs()),
            None if failed > 0 => format!(", {failed} failed"),
            None => String::new(),
        });
    }

    pub(crate) fn end(self) {
        self.bar.finish_and_clear();
    }
}
