//! A keyring-core store for tests. It counts changes, and can be told to fail, to forget, or to damage an entry. Like Android's
//! store, it can keep a change in memory only.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

use keyring_core::api::{CredentialApi, CredentialStoreApi};
use keyring_core::{Credential, CredentialStore, Entry, Error, Result};

use crate::lock::lock;
use crate::vault::keychain::open_store::OpenStore;

/// How the change that was chosen fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::vault::keychain) enum Fault {
    /// It is refused. Later changes succeed.
    Refused,
    /// It is made, but reported as failed. Later changes succeed.
    DoneButReportedFailed,
    /// Neither it nor any later change is made: the process was killed.
    PowerCut,
}

/// The store. Its clones and entries share one content.
#[derive(Clone, Default)]
pub(in crate::vault::keychain) struct FaultyStore(Arc<Mutex<State>>);

/// By (service, user); more than one secret where there are duplicates.
type Secrets = BTreeMap<(String, String), Vec<Vec<u8>>>;

#[derive(Default)]
struct State {
    secrets: Secrets,
    /// The part of `secrets` that was flushed.
    disk: Secrets,
    disk_full: bool,
    /// The most bytes that an entry takes.
    limit: Option<usize>,
    changes: usize,
    fault: Option<(usize, Fault)>,
    forgetful: bool,
    unreadable: bool,
    /// How many times an entry cannot be decrypted.
    undecryptable: usize,
    key_is_lost: bool,
    after_reading: Option<Box<dyn FnOnce() + Send>>,
}

impl FaultyStore {
    pub(in crate::vault::keychain) fn with_limit(limit: usize) -> Self {
        let store = Self::default();
        store.state().limit = Some(limit);
        store
    }

    /// The store in keyring-core's type.
    pub(in crate::vault::keychain) fn shared(&self) -> Arc<CredentialStore> {
        Arc::new(self.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }

    /// How many entries the store has.
    pub(in crate::vault::keychain) fn len(&self) -> usize {
        self.state().secrets.values().map(Vec::len).sum()
    }

    /// The entries' names: (service, user).
    pub(in crate::vault::keychain) fn names(&self) -> Vec<(String, String)> {
        self.state().secrets.keys().cloned().collect()
    }

    /// How many changes were requested since the last call or the last `fail_at`.
    pub(in crate::vault::keychain) fn take_changes(&self) -> usize {
        std::mem::take(&mut self.state().changes)
    }

    /// Makes the `n`-th change from now (the first is 0) fail.
    pub(in crate::vault::keychain) fn fail_at(&self, n: usize, fault: Fault) {
        let mut state = self.state();
        state.changes = 0;
        state.fault = Some((n, fault));
    }

    pub(in crate::vault::keychain) fn heal(&self) {
        self.state().fault = None;
    }

    /// The store as on Android: a change that it accepts may not be on the disk yet.
    pub(in crate::vault::keychain) fn as_androids(&self) -> OpenStore {
        let (store, keystore) = (self.clone(), self.clone());
        OpenStore {
            flush: Some(Arc::new(move || store.flush())),
            trial: Some(Arc::new(move || {
                if keystore.state().key_is_lost {
                    return Err(Error::PlatformFailure("the Keystore is unwell".into()));
                }
                Ok(())
            })),
            ..OpenStore::plain(self.shared())
        }
    }

    fn flush(&self) -> Result<()> {
        let mut state = self.state();
        if state.disk_full && state.disk != state.secrets {
            return Err(Error::PlatformFailure("the disk is full".into()));
        }
        state.disk = state.secrets.clone();
        Ok(())
    }

    /// While the disk is full, changes succeed in memory and do not reach the disk.
    pub(in crate::vault::keychain) fn set_disk_full(&self, full: bool) {
        self.state().disk_full = full;
    }

    /// The process ends. The next one reads what is on the disk.
    pub(in crate::vault::keychain) fn restart(&self) {
        let mut state = self.state();
        state.secrets = state.disk.clone();
    }

    /// From now on accepts every change and keeps none, not even in memory.
    pub(in crate::vault::keychain) fn make_forgetful(&self) {
        self.state().forgetful = true;
    }

    /// From now on answers "no entry" when an entry is read, as Android's store does if the text is not base64.
    pub(in crate::vault::keychain) fn make_unreadable(&self) {
        self.state().unreadable = true;
    }

    /// The next `times` readings of an entry fail, as if the entry were broken.
    pub(in crate::vault::keychain) fn make_undecryptable(&self, times: usize) {
        self.state().undecryptable = times;
    }

    /// Whether a trial of the key fails.
    pub(in crate::vault::keychain) fn set_key_lost(&self, lost: bool) {
        self.state().key_is_lost = lost;
    }

    /// Adds a second entry of the same name.
    pub(in crate::vault::keychain) fn duplicate(&self, service: &str, user: &str) {
        let mut state = self.state();
        let secrets = state.secrets.entry((service.into(), user.into())).or_default();
        secrets.push(secrets[0].clone());
    }

    /// Changes the last byte of the entry.
    pub(in crate::vault::keychain) fn garble(&self, service: &str, user: &str) {
        let mut state = self.state();
        let secrets = state.secrets.entry((service.into(), user.into())).or_default();
        if let Some(last) = secrets[0].last_mut() {
            *last ^= 1;
        }
    }

    /// Runs `act` directly after the next reading of an entry, as another process might.
    pub(in crate::vault::keychain) fn after_next_reading(&self, act: impl FnOnce() + Send + 'static) {
        self.state().after_reading = Some(Box::new(act));
    }

    fn change(&self, apply: impl FnOnce(&mut State) -> Result<()>) -> Result<()> {
        let mut state = self.state();
        let number = state.changes;
        state.changes += 1;
        let fails = |fault| Err(Error::PlatformFailure(format!("change {number}: {fault:?}").into()));
        match state.fault {
            Some((n, fault @ Fault::Refused)) if n == number => fails(fault),
            Some((n, fault @ Fault::PowerCut)) if n <= number => fails(fault),
            Some((n, fault @ Fault::DoneButReportedFailed)) if n == number => {
                let _done = apply(&mut state);
                fails(fault)
            }
            _ if state.forgetful => Ok(()),
            _ => apply(&mut state),
        }
    }
}

impl std::fmt::Debug for FaultyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FaultyStore")
    }
}

struct FaultyEntry {
    store: FaultyStore,
    name: (String, String),
}

impl CredentialStoreApi for FaultyStore {
    fn vendor(&self) -> String {
        "faulty".into()
    }

    fn id(&self) -> String {
        "faulty".into()
    }

    fn build(&self, service: &str, user: &str, _: Option<&HashMap<&str, &str>>) -> Result<Entry> {
        Ok(Entry::new_with_credential(Arc::new(FaultyEntry {
            store: self.clone(),
            name: (service.into(), user.into()),
        })))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn debug_fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, f)
    }
}

impl CredentialApi for FaultyEntry {
    fn set_secret(&self, secret: &[u8]) -> Result<()> {
        self.store.change(|state| match state.limit {
            Some(limit) if secret.len() > limit => Err(Error::TooLong("secret".into(), limit as u32)),
            _ => {
                state.secrets.insert(self.name.clone(), vec![secret.to_vec()]);
                Ok(())
            }
        })
    }

    fn get_secret(&self) -> Result<Vec<u8>> {
        let (found, after) = {
            let mut state = self.store.state();
            if state.undecryptable > 0 {
                state.undecryptable -= 1;
                return Err(Error::BadDataFormat(Vec::new(), "the tag is wrong".into()));
            }
            let found = state.secrets.get(&self.name).filter(|_| !state.unreadable).cloned();
            (found, state.after_reading.take())
        };
        if let Some(act) = after {
            act();
        }
        match found.as_deref() {
            None => Err(Error::NoEntry),
            Some([secret]) => Ok(secret.clone()),
            Some(_) => Err(self.ambiguous()),
        }
    }

    fn delete_credential(&self) -> Result<()> {
        let found = self.store.state().secrets.get(&self.name).map(Vec::len);
        if found > Some(1) {
            return Err(self.ambiguous());
        }
        self.store
            .change(|state| state.secrets.remove(&self.name).map(|_| ()).ok_or(Error::NoEntry))
    }

    fn get_credential(&self) -> Result<Option<Arc<Credential>>> {
        let found = self.store.state().secrets.contains_key(&self.name);
        if found { Ok(None) } else { Err(Error::NoEntry) }
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        Some(self.name.clone())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn debug_fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FaultyEntry")
    }
}

impl FaultyEntry {
    fn ambiguous(&self) -> Error {
        let count = self.store.state().secrets[&self.name].len();
        let one = || {
            Entry::new_with_credential(Arc::new(OneOfSeveral(FaultyEntry {
                store: self.store.clone(),
                name: self.name.clone(),
            })))
        };
        Error::Ambiguous(std::iter::repeat_with(one).take(count).collect())
    }
}

/// One of several entries of the same name, as a store hands them out in `Ambiguous`.
struct OneOfSeveral(FaultyEntry);

impl CredentialApi for OneOfSeveral {
    fn set_secret(&self, secret: &[u8]) -> Result<()> {
        self.0.set_secret(secret)
    }

    fn get_secret(&self) -> Result<Vec<u8>> {
        self.0.get_secret()
    }

    fn delete_credential(&self) -> Result<()> {
        self.0.store.change(|state| {
            let secrets = state.secrets.get_mut(&self.0.name).ok_or(Error::NoEntry)?;
            secrets.pop();
            if secrets.is_empty() {
                state.secrets.remove(&self.0.name);
            }
            Ok(())
        })
    }

    fn get_credential(&self) -> Result<Option<Arc<Credential>>> {
        self.0.get_credential()
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        self.0.get_specifiers()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn debug_fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OneOfSeveral")
    }
}
