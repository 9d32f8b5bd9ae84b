//! Compiles a program for another machine.

use std::path::{Path, PathBuf};

use object::read::elf::{ElfFile64, ProgramHeader};
use object::{Endianness, Object};

use super::Program;
use crate::bindgen::utf8;
use crate::files::read;
use crate::process::run;
use crate::rustflags::{self, names_for_folders, names_no_folder};
use crate::{cross, zigbuild};

const PROFILE: &str = "program";

pub(crate) fn compile(program: &Program) -> Result<PathBuf, String> {
    let mut flags = names_for_folders()?;
    flags.push(zigbuild::WITH_ZIGS_FILES.to_owned());
    let mut command = zigbuild::cargo()?;
    command
        .args([
            "rustc",
            "--locked",
            "--package",
            "cognito-signout-cli",
            "--bin",
            "cognito-signout",
        ])
        .args(["--profile", PROFILE, "--target", program.target])
        .envs([rustflags::variable(&flags)]);
    if program.target.contains("windows") {
        command.args(["--", "-L", utf8(&zigbuild::debians_libraries_for_windows()?)?]);
    }
    println!(
        "$ cargo zigbuild rustc --package cognito-signout-cli --target {}",
        program.target
    );
    run(&mut command)?;
    let compiled = cross::target()?.join(program.target).join(PROFILE).join(program.file);
    needs_no_library(&compiled)?;
    names_no_folder(&compiled)?;
    Ok(compiled)
}

/// On Linux. What a program for Windows needs, only a start of it shows.
fn needs_no_library(program: &Path) -> Result<(), String> {
    let content = read(program)?;
    let failed = |error: object::Error| format!("{}: {error}", program.display());
    if program.extension().is_some() {
        return Ok(());
    }
    let elf = ElfFile64::<Endianness>::parse(&*content).map_err(failed)?;
    let is_dynamic = elf
        .elf_program_headers()
        .iter()
        .any(|header| header.p_type(elf.endian()) == object::elf::PT_INTERP);
    if is_dynamic || !elf.imports().map_err(failed)?.is_empty() {
        return Err(format!("{} is not static", program.display()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test's own program uses the C library of this machine.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_program_that_needs_a_library_is_refused() {
        let error = needs_no_library(&std::env::current_exe().unwrap()).unwrap_err();
        assert!(error.ends_with("is not static"), "{error}");
    }
}
