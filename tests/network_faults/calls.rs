//! The calls of an app: the columns of the guide's tables, and the time that each may take.

use std::time::Duration;

use crate::services::IN_THE_BROWSER;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Local,
    Global,
    InTheBrowser,
    Refresh,
    Verify,
    Session,
    Store,
    Sessions,
    EndSession,
    SignOutOthers,
    Resume,
    SettlePending,
}

/// The tables, each with its columns.
pub(crate) const TABLES: [&[Call]; 2] = [
    &[
        Call::Local,
        Call::Global,
        Call::InTheBrowser,
        Call::Refresh,
        Call::Verify,
        Call::Session,
        Call::Store,
    ],
    &[
        Call::Sessions,
        Call::EndSession,
        Call::SignOutOthers,
        Call::Resume,
        Call::SettlePending,
    ],
];

/// The default of a sign-out, and what the other calls have.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);
/// The user's time in the browser.
pub(crate) const BROWSER_DEADLINE: Duration = Duration::from_secs(5);
/// For this machine, which may be busy.
const SLACK: Duration = Duration::from_millis(1500);

impl Call {
    /// The head of its column.
    pub(crate) fn column(self) -> &'static str {
        match self {
            Self::Local => "`sign_out`, local",
            Self::Global => "global",
            Self::InTheBrowser => "with the browser's page",
            Self::Refresh => "`refresh`",
            Self::Verify => "`verify`",
            Self::Session => "`session`",
            Self::Store => "`store_session`",
            Self::Sessions => "`sessions`",
            Self::EndSession => "`end_session`",
            Self::SignOutOthers => "`sign_out_others`",
            Self::Resume => "`resume`",
            Self::SettlePending => "`settle_pending`",
        }
    }

    /// Each call has a user of its own.
    pub(crate) fn user(self) -> &'static str {
        match self {
            Self::Local => "lea",
            Self::Global => "gil",
            Self::InTheBrowser => IN_THE_BROWSER,
            Self::Refresh => "rob",
            Self::Verify => "vic",
            Self::Session => "sam",
            Self::Store => "sue",
            Self::Sessions => "ned",
            Self::EndSession => "eve",
            Self::SignOutOthers => "oli",
            Self::Resume => "rita",
            Self::SettlePending => "dan",
        }
    }

    /// Whether an earlier sign-out has left its revocation on record.
    pub(crate) fn has_a_debt(self) -> bool {
        matches!(self, Self::Resume | Self::SettlePending)
    }

    /// Whether it ends the sessions on other devices.
    pub(crate) fn ends_others(self) -> bool {
        matches!(self, Self::EndSession | Self::SignOutOthers)
    }

    /// The longest time that it may take.
    pub(crate) fn limit(self) -> Duration {
        match self {
            Self::InTheBrowser => BROWSER_DEADLINE + DEADLINE + SLACK,
            // For the list of sessions, and then for ending them.
            Self::SignOutOthers => DEADLINE + DEADLINE + SLACK,
            // The network is not asked.
            Self::Session | Self::Store => SLACK,
            _ => DEADLINE + SLACK,
        }
    }
}
