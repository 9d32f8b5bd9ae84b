//! [`UserOutcome`]: what a run achieved for one user.

use super::AdminError;

/// What a run achieved for one user.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserOutcome {
    /// The user's name, as the source spells it.
    pub username: String,
    /// What was done, or why not: [`AdminError::NotTried`] if the run ended first.
    pub result: Result<Done, AdminError>,
    /// Whether Cognito has confirmed that the user is disabled. A disabled user cannot sign in, signed out or not.
    pub disabled: bool,
    /// How many requests were sent, including `AdminDisableUser`.
    pub requests: u32,
}

/// What was done for a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Done {
    /// Signed out now.
    SignedOut,
    /// The journal says that an earlier run signed the user out. Nothing was sent.
    AlreadyDone,
    /// A dry run: nothing was sent.
    WouldSignOut,
}
