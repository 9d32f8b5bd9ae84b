//! The workflows of `.github/workflows` against the steps of `cargo xtask test`: a workflow holds no logic, so each line that it
//! runs is one command, and one that is known here.

use std::collections::BTreeSet;
use std::fs;

use saphyr::{LoadableYamlNode, Yaml};

use crate::files::text;
use crate::{Command, steps, workspace};

/// What no step of `cargo xtask test` runs, and why.
#[rustfmt::skip] // A table: one command in a line.
const WITHOUT_A_STEP: &[(&str, &str)] = &[
    (".ci/run", "it runs the steps"),
    ("cargo xtask test", "it runs the steps"),
    ("cargo xtask test --advisories --install", "needs github.com"),
    ("cargo xtask apple", "needs Xcode"),
    ("cargo xtask apple https://example.com/CognitoSignOutFFI.xcframework.zip", "needs Xcode"),
    ("xcodebuild build -scheme CognitoSignOut -destination generic/platform=iOS", "needs Xcode"),
    ("rustup target add aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios x86_64-apple-darwin", "needs rustup's server"),
    ("rustup target add aarch64-apple-ios-macabi x86_64-apple-ios-macabi aarch64-apple-visionos aarch64-apple-visionos-sim", "needs rustup's server"),
    ("rustup target add aarch64-linux-android armv7-linux-androideabi x86_64-linux-android", "needs rustup's server"),
    ("cargo install cargo-ndk --locked --version 4.1.2", "only for the NDK"),
    ("cargo xtask android", "needs the NDK"),
    ("cargo xtask size", "measures what `cargo xtask android` has built"),
    ("gradle --no-daemon --project-dir examples/android assemble", "needs Google's Maven repository"),
    ("cargo publish --package cognito-signout --dry-run", "builds all dependencies again"),
];

/// Each workflow's file name and text.
fn workflows() -> Vec<(String, String)> {
    let folder = fs::read_dir(workspace().join(".github/workflows")).unwrap();
    folder
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), text(&entry.path()).unwrap())
        })
        .collect()
}

/// The value of a key of each step of each job.
fn of_each_step(workflow: &str, key: &str) -> Vec<String> {
    let documents = Yaml::load_from_str(workflow).unwrap();
    let jobs = documents[0].as_mapping_get("jobs").unwrap().as_mapping().unwrap();
    let steps = jobs
        .values()
        .flat_map(|job| job.as_mapping_get("steps").unwrap().as_vec().unwrap());
    let values = steps.filter_map(|step| step.as_mapping_get(key));
    values.map(|value| value.as_str().unwrap().to_owned()).collect()
}

/// A workflow never changes `Cargo.lock`. The steps leave that to whoever runs them.
fn unlocked(line: &str) -> String {
    line.replacen("cargo --locked ", "cargo ", 1)
}

#[test]
fn each_line_of_a_workflow_is_a_step_or_has_a_reason_not_to_be_one() {
    let steps = steps::nightly();
    let mut used: BTreeSet<&(&str, &str)> = BTreeSet::new();
    for (name, workflow) in workflows() {
        for line in of_each_step(&workflow, "run") {
            let command = unlocked(&line);
            let is_step = steps.iter().any(|step| step.command == command);
            let excused = WITHOUT_A_STEP.iter().find(|(excused, _)| *excused == command);
            assert!(is_step || excused.is_some(), "{name} runs an unknown command: {line}");
            used.extend(excused);
        }
    }
    let unused: Vec<_> = WITHOUT_A_STEP.iter().filter(|line| !used.contains(line)).collect();
    assert!(unused.is_empty(), "no workflow runs {unused:?}");
}

#[test]
fn each_cargo_of_a_workflow_keeps_the_lock_file_and_each_xtask_command_exists() {
    let mut found = 0;
    for (name, workflow) in workflows() {
        for line in of_each_step(&workflow, "run") {
            assert!(
                !line.starts_with("cargo ") || line.contains(" --locked "),
                "{name}: {line}"
            );
            if let Some(arguments) = unlocked(&line).strip_prefix("cargo xtask ") {
                let arguments: Vec<_> = arguments.split(' ').map(str::to_owned).collect();
                assert!(Command::parse(&arguments).is_ok(), "{name}: {line}");
                found += 1;
            }
        }
    }
    assert!(found > 5, "{found} commands");
}

/// A tag can be moved to other code, a commit cannot. The comment says which version it is.
#[test]
fn each_action_is_pinned_to_one_commit_in_all_workflows() {
    let mut pinned = BTreeSet::new();
    for (name, workflow) in workflows() {
        for action in of_each_step(&workflow, "uses") {
            let commit = action.split_once('@').map(|(_, commit)| commit).unwrap_or_default();
            assert!(
                commit.len() == 40 && commit.chars().all(|char| char.is_ascii_hexdigit()),
                "{name}: {action}"
            );
            let (all, explained) = (format!("uses: {action}"), format!("uses: {action} # v"));
            assert_eq!(
                workflow.matches(&all).count(),
                workflow.matches(&explained).count(),
                "{name} does not say the version of {action}"
            );
            pinned.insert(action);
        }
    }
    let names: BTreeSet<_> = pinned.iter().filter_map(|action| action.split('@').next()).collect();
    assert_eq!(names.len(), pinned.len(), "two versions of one action: {pinned:?}");
}

#[test]
fn the_linter_of_workflows_is_given_each_of_them() {
    let steps = steps::all();
    let linter = steps
        .iter()
        .find(|step| step.command.starts_with("actionlint "))
        .unwrap();
    let given: BTreeSet<_> = linter.command.split(' ').skip(1).map(str::to_owned).collect();
    let there = workflows()
        .into_iter()
        .map(|(name, _)| format!(".github/workflows/{name}"));
    assert_eq!(given, there.collect());
}
