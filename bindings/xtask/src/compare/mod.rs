//! This library and amplify-js side by side, in one run against one server: `cargo xtask compare`. Both sign out in processes of
//! their own (`bindings/compare`), in turn, so that what else the machine does meets both.
//!
//! [`figures`] holds what was measured. [`table`] and [`chart`] show it; a test compares them with the guide.

mod chart;
mod figures;
mod measure;
mod table;

use std::path::Path;
use std::process::Command;

use figures::{Figures, Library, Server};
use measure::{Bench, Rounds};

use crate::files::{text, write};
use crate::process::{cargo, output};
use crate::tools::{AMPLIFY_JS, NODE};
use crate::{VERSION, bindgen, workspace};

const DATA: &str = "bindings/compare/figures.json";
const CHART: &str = "docs/images/performance.svg";
const GUIDE: &str = "docs/performance.md";

/// Around what the command writes in the guide.
const MARKS: [&str; 2] = ["<!-- written by cargo xtask compare -->\n", "<!-- end -->"];

const DELAYS: [u64; 4] = [0, 50, 100, 300];

/// How long the result of a sign-out is waited for.
const PATIENCE: u64 = 60;

/// Measures everything with a release build. Writes the data, the chart and the guide's tables.
pub(crate) fn measure_all() -> Result<(), String> {
    cargo(&["build", "--release", "--package", "cognito-signout-compare"], &[])?;
    bindgen::build_programs_for_tests()?;
    let (_, target) = bindgen::folders()?;
    let bench = bench(&target.join("release"))?;
    let mut cells = Vec::new();
    for global in [false, true] {
        for delay in DELAYS {
            cells.extend(bench.measure(Server::Delay(delay), global, Rounds::together(30))?);
        }
        cells.extend(bench.measure(Server::NeverAnswers, global, Rounds::each_new(3))?);
    }
    let figures = Figures { about: about()?, cells };
    check(&figures)?;
    write(&workspace().join(DATA), figures.to_json().as_bytes())?;
    draw()
}

/// Writes the chart and the guide's tables from the data.
pub(crate) fn draw() -> Result<(), String> {
    let figures = Figures::from_json(&text(&workspace().join(DATA))?)?;
    write(&workspace().join(CHART), chart::svg(&figures).as_bytes())?;
    let guide = workspace().join(GUIDE);
    let new = with_tables(&text(&guide)?, &table::markdown(&figures))?;
    write(&guide, new.as_bytes())?;
    println!("{}\n{CHART} and {GUIDE} show {DATA}", table::markdown(&figures));
    Ok(())
}

/// One delay, a few times, with the build of the tests: shows that both programs still do what is measured. Writes nothing.
pub(crate) fn try_out() -> Result<(), String> {
    cargo(
        &[
            "build",
            "--package",
            "cognito-signout",
            "--package",
            "cognito-signout-compare",
            "--features",
            "ffi,admin",
            "--example",
            "fake_cognito",
            "--bin",
            "cognito-signout-compare",
        ],
        &[],
    )?;
    let (profile, _) = bindgen::folders()?;
    let bench = bench(&profile)?;
    let mut cells = Vec::new();
    for global in [false, true] {
        cells.extend(bench.measure(Server::Delay(50), global, Rounds::together(3))?);
    }
    let figures = Figures {
        about: vec!["A trial with a dev build: these are no figures.".to_owned()],
        cells,
    };
    println!("{}", table::markdown(&figures));
    check(&figures)
}

fn bench(programs: &Path) -> Result<Bench, String> {
    NODE.require()?;
    AMPLIFY_JS.require()?;
    let (profile, _) = bindgen::folders()?;
    Ok(Bench {
        server: profile.join("examples/fake_cognito"),
        ours: programs.join("cognito-signout-compare"),
        script: workspace().join("bindings/compare/amplify/sign-out.mjs"),
        modules: AMPLIFY_JS.folder().join("node_modules"),
        patience: PATIENCE,
    })
}

/// If the server answers, both libraries reach what they promise. Otherwise they were not measured at the same work.
fn check(figures: &Figures) -> Result<(), String> {
    for cell in &figures.cells {
        let expected = match cell.library {
            Library::Ours => "Complete",
            Library::Amplify => "resolved, no value",
        };
        let worked = cell.said == expected && cell.left.is_empty() && !cell.signed_in && !cell.live;
        if cell.server != Server::NeverAnswers && !worked {
            return Err(format!("this sign-out did not succeed: {}", cell.to_json()));
        }
    }
    Ok(())
}

/// What was measured, where and when: one sentence each.
fn about() -> Result<Vec<String>, String> {
    let said =
        |program: &str, arguments: &[&str]| output(Command::new(program).args(arguments).current_dir(workspace()));
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mut models = cpu
        .lines()
        .filter_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = models.next().map_or("unknown processor", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(vec![
        format!(
            "Measured on {} with `cargo xtask compare`.",
            said("date", &["--utc", "+%F"])?
        ),
        format!("The machine: {}, {cores} cores, {model}.", said("uname", &["-srm"])?),
        format!(
            "cognito-signout {VERSION} is a release build by {}. amplify-js is {}, on Node.js {}.",
            said("rustc", &["--version"])?,
            AMPLIFY_JS.name.trim_start_matches("amplify-js-"),
            said("node", &["--version"])?
        ),
    ])
}

/// The guide with these tables in place of the old ones.
fn with_tables(guide: &str, tables: &str) -> Result<String, String> {
    let parts = guide.split_once(MARKS[0]).zip(guide.split_once(MARKS[1]));
    let ((before, _), (_, after)) = parts.ok_or_else(|| format!("{GUIDE} has no place for the tables"))?;
    Ok(format!("{before}{}{tables}{}{after}", MARKS[0], MARKS[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured() -> Figures {
        Figures::from_json(&text(&workspace().join(DATA)).unwrap()).unwrap()
    }

    #[test]
    fn the_guide_has_the_tables_of_the_data() {
        let guide = text(&workspace().join(GUIDE)).unwrap();
        assert_eq!(with_tables(&guide, &table::markdown(&measured())).unwrap(), guide);
    }

    #[test]
    fn the_chart_shows_the_data() {
        assert_eq!(chart::svg(&measured()), text(&workspace().join(CHART)).unwrap());
    }

    #[test]
    fn the_data_has_every_case_of_both_libraries_and_each_reached_what_it_promises() {
        let figures = measured();
        check(&figures).unwrap();
        for global in [false, true] {
            for server in DELAYS.map(Server::Delay).into_iter().chain([Server::NeverAnswers]) {
                for library in Library::BOTH {
                    assert!(figures.cell(server, global, library).is_some());
                }
            }
        }
        assert_eq!(figures.cells.len(), 2 * 5 * 2);
        assert_eq!(Figures::from_json(&figures.to_json()).unwrap(), figures);
    }

    #[test]
    fn a_sign_out_that_left_a_token_is_no_figure() {
        let mut figures = measured();
        figures.cells[0].left = "refresh token".to_owned();
        assert!(check(&figures).is_err());
    }
}
