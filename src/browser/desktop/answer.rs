//! What the browser is answered: HTTP/1.1, one answer a connection.

use url::Url;

/// For every answer: nothing of it is kept, passed on, fetched or framed.
const HEADERS: &str = "\
Connection: close\r\n\
Cache-Control: no-store\r\n\
Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'\r\n\
Referrer-Policy: no-referrer\r\n\
X-Content-Type-Options: nosniff\r\n";

/// The last pages, as whole documents.
#[derive(Clone)]
pub(super) struct Pages {
    pub(super) signed_out: String,
    pub(super) not_signed_out: String,
}

impl Default for Pages {
    fn default() -> Self {
        Self {
            signed_out: page("Signed out", "You are signed out. You can close this window."),
            not_signed_out: page(
                "Not signed out",
                "The sign-out did not finish. Go back to the app, and try again there.",
            ),
        }
    }
}

impl Pages {
    pub(super) fn closing(&self, signed_out: bool) -> Vec<u8> {
        let html = if signed_out {
            &self.signed_out
        } else {
            &self.not_signed_out
        };
        answer("200 OK\r\nContent-Type: text/html; charset=utf-8", html)
    }
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

/// The icon is given, lest the browser ask for one at a port that may be another program's by then.
fn page(title: &str, text: &str) -> String {
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; font: 1.25rem/1.5 system-ui, sans-serif; }}
p {{ margin: 2rem; max-width: 30rem; text-align: center; }}
</style>
</head>
<body><main><p>{text}</p></main></body>
</html>
"#
    )
}
