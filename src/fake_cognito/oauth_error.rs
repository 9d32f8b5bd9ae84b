//! The errors of the endpoints under `/oauth2/`.

/// An error of the endpoints under `/oauth2/` (RFC 6749, section 5.2; RFC 7009, section 2.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OAuthError {
    /// `invalid_request`: no token was sent to revoke, or token revocation is off for the app client.
    InvalidRequest,
    /// `invalid_client`: another client's id, or the secret is wrong or missing.
    InvalidClient,
    /// `invalid_grant`: the code was used before, has expired or belongs to another redirect URL.
    InvalidGrant,
    /// `unsupported_grant_type`: the fake gives tokens for authorization codes only.
    UnsupportedGrantType,
    /// `unsupported_token_type`: `/oauth2/revoke` takes refresh tokens only.
    UnsupportedTokenType,
}

impl OAuthError {
    /// Every error, so that a test can drive each once.
    pub const ALL: [Self; 5] = [
        Self::InvalidRequest,
        Self::InvalidClient,
        Self::InvalidGrant,
        Self::UnsupportedGrantType,
        Self::UnsupportedTokenType,
    ];

    /// The code, as the member `error` has it.
    pub fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedTokenType => "unsupported_token_type",
        }
    }

    /// The HTTP status: 401 for a client that cannot prove who it is, 400 for everything else.
    pub fn status(self) -> u16 {
        if self == Self::InvalidClient { 401 } else { 400 }
    }
}
