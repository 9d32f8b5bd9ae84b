//! The keychain of the platform that the crate is built for: how it is opened, and what its errors mean.
//!
//! Each platform's part offers the same three functions: `open`, `explain` and `ask_to_unlock`.

#[cfg(any(target_os = "android", cognito_signout_android_keychain))]
mod android;
#[cfg(all(
    unix,
    not(any(target_vendor = "apple", target_os = "android", cognito_signout_android_keychain))
))]
mod secret_service;

pub(super) use platform::{ask_to_unlock, explain, open};

#[cfg(all(
    unix,
    not(any(target_vendor = "apple", target_os = "android", cognito_signout_android_keychain))
))]
use secret_service as platform;

#[cfg(any(target_os = "android", cognito_signout_android_keychain))]
use android as platform;

#[cfg(all(target_vendor = "apple", not(cognito_signout_android_keychain)))]
mod platform {
    use std::collections::HashMap;
    use std::sync::Arc;

    use apple_native_keyring_store::protected;
    use keyring_core::{CredentialStore, Error};

    use crate::vault::VaultError;
    use crate::vault::keychain::error::apple_status;
    use crate::vault::keychain::items::OpenStore;

    /// Readable in the background once the device was unlocked after a restart; neither synchronised nor restored
    /// onto another device.
    const ACCESSIBILITY: &[(&str, &str)] = &[("access-policy", "after-first-unlock-this-device-only")];

    pub(crate) fn open(access_group: Option<&str>) -> keyring_core::Result<OpenStore> {
        // Protected data wants a provisioning profile on macOS, which command-line tools and most apps outside the
        // App Store lack; an access group cannot be had without one.
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

    pub(crate) fn explain(error: &Error) -> Option<VaultError> {
        let (Error::PlatformFailure(error) | Error::NoStorageAccess(error)) = error else {
            return None;
        };
        apple_status(error.downcast_ref::<security_framework::base::Error>()?.code())
    }

    /// The system asks by itself when it is the user who must unlock something.
    pub(crate) fn ask_to_unlock() -> Result<(), VaultError> {
        Ok(())
    }
}

#[cfg(all(windows, not(cognito_signout_android_keychain)))]
mod platform {
    use std::collections::HashMap;

    use keyring_core::Error;
    use windows_native_keyring_store::Store;

    use crate::vault::VaultError;
    use crate::vault::keychain::items::OpenStore;

    /// `CRED_MAX_CREDENTIAL_BLOB_SIZE`.
    const ENTRY_LIMIT: usize = 2560;

    pub(crate) fn open(_access_group: Option<&str>) -> keyring_core::Result<OpenStore> {
        let store = Store::new_with_configuration(&HashMap::from([("divider", "@")]))?;
        Ok(OpenStore {
            // The store's own default roams with the user's profile to other machines.
            modifiers: &[("persistence", "Local")],
            entry_limit: Some(ENTRY_LIMIT),
            ..OpenStore::plain(store)
        })
    }

    pub(crate) fn explain(error: &Error) -> Option<VaultError> {
        match error {
            // Said of ERROR_NO_SUCH_LOGON_SESSION alone: waiting does not help there.
            Error::NoStorageAccess(why) => Some(VaultError::Unavailable(format!(
                "this account has no logon session that keeps credentials ({why})"
            ))),
            _ => None,
        }
    }

    /// Credential Manager is open for as long as the user is logged on.
    pub(crate) fn ask_to_unlock() -> Result<(), VaultError> {
        Ok(())
    }
}

#[cfg(not(any(unix, windows, cognito_signout_android_keychain)))]
mod platform {
    use keyring_core::Error;

    use crate::vault::VaultError;
    use crate::vault::keychain::items::OpenStore;

    pub(crate) fn open(_access_group: Option<&str>) -> keyring_core::Result<OpenStore> {
        Err(Error::PlatformFailure("this platform has no keychain".into()))
    }

    pub(crate) fn explain(_error: &Error) -> Option<VaultError> {
        None
    }

    pub(crate) fn ask_to_unlock() -> Result<(), VaultError> {
        Ok(())
    }
}
