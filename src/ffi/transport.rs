//! HTTPS with the host's own HTTP stack.

use std::fmt;
use std::sync::Arc;

use tokio::runtime::Handle;
use url::Url;
use zeroize::Zeroizing;

use super::live::Live;
use super::report::{Reporter, report};
use crate::task;
use crate::transport::{self, Exchange, TransportError};

/// Sends requests with the host's own HTTP stack. It must verify the server's certificate, follow no redirect, keep no cookies,
/// cache nothing, and pass on the response's headers: they show that a response is Cognito's.
#[uniffi::export(with_foreign)]
pub trait HttpTransport: Send + Sync {
    /// Sends `request`, and reports the outcome through `completion`: now or later, on any thread. Called on a thread that may
    /// block. There are many of these threads, so concurrent requests do not wait for each other.
    ///
    /// # Errors
    /// [`TransportError`], the same as a failure reported through the completion.
    fn start(&self, request: Arc<HttpRequest>, completion: Arc<ExchangeCompletion>) -> Result<(), TransportError>;
}

/// A request. It prints only its method and URL: the headers and the body can contain secrets.
#[derive(uniffi::Object)]
#[uniffi::export(Debug, Display)]
pub struct HttpRequest {
    request: transport::HttpRequest,
    _live: Live,
}

#[uniffi::export]
impl HttpRequest {
    /// `GET` or `POST`.
    pub fn verb(&self) -> String {
        self.request.method.clone()
    }

    /// The URL. It never contains a token.
    pub fn url(&self) -> Url {
        self.request.url.clone()
    }

    /// The headers, in order.
    pub fn headers(&self) -> Vec<HttpHeader> {
        let headers = self.request.headers.iter();
        headers
            .map(|(name, value)| HttpHeader {
                name: name.clone(),
                value: value.clone(),
            })
            .collect()
    }

    /// Where the body is, until this object is released. It is wiped then. A copy that UniFFI makes would not be.
    pub fn body_address(&self) -> u64 {
        self.request.body.as_ptr().expose_provenance() as u64
    }

    /// How many bytes are there: none for a `GET`.
    pub fn body_length(&self) -> u64 {
        self.request.body.len() as u64
    }
}

impl HttpRequest {
    /// The body, empty for a `GET`.
    pub fn body(&self) -> &[u8] {
        &self.request.body
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.request, f)
    }
}

impl fmt::Display for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.request, f)
    }
}

/// One header.
#[derive(Clone, uniffi::Record)]
pub struct HttpHeader {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// A response with any status.
#[derive(uniffi::Record)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The headers, in order.
    pub headers: Vec<HttpHeader>,
    /// The body, at most 1 MiB.
    pub body: Vec<u8>,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for TransportError {
    /// The exception's own text may contain parts of the request.
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Other("the app's transport threw".into())
    }
}

type Outcome = Result<transport::HttpResponse, TransportError>;

/// How the host reports the outcome of a request. The first report counts. Releasing it without a report fails the request at
/// once.
#[derive(uniffi::Object)]
pub struct ExchangeCompletion(Reporter<Outcome>);

#[uniffi::export]
impl ExchangeCompletion {
    /// A response has arrived. Returns false if nobody waited for it: it was the second one, or too late.
    pub fn succeed(&self, response: HttpResponse) -> bool {
        let headers = response.headers.into_iter();
        self.0.report(Ok(transport::HttpResponse {
            status: response.status,
            headers: headers.map(|header| (header.name, header.value)).collect(),
            body: Zeroizing::new(response.body),
        }))
    }

    /// There is no response. Returns false if nobody waited for one.
    pub fn fail(&self, error: TransportError) -> bool {
        self.0.report(Err(error))
    }

    /// Returns when nobody waits any more: the response has arrived, or the time is over. Give up the request then.
    pub async fn closed(&self) {
        self.0.closed().await;
    }
}

/// The core's transport port, implemented by the host's transport.
pub(super) struct HostTransport(pub(super) Arc<dyn HttpTransport>);

impl transport::HttpTransport for HostTransport {
    fn send(&self, request: transport::HttpRequest) -> Exchange {
        let host = Arc::clone(&self.0);
        Box::pin(async move {
            let (reporter, report) = report();
            let request = Arc::new(HttpRequest {
                request,
                _live: Live::new(),
            });
            let completion = Arc::new(ExchangeCompletion(reporter));
            task::spawn_blocking(&Handle::current(), move || {
                if let Err(error) = host.start(request, Arc::clone(&completion)) {
                    completion.fail(error);
                }
            });
            let released = "the app's transport released the request without a report";
            let outcome = report.arrived().await;
            outcome.unwrap_or_else(|| Err(TransportError::Other(released.into())))
        })
    }
}

impl fmt::Debug for HostTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostTransport")
    }
}
