//! What the browser holds: which sessions have ended, and which may still be there.

#[cfg(test)]
mod tests;

use serde::Serialize;

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

/// What the next sign-in should ask for, so that it does not silently use the session that is still there.
///
/// Managed login takes it as the parameter `prompt` of `/oauth2/authorize` (AWS, "Redirect and authorization endpoint");
/// the classic hosted UI ignores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum Prompt {
    /// Sign in anew, whatever session there is.
    Login,
    /// Choose the account at the provider. Cognito passes it on, and does not ask itself: name the provider in the URL, by
    /// `identity_provider` or `idp_identifier`.
    SelectAccount,
}

impl Prompt {
    /// The parameter's value (OpenID Connect Core 1.0, section 3.1.2.1).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::SelectAccount => "select_account",
        }
    }

    /// The parameter for the URL of the next sign-in.
    ///
    /// ```
    /// # use cognito_signout::Prompt;
    /// let mut authorize = url::Url::parse("https://auth.example.com/oauth2/authorize?client_id=1")?;
    /// let (name, value) = Prompt::SelectAccount.authorize_url_hint();
    /// authorize.query_pairs_mut().append_pair(name, value);
    /// assert!(authorize.as_str().ends_with("&prompt=select_account"));
    /// # Ok::<(), url::ParseError>(())
    /// ```
    pub fn authorize_url_hint(self) -> (&'static str, &'static str) {
        ("prompt", self.as_str())
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
