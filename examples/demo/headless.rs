//! A browser without a window or a person: it keeps cookies, follows redirects, and fills in a form.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cognito_signout::transport::{HttpRequest, HttpResponse, HttpTransport, RustlsTransport};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

/// More than any page here needs.
const MOST_REDIRECTS: usize = 10;

/// Clones are the same browser.
#[derive(Clone)]
pub(crate) struct Headless {
    transport: RustlsTransport,
    /// By host and name: cookies are not separated by port.
    cookies: Arc<Mutex<BTreeMap<(String, String), String>>>,
    window: Arc<Mutex<String>>,
}

/// The page that a link or a form leads to.
pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) text: String,
}

impl Headless {
    pub(crate) fn new() -> Self {
        Self {
            transport: RustlsTransport::new(),
            cookies: Arc::default(),
            window: Arc::default(),
        }
    }

    /// What its window shows: the last page, as HTML.
    pub(crate) fn window(&self) -> String {
        self.window.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Opens a page.
    pub(crate) async fn open(&self, url: &Url) -> io::Result<Page> {
        self.follow("GET", url.clone(), String::new()).await
    }

    /// Signs in at the login form on that page.
    pub(crate) async fn sign_in(&self, at: &Url, username: &str) -> io::Result<Page> {
        let page = self.open(at).await?;
        let action = page.text.split_once(r#"action=""#);
        let action = action.and_then(|(_, rest)| Some(rest.split_once('"')?.0.replace("&amp;", "&")));
        let action = action.ok_or_else(|| io::Error::other("there is no form on this page"))?;
        let action = page.url.join(&action).map_err(io::Error::other)?;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("username", username)
            .append_pair("password", "any")
            .finish();
        self.follow("POST", action, form).await
    }

    /// Follows redirects. At a URL that is not a web page, such as an app's own, the browser stops and the system takes over.
    async fn follow(&self, method: &str, mut url: Url, form: String) -> io::Result<Page> {
        let mut answer = self.ask(method, &url, form).await?;
        for _ in 0..MOST_REDIRECTS {
            let Some(location) = header(&answer, "location") else {
                let text = String::from_utf8_lossy(&answer.body).into_owned();
                self.window
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone_from(&text);
                return Ok(Page { url, text });
            };
            url = url.join(location).map_err(io::Error::other)?;
            if !matches!(url.scheme(), "http" | "https") {
                let text = String::new();
                return Ok(Page { url, text });
            }
            answer = self.ask("GET", &url, String::new()).await?;
        }
        Err(io::Error::other("the redirects go round in circles"))
    }

    async fn ask(&self, method: &str, url: &Url, form: String) -> io::Result<HttpResponse> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let cookies = self.cookies().clone();
        let cookies = cookies.iter().filter(|((of, _), _)| *of == host);
        let cookies: Vec<String> = cookies.map(|((_, name), value)| format!("{name}={value}")).collect();
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut headers = vec![header("cookie", &cookies.join("; "))];
        if method == "POST" {
            headers.push(header("content-type", "application/x-www-form-urlencoded"));
        }
        let request = HttpRequest {
            method: method.to_owned(),
            url: url.clone(),
            headers,
            body: Zeroizing::new(form.into_bytes()),
        };
        let answer = self.transport.send(request).await.map_err(io::Error::other)?;
        for (_, cookie) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let pair = cookie.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').unwrap_or_default();
            let key = (host.clone(), name.to_owned());
            match cookie.contains("Max-Age=0") {
                true => self.cookies().remove(&key),
                false => self.cookies().insert(key, value.to_owned()),
            };
        }
        Ok(answer)
    }

    fn cookies(&self) -> MutexGuard<'_, BTreeMap<(String, String), String>> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn header<'a>(answer: &'a HttpResponse, name: &str) -> Option<&'a str> {
    let mut headers = answer.headers.iter();
    headers.find_map(|(known, value)| (known == name).then_some(value.as_str()))
}
