//! The user's browser, as the host opens it.

use std::fmt;
use std::sync::Arc;

use tokio::runtime::Handle;
use url::Url;

use super::live::Live;
use crate::{RedirectUri, task};

/// Opens pages in the user's browser.
#[uniffi::export(with_foreign)]
pub trait Browser: Send + Sync {
    /// Shows `url`, and says through `completion` when the browser is sent to `redirect`, then or later, on any thread.
    /// Called on a thread that may block.
    ///
    /// # Errors
    /// [`BrowserError`], as through the completion.
    fn show(&self, url: String, redirect: String, completion: Arc<BrowserCompletion>) -> Result<(), BrowserError>;
}

/// Why a browser could not end the session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum BrowserError {
    /// The user closed the browser, or the app withdrew.
    #[error("the browser was closed before its session had ended")]
    Cancelled,
    /// There is no browser, or it could not be started.
    #[error("no browser could be opened: {detail}")]
    Unavailable {
        /// What happened.
        detail: String,
    },
    /// What listens for the redirect could not.
    #[error("the redirect cannot be received: {detail}")]
    RedirectTaken {
        /// What happened.
        detail: String,
    },
    /// Nothing came back in time.
    #[error("the browser did not come back in time")]
    TimedOut,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for BrowserError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Unavailable {
            detail: "the app's code for the browser threw".into(),
        }
    }
}

impl From<BrowserError> for crate::BrowserError {
    fn from(error: BrowserError) -> Self {
        match error {
            BrowserError::Cancelled => Self::Cancelled,
            BrowserError::Unavailable { detail } => Self::Unavailable(detail),
            BrowserError::RedirectTaken { detail } => Self::RedirectTaken(detail),
            BrowserError::TimedOut => Self::TimedOut,
        }
    }
}

/// What is to become of the browser after a redirect.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum NextPage {
    /// The URL was not this sign-out's, or it came twice, or too late: go on as before.
    Ignored,
    /// Another session is to be ended: show this, and go on waiting for the same redirect.
    Show {
        /// What to show.
        url: String,
    },
    /// Nothing more is waited for.
    End {
        /// A page to leave the browser at, from which nothing comes back; else close the browser.
        leave_at: Option<String>,
    },
}

impl From<crate::NextPage> for NextPage {
    fn from(next: crate::NextPage) -> Self {
        match next {
            crate::NextPage::Ignored => Self::Ignored,
            crate::NextPage::Open(url) => Self::Show { url: url.into() },
            crate::NextPage::End { leave_at } => Self::End {
                leave_at: leave_at.map(Into::into),
            },
        }
    }
}

/// How a [`Browser`] says what happened. Whatever it says twice, late or never, the sign-out ends once and in time; letting
/// go of this without a word ends it at once. Let go of it when the browser is gone: the sign-out waits for that, for half
/// a second.
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
            Ok(callback) => self.completion.redirected(&callback).into(),
            Err(_) => NextPage::Ignored,
        }
    }

    /// The browser failed. Only the first of these, and none after the last redirect, is heard.
    pub fn failed(&self, error: BrowserError) {
        self.completion.failed(error.into());
    }

    /// Returns when nothing more is waited for: the last redirect has come, or the time is over, or the app withdrew.
    pub async fn closed(&self) {
        self.completion.closed().await;
    }
}

impl BrowserCompletion {
    /// The core's.
    pub(super) fn inner(&self) -> crate::BrowserCompletion {
        self.completion.clone()
    }
}

impl Drop for BrowserCompletion {
    fn drop(&mut self) {
        // Not heard, if something was said before.
        self.completion.failed(crate::BrowserError::Unavailable(
            "the app's code let go of the browser without a word".into(),
        ));
    }
}

/// The port, as the core has it, over the host's.
pub(super) struct HostBrowser {
    pub(super) host: Arc<dyn Browser>,
    /// Those of the redirects that it can come back by; any, if empty.
    pub(super) redirect_schemes: Vec<String>,
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
            let shown = host.show(url.into(), redirect.to_string(), Arc::clone(&completion));
            if let Err(error) = shown {
                completion.failed(error);
            }
        });
    }

    fn can_come_back_to(&self, redirect: &RedirectUri) -> bool {
        let scheme = redirect.url().scheme();
        self.redirect_schemes.is_empty() || self.redirect_schemes.iter().any(|can| can.eq_ignore_ascii_case(scheme))
    }
}

impl fmt::Debug for HostBrowser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostBrowser")
    }
}
