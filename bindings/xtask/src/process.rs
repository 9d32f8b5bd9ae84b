//! Other programs, run to their end: errors name the command.

use std::env;
use std::ffi::OsString;
use std::process::{Command, Stdio};

use crate::central::signing;
use crate::workspace;

/// Runs a command on the standard streams.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    run_to_its_end(command).map_err(|why| format!("{command:?} {why}"))
}

/// The same. The error says why the command failed, and does not name it.
pub(crate) fn run_to_its_end(command: &mut Command) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("failed ({status})")),
        Err(error) => Err(format!("could not be started ({error})")),
    }
}

/// Prints the command first.
pub(crate) fn run_aloud(command: &mut Command) -> Result<(), String> {
    println!("$ {command:?}");
    run(command)
}

/// What a command prints on standard output, trimmed.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{command:?} could not be started ({error})"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(format!("{command:?} failed ({})", output.status))
    }
}

pub(crate) fn succeeds_quietly(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs cargo in the workspace, and prints its command line first.
pub(crate) fn cargo(arguments: &[&str], more: &[&str]) -> Result<(), String> {
    let mut command = cargo_command();
    command.args(arguments).args(more);
    println!("$ cargo {}", [arguments, more].concat().join(" "));
    run(&mut command)
}

/// `cargo` in the workspace, without arguments yet.
pub(crate) fn cargo_command() -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(workspace());
    forget_this_package(&mut command);
    command
}

/// Cargo describes this package to this program by variables. Another cargo must not see them: it would think that
/// something has changed, and run build scripts again. And no code of others sees the key of a release.
pub(crate) fn forget_this_package(command: &mut Command) {
    for (name, _) in env::vars_os().filter(|(name, _)| describes_this_package(name)) {
        command.env_remove(name);
    }
    forget_the_key(command);
}

/// Takes the key of a release from what a command sees.
pub(crate) fn forget_the_key(command: &mut Command) {
    command.env_remove(signing::KEY).env_remove(signing::PASSPHRASE);
}

fn describes_this_package(variable: &OsString) -> bool {
    let name = variable.to_string_lossy();
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_variables_that_describe_this_package_are_removed() {
        assert!(describes_this_package(&"CARGO_PKG_NAME".into()));
        assert!(describes_this_package(&"CARGO_MANIFEST_DIR".into()));
        assert!(!describes_this_package(&"CARGO_TARGET_DIR".into()));
        assert!(!describes_this_package(&"CARGO_HOME".into()));
    }
}
