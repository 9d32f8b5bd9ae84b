//! Runs steps one after the other, whatever became of those before, and reports on all of them at the end.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::steps::{NOT_CHECKED, Step};
use crate::toolbox::Toolbox;
use crate::tools::Tool;
use crate::workspace;

#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Passed,
    /// Without something that it can do without: it has checked less.
    PassedWithout(String),
    Failed(String),
    Skipped(String),
}

/// What became of each step, and how long it took, getting its tools included.
pub(crate) struct Report {
    pub(crate) results: Vec<(&'static str, Outcome, Duration)>,
}

/// Runs the steps. With `all`, one that would be skipped for want of a tool, or would check less, has failed.
pub(crate) fn run(steps: &[Step], tools: &mut Toolbox, all: bool) -> Report {
    println!("tools and servers: {}", tools.cache().display());
    let results = steps.iter().map(|step| {
        println!("\n== {}", step.name);
        let started = Instant::now();
        let outcome = match (missing(&step.needs, tools), missing(&step.wants, tools)) {
            (Some(what), _) | (None, Some(what)) if all => Outcome::Failed(what),
            (Some(what), _) => Outcome::Skipped(what),
            (None, without) => match (execute(step, tools), without) {
                (Outcome::Passed, Some(what)) => Outcome::PassedWithout(what),
                (outcome, _) => outcome,
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

/// All that is missing, so that it can be got in one go.
fn missing(of: &[&'static Tool], tools: &mut Toolbox) -> Option<String> {
    let missing: Vec<_> = of.iter().filter_map(|tool| tools.provide(tool).err()).collect();
    if missing.is_empty() {
        None
    } else {
        Some(missing.join("; "))
    }
}

fn execute(step: &Step, tools: &Toolbox) -> Outcome {
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
        .env("COGNITO_SIGNOUT_SERVERS", tools.cache())
        .envs(step.env.iter().copied());
    command.env("PATH", path_with_tools(step, tools));
    match command.status() {
        Ok(status) if status.success() => Outcome::Passed,
        Ok(status) => Outcome::Failed(status.to_string()),
        Err(error) => Outcome::Failed(format!("could not be started: {error}")),
    }
}

/// Cargo describes this package to us; to a cargo of ours that would look like a change, and build scripts would run again.
pub(crate) fn forget_this_package(command: &mut Command) {
    for (name, _) in env::vars_os().filter(|(name, _)| describes_this_package(name)) {
        command.env_remove(name);
    }
}

fn describes_this_package(variable: &OsString) -> bool {
    let name = variable.to_string_lossy();
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

fn path_with_tools(step: &Step, tools: &Toolbox) -> OsString {
    let system = env::var_os("PATH").unwrap_or_default();
    let ours = step.needs.iter().chain(&step.wants);
    let ours = ours.filter_map(|tool| tools.programs(tool));
    // It fails for a folder with a colon in its name, which no PATH can hold.
    env::join_paths(ours.chain(env::split_paths(&system))).unwrap_or(system)
}

impl Outcome {
    fn word(&self) -> &'static str {
        match self {
            Self::Passed | Self::PassedWithout(_) => "passed",
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
}

/// A line for each step, and a last line to read by eye or by program: `N passed, N failed, N skipped`.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, outcome, took) in &self.results {
            let detail = match outcome {
                Outcome::Passed => String::new(),
                Outcome::PassedWithout(what) => format!("  checked less: {what}"),
                Outcome::Failed(why) | Outcome::Skipped(why) => format!("  {why}"),
            };
            writeln!(f, "{:8}{name:34}{:6.1} s{detail}", outcome.word(), took.as_secs_f64())?;
        }
        writeln!(f, "{NOT_CHECKED}")?;
        let (passed, failed, skipped) = (self.count("passed"), self.failed(), self.count("skipped"));
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::Source;

    static NOWHERE: Tool = Tool {
        name: "nowhere",
        source: Source::System {
            probes: &[&["no-such-program"]],
            packages: &[],
            hint: "build a rocket",
        },
    };

    fn passes() -> Step {
        Step::new("passes", "true")
    }

    fn fails() -> Step {
        Step::new("fails", "false")
    }

    fn skips() -> Step {
        Step::new("skips", "true").needs(&NOWHERE)
    }

    fn report(steps: &[Step], all: bool) -> Report {
        run(steps, &mut Toolbox::new("cache".into(), false), all)
    }

    fn last_line(report: &Report) -> String {
        report.to_string().lines().last().unwrap_or_default().into()
    }

    #[test]
    fn a_failing_step_does_not_stop_those_after_it() {
        let report = report(&[fails(), passes()], false);
        assert!(matches!(report.results[0].1, Outcome::Failed(_)));
        assert_eq!(report.results[1].1, Outcome::Passed);
        assert_eq!(report.failed(), 1);
        assert_eq!(last_line(&report), "1 passed, 1 failed, 0 skipped");
    }

    #[test]
    fn a_step_without_its_tool_is_skipped_and_says_how_to_get_it() {
        let report = report(&[skips(), passes()], false);
        assert_eq!(
            report.results[0].1,
            Outcome::Skipped("needs nowhere: build a rocket".into())
        );
        assert_eq!(report.failed(), 0);
        assert!(report.to_string().contains("build a rocket"));
        assert_eq!(last_line(&report), "1 passed, 0 failed, 1 skipped");
    }

    #[test]
    fn with_all_a_step_without_its_tool_has_failed() {
        let report = report(&[skips(), passes()], true);
        assert_eq!(report.failed(), 1);
        assert_eq!(last_line(&report), "1 passed, 1 failed, 0 skipped");
    }

    #[test]
    fn a_step_that_can_do_without_a_tool_is_run_and_says_what_it_lacked() {
        let checks_less = || Step::new("checks less", "true").wants(&NOWHERE);
        let checked = report(&[checks_less()], false);
        assert_eq!(
            checked.results[0].1,
            Outcome::PassedWithout("needs nowhere: build a rocket".into())
        );
        assert_eq!(last_line(&checked), "1 passed, 0 failed, 0 skipped");
        let with_all = report(&[checks_less()], true);
        assert_eq!(last_line(&with_all), "0 passed, 1 failed, 0 skipped");
    }

    #[test]
    fn a_program_that_does_not_exist_is_a_failure() {
        let report = report(&[Step::new("typo", "no-such-program --version")], false);
        assert_eq!(report.failed(), 1);
    }

    #[test]
    fn what_cargo_says_of_this_package_is_not_handed_on() {
        assert!(describes_this_package(&"CARGO_PKG_NAME".into()));
        assert!(describes_this_package(&"CARGO_MANIFEST_DIR".into()));
        assert!(!describes_this_package(&"CARGO_TARGET_DIR".into()));
        assert!(!describes_this_package(&"CARGO_HOME".into()));
    }
}
