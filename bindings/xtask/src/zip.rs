//! Zips that people and SwiftPM download.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::bindgen::utf8;
use crate::process::run;

/// Packs a folder with its name, by Info-ZIP, which each Mac has. The same content gives the same bytes: the order, the
/// times and the permissions are fixed. The files in the folder get those times and permissions, too.
pub(crate) fn pack(folder: &Path, archive: &Path) -> Result<(), String> {
    let above = folder.parent().unwrap_or(folder);
    let paths = paths(folder)?;
    for path in paths.iter().filter(|path| !path.is_symlink()) {
        permit(path)?;
    }
    // -h: the links themselves. 1980 is the first year that a zip can have.
    let mut touch = Command::new("touch");
    run(touch
        .env("TZ", "UTC")
        .args(["-h", "-t", "198001010000.00"])
        .args(&paths))?;
    let names: Result<Vec<_>, _> = paths
        .iter()
        .map(|path| utf8(path.strip_prefix(above).unwrap_or(path)))
        .collect();
    let _ = fs::remove_file(archive);
    let mut zip = Command::new("zip");
    // -X: no user and no second time. -y: links as links. -@: the names come from standard input.
    zip.args(["--quiet", "-9", "-X", "-y", "-@"])
        .arg(archive)
        .current_dir(above);
    zip.env("TZ", "UTC").stdin(Stdio::piped());
    let failed = |error: io::Error| format!("zip: {error}");
    let mut zip = zip.spawn().map_err(failed)?;
    if let Some(mut input) = zip.stdin.take() {
        input.write_all(names?.join("\n").as_bytes()).map_err(failed)?;
    }
    let status = zip.wait().map_err(failed)?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("zip failed ({status})"))
    }
}

/// As in Xcode's frameworks: a library can be run, and nothing else.
#[cfg(unix)]
fn permit(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;

    let mode = if path.extension().is_none() { 0o755 } else { 0o644 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(not(unix))]
fn permit(_: &Path) -> Result<(), String> {
    Ok(())
}

/// All files and links below the folder, in the order of their names. Links are not followed.
pub(crate) fn paths(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |error: io::Error| format!("{}: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() && !path.is_symlink() {
            paths.extend(self::paths(&path)?);
        } else {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
