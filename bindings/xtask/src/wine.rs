//! Wine, which runs programs for Windows on Linux.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files::create;
use crate::process::run;
use crate::tools::ZIGBUILD;
use crate::workspace;

/// What starts a program: Debian puts it into no folder of the PATH.
pub(crate) const START: &str = "/usr/lib/wine/wine64";
const SERVER: &str = "/usr/lib/wine/wineserver64";

/// One machine with Windows, so to say. Needs the tools `emulators` and `zigbuild`.
pub(crate) struct Wine {
    /// Its disk and its registry.
    folder: PathBuf,
}

impl Wine {
    pub(crate) fn in_folder(folder: &Path) -> Result<Self, String> {
        give_what_debians_lacks(&folder.join("drive_c/windows/system32"))?;
        let folder = folder
            .canonicalize()
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self { folder })
    }

    /// Variables for what starts a program.
    pub(crate) fn variables(&self) -> [(&'static str, OsString); 2] {
        [("WINEPREFIX", self.folder.clone().into()), ("WINEDEBUG", "-all".into())]
    }

    /// Its server lives a little longer than the programs, and writes into its folder.
    pub(crate) fn end(self) -> Result<(), String> {
        let mut wait = Command::new("timeout");
        wait.args(["60", SERVER, "--wait"]);
        run(wait.envs(self.variables()))
    }
}

/// Windows has this library since version 7, Debian's Wine 8 does not. Rust takes its random numbers from it.
fn give_what_debians_lacks(system: &Path) -> Result<(), String> {
    create(system)?;
    run(Command::new(ZIGBUILD.folder().join("bin/python3"))
        .args(["-m", "ziglang", "cc", "-target", "x86_64-windows-gnu", "-shared", "-o"])
        .arg(system.join("bcryptprimitives.dll"))
        .arg(workspace().join("bindings/xtask/bcryptprimitives-for-wine.c"))
        .arg("-ladvapi32"))
}
