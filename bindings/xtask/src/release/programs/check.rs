//! Unpacks each archive, and runs the program in it: by the command line's own tests, which then run this program. Emulators run the
//! programs for other machines.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{COMPLETIONS, PROGRAMS, Program};
use crate::VERSION;
use crate::archive;
use crate::files::{make_executable, write};
use crate::process::{cargo_command, output, run, run_aloud};
use crate::tools::{EMULATORS, GNOME_KEYRING, ZIGBUILD};
use crate::wine::{self, Wine};

/// A whole sign-out at FakeCognito.
const SIGN_OUT: &str = "a_complete_sign_out_is_one_object_and_exit_code_0";

pub(crate) fn consume(folder: &Path, outside: &Path) -> Result<(), String> {
    for tool in [&EMULATORS, &GNOME_KEYRING, &ZIGBUILD] {
        tool.require()?;
    }
    let wine = Wine::in_folder(&outside.join("wine"))?;
    for program in PROGRAMS {
        let unpacked = unpack(program, folder, outside)?;
        has_all(program, &unpacked)?;
        let command = command_for(program, &unpacked, outside, &wine)?;
        let said = output(Command::new(&command).arg("--version"))?;
        if said != format!("cognito-signout {VERSION}") {
            return Err(format!("{} --version says {said}", program.name()));
        }
        test(program, &command)?;
    }
    wine.end()
}

fn unpack(program: &Program, folder: &Path, outside: &Path) -> Result<PathBuf, String> {
    let archive = program.archive(folder);
    let mut unpack = match program.extension {
        "zip" => Command::new("unzip"),
        _ => Command::new("tar"),
    };
    if program.extension == "zip" {
        unpack.arg("-q").arg(&archive).arg("-d").arg(outside);
    } else {
        unpack.arg("-xzf").arg(&archive).arg("-C").arg(outside);
    }
    run(&mut unpack)?;
    Ok(outside.join(program.name()))
}

fn has_all(program: &Program, unpacked: &Path) -> Result<(), String> {
    let mut expected = vec![program.file.to_owned(), "man/cognito-signout.1".to_owned()];
    expected.extend(["LICENSE", "README.md", "THIRD-PARTY-NOTICES.txt"].map(String::from));
    expected.extend(COMPLETIONS.iter().map(|(_, file)| format!("completions/{file}")));
    let there = archive::files(unpacked)?;
    match expected.iter().find(|file| !there.contains(file)) {
        Some(lost) => Err(format!("{} lacks {lost}", program.name())),
        None => Ok(()),
    }
}

/// What runs the program on this machine.
fn command_for(program: &Program, unpacked: &Path, outside: &Path, wine: &Wine) -> Result<PathBuf, String> {
    let file = unpacked.join(program.file);
    let emulator = match program.target {
        "aarch64-unknown-linux-musl" => "qemu-aarch64-static".to_owned(),
        "x86_64-pc-windows-gnu" => {
            let variables = wine.variables();
            let variables = variables.map(|(name, value)| format!("{name}='{}'", value.display()));
            format!("env {} {}", variables.join(" "), wine::START)
        }
        _ => return Ok(file),
    };
    let script = outside.join(format!("run-{}", program.target));
    write(
        &script,
        format!("#!/bin/sh\nexec {emulator} '{}' \"$@\"\n", file.display()).as_bytes(),
    )?;
    make_executable(&script)?;
    Ok(script)
}

/// All tests on this machine's own processor, also with a keychain; a whole sign-out under an emulator.
fn test(program: &Program, command: &Path) -> Result<(), String> {
    let native = program.target == PROGRAMS[0].target;
    let tests: &[&str] = match native {
        true => &["--test", "user", "--test", "admin", "--test", "keychain"],
        false => &["--test", "user", "--", "--exact", SIGN_OUT],
    };
    let command = fs::canonicalize(command).map_err(|error| format!("{}: {error}", command.display()))?;
    println!("the tests of the command line, with {}:", command.display());
    run_aloud(
        cargo_command()
            .args([
                "test",
                "--locked",
                "--package",
                "cognito-signout",
                "--package",
                "cognito-signout-cli",
            ])
            .args(["--features", "ffi,admin"])
            .args(tests)
            .env("COGNITO_SIGNOUT_PROGRAM", command),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::text;
    use crate::workspace;

    /// A name that no test has runs nothing, and passes.
    #[test]
    fn the_test_under_an_emulator_exists() {
        let tests = text(&workspace().join("bindings/cli/tests/user/main.rs")).unwrap();
        assert!(tests.contains(&format!("\n#[tokio::test]\nasync fn {SIGN_OUT}()")));
    }
}
