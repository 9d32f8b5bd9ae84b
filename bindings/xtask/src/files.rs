//! Reading and writing files, with errors that name them.

use std::fs;
use std::path::Path;

pub(crate) fn read(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| format!("{}: {error}", file.display()))
}

pub(crate) fn text(file: &Path) -> Result<String, String> {
    Ok(String::from_utf8_lossy(&read(file)?).into_owned())
}

pub(crate) fn contains(content: &[u8], part: &[u8]) -> bool {
    content.windows(part.len()).any(|window| window == part)
}

/// Writes a file only if its content changes, because Maven and Swift build again what is newer.
pub(crate) fn write(file: &Path, content: &[u8]) -> Result<(), String> {
    create(file.parent().unwrap_or(file))?;
    let failed = |error: std::io::Error| format!("{}: {error}", file.display());
    if fs::read(file).is_ok_and(|there| there == content) {
        return Ok(());
    }
    fs::write(file, content).map_err(failed)
}

pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), String> {
    write(to, &read(from)?)
}

/// Creates a folder and those above it, if they do not exist.
pub(crate) fn create(folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}

/// Removes a file, if it exists.
pub(crate) fn remove_file(file: &Path) -> Result<(), String> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(format!("{}: {error}", file.display())),
        _ => Ok(()),
    }
}

pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", from.display());
    for entry in fs::read_dir(from).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let to = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_folder(&path, &to)?;
        } else {
            copy(&path, &to)?;
        }
    }
    Ok(())
}

/// Makes a link at `from`, which leads to `to`.
#[cfg(unix)]
pub(crate) fn link(to: &str, from: &Path) -> Result<(), String> {
    std::os::unix::fs::symlink(to, from).map_err(|error| format!("{}: {error}", from.display()))
}

#[cfg(not(unix))]
pub(crate) fn link(_: &str, from: &Path) -> Result<(), String> {
    Err(format!("{}: links are made on Unix only", from.display()))
}

/// Lets everyone run a program, and its owner change it.
#[cfg(unix)]
pub(crate) fn make_executable(program: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;

    let permissions = fs::Permissions::from_mode(0o755);
    fs::set_permissions(program, permissions).map_err(|error| format!("{}: {error}", program.display()))
}

#[cfg(not(unix))]
pub(crate) fn make_executable(program: &Path) -> Result<(), String> {
    Err(format!("{}: files are made executable on Unix only", program.display()))
}

/// Removes a folder and all that is in it, if it exists.
pub(crate) fn remove(folder: &Path) -> Result<(), String> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(format!("{}: {error}", folder.display())),
        _ => Ok(()),
    }
}
