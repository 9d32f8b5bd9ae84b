//! The port: which addresses it is open on, who may connect, and for how long.

use std::io::Write as _;
use std::sync::mpsc::sync_channel;

use super::*;
use crate::browser::desktop::connections::{MOST_CONNECTIONS, TIME_FOR_A_REQUEST, TIME_FOR_A_RESPONSE};

#[tokio::test]
async fn the_port_is_open_before_the_browser_is_opened() {
    let port = free_port();
    let (tell, told) = sync_channel(1);
    let browser = SystemBrowser::builder().opener(move |_| {
        tell.send(std::net::TcpStream::connect((V4, port)).is_ok()).ok();
        Ok(())
    });
    let step = WebStep::new();
    let run = run(&step, visit(port), browser.build().unwrap(), LONG);
    until("the browser is opened", || told.try_recv() == Ok(true)).await;
    step.end(Ok(()));
    soon(run).await.unwrap().unwrap();
}

#[tokio::test]
async fn localhost_answers_at_both_its_addresses() {
    for address in families() {
        let round = Round::start().await;
        let browser = TcpStream::connect((address, round.port)).await.unwrap();
        let callback = round.callback();
        let (page, ()) = tokio::join!(ask_on(browser, &callback), round.step.tell_and_close(true));
        assert_eq!(status(&page), 200, "{address}");
        round.ended().await.unwrap();
    }
}

#[tokio::test]
async fn for_an_ip_address_only_this_address_is_used() {
    for (host, address) in [("127.0.0.1", V4), ("[::1]", V6)] {
        if !families().any(|known| known == address) {
            continue;
        }
        let port = free_port();
        let visit = visit_to(&format!("http://{host}:{port}/"));
        let round = Round::start_with(SystemBrowser::builder(), port, visit).await;
        let other = if address == V4 { V6 } else { V4 };
        TcpStream::connect((other, port)).await.unwrap_err();
        // A listener on all addresses would answer here too.
        TcpStream::connect(("127.0.0.2", port)).await.unwrap_err();

        let browser = TcpStream::connect((address, port)).await.unwrap();
        let request = format!("GET / HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n");
        let (page, ()) = tokio::join!(ask_on(browser, &request), round.step.tell_and_close(true));
        assert_eq!(status(&page), 200, "{host}");
        round.ended().await.unwrap();
    }
}

#[tokio::test]
async fn the_port_is_free_while_the_last_page_waits_for_the_sign_out() {
    let round = Round::start().await;
    let port = round.port;
    let mut browser = connect(port).await;
    browser.write_all(round.callback().as_bytes()).await.unwrap();
    until("the step has ended", || round.run.is_finished()).await;
    until("the port is free", || is_free(port)).await;
    round.step.tell_and_close(true).await;
    let page = heard(&mut browser).await;
    assert!(
        page.contains("You are signed out"),
        "the port was free only after the page"
    );
    drop(browser);
    round.ended().await.unwrap();
}

#[tokio::test]
async fn the_next_step_can_use_the_same_port_at_once() {
    let port = free_port();
    for _ in 0..20 {
        let round = Round::start_with(SystemBrowser::builder(), port, visit(port)).await;
        assert_eq!(status(&round.finish(true).await), 200);
    }
}

#[tokio::test]
async fn a_connection_that_hangs_delays_no_other_and_is_closed() {
    let round = Round::start().await;
    let (mut silent, mut slow) = (connect(round.port).await, connect(round.port).await);
    slow.write_all(b"GET /signed-out?app=1 HTTP/1.1\r\nHost: loc")
        .await
        .unwrap();
    // It is served after them, so their tasks are running.
    assert_eq!(status(&get(round.port, "/").await), 404);

    pass(TIME_FOR_A_REQUEST).await;
    assert_eq!(heard(&mut silent).await, "");
    assert_eq!(heard(&mut slow).await, "");
    assert!(!round.run.is_finished());
    assert_eq!(status(&round.finish(true).await), 200);
}

#[tokio::test]
async fn the_oldest_of_too_many_connections_is_dropped() {
    let round = Round::start().await;
    let mut silent = Vec::new();
    for _ in 0..MOST_CONNECTIONS {
        silent.push(connect(round.port).await);
    }
    assert_eq!(status(&get(round.port, "/").await), 404);
    assert_eq!(heard(&mut silent[0]).await, "");
    let still_open = silent[1].try_read(&mut [0]).unwrap_err();
    assert_eq!(still_open.kind(), std::io::ErrorKind::WouldBlock);
    assert_eq!(status(&round.finish(true).await), 200);
}

#[tokio::test]
async fn the_step_does_not_wait_for_a_browser_that_keeps_its_connection_open() {
    let round = Round::start().await;
    let mut browser = connect(round.port).await;
    browser.write_all(round.callback().as_bytes()).await.unwrap();
    until("the step has ended", || round.run.is_finished()).await;
    tokio::join!(round.step.tell_and_close(true), async {
        assert_eq!(status(&heard(&mut browser).await), 200);
        // Less than the longest wait of `close`.
        pass(TIME_FOR_A_RESPONSE + Duration::from_millis(100)).await;
        settle().await;
        assert_eq!(Arc::strong_count(&round.step), 1, "a completion is left");
    });
    round.ended().await.unwrap();
    drop(browser);
}

#[tokio::test]
async fn an_unread_request_survives_a_flood_of_connections() {
    let round = Round::start().await;
    let connect = || std::net::TcpStream::connect((V4, round.port)).unwrap();
    let mut browser = connect();
    browser.write_all(round.callback().as_bytes()).unwrap();
    // All of them have arrived before the listener runs.
    let _flood: Vec<_> = (0..3 * MOST_CONNECTIONS).map(|_| connect()).collect();
    browser.set_nonblocking(true).unwrap();
    let mut browser = TcpStream::from_std(browser).unwrap();
    let (page, ()) = tokio::join!(heard(&mut browser), round.step.tell_and_close(true));
    assert_eq!(status(&page), 200);
    drop(browser);
    round.ended().await.unwrap();
}

#[tokio::test]
async fn a_silent_connection_is_dropped_before_one_that_has_sent_something() {
    let round = Round::start().await;
    let (first_half, second_half) = (round.callback(), "\r\n");
    let mut slow = connect(round.port).await;
    let first_half = first_half.strip_suffix(second_half).unwrap();
    slow.write_all(first_half.as_bytes()).await.unwrap();
    let mut silent = Vec::new();
    for _ in 0..MOST_CONNECTIONS {
        silent.push(connect(round.port).await);
    }
    assert_eq!(heard(&mut silent[0]).await, "", "it was dropped for the last one");
    slow.write_all(second_half.as_bytes()).await.unwrap();
    let (page, ()) = tokio::join!(heard(&mut slow), round.step.tell_and_close(true));
    assert_eq!(status(&page), 200);
    drop(slow);
    round.ended().await.unwrap();
}

/// A program of another user. It connects and sends this. Then it prints the response, or closes the connection at once. None
/// if it cannot be started: only root can start programs of other users.
#[cfg(target_os = "linux")]
fn another_users_program(port: u16, request: &str, hangs_up: bool) -> Option<std::process::Output> {
    let read = if hangs_up { "" } else { "; cat <&3" };
    std::process::Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "bash", "-c"])
        .arg(format!(
            "exec 3<>/dev/tcp/127.0.0.1/{port} && printf %s \"$REQUEST\" >&3{read}"
        ))
        .env("REQUEST", request)
        .output()
        .ok()
        .filter(|output| output.status.success())
}

#[cfg(target_os = "linux")]
#[tokio::test]
#[allow(clippy::print_stdout, reason = "a test that could not be carried out says so")]
async fn a_program_of_another_user_is_refused_even_if_it_closes_its_connection_at_once() {
    let round = Round::start().await;
    for hangs_up in [false, true] {
        let (port, request) = (round.port, round.callback());
        let asking = move || another_users_program(port, &request, hangs_up);
        match tokio::task::spawn_blocking(asking).await.unwrap() {
            Some(said) if !hangs_up => assert_eq!(status(&String::from_utf8(said.stdout).unwrap()), 403),
            Some(_) => {}
            None => println!("not tried: starting another user's program needs root, setpriv and bash"),
        }
        // It is served after the other user's request.
        assert_eq!(status(&get(round.port, "/").await), 404);
        assert!(!round.run.is_finished());
    }
    assert_eq!(status(&round.finish(true).await), 200);
}
