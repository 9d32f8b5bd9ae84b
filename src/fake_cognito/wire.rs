//! HTTP/1.1, as bytes: no HTTP library can send responses that are wrong in the ways that the faults need.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use url::form_urlencoded;

use super::oauth_error::OAuthError;
use super::service_error::ServiceError;
use super::tokens;

/// Larger requests are refused. No request of the API comes near it.
const MAX_REQUEST_BYTES: usize = 1024 * 1024;
const MAX_HEADERS: usize = 64;

/// A byte stream that can also break as a network does.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {
    /// Makes the drop send RST instead of FIN.
    fn reset_on_drop(&self) -> io::Result<()>;
}

impl Stream for TcpStream {
    fn reset_on_drop(&self) -> io::Result<()> {
        self.set_zero_linger()
    }
}

impl Stream for TlsStream<TcpStream> {
    fn reset_on_drop(&self) -> io::Result<()> {
        self.get_ref().0.set_zero_linger()
    }
}

/// One complete request.
pub(super) struct Request {
    pub(super) method: String,
    /// Path and query, as the request line had them.
    pub(super) path: String,
    /// Names in lower case, in order.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The path, and the query as the request line had it.
    pub(super) fn split_path(&self) -> (&str, &str) {
        self.path.split_once('?').unwrap_or((&self.path, ""))
    }

    pub(super) fn query(&self) -> Fields {
        Fields::of(self.split_path().1.as_bytes())
    }

    /// The fields of a form; none if the content type is not a form's.
    pub(super) fn form(&self) -> Fields {
        let kind = self.header("content-type").and_then(|kind| kind.split(';').next());
        match kind.map(str::trim) {
            Some("application/x-www-form-urlencoded") => Fields::of(&self.body),
            _ => Fields::of(b""),
        }
    }
}

/// The fields of a query or a form, in order.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    fn of(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The first value of this name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let field = self.0.iter().find(|(known, _)| known == name)?;
        Some(&field.1)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(String, String)> {
        self.0.iter()
    }
}

/// One response, before it is bytes.
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl Response {
    /// A response of the API.
    pub(super) fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![
                ("x-amzn-requestid", tokens::uuid()),
                ("content-type", "application/x-amz-json-1.1".to_owned()),
            ],
            body: body.into(),
        }
    }

    pub(super) fn html(status: u16, body: &str) -> Self {
        Self {
            status,
            headers: vec![("content-type", "text/html; charset=utf-8".to_owned())],
            body: body.into(),
        }
    }

    pub(super) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// An error as AWS writes it: the bare code in the body, the code and a colon in the header.
    pub(super) fn error(error: ServiceError) -> Self {
        let body = serde_json::json!({ "__type": error.code(), "message": error.message() });
        Self::json(error.status(), body.to_string())
            .with("x-amzn-errortype", format!("{}:", error.code()))
            .with("x-amzn-errormessage", error.message())
    }

    /// An error of an endpoint under `/oauth2/`.
    pub(super) fn oauth_error(error: OAuthError) -> Self {
        Self::oauth_json(error.status(), &serde_json::json!({ "error": error.code() }))
    }

    /// A response of an endpoint under `/oauth2/`.
    pub(super) fn oauth_json(status: u16, body: &serde_json::Value) -> Self {
        Self {
            body: body.to_string().into(),
            ..Self::empty(status)
        }
        .with("content-type", "application/json;charset=UTF-8")
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Status line and headers with the blank line. They announce `length` bytes of body, or, for `None`, that the body
    /// ends when the connection closes.
    pub(super) fn head(&self, length: Option<usize>) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += &match length {
            Some(length) => format!("content-length: {length}\r\n\r\n"),
            None => "connection: close\r\n\r\n".to_owned(),
        };
        head.into_bytes()
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head(Some(self.body.len()));
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        302 => "Found",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Unknown",
    }
}

/// One client's connection, with the bytes that were read after the last request.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    unread: Vec<u8>,
}

impl Connection {
    pub(super) fn new(stream: Box<dyn Stream>) -> Self {
        Self {
            stream,
            unread: Vec::new(),
        }
    }

    /// The next request; `None` when the client has closed the connection. Bytes that are not HTTP are an error of the
    /// kind `InvalidData`.
    pub(super) async fn next_request(&mut self) -> io::Result<Option<Request>> {
        loop {
            if let Some((request, length)) = parse(&self.unread)? {
                self.unread.drain(..length);
                return Ok(Some(request));
            }
            if self.unread.len() > MAX_REQUEST_BYTES {
                return Err(invalid("the request is too large"));
            }
            self.unread.reserve(16 * 1024);
            if self.stream.read_buf(&mut self.unread).await? == 0 {
                return Ok(None);
            }
        }
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// Waits until the client sends something or gives up.
    pub(super) async fn wait_for_client(&mut self) -> io::Result<()> {
        self.stream.read_buf(&mut self.unread).await.map(drop)
    }

    /// Waits until the client gives up.
    pub(super) async fn wait_for_hangup(&mut self) {
        let mut rest = [0; 1024];
        while matches!(self.stream.read(&mut rest).await, Ok(1..)) {}
    }

    /// Closes properly: FIN, over TLS with `close_notify` before it.
    pub(super) async fn close(mut self) -> io::Result<()> {
        self.stream.shutdown().await
    }

    /// Closes as a broken network does: with RST.
    pub(super) fn reset(self) -> io::Result<()> {
        self.stream.reset_on_drop()
    }
}

/// The request at the start of `bytes`, and its length; `None` if it is not complete yet.
fn parse(bytes: &[u8]) -> io::Result<Option<(Request, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(body_start) = head.parse(bytes).map_err(invalid)? else {
        return Ok(None);
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut request = Request {
        method: head.method.unwrap_or_default().to_owned(),
        path: head.path.unwrap_or_default().to_owned(),
        headers: (head.headers.iter())
            .map(|header| (header.name.to_lowercase(), text(header.value)))
            .collect(),
        body: Vec::new(),
    };
    if request.header("transfer-encoding").is_some() {
        return Err(invalid(
            "chunked requests are not supported: no AWS SDK sends them here",
        ));
    }
    let length = match request.header("content-length") {
        Some(length) => length.parse().map_err(invalid)?,
        None => 0,
    };
    let end = usize::saturating_add(body_start, length);
    let Some(body) = bytes.get(body_start..end) else {
        return Ok(None);
    };
    request.body = body.to_vec();
    Ok(Some((request, end)))
}

fn invalid(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_only_when_it_is_complete() {
        let bytes = b"POST / HTTP/1.1\r\nContent-Length: 2\r\nX-Amz-Target: T\r\n\r\n{}GET /";
        let whole = bytes.len() - "GET /".len();
        for cut in 0..whole {
            assert!(parse(&bytes[..cut]).unwrap().is_none(), "{cut} of {whole} bytes");
        }
        let (request, length) = parse(bytes).unwrap().unwrap();
        assert_eq!(
            (request.method.as_str(), request.path.as_str(), length),
            ("POST", "/", whole)
        );
        assert_eq!(
            (request.header("x-amz-target"), request.body.as_slice()),
            (Some("T"), &b"{}"[..])
        );
    }

    #[test]
    fn bytes_that_are_not_http_or_have_no_plain_length_are_an_error() {
        for bytes in [
            &b"\x16\x03\x01 hello\r\n\r\n"[..],
            b"POST / HTTP/1.1\r\ncontent-length: many\r\n\r\n",
            b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n",
        ] {
            assert!(parse(bytes).is_err());
        }
    }
}
