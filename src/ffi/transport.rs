//! HTTPS over the host's own stack.

use std::fmt;
use std::sync::{Arc, Mutex};

use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};
use zeroize::Zeroizing;

use super::live::Live;
use crate::lock::lock;
use crate::task;
use crate::transport::{self, Exchange};

/// Sends requests over the host's own stack. Must verify the server's certificate, follow no redirect, keep no cookies, cache
/// nothing, and pass on the answer's headers: Cognito's answers are known by them.
#[uniffi::export(with_foreign)]
pub trait HttpTransport: Send + Sync {
    /// Sends `request`, and says through `completion` what came of it, then or later, on any thread. Called on a thread
    /// that may block, of which there are many: requests at the same time do not wait for each other.
    ///
    /// # Errors
    /// [`TransportError`], as through the completion.
    fn start(&self, request: Arc<HttpRequest>, completion: Arc<ExchangeCompletion>) -> Result<(), TransportError>;
}

/// A request. Prints its method and URL only: its headers and its body can hold secrets.
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

    /// Where to. Never holds a token.
    pub fn url(&self) -> String {
        self.request.url.to_string()
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

    /// The body, empty for a `GET`.
    pub fn body(&self) -> Vec<u8> {
        self.request.body.to_vec()
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
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// An answer, whatever its status.
#[derive(uniffi::Record)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The headers, in order.
    pub headers: Vec<HttpHeader>,
    /// The body, at most 1 MiB.
    pub body: Vec<u8>,
}

/// Why no answer came. The details are for people, and must hold nothing of the request's headers or body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum TransportError {
    /// No connection could be made: offline, the name is unknown, the port is refused. Tried again.
    #[error("no connection: {detail}")]
    Connect {
        /// What happened.
        detail: String,
    },
    /// The connection broke before the whole answer was there. Tried again.
    #[error("the connection broke: {detail}")]
    Io {
        /// What happened.
        detail: String,
    },
    /// The server's certificate was not accepted. Not tried again.
    #[error("the server is not trusted: {detail}")]
    Tls {
        /// What happened.
        detail: String,
    },
    /// The answer was too large or not HTTP at all. Not tried again.
    #[error("the response cannot be used: {detail}")]
    BadResponse {
        /// What happened.
        detail: String,
    },
    /// Anything else. Not tried again.
    #[error("the transport failed: {detail}")]
    Other {
        /// What happened.
        detail: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for TransportError {
    /// The exception's own text may hold what was sent.
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Other {
            detail: "the app's transport threw".into(),
        }
    }
}

impl From<TransportError> for transport::TransportError {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Connect { detail } => Self::Connect(detail),
            TransportError::Io { detail } => Self::Io(detail),
            TransportError::Tls { detail } => Self::Tls(detail),
            TransportError::BadResponse { detail } => Self::BadResponse(detail),
            TransportError::Other { detail } => Self::Other(detail),
        }
    }
}

type Answer = Result<transport::HttpResponse, transport::TransportError>;

/// How the host says what came of a request. The first answer counts; letting go of this without one is an error at once.
#[derive(uniffi::Object)]
pub struct ExchangeCompletion {
    answer: Mutex<Option<oneshot::Sender<Answer>>>,
    wanted: watch::Receiver<()>,
    _live: Live,
}

#[uniffi::export]
impl ExchangeCompletion {
    /// An answer came. Returns whether it was waited for: false for a second one, or one that came too late.
    pub fn succeed(&self, response: HttpResponse) -> bool {
        let headers = response.headers.into_iter();
        self.answer(Ok(transport::HttpResponse {
            status: response.status,
            headers: headers.map(|header| (header.name, header.value)).collect(),
            body: Zeroizing::new(response.body),
        }))
    }

    /// None came. Returns whether one was waited for.
    pub fn fail(&self, error: TransportError) -> bool {
        self.answer(Err(error.into()))
    }

    /// Returns once nobody waits for the answer: it has come, or its time is over. Give the request up then.
    pub async fn closed(&self) {
        // An error: the other end is gone. It never sends anything.
        let _ = self.wanted.clone().changed().await;
    }
}

impl ExchangeCompletion {
    fn answer(&self, answer: Answer) -> bool {
        let sender = lock(&self.answer).take();
        sender.is_some_and(|sender| sender.send(answer).is_ok())
    }
}

/// The port, as the core has it, over the host's.
pub(super) struct HostTransport(pub(super) Arc<dyn HttpTransport>);

impl transport::HttpTransport for HostTransport {
    fn send(&self, request: transport::HttpRequest) -> Exchange {
        let host = Arc::clone(&self.0);
        Box::pin(async move {
            let (sender, answer) = oneshot::channel();
            let (_waiting, wanted) = watch::channel(());
            let request = Arc::new(HttpRequest {
                request,
                _live: Live::new(),
            });
            let completion = Arc::new(ExchangeCompletion {
                answer: Mutex::new(Some(sender)),
                wanted,
                _live: Live::new(),
            });
            task::spawn_blocking(&Handle::current(), move || {
                if let Err(error) = host.start(request, Arc::clone(&completion)) {
                    completion.fail(error);
                }
            });
            answer.await.unwrap_or_else(|_| {
                Err(transport::TransportError::Other(
                    "the app's transport let go of the request without an answer".into(),
                ))
            })
        })
    }
}

impl fmt::Debug for HostTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostTransport")
    }
}
