//! The state of one record that all [`Auth`](super::Auth)s over it share: their turn at the vault, the events, the work that is
//! running, the debts that are being paid. What an `Auth` was built with (policies, transport, browser, clock) stays its own.
//! Work that one began runs with what that one was built with, even if another joins it.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::runtime::Handle;

use super::error::AuthError;
use crate::cognito::CognitoClient;
use crate::lock::{Mutex, MutexGuard, lock};
use crate::record::{HasTurn, Turn};
use crate::secret::Secret;
use crate::session::Tokens;
use crate::sign_out::{InPayment, OpenPageSlot, Run};
use crate::task;
use crate::task::single_flight::SingleFlight;
use crate::vault::{Vault, VaultKey};

/// How long a refresh may take, its retries included; and the revocation of tokens that it brought and nobody can use.
pub(super) const REFRESH_TIME: Duration = Duration::from_secs(10);

/// The refresh that is running. Its shared value is the access token that is to be replaced. `Ok(None)`: somebody else has
/// replaced that token.
///
/// Dropping the callers' futures does not stop it, since somebody must write a rotated refresh token that arrives. It only
/// fetches: each caller decides what the answer means to it.
pub(super) type RefreshFlight = SingleFlight<Secret, Result<Option<Tokens>, AuthError>>;

/// The records in use whose vaults have a name. An entry goes when nobody uses its record any more.
static RECORDS: Mutex<BTreeMap<Name, Weak<Shared>>> = Mutex::new(BTreeMap::new());

/// A record's name: its vault's identity, and its key there.
type Name = (String, VaultKey);

/// What all [`Auth`](super::Auth)s over one record share. Work that they have left running keeps it alive.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) turn: Turn,
    pub(super) in_payment: Arc<InPayment>,
    pub(super) open_page: Arc<OpenPageSlot>,
    pub(super) sign_out: Arc<SingleFlight<Run, ()>>,
    pub(super) refresh: Arc<RefreshFlight>,
    /// Revokes refreshed tokens that could never be written.
    last_resort: Mutex<Option<(Handle, Arc<CognitoClient>)>>,
    name: Option<Name>,
    /// Kept alive because its identity may be its address, which no other vault must get meanwhile.
    _vault: Arc<dyn Vault>,
}

impl HasTurn for Shared {
    fn turn(&self) -> &Turn {
        &self.turn
    }
}

impl Shared {
    /// The state that is in use for this record, or a new one.
    pub(super) fn of(vault: &Arc<dyn Vault>, key: &VaultKey) -> Arc<Self> {
        let new = |name| {
            Arc::new(Self {
                turn: Turn::default(),
                in_payment: Arc::default(),
                open_page: Arc::default(),
                sign_out: Arc::default(),
                refresh: Arc::default(),
                last_resort: Mutex::default(),
                name,
                _vault: Arc::clone(vault),
            })
        };
        let Some(identity) = (**vault).identity() else {
            return new(None);
        };
        let name = (identity, key.clone());
        let mut records = records();
        if let Some(shared) = records.get(&name).and_then(Weak::upgrade) {
            return shared;
        }
        let shared = new(Some(name.clone()));
        records.insert(name, Arc::downgrade(&shared));
        shared
    }

    /// Revokes the tokens that are in memory alone if the last handle goes before they can be written.
    pub(super) fn revoke_at_the_end(&self, cognito: &Arc<CognitoClient>) {
        *lock(&self.last_resort) = Some((Handle::current(), Arc::clone(cognito)));
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            let mut records = records();
            // Unless another handle has made a new entry meanwhile.
            if records.get(name).is_some_and(|shared| shared.strong_count() == 0) {
                records.remove(name);
            }
        }
        let last_resort = lock(&self.last_resort).take();
        let (Some((runtime, cognito)), unwritten) = (last_resort, self.turn.take_unwritten()) else {
            return;
        };
        let rotated = unwritten.into_iter().filter(|fresh| fresh.is_rotated());
        let forgotten: Vec<Secret> = rotated.map(|fresh| fresh.tokens().refresh_token.clone()).collect();
        if !forgotten.is_empty() {
            task::spawn(&runtime, async move {
                for token in forgotten {
                    // Nobody is left to get the result.
                    let _ = tokio::time::timeout(REFRESH_TIME, cognito.revoke_token(&token, false, REFRESH_TIME)).await;
                }
            });
        }
    }
}

fn records() -> MutexGuard<'static, BTreeMap<Name, Weak<Shared>>> {
    lock(&RECORDS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::MemoryVault;

    fn key(client_id: &str) -> VaultKey {
        VaultKey {
            user_pool_id: "eu-central-1_Shared".into(),
            client_id: client_id.into(),
        }
    }

    fn of(vault: &MemoryVault, client_id: &str) -> Arc<Shared> {
        Shared::of(&(Arc::new(vault.clone()) as Arc<dyn Vault>), &key(client_id))
    }

    #[test]
    fn one_record_is_one_whoever_asks_and_another_is_another() {
        let (vault, other) = (MemoryVault::default(), MemoryVault::default());
        let first = of(&vault, "client");
        assert!(Arc::ptr_eq(&first, &of(&vault, "client")));
        assert!(!Arc::ptr_eq(&first, &of(&vault, "another")));
        assert!(!Arc::ptr_eq(&first, &of(&other, "client")));
    }

    #[test]
    fn nothing_is_left_of_a_record_that_nobody_uses() {
        let vault = MemoryVault::default();
        let name = (vault.identity().unwrap(), key("left"));
        let (first, second) = (of(&vault, "left"), of(&vault, "left"));
        drop(first);
        assert!(records().contains_key(&name));
        drop(second);
        assert!(!records().contains_key(&name));
        drop(of(&vault, "left"));
        assert!(!records().contains_key(&name));
    }
}
