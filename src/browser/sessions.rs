//! The sessions in the browser: which of them have ended, and which may still exist.

#[cfg(test)]
mod tests;

use serde::Serialize;

/// A session that the user's browser had when the sign-out began.
///
/// Its JSON has `holder` (`hosted_ui` or `identity_provider`), `provider` (only for an identity provider), and `state`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
#[non_exhaustive]
pub struct BrowserSession {
    /// The server that has the session.
    #[serde(flatten)]
    pub holder: SessionHolder,
    /// What happened to it.
    pub state: BrowserSessionState,
}

/// The server that has a session.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[serde(tag = "holder", content = "provider", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SessionHolder {
    /// The hosted pages: managed login, or the classic hosted UI.
    HostedUi,
    /// The identity provider with this name in the user pool.
    IdentityProvider(String),
}

/// What happened to a session in the browser, as far as an app can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BrowserSessionState {
    /// The server has ended it and has sent the browser back.
    Ended,
    /// The server has been asked to end it, without a page. It does so within a few seconds, and nothing confirms it. So the
    /// hint for the next sign-in stays: [`Report::next_sign_in`](crate::Report::next_sign_in).
    EndRequested,
    /// It was not ended, or an app cannot see whether it was. The latter is always so for a provider's session.
    MayPersist,
}

impl BrowserSessionState {
    /// `ended`, `end_requested` or `may_persist`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::EndRequested => "end_requested",
            Self::MayPersist => "may_persist",
        }
    }
}

/// The `prompt` that the next sign-in should request, so that it does not silently use a session that still exists.
///
/// Managed login accepts it as the parameter `prompt` of `/oauth2/authorize` (AWS, "Redirect and authorization endpoint").
/// The classic hosted UI ignores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum Prompt {
    /// The user must sign in again, even if there is a session.
    Login,
    /// The user must choose the account at the provider. Cognito only passes this on, so the URL must name the provider with
    /// `identity_provider` or `idp_identifier`.
    SelectAccount,
}

impl Prompt {
    /// The value of the parameter (OpenID Connect Core 1.0, section 3.1.2.1).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::SelectAccount => "select_account",
        }
    }

    /// The name and value of the parameter, for the URL of the next sign-in.
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

impl Serialize for Prompt {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The parameter's value.
impl std::fmt::Display for Prompt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The prompt for the next sign-in. If the hosted pages may still have a session, only `login` prevents a silent sign-in. If
/// only a provider may have one, `select_account` does.
pub(crate) fn prompt_after(sessions: &[BrowserSession]) -> Option<Prompt> {
    let persisting = sessions
        .iter()
        .filter(|session| session.state != BrowserSessionState::Ended);
    persisting.fold(None, |prompt, session| match session.holder {
        SessionHolder::HostedUi => Some(Prompt::Login),
        SessionHolder::IdentityProvider(_) => prompt.or(Some(Prompt::SelectAccount)),
    })
}
