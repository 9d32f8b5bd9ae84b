//! The responses to the browser: HTTP/1.1, one for each connection.

use url::Url;

/// For every response: it is not stored, its URL is not passed on, and its type is not guessed.
const HEADERS: &str = "\
Connection: close\r\n\
Cache-Control: no-store\r\n\
Referrer-Policy: no-referrer\r\n\
X-Content-Type-Options: nosniff\r\n";

/// A page. `style` is the allowed source of its style sheet (Content Security Policy Level 3, section 2.3.1). Images must be
/// `data:` URLs. Scripts, forms, frames and everything that would have to be loaded are blocked.
pub(super) fn page(html: &str, style: &str) -> Vec<u8> {
    let start = format!(
        "200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Security-Policy: default-src 'none'; style-src {style}; \
         img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    response(&start, html)
}

/// Redirects the browser.
pub(super) fn go_to(url: &Url) -> Vec<u8> {
    response(&format!("302 Found\r\nLocation: {url}"), "")
}

/// Without a body, so that the browser shows a page of its own.
pub(super) fn refusal(start: &str) -> Vec<u8> {
    response(start, "")
}

/// `start` is the status with the headers that only this response has.
fn response(start: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {start}\r\nContent-Length: {length}\r\n{HEADERS}\r\n{body}").into_bytes()
}
