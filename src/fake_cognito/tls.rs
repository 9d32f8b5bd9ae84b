//! Certificates, good and bad. Each server has new ones.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The certificate that an `https` server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tls {
    /// A good one, signed by the authority that
    /// [`FakeCognito::root_certificate`](super::FakeCognito::root_certificate) returns.
    Trusted,
    /// A self-signed one.
    SelfSigned,
    /// A good one that expired yesterday.
    Expired,
    /// A good one of another host.
    WrongHost,
    /// None: the server speaks plain HTTP.
    PlainText,
}

impl Tls {
    /// Every one that a client must refuse.
    pub const FAULTS: [Self; 4] = [Self::SelfSigned, Self::Expired, Self::WrongHost, Self::PlainText];
}

/// What a server needs for a [`Tls`].
pub(super) struct Identity {
    /// `None` if the server speaks plain HTTP on the `https` port.
    pub(super) acceptor: Option<TlsAcceptor>,
    /// The authority, in DER.
    pub(super) root: Vec<u8>,
}

impl Identity {
    pub(super) fn new(tls: Tls) -> io::Result<Self> {
        make(tls).map_err(io::Error::other)
    }
}

fn make(tls: Tls) -> Result<Identity, Box<dyn std::error::Error + Send + Sync>> {
    let mut authority = CertificateParams::new([])?;
    authority
        .distinguished_name
        .push(DnType::CommonName, "FakeCognito's authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;

    let host = if tls == Tls::WrongHost {
        "elsewhere.example"
    } else {
        "127.0.0.1"
    };
    let mut server = CertificateParams::new([host.to_owned()])?;
    server.distinguished_name.push(DnType::CommonName, host);
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = SystemTime::now();
    let last_day = if tls == Tls::Expired { now - DAY } else { now + 30 * DAY };
    server.not_before = (now - 30 * DAY).into();
    server.not_after = last_day.into();
    let key = KeyPair::generate()?;
    let certificate = match tls {
        Tls::SelfSigned => server.self_signed(&key)?,
        _ => server.signed_by(&key, &authority)?,
    };

    let chain = vec![CertificateDer::from(certificate.der().to_vec())];
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(Identity {
        acceptor: (tls != Tls::PlainText).then(|| TlsAcceptor::from(Arc::new(config))),
        root: authority.der().to_vec(),
    })
}
