//! The record of one app client: everything the library keeps, as one blob, so that one write changes all of it.

mod debt;
mod forms;
mod store;
#[cfg(test)]
mod tests;
mod waiting;

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::json::to_wiped_json;
use crate::secret::Secret;
use crate::vault::VaultError;

pub(crate) use debt::Debt;
use forms::StoredDevice;
pub(crate) use forms::StoredSession;
pub(crate) use store::{HasTurn, Late, RecordStore, Turn};
pub(crate) use waiting::{Interrupted, NotedSignOut};

/// The version this library writes, and the newest that it reads.
const VERSION: u32 = 1;

/// The whole state of one (user pool, app client).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    version: u32,
    /// Changes whenever a session begins or ends. Whoever has read one and means to write later must find it the same,
    /// or else the session that it read is no longer the one on record.
    pub(crate) generation: u64,
    #[serde(default)]
    pub(crate) session: Option<StoredSession>,
    /// A sign-out of this session that waits for the browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) signing_out: Option<Interrupted>,
    /// What ended sessions owe, oldest first.
    #[serde(default)]
    pub(crate) pending: Vec<Debt>,
    /// Devices that Cognito remembers, by username: they outlive the session.
    #[serde(default)]
    pub(crate) devices: BTreeMap<String, StoredDevice>,
}

/// Refreshed tokens of the session on record, on their way into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fresh {
    /// The generation of the session that they are of.
    pub(crate) generation: u64,
    /// The refresh token that they were got with.
    pub(crate) used: Secret,
    /// They, as the debt that they are if the session has ended meanwhile. Its id is its own.
    pub(crate) debt: Debt,
}

impl Fresh {
    /// Whether the refresh token is a new one, which nobody else knows.
    pub(crate) fn is_rotated(&self) -> bool {
        self.debt.tokens.refresh_token != self.used
    }

    /// Whether `next` was got with these.
    pub(crate) fn goes_before(&self, next: &Self) -> bool {
        self.generation == next.generation && self.debt.tokens.refresh_token == next.used
    }
}

impl Record {
    /// The record of an app client that has none. Its generation begins anywhere, so that one read before a purge is
    /// not mistaken for one written after it.
    pub(crate) fn empty() -> Self {
        Self {
            version: VERSION,
            // Room above it, and exact in any JSON reader.
            generation: fastrand::u64(..1 << 52),
            session: None,
            signing_out: None,
            pending: Vec::new(),
            devices: BTreeMap::new(),
        }
    }

    /// The sign-out that waits for the browser, and the session that it is of.
    pub(crate) fn sign_out_under_way(&self) -> Option<(&StoredSession, &Interrupted)> {
        let session = self.session.as_ref()?;
        let interrupted = self.signing_out.as_ref();
        let interrupted = interrupted.filter(|interrupted| interrupted.generation == self.generation)?;
        Some((session, interrupted))
    }

    /// The same, if it is this one.
    pub(crate) fn waiting_sign_out(&mut self, id: u64) -> Option<&mut Option<Interrupted>> {
        let (_, interrupted) = self.sign_out_under_way()?;
        (interrupted.id == id).then_some(&mut self.signing_out)
    }

    /// Where this debt stands among those that are pending.
    pub(crate) fn debt(&self, id: u64) -> Option<usize> {
        self.pending.iter().position(|debt| debt.id == id)
    }

    /// Whether nothing is worth keeping.
    pub(crate) fn is_empty(&self) -> bool {
        self.session.is_none() && self.pending.is_empty() && self.devices.is_empty()
    }

    /// The key of the device that Cognito remembers for the session's user.
    pub(crate) fn device_key(&self) -> Option<String> {
        let username = self.session.as_ref()?.username.as_ref()?;
        Some(self.devices.get(username)?.key.clone())
    }

    /// Ends the session: from the write of this record on, nobody is signed in. What it owes is on record instead.
    pub(crate) fn end_session(&mut self, global: bool, now: SystemTime) -> Option<Debt> {
        let device_key = self.device_key();
        let session = self.session.take()?;
        let debt = Debt::of(&session, self.generation, device_key, global, now);
        self.pending.push(debt.clone());
        self.generation = self.generation.wrapping_add(1);
        Some(debt)
    }

    /// Puts refreshed tokens in their place, unless the session that they belong to has moved on; if it has ended, they are
    /// a debt. Once more changes nothing.
    pub(crate) fn put(&mut self, fresh: &Fresh) {
        match &mut self.session {
            Some(session) if self.generation == fresh.generation => {
                // Another process may have refreshed first: its tokens stand, since they may have been rotated.
                if session.tokens.refresh_token == fresh.used {
                    session.tokens = fresh.debt.tokens.clone();
                }
            }
            _ => match self.debt(fresh.debt.id) {
                None if fresh.is_rotated() => self.pending.push(fresh.debt.clone()),
                Some(position) if self.pending[position].tokens.refresh_token == fresh.used => {
                    self.pending[position].tokens = fresh.debt.tokens.clone();
                }
                _ => {}
            },
        }
    }

    /// As bytes for the vault.
    pub(crate) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        to_wiped_json(self).map_err(|error| VaultError::Other(format!("the record has no JSON form: {error}")))
    }

    /// From what the vault holds.
    ///
    /// # Errors
    /// [`VaultError::NewerVersion`] or [`VaultError::Corrupt`], which name the place and hold nothing of the content.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, VaultError> {
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        // serde_json's own message can quote what it read, and that may be a token.
        let corrupt = |error: serde_json::Error| {
            VaultError::Corrupt(format!(
                "{:?} error at line {} column {}",
                error.classify(),
                error.line(),
                error.column()
            ))
        };
        let head: Head = serde_json::from_slice(bytes).map_err(corrupt)?;
        match head.version {
            VERSION => serde_json::from_slice(bytes).map_err(corrupt),
            0 => Err(VaultError::Corrupt("version 0 was never written".into())),
            found => Err(VaultError::NewerVersion { found, known: VERSION }),
        }
    }
}
