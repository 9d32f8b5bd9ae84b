//! Status codes of Apple's Security framework. Apart from `apple.rs`, so that its test runs on every platform.

use crate::vault::VaultError;

/// What this `OSStatus` means, if keyring-core does not say it (`SecBase.h`).
pub(super) fn explain(status: i32) -> Option<VaultError> {
    let detail = |what: &str| format!("{what} (OSStatus {status})");
    Some(match status {
        -34018 => VaultError::MissingEntitlement(detail("errSecMissingEntitlement")),
        -25243 => VaultError::MissingEntitlement(detail("errSecNoAccessForItem")),
        -25308 => VaultError::Locked(detail("errSecInteractionNotAllowed")),
        -25293 => VaultError::Locked(detail("errSecAuthFailed")),
        -128 => VaultError::Locked(detail("errSecUserCanceled")),
        -25291 => VaultError::Unavailable(detail("errSecNotAvailable")),
        -25294 => VaultError::Unavailable(detail("errSecNoSuchKeychain")),
        -25295 => VaultError::Unavailable(detail("errSecInvalidKeychain")),
        -25307 => VaultError::Unavailable(detail("errSecNoDefaultKeychain")),
        -26275 => VaultError::Corrupt(detail("errSecDecode")),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_for_locked_and_for_a_missing_entitlement_are_told_apart() {
        let kind = |status| explain(status).map(|error| std::mem::discriminant(&error));
        let like = |error: VaultError| Some(std::mem::discriminant(&error));
        for status in [-34018, -25243] {
            assert_eq!(
                kind(status),
                like(VaultError::MissingEntitlement(String::new())),
                "{status}"
            );
        }
        for status in [-25308, -25293, -128] {
            assert_eq!(kind(status), like(VaultError::Locked(String::new())), "{status}");
        }
        for status in [-25291, -25294, -25295, -25307] {
            assert_eq!(kind(status), like(VaultError::Unavailable(String::new())), "{status}");
        }
        assert_eq!(kind(-26275), like(VaultError::Corrupt(String::new())));
        assert_eq!(kind(-50), None);
    }
}
