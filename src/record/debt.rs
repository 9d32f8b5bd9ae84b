//! What a sign-out owes to Cognito from its commit on, until it is paid, handed over or given up.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::forms::{StoredSession, TokensForm};
use crate::claims::Claims;
use crate::clock::seconds;
use crate::config::UnpaidRevocations;
use crate::session::{SignedInWith, Tokens};

/// A session that has ended on this device and whose revocation is not yet settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Debt {
    /// The generation of the session that it was: tells debts apart.
    pub(crate) id: u64,
    #[serde(with = "TokensForm")]
    pub(crate) tokens: Tokens,
    pub(crate) username: Option<String>,
    pub(crate) device_key: Option<String>,
    pub(crate) signed_in_with: SignedInWith,
    /// `GlobalSignOut` is owed. While a debt is on record, what it does not owe has been done.
    pub(crate) global: bool,
    /// `RevokeToken` is owed.
    pub(crate) revoke: bool,
    /// When the session ended here, in seconds since 1970.
    pub(crate) since: u64,
    /// How many times paying it was tried: for the log. Every record of version 1 has it.
    pub(crate) attempts: u32,
    /// It was tried when it was past its age already, and the next such try is the last. Not given up at once, since a
    /// clock can be wrong for a moment.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) overdue: bool,
}

impl Debt {
    /// The debt that ending `session` makes.
    pub(crate) fn of(
        session: &StoredSession,
        id: u64,
        device_key: Option<String>,
        global: bool,
        now: SystemTime,
    ) -> Self {
        Self {
            id,
            tokens: session.tokens.clone(),
            username: session.username.clone(),
            device_key,
            signed_in_with: session.signed_in_with,
            global,
            revoke: true,
            since: seconds(now),
            attempts: 0,
            overdue: false,
        }
    }

    /// The identity provider that the user signed in with, if it was not the user pool itself.
    pub(crate) fn identity_provider(&self) -> Option<String> {
        let claims = Claims::from_jwt(&self.tokens.id_token).ok()?;
        claims.identity_provider().map(str::to_owned)
    }

    /// Whether the user's own browser holds a session.
    pub(crate) fn is_in_shared_browser(&self) -> bool {
        self.signed_in_with == SignedInWith::HostedUi
    }

    /// This debt after a try that did not pay it; `None` if that was the last. It is the last if the debt is past the
    /// policy's age, and was so at an earlier try too. A clock that was set back makes a debt no older than new.
    pub(crate) fn after_a_try(mut self, policy: UnpaidRevocations, now: SystemTime) -> Option<Self> {
        self.attempts = self.attempts.saturating_add(1);
        let was_overdue = self.overdue;
        self.overdue = seconds(now).saturating_sub(self.since) > policy.max_age().as_secs();
        if was_overdue && self.overdue {
            tracing::warn!(self.attempts, "what an old sign-out owes is given up");
            return None;
        }
        Some(self)
    }
}
