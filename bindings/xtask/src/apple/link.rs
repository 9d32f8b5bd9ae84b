//! Links the library of a slice: from the archives that Rust's compiler has made, one for each processor, to a dynamic
//! library and what a debugger needs to know of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::framework::{Linked, NAME, install_name};
use super::slice::Slice;
use super::stand_in::LLVM;
use crate::face::Face;
use crate::process::run;

/// Whose compiler, linker and system libraries are used.
#[derive(Debug)]
pub(crate) enum Tools {
    /// Apple's.
    Xcode,
    /// LLVM's, with a folder that stands for Apple's system libraries. For checks.
    Llvm { system: PathBuf },
}

impl Tools {
    /// Clang as a compiler, for this slice.
    pub(crate) fn compiler(&self, slice: &Slice, processor: &str) -> Command {
        let mut clang = self.program(slice, "clang", "clang");
        clang.args(["-target", &slice.clang_target(processor)]);
        clang
    }

    /// The same as a linker.
    pub(crate) fn linker(&self, slice: &Slice, processor: &str) -> Command {
        let mut clang = self.compiler(slice, processor);
        if let Self::Llvm { system } = self {
            clang.arg("-isysroot").arg(system);
            // Clang tells less about the system to a linker that is older than this version of Apple's.
            clang.args([&format!("--ld-path={LLVM}/ld64.lld"), "-mlinker-version=900"]);
        }
        // No times in the symbols: they would be in the library's UUID.
        clang.env("ZERO_AR_DATE", "1");
        clang
    }

    fn program(&self, slice: &Slice, apples: &str, llvms: &str) -> Command {
        match self {
            Self::Xcode => {
                let mut command = Command::new("xcrun");
                command.args(["--sdk", slice.sdk, apples]);
                command
            }
            Self::Llvm { system } => {
                let mut command = Command::new(Path::new(LLVM).join(llvms));
                // LLVM's dsymutil runs `lipo`.
                command.env("PATH", system.join("bin"));
                command
            }
        }
    }
}

/// Links the archives, each with the name of its processor, and puts the result into the folder.
pub(crate) fn link(
    tools: &Tools,
    face: Face,
    slice: &'static Slice,
    archives: &[(&str, PathBuf)],
    folder: &Path,
) -> Result<Linked, String> {
    let folder = folder.join(slice.name());
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut parts = Vec::new();
    println!("linking {}", slice.name());
    for (processor, archive) in archives {
        // The debugger's symbols name the archive, and the library's UUID depends on them: by a name without a folder.
        let (part, copied) = (format!("{NAME}-{processor}"), format!("{processor}.a"));
        fs::copy(archive, folder.join(&copied)).map_err(|error| format!("{}: {error}", archive.display()))?;
        let mut clang = tools.linker(slice, processor);
        clang
            .current_dir(&folder)
            .args(["-Xlinker", "-oso_prefix", "-Xlinker", "."]);
        clang.args(["-dynamiclib", "-install_name", &install_name(slice)]);
        // Without it, Xcode warns in each app extension.
        clang.arg("-fapplication-extension");
        // Rust's own symbols stay inside: an app may have a second library with them. So does all that nobody calls.
        for start in face.starts() {
            clang.args(["-Xlinker", "-exported_symbol", "-Xlinker", &format!("_{start}*")]);
        }
        clang.args(["-Wl,-dead_strip", "-force_load", &copied]);
        clang.args(["-framework", "Security", "-framework", "CoreFoundation"]);
        run(clang.args(["-o", &part]))?;
        parts.push(part);
    }
    let mut lipo = tools.program(slice, "lipo", "llvm-lipo");
    run(lipo
        .current_dir(&folder)
        .arg("-create")
        .args(&parts)
        .args(["-output", NAME]))?;
    let symbols = format!("{NAME}.framework.dSYM");
    // It writes the library's name down.
    let mut dsymutil = tools.program(slice, "dsymutil", "dsymutil");
    run(dsymutil.current_dir(&folder).args([NAME, "-o", &symbols]))?;
    let mut strip = tools.program(slice, "strip", "llvm-strip");
    run(strip.current_dir(&folder).args(["-S", "-x", NAME]))?;
    Ok(Linked {
        slice,
        library: folder.join(NAME),
        symbols: folder.join(symbols),
    })
}
