//! Says why an exchange failed, in our own words: reqwest's texts contain the URL, and a certificate's texts contain whatever the
//! server put there.

use std::error::Error;
use std::io;

use rustls::CertificateError;

use crate::transport::TransportError;

pub(super) fn of(error: &reqwest::Error) -> TransportError {
    if error.is_builder() {
        return TransportError::Other("the request is not valid HTTP".into());
    }
    if error.is_connect() {
        // An error of rustls in the middle of a response is about the connection, not about trust.
        return match find::<rustls::Error>(error) {
            Some(error) => TransportError::Tls(handshake(error).into()),
            None => TransportError::Connect(connection(error)),
        };
    }
    match find::<hyper::Error>(error) {
        Some(error) if error.is_parse() => TransportError::BadResponse("it is not HTTP".into()),
        _ => TransportError::Io(connection(error)),
    }
}

fn handshake(error: &rustls::Error) -> &'static str {
    use CertificateError::*;
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            Expired | ExpiredContext { .. } => "its certificate has expired",
            NotValidYet | NotValidYetContext { .. } => "its certificate is not valid yet",
            NotValidForName | NotValidForNameContext { .. } => "its certificate is for another host",
            UnknownIssuer => "its certificate's issuer is unknown",
            Revoked => "its certificate was revoked",
            _ => "its certificate was not accepted",
        },
        rustls::Error::InvalidMessage(_) => "it does not use TLS",
        _ => "the TLS handshake failed",
    }
}

fn connection(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it took too long".into();
    }
    match find::<io::Error>(error) {
        Some(error) if error.kind() != io::ErrorKind::Other => error.kind().to_string(),
        _ if error.is_dns() => "the host's name is unknown".into(),
        _ => "it was closed or refused".into(),
    }
}

fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let causes = std::iter::successors(Some(error), |&error: &&'a (dyn Error + 'static)| {
        // `io::Error::source()` skips the error that it wraps.
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
            None => error.source(),
        }
    });
    causes.filter_map(|cause| cause.downcast_ref()).last()
}
