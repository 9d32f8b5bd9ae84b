//! Compiles a program for another machine. Zig is the linker and the compiler of C, and brings the C libraries: musl for Linux,
//! MinGW's for Windows.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use object::read::elf::{ElfFile64, ProgramHeader};
use object::{Endianness, Object};

use super::Program;
use crate::bindgen::utf8;
use crate::files::{read, write};
use crate::process::{forget_this_package, run};
use crate::rustflags::{self, names_for_folders, names_no_folder};
use crate::tools::{CROSS_RUST, ZIGBUILD};
use crate::{cross, workspace};

const PROFILE: &str = "program";

pub(crate) fn require() -> Result<(), String> {
    CROSS_RUST.require()?;
    ZIGBUILD.require()
}

pub(crate) fn compile(program: &Program) -> Result<PathBuf, String> {
    let mut flags = names_for_folders()?;
    // Otherwise the compiler looks for files to start a program with, which only rustup's own standard library brings. Zig has them.
    flags.push("-Clink-self-contained=no".to_owned());
    let zigbuild = ZIGBUILD.folder().join("bin");
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([zigbuild.clone()].into_iter().chain(env::split_paths(&path)));
    let mut command = Command::new(zigbuild.join("cargo-zigbuild"));
    command
        .current_dir(workspace())
        .args([
            "rustc",
            "--locked",
            "--package",
            "cognito-signout-cli",
            "--bin",
            "cognito-signout",
        ])
        .args(["--profile", PROFILE, "--target", program.target])
        // cargo-zigbuild finds Zig there.
        .env("PATH", path.map_err(|error| error.to_string())?)
        .envs([rustflags::variable(&flags)])
        .envs(cross::debians_rust()?);
    if program.target.contains("windows") {
        command.args(["--", "-L", utf8(&debians_libraries_for_windows()?)?]);
    }
    forget_this_package(&mut command);
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

/// Debian's compiler always links two libraries of Debian's MinGW. What they have, Zig brings itself: so here they are empty.
fn debians_libraries_for_windows() -> Result<PathBuf, String> {
    let folder = cross::target()?.join("empty-libraries");
    for library in ["libssp.a", "libssp_nonshared.a"] {
        write(&folder.join(library), b"!<arch>\n")?;
    }
    Ok(folder)
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
        let error = needs_no_library(&env::current_exe().unwrap()).unwrap_err();
        assert!(error.ends_with("is not static"), "{error}");
    }
}
