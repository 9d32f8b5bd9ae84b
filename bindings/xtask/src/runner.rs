//! Runs steps one after the other. A failed step does not stop the rest. The report at the end has all of them.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::{forget_this_package, run_to_its_end};
use crate::steps::Step;
use crate::tools::Finder;
use crate::workspace;

#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

/// The outcome of each step, and the time it took. That includes getting its tools.
pub(crate) struct Report {
    pub(crate) results: Vec<(&'static str, Outcome, Duration)>,
}

/// Runs the steps. A step without its tool is skipped; if tools may be installed, it has failed. A step that this machine cannot run
/// is skipped.
pub(crate) fn run_all(steps: &[Step], finder: &mut Finder) -> Report {
    let results = steps.iter().map(|step| {
        println!("\n== {}", step.name);
        let started = Instant::now();
        let outcome = match missing(step, finder) {
            Some(what) if finder.may_install => Outcome::Failed(what),
            Some(what) => Outcome::Skipped(what),
            None => match step.only_with.filter(|ability| !ability.is_there()) {
                Some(ability) => Outcome::Skipped(ability.lack.into()),
                None => execute(step),
            },
        };
        let took = started.elapsed();
        println!("== {}: {} in {:.1} s", step.name, outcome.word(), took.as_secs_f64());
        (step.name, outcome, took)
    });
    Report {
        results: results.collect(),
    }
}

/// All that is missing, so that you can get it in one go.
fn missing(step: &Step, finder: &mut Finder) -> Option<String> {
    if step.only_on_linux && !cfg!(target_os = "linux") {
        return Some("only on Linux".into());
    }
    let missing: Vec<_> = step.needs.iter().filter_map(|tool| finder.find(tool).err()).collect();
    (!missing.is_empty()).then(|| missing.join("; "))
}

fn execute(step: &Step) -> Outcome {
    let variables: String = step
        .env
        .iter()
        .map(|(name, value)| format!("{name}='{value}' "))
        .collect();
    println!("$ {variables}{}", step.command.replace('*', "'*'"));
    let mut words = step.command.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).stdin(Stdio::null()).current_dir(workspace());
    forget_this_package(&mut command);
    command
        .env("PATH", path_with_tools(step))
        .envs(step.env.iter().copied());
    match run_to_its_end(&mut command) {
        Ok(()) => Outcome::Passed,
        Err(why) => Outcome::Failed(format!("{variables}{} {why}", step.command)),
    }
}

fn path_with_tools(step: &Step) -> OsString {
    let system = env::var_os("PATH").unwrap_or_default();
    let ours = step.needs.iter().filter_map(|tool| tool.programs());
    // Fails for a folder with a colon in its name, which no PATH can hold.
    env::join_paths(ours.chain(env::split_paths(&system))).unwrap_or(system)
}

impl Outcome {
    fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "FAILED",
            Self::Skipped(_) => "skipped",
        }
    }
}

impl Report {
    pub(crate) fn failed(&self) -> usize {
        self.count("FAILED")
    }

    fn count(&self, word: &str) -> usize {
        self.results
            .iter()
            .filter(|(_, outcome, _)| outcome.word() == word)
            .count()
    }

    /// The five steps that took longest, if there are more than that.
    fn slowest(&self) -> Option<String> {
        const SHOWN: usize = 5;
        let mut steps: Vec<_> = self.results.iter().map(|(name, _, took)| (*took, *name)).collect();
        if steps.len() <= SHOWN {
            return None;
        }
        steps.sort_by(|(one, _), (other, _)| other.cmp(one));
        let slowest = steps.iter().take(SHOWN);
        let named: Vec<_> = slowest
            .map(|(took, name)| format!("{name} {:.0} s", took.as_secs_f64()))
            .collect();
        Some(named.join(", "))
    }
}

/// A line for each step, and a last line for people and programs: `N passed, N failed, N skipped`.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, outcome, took) in &self.results {
            let detail = match outcome {
                Outcome::Passed => String::new(),
                Outcome::Failed(why) | Outcome::Skipped(why) => format!("  {why}"),
            };
            writeln!(f, "{:8}{name:38}{:6.1} s{detail}", outcome.word(), took.as_secs_f64())?;
        }
        if let Some(slowest) = self.slowest() {
            writeln!(f, "slowest: {slowest}")?;
        }
        let total: Duration = self.results.iter().map(|(_, _, took)| *took).sum();
        let (minutes, seconds) = (total.as_secs() / 60, total.as_secs() % 60);
        writeln!(f, "{minutes} min {seconds} s")?;
        let (passed, failed, skipped) = (self.count("passed"), self.failed(), self.count("skipped"));
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::{Ability, Tool};

    static ROCKET: Tool = Tool::system("rocket", "no-such-program");

    fn passes() -> Step {
        Step::new("passes", "true")
    }

    fn fails() -> Step {
        Step::new("fails", "false")
    }

    fn skips() -> Step {
        Step::new("skips", "true").needs(&ROCKET)
    }

    fn report(steps: &[Step]) -> Report {
        run_all(steps, &mut Finder::new(false))
    }

    fn last_line(report: &Report) -> String {
        report.to_string().lines().last().unwrap_or_default().into()
    }

    #[test]
    fn a_failing_step_does_not_stop_those_after_it() {
        let report = report(&[fails(), passes()]);
        assert_eq!(
            report.results[0].1,
            Outcome::Failed("false failed (exit status: 1)".into())
        );
        assert_eq!(report.results[1].1, Outcome::Passed);
        assert_eq!(report.failed(), 1);
        assert_eq!(last_line(&report), "1 passed, 1 failed, 0 skipped");
    }

    #[test]
    fn a_step_without_its_tool_is_skipped_and_says_how_to_get_it() {
        let report = report(&[skips(), passes()]);
        assert_eq!(
            report.results[0].1,
            Outcome::Skipped("needs rocket: .ci/install rocket".into())
        );
        assert_eq!(report.failed(), 0);
        assert!(report.to_string().contains(".ci/install rocket"));
        assert_eq!(last_line(&report), "1 passed, 0 failed, 1 skipped");
    }

    /// `.ci/install` runs, and knows no rocket.
    #[test]
    fn a_tool_that_cannot_be_installed_fails_its_steps() {
        let report = run_all(&[skips(), skips(), passes()], &mut Finder::new(true));
        assert_eq!(report.failed(), 2);
        assert_eq!(last_line(&report), "1 passed, 2 failed, 0 skipped");
    }

    #[test]
    fn a_step_that_this_machine_cannot_run_is_skipped_even_if_tools_may_be_installed() {
        static ABLE: Ability = Ability {
            lack: "",
            probe: "true",
        };
        static FLIES: Ability = Ability {
            lack: "this machine cannot fly",
            probe: "false",
        };
        let steps = [passes().only_with(&ABLE), fails().only_with(&FLIES)];
        let report = run_all(&steps, &mut Finder::new(true));
        assert_eq!(report.results[1].1, Outcome::Skipped("this machine cannot fly".into()));
        assert!(report.to_string().contains("this machine cannot fly"));
        assert_eq!(last_line(&report), "1 passed, 0 failed, 1 skipped");
    }

    #[test]
    fn a_program_that_does_not_exist_is_a_failure() {
        let report = report(&[Step::new("typo", "no-such-program --version")]);
        assert_eq!(report.failed(), 1);
        assert!(
            report
                .to_string()
                .contains("no-such-program --version could not be started")
        );
    }

    #[test]
    fn a_long_report_names_the_five_slowest_steps() {
        let of = |seconds: &[u64]| Report {
            results: seconds
                .iter()
                .zip(["a", "b", "c", "d", "e", "f", "g"])
                .map(|(seconds, name)| (name, Outcome::Passed, Duration::from_secs(*seconds)))
                .collect(),
        };
        assert_eq!(of(&[1, 2, 3, 4, 5]).slowest(), None);
        assert_eq!(
            of(&[50, 1, 90, 2, 3, 70]).slowest().as_deref(),
            Some("c 90 s, f 70 s, a 50 s, e 3 s, d 2 s")
        );
        assert!(of(&[60, 1, 0, 0, 0, 0]).to_string().contains("\n1 min 1 s\n"));
    }
}
