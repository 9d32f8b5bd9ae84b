//! The keychain of macOS and iOS.

use std::collections::HashMap;
use std::sync::Arc;

use apple_native_keyring_store::protected;
use keyring_core::{CredentialStore, Error, Result};

use super::apple_status;
use crate::vault::VaultError;
use crate::vault::keychain::open_store::OpenStore;

/// The entry can be read in the background once the user has unlocked the device after a restart. It is not synchronised, and
/// not restored onto another device.
const ACCESSIBILITY: &[(&str, &str)] = &[("access-policy", "after-first-unlock-this-device-only")];

/// Opens the protected keychain; on macOS without an access group, the login keychain.
pub(in crate::vault::keychain) fn open(access_group: Option<&str>) -> Result<OpenStore> {
    // On macOS the protected keychain needs a provisioning profile. Command-line tools and most apps outside the App Store have
    // none. An access group needs the profile in any case.
    #[cfg(target_os = "macos")]
    if access_group.is_none() {
        let store = apple_native_keyring_store::keychain::Store::new()?;
        return Ok(OpenStore::plain(store));
    }
    let store: Arc<CredentialStore> = match access_group {
        None => protected::Store::new()?,
        Some(group) => protected::Store::new_with_configuration(&HashMap::from([("access-group", group)]))?,
    };
    Ok(OpenStore {
        modifiers: ACCESSIBILITY,
        ..OpenStore::plain(store)
    })
}

pub(in crate::vault::keychain) fn explain(error: &Error) -> Option<VaultError> {
    let (Error::PlatformFailure(error) | Error::NoStorageAccess(error)) = error else {
        return None;
    };
    apple_status::explain(error.downcast_ref::<security_framework::base::Error>()?.code())
}

/// Does nothing: the system asks the user by itself.
pub(in crate::vault::keychain) fn ask_to_unlock() -> Result<()> {
    Ok(())
}
