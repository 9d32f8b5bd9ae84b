//! The responses to the browser.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use super::*;
use crate::browser::ClosingTexts;

const MAX_BYTES: usize = 2048;

fn german() -> ClosingTexts {
    ClosingTexts {
        language: "de".into(),
        signed_out: "Sie sind abgemeldet".into(),
        signed_out_next: "Schließen Sie dieses Fenster.".into(),
        not_signed_out: "Nicht abgemeldet".into(),
        not_signed_out_next: "Melden Sie sich in der App noch einmal ab.".into(),
    }
}

/// The closing page for a browser that sends these header lines.
async fn closing_page(browser: SystemBrowserBuilder, lines: &str, signed_out: bool) -> String {
    let port = free_port();
    let round = Round::start_with(browser, port, visit(port)).await;
    let callback = request(port, "/signed-out?app=1", lines);
    let (page, ()) = tokio::join!(ask(port, &callback), round.step.tell_and_close(signed_out));
    round.ended().await.unwrap();
    page
}

#[tokio::test]
async fn the_closing_page_says_whether_the_user_is_signed_out_and_what_to_do_next() {
    for (app_name, signed_out, title, heading, next) in [
        (
            None,
            true,
            "<title>You are signed out</title>",
            "</svg><h1>You are signed out</h1>",
            "<p>You can close this window and return to the app.</p>",
        ),
        (
            None,
            false,
            "<title>The sign-out did not finish</title>",
            "</svg><h1>The sign-out did not finish</h1>",
            "<p>You may still be signed in. Return to the app and sign out again.</p>",
        ),
        (
            Some("Ledger"),
            true,
            "<title>You are signed out – Ledger</title>",
            "</svg><p><bdi>Ledger</bdi></p><h1>You are signed out</h1>",
            "<p>You can close this window and return to Ledger.</p>",
        ),
        (
            Some("Ledger"),
            false,
            "<title>The sign-out did not finish – Ledger</title>",
            "</svg><p><bdi>Ledger</bdi></p><h1>The sign-out did not finish</h1>",
            "<p>You may still be signed in. Return to Ledger and sign out again.</p>",
        ),
    ] {
        let builder = SystemBrowser::builder();
        let builder = match app_name {
            Some(name) => builder.app_name(name),
            None => builder,
        };
        let page = closing_page(builder, "", signed_out).await;
        assert_eq!(status(&page), 200);
        for expected in [title, heading, next, "<html lang=\"en\" dir=\"ltr\">"] {
            assert!(body(&page).contains(expected), "{expected}: {page}");
        }
        // The mark: a check in a circle, or a cross in one.
        assert_eq!(body(&page).contains("class=\"no\""), !signed_out);
        let length = header(&page, "Content-Length").unwrap().parse();
        assert_eq!(length, Ok(body(&page).len()));
        assert!(page.len() <= MAX_BYTES, "{}", page.len());
    }
}

#[tokio::test]
async fn the_closing_page_is_in_the_browsers_language() {
    let arabic = ClosingTexts {
        language: "ar".into(),
        signed_out: "تم تسجيل خروجك".into(),
        ..german()
    };
    let browser = || {
        SystemBrowser::builder()
            .app_name("Ledger")
            .closing_texts(german())
            .closing_texts(arabic.clone())
    };
    for (lines, signed_out, language, words) in [
        ("", true, "lang=\"en\" dir=\"ltr\"", "<h1>You are signed out</h1>"),
        (
            "Accept-Language: fr\r\n",
            true,
            "lang=\"en\" dir=\"ltr\"",
            "<h1>You are signed out</h1>",
        ),
        (
            "accept-language: de-AT,de;q=0.9,en;q=0.8\r\n",
            true,
            "lang=\"de\" dir=\"ltr\"",
            "<h1>Sie sind abgemeldet</h1><p>Schließen Sie dieses Fenster.</p>",
        ),
        (
            "Accept-Language: en;q=0.5\r\nAccept-Language: de\r\n",
            false,
            "lang=\"de\" dir=\"ltr\"",
            "<h1>Nicht abgemeldet</h1><p>Melden Sie sich in der App noch einmal ab.</p>",
        ),
        (
            "Accept-Language: ar-EG\r\n",
            true,
            "lang=\"ar\" dir=\"rtl\"",
            "<h1>تم تسجيل خروجك</h1>",
        ),
        (
            "Accept-Language: \u{fffd}\r\n",
            true,
            "lang=\"en\" dir=\"ltr\"",
            "<h1>You are signed out</h1>",
        ),
    ] {
        let page = closing_page(browser(), lines, signed_out).await;
        assert!(
            body(&page).contains(language) && body(&page).contains(words),
            "{lines}: {page}"
        );
        assert!(page.len() <= MAX_BYTES, "{}", page.len());
    }
}

#[tokio::test]
async fn the_app_can_replace_the_english_words() {
    let own = ClosingTexts {
        language: "EN".into(),
        signed_out: "Bye".into(),
        ..german()
    };
    let page = closing_page(SystemBrowser::builder().closing_texts(own), "", true).await;
    assert!(body(&page).contains("<h1>Bye</h1>"), "{page}");
}

#[tokio::test]
async fn the_apps_words_are_text_and_never_html() {
    let attack = "</title><script>alert(1)</script>&amp;\"'";
    let shown = "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;\"'";
    let texts = ClosingTexts {
        language: "de".into(),
        signed_out: attack.into(),
        signed_out_next: attack.into(),
        not_signed_out: attack.into(),
        not_signed_out_next: attack.into(),
    };
    for signed_out in [true, false] {
        let browser = SystemBrowser::builder().app_name("<b>&").closing_texts(texts.clone());
        let page = closing_page(browser, "Accept-Language: de\r\n", signed_out).await;
        let expected = format!("<title>{shown} – &lt;b&gt;&amp;</title>");
        assert!(body(&page).contains(&expected), "{page}");
        let expected = format!("<p><bdi>&lt;b&gt;&amp;</bdi></p><h1>{shown}</h1><p>{shown}</p>");
        assert!(body(&page).contains(&expected), "{page}");
        assert!(!page.contains("<script") && !page.contains("<b>"));
    }
}

#[test]
fn words_that_cannot_be_shown_are_refused_when_the_browser_is_built() {
    let with = |change: fn(&mut ClosingTexts)| {
        let mut texts = german();
        change(&mut texts);
        SystemBrowser::builder().closing_texts(texts)
    };
    let long = "x".repeat(MAX_BYTES);
    let line = "must be one line of text, and not empty";
    let tag = "closing_texts.language: must be a BCP 47 language tag, such as de or pt-BR";
    let size = "must be shorter: the closing page with its headers may have 2,048 bytes";
    for (browser, says) in [
        (SystemBrowser::builder().app_name(""), format!("app_name: {line}")),
        (SystemBrowser::builder().app_name(" "), format!("app_name: {line}")),
        (SystemBrowser::builder().app_name("a\nb"), format!("app_name: {line}")),
        (SystemBrowser::builder().app_name(&long), format!("app_name: {size}")),
        (with(|texts| texts.language = "de_DE".into()), tag.to_owned()),
        (with(|texts| texts.language.clear()), tag.to_owned()),
        (
            with(|texts| texts.signed_out.clear()),
            format!("closing_texts.de.signed_out: {line}"),
        ),
        (
            with(|texts| texts.signed_out_next = "\t".into()),
            format!("closing_texts.de.signed_out_next: {line}"),
        ),
        (
            with(|texts| texts.not_signed_out.clear()),
            format!("closing_texts.de.not_signed_out: {line}"),
        ),
        (
            with(|texts| texts.not_signed_out_next = "a\0".into()),
            format!("closing_texts.de.not_signed_out_next: {line}"),
        ),
        (
            with(|texts| texts.not_signed_out_next = "x".repeat(MAX_BYTES)),
            format!("closing_texts.de: {size}"),
        ),
    ] {
        let error = browser.build().unwrap_err();
        assert_eq!(error.to_string(), says);
        assert_eq!(error.code(), ErrorCode::InvalidInput);
    }
    // The size that the documentation of `build` gives.
    let mut texts = german();
    (texts.signed_out, texts.signed_out_next) = ("x".repeat(100), "x".repeat(580));
    let browser = SystemBrowser::builder().app_name("x".repeat(40)).closing_texts(texts);
    assert!(browser.build().is_ok());
}

#[tokio::test]
async fn the_closing_page_stays_here_and_fetches_nothing() {
    let port = free_port();
    let round = Round::start_with(SystemBrowser::builder().app_name("Ledger"), port, visit(port)).await;
    let (page, ()) = tokio::join!(round.come_back_with("&secret=s3cr3t"), round.step.tell_and_close(true));
    let html = body(&page);
    let (_, style) = html.split_once("<style>").unwrap();
    let (style, _) = style.split_once("</style>").unwrap();
    let hash = BASE64_STANDARD.encode(Sha256::digest(style));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    for (name, value) in [
        ("Connection", "close"),
        ("Cache-Control", "no-store"),
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", &*policy),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
    ] {
        assert_eq!(header(&page, name), Some(value), "{name}");
    }
    for expected in [
        "<!doctype html>",
        "width=device-width",
        "color-scheme:light dark",
        "prefers-color-scheme:dark",
        "<link rel=\"icon\" href=\"data:,\">",
    ] {
        assert!(html.contains(expected), "{expected}");
    }
    for never in ["//", "src=", "url(", "@import", "<script", "<form", "style=", "s3cr3t"] {
        assert!(!html.contains(never), "{never}");
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
        let response = Round::start_with(browser, port, visit(port))
            .await
            .finish(signed_out)
            .await;
        assert_eq!(body(&response), page);
        let policy = header(&response, "Content-Security-Policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'unsafe-inline'; img-src data:;"));
        assert_eq!(header(&response, "Content-Length").unwrap().parse(), Ok(page.len()));
    }
}

#[tokio::test]
async fn without_a_result_of_the_sign_out_the_page_does_not_claim_success() {
    let round = Round::start().await;
    let mut browser = connect(round.port).await;
    browser.write_all(round.callback().as_bytes()).await.unwrap();
    until("the step has ended", || round.run.is_finished()).await;
    pass(Duration::from_secs(5)).await;
    let page = heard(&mut browser).await;
    assert!(page.contains("<h1>The sign-out did not finish</h1>"), "{page}");
    drop(browser);
    round.ended().await.unwrap();
}

#[tokio::test]
async fn a_redirect_with_an_error_fails_the_step_and_the_page_claims_no_success() {
    let round = Round::start().await;
    let (page, ()) = tokio::join!(round.come_back_with("&error=invalid_request"), async {
        until("the step has ended", || round.run.is_finished()).await;
        round.step.tell_and_close(false).await;
    });
    assert!(page.contains("<h1>The sign-out did not finish</h1>"), "{page}");
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

    // The same redirect again, and one with another state.
    assert_eq!(status(&round.come_back_with("").await), 404);
    assert_eq!(status(&round.come_back_with("&state=s2").await), 404);
    assert!(!round.run.is_finished());

    let (last, ()) = tokio::join!(round.come_back_with("&state=s1"), round.step.tell_and_close(true));
    assert_eq!(status(&last), 200);
    round.ended().await.unwrap();
}

#[tokio::test]
async fn the_last_page_can_be_a_provider_that_does_not_send_the_browser_back() {
    let port = free_port();
    let round = Round::start_with(SystemBrowser::builder(), port, two_hops(port, ComesBack::Never)).await;
    let response = round.come_back_with("").await;
    assert_eq!(status(&response), 302);
    assert_eq!(
        header(&response, "Location"),
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
    let mut responses = Vec::new();
    for browser in [&mut one, &mut other] {
        // The late one is refused, or its connection is closed.
        let mut response = Vec::new();
        soon(browser.read_to_end(&mut response)).await.ok();
        responses.push(status(&String::from_utf8(response).unwrap()));
    }
    responses.sort_unstable();
    assert!(matches!(responses[..], [0, 200] | [200, 404]), "{responses:?}");
    round.ended().await.unwrap();
}

#[tokio::test]
async fn every_other_request_is_refused_and_ends_nothing() {
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
        let response = ask(port, &format!("{start} HTTP/1.1\r\n{lines}\r\n")).await;
        assert_eq!(status(&response), expected, "{start}");
        assert_eq!(header(&response, "Allow"), (expected == 405).then_some("GET"));
        assert_eq!((header(&response, "Connection"), body(&response)), (Some("close"), ""));
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
async fn a_request_for_another_host_name_is_refused() {
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
        let response = ask(port, &format!("GET /signed-out?app=1 HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
        assert_eq!(status(&response), 421, "{host}");
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
        let response = ask(round.port, &request(round.port, "/signed-out?app=1", lines)).await;
        assert_eq!(status(&response), 404, "{lines}");
    }
    assert!(!round.run.is_finished());

    let as_browsers_do = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";
    let callback = request(round.port, "/signed-out?app=1", as_browsers_do);
    let (page, ()) = tokio::join!(ask(round.port, &callback), round.step.tell_and_close(true));
    assert_eq!(status(&page), 200);
    round.ended().await.unwrap();
}
