//! Every end of a step except by the redirect: each has its own error and frees the port.

use std::io;
use std::sync::mpsc::{Sender, channel};

use super::*;
use crate::browser::{Browser, BrowserError};

/// The step's error. Everything that the step used is free then.
async fn fails(browser: SystemBrowserBuilder, visit: Visit) -> StepError {
    let step = WebStep::new();
    let run = run(&step, visit, browser.build().unwrap(), LONG);
    let error = soon(run).await.unwrap().unwrap_err();
    until_let_go(&step).await;
    error
}

fn never_opened() -> SystemBrowserBuilder {
    SystemBrowser::builder().opener(|url| panic!("the browser was opened at {url}"))
}

#[tokio::test]
async fn if_another_program_has_the_port_no_browser_is_opened() {
    for address in families() {
        let port = free_port();
        let other = std::net::TcpListener::bind((address, port)).unwrap();
        let error = fails(never_opened(), visit(port)).await;
        assert_eq!(error.code(), ErrorCode::HostedUiRedirectTaken, "{address}");
        assert!(error.message().contains(&port.to_string()), "{error}");
        drop(other);
        assert!(is_free(port));
    }
}

#[tokio::test]
async fn a_redirect_that_nothing_can_listen_on_is_in_the_message() {
    for redirect in [
        "https://example.com/signed-out",
        "myapp://signed-out",
        "http://localhost:0/",
    ] {
        let visit = visit_to(redirect);
        let error = fails(never_opened(), visit).await;
        assert_eq!(error.code(), ErrorCode::HostedUiUnavailable);
        assert!(error.message().contains(redirect), "{error}");
        assert!(error.message().contains("http://localhost:8765/signed-out"), "{error}");
    }
}

#[test]
fn it_can_come_back_only_to_http_on_a_loopback_host() {
    let browser = SystemBrowser::default();
    let fits = |uri| browser.can_come_back_to(&RedirectUri::parse("redirect", uri).unwrap());
    assert!(fits("http://localhost:1/x") && fits("http://127.0.0.1:1/") && fits("http://[::1]:1/"));
    assert!(!fits("https://localhost:1/x") && !fits("myapp://signed-out"));
}

#[tokio::test]
async fn a_missing_browser_is_an_error_with_the_reason() {
    let port = free_port();
    let none = SystemBrowser::builder().opener(|_| Err(io::Error::new(io::ErrorKind::NotFound, "none is installed")));
    let error = fails(none, visit(port)).await;
    assert_eq!(error.code(), ErrorCode::HostedUiUnavailable);
    assert!(error.message().ends_with("none is installed"), "{error}");
    assert!(is_free(port));
}

#[tokio::test]
async fn an_opener_that_panics_counts_as_no_browser() {
    let port = free_port();
    let error = fails(SystemBrowser::builder().opener(|_| panic!("for the test")), visit(port)).await;
    assert_eq!(error.code(), ErrorCode::HostedUiUnavailable);
    assert!(is_free(port));
}

#[tokio::test]
async fn a_closed_tab_ends_the_step_at_the_end_of_its_time() {
    let round = Round::start().await;
    let _preconnected = connect(round.port).await;
    assert_eq!(status(&get(round.port, "/").await), 404);
    pass(LONG).await;
    let error = round.ended().await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::HostedUiTimedOut);
}

#[tokio::test]
async fn cancelling_frees_the_port_and_the_connections() {
    let round = Round::start().await;
    let mut silent = connect(round.port).await;
    assert_eq!(status(&get(round.port, "/").await), 404);
    round.step.end(Err(BrowserError::Cancelled.into()));
    settle().await;
    assert_eq!(Arc::strong_count(&round.step), 1, "a completion is left");
    let error = round.ended().await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::HostedUiCancelled);
    assert_eq!(heard(&mut silent).await, "");
}

#[tokio::test]
async fn a_step_that_is_cancelled_before_it_begins_leaves_nothing() {
    let port = free_port();
    let step = WebStep::new();
    step.end(Err(BrowserError::Cancelled.into()));
    let error = soon(run(&step, visit(port), never_opened().build().unwrap(), LONG))
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(error.code(), ErrorCode::HostedUiCancelled);
    until_let_go(&step).await;
    assert!(is_free(port));
}

/// An opener that returns only when the sender is dropped.
fn hanging() -> (SystemBrowserBuilder, Sender<()>) {
    let (release, released) = channel();
    let released = Mutex::new(released);
    let browser = SystemBrowser::builder().opener(move |_| {
        released.lock().unwrap().recv().ok();
        Ok(())
    });
    (browser, release)
}

#[tokio::test]
async fn an_opener_that_hangs_delays_neither_the_redirect_nor_the_end() {
    for comes_back in [true, false] {
        let (browser, release) = hanging();
        let port = free_port();
        let step = WebStep::new();
        let run = run(&step, visit(port), browser.build().unwrap(), LONG);
        until("the port is listened on", || !is_free(port)).await;
        if comes_back {
            let (page, ()) = tokio::join!(get(port, "/signed-out?app=1"), step.tell_and_close(true));
            assert_eq!(status(&page), 200);
        } else {
            pass(LONG).await;
        }
        let end = soon(run).await.unwrap().map_err(|error| error.code());
        assert_eq!(end.err(), (!comes_back).then_some(ErrorCode::HostedUiTimedOut));
        until_let_go(&step).await;
        assert!(is_free(port));
        drop(release);
    }
}

#[test]
fn an_opener_that_hangs_does_not_delay_the_end_of_the_runtime() {
    let (browser, release) = hanging();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let port = free_port();
        runtime.block_on(async {
            let step = WebStep::new();
            run(&step, visit(port), browser.build().unwrap(), LONG);
            until("the port is listened on", || !is_free(port)).await;
        });
        drop(runtime);
        tell.send(is_free(port)).ok();
    });
    assert_eq!(told.recv_timeout(SOON), Ok(true));
    drop(release);
}
