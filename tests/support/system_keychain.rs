//! The keychain of this system. On Linux each test starts a Secret Service for itself. Elsewhere it is the user's keychain.

#![allow(dead_code, unused_imports, reason = "each test uses a part of it")]

#[cfg(target_os = "linux")]
#[path = "secret_service.rs"]
mod platform;
#[cfg(not(target_os = "linux"))]
#[path = "users_keychain.rs"]
mod platform;

use cognito_signout::vault::KeychainVault;
pub(crate) use platform::{Keyring, again, in_session, role};

/// What the service names of this test's entries begin with, in all its processes. A run that was ended leaves nothing that the next
/// one finds.
pub(crate) fn prefix() -> String {
    let folder = platform::folder();
    let name = folder.file_name().unwrap().to_str().unwrap();
    format!("cognito-signout-test{name}")
}

/// The keychain with the default directory for lock files. They stay there, so this has one prefix in each run.
pub(crate) fn with_the_default_lock() -> KeychainVault {
    KeychainVault::builder()
        .service_prefix("cognito-signout-test-default-lock")
        .build()
}

/// The keychain with lock files that are removed after the test.
pub(crate) fn keychain() -> KeychainVault {
    let builder = KeychainVault::builder().service_prefix(prefix());
    builder.lock_directory(platform::folder()).build()
}
