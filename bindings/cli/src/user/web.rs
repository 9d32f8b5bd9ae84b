//! What the output says about the browser.

use cognito_signout::{BrowserSession, Prompt, Report, WebVisit};
use serde::Serialize;

/// Which of the browser's sessions have ended.
#[derive(Debug, Serialize)]
pub(crate) struct WebView {
    /// The status of the step.
    pub(crate) status: String,
    /// The sessions that the browser held.
    pub(crate) sessions: Vec<BrowserSession>,
    /// The page that ends a session which may persist, when it is opened in the user's browser.
    pub(crate) logout_url: Option<String>,
    /// The `prompt` that the next sign-in should send.
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
