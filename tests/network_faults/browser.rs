//! The user's browser, reduced to what a sign-out needs: it loads a page with its cookie, and follows a redirect to the app. If the
//! page does not load, or is another one, its user does nothing.

use cognito_signout::transport::{HttpRequest, HttpTransport, RustlsTransport};
use cognito_signout::{Browser, BrowserCompletion, RedirectUri};
use url::Url;

/// A browser tries a page again by itself.
const TRIES: u32 = 3;

#[derive(Debug)]
pub(crate) struct TestBrowser {
    pub(crate) network: RustlsTransport,
    pub(crate) cookie: String,
}

impl Browser for TestBrowser {
    fn open(&self, url: Url, redirect: RedirectUri, completion: BrowserCompletion) {
        let request = HttpRequest {
            method: "GET".into(),
            url,
            headers: vec![("cookie".into(), self.cookie.clone())],
            body: Vec::new().into(),
        };
        let network = self.network.clone();
        tokio::spawn(async move {
            let mut page = network.send(request.clone()).await;
            for _ in 1..TRIES {
                if page.is_err() {
                    page = network.send(request.clone()).await;
                }
            }
            let Ok(response) = page else { return };
            let location = response.headers.iter().find(|(name, _)| name == "location");
            let location = location.and_then(|(_, url)| url.parse::<Url>().ok());
            if let Some(url) = location.filter(|url| url.scheme() == redirect.url().scheme()) {
                completion.redirected(&url);
            }
        });
    }
}
