//! A platform without a keychain that this library knows.

use keyring_core::{Error, Result};

use crate::vault::VaultError;
use crate::vault::keychain::open_store::OpenStore;

pub(in crate::vault::keychain) fn open(_access_group: Option<&str>) -> Result<OpenStore> {
    Err(Error::PlatformFailure("this platform has no keychain".into()))
}

pub(in crate::vault::keychain) fn explain(_error: &Error) -> Option<VaultError> {
    None
}

pub(in crate::vault::keychain) fn ask_to_unlock() -> Result<()> {
    Ok(())
}
