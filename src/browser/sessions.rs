//! What the browser holds: which sessions have ended, and which may still be there.

#[cfg(test)]
mod tests;

use serde::Serialize;

use super::Prompt;

/// A session that the user's browser held when the sign-out began.
///
/// As JSON it is `holder` (`hosted_ui` or `identity_provider`), the latter's `provider`, and `state`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
#[non_exhaustive]
pub struct BrowserSession {
    /// Whose it is.
    #[serde(flatten)]
    pub holder: SessionHolder,
    /// What became of it.
    pub state: BrowserSessionState,
}

/// Whose session it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[serde(tag = "holder", content = "provider", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SessionHolder {
    /// The hosted pages': managed login, or the classic hosted UI.
    HostedUi,
    /// The identity provider's, by its name in the user pool.
    IdentityProvider(String),
}

/// What became of a browser's session, as far as it can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BrowserSessionState {
    /// Its holder has ended it and has sent the browser back.
    Ended,
    /// It was left alone, or its end cannot be seen from here: a provider's never can.
    MayPersist,
}

impl BrowserSessionState {
    /// `ended` or `may_persist`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::MayPersist => "may_persist",
        }
    }
}

/// What the next sign-in should ask for: to sign in anew, if the hosted pages may still know the user, whom no other
/// prompt keeps from being signed in by them; else the account, if a provider may.
pub(crate) fn prompt_after(sessions: &[BrowserSession]) -> Option<Prompt> {
    let persisting = sessions
        .iter()
        .filter(|session| session.state == BrowserSessionState::MayPersist);
    persisting.fold(None, |prompt, session| match session.holder {
        SessionHolder::HostedUi => Some(Prompt::Login),
        SessionHolder::IdentityProvider(_) => prompt.or(Some(Prompt::SelectAccount)),
    })
}
