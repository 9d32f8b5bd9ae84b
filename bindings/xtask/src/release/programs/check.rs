//! Unpacks the archive, and runs the program in it: by the command line's own tests, which then run this program.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{COMPLETIONS, PROGRAM, name};
use crate::VERSION;
use crate::archive;
use crate::process::{cargo_command, output, run, run_aloud};
use crate::tools::GNOME_KEYRING;

pub(crate) fn consume(folder: &Path, outside: &Path) -> Result<(), String> {
    GNOME_KEYRING.require()?;
    let archive = folder.join(format!("{}.tar.gz", name()));
    run(Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(outside))?;
    let unpacked = outside.join(name());
    has_all(&unpacked)?;
    let program = unpacked.join(PROGRAM);
    let said = output(Command::new(&program).arg("--version"))?;
    if said != format!("cognito-signout {VERSION}") {
        return Err(format!("{} --version says {said}", program.display()));
    }
    let program = fs::canonicalize(&program).map_err(|error| format!("{}: {error}", program.display()))?;
    println!("the tests of the command line, with {}:", program.display());
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
            .args([
                "--features",
                "ffi,admin",
                "--test",
                "user",
                "--test",
                "admin",
                "--test",
                "keychain",
            ])
            .env("COGNITO_SIGNOUT_PROGRAM", program),
    )
}

fn has_all(unpacked: &Path) -> Result<(), String> {
    let mut expected = vec![PROGRAM.to_owned(), "man/cognito-signout.1".to_owned()];
    expected.extend(["LICENSE", "README.md", "THIRD-PARTY-NOTICES.txt"].map(String::from));
    expected.extend(COMPLETIONS.iter().map(|(_, file)| format!("completions/{file}")));
    let there = archive::files(unpacked)?;
    match expected.iter().find(|file| !there.contains(file)) {
        Some(lost) => Err(format!("{} lacks {lost}", name())),
        None => Ok(()),
    }
}
