//! A small HTTP server on a free port of this machine, for pages that a browser visits.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

/// A request of a browser.
pub(crate) struct Request {
    pub(crate) url: Url,
    pub(crate) cookies: String,
}

/// Serves until it is dropped.
pub(crate) struct Loopback {
    /// Its address, as `http://localhost:40123/`.
    pub(crate) url: Url,
    serving: JoinHandle<()>,
}

impl Loopback {
    /// Gives every request to `answer`, which returns the status with its headers, and the page.
    pub(crate) async fn serve(
        answer: impl Fn(&Request) -> (String, String) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        // Not 127.0.0.1, where the user pool is: a browser does not separate cookies by port.
        let url = Url::parse(&format!("http://localhost:{port}/")).map_err(io::Error::other)?;
        let (base, answer) = (url.clone(), Arc::new(answer));
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (base, answer) = (base.clone(), Arc::clone(&answer));
                // If the browser closes the connection, nobody needs the error.
                tokio::spawn(async move { converse(stream, &base, &*answer).await });
            }
        });
        Ok(Self { url, serving })
    }

    pub(crate) fn page(&self, path: &str) -> io::Result<Url> {
        self.url.join(path).map_err(io::Error::other)
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn converse(stream: TcpStream, base: &Url, answer: impl Fn(&Request) -> (String, String)) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        if line.trim().is_empty() {
            break;
        }
        lines.push(line);
    }
    let target = lines
        .first()
        .and_then(|line| line.split(' ').nth(1))
        .unwrap_or_default();
    let cookies = lines
        .iter()
        .filter(|line| line.to_ascii_lowercase().starts_with("cookie:"));
    let request = Request {
        url: base.join(target).map_err(io::Error::other)?,
        cookies: cookies.map(String::as_str).collect(),
    };
    let (head, page) = answer(&request);
    let length = page.len();
    let answer = format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{page}");
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

/// An HTML page with one line of text.
pub(crate) fn says(text: &str) -> (String, String) {
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Demo</title>\
         <link rel=\"icon\" href=\"data:,\"></head><body><p>{text}</p></body></html>"
    );
    ("200 OK\r\ncontent-type: text/html; charset=utf-8".into(), page)
}

pub(crate) fn not_found() -> (String, String) {
    ("404 Not Found".into(), String::new())
}
