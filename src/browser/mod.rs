//! The session in the user's browser, and the step that ends it. This file has the port to the browser.

mod closing_texts;
#[cfg(all(feature = "browser", not(any(target_os = "android", target_os = "ios"))))]
mod desktop;
mod discovery;
mod plan;
mod sessions;
mod step;
mod visit;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use url::Url;

use crate::config::RedirectUri;
use crate::error::{ErrorCode, StepError};

pub use closing_texts::ClosingTexts;
#[cfg(all(
    feature = "browser",
    any(feature = "test-util", fuzzing),
    not(any(target_os = "android", target_os = "ios"))
))]
pub use desktop::loopback_request;
#[cfg(all(feature = "browser", not(any(target_os = "android", target_os = "ios"))))]
pub use desktop::{SystemBrowser, SystemBrowserBuilder};
pub(crate) use plan::Planner;
pub(crate) use sessions::prompt_after;
pub use sessions::{BrowserSession, BrowserSessionState, Prompt, SessionHolder};
pub(crate) use step::WebStep;
pub use visit::WebVisit;
pub(crate) use visit::{Arrival, Place, Visit, sessions_after};

/// The commit normally follows the last redirect at once. After this time the closing page does not wait for it any longer.
const LONGEST_WAIT_FOR_THE_COMMIT: Duration = Duration::from_secs(5);

/// Opens pages in the user's browser, because that browser has the session at the hosted pages.
///
/// An app that may be killed while the browser is in front cannot wait for it. Such an app uses
/// [`Auth::begin_sign_out`](crate::Auth::begin_sign_out) and [`finish_sign_out`](crate::Auth::finish_sign_out) instead.
///
/// ```
/// use cognito_signout::{Browser, BrowserCompletion, BrowserError, NextPage, RedirectUri};
/// use url::Url;
///
/// /// A browser window of the app's user interface.
/// #[derive(Debug)]
/// struct InAppBrowser;
///
/// impl InAppBrowser {
///     fn show(&self, url: &Url, then: impl Fn(Option<Url>) + Send + 'static) {
///         # let _ = (url, then);
///         // … Calls `then` with every redirect to the app, and with None when the user closes the window. …
///     }
/// }
///
/// impl Browser for InAppBrowser {
///     fn open(&self, url: Url, _redirect: RedirectUri, completion: BrowserCompletion) {
///         self.show(&url, move |callback| match callback {
///             None => completion.failed(BrowserError::Cancelled),
///             Some(callback) => match completion.redirected(&callback) {
///                 NextPage::Open(next) => println!("now show {next}"),
///                 NextPage::Ignored | NextPage::End { .. } => {}
///                 _ => {}
///             },
///         });
///     }
/// }
/// ```
pub trait Browser: Send + Sync + fmt::Debug + 'static {
    /// Shows `url`, and reports through `completion` when the browser is sent to `redirect`. It must not block: slow work
    /// belongs in a task or a thread. Release everything that it uses (a port, a window) before you drop the completion. The
    /// sign-out waits for that drop, for half a second at most.
    fn open(&self, url: Url, redirect: RedirectUri, completion: BrowserCompletion);

    /// Whether this browser can notice a redirect to `redirect`. Default: yes.
    fn can_come_back_to(&self, redirect: &RedirectUri) -> bool {
        let _ = redirect;
        true
    }
}

/// Why a browser could not end the session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "ffi", derive(uniffi::Error))]
#[non_exhaustive]
pub enum BrowserError {
    /// The user closed the browser, or the app cancelled.
    #[error("the browser was closed before its session had ended")]
    Cancelled,
    /// There is no browser, or it could not be started.
    #[error("no browser could be opened: {0}")]
    Unavailable(String),
    /// The listener for the redirect could not start, because another program uses its port.
    #[error("the redirect cannot be received: {0}")]
    RedirectTaken(String),
    /// The browser did not come back in time. Most likely the user closed the tab.
    #[error("the browser did not come back in time")]
    TimedOut,
}

impl BrowserError {
    /// The code of this error as a step's error.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Cancelled => ErrorCode::HostedUiCancelled,
            Self::Unavailable(_) => ErrorCode::HostedUiUnavailable,
            Self::RedirectTaken(_) => ErrorCode::HostedUiRedirectTaken,
            Self::TimedOut => ErrorCode::HostedUiTimedOut,
        }
    }
}

impl From<BrowserError> for StepError {
    fn from(error: BrowserError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

/// What the browser should do after a redirect.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum NextPage {
    /// The URL does not belong to this sign-out, or it came twice or too late. Nothing has changed: continue as before.
    Ignored,
    /// Another session must be ended. Show this page and wait for the same redirect again.
    Open(Url),
    /// The sign-out does not wait for the browser any more.
    End {
        /// The browser's last page, from which it does not come back. If there is none, close the browser, or show a closing
        /// page with the answer of [`BrowserCompletion::signed_out`].
        leave_at: Option<Url>,
    },
}

/// A [`Browser`] reports through this. The sign-out ends once and in time, even if the browser reports twice, late or never.
#[derive(Debug, Clone)]
pub struct BrowserCompletion {
    step: Arc<WebStep>,
    /// The step notices when the last of these is dropped.
    _held: watch::Receiver<()>,
}

impl BrowserCompletion {
    pub(super) fn new(step: Arc<WebStep>, held: watch::Receiver<()>) -> Self {
        Self { step, _held: held }
    }

    /// Reports that the browser was sent to `callback`.
    pub fn redirected(&self, callback: &Url) -> NextPage {
        self.step.arrive(callback)
    }

    /// Reports that the browser failed. Only the first failure counts, and none after the last redirect.
    pub fn failed(&self, error: BrowserError) {
        self.step.fail(error);
    }

    /// Returns when the sign-out does not wait for the browser any more: after the last redirect, at the end of the time, or
    /// when the app cancels.
    pub async fn closed(&self) {
        self.step.ended().await.ok();
    }

    /// Whether the user is signed out on this device. A closing page should say this. It is known a moment after the last
    /// redirect; after 5 seconds without an answer this returns `false`.
    pub async fn signed_out(&self) -> bool {
        tokio::time::timeout(LONGEST_WAIT_FOR_THE_COMMIT, self.step.verdict())
            .await
            .unwrap_or(false)
    }
}
