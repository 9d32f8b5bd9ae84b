//! A host's browser, and a host without one.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use cognito_signout::ffi::{
    AuthError, Browser, BrowserAnswer, BrowserCompletion, ConfigOptions, HostedUi, Ports, SignOutOptions,
    SignOutProgress, SignOutResult, SignOutUri, SystemBrowser,
};
use cognito_signout::{BrowserError, ClosingTexts, NextPage, RedirectUri, SignedInWith};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use uniffi::UnexpectedUniFFICallbackError;
use url::Url;

use crate::host::{App, Online, SIGNED_OUT, assert_complete, failed, hosted_ui, local, ports};

/// A browser made from a closure.
struct Does<F>(F);

impl<F> Browser for Does<F>
where
    F: Fn(String, Arc<BrowserCompletion>) -> Result<(), BrowserError> + Send + Sync,
{
    fn show(&self, url: Url, redirect: RedirectUri, completion: Arc<BrowserCompletion>) -> Result<(), BrowserError> {
        assert_eq!(redirect.as_str(), SIGNED_OUT);
        self.0(url.into(), completion)
    }
}

/// Signs out with a browser that does this. It must return long before the three minutes of the browser's deadline.
async fn sign_out(
    does: impl Fn(String, Arc<BrowserCompletion>) -> Result<(), BrowserError> + Send + Sync + 'static,
) -> (App, SignOutResult) {
    let app = App::hosted(Some(Arc::new(Does(does)))).await;
    let result = timeout(Duration::from_secs(5), app.auth.sign_out(local())).await;
    (app, result.unwrap())
}

#[tokio::test]
async fn a_browser_that_comes_back_makes_the_result_complete() {
    let (app, result) = sign_out(|url, completion| {
        assert!(url.starts_with("https://auth.example.com/logout?"), "{url}");
        assert_eq!(completion.redirected("no URL".into()), NextPage::Ignored);
        assert_eq!(completion.redirected("myapp://elsewhere".into()), NextPage::Ignored);
        let end = completion.redirected(SIGNED_OUT.into());
        assert_eq!(end, NextPage::End { leave_at: None });
        assert_eq!(
            completion.redirected(SIGNED_OUT.into()),
            NextPage::Ignored,
            "the second time"
        );
        Ok(())
    })
    .await;
    assert_complete(&result);
    assert!(app.is_revoked());
}

#[tokio::test]
async fn a_browser_that_throws_changes_nothing_and_its_text_is_not_repeated() {
    let (app, result) = sign_out(|_, _| Err(UnexpectedUniFFICallbackError::new("SECRET").into())).await;
    let error = failed(result);
    assert_eq!(error.code, "hosted_ui_unavailable");
    assert_eq!(
        error.detail,
        "no browser could be opened: the app's code for the browser threw"
    );
    assert!(app.is_signed_in().await);
}

#[tokio::test]
async fn a_browser_that_is_released_without_a_report_fails_at_once() {
    let (app, result) = sign_out(|_, _| Ok(())).await;
    let error = failed(result);
    assert_eq!(error.code, "hosted_ui_unavailable");
    assert!(error.detail.ends_with("without a report"), "{}", error.detail);
    assert!(app.is_signed_in().await);
}

#[tokio::test]
async fn a_browser_that_is_cancelled_by_the_app_is_closed() {
    let (sender, shown) = tokio::sync::oneshot::channel();
    let sender = std::sync::Mutex::new(Some(sender));
    let app = App::hosted(Some(Arc::new(Does(move |_, completion| {
        let _ = sender.lock().unwrap().take().unwrap().send(completion);
        Ok(())
    }))))
    .await;
    let auth = Arc::clone(&app.auth);
    let call = tokio::spawn(async move { auth.sign_out(local()).await });
    let completion: Arc<BrowserCompletion> = shown.await.unwrap();
    let cancelled = BrowserAnswer::Failed {
        error: BrowserError::Cancelled,
    };
    let SignOutProgress::Finished { result } = app.auth.finish_sign_out(cancelled).await else {
        panic!("the app's own button ends it")
    };
    assert_eq!(failed(result).code, "hosted_ui_cancelled");
    timeout(Duration::from_secs(5), completion.closed()).await.unwrap();
    assert_eq!(failed(call.await.unwrap()).code, "hosted_ui_cancelled");
    assert!(app.is_signed_in().await);
}

/// Tells which sign-out URI it was to wait for.
struct Tells(tokio::sync::mpsc::UnboundedSender<String>);

impl Browser for Tells {
    fn show(&self, _url: Url, redirect: RedirectUri, completion: Arc<BrowserCompletion>) -> Result<(), BrowserError> {
        let _ = self.0.send(redirect.to_string());
        completion.redirected(redirect.to_string());
        Ok(())
    }
}

#[tokio::test]
async fn of_several_sign_out_uris_the_first_that_the_browser_can_return_to_is_used() {
    let https = "https://example.com/app/signed-out";
    for (redirects, chosen) in [
        (vec![], "https://example.com/signed-out"),
        (vec!["MyApp"], SIGNED_OUT),
        (vec![https], https),
        (vec!["https://example.com/nowhere", "myapp"], SIGNED_OUT),
        (vec!["https://other.example.com/app/signed-out", https], https),
    ] {
        let (sender, mut told) = tokio::sync::mpsc::unbounded_channel();
        let ports = Ports {
            browser: Some(Arc::new(Tells(sender))),
            redirects: redirects.iter().map(|&can| can.to_owned()).collect(),
            ..ports(Online::new())
        };
        let uris = ["https://example.com/signed-out", https, SIGNED_OUT].map(|uri| SignOutUri {
            uri: uri.into(),
            ends_at: None,
        });
        let hosted_ui = Some(HostedUi {
            sign_out_uris: uris.into(),
            ..hosted_ui()
        });
        let app = App::configured(
            ports,
            ConfigOptions {
                hosted_ui,
                ..ConfigOptions::default()
            },
        )
        .await;
        app.store(SignedInWith::HostedUi).await;
        assert_complete(&app.auth.sign_out(local()).await);
        assert_eq!(told.recv().await.as_deref(), Some(chosen), "{redirects:?}");
    }
}

#[tokio::test]
async fn the_system_browser_says_why_it_cannot_listen() {
    let another_program = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = format!("http://{}/signed-out", another_program.local_addr().unwrap());
    for (redirect, code) in [
        (taken.as_str(), "hosted_ui_redirect_taken"),
        (SIGNED_OUT, "hosted_ui_unavailable"),
        ("no URL", "hosted_ui_unavailable"),
    ] {
        let (system, redirect) = (
            SystemBrowser::new(None, Vec::new(), None, None).unwrap(),
            redirect.to_owned(),
        );
        let (app, result) = sign_out(move |url, completion| {
            system.show(url, redirect.clone(), completion);
            Ok(())
        })
        .await;
        assert_eq!(failed(result).code, code);
        assert!(app.is_signed_in().await);
    }
}

#[test]
fn the_systems_own_refuses_words_that_do_not_fit_into_the_closing_page() {
    let german = |language: &str| ClosingTexts {
        language: language.into(),
        signed_out: "Sie sind abgemeldet".into(),
        signed_out_next: "Schließen Sie dieses Fenster.".into(),
        not_signed_out: "Nicht abgemeldet".into(),
        not_signed_out_next: "Melden Sie sich in der App noch einmal ab.".into(),
    };
    let refused = |app_name: Option<&str>, texts| {
        let refused = SystemBrowser::new(app_name.map(Into::into), vec![texts], None, None);
        let Err(AuthError::InvalidInput { problem }) = refused else {
            panic!("it was accepted")
        };
        problem.setting.unwrap().kotlin
    };
    assert_eq!(refused(Some(""), german("de")), "appName");
    assert_eq!(refused(None, german("de_DE")), "closingTexts.language");
    assert!(SystemBrowser::new(Some("Ledger".into()), vec![german("de")], None, None).is_ok());
}

/// The system's own, as a host on a desktop uses it.
struct OnDesktop(Arc<SystemBrowser>);

impl Browser for OnDesktop {
    fn show(&self, url: Url, redirect: RedirectUri, completion: Arc<BrowserCompletion>) -> Result<(), BrowserError> {
        self.0.show(url.into(), redirect.as_str().into(), completion);
        Ok(())
    }
}

/// `$BROWSER` belongs to the whole process, so a child process signs out.
#[test]
#[cfg(target_os = "linux")] // Where the system has `$BROWSER`.
fn the_system_browser_shows_the_hosts_own_pages_for_a_success_and_for_a_failure() {
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["browser::child", "--exact", "--ignored"])
        .env("BROWSER", "true")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&child.stdout) + String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success() && told.contains("1 passed"), "{told}");
}

/// Runs only in the child process. The program `true` is its browser and does nothing, so the test loads the redirect.
#[tokio::test]
#[ignore = "opens the browser that the environment names"]
async fn child() {
    let (success, failure) = ("<p>Abgemeldet</p>", "<p>Nicht abgemeldet</p>");
    for (query, expected) in [("", success), ("?error=server_error", failure)] {
        let system = SystemBrowser::new(None, Vec::new(), Some(success.into()), Some(failure.into())).unwrap();
        let (_own, port) = free_port();
        let uri = format!("http://127.0.0.1:{port}/signed-out");
        let options = ConfigOptions {
            hosted_ui: Some(HostedUi {
                sign_out_uris: vec![SignOutUri { uri, ends_at: None }],
                ..hosted_ui()
            }),
            ..ConfigOptions::default()
        };
        let ports = Ports {
            browser: Some(Arc::new(OnDesktop(system))),
            ..ports(Online::new())
        };
        let app = App::configured(ports, options).await;
        app.store(SignedInWith::HostedUi).await;
        let target = format!("/signed-out{query}");
        let both = async { tokio::join!(app.auth.sign_out(local()), load(port, &target)) };
        let (result, page) = timeout(Duration::from_secs(20), both).await.unwrap();
        assert!(page.ends_with(&format!("\r\n\r\n{expected}")), "{page}");
        match query {
            "" => assert_complete(&result),
            _ => assert_eq!(failed(result).code, "hosted_ui_failed"),
        }
    }
}

/// Loads this page as soon as the port is open. Returns the whole response.
async fn load(port: u16, target: &str) -> String {
    let mut stream = loop {
        match TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await {
            Ok(stream) => break stream,
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    };
    let request = format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}

/// A port that no other test uses until the socket is dropped: the holder of the number for UDP may use it for TCP. Below the
/// ports that the system gives to outgoing connections.
fn free_port() -> (UdpSocket, u16) {
    let own = |port| {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
        let is_free = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
        is_free.then_some((socket, port))
    };
    (20_000..30_000).find_map(own).unwrap()
}

#[tokio::test]
async fn without_a_browser_the_app_shows_the_page_itself_in_two_calls() {
    let app = App::hosted(None).await;
    let SignOutProgress::Show { visit } = app.auth.begin_sign_out(SignOutOptions::default()).await else {
        panic!("a page is to be shown")
    };
    assert_eq!(visit.redirect.as_str(), SIGNED_OUT);
    assert!(app.is_signed_in().await);
    assert_eq!(
        app.auth.resume().await.unwrap().web_step,
        Some(visit),
        "after a restart, too"
    );

    let answer = |callback: &str| BrowserAnswer::Redirected {
        callback: callback.into(),
    };
    for not_its_own in ["no URL", "myapp://elsewhere"] {
        let progress = app.auth.finish_sign_out(answer(not_its_own)).await;
        assert!(matches!(progress, SignOutProgress::Ignored));
    }
    let SignOutProgress::Finished { result } = app.auth.finish_sign_out(answer(SIGNED_OUT)).await else {
        panic!("that was the last page")
    };
    assert_complete(&result);
    assert!(app.is_revoked());
    let again = app.auth.finish_sign_out(answer(SIGNED_OUT)).await;
    assert!(matches!(again, SignOutProgress::Ignored));
}
