//! The six steps of a sign-out, and the outcome of each.

use std::fmt::{self, Display};

use serde::ser::{Serialize, Serializer};

use crate::error::ErrorCode;

/// The six steps of a sign-out, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
#[non_exhaustive]
pub struct Steps {
    /// Ending the browser's session at the hosted pages: in the browser, or as a part of `RevokeToken`
    /// ([`WebPolicy::ByRevocation`](crate::WebPolicy::ByRevocation)).
    pub web: StepStatus,
    /// Reading the record, and the one write that signs this device out.
    pub commit: StepStatus,
    /// Getting a valid access token for `GlobalSignOut`.
    pub refresh: StepStatus,
    /// `GlobalSignOut`: every session of the user.
    pub global_sign_out: StepStatus,
    /// `RevokeToken`: this session's refresh token, and every access token that came from it.
    pub revoke_token: StepStatus,
    /// Removing from the keychain what is paid or handed over.
    pub settle: StepStatus,
}

impl Steps {
    /// Each step with its name, in the order in which they run: for tables, logs and JSON.
    pub fn named(&self) -> [(&'static str, StepStatus); 6] {
        [
            ("web", self.web),
            ("commit", self.commit),
            ("refresh", self.refresh),
            ("global_sign_out", self.global_sign_out),
            ("revoke_token", self.revoke_token),
            ("settle", self.settle),
        ]
    }

    /// Whether `RevokeToken` has succeeded, in this call or in the one that it retries. Cognito then refuses the session's
    /// access token too.
    pub(super) fn session_is_revoked(&self) -> bool {
        matches!(
            self.revoke_token,
            StepStatus::Done | StepStatus::Skipped(Skip::AlreadyDone)
        )
    }

    pub(crate) fn every_session_has_ended(&self) -> bool {
        matches!(
            self.global_sign_out,
            StepStatus::Done | StepStatus::Skipped(Skip::AlreadyDone)
        )
    }
}

/// The outcome of one step. Prints as `done`, `requested`, `skipped:WHY` or `failed:CODE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum StepStatus {
    /// It is done.
    Done,
    /// The server has accepted the request, and nothing confirms that it was carried out: the step `web` under the policy
    /// [`ByRevocation`](crate::WebPolicy::ByRevocation).
    Requested,
    /// It was not needed, or not reached.
    Skipped(Skip),
    /// It failed.
    Failed(ErrorCode),
}

impl Default for StepStatus {
    fn default() -> Self {
        Self::Skipped(Skip::NotReached)
    }
}

impl Display for StepStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("done"),
            Self::Requested => f.write_str("requested"),
            Self::Skipped(why) => write!(f, "skipped:{}", why.as_str()),
            Self::Failed(code) => write!(f, "failed:{code}"),
        }
    }
}

/// Why a step was skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Skip {
    /// An earlier step ended the sign-out before this one.
    NotReached,
    /// Nobody was signed in.
    NoSession,
    /// The session did not begin in a browser.
    NotABrowserSession,
    /// The session began in a private (ephemeral) browser session, which leaves no cookie behind.
    PrivateBrowserSession,
    /// The web policy says so.
    ByPolicy,
    /// No global sign-out was asked for.
    NotRequested,
    /// The access token was still valid, or nothing needed one.
    NotNeeded,
    /// Cognito says that token revocation is off for the app client.
    RevocationOff,
    /// An earlier sign-out had done this already.
    AlreadyDone,
}

impl Skip {
    /// The reason as a string that never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotReached => "not_reached",
            Self::NoSession => "no_session",
            Self::NotABrowserSession => "not_a_browser_session",
            Self::PrivateBrowserSession => "private_browser_session",
            Self::ByPolicy => "by_policy",
            Self::NotRequested => "not_requested",
            Self::NotNeeded => "not_needed",
            Self::RevocationOff => "revocation_off",
            Self::AlreadyDone => "already_done",
        }
    }
}

/// As `web skipped:by_policy, commit done, …`.
impl Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (step, status)) in self.named().into_iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{step} {status}")?;
        }
        Ok(())
    }
}

/// Each step by its name, as it prints: in the order in which they run.
impl Serialize for Steps {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.named())
    }
}

/// As it prints: `done`, `skipped:no_session`, `failed:timed_out`.
impl Serialize for StepStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
