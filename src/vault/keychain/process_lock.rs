//! Keeps other processes away from a record, by an advisory lock on a file that is named after it.
//!
//! The file is empty and never deleted. Otherwise one process could lock the deleted file and another one the new file, and both
//! would believe that they hold the record.

use std::fs::{DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

#[cfg(unix)]
use super::lock_directory;
use crate::vault::VaultError;

/// A record is held for milliseconds: while it is read, changed and written.
const BETWEEN_TRIES: Duration = Duration::from_millis(5);

/// Locks the record of that name. Waits for at most `patience`. The lock ends when the file is dropped or the process ends, even
/// if it is killed.
///
/// # Errors
/// `Locked` if another process keeps holding it. `Unavailable` if the directory cannot be used or is not the user's own.
pub(super) fn hold(directory: &Path, service: &str, user: &str, patience: Duration) -> Result<File, VaultError> {
    let file = open(directory, &file_name(service, user))?;
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if started.elapsed() < patience => std::thread::sleep(BETWEEN_TRIES),
            Err(TryLockError::WouldBlock) => {
                return Err(VaultError::Locked(
                    "another process of this user holds the record: try again".into(),
                ));
            }
            Err(TryLockError::Error(error)) => {
                return Err(VaultError::Unavailable(format!("files cannot be locked here: {error}")));
            }
        }
    }
}

/// A digest: the names of pools and clients do not appear in a directory listing, and need no escaping.
fn file_name(service: &str, user: &str) -> String {
    let digest = Sha256::digest(format!("{service}\0{user}"));
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}.lock")
}

/// Opens the lock file, if the file and its directory are the user's own. In another user's directory, that user could prevent
/// this user's sign-outs, or cause files to be made elsewhere.
fn open(directory: &Path, name: &str) -> Result<File, VaultError> {
    // Without a slash at the end, which would follow a link.
    let directory: PathBuf = directory.components().collect();
    let unusable = |error| VaultError::Unavailable(format!("no lock file in {}: {error}", directory.display()));
    let refused = |what: &Path, why: &str| {
        Err(VaultError::Unavailable(format!(
            "{} {why}: remove it, or name another directory with `lock_directory`",
            what.display()
        )))
    };

    let mut builder = DirBuilder::new();
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        builder.mode(0o700);
        options.mode(0o600);
        // Opening a pipe or another special file must not wait.
        options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    }
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt;
        const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
        options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
    }
    let made = builder.recursive(true).create(&directory);
    match directory.symlink_metadata() {
        Err(error) => return Err(unusable(made.err().unwrap_or(error))),
        Ok(found) if !found.is_dir() => return refused(&directory, "is a link or a file, not a directory"),
        Ok(found) => {
            if let Some(why) = whose(&found, 0o022) {
                return refused(&directory, why);
            }
        }
    }
    let path = directory.join(name);
    let opened = options.create(true).truncate(false).write(true).open(&path);
    // The error itself does not say that it is a link.
    let is_link = |path: &Path| path.symlink_metadata().is_ok_and(|found| !found.is_file());
    let file = match opened {
        Err(_) if is_link(&path) => return refused(&path, "is a link or a pipe, not a file"),
        opened => opened.map_err(unusable)?,
    };
    let found = file.metadata().map_err(unusable)?;
    if !found.is_file() {
        return refused(&path, "is a link or a pipe, not a file");
    }
    match whose(&found, 0o066) {
        Some(why) => refused(&path, why),
        None => Ok(file),
    }
}

/// Why it is not this user's own; `None` if it is. `others` are the permissions that other users must not have.
#[cfg(unix)]
fn whose(found: &Metadata, others: u32) -> Option<&'static str> {
    use std::os::unix::fs::MetadataExt;
    if found.uid() != lock_directory::user() {
        return Some("belongs to another user");
    }
    (found.mode() & others != 0).then_some("can be used by other users")
}

/// The default directory is in the user's profile, and others cannot write to it.
#[cfg(not(unix))]
fn whose(_found: &Metadata, _others: u32) -> Option<&'static str> {
    None
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
    fn locks_of_other_clients_and_services_are_independent() {
        let directory = tempfile::tempdir().unwrap();
        let _held = hold(directory.path(), "service", "user", SOON).unwrap();
        hold(directory.path(), "service", "other", SOON).unwrap();
        hold(directory.path(), "other", "user", SOON).unwrap();
    }

    #[test]
    fn the_lock_file_stays_and_its_name_shows_neither_pool_nor_client() {
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

    /// Asserts that `hold` refuses this directory, and why.
    #[cfg(unix)]
    #[track_caller]
    fn refuses(directory: &Path, why: &str) {
        let answer = hold(directory, "service", "user", SOON);
        let Err(VaultError::Unavailable(said)) = answer else {
            panic!("{answer:?}")
        };
        assert!(said.contains(why) && said.contains("lock_directory"), "{said}");
    }

    #[cfg(unix)]
    #[test]
    fn a_directory_that_others_can_write_to_is_refused() {
        use std::os::unix::fs::PermissionsExt;

        let directory = tempfile::tempdir().unwrap();
        for mode in [0o777, 0o770, 0o702] {
            std::fs::set_permissions(directory.path(), PermissionsExt::from_mode(mode)).unwrap();
            refuses(directory.path(), "can be used by other users");
        }
        std::fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755)).unwrap();
        hold(directory.path(), "service", "user", SOON).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_directory_or_a_lock_file_of_another_users_is_refused() {
        if lock_directory::user() != 0 {
            // Only root can give a file away. For another user, root's own directory serves as well.
            let roots = hold(Path::new("/"), "service", "user", SOON);
            assert!(matches!(roots, Err(VaultError::Unavailable(_))), "{roots:?}");
            return;
        }
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(file_name("service", "user"));
        drop(hold(directory.path(), "service", "user", SOON).unwrap());
        std::os::unix::fs::chown(&file, Some(65_534), None).unwrap();
        refuses(directory.path(), "belongs to another user");
        std::fs::remove_file(&file).unwrap();
        std::os::unix::fs::chown(directory.path(), Some(65_534), None).unwrap();
        refuses(directory.path(), "belongs to another user");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_refused_and_nothing_is_made_at_their_targets() {
        use std::os::unix::fs::symlink;

        let (directory, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let link = directory.path().join("locks");
        symlink(elsewhere.path(), &link).unwrap();
        refuses(&link, "a link");
        refuses(&link.join(""), "a link");

        let target = elsewhere.path().join("made");
        symlink(&target, directory.path().join(file_name("service", "user"))).unwrap();
        refuses(directory.path(), "a link");
        assert!(elsewhere.path().read_dir().unwrap().next().is_none());
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_place_of_the_lock_file_is_refused_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = directory.path().join(file_name("service", "user"));
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        refuses(directory.path(), "a pipe");
    }
}
