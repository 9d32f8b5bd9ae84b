//! What the browser is answered: HTTP/1.1, one answer a connection.

use url::Url;

/// For every answer: nothing of it is kept, passed on or guessed at.
const HEADERS: &str = "\
Connection: close\r\n\
Cache-Control: no-store\r\n\
Referrer-Policy: no-referrer\r\n\
X-Content-Type-Options: nosniff\r\n";

/// A page. `style` is the source of its style sheet (Content Security Policy Level 3, section 2.3.1). Images are `data:`
/// URLs; scripts, forms, frames and everything that would have to be fetched are blocked.
pub(super) fn page(html: &str, style: &str) -> Vec<u8> {
    let start = format!(
        "200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Security-Policy: default-src 'none'; style-src {style}; \
         img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    answer(&start, html)
}

/// Sends the browser on.
pub(super) fn go_to(url: &Url) -> Vec<u8> {
    answer(&format!("302 Found\r\nLocation: {url}"), "")
}

/// Without a body, so that the browser shows a page of its own.
pub(super) fn refusal(start: &str) -> Vec<u8> {
    answer(start, "")
}

/// `start` is the status, with the headers of this answer alone.
fn answer(start: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {start}\r\nContent-Length: {length}\r\n{HEADERS}\r\n{body}").into_bytes()
}
