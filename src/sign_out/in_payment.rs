//! Which debts this process is paying: two of its calls never pay the same one at once.

use std::collections::HashSet;
use std::time::Duration;

use tokio::sync::Notify;

use crate::lock::{Mutex, MutexGuard, lock};

/// What this process pays of one record's debts.
#[derive(Debug, Default)]
pub(crate) struct InPayment {
    /// What is being paid.
    ids: Mutex<HashSet<u64>>,
    /// Notified when a claim ends.
    released: Notify,
    /// The debts whose global sign-out was carried out. A retry of a debt that is no longer on record must not ask for it
    /// again, since Cognito would say that the token was revoked.
    globally_paid: Mutex<HashSet<u64>>,
}

impl InPayment {
    /// Marks a debt as being paid in this process, until the claim is dropped. `None` if it is already.
    pub(crate) fn claim(&self, id: u64) -> Option<Claim<'_>> {
        self.ids().insert(id).then(|| Claim { claims: self, id })
    }

    /// The same, once nobody else pays it; `None` if that takes longer than `time`.
    pub(crate) async fn claim_within(&self, id: u64, time: Duration) -> Option<Claim<'_>> {
        let claimed = async {
            loop {
                let released = self.released.notified();
                tokio::pin!(released);
                released.as_mut().enable();
                if let Some(claim) = self.claim(id) {
                    return claim;
                }
                released.await;
            }
        };
        tokio::time::timeout(time, claimed).await.ok()
    }

    /// The global sign-out that this debt owed was carried out.
    pub(crate) fn paid_globally(&self, id: u64) {
        self.globally_paid().insert(id);
    }

    pub(crate) fn is_globally_paid(&self, id: u64) -> bool {
        self.globally_paid().contains(&id)
    }

    fn ids(&self) -> MutexGuard<'_, HashSet<u64>> {
        lock(&self.ids)
    }

    fn globally_paid(&self) -> MutexGuard<'_, HashSet<u64>> {
        lock(&self.globally_paid)
    }
}

/// A debt that is being paid. Dropping it ends the claim.
#[derive(Debug)]
pub(crate) struct Claim<'a> {
    claims: &'a InPayment,
    id: u64,
}

impl Claim<'_> {
    pub(crate) fn id(&self) -> u64 {
        self.id
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.claims.ids().remove(&self.id);
        self.claims.released.notify_waiters();
    }
}
