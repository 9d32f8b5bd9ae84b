//! Why another library's store gave no session.

use crate::error::ErrorCode;

/// Why no session could be read from another library's store. No error contains anything of the store's content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AdoptError {
    /// The store has no session: the user had signed out, or never signed in.
    #[error("the store has no session")]
    NobodySignedIn,
    /// The store has a guest of the identity pool. A guest has no tokens of the user pool, so there is nothing to sign out.
    #[error("the store has a guest of the identity pool, who has no tokens of the user pool")]
    Guest,
    /// The store has a session of the identity pool alone, made with another provider's token (`federateToIdentityPool`). It has
    /// no tokens of the user pool.
    #[error("the store has a session of the identity pool alone, which has no tokens of the user pool")]
    Federated,
    /// The store has a session, but of another user pool, identity pool or app client than the given ones.
    #[error("the store has a session of another configuration, at {place}")]
    OtherConfiguration {
        /// The form of the item's name.
        place: &'static str,
    },
    /// A part of the session is missing in the store.
    #[error("{place} is missing")]
    Missing {
        /// The name of the item, and the path within it.
        place: String,
    },
    /// A part of the session has the wrong form.
    #[error("{place} must be {must}")]
    Invalid {
        /// The name of the item, and the path within it.
        place: String,
        /// What it must be: the words after "must be" in the message.
        must: &'static str,
    },
}

impl AdoptError {
    pub(super) fn missing(place: impl Into<String>) -> Self {
        Self::Missing { place: place.into() }
    }

    pub(super) fn invalid(place: impl Into<String>, must: &'static str) -> Self {
        Self::Invalid {
            place: place.into(),
            must,
        }
    }

    /// This error's stable code: [`ErrorCode::SignedOut`] if the store has no user of the user pool, otherwise
    /// [`ErrorCode::InvalidInput`]. Only the first means that nobody was signed in.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NobodySignedIn | Self::Guest | Self::Federated => ErrorCode::SignedOut,
            Self::OtherConfiguration { .. } | Self::Missing { .. } | Self::Invalid { .. } => ErrorCode::InvalidInput,
        }
    }

    /// What to do about it.
    pub fn recovery(&self) -> &'static str {
        match self {
            Self::NobodySignedIn => "Nothing to adopt: show the sign-in page.",
            Self::Guest => {
                "Nothing to adopt. Keep the identity id yourself if the app needs the guest's data, and get credentials \
                 from the identity pool as before."
            }
            Self::Federated => {
                "Nothing to adopt: this library signs out sessions of a user pool. End the session at the other provider, \
                 or sign the user in through the user pool."
            }
            Self::OtherConfiguration { .. } => {
                "Give the user pool, the app client and the identity pool that the app used with the other library."
            }
            Self::Missing { .. } | Self::Invalid { .. } => {
                "Keep the store, and report the place. The user can sign in again: nothing was changed."
            }
        }
    }
}
