//! Cargo with Debian's compiler, and with Zig as the linker and the compiler of C. Zig brings the C libraries: musl for Linux, MinGW's
//! for Windows.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::files::write;
use crate::process::forget_this_package;
use crate::tools::{CROSS_RUST, ZIGBUILD};
use crate::{cross, workspace};

pub(crate) fn require() -> Result<(), String> {
    CROSS_RUST.require()?;
    ZIGBUILD.require()
}

/// Without arguments yet.
pub(crate) fn cargo() -> Result<Command, String> {
    let folder = ZIGBUILD.folder().join("bin");
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([folder.clone()].into_iter().chain(env::split_paths(&path)));
    let mut command = Command::new(folder.join("cargo-zigbuild"));
    command
        .current_dir(workspace())
        // cargo-zigbuild finds Zig there.
        .env("PATH", path.map_err(|error| error.to_string())?)
        .envs(cross::debians_rust()?);
    forget_this_package(&mut command);
    Ok(command)
}

/// For each crate. Otherwise the compiler looks for files to start a program with, which only rustup's own standard library brings. Zig
/// has them.
pub(crate) const WITH_ZIGS_FILES: &str = "-Clink-self-contained=no";

/// Debian's compiler always links two libraries of Debian's MinGW. What they have, Zig brings itself: so here they are empty.
pub(crate) fn debians_libraries_for_windows() -> Result<PathBuf, String> {
    let folder = cross::target()?.join("empty-libraries");
    for library in ["libssp.a", "libssp_nonshared.a"] {
        write(&folder.join(library), b"!<arch>\n")?;
    }
    Ok(folder)
}
