//! The proof that an app client knows its secret.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::{ErrorCode, StepError};
use crate::secret::Secret;

/// `SECRET_HASH`: Base64(HMAC-SHA256(client secret, user name + client id)), from the developer guide's "Computing secret
/// hash values".
pub(super) fn secret_hash(
    client_secret: &Secret,
    username: &str,
    client_id: &str,
) -> Result<Zeroizing<String>, StepError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(client_secret.reveal().as_bytes())
        .map_err(|_| StepError::new(ErrorCode::InvalidInput, "the client secret cannot be a key"))?;
    mac.update(username.as_bytes());
    mac.update(client_id.as_bytes());
    Ok(Zeroizing::new(BASE64_STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected value is OpenSSL's: `printf %s mary3n4b5urk1ft4fl3mg5e62d9ado | openssl dgst -sha256 -hmac s3cr3t -binary | base64`
    #[test]
    fn the_hash_is_what_openssl_computes() {
        let hash = secret_hash(&"s3cr3t".into(), "mary", "3n4b5urk1ft4fl3mg5e62d9ado");
        assert_eq!(*hash.unwrap(), "KA8P8+Qu8Jrlh9sVK2C7vm0bvYL6xdQy6OizL4m9zm8=");
    }
}
