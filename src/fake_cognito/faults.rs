//! What can go wrong between an app and Cognito, to order.

use super::hosted::OAuthError;
use super::service_error::ServiceError;

/// One way for an answer to go wrong. Choose when with [`FakeCognito::on`](super::FakeCognito::on); a refused port is
/// [`FakeCognito::go_offline`](super::FakeCognito::go_offline), and what is wrong with a certificate is
/// [`Tls`](super::Tls).
///
/// Where the client is sent a piece of the true answer, the operation has taken effect; elsewhere it has not, unless
/// [`On::after_effect`](super::On::after_effect) says so.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// No answer ever comes; the connection stays open.
    Hang,
    /// The headers and half of the true body come, then nothing more; the connection stays open.
    HangMidBody,
    /// The true answer comes at one byte a second.
    Drip,
    /// The connection is reset (RST) in place of an answer.
    Reset,
    /// The true answer's headers come, then the connection is reset.
    ResetAfterHeaders,
    /// The connection is closed in good order in place of an answer.
    Close,
    /// The true answer's headers and half of its body come, then the connection is closed in good order.
    CloseMidBody,
    /// The true answer comes and the connection is kept alive, but is dead when the client next uses it.
    StaleKeepAlive,
    /// Something other than HTTP comes.
    NotHttp,
    /// The answer sends the client elsewhere (307, which asks for the same body there), to this URL.
    Redirect(String),
    /// A captive portal answers: status 200 and a page that asks for the user's room number.
    CaptivePortal,
    /// Something on the way answers: status 200, no body, and no header of Cognito's.
    EmptyPortal,
    /// The answer is JSON, announced as one byte more than
    /// [`MAX_RESPONSE_BYTES`](crate::transport::MAX_RESPONSE_BYTES), and sent whole.
    OversizedBody,
    /// The answer announces no length and does not end until the client gives up.
    EndlessBody,
    /// A proxy answers with this status and a page of HTML.
    HtmlPage(u16),
    /// The answer has the right length, but the JSON in it breaks off.
    TruncatedJson,
    /// The true status and headers, and no body at all: for operations that answer nothing, AWS does this too.
    EmptyBody,
    /// Status 200 with an error for a body.
    ErrorWithStatus200(ServiceError),
    /// The service refuses, with this error.
    Refuse(ServiceError),
    /// The service refuses, and spells the error's code in this way alone.
    RefuseSpelled(ServiceError, Spelling),
    /// The endpoint refuses, with this error: for those under `/oauth2/`.
    RefuseOAuth(OAuthError),
    /// The service refuses with `NotAuthorizedException`, and the token that was sent is the message, as moto does it;
    /// `/oauth2/revoke` refuses with `invalid_request`, and the token is the description.
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
    /// The body holds no code; the header `x-amzn-errortype` is `Code:`.
    HeaderOnly,
}

impl Spelling {
    /// Every spelling, so that a test can drive each once.
    pub const ALL: [Self; 4] = [Self::Plain, Self::Namespaced, Self::WithUrl, Self::HeaderOnly];
}

impl Fault {
    /// Every fault, so that a test can drive each once: each [`ServiceError`] and [`OAuthError`], each [`Spelling`], and
    /// the statuses that proxies answer with. The redirect leads to a host that does not exist.
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

    /// Whether the client gets to see a piece of the true answer.
    pub(super) fn shows_the_true_answer(&self) -> bool {
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
