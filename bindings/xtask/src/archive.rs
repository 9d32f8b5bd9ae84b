//! Jars and AARs, by the JDK's `jar`. The same files give the same archive.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files::{create, remove_file, write};
use crate::process::{output, run};

/// Of every file in an archive.
const DATE: &str = "--date=1980-02-01T00:00:00Z";

/// Packs all files of some folders, sorted by their names: a folder lists them in any order. With a manifest if the archive is
/// to have a name as a module of the JVM.
pub(crate) fn pack(archive: &Path, module: Option<&str>, folders: &[&Path]) -> Result<(), String> {
    create(archive.parent().unwrap_or(archive))?;
    // Arguments, because a command line has a limit.
    let (list, manifest) = (archive.with_extension("files"), archive.with_extension("manifest"));
    let mut arguments = String::new();
    for folder in folders {
        for file in files(folder)? {
            arguments.push_str(&format!("-C \"{}\" \"{file}\"\n", folder.display()));
        }
    }
    write(&list, arguments.as_bytes())?;
    let mut command = Command::new("jar");
    command.args(["--create", DATE, "--file"]).arg(archive);
    match module {
        Some(module) => {
            write(&manifest, format!("Automatic-Module-Name: {module}\n").as_bytes())?;
            command.arg("--manifest").arg(&manifest);
        }
        None => {
            command.arg("--no-manifest");
        }
    }
    let packed = run(command.arg(format!("@{}", list.display())));
    // Otherwise they would be published with the archive.
    remove_file(&list)?;
    remove_file(&manifest)?;
    packed
}

/// The files in a folder and its folders, as paths in it, sorted.
pub(crate) fn files(folder: &Path) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(inside) = folders.pop() {
        let there = folder.join(&inside);
        let failed = |error: std::io::Error| format!("{}: {error}", there.display());
        for entry in fs::read_dir(&there).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = format!("{inside}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                folders.push(format!("{name}/"));
            } else {
                found.push(name);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The files in an archive.
pub(crate) fn list(archive: &Path) -> Result<Vec<String>, String> {
    let names = output(Command::new("jar").args(["--list", "--file"]).arg(archive))?;
    let files = names.lines().filter(|name| !name.ends_with('/'));
    Ok(files.map(Into::into).collect())
}

/// Unpacks an archive into a folder beside it.
pub(crate) fn unpack(archive: &Path) -> Result<PathBuf, String> {
    let folder = archive.with_extension("unpacked");
    create(&folder)?;
    run(Command::new("jar")
        .args(["--extract", "--file"])
        .arg(archive)
        .current_dir(&folder))?;
    Ok(folder)
}
