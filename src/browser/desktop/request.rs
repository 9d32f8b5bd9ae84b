//! Reads a request at the redirect's port: either the expected page load, or something to refuse.

use std::io;

use httparse::{Error, Header, Request, Status};
use tokio::io::{AsyncRead, AsyncReadExt};
use url::Url;

use super::response;

/// The browser sends the cookies of every program that ever ran on `localhost`, so there must be room for them.
const MAX_HEAD_BYTES: usize = 64 * 1024;
const MAX_HEADERS: usize = 100;

/// Why a request is not the expected one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Malformed,
    TooLarge,
    /// It is for another host, whose name was made to lead to this machine (DNS rebinding).
    OtherHost,
    /// It comes from a program of another user.
    OtherUser,
    NotFound,
    NotGet,
}

impl Refusal {
    pub(super) fn response(self) -> Vec<u8> {
        match self {
            Self::Malformed => response::refusal("400 Bad Request"),
            Self::TooLarge => response::refusal("431 Request Header Fields Too Large"),
            Self::OtherHost => response::refusal("421 Misdirected Request"),
            Self::OtherUser => response::refusal("403 Forbidden"),
            Self::NotFound => response::refusal("404 Not Found"),
            Self::NotGet => response::refusal("405 Method Not Allowed\r\nAllow: GET"),
        }
    }
}

/// The expected page load.
#[derive(Debug)]
pub(super) struct Callback {
    /// The URL that the browser was sent to.
    pub(super) url: Url,
    /// The header of that name: the languages that the browser's user prefers.
    pub(super) accept_language: String,
}

/// The callback, if the browser was sent to `redirect`.
pub(super) async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    redirect: &Url,
) -> io::Result<Result<Callback, Refusal>> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut request = Request::new(&mut headers);
        match request.parse(&bytes) {
            Ok(Status::Complete(_)) => return Ok(judge(&request, redirect)),
            Ok(Status::Partial) if bytes.len() < MAX_HEAD_BYTES => {}
            Ok(Status::Partial) | Err(Error::TooManyHeaders) => return Ok(Err(Refusal::TooLarge)),
            Err(_) => return Ok(Err(Refusal::Malformed)),
        }
    }
}

fn judge(request: &Request<'_, '_>, redirect: &Url) -> Result<Callback, Refusal> {
    let mut hosts = values(request.headers, "host");
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(Refusal::Malformed);
    };
    let authority = redirect.authority();
    if !host.eq_ignore_ascii_case(authority.as_bytes()) {
        return Err(Refusal::OtherHost);
    }
    let target = request.path.filter(|target| target.starts_with('/'));
    let callback = target.and_then(|target| Url::parse(&format!("http://{authority}{target}")).ok());
    let callback = callback.ok_or(Refusal::Malformed)?;
    if callback.path() != redirect.path() {
        return Err(Refusal::NotFound);
    }
    if request.method != Some("GET") {
        return Err(Refusal::NotGet);
    }
    if !is_page_load(request.headers) {
        return Err(Refusal::NotFound);
    }
    let languages: Vec<_> = values(request.headers, "accept-language")
        .filter_map(|value| str::from_utf8(value).ok())
        .collect();
    Ok(Callback {
        url: callback,
        accept_language: languages.join(","),
    })
}

/// Whether a browser window was sent here. An image, a frame, or a prefetched page does not count (Fetch Metadata Request
/// Headers). A request without these headers counts.
fn is_page_load(headers: &[Header<'_>]) -> bool {
    let only = |name, expected: &[u8]| values(headers, name).all(|value| value == expected);
    let is_prefetch = |name| values(headers, name).any(|value| value.starts_with(b"prefetch"));
    only("sec-fetch-mode", b"navigate")
        && only("sec-fetch-dest", b"document")
        && !is_prefetch("sec-purpose")
        && !is_prefetch("purpose")
}

fn values<'a>(headers: &'a [Header<'a>], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    headers
        .iter()
        .filter(move |header| header.name.eq_ignore_ascii_case(name))
        .map(|header| header.value)
}
