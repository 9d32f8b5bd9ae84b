//! The progress bar, on a terminal only: who reads a log or JSON gets none.

use std::fmt::Write;
use std::time::Duration;

use cognito_signout::admin::Outcome;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

const WITH_TOTAL: &str = "{bar:30} {human_pos}/{human_len} users, {rate}, {eta} left{msg}";
const WITHOUT_TOTAL: &str = "{spinner} {human_pos} users, {rate}{msg}";

/// How many failures are told one by one, on a terminal.
const TOLD: u64 = 10;

pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(total: Option<u64>, json: bool) -> Self {
        let (bar, template) = match total {
            Some(total) => (ProgressBar::new(total), WITH_TOTAL),
            None => (ProgressBar::new_spinner(), WITHOUT_TOTAL),
        };
        // Standard error is what it draws on, if that is a terminal.
        bar.set_draw_target(if json {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        });
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.with_key("rate", |state: &ProgressState, line: &mut dyn Write| {
                // What cannot be written is not seen.
                let _ = write!(line, "{:.1}/s", state.per_sec());
            }));
        }
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(250));
        }
        Self(bar)
    }

    pub(crate) fn one_more(&self, outcome: &Outcome, failed: u64) {
        self.0.inc(1);
        if let Err(error) = &outcome.result {
            self.0.set_message(format!(", {failed} failed"));
            if failed <= TOLD {
                // Names are whatever the source gave: no control character of theirs reaches the terminal.
                self.0.println(format!("{}: {error}", outcome.username.escape_debug()));
            }
        }
    }

    pub(crate) fn end(self) {
        self.0.finish_and_clear();
    }
}
