use std::pin::pin;

use tokio::time::Instant;

use super::*;
use crate::browser::visit::{Place, ProviderPage};
use crate::config::RedirectUri;
use crate::config::provider::ComesBack;
use crate::error::ErrorCode;

const REDIRECT: &str = "https://example.com/out";
const LIMIT: Duration = Duration::from_secs(60);

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn one_page() -> Visit {
    let redirect = RedirectUri::parse("redirect", REDIRECT).unwrap();
    Visit::new(redirect, url("https://auth.example.com/logout"), None)
}

fn two_pages() -> Visit {
    let provider = ProviderPage {
        url: url("https://id.example/logout"),
        comes_back: ComesBack::WithState,
        state: "st".to_owned(),
    };
    Visit {
        provider: Some(provider),
        ..one_page()
    }
}

/// Gives its completion to the test, and does nothing itself.
#[derive(Debug, Default)]
struct ManualBrowser {
    opened: Mutex<Vec<(Url, RedirectUri, BrowserCompletion)>>,
}

impl Browser for ManualBrowser {
    fn open(&self, url: Url, redirect: RedirectUri, completion: BrowserCompletion) {
        self.opened.lock().unwrap().push((url, redirect, completion));
    }
}

impl ManualBrowser {
    fn completion(&self) -> BrowserCompletion {
        self.opened.lock().unwrap()[0].2.clone()
    }

    fn let_go(&self) {
        self.opened.lock().unwrap().clear();
    }
}

/// A step with an open browser, its result, and its browser.
fn opened(
    visit: Visit,
) -> (
    Arc<WebStep>,
    tokio::task::JoinHandle<Result<(), StepError>>,
    Arc<ManualBrowser>,
) {
    let step = WebStep::new();
    let browser = Arc::new(ManualBrowser::default());
    let end = tokio::spawn({
        let (step, browser) = (Arc::clone(&step), Arc::clone(&browser));
        async move { step.run(visit, &*browser, LIMIT).await }
    });
    (step, end, browser)
}

async fn settle() {
    tokio::task::yield_now().await;
}

fn code(end: Result<(), StepError>) -> ErrorCode {
    end.unwrap_err().code()
}

fn closing() -> NextPage {
    NextPage::End { leave_at: None }
}

#[tokio::test(start_paused = true)]
async fn the_browser_gets_the_page_and_its_redirect_ends_the_step() {
    let (step, end, browser) = opened(one_page());
    settle().await;
    let (shown, redirect, _) = browser.opened.lock().unwrap()[0].clone();
    assert_eq!(shown, url("https://auth.example.com/logout"));
    assert_eq!(redirect.as_str(), REDIRECT);

    assert_eq!(browser.completion().redirected(&url(REDIRECT)), closing());
    assert_eq!(end.await.unwrap(), Ok(()));
    assert_eq!(step.visited().unwrap().at, Place::Done);
}

#[tokio::test(start_paused = true)]
async fn the_second_page_opens_in_the_same_browser() {
    let (step, end, browser) = opened(two_pages());
    settle().await;
    let completion = browser.completion();
    let next = NextPage::Open(url("https://id.example/logout"));
    assert_eq!(completion.redirected(&url(REDIRECT)), next);
    settle().await;
    assert!(!end.is_finished());
    assert_eq!(step.visited().unwrap().at, Place::Provider);
    assert_eq!(completion.redirected(&url(REDIRECT)), NextPage::Ignored);
    assert_eq!(
        completion.redirected(&url("https://example.com/out?state=st")),
        closing()
    );
    assert_eq!(end.await.unwrap(), Ok(()));
    assert_eq!(browser.opened.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_resumed_step_opens_the_page_that_it_was_at() {
    let mut visit = two_pages();
    visit.arrive(&url(REDIRECT));
    let (_, end, browser) = opened(visit);
    settle().await;
    assert_eq!(browser.opened.lock().unwrap()[0].0, url("https://id.example/logout"));
    end.abort();
}

#[tokio::test(start_paused = true)]
async fn an_error_in_the_redirect_ends_the_step_with_it() {
    let (_, end, browser) = opened(two_pages());
    settle().await;
    let denied = url("https://example.com/out?error=access_denied");
    assert_eq!(browser.completion().redirected(&denied), closing());
    assert_eq!(code(end.await.unwrap()), ErrorCode::HostedUiFailed);
}

#[tokio::test(start_paused = true)]
async fn each_failure_of_the_browser_has_its_code() {
    for (error, expected) in [
        (BrowserError::Cancelled, ErrorCode::HostedUiCancelled),
        (
            BrowserError::Unavailable("x".to_owned()),
            ErrorCode::HostedUiUnavailable,
        ),
        (
            BrowserError::RedirectTaken("x".to_owned()),
            ErrorCode::HostedUiRedirectTaken,
        ),
        (BrowserError::TimedOut, ErrorCode::HostedUiTimedOut),
    ] {
        let (_, end, browser) = opened(one_page());
        settle().await;
        browser.completion().failed(error);
        assert_eq!(code(end.await.unwrap()), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_first_end_counts() {
    let (step, end, browser) = opened(one_page());
    settle().await;
    let completion = browser.completion();
    completion.failed(BrowserError::Cancelled);
    completion.failed(BrowserError::Unavailable("x".to_owned()));
    assert_eq!(completion.redirected(&url(REDIRECT)), NextPage::Ignored);
    assert_eq!(code(end.await.unwrap()), ErrorCode::HostedUiCancelled);
    assert_eq!(code(step.ended().await), ErrorCode::HostedUiCancelled);
    // A late redirect changes nothing.
    assert_eq!(step.visited(), Some(one_page()));

    let (step, end, browser) = opened(one_page());
    settle().await;
    let completion = browser.completion();
    assert_eq!(completion.redirected(&url(REDIRECT)), closing());
    assert_eq!(completion.redirected(&url(REDIRECT)), NextPage::Ignored);
    completion.failed(BrowserError::Cancelled);
    assert_eq!(end.await.unwrap(), Ok(()));
    assert_eq!(step.ended().await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_never_comes_back_costs_the_limit_and_no_more() {
    let start = Instant::now();
    let (step, end, browser) = opened(two_pages());
    assert_eq!(code(end.await.unwrap()), ErrorCode::HostedUiTimedOut);
    assert_eq!(start.elapsed(), LIMIT);
    assert_eq!(browser.completion().redirected(&url(REDIRECT)), NextPage::Ignored);
    assert_eq!(step.visited().unwrap().at, Place::Hosted);
}

#[tokio::test(start_paused = true)]
async fn the_step_also_waits_for_a_browser_that_drops_its_completion_at_once() {
    let start = Instant::now();
    let (_, end, browser) = opened(one_page());
    settle().await;
    browser.let_go();
    assert_eq!(code(end.await.unwrap()), ErrorCode::HostedUiTimedOut);
    assert_eq!(start.elapsed(), LIMIT);
}

#[tokio::test(start_paused = true)]
async fn the_app_can_cancel() {
    let (step, end, _browser) = opened(one_page());
    settle().await;
    step.end(Err(BrowserError::Cancelled.into()));
    assert_eq!(code(end.await.unwrap()), ErrorCode::HostedUiCancelled);
}

#[tokio::test(start_paused = true)]
async fn a_completion_knows_when_the_step_has_ended() {
    for withdrawn in [true, false] {
        let (step, _end, browser) = opened(one_page());
        settle().await;
        let completion = browser.completion();
        let mut closed = pin!(completion.closed());
        assert!(is_pending(&mut closed).await);
        match withdrawn {
            true => step.end(Err(BrowserError::Cancelled.into())),
            false => drop(completion.redirected(&url(REDIRECT))),
        }
        closed.await;
    }
}

/// Whether it still waits after all other tasks have run.
async fn is_pending(future: &mut (impl Future<Output = ()> + Unpin)) -> bool {
    tokio::time::timeout(Duration::from_millis(1), future).await.is_err()
}

#[tokio::test(start_paused = true)]
async fn closing_waits_until_the_browser_drops_its_completion() {
    let (step, end, browser) = opened(one_page());
    settle().await;
    browser.completion().redirected(&url(REDIRECT));
    end.await.unwrap().unwrap();

    let start = Instant::now();
    let later = Duration::from_millis(300);
    let (closed, ()) = tokio::join!(
        async {
            step.tell_and_close(true).await;
            start.elapsed()
        },
        async {
            tokio::time::sleep(later).await;
            browser.let_go();
        }
    );
    assert_eq!(closed, later);
}

#[tokio::test(start_paused = true)]
async fn closing_does_not_wait_for_a_browser_that_keeps_its_completion() {
    let (step, end, browser) = opened(one_page());
    settle().await;
    browser.completion().redirected(&url(REDIRECT));
    end.await.unwrap().unwrap();
    let start = Instant::now();
    step.tell_and_close(true).await;
    assert_eq!(start.elapsed(), TIME_TO_LET_GO);

    let never_opened = WebStep::new();
    let start = Instant::now();
    never_opened.tell_and_close(false).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn the_closing_page_learns_whether_the_user_is_signed_out() {
    for signed_out in [true, false] {
        let (step, end, browser) = opened(one_page());
        settle().await;
        let completion = browser.completion();
        browser.let_go();
        completion.redirected(&url(REDIRECT));
        end.await.unwrap().unwrap();
        let start = Instant::now();
        let page = async move {
            // The question comes before the answer is known.
            let said = completion.signed_out().await;
            (said, completion.signed_out().await)
        };
        let commit = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            step.tell_and_close(signed_out).await;
        };
        let (said, ()) = tokio::join!(page, commit);
        assert_eq!(said, (signed_out, signed_out));
        assert_eq!(start.elapsed(), Duration::from_secs(1));
    }
}

#[tokio::test(start_paused = true)]
async fn without_an_answer_the_closing_page_does_not_say_signed_out() {
    let (_step, _end, browser) = opened(one_page());
    settle().await;
    let start = Instant::now();
    assert!(!browser.completion().signed_out().await);
    assert_eq!(start.elapsed(), Duration::from_secs(5));
}
