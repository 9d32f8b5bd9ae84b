//! What the browser is answered.

use super::*;

#[tokio::test]
async fn the_closing_page_says_that_the_user_is_signed_out_or_is_not() {
    for (signed_out, text) in [
        (true, "You are signed out. You can close this window."),
        (
            false,
            "The sign-out did not finish. Go back to the app, and try again there.",
        ),
    ] {
        let page = Round::start().await.finish(signed_out).await;
        assert_eq!(status(&page), 200);
        assert!(body(&page).contains(text), "{page}");
        let length = header(&page, "Content-Length").unwrap().parse();
        assert_eq!(length, Ok(body(&page).len()));
    }
}

#[tokio::test]
async fn the_closing_page_stays_here_and_fetches_nothing() {
    let round = Round::start().await;
    let (page, ()) = tokio::join!(round.come_back_with("&secret=s3cr3t"), round.step.tell_and_close(true));
    for (name, value) in [
        ("Connection", "close"),
        ("Cache-Control", "no-store"),
        ("Content-Type", "text/html; charset=utf-8"),
        (
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
        ),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
    ] {
        assert_eq!(header(&page, name), Some(value), "{name}");
    }
    let html = body(&page);
    for expected in [
        "<!doctype html>",
        "<html lang=\"en\">",
        "width=device-width",
        "light dark",
    ] {
        assert!(html.contains(expected), "{expected}");
    }
    for never in ["//", "src=", "url(", "@import", "<script", "<form", "s3cr3t"] {
        assert!(!page.contains(never), "{never}");
    }
    round.ended().await.unwrap();
}

#[tokio::test]
async fn both_closing_pages_can_be_the_apps_own() {
    for (signed_out, page) in [
        (true, "<p>Abgemeldet – tschüß!</p>"),
        (false, "<p>Nicht abgemeldet.</p>"),
    ] {
        let browser = SystemBrowser::builder()
            .closing_page("<p>Abgemeldet – tschüß!</p>")
            .failure_page("<p>Nicht abgemeldet.</p>");
        let port = free_port();
        let answer = Round::start_with(browser, port, visit(port))
            .await
            .finish(signed_out)
            .await;
        assert_eq!(body(&answer), page);
        assert_eq!(header(&answer, "Content-Length").unwrap().parse(), Ok(page.len()));
    }
}

#[tokio::test]
async fn without_a_word_from_the_sign_out_the_page_does_not_claim_success() {
    let round = Round::start().await;
    let mut browser = connect(round.port).await;
    browser.write_all(round.callback().as_bytes()).await.unwrap();
    until("the step has ended", || round.run.is_finished()).await;
    pass(Duration::from_secs(5)).await;
    let page = heard(&mut browser).await;
    assert!(page.contains("The sign-out did not finish"), "{page}");
    drop(browser);
    round.ended().await.unwrap();
}

#[tokio::test]
async fn a_redirect_with_an_error_is_told_and_the_page_claims_no_success() {
    let round = Round::start().await;
    let (page, ()) = tokio::join!(round.come_back_with("&error=invalid_request"), async {
        until("the step has ended", || round.run.is_finished()).await;
        round.step.tell_and_close(false).await;
    });
    assert!(page.contains("The sign-out did not finish"), "{page}");
    assert_eq!(round.ended().await.unwrap_err().code(), ErrorCode::HostedUiFailed);
}

#[tokio::test]
async fn the_browser_is_sent_on_to_the_provider_and_comes_back_from_there() {
    let port = free_port();
    let round = Round::start_with(SystemBrowser::builder(), port, two_hops(port, ComesBack::WithState)).await;
    assert_eq!(round.shown.as_str(), "https://auth.example.com/logout?client_id=1");

    let first = round.come_back_with("").await;
    assert_eq!(status(&first), 302);
    assert_eq!(
        header(&first, "Location"),
        Some("https://id.example.com/logout?state=s1")
    );
    assert_eq!(header(&first, "Cache-Control"), Some("no-store"));

    // The same once more, and one with another's state.
    assert_eq!(status(&round.come_back_with("").await), 404);
    assert_eq!(status(&round.come_back_with("&state=s2").await), 404);
    assert!(!round.run.is_finished());

    let (last, ()) = tokio::join!(round.come_back_with("&state=s1"), round.step.tell_and_close(true));
    assert_eq!(status(&last), 200);
    round.ended().await.unwrap();
}

#[tokio::test]
async fn the_browser_is_left_at_a_provider_from_which_nothing_comes_back() {
    let port = free_port();
    let round = Round::start_with(SystemBrowser::builder(), port, two_hops(port, ComesBack::Never)).await;
    let answer = round.come_back_with("").await;
    assert_eq!(status(&answer), 302);
    assert_eq!(
        header(&answer, "Location"),
        Some("https://id.example.com/logout?state=s1")
    );
    round.ended().await.unwrap();
}

#[tokio::test]
async fn of_two_redirects_at_once_one_ends_the_step() {
    let round = Round::start().await;
    let (mut one, mut other) = (connect(round.port).await, connect(round.port).await);
    for browser in [&mut one, &mut other] {
        browser.write_all(round.callback().as_bytes()).await.unwrap();
    }
    until("the step has ended", || round.run.is_finished()).await;
    round.step.tell_and_close(true).await;
    let mut answers = Vec::new();
    for browser in [&mut one, &mut other] {
        // The one that came too late is refused, or cut off.
        let mut answer = Vec::new();
        soon(browser.read_to_end(&mut answer)).await.ok();
        answers.push(status(&String::from_utf8(answer).unwrap()));
    }
    answers.sort_unstable();
    assert!(matches!(answers[..], [0, 200] | [200, 404]), "{answers:?}");
    round.ended().await.unwrap();
}

#[tokio::test]
async fn whatever_else_is_asked_for_is_refused_and_ends_nothing() {
    let round = Round::start().await;
    let port = round.port;
    let here = format!("Host: localhost:{port}\r\n");
    let many = "x: y\r\n".repeat(101);
    let long = format!("x: {}\r\n", "y".repeat(64 * 1024));
    for (start, lines, expected) in [
        ("GET /", &*here, 404),
        ("GET /signed-out/", &here, 404),
        ("GET /Signed-Out?app=1", &here, 404),
        ("GET /favicon.ico", &here, 404),
        ("GET //signed-out?app=1", &here, 404),
        ("GET /signed-out", &here, 404),
        ("GET /signed-out?app=2", &here, 404),
        ("POST /", &here, 404),
        ("POST /signed-out?app=1", &here, 405),
        ("HEAD /signed-out?app=1", &here, 405),
        ("OPTIONS /signed-out?app=1", &here, 405),
        ("GET http://localhost/signed-out?app=1", &here, 400),
        ("CONNECT localhost:80", &here, 400),
        ("GET *", &here, 400),
        ("\x16\x03\x01 /", &here, 400),
        ("GET /signed-out?app=1", "", 400),
        ("GET /signed-out?app=1", &format!("{here}{here}"), 400),
        ("GET /signed-out?app=1", &format!("{here}{many}"), 431),
        ("GET /signed-out?app=1", &format!("{here}{long}"), 431),
    ] {
        let answer = ask(port, &format!("{start} HTTP/1.1\r\n{lines}\r\n")).await;
        assert_eq!(status(&answer), expected, "{start}");
        assert_eq!(header(&answer, "Allow"), (expected == 405).then_some("GET"));
        assert_eq!((header(&answer, "Connection"), body(&answer)), (Some("close"), ""));
    }
    assert!(!round.run.is_finished());
    assert_eq!(status(&round.finish(true).await), 200);
}

#[tokio::test]
async fn a_refusal_reaches_a_client_that_is_still_sending() {
    let round = Round::start().await;
    let mut client = connect(round.port).await;
    client.write_all("GET / HTTP/1.1\r\nx: ".as_bytes()).await.unwrap();
    client.write_all(&vec![b'y'; 1024 * 1024]).await.unwrap();
    assert_eq!(status(&heard(&mut client).await), 431);
    client.write_all(b"y").await.expect("closed in order, and not reset");
    drop(client);
    assert_eq!(status(&round.finish(true).await), 200);
}

#[tokio::test]
async fn a_name_that_is_made_to_lead_here_leads_to_nothing() {
    let round = Round::start().await;
    let port = round.port;
    for host in [
        format!("rebound.example.com:{port}"),
        format!("127.0.0.1:{port}"),
        format!("localhost.example.com:{port}"),
        "localhost".into(),
        "localhost:1".into(),
        String::new(),
    ] {
        let answer = ask(port, &format!("GET /signed-out?app=1 HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
        assert_eq!(status(&answer), 421, "{host}");
    }
    assert!(!round.run.is_finished());

    let callback = round.callback().replace("localhost", "LocalHost");
    let (page, ()) = tokio::join!(ask(port, &callback), round.step.tell_and_close(true));
    assert_eq!(status(&page), 200);
    round.ended().await.unwrap();
}

#[tokio::test]
async fn only_a_page_load_counts() {
    let round = Round::start().await;
    for lines in [
        "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n",
        "Sec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n",
        "sec-fetch-mode: websocket\r\n",
        "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n",
        "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nSec-Purpose: prefetch\r\n",
        "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nSec-Purpose: prefetch;prerender\r\n",
        "Purpose: prefetch\r\n",
    ] {
        let answer = ask(round.port, &request(round.port, "/signed-out?app=1", lines)).await;
        assert_eq!(status(&answer), 404, "{lines}");
    }
    assert!(!round.run.is_finished());

    let as_browsers_do = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";
    let callback = request(round.port, "/signed-out?app=1", as_browsers_do);
    let (page, ()) = tokio::join!(ask(round.port, &callback), round.step.tell_and_close(true));
    assert_eq!(status(&page), 200);
    round.ended().await.unwrap();
}
