//! Windows' Credential Manager.

use std::collections::HashMap;

use keyring_core::{Error, Result};
use windows_native_keyring_store::Store;

use crate::vault::VaultError;
use crate::vault::keychain::open_store::OpenStore;

/// `CRED_MAX_CREDENTIAL_BLOB_SIZE`.
const ENTRY_LIMIT: usize = 2560;

/// Opens Credential Manager. It has no access groups.
pub(in crate::vault::keychain) fn open(_access_group: Option<&str>) -> Result<OpenStore> {
    let store = Store::new_with_configuration(&HashMap::from([("divider", "@")]))?;
    Ok(OpenStore {
        // By default the store's entries roam to other machines with the user's profile.
        modifiers: &[("persistence", "Local")],
        entry_limit: Some(ENTRY_LIMIT),
        ..OpenStore::plain(store)
    })
}

pub(in crate::vault::keychain) fn explain(error: &Error) -> Option<VaultError> {
    match error {
        // The store uses it for ERROR_NO_SUCH_LOGON_SESSION alone. Waiting does not help then.
        Error::NoStorageAccess(why) => Some(VaultError::Unavailable(format!(
            "this account has no logon session that keeps credentials ({why})"
        ))),
        _ => None,
    }
}

/// Does nothing: Credential Manager is open for as long as the user is logged on.
pub(in crate::vault::keychain) fn ask_to_unlock() -> Result<()> {
    Ok(())
}
