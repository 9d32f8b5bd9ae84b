//! The user's sessions at Cognito.

use std::fmt;
use std::sync::Arc;

use super::error::Problem;
use super::live::Live;
use super::runtime::Lost;
use super::time::since_1970;
use crate::error::StepError;
use crate::{Secret, SessionKind};

/// One of the user's sessions, as Cognito lists it. Every value can be missing. The place and the IP address are personal data.
#[derive(Clone, uniffi::Record)]
pub struct UserSession {
    /// Its id.
    pub id: Option<String>,
    /// What kind of session it is.
    pub kind: SessionKind,
    /// The app client that it belongs to.
    pub client_id: Option<String>,
    /// When the user signed in, in milliseconds since 1970.
    pub created: Option<u64>,
    /// When it was last used, in milliseconds since 1970.
    pub last_active: Option<u64>,
    /// The device, as Cognito reads it from the `user-agent` header. It can be `unknown`.
    pub device: Option<String>,
    /// The city from which it was last used.
    pub city: Option<String>,
    /// The English name of the country from which it was last used. It can be `unknown`.
    pub country: Option<String>,
    /// The IP address from which it was last used.
    pub ip_address: Option<Secret>,
    /// For a token session: the id of the SSO session that it came through.
    pub origin: Option<String>,
    /// Whether it is the session of this app on this device.
    pub is_current: bool,
}

/// As the core's: without the place and the IP address.
impl fmt::Debug for UserSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserSession")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("client_id", &self.client_id)
            .field("created", &self.created)
            .field("last_active", &self.last_active)
            .field("device", &self.device)
            .field("origin", &self.origin)
            .field("is_current", &self.is_current)
            .finish_non_exhaustive()
    }
}

impl From<crate::UserSession> for UserSession {
    fn from(session: crate::UserSession) -> Self {
        Self {
            id: session.id,
            kind: session.kind,
            client_id: session.client_id,
            created: session.created.map(since_1970),
            last_active: session.last_active.map(since_1970),
            device: session.device,
            city: session.city,
            country: session.country,
            ip_address: session.ip_address,
            origin: session.origin,
            is_current: session.is_current,
        }
    }
}

/// One of the user's other sessions, and whether it has ended.
#[derive(Debug, Clone, uniffi::Record)]
pub struct EndedSession {
    /// The session, as it was listed.
    pub session: UserSession,
    /// Why it could not be ended. Unset: it has ended.
    pub error: Option<StepError>,
}

impl From<crate::EndedSession> for EndedSession {
    fn from(ended: crate::EndedSession) -> Self {
        Self {
            session: ended.session.into(),
            error: ended.error,
        }
    }
}

/// What became of the user's other sessions. There will be no fourth case.
#[derive(uniffi::Enum)]
pub enum SignOutOthersResult {
    /// Every other session has ended.
    Complete {
        /// Each other session that there was.
        sessions: Vec<EndedSession>,
    },
    /// At least one other session could not be ended.
    Partial {
        /// Each other session that there was: those with an error are left.
        sessions: Vec<EndedSession>,
        /// All of this, for [`Auth::retry_others`](super::Auth::retry_others).
        partial: Arc<PartialSignOutOthers>,
    },
    /// Nothing has changed.
    Failed {
        /// The reason.
        problem: Problem,
    },
}

impl From<crate::SignOutOthersResult> for SignOutOthersResult {
    fn from(result: crate::SignOutOthersResult) -> Self {
        let of = |sessions: &[crate::EndedSession]| sessions.iter().cloned().map(Into::into).collect();
        match result {
            crate::SignOutOthersResult::Complete(complete) => Self::Complete {
                sessions: of(&complete.sessions),
            },
            crate::SignOutOthersResult::Partial(partial) => Self::Partial {
                sessions: of(&partial.sessions),
                partial: Arc::new(PartialSignOutOthers {
                    partial,
                    _live: Live::new(),
                }),
            },
            crate::SignOutOthersResult::Failed(failed) => Self::Failed {
                problem: (&failed.error).into(),
            },
        }
    }
}

impl From<Lost> for SignOutOthersResult {
    fn from(lost: Lost) -> Self {
        Self::Failed {
            problem: StepError::from(lost).into(),
        }
    }
}

/// Other sessions that are left, with everything that a retry needs.
#[derive(uniffi::Object)]
pub struct PartialSignOutOthers {
    pub(super) partial: crate::SignOutOthersPartial,
    _live: Live,
}
