//! What a sign-out still owes: to Cognito, and of the app's own steps.
//!
//! - A sign-out *commits* with one write to the record: the session goes, and its debt comes in its place.
//! - A *debt* is the promise to end that session at Cognito too: `RevokeToken`, and `GlobalSignOut` if all sessions are to end.
//!   It also has the names of the app's own steps, each until the step has succeeded.
//! - To *pay* a debt is to send those requests and to run those steps. A payment can succeed in part.
//! - To *settle* is the write after a payment: a paid debt leaves the record, an unpaid one stays with what it still owes.
//! - To *hand over* a debt is to take it off the record and give its tokens to the caller, in the result of the call.
//! - A debt is *given up* (handed over for good) if a new try cannot help, or if it is older than the configuration allows.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::forms::TokensForm;
use super::held::Held;
use super::unknown::Unknown;
use crate::app_reason::{self, AppReason};
use crate::clock::seconds;
use crate::config::UnpaidRevocations;
use crate::session::{SignedInWith, Tokens};

/// A session that has ended on this device, and what is still owed for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "DebtForm", into = "DebtForm")]
pub(crate) struct Debt {
    pub(crate) held: Held,
    /// `GlobalSignOut` is owed. What a debt on record does not owe has been done.
    pub(crate) global: bool,
    /// `RevokeToken` is owed.
    pub(crate) revoke: bool,
    /// That `RevokeToken` ends the browser's session too (`RevokeAssociatedSessions: LINKED`).
    pub(crate) linked: bool,
    /// Why the app signed out.
    pub(crate) app_reason: Option<AppReason>,
    /// The names of the app's own steps that are owed.
    pub(crate) app_steps: Vec<String>,
    /// When the session ended on this device, in seconds since 1970.
    pub(crate) since: u64,
    /// How many payments have failed: for the log.
    pub(crate) attempts: u32,
    /// The last payment was tried when the debt was past its age already, and the next such try is the last. A debt is not
    /// given up at once, because a clock can be wrong for a moment.
    pub(crate) overdue: bool,
    /// What a later version has written about it. It goes when all that is owed here is paid.
    pub(super) unknown: Unknown,
}

impl Debt {
    /// The debt of a session that ends now.
    pub(crate) fn of(held: Held, global: bool, linked: bool, now: SystemTime) -> Self {
        Self {
            held,
            global,
            revoke: true,
            linked,
            app_reason: None,
            app_steps: Vec::new(),
            since: seconds(now),
            attempts: 0,
            overdue: false,
            unknown: Unknown::default(),
        }
    }

    /// Whether anything is owed at all.
    pub(crate) fn owes_anything(&self) -> bool {
        self.global || self.revoke || !self.app_steps.is_empty()
    }

    /// This debt after a payment that failed; `None` if that was the last try. It was the last if the debt is past the
    /// policy's age, and was so at an earlier try too. If the clock was set back, the debt counts as new.
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

/// How a [`Debt`] is written on record: flat, as every record of version 1 has it. `Held` is not read by `#[serde(flatten)]`:
/// that would buffer the tokens while it reads them, and would lose the place of an error.
#[derive(Serialize, Deserialize)]
pub(super) struct DebtForm {
    id: u64,
    #[serde(with = "TokensForm")]
    tokens: Tokens,
    username: Option<String>,
    device_key: Option<String>,
    signed_in_with: SignedInWith,
    global: bool,
    revoke: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    linked: bool,
    #[serde(
        default,
        deserialize_with = "app_reason::on_record",
        skip_serializing_if = "Option::is_none"
    )]
    app_reason: Option<AppReason>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    app_steps: Vec<String>,
    since: u64,
    attempts: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    overdue: bool,
    #[serde(flatten, skip_deserializing)]
    unknown: Unknown,
}

impl From<Debt> for DebtForm {
    fn from(debt: Debt) -> Self {
        let held = debt.held;
        Self {
            id: held.id,
            tokens: held.tokens,
            username: held.username,
            device_key: held.device_key,
            signed_in_with: held.signed_in_with,
            global: debt.global,
            revoke: debt.revoke,
            linked: debt.linked,
            app_reason: debt.app_reason,
            app_steps: debt.app_steps,
            since: debt.since,
            attempts: debt.attempts,
            overdue: debt.overdue,
            unknown: debt.unknown,
        }
    }
}

impl From<DebtForm> for Debt {
    fn from(form: DebtForm) -> Self {
        Self {
            held: Held {
                id: form.id,
                tokens: form.tokens,
                username: form.username,
                device_key: form.device_key,
                signed_in_with: form.signed_in_with,
            },
            global: form.global,
            revoke: form.revoke,
            linked: form.linked,
            app_reason: form.app_reason,
            app_steps: form.app_steps,
            since: form.since,
            attempts: form.attempts,
            overdue: form.overdue,
            unknown: form.unknown,
        }
    }
}
