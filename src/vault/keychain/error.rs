//! The one place that turns a keychain's error into a [`VaultError`].
//!
//! `keyring_core::Error` carries the bytes that it could not decode, and prints them with `Debug`. So the error as a whole is
//! never formatted here.

use keyring_core::Error;
use zeroize::Zeroize;

use super::native;
use crate::vault::VaultError;

/// What a failed operation on an entry means.
pub(super) fn vault_error(error: Error) -> VaultError {
    if let Some(known) = native::explain(&error) {
        return known;
    }
    match error {
        Error::NoStorageAccess(why) => VaultError::Locked(why.to_string()),
        Error::PlatformFailure(why) => VaultError::Other(why.to_string()),
        Error::BadEncoding(mut bytes) => {
            bytes.zeroize();
            VaultError::Corrupt("it is not text".into())
        }
        // The platform's reason is left out: it may quote the data.
        Error::BadDataFormat(mut bytes, _) => {
            bytes.zeroize();
            VaultError::Corrupt("the keychain could not decrypt or decode it".into())
        }
        Error::BadStoreFormat(why) => VaultError::Corrupt(why),
        Error::Ambiguous(entries) => VaultError::Corrupt(format!("{} entries have its name", entries.len())),
        Error::TooLong(what, limit) => VaultError::Other(format!("{what} is longer than the limit of {limit}")),
        Error::Invalid(what, why) => VaultError::Other(format!("{what} is invalid: {why}")),
        Error::NotSupportedByStore(why) => VaultError::Other(why),
        Error::NoEntry => VaultError::Other("the entry is not there".into()),
        Error::NoDefaultStore => VaultError::Other("no store was chosen".into()),
        _ => VaultError::Other("an error of a kind that this version of the library does not know".into()),
    }
}

/// What a failure to open the store means. A platform's failure means here that there is no keychain.
pub(super) fn opening_error(error: Error) -> VaultError {
    match (native::explain(&error), error) {
        (Some(known), _) => known,
        (None, Error::PlatformFailure(why)) => VaultError::Unavailable(why.to_string()),
        (None, other) => vault_error(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"eyJhbGciOi.secret";

    fn platform() -> keyring_core::error::PlatformError {
        "code 5".into()
    }

    /// On Windows this error has another meaning.
    fn no_access() -> VaultError {
        match cfg!(windows) {
            true => VaultError::Unavailable("this account has no logon session that keeps credentials (code 5)".into()),
            false => VaultError::Locked("code 5".into()),
        }
    }

    /// Every kind of error, and what it must become.
    #[test]
    fn every_error_of_a_store_has_a_meaning() {
        let other = |text: &str| VaultError::Other(text.into());
        let corrupt = |text: &str| VaultError::Corrupt(text.into());
        let table = [
            (Error::NoStorageAccess(platform()), no_access()),
            (Error::PlatformFailure(platform()), other("code 5")),
            (Error::BadEncoding(SECRET.into()), corrupt("it is not text")),
            (
                Error::BadDataFormat(SECRET.into(), platform()),
                corrupt("the keychain could not decrypt or decode it"),
            ),
            (Error::BadStoreFormat("key not found".into()), corrupt("key not found")),
            (Error::Ambiguous(Vec::new()), corrupt("0 entries have its name")),
            (
                Error::TooLong("secret".into(), 2560),
                other("secret is longer than the limit of 2560"),
            ),
            (
                Error::Invalid("user".into(), "cannot be empty".into()),
                other("user is invalid: cannot be empty"),
            ),
            (Error::NotSupportedByStore("no modifiers".into()), other("no modifiers")),
            (Error::NoEntry, other("the entry is not there")),
            (Error::NoDefaultStore, other("no store was chosen")),
        ];
        for (error, meaning) in table {
            let name = std::mem::discriminant(&error);
            assert_eq!(vault_error(error), meaning, "{name:?}");
        }
    }

    #[test]
    fn no_error_repeats_the_bytes_that_could_not_be_decoded() {
        for error in [
            Error::BadEncoding(SECRET.into()),
            Error::BadDataFormat(SECRET.into(), String::from_utf8_lossy(SECRET).into()),
        ] {
            let said = format!("{0} {0:?}", vault_error(error));
            assert!(!said.contains("secret") && !said.contains("101, 121, 74"), "{said}");
        }
    }

    #[test]
    fn a_platform_failure_while_opening_means_that_there_is_no_keychain() {
        assert_eq!(
            opening_error(Error::PlatformFailure(platform())),
            VaultError::Unavailable("code 5".into())
        );
        assert_eq!(opening_error(Error::NoStorageAccess(platform())), no_access());
    }
}
