//! The user's browser. It does what the test says, and keeps the pages that it was asked to open.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cognito_signout::{Browser, BrowserCompletion, BrowserError, RedirectUri};
use tokio::sync::watch;
use url::Url;

/// Clones are the same browser.
#[derive(Debug, Clone)]
pub(crate) struct TestBrowser {
    does: Does,
    opened: Arc<Mutex<Vec<Opened>>>,
    count: watch::Sender<usize>,
}

/// What it does with every page.
#[derive(Debug, Clone)]
pub(crate) enum Does {
    /// Goes to the redirect.
    ComeBack,
    /// Goes to these, one after the other.
    GoTo(&'static [&'static str]),
    Fail(BrowserError),
    /// Nothing, until the test does it.
    Nothing,
}

/// One page that it was asked to open.
#[derive(Debug, Clone)]
pub(crate) struct Opened {
    pub(crate) url: Url,
    pub(crate) completion: BrowserCompletion,
}

impl TestBrowser {
    pub(crate) fn that(does: Does) -> Self {
        Self {
            does,
            opened: Arc::default(),
            count: watch::Sender::new(0),
        }
    }

    /// The pages so far.
    pub(crate) fn urls(&self) -> Vec<String> {
        self.opened().iter().map(|opened| opened.url.to_string()).collect()
    }

    /// The current page. Waits for the first one.
    pub(crate) async fn page(&self) -> Opened {
        self.count.subscribe().wait_for(|count| *count > 0).await.unwrap();
        self.opened().last().cloned().unwrap()
    }

    fn opened(&self) -> MutexGuard<'_, Vec<Opened>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Browser for TestBrowser {
    fn open(&self, url: Url, redirect: RedirectUri, completion: BrowserCompletion) {
        match &self.does {
            Does::ComeBack => drop(completion.redirected(redirect.url())),
            Does::GoTo(urls) => {
                for url in *urls {
                    completion.redirected(&url.parse().unwrap());
                }
            }
            Does::Fail(error) => completion.failed(error.clone()),
            Does::Nothing => {}
        }
        // It keeps its completion, as a careless browser does. That must not delay anything for long.
        self.opened().push(Opened { url, completion });
        self.count.send_modify(|count| *count += 1);
    }
}
