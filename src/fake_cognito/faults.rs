//! What can go wrong between an app and Cognito, for a test to choose from.

use super::oauth_error::OAuthError;
use super::service_error::ServiceError;

/// One way for a response to fail. [`FakeCognito::on`](super::FakeCognito::on) chooses when.
/// [`FakeCognito::go_offline`](super::FakeCognito::go_offline) refuses connections, and a [`Tls`](super::Tls) is a bad
/// certificate.
///
/// If the client receives a part of the true response, the operation has taken effect. Otherwise it has not, unless
/// [`On::after_effect`](super::On::after_effect) was set.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// No response ever comes; the connection stays open.
    Hang,
    /// The true headers and half of the true body come, then nothing more; the connection stays open.
    HangMidBody,
    /// The true response comes at one byte a second.
    Drip,
    /// The connection is reset (RST) instead of a response.
    Reset,
    /// The true headers come, then the connection is reset.
    ResetAfterHeaders,
    /// The connection is closed properly (FIN) instead of a response.
    Close,
    /// The true headers and half of the true body come, then the connection is closed properly.
    CloseMidBody,
    /// The true response comes and the connection is kept alive, but it is dead when the client next uses it.
    StaleKeepAlive,
    /// Something other than HTTP comes.
    NotHttp,
    /// A redirect to this URL (307, which asks the client to send the same body there).
    Redirect(String),
    /// A captive portal responds: status 200 and a page that asks for the user's room number.
    CaptivePortal,
    /// A device in the network responds: status 200, no body, and none of Cognito's headers.
    EmptyPortal,
    /// The response is complete JSON with the right length, one byte more than
    /// [`MAX_RESPONSE_BYTES`](crate::transport::MAX_RESPONSE_BYTES).
    OversizedBody,
    /// The response has no length and does not end until the client gives up.
    EndlessBody,
    /// A proxy responds with this status and a page of HTML.
    HtmlPage(u16),
    /// The response has the right length, but its JSON is cut off.
    TruncatedJson,
    /// The true status and headers, and no body at all. AWS does this too for operations without an output.
    EmptyBody,
    /// Status 200 with an error for a body.
    ErrorWithStatus200(ServiceError),
    /// The service refuses, with this error.
    Refuse(ServiceError),
    /// The service refuses, and writes the error's code only in this way.
    RefuseSpelled(ServiceError, Spelling),
    /// An endpoint under `/oauth2/` refuses, with this error.
    RefuseOAuth(OAuthError),
    /// The service refuses with `NotAuthorizedException`, and the message is the token from the request, as in moto.
    /// `/oauth2/revoke` refuses with `invalid_request`, and the description is the token.
    TokenAsMessage,
}

/// The ways in which AWS's services have been seen to write an error's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Spelling {
    /// `__type` is `Code`.
    Plain,
    /// `__type` is `com.amazonaws.cognitoidentityprovider#Code`.
    Namespaced,
    /// `__type` is `Code:` and a URL.
    WithUrl,
    /// The body has no code; the header `x-amzn-errortype` is `Code:`.
    HeaderOnly,
}

impl Spelling {
    /// Every spelling, so that a test can drive each once.
    pub const ALL: [Self; 4] = [Self::Plain, Self::Namespaced, Self::WithUrl, Self::HeaderOnly];
}

impl Fault {
    /// Every fault, so that a test can drive each once: each [`ServiceError`] and [`OAuthError`], each [`Spelling`], and
    /// the statuses that proxies use. The redirect leads to a host that does not exist.
    pub fn all() -> Vec<Self> {
        let mut all = vec![
            Self::Hang,
            Self::HangMidBody,
            Self::Drip,
            Self::Reset,
            Self::ResetAfterHeaders,
            Self::Close,
            Self::CloseMidBody,
            Self::StaleKeepAlive,
            Self::NotHttp,
            Self::Redirect("https://elsewhere.invalid/".to_owned()),
            Self::CaptivePortal,
            Self::EmptyPortal,
            Self::OversizedBody,
            Self::EndlessBody,
            Self::TruncatedJson,
            Self::EmptyBody,
            Self::ErrorWithStatus200(ServiceError::InternalError),
            Self::TokenAsMessage,
        ];
        all.extend([403, 404, 429, 500, 502, 503, 504].map(Self::HtmlPage));
        all.extend(ServiceError::ALL.map(Self::Refuse));
        all.extend(OAuthError::ALL.map(Self::RefuseOAuth));
        all.extend(Spelling::ALL.map(|spelling| Self::RefuseSpelled(ServiceError::AccessTokenRevoked, spelling)));
        all
    }

    /// Whether the client receives a part of the true response.
    pub(super) fn shows_the_true_response(&self) -> bool {
        matches!(
            self,
            Self::HangMidBody
                | Self::Drip
                | Self::ResetAfterHeaders
                | Self::CloseMidBody
                | Self::StaleKeepAlive
                | Self::TruncatedJson
                | Self::EmptyBody
        )
    }
}
