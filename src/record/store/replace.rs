//! Writes to a vault that may misbehave: all of a change is there afterwards, or nothing of it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::vault::{Vault, VaultError, VaultKey};

/// Puts `new` in place of `old`, and reads it back. Some stores report success and keep nothing, some report a failure although
/// they have kept it, some panic afterwards. If the change cannot be made, `old` is put back.
pub(super) fn replace(
    vault: &dyn Vault,
    key: &VaultKey,
    old: Option<&Vec<u8>>,
    new: Option<&Vec<u8>>,
) -> Result<(), VaultError> {
    let written = put(vault, key, new);
    let found = without_panic(|| vault.read(key));
    if found.as_ref().is_ok_and(|found| found.as_deref() == new) {
        return Ok(());
    }
    if !found.as_ref().is_ok_and(|found| found.as_deref() == old) {
        // The vault has neither, or cannot be read.
        let undone = put(vault, key, old);
        if written.is_ok() && found.is_err() && undone.is_err() {
            // The write succeeded, and then the vault could be neither read nor changed: it was locked just then.
            return Ok(());
        }
    }
    written?;
    found?;
    Err(if new.is_none() {
        still_there()
    } else {
        VaultError::Other("it did not keep what was written".into())
    })
}

pub(super) fn put(vault: &dyn Vault, key: &VaultKey, bytes: Option<&Vec<u8>>) -> Result<(), VaultError> {
    without_panic(|| match bytes {
        Some(bytes) => vault.write(key, bytes),
        None => vault.delete(key),
    })
}

/// Turns a panic of the vault into an error, so that the vault is read back all the same.
fn without_panic<T>(call: impl FnOnce() -> Result<T, VaultError>) -> Result<T, VaultError> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Err(panicked()))
}

pub(super) fn still_there() -> VaultError {
    VaultError::Other("the record is still there after it was deleted".into())
}

pub(super) fn panicked() -> VaultError {
    VaultError::Other("the vault panicked".into())
}
