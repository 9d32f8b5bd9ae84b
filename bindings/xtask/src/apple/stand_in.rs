//! What stands for Apple's system libraries where there are none.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::slice::Slice;
use crate::files::{link, write};
use crate::process::output;

/// Where the tool `cross-rust` has LLVM's programs, without a version in their names.
pub(crate) const LLVM: &str = "/usr/lib/llvm-19/bin";

const FRAMEWORKS: &str = "System/Library/Frameworks";

/// Makes the libraries that the link command names. They have everything that these files need and do not have. Beside them
/// is `lipo`, by Apple's name.
pub(crate) fn system_libraries(folder: &Path, slice: &Slice, files: &[&Path]) -> Result<(), String> {
    let mut missing = Vec::new();
    if !files.is_empty() {
        let defined = symbols("--defined-only", files)?;
        missing = symbols("--undefined-only", files)?;
        missing.retain(|symbol| defined.binary_search(symbol).is_err());
    }
    // The linker itself asks for it, on some systems.
    missing.push("dyld_stub_binder".to_owned());
    let (security, rest) = split(missing, &["_Sec", "_kSec"]);
    let (foundation, rest) = split(rest, &["_CF", "_kCF"]);
    for (library, symbols) in [("Security", security), ("CoreFoundation", foundation)] {
        let library = format!("{FRAMEWORKS}/{library}.framework/{library}");
        let file = folder.join(&library).with_extension("tbd");
        write(&file, stub(slice, &format!("/{library}"), &symbols).as_bytes())?;
    }
    let lipo = folder.join("bin/lipo");
    if !lipo.exists() {
        fs::create_dir_all(folder.join("bin")).map_err(|error| format!("{}: {error}", folder.display()))?;
        link(&format!("{LLVM}/llvm-lipo"), &lipo)?;
    }
    let system = stub(slice, "/usr/lib/libSystem.B.dylib", &rest);
    write(&folder.join("usr/lib/libSystem.tbd"), system.as_bytes())
}

fn split(symbols: Vec<String>, starts: &[&str]) -> (Vec<String>, Vec<String>) {
    symbols
        .into_iter()
        .partition(|symbol| starts.iter().any(|start| symbol.starts_with(start)))
}

/// Apple's text format for a library that is only linked against.
fn stub(slice: &Slice, installed: &str, symbols: &[String]) -> String {
    let system = slice
        .variant
        .filter(|variant| *variant == "maccatalyst")
        .unwrap_or(slice.platform);
    let simulator = slice
        .variant
        .filter(|variant| *variant == "simulator")
        .map(|_| "-simulator")
        .unwrap_or_default();
    let targets = slice
        .processors
        .iter()
        .map(|(processor, _)| format!("{processor}-{system}{simulator}"));
    let targets = targets.collect::<Vec<_>>().join(", ");
    let symbols = symbols
        .iter()
        .map(|symbol| format!("'{symbol}'"))
        .collect::<Vec<_>>()
        .join(", ");
    format!(
        "--- !tapi-tbd\ntbd-version: 4\ntargets: [ {targets} ]\ninstall-name: '{installed}'\nexports:\n  - targets: [ {targets} ]\n    \
         symbols: [ {symbols} ]\n...\n"
    )
}

/// Sorted.
fn symbols(which: &str, files: &[&Path]) -> Result<Vec<String>, String> {
    let mut nm = Command::new(Path::new(LLVM).join("llvm-nm"));
    nm.args([which, "--extern-only", "--just-symbol-name", "--quiet"])
        .args(files);
    let list = output(&mut nm)?;
    // Without the lines that name the files.
    let names = list.lines().filter(|line| !line.is_empty() && !line.ends_with(':'));
    let mut names: Vec<_> = names.map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    Ok(names)
}
