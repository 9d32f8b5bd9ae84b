//! One session as the operations of Cognito need it.

use crate::claims::Claims;
use crate::session::{SignedInWith, Tokens};

/// The tokens of one session, and the values that requests need with them. The session is on record, or it has ended and a
/// [`Debt`](super::Debt) owes for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    /// The record's generation while this was its session: tells sessions apart.
    pub(crate) id: u64,
    pub(crate) tokens: Tokens,
    pub(crate) username: Option<String>,
    /// The key of the device that Cognito remembers for this user.
    pub(crate) device_key: Option<String>,
    pub(crate) signed_in_with: SignedInWith,
}

impl Held {
    /// The identity provider that the user signed in with, if it was not the user pool itself.
    pub(crate) fn identity_provider(&self) -> Option<String> {
        let claims = Claims::from_jwt(&self.tokens.id_token).ok()?;
        claims.identity_provider().map(str::to_owned)
    }

    /// Whether the user's own browser has a session too.
    pub(crate) fn is_in_shared_browser(&self) -> bool {
        self.signed_in_with == SignedInWith::HostedUi
    }
}
