//! How requests reach Cognito: a port, so that a phone can use its own HTTP stack, and a test needs none.

// Not for Android: there the platform's verifier needs the app's JVM, and panics without it.
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

/// The largest accepted response. Cognito's responses are much smaller; a captive portal's page may be larger.
pub const MAX_RESPONSE_BYTES: usize = 1024 * 1024;

/// The future of one exchange. Dropping it cancels the exchange.
pub type Exchange = Pin<Box<dyn Future<Output = Result<HttpResponse, TransportError>> + Send>>;

/// Sends one request and returns its response.
///
/// An implementation
///
/// - must verify the server's certificate for `https`,
/// - must not follow redirects, because the body holds a token,
/// - must not cache, and must not keep cookies,
/// - must pass on the response's headers, because they tell Cognito's responses from a captive portal's,
/// - should limit the time for making a connection,
/// - should send the next request over another connection if an exchange was dropped before its response.
///
/// It need not retry or limit the time of the whole exchange: the library does both.
///
/// ```
/// use cognito_signout::transport::{Exchange, HttpRequest, HttpResponse, HttpTransport, TransportError};
///
/// /// The app's own HTTP client.
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
///             // Only the kind of the error: its text may contain what was sent.
///             let answer = answer.map_err(|error| TransportError::Connect(error.kind().to_string()))?;
///             Ok(HttpResponse { status: answer.status, headers: answer.headers, body: answer.body.into() })
///         })
///     }
/// }
/// # struct Answer { status: u16, headers: Vec<(String, String)>, body: Vec<u8> }
/// ```
pub trait HttpTransport: Send + Sync + fmt::Debug + 'static {
    /// Starts the exchange. Must not block: slow work belongs in the future.
    fn send(&self, request: HttpRequest) -> Exchange;
}

/// A request. Its `Debug` shows only the method and the URL, because headers and body can hold secrets.
#[derive(Clone)]
pub struct HttpRequest {
    /// `GET` or `POST`; also `PUT` for requests for IAM credentials (feature `admin`).
    pub method: String,
    /// An `https` URL. It is `http` for a loopback host, and for the addresses where AWS's machines find their IAM credentials.
    /// Never contains a token.
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

/// A response with any status. Its `Debug` shows only the status and the size of the body.
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

/// Why there is no response. Each holds a detail for people, which contains nothing of the request's headers or body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "ffi", derive(uniffi::Error))]
#[non_exhaustive]
pub enum TransportError {
    /// No connection could be made: the device is offline, the name is unknown, or the port is closed. Retried.
    #[error("no connection: {0}")]
    Connect(String),
    /// The connection broke before the whole response had arrived. Retried.
    #[error("the connection broke: {0}")]
    Io(String),
    /// The server's certificate was not accepted, or the server does not use TLS. Not retried.
    #[error("the server is not trusted: {0}")]
    Tls(String),
    /// The response was larger than [`MAX_RESPONSE_BYTES`], or not HTTP. Not retried.
    #[error("the response cannot be used: {0}")]
    BadResponse(String),
    /// Any other failure: the app's transport threw an exception, or the request could not be built. Not retried.
    #[error("the transport failed: {0}")]
    Other(String),
}

impl TransportError {
    /// This error's code as a step's error.
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
