//! The keychain of the platform that the crate is built for: one file or folder for each platform, of which one is compiled.
//!
//! Each has the same three functions. `open` opens the keychain, `explain` says what a platform's own error means if
//! keyring-core does not say it, and `ask_to_unlock` asks the user to unlock the keychain.

#[cfg(any(target_vendor = "apple", test))]
mod apple_status;

// `cognito_signout_android_keychain`: Android's keychain on a JVM, for the tests of bindings/kotlin.
#[cfg_attr(
    any(target_os = "android", cognito_signout_android_keychain),
    path = "android/mod.rs"
)]
#[cfg_attr(
    all(target_vendor = "apple", not(cognito_signout_android_keychain)),
    path = "apple.rs"
)]
#[cfg_attr(all(windows, not(cognito_signout_android_keychain)), path = "windows.rs")]
#[cfg_attr(
    all(
        unix,
        not(any(target_vendor = "apple", target_os = "android", cognito_signout_android_keychain))
    ),
    path = "secret_service/mod.rs"
)]
#[cfg_attr(not(any(unix, windows, cognito_signout_android_keychain)), path = "unsupported.rs")]
mod platform;

pub(super) use platform::{ask_to_unlock, explain, open};
