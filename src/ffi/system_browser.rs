//! The system's browser, for desktop hosts.

use std::sync::Arc;

use tokio::runtime::Handle;
use url::Url;

use super::browser::BrowserCompletion;
use super::error::AuthError;
use super::live::Live;
use super::runtime;
use crate::{Browser, BrowserError, ClosingTexts, ConfigError, RedirectUri, task};

/// The crate's own browser for a host: the default browser, and a listener on the sign-out URI, which must be `http` on a
/// loopback host. Libraries for phones do not have it.
#[derive(uniffi::Object)]
pub struct SystemBrowser {
    browser: Arc<dyn Browser>,
    runtime: Handle,
    _live: Live,
}

#[uniffi::export]
impl SystemBrowser {
    /// With the app's name and the closing page's words in the languages of its users; or with the host's own closing pages, as
    /// whole HTML documents, for a successful and for a failed sign-out.
    ///
    /// # Errors
    /// [`AuthError::InvalidInput`] if this library has no browser, or if the name or the words do not fit into the page.
    /// [`AuthError::Runtime`] if the system cannot start a thread.
    #[uniffi::constructor(default(app_name = None, closing_texts = [], closing_page = None, failure_page = None))]
    pub fn new(
        app_name: Option<String>,
        closing_texts: Vec<ClosingTexts>,
        closing_page: Option<String>,
        failure_page: Option<String>,
    ) -> Result<Arc<Self>, AuthError> {
        let browser =
            built_in(app_name, closing_texts, closing_page, failure_page).map_err(AuthError::invalid_input)?;
        let runtime = runtime::runtime()?.clone();
        Ok(Arc::new(Self {
            browser,
            runtime,
            _live: Live::new(),
        }))
    }

    /// Shows `url`, listens on `redirect`, and reports the outcome through `completion`. Returns at once. The host may release the
    /// completion.
    pub fn show(&self, url: String, redirect: String, completion: Arc<BrowserCompletion>) {
        let (Ok(url), Ok(redirect)) = (Url::parse(&url), RedirectUri::parse("redirect", &redirect)) else {
            return completion.failed(BrowserError::Unavailable(
                "the page or the redirect is not a URL".into(),
            ));
        };
        let _on_it = self.runtime.enter();
        self.browser.open(url, redirect, completion.inner());
        // Dropping the completion without a report would end the sign-out.
        drop(task::spawn(&self.runtime, async move { completion.closed().await }));
    }
}

#[cfg(all(feature = "browser", not(any(target_os = "android", target_os = "ios"))))]
fn built_in(
    app_name: Option<String>,
    closing_texts: Vec<ClosingTexts>,
    closing_page: Option<String>,
    failure_page: Option<String>,
) -> Result<Arc<dyn Browser>, ConfigError> {
    let mut builder = crate::SystemBrowser::builder();
    if let Some(name) = app_name {
        builder = builder.app_name(name);
    }
    for texts in closing_texts {
        builder = builder.closing_texts(texts);
    }
    if let Some(html) = closing_page {
        builder = builder.closing_page(html);
    }
    if let Some(html) = failure_page {
        builder = builder.failure_page(html);
    }
    Ok(Arc::new(builder.build()?))
}

#[cfg(not(all(feature = "browser", not(any(target_os = "android", target_os = "ios")))))]
fn built_in(
    _: Option<String>,
    _: Vec<ClosingTexts>,
    _: Option<String>,
    _: Option<String>,
) -> Result<Arc<dyn Browser>, ConfigError> {
    let must = "the app's own browser: this build of the library has none";
    Err(ConfigError::invalid("browser", must))
}
