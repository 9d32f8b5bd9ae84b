//! What breaks code that was written for the baseline: the last release or, as long as there is none, a commit.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files::{copy, create, remove, text};
use crate::git::git;
use crate::process::{cargo_command, run};
use crate::tools::CARGO_SEMVER_CHECKS;
use crate::{VERSION, bindgen, golden, workspace};

/// It names the baseline in its first line, and has one line for each break since then.
const RECORD: &str = "bindings/api/rust-breaks.txt";
const BASELINE: &str = "since ";
/// The code of cargo-semver-checks for "there are breaks".
const BROKEN: i32 = 100;

/// Compares the breaks with those on record, and with what the version number allows. `now` is rustdoc's JSON of the crate.
pub(crate) fn compare(now: &Path, features: &str) -> Result<(), String> {
    let record = text(&workspace().join(RECORD))?;
    let first = record.lines().next().and_then(|line| line.strip_prefix(BASELINE));
    let baseline = first.ok_or_else(|| format!("{RECORD} does not begin with `{BASELINE}` and a commit or tag"))?;
    let folder = bindgen::folders()?.1.join("semver");
    let (then, kept) = (folder.join("then.json"), folder.join("now.json"));
    // Both have the same place.
    copy(now, &kept)?;
    let source = unpack(baseline, &folder.join("source"))?;
    copy(&document(&source, features)?, &then)?;
    let breaks = breaks(&then, &kept)?;
    allowed(baseline, VERSION, &breaks)?;
    let lines: String = breaks.iter().map(|line| format!("{line}\n")).collect();
    golden::compare(
        RECORD,
        &format!("{BASELINE}{baseline}\n{lines}"),
        "cargo xtask rust-api",
    )
}

/// rustdoc's JSON of the crate in this folder, which is the workspace or another state of it.
pub(crate) fn document(folder: &Path, features: &str) -> Result<PathBuf, String> {
    println!("$ RUSTDOC=…/rustdoc-with-json.sh cargo rustdoc --lib --features {features}");
    let target = bindgen::folders()?.1;
    run(cargo_command()
        .current_dir(folder)
        .args(["rustdoc", "--lib", "--features", features])
        .args(["--", "-Zunstable-options", "--output-format=json"])
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTDOC", workspace().join("bindings/xtask/rustdoc-with-json.sh")))?;
    Ok(target.join("doc/cognito_signout.json"))
}

/// The repository as it was.
fn unpack(commit: &str, folder: &Path) -> Result<PathBuf, String> {
    remove(folder)?;
    create(folder)?;
    let archive = folder.with_extension("tar");
    run(git(&workspace()).args(["archive", "--output", bindgen::utf8(&archive)?, commit])).map_err(|error| {
        format!("{error}. A clone without all commits does not have the baseline: git fetch --unshallow --tags")
    })?;
    run(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(folder))?;
    Ok(folder.to_owned())
}

/// One line for each break. New items are none.
fn breaks(then: &Path, now: &Path) -> Result<Vec<String>, String> {
    let program = CARGO_SEMVER_CHECKS.folder().join("bin/cargo-semver-checks");
    let output = Command::new(program)
        .args([
            "semver-checks",
            "check-release",
            "--release-type",
            "minor",
            "--color",
            "never",
        ])
        .arg("--baseline-rustdoc")
        .arg(then)
        .arg("--current-rustdoc")
        .arg(now)
        .output()
        .map_err(|error| format!("cargo-semver-checks: {error}"))?;
    let mut breaks = lines(&String::from_utf8_lossy(&output.stdout));
    let is_understood = match output.status.code() {
        Some(0) => breaks.is_empty(),
        Some(BROKEN) => !breaks.is_empty(),
        _ => false,
    };
    // Modules for the documentation alone.
    breaks.retain(|line| !line.contains("cognito_signout::guides"));
    match is_understood {
        true => Ok(breaks),
        false => Err(format!(
            "cargo-semver-checks failed ({}): {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

/// What its report says: the check that failed, and the item. Without the places in files, which change with each commit.
fn lines(report: &str) -> Vec<String> {
    let mut check = "";
    let mut lines = Vec::new();
    for line in report.lines() {
        if let Some(failure) = line.strip_prefix("--- failure ") {
            check = failure.split(':').next().unwrap_or(failure);
        } else if let Some(item) = line.strip_prefix("  ").filter(|item| !item.starts_with(' ')) {
            let item = item.split(", previously in").next().unwrap_or(item);
            let mut words: Vec<&str> = Vec::new();
            for word in item.split(' ') {
                if word.contains(".rs:") && words.last() == Some(&"in") {
                    words.pop();
                } else {
                    words.push(word);
                }
            }
            lines.push(format!("{check}: {}", words.join(" ")));
        }
    }
    lines.sort_unstable();
    lines
}

/// An error if there are breaks since a release, and the version does not say so.
fn allowed(baseline: &str, version: &str, breaks: &[String]) -> Result<(), String> {
    let Some(released) = baseline.strip_prefix('v') else {
        return Ok(()); // A commit: nothing is released.
    };
    // 0.1.9 and 0.2.0 differ in what may break, as 1.9.0 and 2.0.0 do.
    let compatible = |version: &str| {
        let mut numbers = version.split('.').map(str::to_owned);
        let first = numbers.next().unwrap_or_default();
        if first == "0" {
            numbers.next().map(|second| format!("0.{second}"))
        } else {
            Some(first)
        }
    };
    match breaks.first() {
        Some(first) if compatible(released) == compatible(version) => Err(format!(
            "{version} may not break code for {released}, and does, in {} places: {first} … Undo that, or raise the version",
            breaks.len()
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_without_the_places_in_files() {
        let report = "\n--- failure enum_variant_added: an enum grows ---\n\nDescription:\nIt has\n        ref: https://a\n\nFailed in:\n  \
                      variant E:C in src/b.rs:1\n\n--- failure function_missing: gone ---\n\nFailed in:\n  \
                      function t::gone, previously in file a.rs:1\n  t::S::f takes 0 parameters in a.rs:3, but now takes 1 in b.rs:2\n";
        assert_eq!(
            lines(report),
            [
                "enum_variant_added: variant E:C",
                "function_missing: function t::gone",
                "function_missing: t::S::f takes 0 parameters but now takes 1",
            ]
        );
    }

    #[test]
    fn a_version_that_may_break_is_needed_once_something_is_released() {
        let breaks = ["function_missing: function t::gone".to_owned()];
        for version in ["0.1.0", "0.1.7"] {
            let error = allowed("v0.1.0", version, &breaks).unwrap_err();
            assert!(error.contains("raise the version"), "{error}");
            assert_eq!(allowed("v0.1.0", version, &[]), Ok(()));
        }
        for (released, version) in [("v0.1.0", "0.2.0"), ("v0.9.0", "1.0.0"), ("v1.4.2", "2.0.0")] {
            assert_eq!(allowed(released, version, &breaks), Ok(()));
        }
        assert!(allowed("v1.4.2", "1.5.0", &breaks).is_err());
        assert_eq!(allowed("e32f615", "0.1.0", &breaks), Ok(()), "nothing is released");
    }
}
