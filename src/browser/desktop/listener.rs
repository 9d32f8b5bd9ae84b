//! Listens on the port of the redirect, only on loopback addresses.

use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::task::Poll;

use tokio::net::{TcpListener, TcpStream};
use url::Host;

use crate::browser::BrowserError;
use crate::config::RedirectUri;

/// Listens on every loopback address that the redirect's host can mean. Dropping it frees the port at once.
#[derive(Debug)]
pub(super) struct Listener(Vec<TcpListener>);

impl Listener {
    pub(super) async fn bind(redirect: &RedirectUri) -> Result<Self, BrowserError> {
        let addresses = addresses(redirect);
        if addresses.is_empty() {
            return Err(BrowserError::Unavailable(format!(
                "it cannot come back to {redirect}. Configure a sign-out URI such as http://localhost:8765/signed-out"
            )));
        }
        let mut listeners = Vec::new();
        let mut refused = None;
        for address in addresses {
            // Tokio sets SO_REUSEADDR on Unix, so the connections of an earlier sign-out do not block the port.
            match TcpListener::bind(address).await {
                Ok(listener) => listeners.push(listener),
                // An error even if the other address is free: the browser may try this one first.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(refusal(redirect, &error)),
                // Most likely a machine without IPv6. There, `localhost` means the other address.
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        match refused {
            Some(error) if listeners.is_empty() => Err(refusal(redirect, &error)),
            _ => Ok(Self(listeners)),
        }
    }

    pub(super) async fn accept(&self) -> io::Result<TcpStream> {
        poll_fn(|context| {
            for listener in &self.0 {
                if let Poll::Ready(accepted) = listener.poll_accept(context) {
                    return Poll::Ready(accepted.map(|(stream, _)| stream));
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// Empty for a redirect that nothing can listen on. `localhost` means the addresses of both families (RFC 6761, section 6.3).
/// The system's resolver is not asked.
fn addresses(redirect: &RedirectUri) -> Vec<SocketAddr> {
    let port = redirect.url().port_or_known_default().unwrap_or_default();
    if !redirect.is_loopback() || port == 0 {
        return Vec::new();
    }
    let hosts: Vec<IpAddr> = match redirect.url().host() {
        Some(Host::Domain(_)) => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        Some(Host::Ipv4(address)) => vec![address.into()],
        Some(Host::Ipv6(address)) => vec![address.into()],
        None => Vec::new(),
    };
    hosts.into_iter().map(|host| SocketAddr::new(host, port)).collect()
}

fn refusal(redirect: &RedirectUri, error: &io::Error) -> BrowserError {
    let port = redirect.url().port_or_known_default().unwrap_or_default();
    match error.kind() {
        io::ErrorKind::AddrInUse => BrowserError::RedirectTaken(format!(
            "another program uses port {port}. Close it, or configure a sign-out URI with another port"
        )),
        io::ErrorKind::PermissionDenied => BrowserError::Unavailable(format!(
            "the system does not allow this program to listen on port {port}. Configure a sign-out URI with a port of 1024 or \
             above"
        )),
        _ => BrowserError::Unavailable(format!("this program cannot listen at {redirect}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redirect(text: &str) -> RedirectUri {
        RedirectUri::parse("redirect", text).unwrap()
    }

    #[test]
    fn only_loopback_addresses_are_used() {
        for (text, expected) in [
            ("http://localhost:8765/", &["127.0.0.1:8765", "[::1]:8765"][..]),
            ("http://localhost/", &["127.0.0.1:80", "[::1]:80"]),
            ("http://127.0.0.1:8765/x", &["127.0.0.1:8765"]),
            ("http://127.0.0.2:8765/x", &["127.0.0.2:8765"]),
            ("http://[::1]:8765/x", &["[::1]:8765"]),
            ("http://localhost:0/", &[]),
            ("https://localhost:8765/", &[]),
            ("myapp://signed-out", &[]),
        ] {
            let found: Vec<_> = addresses(&redirect(text)).iter().map(ToString::to_string).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_forbidden_port_is_another_error_than_a_port_in_use() {
        let redirect = redirect("http://localhost:80/");
        let refused = |kind: io::ErrorKind| refusal(&redirect, &kind.into());
        assert!(matches!(refused(io::ErrorKind::AddrInUse), BrowserError::RedirectTaken(why) if why.contains("80")));
        let denied = refused(io::ErrorKind::PermissionDenied);
        assert!(matches!(denied, BrowserError::Unavailable(why) if why.contains("1024 or above")));
        let unknown = refused(io::ErrorKind::AddrNotAvailable);
        assert!(matches!(unknown, BrowserError::Unavailable(why) if why.contains("http://localhost:80/")));
    }
}
