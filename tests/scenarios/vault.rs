//! A device's keychain, which fails and waits as the test says.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cognito_signout::vault::{Vault, VaultError, VaultGuard, VaultKey};
use tokio::sync::watch;
use zeroize::Zeroizing;

/// The uses of a vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Read,
    Write,
    Delete,
    Lock,
}

/// Keeps one record in memory. Clones share it, as processes share a keychain.
#[derive(Clone, Default)]
pub(crate) struct TestVault(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    record: Option<Vec<u8>>,
    reads: usize,
    failing: Vec<(Use, VaultError)>,
    held: Option<(Use, Turnstile)>,
}

/// Delays uses of the vault until it is opened or dropped.
pub(crate) struct Hold {
    arrivals: watch::Receiver<usize>,
    open: watch::Sender<bool>,
}

#[derive(Clone)]
struct Turnstile {
    arrived: watch::Sender<usize>,
    opened: watch::Receiver<bool>,
}

impl TestVault {
    /// A vault with this record.
    pub(crate) fn holding(record: impl Into<Vec<u8>>) -> Self {
        let vault = Self::default();
        vault.state().record = Some(record.into());
        vault
    }

    /// Another process writes this.
    pub(crate) fn put(&self, record: Option<Vec<u8>>) {
        self.state().record = record;
    }

    /// The record in it.
    pub(crate) fn record(&self) -> Option<Vec<u8>> {
        self.state().record.clone()
    }

    /// How often it has been read.
    pub(crate) fn reads(&self) -> usize {
        self.state().reads
    }

    /// From now on, this use fails with this error.
    pub(crate) fn refuse(&self, what: Use, error: VaultError) {
        self.state().failing.push((what, error));
    }

    /// Works again.
    pub(crate) fn heal(&self) {
        self.state().failing.clear();
    }

    /// From now on, this use waits until the [`Hold`] is opened.
    pub(crate) fn hold(&self, what: Use) -> Hold {
        let (arrived, arrivals) = watch::channel(0);
        let (open, opened) = watch::channel(false);
        self.state().held = Some((what, Turnstile { arrived, opened }));
        Hold { arrivals, open }
    }

    fn asked(&self, what: Use) -> Result<MutexGuard<'_, State>, VaultError> {
        let held = self.state().held.clone().filter(|(held, _)| *held == what);
        if let Some((_, mut turnstile)) = held {
            turnstile.arrived.send_modify(|arrived| *arrived += 1);
            // Vaults are used on threads that may block. An error means that the hold was dropped.
            let _ = tokio::runtime::Handle::current().block_on(turnstile.opened.wait_for(|opened| *opened));
        }
        let state = self.state();
        match state.failing.iter().find(|(failing, _)| *failing == what) {
            Some((_, error)) => Err(error.clone()),
            None => Ok(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hold {
    /// Waits until a use has arrived.
    pub(crate) async fn reached(&self) {
        let _ = self.arrivals.clone().wait_for(|arrived| *arrived > 0).await;
    }

    /// Lets all uses continue, now and later.
    pub(crate) fn open(&self) {
        self.open.send_replace(true);
    }
}

impl Vault for TestVault {
    fn read(&self, _: &VaultKey) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let mut state = self.asked(Use::Read)?;
        state.reads += 1;
        Ok(state.record.clone().map(Zeroizing::new))
    }

    fn write(&self, _: &VaultKey, record: &[u8]) -> Result<(), VaultError> {
        self.asked(Use::Write)?.record = Some(record.to_vec());
        Ok(())
    }

    fn delete(&self, _: &VaultKey) -> Result<(), VaultError> {
        self.asked(Use::Delete)?.record = None;
        Ok(())
    }

    fn lock(&self, _: &VaultKey, _: Duration) -> Result<VaultGuard, VaultError> {
        self.asked(Use::Lock).map(|_| VaultGuard::none())
    }
}

impl fmt::Debug for TestVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TestVault")
    }
}
