//! The record of one app client: everything the library keeps, as one blob, so that one write changes all of it.

mod debt;
mod forms;
mod held;
mod store;
#[cfg(test)]
mod tests;
mod unknown;
mod waiting;

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::end_reason::EndReason;
use crate::json::{is_object, to_wiped_json};
use crate::secret::Secret;
use crate::session::Tokens;
use crate::vault::VaultError;
use debt::DebtForm;
use forms::StoredDevice;
use unknown::Unknown;

pub(crate) use debt::Debt;
pub(crate) use forms::StoredSession;
pub(crate) use held::Held;
pub(crate) use store::{HasTurn, Late, RecordStore, Turn};
pub(crate) use waiting::WaitingSignOut;

/// The version that this library writes, and the newest that it reads.
const VERSION: u32 = 1;

/// The whole state of one (user pool, app client).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    version: u32,
    /// Changes whenever a session begins or ends. Code that reads a session and writes later compares it: if it differs, the
    /// session that was read is no longer the one on record.
    pub(crate) generation: u64,
    #[serde(default)]
    pub(crate) session: Option<StoredSession>,
    /// A sign-out that waits for the browser. Use [`waiting_sign_out`](Self::waiting_sign_out) to read it.
    #[serde(default, rename = "signing_out", skip_serializing_if = "Option::is_none")]
    pub(crate) waiting: Option<WaitingSignOut>,
    /// What ended sessions owe, oldest first.
    #[serde(default)]
    pub(crate) pending: Vec<Debt>,
    /// The devices that Cognito remembers, by username. They outlive the session.
    #[serde(default)]
    pub(crate) devices: BTreeMap<String, StoredDevice>,
    /// The sign-in that was adopted last, without a secret in it. It outlives the session: the other library's store may still
    /// have the tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) adopted: Option<String>,
    #[serde(flatten, skip_deserializing)]
    unknown: Unknown,
}

/// Refreshed tokens of the session on record, on their way into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fresh {
    /// The generation of their session.
    pub(crate) generation: u64,
    /// The refresh token that was used to get them.
    pub(crate) used: Secret,
    /// The new tokens, as the debt that they become if the session has ended meanwhile. The debt has an id of its own.
    pub(crate) debt: Debt,
}

impl Fresh {
    pub(crate) fn tokens(&self) -> &Tokens {
        &self.debt.held.tokens
    }

    /// Whether the refresh token is a new one, which nobody else knows.
    pub(crate) fn is_rotated(&self) -> bool {
        self.tokens().refresh_token != self.used
    }

    /// Whether `next` came from a refresh with these.
    pub(crate) fn goes_before(&self, next: &Self) -> bool {
        self.generation == next.generation && self.tokens().refresh_token == next.used
    }
}

impl Record {
    /// The record of an app client that has none. Its generation starts at a random number, so that a record read before a
    /// purge is not mistaken for one written after it.
    pub(crate) fn empty() -> Self {
        Self {
            version: VERSION,
            // With room above it, and a JSON number that every reader keeps exactly.
            generation: fastrand::u64(..1 << 52),
            session: None,
            waiting: None,
            pending: Vec::new(),
            devices: BTreeMap::new(),
            adopted: None,
            unknown: Unknown::default(),
        }
    }

    /// The session on record, with what it takes to use its tokens.
    pub(crate) fn held(&self) -> Option<Held> {
        let session = self.session.as_ref()?;
        let device = session
            .username
            .as_ref()
            .and_then(|username| self.devices.get(username));
        Some(Held {
            id: self.generation,
            tokens: session.tokens.clone(),
            username: session.username.clone(),
            device_key: device.map(|device| device.key.clone()),
            signed_in_with: session.signed_in_with,
        })
    }

    /// The sign-out of the session on record that waits for the browser.
    pub(crate) fn waiting_sign_out(&self) -> Option<&WaitingSignOut> {
        let waiting = self.waiting.as_ref()?;
        (self.session.is_some() && waiting.generation == self.generation).then_some(waiting)
    }

    /// Whether it is the sign-out with this id that waits.
    pub(crate) fn is_waiting(&self, id: u64) -> bool {
        self.waiting_sign_out().is_some_and(|waiting| waiting.id == id)
    }

    /// Changes the waiting sign-out with this id, or removes it. Nothing happens if another one waits, or none.
    pub(crate) fn replace_waiting(&mut self, id: u64, next: Option<WaitingSignOut>) {
        if self.is_waiting(id) {
            self.waiting = next;
        }
    }

    /// The place of this debt in `pending`.
    pub(crate) fn debt(&self, id: u64) -> Option<usize> {
        self.pending.iter().position(|debt| debt.held.id == id)
    }

    /// Whether nothing is worth keeping.
    pub(crate) fn is_empty(&self) -> bool {
        self.session.is_none()
            && self.pending.is_empty()
            && self.devices.is_empty()
            && self.adopted.is_none()
            && self.unknown.is_empty()
    }

    /// Ends the session: once this record is written, nobody is signed in, and what the session owes is on record instead.
    pub(crate) fn end_session(&mut self, global: bool, linked: bool, now: SystemTime) -> Option<&mut Debt> {
        let debt = Debt::of(self.held()?, global, linked, now);
        self.session = None;
        self.generation = self.generation.wrapping_add(1);
        self.pending.push(debt);
        self.pending.last_mut()
    }

    /// Puts refreshed tokens in their place. If their session has ended, they become a debt; if it has newer tokens, they are
    /// dropped. Idempotent.
    pub(crate) fn put(&mut self, fresh: &Fresh) {
        match &mut self.session {
            Some(session) if self.generation == fresh.generation => {
                // Another process may have refreshed first. Its tokens are kept, since they may have been rotated.
                if session.tokens.refresh_token == fresh.used {
                    session.tokens = fresh.tokens().clone();
                    // Another process may have used the old token after this refresh, and Cognito has refused it.
                    let is_about_a_token = session.end_reason.is_none_or(EndReason::is_about_a_token);
                    if fresh.is_rotated() && is_about_a_token {
                        session.expired = false;
                        session.end_reason = None;
                    }
                }
            }
            _ => match self.debt(fresh.debt.held.id) {
                None if fresh.is_rotated() => {
                    let mut debt = fresh.debt.clone();
                    if let Some(ended) = self.debt(fresh.generation).map(|ended| &self.pending[ended]) {
                        debt.linked = ended.linked;
                        debt.app_reason = ended.app_reason.clone();
                    }
                    self.pending.push(debt);
                }
                Some(position) if self.pending[position].held.tokens.refresh_token == fresh.used => {
                    self.pending[position].held.tokens = fresh.tokens().clone();
                }
                _ => {}
            },
        }
    }

    /// The bytes for the vault.
    pub(crate) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        to_wiped_json(self).map_err(|error| VaultError::Other(format!("the record has no JSON form: {error}")))
    }

    /// Reads what the vault holds.
    ///
    /// # Errors
    /// [`VaultError::NewerVersion`], or [`VaultError::Corrupt`], which names the place and nothing of the content.
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
        if !is_object(bytes) {
            return Err(VaultError::Corrupt("it is not a JSON object".into()));
        }
        match head.version {
            VERSION => serde_json::from_slice(bytes)
                .and_then(|record: Self| record.with_unknown(bytes))
                .map_err(corrupt),
            0 => Err(VaultError::Corrupt("version 0 was never written".into())),
            found => Err(VaultError::NewerVersion { found, known: VERSION }),
        }
    }

    /// With what the bytes say beyond what was read from them: in the record itself, in its session and in its debts. A later
    /// version puts new fields only there.
    fn with_unknown(mut self, bytes: &[u8]) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Objects<'a> {
            #[serde(borrow, default)]
            session: Option<&'a RawValue>,
            #[serde(borrow, default)]
            pending: Vec<&'a RawValue>,
        }
        let objects: Objects<'_> = serde_json::from_slice(bytes)?;
        self.unknown = Unknown::beside::<Self>(serde_json::from_slice(bytes)?)?;
        if let Some((session, object)) = self.session.as_mut().zip(objects.session) {
            session.unknown = Unknown::beside::<StoredSession>(object)?;
        }
        for (debt, object) in self.pending.iter_mut().zip(objects.pending) {
            debt.unknown = Unknown::beside::<DebtForm>(object)?;
        }
        Ok(self)
    }
}
