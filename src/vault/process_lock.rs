//! Holds other processes off a record: an advisory lock on a file that is named after it.
//!
//! The file is empty, and it is never deleted: were it, one process could lock the deleted file and another the new
//! one, and both would believe that they hold the record.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::VaultError;

/// A record is held for as long as it takes to read, change and write it: milliseconds.
const BETWEEN_TRIES: Duration = Duration::from_millis(5);

/// Locks the record of that name, waiting for at most `patience`. Dropping the file lets go of it, and so does the end
/// of the process, however it ends.
///
/// # Errors
/// `Locked` if another process keeps holding it, `Unavailable` if the directory cannot be used.
pub(super) fn hold(directory: &Path, service: &str, user: &str, patience: Duration) -> Result<File, VaultError> {
    let file = open(directory, &file_name(service, user))
        .map_err(|error| VaultError::Unavailable(format!("no lock file in {}: {error}", directory.display())))?;
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if started.elapsed() < patience => std::thread::sleep(BETWEEN_TRIES),
            Err(TryLockError::WouldBlock) => {
                return Err(VaultError::Locked("another process holds the record".into()));
            }
            Err(TryLockError::Error(error)) => {
                return Err(VaultError::Unavailable(format!("files cannot be locked here: {error}")));
            }
        }
    }
}

/// A digest, so that the names of pools and clients do not show in a directory listing, and need no escaping.
fn file_name(service: &str, user: &str) -> String {
    let digest = Sha256::digest(format!("{service}\0{user}"));
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}.lock")
}

fn open(directory: &Path, name: &str) -> std::io::Result<File> {
    let mut builder = DirBuilder::new();
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        builder.mode(0o700);
        options.mode(0o600);
    }
    builder.recursive(true).create(directory)?;
    options
        .create(true)
        .truncate(false)
        .write(true)
        .open(directory.join(name))
}

/// The directory of the user's own where all the user's processes look; `None` where an app is one process, and shares
/// nothing unless it says so: on phones.
#[cfg(any(target_os = "android", all(target_vendor = "apple", not(target_os = "macos"))))]
pub(super) fn default_directory() -> Result<Option<PathBuf>, VaultError> {
    Ok(None)
}

/// The directory of the user's own where all the user's processes look: the temporary one, which is per user here.
#[cfg(any(windows, target_os = "macos"))]
pub(super) fn default_directory() -> Result<Option<PathBuf>, VaultError> {
    Ok(Some(std::env::temp_dir().join("cognito-signout")))
}

/// The directory of the user's own where all the user's processes look: `$XDG_RUNTIME_DIR`, or the cache in the home
/// directory. Not the temporary one, which users share.
#[cfg(not(any(windows, target_os = "android", target_vendor = "apple")))]
pub(super) fn default_directory() -> Result<Option<PathBuf>, VaultError> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let base = runtime.or_else(|| Some(std::env::home_dir()?.join(".cache")));
    match base {
        Some(base) => Ok(Some(base.join("cognito-signout"))),
        None => Err(VaultError::Unavailable(
            "this user has no directory for lock files: name one".into(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(30);

    #[test]
    fn a_held_record_is_locked_for_others_until_it_is_dropped() {
        let directory = tempfile::tempdir().unwrap();
        let held = hold(directory.path(), "service", "user", SOON).unwrap();
        let second = hold(directory.path(), "service", "user", SOON);
        assert!(matches!(second, Err(VaultError::Locked(_))), "{second:?}");

        drop(held);
        hold(directory.path(), "service", "user", SOON).unwrap();
    }

    #[test]
    fn records_of_other_clients_and_services_are_held_apart() {
        let directory = tempfile::tempdir().unwrap();
        let _held = hold(directory.path(), "service", "user", SOON).unwrap();
        hold(directory.path(), "service", "other", SOON).unwrap();
        hold(directory.path(), "other", "user", SOON).unwrap();
    }

    #[test]
    fn the_lock_files_name_shows_neither_pool_nor_client_and_it_stays() {
        let directory = tempfile::tempdir().unwrap();
        drop(hold(directory.path(), "cognito-signout.eu-central-1_Pool", "client", SOON).unwrap());
        let names: Vec<_> = directory
            .path()
            .read_dir()
            .unwrap()
            .map(|file| file.unwrap().file_name())
            .collect();
        let [name] = names.as_slice() else { panic!("{names:?}") };
        let name = name.to_str().unwrap();
        assert!(
            name.ends_with(".lock") && !name.contains("client") && !name.contains("Pool"),
            "{name}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_enter_the_directory() {
        use std::os::unix::fs::PermissionsExt;

        let parent = tempfile::tempdir().unwrap();
        let directory = parent.path().join("locks");
        let _held = hold(&directory, "service", "user", SOON).unwrap();
        assert_eq!(directory.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_directory_that_cannot_be_used_is_unavailable_and_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let answer = hold(&file.path().join("locks"), "service", "user", SOON);
        let Err(VaultError::Unavailable(why)) = answer else {
            panic!("{answer:?}")
        };
        assert!(why.contains("locks"), "{why}");
    }
}
