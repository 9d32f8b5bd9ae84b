//! The user's browser, as the host opens it.

use std::fmt;
use std::sync::Arc;

use tokio::runtime::Handle;
use url::Url;

use super::live::Live;
use crate::{BrowserError, NextPage, RedirectUri, task};

/// Opens pages in the user's browser.
#[uniffi::export(with_foreign)]
pub trait Browser: Send + Sync {
    /// Shows `url`, and reports through `completion` when the browser is sent to `redirect`: now or later, on any thread.
    /// Called on a thread that may block.
    ///
    /// # Errors
    /// [`BrowserError`], the same as a failure reported through the completion.
    fn show(&self, url: Url, redirect: RedirectUri, completion: Arc<BrowserCompletion>) -> Result<(), BrowserError>;
}

impl From<uniffi::UnexpectedUniFFICallbackError> for BrowserError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Unavailable("the app's code for the browser threw".into())
    }
}

/// How a [`Browser`] reports what happened. The sign-out ends once and in time, even if a report comes twice, late or never.
/// Release it when the browser is closed: the sign-out waits for that for half a second. Releasing it without a report ends
/// the browser step at once, as unavailable.
#[derive(uniffi::Object)]
pub struct BrowserCompletion {
    completion: crate::BrowserCompletion,
    _live: Live,
}

#[uniffi::export]
impl BrowserCompletion {
    /// The browser was sent to `callback`.
    pub fn redirected(&self, callback: String) -> NextPage {
        match Url::parse(&callback) {
            Ok(callback) => self.completion.redirected(&callback),
            Err(_) => NextPage::Ignored,
        }
    }

    /// The browser failed. Only the first failure counts, and none after the last redirect.
    pub fn failed(&self, error: BrowserError) {
        self.completion.failed(error);
    }

    /// Returns when the browser step has ended: the last redirect has arrived, the time is over, or the app stopped waiting.
    pub async fn closed(&self) {
        self.completion.closed().await;
    }
}

impl BrowserCompletion {
    /// The core's completion.
    pub(super) fn inner(&self) -> crate::BrowserCompletion {
        self.completion.clone()
    }
}

impl Drop for BrowserCompletion {
    fn drop(&mut self) {
        // Has no effect after an earlier report.
        self.completion.failed(BrowserError::Unavailable(
            "the app's code released the browser's completion without a report".into(),
        ));
    }
}

/// The core's browser port, implemented by the host's browser.
pub(super) struct HostBrowser {
    pub(super) host: Arc<dyn Browser>,
    /// The redirects that it can return to, as in [`Ports`](super::Ports).
    pub(super) redirects: Vec<String>,
}

impl crate::Browser for HostBrowser {
    fn open(&self, url: Url, redirect: RedirectUri, completion: crate::BrowserCompletion) {
        let host = Arc::clone(&self.host);
        let runtime = Handle::current();
        let completion = Arc::new(BrowserCompletion {
            completion,
            _live: Live::new(),
        });
        task::spawn_blocking(&runtime, move || {
            if let Err(error) = host.show(url, redirect, Arc::clone(&completion)) {
                completion.failed(error);
            }
        });
    }

    fn can_come_back_to(&self, redirect: &RedirectUri) -> bool {
        let fits = |can: &String| match RedirectUri::parse("redirect", can) {
            Ok(uri) => uri.is_at(redirect.url()),
            // A scheme alone is not a URI.
            Err(_) => can.eq_ignore_ascii_case(redirect.url().scheme()),
        };
        self.redirects.is_empty() || self.redirects.iter().any(fits)
    }
}

impl fmt::Debug for HostBrowser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostBrowser")
    }
}
