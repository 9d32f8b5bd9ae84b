//! What belongs to a record, and not to the [`Auth`](super::Auth) that uses it. Two over one record have it in common:
//! their turn at the vault, the events, what is under way, what is being paid. What one of them was made with (policies,
//! transport, browser, clock) stays its own; work that one has begun and the other joins runs with the first's.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use tokio::runtime::Handle;

use super::refresh::{REFRESH_TIME, RefreshFlight};
use crate::cognito::CognitoClient;
use crate::lock::lock;
use crate::record::{HasTurn, Turn};
use crate::secret::Secret;
use crate::sign_out::{InHand, InPayment, Run};
use crate::task;
use crate::task::single_flight::SingleFlight;
use crate::vault::{Vault, VaultKey};

/// The records in use whose vaults have a name. An entry goes with the last that uses it.
static RECORDS: Mutex<BTreeMap<Name, Weak<Shared>>> = Mutex::new(BTreeMap::new());

/// A record's: its vault's identity, and its key there.
type Name = (String, VaultKey);

/// What all [`Auth`](super::Auth)s over one record share, and whatever they have left under way.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(super) turn: Turn,
    pub(super) in_payment: Arc<InPayment>,
    pub(super) in_hand: Arc<InHand>,
    pub(super) sign_out: Arc<SingleFlight<Run, ()>>,
    pub(crate) refresh: Arc<RefreshFlight>,
    /// What can revoke refreshed tokens that never come to be on record.
    last_resort: Mutex<Option<(Handle, Arc<CognitoClient>)>>,
    name: Option<Name>,
    /// Its identity may be its place in memory, which must not become another's meanwhile.
    _vault: Arc<dyn Vault>,
}

impl HasTurn for Shared {
    fn turn(&self) -> &Turn {
        &self.turn
    }
}

impl Shared {
    /// What is in use for this record already, or new.
    pub(super) fn of(vault: &Arc<dyn Vault>, key: &VaultKey) -> Arc<Self> {
        let new = |name| {
            Arc::new(Self {
                turn: Turn::default(),
                in_payment: Arc::default(),
                in_hand: Arc::default(),
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

    /// Has what is kept in memory alone revoked if the last handle goes before it can be written.
    pub(crate) fn revoke_at_the_end(&self, cognito: &Arc<CognitoClient>) {
        *lock(&self.last_resort) = Some((Handle::current(), Arc::clone(cognito)));
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            let mut records = records();
            // Unless somebody was so fast as to begin anew.
            if records.get(name).is_some_and(|shared| shared.strong_count() == 0) {
                records.remove(name);
            }
        }
        let last_resort = lock(&self.last_resort).take();
        let (Some((runtime, cognito)), unwritten) = (last_resort, self.turn.take_unwritten()) else {
            return;
        };
        let rotated = unwritten.into_iter().filter(|fresh| fresh.is_rotated());
        let forgotten: Vec<Secret> = rotated.map(|fresh| fresh.debt.tokens.refresh_token).collect();
        if !forgotten.is_empty() {
            task::spawn(&runtime, async move {
                for token in forgotten {
                    // Nobody is there to be told.
                    let _ = tokio::time::timeout(REFRESH_TIME, cognito.revoke_token(&token, REFRESH_TIME)).await;
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
