//! Amplify Flutter on Windows: a file whose items are protected with DPAPI for the user.

#![allow(unsafe_code, reason = "DPAPI")]

use std::path::Path;
use std::{io, ptr, slice};

use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Cryptography::{CRYPT_INTEGER_BLOB, CRYPTPROTECT_UI_FORBIDDEN, CryptUnprotectData};
use zeroize::{Zeroize, Zeroizing};

use super::Source;
use super::file::ItemFile;
use crate::adopt::{Layout, StoredItems};
use crate::vault::VaultError;

/// The file of Amplify Flutter in the app's folder. Only the user who wrote it can read it, on the same machine.
#[derive(Debug)]
pub struct AmplifyFlutterOnWindows {
    file: ItemFile,
}

impl AmplifyFlutterOnWindows {
    /// `folder` is `%LOCALAPPDATA%\<company>\<product>` of the Flutter app, with `CompanyName` and `ProductName` of its `Runner.rc`; or
    /// the folder in `WindowsSecureStorageOptions.storagePath`.
    pub fn new(folder: impl AsRef<Path>) -> Self {
        Self {
            file: ItemFile::new(folder.as_ref(), unprotect),
        }
    }
}

impl Source for AmplifyFlutterOnWindows {
    fn layout(&self) -> Layout {
        Layout::AmplifyFlutter
    }

    fn items(&self) -> Result<StoredItems, VaultError> {
        self.file.items()
    }

    fn remove(&self, name: &str) -> Result<(), VaultError> {
        self.file.remove(name)
    }
}

fn unprotect(bytes: &mut [u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let length = u32::try_from(bytes.len()).map_err(|_| VaultError::Other("an item is too long".into()))?;
    let data = CRYPT_INTEGER_BLOB {
        cbData: length,
        pbData: bytes.as_mut_ptr(),
    };
    let mut plain = CRYPT_INTEGER_BLOB {
        cbData: 0,
        pbData: ptr::null_mut(),
    };
    // SAFETY: `data` describes `bytes`, which live until the call returns, and `plain` is where the result is described.
    let done = unsafe {
        CryptUnprotectData(
            &raw const data,
            ptr::null_mut(),
            ptr::null(),
            ptr::null(),
            ptr::null(),
            CRYPTPROTECT_UI_FORBIDDEN,
            &raw mut plain,
        )
    };
    if done == 0 {
        let why = io::Error::last_os_error();
        return Err(VaultError::Other(format!("DPAPI: {why}")));
    }
    if plain.pbData.is_null() {
        return Ok(Zeroizing::default());
    }
    // SAFETY: after success, `plain` describes memory of that length, which belongs to the caller.
    let memory = unsafe { slice::from_raw_parts_mut(plain.pbData, plain.cbData as usize) };
    let result = Zeroizing::new(memory.to_vec());
    memory.zeroize();
    // SAFETY: that memory was allocated by the call, and nothing refers to it any more.
    unsafe { LocalFree(plain.pbData.cast()) };
    Ok(result)
}

#[cfg(test)]
mod tests {
    use windows_sys::Win32::Security::Cryptography::CryptProtectData;

    use super::*;

    /// As Amplify protects an item.
    fn protect(text: &str) -> Vec<u8> {
        let data = CRYPT_INTEGER_BLOB {
            cbData: text.len() as u32,
            pbData: text.as_ptr().cast_mut(),
        };
        let mut protected = CRYPT_INTEGER_BLOB {
            cbData: 0,
            pbData: ptr::null_mut(),
        };
        // SAFETY: `data` describes `text`, which the call only reads, and `protected` is where the result is described.
        let done = unsafe {
            CryptProtectData(
                &raw const data,
                ptr::null(),
                ptr::null(),
                ptr::null(),
                ptr::null(),
                CRYPTPROTECT_UI_FORBIDDEN,
                &raw mut protected,
            )
        };
        assert_ne!(done, 0, "{}", io::Error::last_os_error());
        // SAFETY: after success, `protected` describes memory of that length, which belongs to the caller.
        let bytes = unsafe { slice::from_raw_parts(protected.pbData, protected.cbData as usize) }.to_vec();
        // SAFETY: that memory was allocated by the call, and nothing refers to it any more.
        unsafe { LocalFree(protected.pbData.cast()) };
        bytes
    }

    #[test]
    fn what_dpapi_protects_for_this_user_is_read_and_what_it_does_not_is_an_error() {
        let mut protected = protect("refresh-token");
        assert_ne!(protected, b"refresh-token");
        assert_eq!(unprotect(&mut protected).unwrap().as_slice(), b"refresh-token");
        assert_eq!(unprotect(&mut protect("")).unwrap().as_slice(), b"");

        let answer = unprotect(&mut b"refresh-token".to_vec());
        assert!(
            matches!(&answer, Err(VaultError::Other(why)) if why.starts_with("DPAPI")),
            "{answer:?}"
        );
    }
}
