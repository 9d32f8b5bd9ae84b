//! Unpacks each archive, and runs the program in it: by the command line's own tests, which then run this program. Emulators run the
//! programs for other machines.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{COMPLETIONS, PROGRAMS, Program};
use crate::archive;
use crate::files::{make_executable, write};
use crate::process::{cargo_command, output, run, run_aloud};
use crate::tools::{EMULATORS, GNOME_KEYRING, ZIGBUILD};
use crate::{VERSION, workspace};

/// Where Debian puts Wine's programs.
const WINE: &str = "/usr/lib/wine";

/// A whole sign-out at FakeCognito.
const SIGN_OUT: &str = "a_complete_sign_out_is_one_object_and_exit_code_0";

pub(crate) fn consume(folder: &Path, outside: &Path) -> Result<(), String> {
    for tool in [&EMULATORS, &GNOME_KEYRING, &ZIGBUILD] {
        tool.require()?;
    }
    for program in PROGRAMS {
        let unpacked = unpack(program, folder, outside)?;
        has_all(program, &unpacked)?;
        let command = command_for(program, &unpacked, outside)?;
        let said = output(Command::new(&command).arg("--version"))?;
        if said != format!("cognito-signout {VERSION}") {
            return Err(format!("{} --version says {said}", program.name()));
        }
        test(program, &command)?;
    }
    end_wine(outside)
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
fn command_for(program: &Program, unpacked: &Path, outside: &Path) -> Result<PathBuf, String> {
    let file = unpacked.join(program.file);
    let emulator = match program.target {
        "aarch64-unknown-linux-musl" => "qemu-aarch64-static".to_owned(),
        "x86_64-pc-windows-gnu" => {
            give_wine_what_it_lacks(unpacked)?;
            format!(
                "env WINEPREFIX='{}' WINEDEBUG=-all {WINE}/wine64",
                wines_folder(outside).display()
            )
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

/// What stands for the disk of a Windows machine.
fn wines_folder(outside: &Path) -> PathBuf {
    outside.join("wine")
}

/// Wine's server lives a little longer than the programs, and writes into its folder.
fn end_wine(outside: &Path) -> Result<(), String> {
    let mut wait = Command::new("timeout");
    wait.arg("60").arg(format!("{WINE}/wineserver64")).arg("--wait");
    run(wait.env("WINEPREFIX", wines_folder(outside)))
}

/// Windows has this library since version 7, Debian's Wine 8 does not. Rust takes its random numbers from it.
fn give_wine_what_it_lacks(folder: &Path) -> Result<(), String> {
    let zig = ZIGBUILD.folder().join("bin/python3");
    run(Command::new(zig)
        .args(["-m", "ziglang", "cc", "-target", "x86_64-windows-gnu", "-shared", "-o"])
        .arg(folder.join("bcryptprimitives.dll"))
        .arg(workspace().join("bindings/xtask/bcryptprimitives-for-wine.c"))
        .arg("-ladvapi32"))
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

    /// A name that no test has runs nothing, and passes.
    #[test]
    fn the_test_under_an_emulator_exists() {
        let tests = text(&workspace().join("bindings/cli/tests/user/main.rs")).unwrap();
        assert!(tests.contains(&format!("\n#[tokio::test]\nasync fn {SIGN_OUT}()")));
    }
}
