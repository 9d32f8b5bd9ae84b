//! What the answer says of the browser.

use cognito_signout::{BrowserSession, Prompt, Report, WebVisit};
use serde::Serialize;

/// What became of the browser's sessions.
#[derive(Debug, Serialize)]
pub(crate) struct WebView {
    /// The step's.
    pub(crate) status: String,
    /// Those that the browser held.
    pub(crate) sessions: Vec<BrowserSession>,
    /// The page that ends what may persist: opened in the user's browser it does.
    pub(crate) logout_url: Option<String>,
    /// The `prompt` that the next sign-in should ask for.
    pub(crate) next_sign_in_prompt: Option<Prompt>,
}

/// A page to open in the user's browser, and where it comes back to.
#[derive(Debug, Serialize)]
pub(crate) struct WebStepView {
    pub(crate) open: String,
    pub(crate) comes_back_to: String,
}

impl From<&Report> for WebView {
    fn from(report: &Report) -> Self {
        Self {
            status: report.steps.web.to_string(),
            sessions: report.browser_sessions.clone(),
            logout_url: report.logout_url.as_ref().map(ToString::to_string),
            next_sign_in_prompt: report.next_sign_in(),
        }
    }
}

impl From<&WebVisit> for WebStepView {
    fn from(visit: &WebVisit) -> Self {
        Self {
            open: visit.url.to_string(),
            comes_back_to: visit.redirect.to_string(),
        }
    }
}
