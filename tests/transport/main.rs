//! `RustlsTransport` against real sockets on this machine.

#![cfg(feature = "rustls")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests say what they expect"
)]

mod environment;
#[path = "../support/small_servers.rs"]
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cognito_signout::transport::{
    HttpRequest, HttpResponse, HttpTransport, MAX_RESPONSE_BYTES, RustlsTransport, TransportError,
};
use server::{Authority, Server, read_request};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use url::Url;
use zeroize::Zeroizing;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

async fn post(transport: &RustlsTransport, url: &str) -> Result<HttpResponse, TransportError> {
    let mut url = Url::parse(url).unwrap();
    url.set_path("/secret-path");
    let request = HttpRequest {
        method: "POST".into(),
        url,
        headers: vec![("x-header".into(), "secret-header".into())],
        body: Zeroizing::new(b"secret-body".to_vec()),
    };
    let result = transport.send(request).await;
    let shown = format!("{result:?}");
    assert!(!shown.contains("secret"), "{shown}");
    result
}

/// Sends a request to a plain server that sends this response.
async fn ask(answer: impl Into<Vec<u8>>) -> Result<HttpResponse, TransportError> {
    let server = Server::answering(answer).await;
    post(&RustlsTransport::new(), &server.url("http")).await
}

fn trusting(authority: &Authority) -> RustlsTransport {
    RustlsTransport::builder()
        .add_root_certificate(authority.root.to_vec())
        .build()
}

fn tls(why: &str) -> TransportError {
    TransportError::Tls(why.into())
}

#[tokio::test]
async fn the_response_is_returned_unchanged() {
    let answer = ask("HTTP/1.1 401 No\r\nX-Amzn-ErrorType: Code\r\ncontent-length: 4\r\n\r\nbody")
        .await
        .unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (401, &b"body"[..]));
    assert!(answer.headers.contains(&("x-amzn-errortype".into(), "Code".into())));
}

#[tokio::test]
async fn a_private_authority_is_trusted_if_its_root_was_added() {
    let authority = Authority::new();
    let server = Server::answering_over_tls(authority.certify("127.0.0.1"), OK).await;
    let url = server.url("https");

    assert_eq!(post(&trusting(&authority), &url).await.unwrap().status, 200);
    let error = post(&RustlsTransport::new(), &url).await.unwrap_err();
    assert_eq!(error, tls("its certificate's issuer is unknown"));
    let error = post(&trusting(&Authority::new()), &url).await.unwrap_err();
    assert!(matches!(error, TransportError::Tls(_)), "{error}");
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let authority = Authority::new();
    let server = Server::answering_over_tls(authority.certify_expired("127.0.0.1"), OK).await;
    let error = post(&trusting(&authority), &server.url("https")).await.unwrap_err();
    assert_eq!(error, tls("its certificate has expired"));
}

#[tokio::test]
async fn another_hosts_certificate_is_refused() {
    let authority = Authority::new();
    let server = Server::answering_over_tls(authority.certify("cognito.test"), OK).await;
    let error = post(&trusting(&authority), &server.url("https")).await.unwrap_err();
    assert_eq!(error, tls("its certificate is for another host"));
}

#[tokio::test]
async fn plain_text_on_a_tls_port_is_a_tls_error() {
    let talker = |mut stream: tokio::net::TcpStream| async move {
        let _ = stream.write_all(OK.as_bytes()).await;
        std::future::pending().await
    };
    let server = Server::start(talker).await;
    let error = post(&RustlsTransport::new(), &server.url("https")).await.unwrap_err();
    assert_eq!(error, tls("it does not use TLS"));
}

#[tokio::test]
async fn an_unreadable_root_certificate_is_a_tls_error() {
    let transport = RustlsTransport::builder().add_root_certificate(*b"no DER").build();
    let error = post(&transport, "https://127.0.0.1:1/").await.unwrap_err();
    assert_eq!(error, tls("the root certificates cannot be read"));
}

#[tokio::test]
async fn http_2_is_used_if_the_server_offers_it() {
    let authority = Authority::new();
    let mut certificate = authority.certify("127.0.0.1");
    certificate.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let server = Server::over_tls(certificate, |stream| async move {
        let mut connection = h2::server::handshake(stream).await.unwrap();
        while let Some(request) = connection.accept().await {
            let (request, mut respond) = request.unwrap();
            let answer = http::Response::builder().header("x-spoken", format!("{:?}", request.version()));
            let mut body = respond.send_response(answer.body(()).unwrap(), false).unwrap();
            body.send_data("{}".into(), true).unwrap();
        }
    })
    .await;
    let transport = trusting(&authority);

    for _ in 0..2 {
        let answer = post(&transport, &server.url("https")).await.unwrap();
        assert!(answer.headers.contains(&("x-spoken".into(), "HTTP/2.0".into())));
        assert_eq!(answer.body.as_slice(), b"{}");
    }
    assert_eq!(server.connections(), 1);
}

/// Over HTTP/2 all requests share one connection: if it hangs, the next request would hang too.
#[tokio::test]
async fn after_a_dropped_request_the_next_one_uses_another_connection() {
    let authority = Authority::new();
    let mut certificate = authority.certify("127.0.0.1");
    certificate.alpn_protocols = vec![b"h2".to_vec()];
    let (is_first, arrived) = (Arc::new(AtomicBool::new(true)), Arc::new(Notify::new()));
    let arrives = Arc::clone(&arrived);
    let server = Server::over_tls(certificate, move |stream| {
        let swallows = is_first.swap(false, Ordering::Relaxed);
        let arrives = Arc::clone(&arrives);
        async move {
            let mut connection = h2::server::handshake(stream).await.unwrap();
            let mut swallowed = Vec::new();
            while let Some(Ok((_request, mut respond))) = connection.accept().await {
                if swallows {
                    swallowed.push(respond);
                    arrives.notify_one();
                } else {
                    let _sent = respond.send_response(http::Response::new(()), true).unwrap();
                }
            }
        }
    })
    .await;
    let (transport, url) = (trusting(&authority), server.url("https"));

    tokio::select! {
        answer = post(&transport, &url) => panic!("{answer:?}"),
        () = arrived.notified() => {}
    }

    let again = tokio::time::timeout(Duration::from_secs(10), post(&transport, &url)).await;
    assert_eq!(again.expect("it hangs again").unwrap().status, 200);
    assert_eq!(server.connections(), 2);
}

/// HPACK's octets for a header that is never to be indexed (RFC 7541, section 6.2.3), `authorization` by its number in the
/// static table: 15 in four bits, then what is missing to 23.
const NEVER_INDEXED_AUTHORIZATION: [u8; 2] = [0b0001_1111, 23 - 15];

#[tokio::test]
async fn credentials_are_marked_so_that_no_compression_table_keeps_them() {
    let authority = Authority::new();
    let mut certificate = authority.certify("127.0.0.1");
    certificate.alpn_protocols = vec![b"h2".to_vec()];
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let server = Server::over_tls(certificate, move |mut stream| {
        let tell = tell.clone();
        async move {
            // Without it the client sends nothing else.
            const NO_SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
            stream.write_all(&NO_SETTINGS).await.unwrap();
            while let Ok(octet) = stream.read_u8().await {
                tell.send(octet).unwrap();
            }
        }
    })
    .await;
    let request = HttpRequest {
        method: "POST".into(),
        url: server.url("https").parse().unwrap(),
        headers: vec![("authorization".into(), "Basic aWQ6c2VjcmV0".into())],
        body: Zeroizing::default(),
    };
    let asking = tokio::spawn(trusting(&authority).send(request));
    let sent_so = async {
        let mut last = 0;
        while let Some(octet) = told.recv().await {
            if [last, octet] == NEVER_INDEXED_AUTHORIZATION {
                return true;
            }
            last = octet;
        }
        false
    };
    let in_time = tokio::time::timeout(Duration::from_secs(10), sent_so).await;
    asking.abort();
    assert_eq!(in_time, Ok(true), "it was sent as any other header");
}

#[tokio::test]
async fn all_clones_reuse_one_connection() {
    let server = Server::answering(OK).await;
    let transport = RustlsTransport::new();
    for _ in 0..3 {
        post(&transport.clone(), &server.url("http")).await.unwrap();
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::answering(OK).await;
    for status in [301, 302, 303, 307, 308] {
        let location = elsewhere.url("http");
        let answer = ask(format!(
            "HTTP/1.1 {status} Moved\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"
        ));
        assert_eq!(answer.await.unwrap().status, status);
    }
    assert_eq!(elsewhere.connections(), 0);
}

/// The body never comes: the announced length is refused.
#[tokio::test]
async fn a_response_that_is_announced_as_too_large_is_refused_at_once() {
    let length = MAX_RESPONSE_BYTES + 1;
    let error = ask(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n"))
        .await
        .unwrap_err();
    assert!(matches!(error, TransportError::BadResponse(_)), "{error}");
}

/// The body never ends: it is refused as soon as it is too large.
#[tokio::test]
async fn a_response_that_grows_too_large_is_refused() {
    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        while stream.write_all(&[b' '; 4096]).await.is_ok() {}
    })
    .await;
    let error = post(&RustlsTransport::new(), &server.url("http")).await.unwrap_err();
    assert!(matches!(error, TransportError::BadResponse(_)), "{error}");
}

#[tokio::test]
async fn a_response_of_1_mib_is_accepted() {
    let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {MAX_RESPONSE_BYTES}\r\n\r\n").into_bytes();
    answer.resize(answer.len() + MAX_RESPONSE_BYTES, b' ');
    assert_eq!(ask(answer).await.unwrap().body.len(), MAX_RESPONSE_BYTES);
}

/// A small response could decompress to a huge one. These are the bytes of `printf '{}' | gzip -n`.
#[tokio::test]
async fn compressed_responses_are_neither_requested_nor_decompressed() {
    const GZIP: [u8; 22] = [
        0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0xae, 5, 0, 0x43, 0xbf, 0xa6, 0xa3, 2, 0, 0, 0,
    ];
    let server = Server::start(|mut stream| async move {
        let head = read_request(&mut stream).await.unwrap();
        let asked = head.contains("accept-encoding");
        let head =
            format!("HTTP/1.1 200 OK\r\nx-asked: {asked}\r\ncontent-encoding: gzip\r\ncontent-length: 22\r\n\r\n");
        stream.write_all(&[head.as_bytes(), &GZIP].concat()).await.unwrap();
    })
    .await;
    let answer = post(&RustlsTransport::new(), &server.url("http")).await.unwrap();
    assert!(answer.headers.contains(&("x-asked".into(), "false".into())));
    assert_eq!(answer.body.as_slice(), GZIP);
}

#[tokio::test]
async fn plain_http_to_another_host_is_refused_without_a_connection() {
    let server = Server::answering(OK).await;
    let port = server.address.port();
    // Neither is a loopback address, but both would reach the server.
    for host in ["0.0.0.0", "[::ffff:127.0.0.1]"] {
        let error = post(&RustlsTransport::new(), &format!("http://{host}:{port}/"))
            .await
            .unwrap_err();
        assert!(matches!(error, TransportError::Other(_)), "{error}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_closed_port_is_a_connection_error() {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let error = post(&RustlsTransport::new(), &format!("http://127.0.0.1:{port}/"))
        .await
        .unwrap_err();
    assert_eq!(error, TransportError::Connect("connection refused".into()));
}

#[tokio::test]
async fn a_server_that_accepts_and_sends_nothing_times_out() {
    let server = Server::start(|stream| async move {
        let _open = stream;
        std::future::pending().await
    })
    .await;
    let transport = RustlsTransport::builder()
        .connect_timeout(Duration::from_millis(50))
        .build();
    let error = post(&transport, &server.url("https")).await.unwrap_err();
    assert_eq!(error, TransportError::Connect("it took too long".into()));
}

#[tokio::test]
async fn a_broken_connection_is_another_error_than_one_that_could_not_be_made() {
    for part in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{",
    ] {
        let server = Server::start(move |mut stream| async move {
            read_request(&mut stream).await.unwrap();
            stream.write_all(part.as_bytes()).await.unwrap();
        })
        .await;
        let error = post(&RustlsTransport::new(), &server.url("http")).await.unwrap_err();
        assert!(matches!(error, TransportError::Io(_)), "{part:?}: {error}");
    }
}

#[tokio::test]
async fn a_response_that_is_not_http_is_an_error() {
    let error = ask("220 mail.example ESMTP\r\n\r\n").await.unwrap_err();
    assert_eq!(error, TransportError::BadResponse("it is not HTTP".into()));
}

#[tokio::test]
async fn the_crypto_provider_of_the_process_is_not_set() {
    let _ = post(&RustlsTransport::new(), "https://127.0.0.1:1/").await;
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}
