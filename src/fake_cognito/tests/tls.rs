//! A client that trusts the test's authority accepts or refuses each kind of certificate, for the right reason.

use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, Error, RootCertStore};
use serde_json::json;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::fake_cognito::Tls;

async fn shake_hands(fake: &FakeCognito) -> Result<TlsStream<TcpStream>, Error> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(fake.root_certificate().unwrap()))
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let result = connector.connect(name, connect(fake).await).await;
    result.map_err(|error| error.downcast().expect("the handshake fails only for TLS reasons"))
}

#[tokio::test]
async fn a_trusted_server_responds() {
    let fake = FakeCognito::builder().tls(Tls::Trusted).start().await.unwrap();
    assert_eq!(fake.url().scheme(), "https");
    let tokens = fake.sign_in("ana");
    let mut stream = shake_hands(&fake).await.unwrap();
    let reply = call_on(
        &mut stream,
        Operation::GetUser,
        &json!({ "AccessToken": tokens.access.reveal() }),
    )
    .await;
    assert_eq!(reply.status(), 200);
}

#[tokio::test]
async fn bad_servers_are_refused_for_the_right_reason() {
    for tls in Tls::FAULTS {
        let fake = FakeCognito::builder().tls(tls).start().await.unwrap();
        let noticed = match shake_hands(&fake).await.unwrap_err() {
            Error::InvalidCertificate(CertificateError::UnknownIssuer) => Tls::SelfSigned,
            Error::InvalidCertificate(CertificateError::ExpiredContext { .. }) => Tls::Expired,
            Error::InvalidCertificate(CertificateError::NotValidForNameContext { .. }) => Tls::WrongHost,
            Error::InvalidMessage(_) => Tls::PlainText,
            other => panic!("{tls:?}: {other:?}"),
        };
        assert_eq!(noticed, tls);
        assert_eq!(fake.requests().len(), 0);
    }
}
