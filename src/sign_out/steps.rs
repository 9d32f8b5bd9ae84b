//! The steps of a sign-out, its own six and the app's, and the outcome of each.

use std::fmt::{self, Display};

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::error::ErrorCode;

/// The six steps of a sign-out, in the order in which they run; and the app's own steps.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
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
    /// The app's own steps: all that are registered; in a retry or a payment, those that were still owed. See
    /// [`AppStep`](crate::AppStep).
    pub app: Vec<AppStepReport>,
}

/// When one of the app's own steps runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum Phase {
    /// When the user is signed out of this device, and before Cognito is asked to end the session: the session's tokens still
    /// work. The steps of this phase run side by side, for a third of the sign-out's time at most.
    ///
    /// An access token that has expired is renewed first. With
    /// [`refresh_token_rotation`](crate::AuthConfigBuilder::refresh_token_rotation) it is renewed only for a global sign-out,
    /// which needs it too: a new refresh token whose response is lost could never be revoked.
    WhileTokenLives,
    /// At the end, when Cognito has been asked. The steps of this phase run side by side.
    AfterSignOut,
}

/// What became of one of the app's own steps.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
#[non_exhaustive]
pub struct AppStepReport {
    /// The name that it was registered with.
    pub name: String,
    /// When it runs. `None` if no step of this name is registered.
    pub phase: Option<Phase>,
    /// Its outcome.
    pub status: StepStatus,
}

impl AppStepReport {
    /// A step that has not run yet.
    pub(crate) fn to_do(name: &str, phase: Option<Phase>) -> Self {
        Self {
            name: name.to_owned(),
            phase,
            status: StepStatus::default(),
        }
    }
}

impl Steps {
    /// Each of the six steps with its name, in the order in which they run: for tables, logs and JSON.
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

    /// Whether one of the app's steps of this phase has not run yet.
    pub(super) fn has_to_do(&self, phase: Phase) -> bool {
        let mut app = self.app.iter();
        app.any(|step| step.phase == Some(phase) && step.status == StepStatus::default())
    }

    pub(crate) fn every_session_has_ended(&self) -> bool {
        matches!(
            self.global_sign_out,
            StepStatus::Done | StepStatus::Skipped(Skip::AlreadyDone)
        )
    }
}

/// The outcome of one step. Prints as `done`, `requested`, `owed`, `skipped:WHY` or `failed:CODE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum StepStatus {
    /// It is done.
    Done,
    /// The server has accepted the request, and nothing confirms that it was carried out: the step `web` under the policy
    /// [`ByRevocation`](crate::WebPolicy::ByRevocation).
    Requested,
    /// One of the app's own steps is on record, and nothing here can do it, because no step of this name is registered.
    Owed,
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
            Self::Owed => f.write_str("owed"),
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

/// As `web skipped:by_policy, commit done, …`; the app's own steps come last.
impl Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (step, status)) in self.named().into_iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{step} {status}")?;
        }
        for step in &self.app {
            write!(f, ", {} {}", step.name, step.status)?;
        }
        Ok(())
    }
}

/// Each step by its name, as it prints: in the order in which they run. The app's own steps are an object of the same kind,
/// `app`.
impl Serialize for Steps {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let named = self.named();
        let mut steps = serializer.serialize_map(Some(named.len() + 1))?;
        for (name, status) in named {
            steps.serialize_entry(name, &status)?;
        }
        steps.serialize_entry("app", &AppSteps(&self.app))?;
        steps.end()
    }
}

struct AppSteps<'a>(&'a [AppStepReport]);

impl Serialize for AppSteps<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|step| (&step.name, step.status)))
    }
}

/// As it prints: `done`, `skipped:no_session`, `failed:timed_out`.
impl Serialize for StepStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
