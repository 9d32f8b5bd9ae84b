//! What is around the browser: the person in front of it, the app that is started with a callback, and an identity
//! provider.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cognito_signout::fake_cognito::FakeCognito;
use cognito_signout::transport::{HttpRequest, HttpTransport, RustlsTransport};
use cognito_signout::{ConfigError, SystemBrowser, Tokens};
use serde::Deserialize;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::headless::Headless;
use crate::loopback::{Loopback, not_found, says};
use crate::show::Show;
use crate::stage::Outcome;

/// Who is in front of the browser.
pub(crate) enum Person {
    /// The person who started the demo, with their own browser.
    Real,
    /// Nobody.
    Played(Headless),
}

impl Person {
    /// The browser for the library.
    pub(crate) fn browser(&self) -> Result<SystemBrowser, ConfigError> {
        let builder = SystemBrowser::builder().app_name("the demo");
        let builder = match self {
            Self::Real => builder,
            Self::Played(browser) => {
                let (browser, runtime) = (browser.clone(), Handle::current());
                // The library calls this on a thread that may block.
                let open = move |url: &Url| runtime.block_on(browser.open(url)).map(drop);
                builder.opener(open)
            }
        };
        builder.build()
    }

    pub(crate) fn sign_in(&self, show: &Show, page: &Url) -> io::Result<()> {
        match self {
            Self::Real => {
                show.tell("in your browser, sign in with any name and password:");
                self.open(show, page)
            }
            Self::Played(browser) => {
                show.tell("she signs in at the hosted pages");
                let (browser, page) = (browser.clone(), page.clone());
                tokio::spawn(async move { browser.sign_in(&page, "ana").await.map(drop) });
                Ok(())
            }
        }
    }

    /// Opens a page and does not wait for it.
    pub(crate) fn open(&self, show: &Show, page: &Url) -> io::Result<()> {
        match self {
            Self::Real => {
                show.tell(page.as_str());
                webbrowser::open(page.as_str()).map_err(|error| {
                    let instead = "`--browser=headless` plays the chapter without one";
                    io::Error::other(format!("no browser could be opened: {error}; {instead}"))
                })
            }
            Self::Played(browser) => {
                let (browser, page) = (browser.clone(), page.clone());
                tokio::spawn(async move { browser.open(&page).await.map(drop) });
                Ok(())
            }
        }
    }

    /// Claims that the window shows these words. A real person's window cannot be seen from here.
    pub(crate) async fn sees(&self, show: &mut Show, words: &str) {
        match self {
            Self::Real => show.tell(&format!("look at your browser: it should say \"{words}\"")),
            Self::Played(browser) => {
                let shown = until(|| browser.window().contains(words)).await;
                show.claim(&format!("her browser says: {words}"), shown);
            }
        }
    }

    fn patience(&self) -> Duration {
        match self {
            Self::Real => Duration::from_secs(5 * 60),
            Self::Played(_) => Duration::from_secs(10),
        }
    }
}

/// What the system does for an app with its own URLs: it gives the app each URL that a browser is sent to.
pub(crate) struct Inbox {
    server: Loopback,
    callbacks: mpsc::UnboundedReceiver<Url>,
}

impl Inbox {
    pub(crate) async fn open() -> io::Result<Self> {
        let (tell, callbacks) = mpsc::unbounded_channel();
        let server = Loopback::serve(move |request| {
            if !matches!(request.url.path(), "/signed-in" | "/signed-out") {
                return not_found();
            }
            // At the end of the demo nobody receives it.
            let _ = tell.send(request.url.clone());
            says("The app has the callback. You can close this window.")
        });
        let server = server.await?;
        Ok(Self { server, callbacks })
    }

    pub(crate) fn page(&self, path: &str) -> io::Result<Url> {
        self.server.page(path)
    }

    /// The next URL that the browser is sent to.
    pub(crate) async fn callback(&mut self, person: &Person) -> Outcome<Url> {
        let callback = tokio::time::timeout(person.patience(), self.callbacks.recv()).await;
        let callback = callback.map_err(|_| "the browser did not come back")?;
        Ok(callback.ok_or("nothing listens for the browser")?)
    }

    /// The tokens for the code in a callback.
    pub(crate) async fn redeem(&self, fake: &FakeCognito, callback: &Url) -> Outcome<Tokens> {
        let mut parameters = callback.query_pairs();
        let code = parameters.find(|(name, _)| name == "code");
        let (_, code) = code.ok_or("no code came back")?;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("client_id", &fake.client_id())
            .append_pair("redirect_uri", self.page("signed-in")?.as_str())
            .append_pair("code", &code)
            .finish();
        let request = HttpRequest {
            method: "POST".into(),
            url: fake.url().join("oauth2/token")?,
            headers: vec![("content-type".into(), "application/x-www-form-urlencoded".into())],
            body: Zeroizing::new(form.into_bytes()),
        };
        let answer = RustlsTransport::new().send(request).await?;
        #[derive(Deserialize)]
        struct Answer {
            access_token: String,
            id_token: String,
            refresh_token: String,
        }
        // The parser's message could quote a token.
        let answer: Answer = serde_json::from_slice(&answer.body).map_err(|_| "the code was refused")?;
        Ok(Tokens::new(answer.access_token, answer.id_token, answer.refresh_token))
    }
}

/// An identity provider with one user, who signs in without a form, and with OpenID Connect's logout.
pub(crate) struct Provider {
    server: Loopback,
    has_session: Arc<AtomicBool>,
}

const COOKIE: &str = "demo_id";

impl Provider {
    pub(crate) async fn open() -> io::Result<Self> {
        let has_session = Arc::new(AtomicBool::new(false));
        let session = Arc::clone(&has_session);
        let server = Loopback::serve(move |request| {
            let parameters: HashMap<_, _> = request.url.query_pairs().into_owned().collect();
            let parameter = |name: &str| parameters.get(name).cloned().unwrap_or_default();
            match request.url.path() {
                "/sign-in" => {
                    session.store(true, Ordering::SeqCst);
                    go_to(&parameter("then"), "Max-Age=3600")
                }
                "/end-session" => {
                    if request.cookies.contains(COOKIE) {
                        session.store(false, Ordering::SeqCst);
                    }
                    let (back, state) = (parameter("post_logout_redirect_uri"), parameter("state"));
                    go_to(&format!("{back}?state={state}"), "Max-Age=0")
                }
                "/.well-known/openid-configuration" => {
                    let page = |path: &str| request.url.join(path).map_or_else(|_| String::new(), String::from);
                    let metadata = serde_json::json!({
                        "issuer": page("/"),
                        "end_session_endpoint": page("/end-session"),
                    });
                    ("200 OK\r\ncontent-type: application/json".into(), metadata.to_string())
                }
                _ => not_found(),
            }
        });
        let server = server.await?;
        Ok(Self { server, has_session })
    }

    pub(crate) fn issuer(&self) -> &str {
        self.server.url.as_str()
    }

    /// The page that begins a session and sends the browser on to `then`.
    pub(crate) fn sign_in_page(&self, then: &Url) -> io::Result<Url> {
        let mut page = self.server.page("sign-in")?;
        page.query_pairs_mut().append_pair("then", then.as_str());
        Ok(page)
    }

    pub(crate) fn has_session(&self) -> bool {
        self.has_session.load(Ordering::SeqCst)
    }
}

fn go_to(location: &str, cookie: &str) -> (String, String) {
    let cookie = format!("set-cookie: {COOKIE}=1; Path=/; {cookie}; HttpOnly; SameSite=Lax");
    (format!("302 Found\r\nlocation: {location}\r\n{cookie}"), String::new())
}

/// Waits until it is so, for at most ten seconds. False if it was never so.
pub(crate) async fn until(is_so: impl Fn() -> bool) -> bool {
    let come_true = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), come_true).await.is_ok()
}
