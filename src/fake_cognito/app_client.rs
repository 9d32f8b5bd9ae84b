//! Whether a request comes from the pool's app client.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::service_error::ServiceError;
use super::settings::Settings;

/// What a request says about its sender: the app client's id, and its `SECRET_HASH` or `ClientSecret`, if it sent any.
#[derive(Clone, Copy)]
pub(super) struct ClientProof<'a> {
    pub(super) id: &'a str,
    pub(super) proof: Option<&'a str>,
}

impl Settings {
    /// Checks the client's id and its plain secret.
    pub(super) fn authenticate(&self, client: ClientProof<'_>) -> Result<(), ServiceError> {
        if client.id != self.client_id {
            return Err(ServiceError::Unauthorized);
        }
        self.check_secret(client, ServiceError::Unauthorized, ServiceError::Unauthorized)
    }

    pub(super) fn check_client(&self, client_id: &str) -> Result<(), ServiceError> {
        match client_id == self.client_id {
            true => Ok(()),
            false => Err(ServiceError::ResourceNotFound),
        }
    }

    pub(super) fn check_secret(
        &self,
        client: ClientProof<'_>,
        missing: ServiceError,
        wrong: ServiceError,
    ) -> Result<(), ServiceError> {
        match (&self.client_secret, client.proof) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(missing),
            (Some(secret), Some(given)) if secret.reveal() == given => Ok(()),
            (Some(_), Some(_)) => Err(wrong),
        }
    }

    /// `SECRET_HASH`: Base64(HMAC-SHA-256(client secret, user name + client id)).
    pub(super) fn check_hash(&self, client: ClientProof<'_>, username: &str) -> Result<(), ServiceError> {
        self.check_client(client.id)?;
        let Some(secret) = &self.client_secret else {
            return Ok(());
        };
        let given = client.proof.ok_or(ServiceError::SecretHashMissing)?;
        let given = STANDARD.decode(given).map_err(|_| ServiceError::SecretHashWrong)?;
        let mut expected =
            Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).map_err(|_| ServiceError::InternalError)?;
        expected.update(username.as_bytes());
        expected.update(client.id.as_bytes());
        expected.verify_slice(&given).map_err(|_| ServiceError::SecretHashWrong)
    }
}
