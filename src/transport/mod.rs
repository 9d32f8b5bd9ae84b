//! How requests reach Cognito: a port, so that a phone can use its own HTTP stack and a test none at all.

// Not for Android: the platform's verifier needs a JVM handed to it there, and panics without.
#[cfg(all(feature = "rustls", not(target_os = "android")))]
mod rustls;
/// For tests here and of the code that uses a transport.
#[cfg(test)]
pub(crate) mod tests {
    pub(crate) mod scripted;
}

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use url::Url;
use zeroize::Zeroizing;

use crate::error::{ErrorCode, StepError};

#[cfg(all(feature = "rustls", not(target_os = "android")))]
pub use self::rustls::{RustlsTransport, RustlsTransportBuilder};

/// Answers larger than this are refused: nothing Cognito says is near it, but a captive portal's page may be.
pub const MAX_RESPONSE_BYTES: usize = 1024 * 1024;

/// The future of one exchange. Dropping it gives the exchange up.
pub type Exchange = Pin<Box<dyn Future<Output = Result<HttpResponse, TransportError>> + Send>>;

/// Sends one request and brings its answer back.
///
/// An implementation must verify the server's certificate for `https`, must not follow redirects (the body holds a
/// token), must not cache or keep cookies, and should give up on a connection that cannot be made. It must pass on the
/// answer's headers: by them Cognito's answers are told from a captive portal's. It need not retry or bound the whole
/// exchange: the library does both. When it drops an exchange that has no answer yet, the next one is best sent over another
/// connection.
///
/// ```
/// use cognito_signout::transport::{Exchange, HttpRequest, HttpResponse, HttpTransport, TransportError};
///
/// /// What the app has already.
/// #[derive(Debug, Clone)]
/// struct AppHttp;
///
/// impl AppHttp {
///     async fn post(&self, url: &str, headers: &[(String, String)], body: &[u8]) -> std::io::Result<Answer> {
///         # let _ = (url, headers, body);
///         // … over the platform's own stack …
///         Err(std::io::ErrorKind::NetworkUnreachable.into())
///     }
/// }
///
/// impl HttpTransport for AppHttp {
///     fn send(&self, request: HttpRequest) -> Exchange {
///         let http = self.clone();
///         Box::pin(async move {
///             let answer = http.post(request.url.as_str(), &request.headers, &request.body).await;
///             // The kind of the error alone: its text may hold what was sent.
///             let answer = answer.map_err(|error| TransportError::Connect(error.kind().to_string()))?;
///             Ok(HttpResponse { status: answer.status, headers: answer.headers, body: answer.body.into() })
///         })
///     }
/// }
/// # struct Answer { status: u16, headers: Vec<(String, String)>, body: Vec<u8> }
/// ```
pub trait HttpTransport: Send + Sync + fmt::Debug + 'static {
    /// Starts the exchange. Must not block: what takes time belongs in the future.
    fn send(&self, request: HttpRequest) -> Exchange;
}

/// A request. Its `Debug` shows the method and the URL only: headers and body can hold secrets.
#[derive(Clone)]
pub struct HttpRequest {
    /// `GET` or `POST`; `PUT` too where IAM credentials are asked for (feature `admin`).
    pub method: String,
    /// Where to: `https`, or `http` on a loopback host or where AWS's machines find their IAM credentials. Never holds a
    /// token.
    pub url: Url,
    /// Header names and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body, wiped when dropped.
    pub body: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, url, .. } = self;
        write!(f, "HttpRequest({method} {url})")
    }
}

/// An answer, whatever its status. Its `Debug` shows the status only.
#[derive(Clone)]
pub struct HttpResponse {
    /// The status code, 100 to 599.
    pub status: u16,
    /// Header names and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body, at most [`MAX_RESPONSE_BYTES`], wiped when dropped.
    pub body: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpResponse({}, {} bytes)", self.status, self.body.len())
    }
}

/// Why no answer came. Each holds a detail for people, without anything of the request's headers or body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// No connection could be made: offline, the name is unknown, the port is refused. Tried again.
    #[error("no connection: {0}")]
    Connect(String),
    /// The connection broke before the whole answer was there. Tried again.
    #[error("the connection broke: {0}")]
    Io(String),
    /// The server's certificate was not accepted, or it spoke no TLS. Not tried again.
    #[error("no trust in the server: {0}")]
    Tls(String),
    /// The answer was larger than [`MAX_RESPONSE_BYTES`] or not HTTP at all. Not tried again.
    #[error("not a usable answer: {0}")]
    BadResponse(String),
    /// Anything else: the host's code threw, the request could not be built. Not tried again.
    #[error("the transport failed: {0}")]
    Other(String),
}

impl TransportError {
    /// The code that this error has among a step's errors.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Connect(_) | Self::Io(_) => ErrorCode::NetworkUnavailable,
            Self::Other(_) => ErrorCode::TransportFailed,
            Self::Tls(_) => ErrorCode::UntrustedServer,
            Self::BadResponse(_) => ErrorCode::UnexpectedResponse,
        }
    }

    pub(crate) fn too_large() -> Self {
        Self::BadResponse("it is larger than 1 MiB".into())
    }
}

impl From<TransportError> for StepError {
    fn from(error: TransportError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}
