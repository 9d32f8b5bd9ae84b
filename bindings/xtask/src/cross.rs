//! Builds for systems whose standard library is not installed, with Debian's packages alone: Debian's compiler builds the
//! standard library from its source, too. For checks. What is released is built by rustup's compiler, Xcode and the NDK.

use std::path::PathBuf;
use std::process::Command;

use crate::bindgen;
use crate::process::{forget_this_package, run};
use crate::workspace;

/// A library of this workspace for another system.
pub(crate) struct Library<'a> {
    pub(crate) package: &'a str,
    pub(crate) features: &'a [&'a str],
    /// `staticlib` or `cdylib`.
    pub(crate) kind: &'a str,
    pub(crate) target: &'a str,
    pub(crate) profile: &'a str,
    /// For cargo and the compiler, above all `CARGO_TARGET_…_LINKER` and `CARGO_TARGET_…_RUSTFLAGS`.
    pub(crate) env: &'a [(&'a str, &'a str)],
}

/// Builds it in a target folder of its own, because another compiler would build everything anew each time. Needs the tool
/// `cross-rust`.
pub(crate) fn build(library: &Library) -> Result<PathBuf, String> {
    let target = bindgen::folders()?.1.join("cross");
    let mut command = Command::new("/usr/bin/cargo");
    command
        .current_dir(workspace())
        .args(["rustc", "--locked", "--package", library.package, "--lib"])
        .args(["--crate-type", library.kind, "--profile", library.profile])
        .args(["-Zbuild-std=std", "--target", library.target])
        .args(library.features);
    forget_this_package(&mut command);
    command
        .env("RUSTC", "/usr/bin/rustc")
        // A stable compiler builds the standard library only with this.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", &target)
        .envs(library.env.iter().copied());
    println!(
        "$ cargo rustc --package {} --target {}, by Debian's compiler",
        library.package, library.target
    );
    run(&mut command)?;
    let folder = match library.profile {
        "dev" => "debug",
        profile => profile,
    };
    let extension = match library.kind {
        "staticlib" => "a",
        _ => "so",
    };
    let name = library.package.replace('-', "_");
    Ok(target
        .join(library.target)
        .join(folder)
        .join(format!("lib{name}.{extension}")))
}
