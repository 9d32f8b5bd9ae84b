//! Builds for systems whose standard library is not installed, with Debian's packages alone: Debian's compiler builds the
//! standard library from its source, too. The command line is released so; what is in apps is built by rustup's compiler, Xcode and
//! the NDK, and so only for checks.

use std::ffi::OsString;
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

/// What cargo builds with Debian's compiler: a folder of its own, because another compiler would build everything anew each time.
pub(crate) fn target() -> Result<PathBuf, String> {
    Ok(bindgen::folders()?.1.join("cross"))
}

/// Variables for cargo, and for what runs cargo. Needs the tool `cross-rust`.
pub(crate) fn debians_rust() -> Result<Vec<(&'static str, OsString)>, String> {
    Ok(vec![
        ("CARGO", "/usr/bin/cargo".into()),
        ("RUSTC", "/usr/bin/rustc".into()),
        // panic_abort: for the AAR's libraries.
        ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort".into()),
        // A stable compiler builds the standard library only with this.
        ("RUSTC_BOOTSTRAP", "1".into()),
        ("CARGO_TARGET_DIR", target()?.into()),
    ])
}

/// Builds it.
pub(crate) fn build(library: &Library) -> Result<PathBuf, String> {
    let mut command = Command::new("/usr/bin/cargo");
    command
        .current_dir(workspace())
        .args(["rustc", "--locked", "--package", library.package, "--lib"])
        .args(["--crate-type", library.kind, "--profile", library.profile])
        .args(["--target", library.target])
        .args(library.features);
    forget_this_package(&mut command);
    command.envs(debians_rust()?).envs(library.env.iter().copied());
    println!(
        "$ cargo rustc --package {} --target {}, by Debian's compiler",
        library.package, library.target
    );
    run(&mut command)?;
    let folder = match library.profile {
        "dev" => "debug",
        profile => profile,
    };
    let name = library.package.replace('-', "_");
    let extension = match library.kind {
        "staticlib" => "a",
        _ => "so",
    };
    Ok(target()?
        .join(library.target)
        .join(folder)
        .join(format!("lib{name}.{extension}")))
}
