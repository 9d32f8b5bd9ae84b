//! The browser's session, and the step that ends it: the port to the user's browser, and what goes through it.

#[cfg(any(
    feature = "ffi",
    all(feature = "browser", not(any(target_os = "android", target_os = "ios")))
))]
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

#[cfg(any(
    feature = "ffi",
    all(feature = "browser", not(any(target_os = "android", target_os = "ios")))
))]
pub use closing_texts::ClosingTexts;
#[cfg(all(feature = "browser", not(any(target_os = "android", target_os = "ios"))))]
pub use desktop::{SystemBrowser, SystemBrowserBuilder};
pub(crate) use plan::Planner;
pub(crate) use sessions::prompt_after;
pub use sessions::{BrowserSession, BrowserSessionState, Prompt, SessionHolder};
pub(crate) use step::WebStep;
pub use visit::WebVisit;
pub(crate) use visit::{Arrival, Place, Visit, sessions_after};

/// The commit follows the browser's last page at once. If it does not, the page says what it knows.
const LONGEST_WAIT_FOR_THE_COMMIT: Duration = Duration::from_secs(5);

/// Opens pages in the user's browser, which is where the session at the hosted pages lives.
///
/// An app that cannot do it in one go, since it may be killed while the browser is in front, takes
/// [`Auth::begin_sign_out`](crate::Auth::begin_sign_out) and [`finish_sign_out`](crate::Auth::finish_sign_out) instead.
///
/// ```
/// use cognito_signout::{Browser, BrowserCompletion, BrowserError, NextPage, RedirectUri};
/// use url::Url;
///
/// /// What the app's window system has.
/// #[derive(Debug)]
/// struct InAppBrowser;
///
/// impl InAppBrowser {
///     fn show(&self, url: &Url, then: impl Fn(Option<Url>) + Send + 'static) {
///         # let _ = (url, then);
///         // … `then` is called with every URL of ours, and with None when the user closes the window …
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
    /// Shows `url`, and says through `completion` when the browser is sent to `redirect`. Must not block: what takes time
    /// belongs in a task or a thread. Everything that was taken for it (a port, a window) is given back when the
    /// completion is dropped at the latest: the sign-out waits for that, for a moment.
    fn open(&self, url: Url, redirect: RedirectUri, completion: BrowserCompletion);

    /// Whether this browser can tell that it was sent to `redirect`. Default: yes.
    fn can_come_back_to(&self, redirect: &RedirectUri) -> bool {
        let _ = redirect;
        true
    }
}

/// Why a browser could not end the session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BrowserError {
    /// The user closed the browser, or the app withdrew.
    #[error("the browser was closed before the session there had ended")]
    Cancelled,
    /// There is no browser, or it could not be started.
    #[error("no browser could be opened: {0}")]
    Unavailable(String),
    /// What listens for the redirect could not: another program has its port.
    #[error("the redirect cannot be received: {0}")]
    RedirectTaken(String),
    /// Nothing came back in time: a closed tab, most likely.
    #[error("the browser had not come back when its time was over")]
    TimedOut,
}

impl BrowserError {
    /// The code that this error has among a step's errors.
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

/// What is to become of the browser after a redirect.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextPage {
    /// The URL was not this sign-out's, or it came twice, or too late: nothing has happened. Go on as before.
    Ignored,
    /// Another session is to be ended: show this, and go on waiting for the same redirect.
    Open(Url),
    /// Nothing more is waited for.
    End {
        /// A page to leave the browser at, from which nothing comes back. Without one, close the browser or show a
        /// closing page, which [`BrowserCompletion::signed_out`] tells what to say.
        leave_at: Option<Url>,
    },
}

/// How a [`Browser`] says what happened. Whatever it says twice, late or never, the sign-out ends once and in time.
#[derive(Debug, Clone)]
pub struct BrowserCompletion {
    step: Arc<WebStep>,
    /// The step sees when the last of these is gone.
    _held: watch::Receiver<()>,
}

impl BrowserCompletion {
    pub(super) fn new(step: Arc<WebStep>, held: watch::Receiver<()>) -> Self {
        Self { step, _held: held }
    }

    /// The browser was sent to `callback`.
    pub fn redirected(&self, callback: &Url) -> NextPage {
        self.step.arrive(callback)
    }

    /// The browser failed. Only the first of these, and none after the last redirect, is heard.
    pub fn failed(&self, error: BrowserError) {
        self.step.fail(error);
    }

    /// Returns when nothing more is waited for: the last redirect has come, or the time is over, or the app withdrew.
    pub async fn closed(&self) {
        self.step.ended().await.ok();
    }

    /// Whether the user is signed out of this device, which is known a moment after the last redirect: what a closing
    /// page should say.
    pub async fn signed_out(&self) -> bool {
        tokio::time::timeout(LONGEST_WAIT_FOR_THE_COMMIT, self.step.verdict())
            .await
            .unwrap_or(false)
    }
}
