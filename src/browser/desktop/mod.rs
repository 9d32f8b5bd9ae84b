//! The browser of a desktop: the system's own, and a listener on a loopback port for what it comes back with.

mod answer;
mod closing_page;
mod listener;
mod peer;
mod request;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{fmt, io, thread};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;
use url::Url;

use self::closing_page::{Pages, Settings};
use self::listener::Listener;
use super::{Browser, BrowserCompletion, BrowserError, ClosingTexts, NextPage};
use crate::config::{ConfigError, RedirectUri};

/// Browsers open a few in advance, and send nothing on them.
const MOST_CONNECTIONS: usize = 16;
/// What a connection has sent is read within it. No younger one gives way to another.
const TIME_TO_SPEAK: Duration = Duration::from_millis(50);
const TIME_FOR_A_REQUEST: Duration = Duration::from_secs(5);
/// Less than the sign-out waits for the port to be given back.
const TIME_TO_ANSWER: Duration = Duration::from_millis(300);
/// Out of file descriptors, most likely: some may come free.
const PAUSE_AFTER_A_FAILED_ACCEPT: Duration = Duration::from_millis(10);

type Opener = dyn Fn(&Url) -> io::Result<()> + Send + Sync;

/// The system's default browser, with a listener on the sign-out URI for what it comes back with: on desktops.
///
/// The sign-out URI has to be `http` on a loopback host with a port that is free, as `http://localhost:8765/signed-out`.
/// The port is listened on, on loopback addresses alone, while the browser is in front, and free again as soon as nothing
/// more is waited for.
///
/// What counts is a page load, in a window of its own, of exactly that URI: whatever else is asked for is refused.
///
/// The last page is a closing page. It says whether the user is signed out and what to do next, in light or dark, as the
/// browser prefers. With its headers it has at most 2,048 bytes, and it loads nothing else. Name the app in it by
/// [`app_name`](SystemBrowserBuilder::app_name), and give its words in other languages than English by
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
/// // The sign-out URI is one like http://localhost:8765/signed-out.
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
/// // Opens the browser at the hosted pages, and is back when they have sent it to the sign-out URI.
/// let result = auth.sign_out(SignOutOptions::local()).await;
/// assert!(matches!(result, SignOutResult::Complete(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SystemBrowser {
    opener: Arc<Opener>,
    pages: Arc<Pages>,
}

/// Collects settings for a [`SystemBrowser`].
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct SystemBrowserBuilder {
    browser: SystemBrowser,
    closing: Settings,
}

impl SystemBrowser {
    /// The default browser. Its closing page is in English, and calls the app "the app".
    pub fn new() -> Self {
        Self {
            opener: Arc::new(|url| webbrowser::open(url.as_str())),
            pages: Arc::new(Pages::default()),
        }
    }

    /// Starts a browser with other settings.
    pub fn builder() -> SystemBrowserBuilder {
        SystemBrowserBuilder {
            browser: Self::new(),
            closing: Settings::default(),
        }
    }

    /// One way through the browser, from taking the port to giving it back.
    async fn visit(self, url: Url, redirect: RedirectUri, completion: BrowserCompletion) {
        // Before the browser is opened: it may be back before this task runs again.
        let listener = match Listener::bind(&redirect).await {
            Ok(listener) => listener,
            Err(error) => return completion.failed(error),
        };
        let mut connections = JoinSet::new();
        let serve = |stream, said| {
            serve(
                stream,
                said,
                Arc::clone(&self.pages),
                redirect.clone(),
                completion.clone(),
            )
        };
        tokio::select! {
            // First, so that no connection is taken, and none given up for it, when all is over.
            biased;
            () = completion.closed() => {}
            why = self.failure_to_show(url) => completion.failed(BrowserError::Unavailable(why)),
            never = accept_all(&listener, &mut connections, serve) => match never {},
        }
        drop(listener);
        // Each sees that nothing more is waited for; the one with the last redirect has its page to show.
        while connections.join_next().await.is_some() {}
    }

    /// Returns if the browser could not be opened.
    async fn failure_to_show(&self, url: Url) -> String {
        let (tell, told) = oneshot::channel();
        let opener = Arc::clone(&self.opener);
        // None of Tokio's threads: those hold up the end of their runtime, and a browser in a terminal runs until the
        // user leaves it. If there is no thread to be had, `tell` is dropped with the rest.
        let _ = thread::Builder::new().name("browser".into()).spawn(move || {
            let _ = tell.send(opener(&url));
        });
        match told.await {
            Ok(Ok(())) => std::future::pending().await,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "what should open it has crashed".into(),
        }
    }
}

impl SystemBrowserBuilder {
    /// Opens URLs by other means than the system's default browser. It is called on a thread of its own, and may take its
    /// time. An error counts as [`BrowserError::Unavailable`], with its text.
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
        self.browser.opener = Arc::new(open);
        self
    }

    /// The app's name, for the closing page. One line of plain text. Default: none, and the page speaks of "the app".
    pub fn app_name(mut self, name: impl Into<String>) -> Self {
        self.closing.app_name = Some(name.into());
        self
    }

    /// The closing page's words in one more language. The page is in the language that the browser asks for
    /// (`Accept-Language`), if the app has given its words. Otherwise it is in English, for which the library has words; the
    /// app can replace them. If a language is given twice, the last one counts.
    pub fn closing_texts(mut self, texts: ClosingTexts) -> Self {
        self.closing.texts.push(texts);
        self
    }

    /// A closing page of the app's own, for a sign-out that succeeded: a whole HTML document in UTF-8. It takes the place of
    /// the library's in all languages. Its style sheet and images must be inline and `data:` URLs; scripts and everything
    /// that would have to be fetched are blocked.
    pub fn closing_page(mut self, html: impl Into<String>) -> Self {
        self.closing.signed_out = Some(html.into());
        self
    }

    /// The same for a sign-out that did not finish. The user may still be signed in to the app.
    pub fn failure_page(mut self, html: impl Into<String>) -> Self {
        self.closing.not_signed_out = Some(html.into());
        self
    }

    /// Checks the settings. Only a sign-out opens the browser.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`], which names the setting: a name or a text is empty or has more than one line, a language is
    /// not a BCP 47 tag, or a closing page would have more than 2,048 bytes. About 900 bytes of these are for the app's name,
    /// which stands there three times, and for the words.
    pub fn build(mut self) -> Result<SystemBrowser, ConfigError> {
        self.browser.pages = Arc::new(Pages::new(&self.closing)?);
        Ok(self.browser)
    }
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

/// How much a connection has said of its request.
#[derive(Debug, Default)]
struct Said {
    something: AtomicBool,
    everything: AtomicBool,
}

/// A connection that is served.
struct Connection {
    task: AbortHandle,
    since: Instant,
    said: Arc<Said>,
}

/// Serves each connection in a task of its own, another's place being taken when there are too many.
async fn accept_all<F>(
    listener: &Listener,
    connections: &mut JoinSet<()>,
    serve: impl Fn(TcpStream, Arc<Said>) -> F,
) -> Infallible
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut oldest_first = VecDeque::new();
    loop {
        let Ok(stream) = listener.accept().await else {
            tokio::time::sleep(PAUSE_AFTER_A_FAILED_ACCEPT).await;
            continue;
        };
        make_room(&mut oldest_first, connections).await;
        let said = Arc::<Said>::default();
        oldest_first.push_back(Connection {
            task: connections.spawn(serve(stream, Arc::clone(&said))),
            since: Instant::now(),
            said,
        });
    }
}

/// Gives up a connection if there is no room for another: one that has said nothing, or else one whose request is not
/// whole, the oldest first. One whose request is whole may be the browser's, and is answered in a moment: that is waited for.
async fn make_room(oldest_first: &mut VecDeque<Connection>, connections: &mut JoinSet<()>) {
    loop {
        while connections.try_join_next().is_some() {}
        oldest_first.retain(|connection| !connection.task.is_finished());
        if oldest_first.len() < MOST_CONNECTIONS {
            return;
        }
        let incomplete = oldest_first.iter().enumerate();
        let incomplete = incomplete.filter(|(_, connection)| !connection.said.everything.load(Ordering::Relaxed));
        let least =
            incomplete.min_by_key(|(place, connection)| (connection.said.something.load(Ordering::Relaxed), *place));
        let Some((place, connection)) = least else {
            connections.join_next().await;
            continue;
        };
        let may_speak_until = connection.since + TIME_TO_SPEAK;
        if Instant::now() >= may_speak_until {
            connection.task.abort();
            oldest_first.remove(place);
            return;
        }
        tokio::select! {
            _ = connections.join_next() => {}
            () = tokio::time::sleep_until(may_speak_until) => {}
        }
    }
}

/// Hears one request and answers it.
async fn serve(
    mut stream: TcpStream,
    said: Arc<Said>,
    pages: Arc<Pages>,
    redirect: RedirectUri,
    completion: BrowserCompletion,
) {
    let hear = async {
        let something = stream.peek(&mut [0]).await? > 0;
        said.something.store(something, Ordering::Relaxed);
        request::read(&mut stream, redirect.url()).await
    };
    let heard = tokio::select! {
        () = completion.closed() => return,
        heard = tokio::time::timeout(TIME_FOR_A_REQUEST, hear) => heard,
    };
    said.everything.store(true, Ordering::Relaxed);
    // Silence, as on the connections that browsers open in advance, or a hang-up, deserves no answer.
    let Ok(Ok(asked)) = heard else { return };
    let answer = match asked {
        Err(refusal) => refusal.answer(),
        Ok(_) if !peer::is_ours(&stream).await => request::Refusal::OtherUser.answer(),
        Ok(callback) => match completion.redirected(&callback.url) {
            NextPage::Ignored => request::Refusal::NotFound.answer(),
            NextPage::Open(next) => answer::go_to(&next),
            NextPage::End { leave_at: Some(last) } => answer::go_to(&last),
            NextPage::End { leave_at: None } => pages.closing(completion.signed_out().await, &callback.accept_language),
        },
    };
    // A browser that does not take its answer has only itself to blame.
    let _ = tokio::time::timeout(TIME_TO_ANSWER, send(stream, &answer)).await;
}

async fn send(mut stream: TcpStream, answer: &[u8]) -> io::Result<()> {
    stream.write_all(answer).await?;
    stream.shutdown().await?;
    // If something were left unread, closing would be a reset, and the answer could be lost on the way.
    let mut rest = [0; 4096];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}
