//! Where lock files are: a directory of the user's own that no environment variable moves. Processes of one user may have
//! different environments (cron, `su`, `env -i`), but they share the keychain.

use std::path::PathBuf;

use crate::vault::VaultError;

/// The directory that all processes of the user use. `None` on phones: an app is one process there, and shares its keychain only
/// if it says so.
pub(super) fn default_directory() -> Result<Option<PathBuf>, VaultError> {
    #[cfg(any(target_os = "android", all(target_vendor = "apple", not(target_os = "macos"))))]
    return Ok(None);
    #[cfg(not(any(target_os = "android", all(target_vendor = "apple", not(target_os = "macos")))))]
    match users_own() {
        Some(directory) => Ok(Some(directory.join("cognito-signout"))),
        None => Err(VaultError::Unavailable(
            "the system names no directory of this user's own for lock files: name one with `lock_directory`".into(),
        )),
    }
}

/// `/run/user/<uid>`: like the bus to the Secret Service, it exists while the user is logged in. Without it, the cache in the home
/// directory that the user database names. Not the temporary directory, because users share it.
#[cfg(all(unix, not(any(target_os = "android", target_vendor = "apple"))))]
fn users_own() -> Option<PathBuf> {
    use std::os::unix::fs::MetadataExt;

    let user = user();
    let runtime = PathBuf::from(format!("/run/user/{user}"));
    let is_ours = std::fs::symlink_metadata(&runtime)
        .is_ok_and(|found| found.is_dir() && found.uid() == user && found.mode() & 0o022 == 0);
    match is_ours {
        true => Some(runtime),
        false => Some(home(user)?.join(".cache")),
    }
}

/// The home directory of this user in the user database.
#[cfg(all(unix, not(any(target_os = "android", target_vendor = "apple"))))]
#[allow(unsafe_code, reason = "std reads `HOME` first")]
fn home(user: u32) -> Option<PathBuf> {
    use std::ffi::{CStr, OsStr};
    use std::mem::MaybeUninit;
    use std::os::unix::ffi::OsStrExt;
    use std::ptr;

    /// No entry is as long as this.
    const MOST: usize = 1 << 20;

    let mut text: Vec<libc::c_char> = vec![0; 1 << 10];
    loop {
        let mut entry = MaybeUninit::<libc::passwd>::uninit();
        let mut found = ptr::null_mut();
        // SAFETY: `entry` and `found` can be written to, and so can the first `text.len()` bytes of `text`.
        let error =
            unsafe { libc::getpwuid_r(user, entry.as_mut_ptr(), text.as_mut_ptr(), text.len(), &raw mut found) };
        if error == libc::ERANGE && text.len() < MOST {
            text.resize(text.len() * 2, 0);
            continue;
        }
        if error != 0 || found.is_null() {
            return None;
        }
        // SAFETY: `found` is not null, so it points to `entry`, which has been written. Its strings end with a NUL and are in
        // `text`, which does not change before the last use of `home`.
        let home = unsafe { (*found).pw_dir.as_ref().map(|home| CStr::from_ptr(home)) }?;
        let home = PathBuf::from(OsStr::from_bytes(home.to_bytes()));
        return home.is_absolute().then_some(home);
    }
}

/// The user's temporary directory. On macOS each user has one.
#[cfg(target_os = "macos")]
#[allow(unsafe_code, reason = "std reads `TMPDIR` first")]
fn users_own() -> Option<PathBuf> {
    use std::ffi::{CStr, OsStr};
    use std::os::unix::ffi::OsStrExt;

    let mut path = [0_u8; libc::PATH_MAX as usize];
    // SAFETY: `path.len()` bytes of `path` can be written to.
    let length = unsafe { libc::confstr(libc::_CS_DARWIN_USER_TEMP_DIR, path.as_mut_ptr().cast(), path.len()) };
    if length == 0 || length > path.len() {
        return None;
    }
    let path = CStr::from_bytes_until_nul(&path).ok()?;
    let path = PathBuf::from(OsStr::from_bytes(path.to_bytes()));
    path.is_absolute().then_some(path)
}

/// `FOLDERID_LocalAppData`: of the user's, and of this machine.
#[cfg(windows)]
#[allow(unsafe_code, reason = "std reads the environment first")]
fn users_own() -> Option<PathBuf> {
    use std::ffi::OsString;
    use std::os::windows::ffi::OsStringExt;
    use std::ptr;

    use windows_sys::Win32::System::Com::CoTaskMemFree;
    use windows_sys::Win32::UI::Shell::{FOLDERID_LocalAppData, KF_FLAG_DEFAULT, SHGetKnownFolderPath};

    let mut path = ptr::null_mut();
    // SAFETY: the folder's id can be read, and `path` can be written to. A null token means the process's own user.
    let answer = unsafe {
        SHGetKnownFolderPath(
            &FOLDERID_LocalAppData,
            KF_FLAG_DEFAULT as u32,
            ptr::null_mut(),
            &raw mut path,
        )
    };
    let found = (answer == 0 && !path.is_null()).then(|| {
        let mut length = 0;
        // SAFETY: the string ends with a NUL, and nothing after it is read.
        let text = unsafe {
            while *path.add(length) != 0 {
                length += 1;
            }
            std::slice::from_raw_parts(path, length)
        };
        PathBuf::from(OsString::from_wide(text))
    });
    // SAFETY: the caller must free it in any case, and nothing borrows from it any more.
    unsafe { CoTaskMemFree(path.cast_const().cast()) };
    found
}

#[cfg(not(any(unix, windows)))]
fn users_own() -> Option<PathBuf> {
    None
}

/// The effective user of this process.
#[cfg(unix)]
#[allow(unsafe_code, reason = "std has no function for it")]
pub(super) fn user() -> u32 {
    // SAFETY: it has no arguments and cannot fail.
    unsafe { libc::geteuid() }
}

#[cfg(all(test, unix, not(any(target_os = "android", target_vendor = "apple"))))]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_in_the_users_runtime_directory_or_home() {
        let directory = default_directory().unwrap().unwrap();
        let runtime = PathBuf::from(format!("/run/user/{}", user()));
        let cache = home(user()).unwrap().join(".cache");
        assert!(
            directory == runtime.join("cognito-signout") || directory == cache.join("cognito-signout"),
            "{}",
            directory.display()
        );
    }

    #[test]
    fn a_user_who_is_not_in_the_user_database_has_no_home() {
        assert_eq!(home(u32::MAX - 7), None);
    }
}
