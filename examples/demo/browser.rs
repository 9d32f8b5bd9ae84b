//! The browser's chapter: signing in at the hosted pages leaves a session in the browser, and a sign-out ends that session
//! first. `--browser` plays it in the user's own browser, `--browser=headless` without a person.

use std::net::TcpListener;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use cognito_signout::fake_cognito::FakeCognito;
use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::{Vault, VaultKey};
use cognito_signout::{
    Auth, AuthConfig, BrowserError, HostedUi, ProviderLogout, Report, SessionHolder, SessionState, SignOutOptions,
    SignOutProgress, SignOutResult, SignedInWith, SystemBrowser, Tokens,
};
use tempfile::TempDir;
use url::Url;

use crate::at_the_browser::{Inbox, Person, Provider, until};
use crate::file_vault::FileVault;
use crate::killed::{first_line, start, was_killed};
use crate::show::Show;
use crate::stage::{Outcome, name_of, requests, steps};

/// The first argument of the process that will be killed while the browser is in front.
pub(crate) const VICTIM: &str = "begin-sign-out-until-killed";

const PROVIDER: &str = "DemoId";

/// The user pool, the app with its sign-out URIs, the user's browser, and the identity provider.
struct Chapter {
    show: Show,
    fake: FakeCognito,
    person: Person,
    inbox: Inbox,
    provider: Provider,
    app: App,
    auth: Auth,
}

/// What every process of the app knows.
struct App {
    endpoint: String,
    key: VaultKey,
    folder: TempDir,
    /// The library listens at this URI.
    sign_out_uri: String,
    /// Not on the app client's list: it has one slash too many.
    unlisted_uri: String,
    /// The system starts the app with this URI, as it does for an app's custom URL scheme.
    own_uri: String,
}

pub(crate) async fn play(person: Person) -> Outcome<ExitCode> {
    let started = Instant::now();
    let mut chapter = Chapter::set_up(person).await?;
    chapter.completes().await?;
    chapter.cancelled().await?;
    chapter.killed().await?;
    chapter.two_hops().await?;
    let all_true = chapter.show.end(started.elapsed());
    Ok(if all_true { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Chapter {
    async fn set_up(person: Person) -> Outcome<Self> {
        let (inbox, provider) = (Inbox::open().await?, Provider::open().await?);
        // A real app has one fixed port. This one is below the ports that the system gives to outgoing connections.
        let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
        let port = (28_765..30_000).find(is_free).ok_or("no port is free")?;
        let sign_out_uri = format!("http://127.0.0.1:{port}/signed-out");
        let own_uri = inbox.page("signed-out")?.to_string();
        let fake = FakeCognito::builder()
            .callback_uris([inbox.page("signed-in")?])
            .sign_out_uris([&sign_out_uri, &own_uri])
            .start()
            .await?;
        let app = App {
            endpoint: fake.url().to_string(),
            key: VaultKey {
                user_pool_id: fake.user_pool_id(),
                client_id: fake.client_id(),
            },
            folder: tempfile::tempdir()?,
            unlisted_uri: format!("{sign_out_uri}/"),
            sign_out_uri,
            own_uri,
        };
        let auth = app.open(&provider, person.browser()?)?;
        let show = Show::default();
        show.scene("A user pool with hosted pages, and an app on a desktop");
        show.tell(fake.url().as_str());
        Ok(Self {
            show,
            fake,
            person,
            inbox,
            provider,
            app,
            auth,
        })
    }

    /// Signs in with the browser, from `page` on. Returns the user's name.
    async fn sign_in(&mut self, page: &Url) -> Outcome<String> {
        self.person.sign_in(&self.show, page)?;
        let callback = self.inbox.callback(&self.person).await?;
        let tokens = self.inbox.redeem(&self.fake, &callback).await?;
        self.auth.store_session(tokens, SignedInWith::HostedUi).await?;
        let SessionState::SignedIn(session) = self.auth.session().await else {
            return Err("nobody is signed in".into());
        };
        let user = session.username.unwrap_or_default();
        let in_browser = self.fake.has_browser_session(&user);
        self.show
            .claim("she is signed in: in the app and in the browser", in_browser);
        self.fake.forget_requests();
        Ok(user)
    }

    fn login_page(&self) -> Outcome<Url> {
        let mut page = self.fake.url().join("oauth2/authorize")?;
        page.query_pairs_mut()
            .append_pair("client_id", &self.fake.client_id())
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", self.inbox.page("signed-in")?.as_str());
        Ok(page)
    }

    /// What is the same in each sign-out that succeeds.
    fn review_complete(&mut self, result: &SignOutResult, user: &str, sessions: &str) -> Outcome<()> {
        self.show.find("result", name_of(result), "Complete");
        let expected = "web done, commit done, revoke_token done, settle done";
        self.show.find("steps", &steps(result), expected);
        self.show
            .find("requests", &requests(&self.fake), "HostedLogout 302, RevokeToken 200");
        self.show.find("browser", &sessions_of(result.report()), sessions);
        let ended = !self.fake.has_browser_session(user);
        self.show.claim("the browser's cookie no longer signs anyone in", ended);
        self.show.find("vault", &self.app.vault_content()?, "nothing");
        Ok(())
    }

    async fn completes(&mut self) -> Outcome<()> {
        self.show
            .scene("1  Ana signs out: first in the browser, then in the app");
        let user = self.sign_in(&self.login_page()?).await?;
        let options = SignOutOptions::local().sign_out_uri(&self.app.sign_out_uri);
        let result = self.auth.sign_out(options).await;
        self.review_complete(&result, &user, "hosted pages ended")?;
        let words = "You can close this window and return to the demo.";
        self.person.sees(&mut self.show, words).await;
        Ok(())
    }

    async fn cancelled(&mut self) -> Outcome<()> {
        self.show
            .scene("2  The sign-out URI has one slash too many, and Ana presses the app's Cancel button");
        let user = self.sign_in(&self.login_page()?).await?;
        let before = self.app.record()?;
        let options = SignOutOptions::local().sign_out_uri(&self.app.unlisted_uri);
        let auth = &self.auth;
        let error_page = until(|| requests(&self.fake) == "HostedLogout 400");
        let (result, cancelled) = tokio::join!(auth.sign_out(options), async {
            let met = error_page.await;
            let _same_result = auth.finish_sign_out(Err(BrowserError::Cancelled)).await;
            met
        });
        self.show.claim(
            "the hosted pages showed an error and did not send the browser back",
            cancelled,
        );
        self.show.find("result", name_of(&result), "Failed");
        self.show
            .find("steps", &steps(&result), "web failed:hosted_ui_cancelled");
        self.show.find("requests", &requests(&self.fake), "HostedLogout 400");
        let report = result.report();
        self.show
            .find("browser", &sessions_of(report), "hosted pages may persist");
        let same = self.app.record()? == before;
        self.show
            .claim("the record is unchanged, byte for byte: she is still signed in", same);
        let url = report.logout_url.is_some();
        self.show.claim("the result carries the URL to try again with", url);
        let prompt = report.next_sign_in().map_or("nothing", |prompt| prompt.as_str());
        self.show.find("next prompt", prompt, "login");
        let kept = self.fake.has_browser_session(&user);
        self.show.claim("the browser's session is still there too", kept);
        Ok(())
    }

    /// Ana is signed in: the scene before changed nothing.
    async fn killed(&mut self) -> Outcome<()> {
        self.show
            .scene("3  Ana tries again; her app is killed while the browser is in front");
        let SessionState::SignedIn(session) = self.auth.session().await else {
            return Err("nobody is signed in".into());
        };
        let user = session.username.unwrap_or_default();
        self.fake.forget_requests();
        let App {
            endpoint, key, own_uri, ..
        } = &self.app;
        let arguments = [VICTIM, endpoint, &key.user_pool_id, &key.client_id, own_uri];
        let mut child = start(&arguments, self.app.folder.path())?;
        let page: Url = first_line(&mut child).await?.parse()?;
        child.kill().await?;
        let status = child.wait().await?;
        self.show.claim(
            &format!("it printed the page to open; then it was killed ({status})"),
            was_killed(status),
        );
        self.show
            .find("vault", &self.app.vault_content()?, "a session, 0 debts");

        self.person.open(&self.show, &page)?;
        let callback = self.inbox.callback(&self.person).await?;
        self.show
            .tell("the browser comes back, and the system starts the app again: resume()");
        self.auth = self.app.open(&self.provider, self.person.browser()?)?;
        let resumed = self.auth.resume().await?;
        let waits = resumed.web_step.is_some_and(|step| step.url == page);
        self.show
            .claim("resume says that a sign-out waits for the browser", waits);
        self.show.tell("finish_sign_out() with the callback URL");
        let SignOutProgress::Finished(result) = self.auth.finish_sign_out(Ok(callback.clone())).await else {
            return Err("the callback does not belong to the sign-out".into());
        };
        self.review_complete(&result, &user, "hosted pages ended")?;
        let twice = self.auth.finish_sign_out(Ok(callback)).await;
        let ignored = matches!(twice, SignOutProgress::Ignored);
        self.show.claim("the same callback, a second time, is ignored", ignored);
        Ok(())
    }

    async fn two_hops(&mut self) -> Outcome<()> {
        self.show
            .scene("4  Ana signed in through an identity provider, which has its own session");
        let begin = self.provider.sign_in_page(&self.login_page()?)?;
        let user = self.sign_in(&begin).await?;
        let there = self.provider.has_session();
        self.show.claim("the provider holds a session in her browser", there);
        // FakeCognito has no page for this: it issues such a user's tokens directly.
        let issued = self.fake.sign_in_through(PROVIDER, &user);
        let tokens = Tokens::new(issued.access, issued.id, issued.refresh);
        self.auth.store_session(tokens, SignedInWith::HostedUi).await?;
        self.auth.settle_pending().await?;
        self.fake.forget_requests();
        let options = SignOutOptions::local().sign_out_uri(&self.app.sign_out_uri);
        let result = self.auth.sign_out(options).await;
        // The library cannot see whether the provider's session has ended. This demo can.
        self.review_complete(&result, &user, "hosted pages ended, DemoId may persist")?;
        let ended = !self.provider.has_session();
        self.show.claim("the provider's session has ended too", ended);
        Ok(())
    }
}

impl App {
    fn open(&self, provider: &Provider, browser: SystemBrowser) -> Outcome<Auth> {
        let pages = HostedUi::builder(&self.endpoint)
            .sign_out_uri(&self.sign_out_uri)
            .sign_out_uri(&self.unlisted_uri)
            .sign_out_uri(&self.own_uri)
            .provider(PROVIDER, ProviderLogout::oidc(provider.issuer(), "demo"));
        let config = AuthConfig::builder(&self.key.user_pool_id, &self.key.client_id)
            .endpoint(&self.endpoint)
            .hosted_ui(pages.build()?)
            .build()?;
        let auth = Auth::builder(config, self.vault(), RustlsTransport::new()).browser(browser);
        Ok(auth.build())
    }

    fn vault(&self) -> FileVault {
        FileVault::new(self.folder.path())
    }

    fn vault_content(&self) -> Outcome<String> {
        Ok(self.vault().content(&self.key)?)
    }

    fn record(&self) -> Outcome<Option<Vec<u8>>> {
        Ok(self.vault().read(&self.key)?.map(|record| record.to_vec()))
    }
}

/// As `hosted pages ended, DemoId may persist`.
fn sessions_of(report: &Report) -> String {
    let sessions = report.browser_sessions.iter().map(|session| {
        let holder = match &session.holder {
            SessionHolder::HostedUi => "hosted pages",
            SessionHolder::IdentityProvider(name) => name,
            _ => "someone else",
        };
        format!("{holder} {}", session.state.as_str().replace('_', " "))
    });
    sessions.collect::<Vec<_>>().join(", ")
}

/// The child: begins a sign-out, prints the page to open, and waits for a browser that never comes back to it.
pub(crate) async fn be_killed(arguments: &[String]) -> Outcome<ExitCode> {
    let [endpoint, pool, client, own_uri, folder] = arguments else {
        return Err("the demo starts this itself".into());
    };
    let pages = HostedUi::builder(endpoint).sign_out_uri(own_uri);
    let config = AuthConfig::builder(pool, client)
        .endpoint(endpoint)
        .hosted_ui(pages.build()?)
        .build()?;
    let auth = Auth::builder(config, FileVault::new(folder), RustlsTransport::new()).build();
    if let SignOutProgress::Open(visit) = auth.begin_sign_out(SignOutOptions::local()).await {
        anstream::println!("{}", visit.url);
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    Err("nobody killed this process".into())
}
