//! A web step on real ports. A plain TCP client plays the browser.

mod endings;
mod port;
mod responses;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use url::Url;

use super::{SystemBrowser, SystemBrowserBuilder};
use crate::browser::visit::ProviderPage;
use crate::browser::{Visit, WebStep};
use crate::config::RedirectUri;
use crate::config::provider::ComesBack;
use crate::error::{ErrorCode, StepError};

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
/// The browser's time in the tests in which it comes back.
const LONG: Duration = Duration::from_secs(120);
/// The limit for everything that is fast, except on a busy machine.
const SOON: Duration = Duration::from_secs(20);

/// A running step, with an open port.
struct Round {
    step: Arc<WebStep>,
    run: JoinHandle<Result<(), StepError>>,
    /// The page that the browser was opened at.
    shown: Url,
    port: u16,
}

/// A visit that comes back to `http://localhost:PORT/signed-out?app=1`.
fn visit(port: u16) -> Visit {
    visit_to(&format!("http://localhost:{port}/signed-out?app=1"))
}

fn visit_to(redirect: &str) -> Visit {
    let redirect = RedirectUri::parse("redirect", redirect).unwrap();
    let hosted = Url::parse("https://auth.example.com/logout?client_id=1").unwrap();
    Visit::new(redirect, hosted, None)
}

/// The same with a second page, at the provider.
fn two_hops(port: u16, comes_back: ComesBack) -> Visit {
    Visit {
        provider: Some(ProviderPage {
            url: Url::parse("https://id.example.com/logout?state=s1").unwrap(),
            comes_back,
            state: "s1".into(),
        }),
        ..visit(port)
    }
}

impl Round {
    async fn start() -> Self {
        let port = free_port();
        Self::start_with(SystemBrowser::builder(), port, visit(port)).await
    }

    async fn start_with(browser: SystemBrowserBuilder, port: u16, visit: Visit) -> Self {
        let (tell, mut told) = mpsc::unbounded_channel();
        let browser = browser
            .opener(move |url| {
                tell.send(url.clone()).ok();
                Ok(())
            })
            .build()
            .unwrap();
        let step = WebStep::new();
        let run = run(&step, visit, browser, LONG);
        let shown = soon(told.recv()).await.unwrap();
        Self { step, run, shown, port }
    }

    /// The request for the redirect.
    fn callback(&self) -> String {
        request(self.port, "/signed-out?app=1", "")
    }

    /// Loads the redirect with this added to its query.
    async fn come_back_with(&self, more: &str) -> String {
        get(self.port, &format!("/signed-out?app=1{more}")).await
    }

    /// Comes back, and ends the sign-out when the step has ended. Returns the closing page's response.
    async fn finish(self, signed_out: bool) -> String {
        let (page, ()) = tokio::join!(self.come_back_with(""), async {
            until("the step has ended", || self.run.is_finished()).await;
            self.step.tell_and_close(signed_out).await;
        });
        self.ended().await.unwrap();
        page
    }

    /// The result of the step. Nothing is left of the step after it.
    async fn ended(self) -> Result<(), StepError> {
        let Self { step, run, port, .. } = self;
        let end = soon(run).await.unwrap();
        until_let_go(&step).await;
        assert!(is_free(port), "the port was not given back before the completion was");
        end
    }
}

fn run(
    step: &Arc<WebStep>,
    visit: Visit,
    browser: SystemBrowser,
    limit: Duration,
) -> JoinHandle<Result<(), StepError>> {
    let step = Arc::clone(step);
    tokio::spawn(async move { step.run(visit, &browser, limit).await })
}

/// A port that belongs to this process until it ends, because other tests may run at the same time. It is below the ports of
/// outgoing connections, which these tests open too.
fn free_port() -> u16 {
    static OURS: Mutex<Vec<UdpSocket>> = Mutex::new(Vec::new());
    for port in 20_000..30_000 {
        // The process that has the UDP port may use the TCP port of the same number.
        let Ok(ours) = UdpSocket::bind((V4, port)) else {
            continue;
        };
        OURS.lock().unwrap().push(ours);
        if is_free(port) {
            return port;
        }
    }
    panic!("no port is free");
}

fn is_free(port: u16) -> bool {
    families().all(|address| std::net::TcpListener::bind((address, port)).is_ok())
}

/// The loopback addresses of this machine. It may have no IPv6.
fn families() -> impl Iterator<Item = IpAddr> {
    [V4, V6]
        .into_iter()
        .filter(|address| std::net::TcpListener::bind((*address, 0)).is_ok())
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, future).await.expect("it took too long")
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(SOON, waiting).await.expect(what);
}

/// Every completion has a reference to the step.
async fn until_let_go(step: &Arc<WebStep>) {
    until("no completion is left", || Arc::strong_count(step) == 1).await;
}

/// Runs all tasks that are ready.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

/// Moves the time forward without waiting.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

async fn connect(port: u16) -> TcpStream {
    TcpStream::connect((V4, port)).await.unwrap()
}

/// The response to these bytes on a new connection, until it is closed.
async fn ask(port: u16, request: &str) -> String {
    ask_on(connect(port).await, request).await
}

async fn ask_on(mut stream: TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    heard(&mut stream).await
}

async fn heard(stream: &mut TcpStream) -> String {
    let mut response = String::new();
    soon(stream.read_to_string(&mut response)).await.unwrap();
    response
}

async fn get(port: u16, target: &str) -> String {
    ask(port, &request(port, target, "")).await
}

/// A browser's request, with these additional header lines.
fn request(port: u16, target: &str, lines: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\n{lines}\r\n")
}

fn status(response: &str) -> u16 {
    response
        .split(' ')
        .nth(1)
        .unwrap_or_default()
        .parse()
        .unwrap_or_default()
}

/// The value of the header with exactly this name.
fn header<'a>(response: &'a str, name: &str) -> Option<&'a str> {
    let (head, _) = response.split_once("\r\n\r\n")?;
    head.split("\r\n")
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn body(response: &str) -> &str {
    response.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}
