//! What a sign-out must know of a session: the facts that the machine decides by, what is owed, and which tokens outlive it.

use std::fmt::{self, Display};
use std::time::{Duration, SystemTime};

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::app_steps::AppSteps;
use super::steps::AppStepReport;
use crate::claims::Claims;
use crate::clock::rfc3339;
use crate::record::{Debt, Held};
use crate::session::SignedInWith;

/// How a session began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Origin {
    Api,
    PrivateBrowser,
    SharedBrowser,
}

/// What the machine must know of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Facts {
    pub(crate) origin: Origin,
    /// The access token has the scope that `GlobalSignOut` needs.
    pub(crate) may_sign_out_globally: bool,
    pub(crate) access_token_expired: bool,
}

impl Facts {
    /// A token that cannot be read is tried: Cognito decides.
    pub(crate) fn of(held: &Held, now: SystemTime) -> Self {
        let origin = match held.signed_in_with {
            SignedInWith::Api => Origin::Api,
            SignedInWith::HostedUi => Origin::SharedBrowser,
            SignedInWith::HostedUiPrivate => Origin::PrivateBrowser,
        };
        let claims = Claims::from_jwt(&held.tokens.access_token);
        let claims = claims.as_ref();
        Self {
            origin,
            may_sign_out_globally: claims.map_or(true, Claims::can_sign_out_globally),
            access_token_expired: claims.map_or(true, |claims| claims.expired_at(now, Duration::ZERO)),
        }
    }
}

/// What is left of an earlier sign-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owed {
    pub(crate) global: bool,
    /// It was owed, and has been done.
    pub(crate) global_is_done: bool,
    pub(crate) revoke: bool,
    /// `RevokeToken` ends the browser's session too.
    pub(crate) linked: bool,
    /// A page in the browser. It comes last, because nothing waits for it any more.
    pub(crate) web: bool,
    /// The app's own steps.
    pub(crate) app: Vec<AppStepReport>,
    /// An expired access token is renewed for them.
    pub(crate) renews_for_app: bool,
}

impl Owed {
    /// What `debt` owes, and a page in the browser if `web` says so.
    pub(crate) fn of(debt: &Debt, web: bool, steps: &AppSteps) -> Self {
        Self {
            global: debt.global,
            global_is_done: false,
            revoke: debt.revoke,
            linked: debt.linked,
            web,
            app: steps.owed(&debt.app_steps),
            renews_for_app: steps.renews_tokens(),
        }
    }
}

/// A token that is still accepted: an access or ID token by services that verify it offline, a refresh token by Cognito.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Residual {
    /// Which token.
    pub token: TokenKind,
    /// When it expires (`exp`). `None` for a refresh token, which does not say it: see the app client's settings
    /// (`RefreshTokenValidity`, 30 days by default).
    pub valid_until: Option<SystemTime>,
}

impl Residual {
    /// The tokens of an ended session that others accept until they expire.
    pub(crate) fn of(held: &Held, now: SystemTime) -> Vec<Self> {
        [
            (TokenKind::Access, &held.tokens.access_token),
            (TokenKind::Id, &held.tokens.id_token),
        ]
        .into_iter()
        .filter_map(|(token, jwt)| Some((token, Claims::from_jwt(jwt).ok()?.expires_at())))
        .filter(|(_, valid_until)| *valid_until > now)
        .map(|(token, valid_until)| Self {
            token,
            valid_until: Some(valid_until),
        })
        .collect()
    }
}

/// The kinds of token that a session has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum TokenKind {
    /// The access token.
    Access,
    /// The ID token.
    Id,
    /// The refresh token of a session that Cognito cannot revoke: anyone with a copy can still use it. (A refresh token whose
    /// revocation failed and can be tried again is only in
    /// [`Partial::revoke_token_error`](crate::Partial::revoke_token_error).)
    Refresh,
}

impl TokenKind {
    /// `access`, `id` or `refresh`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Id => "id",
            Self::Refresh => "refresh",
        }
    }
}

impl Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `token` and `valid_until`.
impl Serialize for Residual {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut residual = serializer.serialize_struct("Residual", 2)?;
        residual.serialize_field("token", self.token.as_str())?;
        residual.serialize_field("valid_until", &self.valid_until.map(rfc3339))?;
        residual.end()
    }
}
