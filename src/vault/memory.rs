//! A vault in memory. Its records are lost when the process ends.

use std::collections::HashMap;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::{Vault, VaultError, VaultKey};
use crate::lock::{Mutex, lock};

/// Keeps records in memory, for tests and for processes that must not leave a session behind. Clones share one store.
///
/// ```
/// use cognito_signout::vault::{MemoryVault, Vault, VaultKey};
///
/// let vault = MemoryVault::default();
/// let key = VaultKey { user_pool_id: "eu-central-1_Example".into(), client_id: "client".into() };
/// vault.write(&key, b"record")?;
/// assert_eq!(vault.read(&key)?.as_deref().map(Vec::as_slice), Some(&b"record"[..]));
/// # Ok::<(), cognito_signout::vault::VaultError>(())
/// ```
#[derive(Clone, Default)]
pub struct MemoryVault(Arc<Mutex<HashMap<VaultKey, Zeroizing<Vec<u8>>>>>);

impl std::fmt::Debug for MemoryVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemoryVault")
    }
}

impl Vault for MemoryVault {
    fn read(&self, key: &VaultKey) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        Ok(lock(&self.0).get(key).cloned())
    }

    fn write(&self, key: &VaultKey, record: &[u8]) -> Result<(), VaultError> {
        let mut records = lock(&self.0);
        records.insert(key.clone(), Zeroizing::new(record.to_vec()));
        Ok(())
    }

    fn delete(&self, key: &VaultKey) -> Result<(), VaultError> {
        lock(&self.0).remove(key);
        Ok(())
    }

    fn identity(&self) -> Option<String> {
        Some(format!("cognito_signout::MemoryVault {:p}", Arc::as_ptr(&self.0)))
    }
}
