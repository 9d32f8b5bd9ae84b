//! HTTPS for desktops: reqwest over rustls with ring. It trusts the certificates that the platform trusts.

mod failure;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use ::rustls::crypto::ring;
use ::rustls::pki_types::CertificateDer;
use ::rustls::{ClientConfig, RootCertStore};
use bytes::Bytes;
use reqwest::header::AUTHORIZATION;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Method, Response};
use rustls_platform_verifier::Verifier;
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use super::{Exchange, HttpRequest, HttpResponse, HttpTransport, MAX_RESPONSE_BYTES, TransportError};
use crate::lock::lock;
use crate::url_policy::{is_aws_metadata, is_loopback, may_carry_tokens};

/// How long an idle connection is kept. An idle connection may be dead, because the machine slept or the network changed, and a
/// request on a dead connection fails only when its time is over. This is shorter than that time, so that the next request does
/// not use the connection on which one has just failed.
const LONGEST_IDLE: Duration = Duration::from_secs(2);

/// HTTP/1.1 and HTTP/2 over rustls, with the platform's root certificates. Clones share their connections.
///
/// It takes proxies from the environment, as curl does: `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in upper or lower case. Requests
/// to a loopback host use no proxy: plain HTTP is allowed there, and the tokens in it must not leave the machine. It follows no
/// redirects, keeps no cookies and decompresses no responses.
///
/// Needs a Tokio runtime with I/O and time. Making a transport is cheap: certificates are read at the first request, on one of
/// Tokio's blocking threads.
///
/// ```
/// use std::time::Duration;
/// use cognito_signout::transport::RustlsTransport;
///
/// let transport = RustlsTransport::new();
/// let patient = RustlsTransport::builder().connect_timeout(Duration::from_secs(10)).build();
/// ```
#[derive(Clone)]
pub struct RustlsTransport {
    settings: RustlsTransportBuilder,
    shared: Arc<Shared>,
}

/// What clones share.
#[derive(Default)]
struct Shared {
    tls: OnceCell<ClientConfig>,
    /// `None` before the first request, and after a request that was dropped before its response.
    clients: Mutex<Option<Arc<Clients>>>,
}

/// Collects settings for a [`RustlsTransport`].
#[derive(Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct RustlsTransportBuilder {
    connect_timeout: Duration,
    roots: Vec<CertificateDer<'static>>,
}

impl RustlsTransport {
    /// A transport that trusts what the platform trusts, and takes at most 3 s to connect.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Starts a transport with other settings.
    pub fn builder() -> RustlsTransportBuilder {
        RustlsTransportBuilder {
            connect_timeout: Duration::from_secs(3),
            roots: Vec::new(),
        }
    }

    async fn exchange(self, mut request: HttpRequest) -> Result<HttpResponse, TransportError> {
        if !may_carry_tokens(&request.url) && !is_aws_metadata(&request.url) {
            return Err(TransportError::Other(
                "the URL is neither https nor a loopback host".into(),
            ));
        }
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| TransportError::Other("the method is not an HTTP method".into()))?;
        let mut under_way = UnderWay {
            clients: self.clients().await?,
            shared: self.shared,
            is_over: false,
        };
        let client = under_way.clients.towards(&request);
        let mut outgoing = client.request(method, request.url);
        for (name, value) in &request.headers {
            outgoing = outgoing.header(name, value);
        }
        // Not copied, and wiped after it has been sent.
        let outgoing = outgoing
            .body(Bytes::from_owner(std::mem::take(&mut request.body)))
            .build();
        let mut outgoing = outgoing.map_err(|error| failure::of(&error))?;
        if let Some(credentials) = outgoing.headers_mut().get_mut(AUTHORIZATION) {
            // Then it is not printed, and not put into HTTP/2's compression tables (RFC 7541, section 7.1.3).
            credentials.set_sensitive(true);
        }
        let answer = match client.execute(outgoing).await {
            Ok(answer) => receive(answer).await,
            Err(error) => Err(failure::of(&error)),
        };
        under_way.is_over = true;
        answer
    }

    async fn clients(&self) -> Result<Arc<Clients>, TransportError> {
        let made = self
            .shared
            .tls
            .get_or_try_init(|| read_tls(self.settings.roots.clone()));
        let tls = made.await?;
        let mut clients = self.shared.clients();
        match &*clients {
            Some(clients) => Ok(Arc::clone(clients)),
            None => {
                let made = Arc::new(Clients::make(tls, self.settings.connect_timeout)?);
                *clients = Some(Arc::clone(&made));
                Ok(made)
            }
        }
    }
}

impl Shared {
    fn clients(&self) -> MutexGuard<'_, Option<Arc<Clients>>> {
        lock(&self.clients)
    }
}

/// A request that has no response yet. If it is dropped, its connection may be dead, and HTTP/2 would send the next request over
/// the same connection. So the next request gets new connections. Requests that still wait on the old ones keep them.
struct UnderWay {
    shared: Arc<Shared>,
    clients: Arc<Clients>,
    is_over: bool,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut clients = self.shared.clients();
        let is_current = clients
            .as_ref()
            .is_some_and(|current| Arc::ptr_eq(current, &self.clients));
        if is_current && !self.is_over {
            *clients = None;
        }
    }
}

impl Default for RustlsTransport {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for RustlsTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RustlsTransport")
    }
}

impl HttpTransport for RustlsTransport {
    fn send(&self, request: HttpRequest) -> Exchange {
        Box::pin(self.clone().exchange(request))
    }
}

impl RustlsTransportBuilder {
    /// The time limit for making one connection, including TLS and proxy. Default: 3 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Also trusts this certificate (in DER), of a private authority or a test server. If it cannot be read, each request fails
    /// with [`TransportError::Tls`].
    pub fn add_root_certificate(mut self, der: impl Into<Vec<u8>>) -> Self {
        self.roots.push(CertificateDer::from(der.into()));
        self
    }

    /// Makes the transport. Uses neither the network nor the certificates yet.
    pub fn build(self) -> RustlsTransport {
        RustlsTransport {
            settings: self,
            shared: Arc::default(),
        }
    }
}

impl fmt::Debug for RustlsTransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RustlsTransportBuilder")
    }
}

struct Clients {
    by_environment: Client,
    direct: Client,
}

impl Clients {
    fn make(tls: &ClientConfig, connect_timeout: Duration) -> Result<Self, TransportError> {
        let client = |proxies: fn(ClientBuilder) -> ClientBuilder| {
            let builder = Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .connect_timeout(connect_timeout)
                .pool_idle_timeout(LONGEST_IDLE)
                .redirect(Policy::none())
                .referer(false)
                // Other crates in the app may switch these on in reqwest.
                .no_gzip()
                .no_brotli()
                .no_zstd()
                .no_deflate()
                // The caller retries.
                .retry(reqwest::retry::never());
            proxies(builder).build().map_err(|error| failure::of(&error))
        };
        Ok(Self {
            by_environment: client(|builder| builder)?,
            direct: client(ClientBuilder::no_proxy)?,
        })
    }

    fn towards(&self, request: &HttpRequest) -> &Client {
        if is_loopback(&request.url) || is_aws_metadata(&request.url) {
            &self.direct
        } else {
            &self.by_environment
        }
    }
}

/// On a blocking thread: reading the platform's certificates takes about ten milliseconds on Linux.
async fn read_tls(roots: Vec<CertificateDer<'static>>) -> Result<ClientConfig, TransportError> {
    let read = tokio::task::spawn_blocking(move || tls(roots)).await;
    read.map_err(|_| TransportError::Other("the runtime is shutting down".into()))?
}

/// The crypto provider is passed here and not installed for the whole process: that choice belongs to the app.
fn tls(roots: Vec<CertificateDer<'static>>) -> Result<ClientConfig, TransportError> {
    let unusable = |_| TransportError::Tls("the root certificates cannot be read".into());
    let mut added = RootCertStore::empty();
    for root in &roots {
        added.add(root.clone()).map_err(unusable)?;
    }
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(unusable)?;
    let builder = match Verifier::new_with_extra_roots(roots, provider) {
        Ok(verifier) => builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)),
        // A minimal container can still reach a loopback server in plain HTTP. Only the added certificates are trusted then.
        Err(error) => {
            tracing::debug!(%error, "the platform has no root certificates");
            builder.with_root_certificates(added)
        }
    };
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

async fn receive(mut answer: Response) -> Result<HttpResponse, TransportError> {
    let limit = MAX_RESPONSE_BYTES as u64;
    let announced = answer.content_length().unwrap_or_default();
    if announced > limit {
        return Err(TransportError::too_large());
    }
    let headers = answer.headers().iter();
    let headers = headers.map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.as_str().to_owned(), value.into_owned())
    });
    let headers = headers.collect();
    let status = answer.status().as_u16();
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = answer.chunk().await.map_err(|error| failure::of(&error))? {
        if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
            return Err(TransportError::too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(HttpResponse { status, headers, body })
}
