//! The browser on a desktop: the system's browser, and a listener on a loopback port for its redirects.

mod closing_page;
mod connections;
mod listener;
mod peer;
mod request;
mod response;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::{fmt, io, thread};

use tokio::sync::oneshot;
use tokio::task::JoinSet;
use url::Url;

use self::closing_page::{Pages, Settings};
use self::connections::{accept_all, serve};
use self::listener::Listener;
use super::{Browser, BrowserCompletion, BrowserError, ClosingTexts};
use crate::config::{ConfigError, RedirectUri};

/// Opens a URL in a browser.
type Opener = Arc<dyn Fn(&Url) -> io::Result<()> + Send + Sync>;

/// The system's default browser on desktops, with a listener on the sign-out URI for its redirects.
///
/// The sign-out URI must be `http` on a loopback host with a free port, such as `http://localhost:8765/signed-out`. While the
/// browser is in front, the library listens on this port, only on loopback addresses. The port is free again as soon as the
/// sign-out does not wait for the browser any more.
///
/// Only a page load of exactly this URI in a browser window counts. Every other request is refused.
///
/// The last page is a closing page. It says whether the user is signed out and what to do next, in light or dark, as the
/// browser prefers. With its headers it has at most 2,048 bytes, and it loads nothing else. Set the app's name with
/// [`app_name`](SystemBrowserBuilder::app_name), and the words in other languages than English with
/// [`closing_texts`](SystemBrowserBuilder::closing_texts).
///
/// Needs a Tokio runtime with I/O and time. Clones are the same browser.
///
/// ```
/// use cognito_signout::fake_cognito::FakeCognito;
/// use cognito_signout::transport::RustlsTransport;
/// use cognito_signout::vault::MemoryVault;
/// use cognito_signout::{Auth, AuthConfig, HostedUi, SignOutOptions, SignOutResult, SignedInWith, SystemBrowser, Tokens};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// # // Loads a page and those that it leads to, as a browser does.
/// # fn load(url: &url::Url) -> std::io::Result<()> {
/// #     use std::io::{Read, Write};
/// #     let mut server = std::net::TcpStream::connect(&*url.socket_addrs(|| None)?)?;
/// #     let (path, query) = (url.path(), url.query().unwrap_or_default());
/// #     write!(server, "GET {path}?{query} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", url.authority())?;
/// #     let mut page = String::new();
/// #     server.read_to_string(&mut page)?;
/// #     let next = page.lines().find_map(|line| line.to_lowercase().starts_with("location: ").then(|| &line[10..]));
/// #     next.map_or(Ok(()), |next| load(&next.parse().map_err(std::io::Error::other)?))
/// # }
/// # let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
/// # let signed_out = format!("http://localhost:{port}/signed-out");
/// # let fake = FakeCognito::builder().sign_out_uris([&signed_out]).start().await?;
/// let browser = SystemBrowser::builder()
///     .app_name("Ledger")
///     # .opener(load)
///     .build()?;
/// // The sign-out URI looks like http://localhost:8765/signed-out.
/// let hosted_ui = HostedUi::builder(fake.url().as_str()).sign_out_uri(signed_out).build()?;
/// let config = AuthConfig::builder(fake.user_pool_id(), fake.client_id())
///     .endpoint(fake.url().as_str())
///     .hosted_ui(hosted_ui)
///     .build()?;
/// let auth = Auth::builder(config, MemoryVault::default(), RustlsTransport::new()).browser(browser).build();
///
/// let issued = fake.sign_in("ana");
/// let tokens = Tokens::new(issued.access.clone(), issued.id.clone(), issued.refresh.clone());
/// auth.store_session(tokens, SignedInWith::HostedUi).await?;
///
/// // Opens the browser at the hosted pages, and returns when they have sent it to the sign-out URI.
/// let result = auth.sign_out(SignOutOptions::local()).await;
/// assert!(matches!(result, SignOutResult::Complete(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SystemBrowser {
    opener: Opener,
    pages: Arc<Pages>,
}

/// Collects the settings of a [`SystemBrowser`].
#[derive(Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct SystemBrowserBuilder {
    opener: Opener,
    closing: Settings,
}

impl SystemBrowser {
    /// The default browser. Its closing page is in English, and calls the app "the app".
    pub fn new() -> Self {
        Self {
            opener: default_opener(),
            pages: Arc::new(Pages::default()),
        }
    }

    /// Starts a browser with other settings.
    pub fn builder() -> SystemBrowserBuilder {
        SystemBrowserBuilder {
            opener: default_opener(),
            closing: Settings::default(),
        }
    }

    /// One visit in the browser, from opening the port to closing it.
    async fn visit(self, url: Url, redirect: RedirectUri, completion: BrowserCompletion) {
        // The port is opened before the browser, which may come back before this task runs again.
        let listener = match Listener::bind(&redirect).await {
            Ok(listener) => listener,
            Err(error) => return completion.failed(error),
        };
        let mut connections = JoinSet::new();
        let serve = |stream, received| {
            serve(
                stream,
                received,
                Arc::clone(&self.pages),
                redirect.clone(),
                completion.clone(),
            )
        };
        tokio::select! {
            // First, so that no connection is accepted, and none is dropped for it, after the end.
            biased;
            () = completion.closed() => {}
            why = self.failure_to_show(url) => completion.failed(BrowserError::Unavailable(why)),
            never = accept_all(&listener, &mut connections, serve) => match never {},
        }
        drop(listener);
        // The connections end too. The one with the last redirect shows the closing page first.
        while connections.join_next().await.is_some() {}
    }

    /// Returns if the browser could not be opened.
    async fn failure_to_show(&self, url: Url) -> String {
        let (result, opened) = oneshot::channel();
        let opener = Arc::clone(&self.opener);
        // Not on Tokio's threads: a runtime waits for them at its end, and a browser in a terminal runs until the user closes
        // it. If no thread can be started, `result` is dropped.
        let _ = thread::Builder::new().name("browser".into()).spawn(move || {
            let _ = result.send(opener(&url));
        });
        match opened.await {
            Ok(Ok(())) => std::future::pending().await,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the opener panicked, or no thread could be started".into(),
        }
    }
}

impl SystemBrowserBuilder {
    /// Opens URLs in another way than with the system's default browser. `open` is called on its own thread, and may block.
    /// Its error becomes [`BrowserError::Unavailable`], with its text.
    ///
    /// ```
    /// use std::process::Command;
    /// use cognito_signout::SystemBrowser;
    ///
    /// let firefox = SystemBrowser::builder()
    ///     .opener(|url| Command::new("firefox").arg(url.as_str()).spawn().map(drop))
    ///     .build()?;
    /// # let _ = firefox;
    /// # Ok::<(), cognito_signout::ConfigError>(())
    /// ```
    pub fn opener(mut self, open: impl Fn(&Url) -> io::Result<()> + Send + Sync + 'static) -> Self {
        self.opener = Arc::new(open);
        self
    }

    /// The app's name, for the closing page: one line of plain text. Default: none. Then the page says "the app".
    pub fn app_name(mut self, name: impl Into<String>) -> Self {
        self.closing.app_name = Some(name.into());
        self
    }

    /// Adds the closing page's words in one language. The page is in the language that the browser asks for
    /// (`Accept-Language`), if the app has given words in that language. Otherwise it is in English. The app can replace the
    /// library's English words too. If a language is given twice, the last one counts.
    pub fn closing_texts(mut self, texts: ClosingTexts) -> Self {
        self.closing.texts.push(texts);
        self
    }

    /// The app's own closing page for a sign-out that succeeded: a whole HTML document in UTF-8. It replaces the library's page
    /// in all languages. Its style sheets must be inline, and its images `data:` URLs. Scripts and everything that would have to
    /// be loaded are blocked. The Content Security Policy also blocks forms (`form-action`) and a `<base>` element (`base-uri`).
    pub fn closing_page(mut self, html: impl Into<String>) -> Self {
        self.closing.signed_out = Some(html.into());
        self
    }

    /// The same for a sign-out that did not finish. The user may still be signed in to the app.
    pub fn failure_page(mut self, html: impl Into<String>) -> Self {
        self.closing.not_signed_out = Some(html.into());
        self
    }

    /// Checks the settings. Does not open the browser.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`], which names the setting: a name or a text is empty or has more than one line, a language is
    /// not a BCP 47 tag, or a closing page would have more than 2,048 bytes with its headers. The app's name (which occurs up to
    /// three times) and the words (the heading occurs twice) can take about 900 bytes of these.
    pub fn build(self) -> Result<SystemBrowser, ConfigError> {
        Ok(SystemBrowser {
            opener: self.opener,
            pages: Arc::new(Pages::new(&self.closing)?),
        })
    }
}

fn default_opener() -> Opener {
    Arc::new(|url| webbrowser::open(url.as_str()))
}

impl Browser for SystemBrowser {
    fn open(&self, url: Url, redirect: RedirectUri, completion: BrowserCompletion) {
        tokio::spawn(self.clone().visit(url, redirect, completion));
    }

    fn can_come_back_to(&self, redirect: &RedirectUri) -> bool {
        redirect.is_loopback()
    }
}

impl Default for SystemBrowser {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SystemBrowser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SystemBrowser").finish_non_exhaustive()
    }
}

impl fmt::Debug for SystemBrowserBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("SystemBrowserBuilder");
        shown.field("closing", &self.closing).finish_non_exhaustive()
    }
}

/// Reads a request at the port: where the browser was sent, or the response of a refusal. For the fuzz targets, in `fuzz/`.
#[cfg(any(feature = "test-util", fuzzing))]
pub async fn loopback_request(mut bytes: &[u8], redirect: &Url) -> io::Result<Result<Url, Vec<u8>>> {
    let request = request::read(&mut bytes, redirect).await?;
    Ok(request.map(|callback| callback.url).map_err(request::Refusal::response))
}
