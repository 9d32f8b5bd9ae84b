//! A host's browser, and a host without one.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use cognito_signout::ffi::{
    AuthError, Browser, BrowserAnswer, BrowserCompletion, SignOutOptions, SignOutProgress, SignOutResult, SystemBrowser,
};
use cognito_signout::{BrowserError, ClosingTexts, NextPage, RedirectUri};
use tokio::time::timeout;
use uniffi::UnexpectedUniFFICallbackError;
use url::Url;

use crate::host::{App, SIGNED_OUT, assert_complete, failed, local};

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
