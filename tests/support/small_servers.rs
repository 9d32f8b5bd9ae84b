//! Small servers. They handle each connection as a test wants, and count connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Handles each connection in the same way, on a free loopback port.
    pub(crate) async fn start<F: Future<Output = ()> + Send>(
        each: impl Fn(TcpStream) -> F + Clone + Send + 'static,
    ) -> Self {
        Self::at("127.0.0.1:0", each).await
    }

    /// The same at this address.
    pub(crate) async fn at<F: Future<Output = ()> + Send>(
        address: &str,
        each: impl Fn(TcpStream) -> F + Clone + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = connections.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let each = each.clone();
                tokio::spawn(async move { each(stream).await });
            }
        });
        Self { address, connections }
    }

    /// Responds to each request with these bytes.
    pub(crate) async fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |stream| answer_each(stream, bytes.clone())).await
    }

    /// The same over TLS.
    pub(crate) async fn answering_over_tls(certificate: ServerConfig, bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::over_tls(certificate, move |stream| answer_each(stream, bytes.clone())).await
    }

    pub(crate) async fn over_tls<F: Future<Output = ()> + Send>(
        certificate: ServerConfig,
        each: impl Fn(TlsStream<TcpStream>) -> F + Clone + Send + Sync + 'static,
    ) -> Self {
        let acceptor = TlsAcceptor::from(Arc::new(certificate));
        Self::start(move |stream| {
            let (acceptor, each) = (acceptor.clone(), each.clone());
            async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    each(stream).await;
                }
            }
        })
        .await
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}/", self.address)
    }
}

pub(crate) async fn answer_each(mut stream: impl Stream, bytes: Vec<u8>) {
    while read_request(&mut stream).await.is_some() {
        if stream.write_all(&bytes).await.is_err() {
            break;
        }
    }
}

/// The head of the next request. Its body is read and dropped.
pub(crate) async fn read_request(stream: &mut impl Stream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.ok()?;
    Some(head)
}

/// The test's own certificate authority.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) root: CertificateDer<'static>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut parameters = CertificateParams::new([]).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = parameters.self_signed(&key).unwrap().der().clone();
        let issuer = Issuer::new(parameters, key);
        Self { issuer, root }
    }

    /// What a server for this host needs to speak HTTP/1.1 over TLS.
    pub(crate) fn certify(&self, host: &str) -> ServerConfig {
        self.certify_with(CertificateParams::new([host.to_owned()]).unwrap())
    }

    pub(crate) fn certify_expired(&self, host: &str) -> ServerConfig {
        let mut parameters = CertificateParams::new([host.to_owned()]).unwrap();
        parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2021, 1, 1);
        self.certify_with(parameters)
    }

    fn certify_with(&self, parameters: CertificateParams) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap()
    }
}
