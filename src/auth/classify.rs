//! What a refusal of an app's own call says about the token.

use super::Auth;
use crate::cognito::Refusal;

impl Auth {
    /// What a refusal by Cognito says about the token that the app sent: for an app's own call to the user pools API, or to an
    /// endpoint under `/oauth2/` of the pool's domain. It changes nothing and sends nothing.
    ///
    /// The error's name and text decide, and not the status. A status below 400 refuses nothing, so it is
    /// [`Other`](Refusal::Other).
    ///
    /// ```
    /// use cognito_signout::{Auth, Refusal};
    ///
    /// let body = r#"{"__type":"NotAuthorizedException","message":"Access Token has been revoked"}"#;
    /// assert_eq!(Auth::classify(400, body), Refusal::Revoked);
    /// ```
    pub fn classify(status: u16, body: impl AsRef<[u8]>) -> Refusal {
        Refusal::of_cognito(status, body.as_ref())
    }

    /// What a refusal by an app's own API says about the token, from the response's header `WWW-Authenticate`: for an API behind a
    /// JWT authorizer of API Gateway, or any other that writes RFC 6750's errors. If the response has the header several times,
    /// join the values with commas. It changes nothing and sends nothing.
    ///
    /// `insufficient_scope` is a code of RFC 6750. Whether a token has expired or was revoked is free text there. It counts if it
    /// says one of them and nothing else: "the token has expired", but not "the token is invalid or has expired".
    ///
    /// ```
    /// use cognito_signout::{Auth, Refusal};
    ///
    /// // As API Gateway writes it.
    /// let header = r#"Bearer scope="" error="invalid_token" error_description="the token has expired""#;
    /// assert_eq!(Auth::classify_www_authenticate(header), Refusal::Expired);
    /// ```
    pub fn classify_www_authenticate(header: &str) -> Refusal {
        Refusal::of_www_authenticate(header)
    }
}
