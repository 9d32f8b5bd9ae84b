//! The fuzz targets of `fuzz/`, run by cargo-fuzz. It works with a stable compiler because no sanitizer is used: what the targets read
//! is read without `unsafe` of ours, but for the strings of C, which `tests/c_abi` sends under AddressSanitizer.

use std::fs;
use std::process::Command;

use crate::process::{forget_this_package, run_aloud};
use crate::tools::CARGO_FUZZ;
use crate::{by_name, workspace};

/// Runs one target or each of them, for so long. What was new goes into `target/fuzz-corpus`, and what fails into `fuzz/artifacts`.
pub(crate) fn run(target: Option<&str>, minutes: u64) -> Result<(), String> {
    let known = targets()?;
    let named: Vec<_> = target.map(str::to_owned).into_iter().collect();
    let chosen = by_name::choose("target", &known, String::clone, &named)?;
    CARGO_FUZZ.require()?;
    let failed: Vec<_> = chosen
        .into_iter()
        .filter_map(|target| fuzz(target, minutes).err())
        .collect();
    if failed.is_empty() {
        Ok(())
    } else {
        Err(failed.join("\n"))
    }
}

/// A target has a folder of its name in the corpus.
fn targets() -> Result<Vec<String>, String> {
    let corpora = fs::read_dir(workspace().join("fuzz/corpus")).map_err(|error| format!("fuzz/corpus: {error}"))?;
    let names = corpora.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()));
    let mut names: Vec<_> = names.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    names.sort();
    Ok(names)
}

fn fuzz(target: &str, minutes: u64) -> Result<(), String> {
    // libFuzzer writes into the first folder, and only reads the others.
    let found = format!("target/fuzz-corpus/{target}");
    fs::create_dir_all(workspace().join(&found)).map_err(|error| format!("{found}: {error}"))?;
    let mut command = Command::new(CARGO_FUZZ.folder().join("bin/cargo-fuzz"));
    forget_this_package(&mut command);
    command
        .current_dir(workspace())
        // A build that is optimised less is done in a third of the time, and reads more inputs in ten minutes than one in dev.
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .args([
            "run",
            "--sanitizer",
            "none",
            "--target-dir",
            "target/fuzz",
            target,
            &found,
        ])
        .arg(format!("fuzz/corpus/{target}"))
        .args([
            "--",
            "-timeout=20",
            "-print_final_stats=1",
            &format!("-max_total_time={}", minutes * 60),
        ]);
    // A journal waits for its disk after each line. In memory there is no wait.
    if cfg!(target_os = "linux") {
        command.env("TMPDIR", "/dev/shm");
    }
    run_aloud(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_target_is_an_error_that_lists_all() {
        let error = run(Some("records"), 1).unwrap_err();
        assert!(
            error.starts_with("unknown target records. Targets: ") && error.contains("record"),
            "{error}"
        );
    }
}
