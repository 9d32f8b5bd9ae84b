//! The calls of an app, each by a user of its own, and what must be true after each result.

use std::time::{Duration, Instant};

use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::MemoryVault;
use cognito_signout::{
    Auth, AuthConfig, HostedUi, SessionState, SignOutOptions, SignOutResult, SignedInWith, Tokens, Verification,
};

use crate::browser::TestBrowser;
use crate::services::{HOST, IN_THE_BROWSER, SIGNED_OUT, Services};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Local,
    Global,
    InTheBrowser,
    Refresh,
    Verify,
    Session,
    Store,
}

/// The default of a sign-out, and what the other calls have.
const DEADLINE: Duration = Duration::from_secs(10);
/// The user's time in the browser.
const BROWSER_DEADLINE: Duration = Duration::from_secs(5);
/// For this machine, which may be busy.
const SLACK: Duration = Duration::from_millis(1500);

impl Call {
    /// In the order of the table's columns.
    pub(crate) const ALL: [Self; 7] = [
        Self::Local,
        Self::Global,
        Self::InTheBrowser,
        Self::Refresh,
        Self::Verify,
        Self::Session,
        Self::Store,
    ];

    fn user(self) -> &'static str {
        match self {
            Self::Local => "lea",
            Self::Global => "gil",
            Self::InTheBrowser => IN_THE_BROWSER,
            Self::Refresh => "rob",
            Self::Verify => "vic",
            Self::Session => "sam",
            Self::Store => "sue",
        }
    }

    /// The longest time that it may take.
    pub(crate) fn limit(self) -> Duration {
        match self {
            Self::InTheBrowser => BROWSER_DEADLINE + DEADLINE + SLACK,
            // The network is not asked.
            Self::Session | Self::Store => SLACK,
            _ => DEADLINE + SLACK,
        }
    }
}

/// An app in which the call's user is signed in. The users are also signed in on another device.
pub(crate) struct App<'a> {
    call: Call,
    auth: Auth,
    services: &'a Services,
}

/// What a call returned, and when.
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) took: Duration,
}

fn signed_in(user: &str) -> String {
    format!("signed in as {user}")
}

impl<'a> App<'a> {
    pub(crate) async fn signed_in(call: Call, services: &'a Services) -> Self {
        let pages = HostedUi::builder(HOST).sign_out_uri(SIGNED_OUT).build().unwrap();
        let config = AuthConfig::builder(services.fake.user_pool_id(), services.fake.client_id());
        let config = config.endpoint(format!("https://{HOST}/")).hosted_ui(pages);
        let network = || {
            RustlsTransport::builder()
                .add_root_certificate(services.root.clone())
                .build()
        };
        let browser = TestBrowser {
            network: network(),
            cookie: services.cookie.clone(),
        };
        let auth = Auth::builder(config.build().unwrap(), MemoryVault::default(), network());
        let auth = auth.browser(browser).build();
        let with = match call {
            Call::InTheBrowser => SignedInWith::HostedUi,
            _ => SignedInWith::Api,
        };
        let app = Self { call, auth, services };
        services.fake.sign_in(call.user());
        app.auth.store_session(app.tokens(call.user()), with).await.unwrap();
        app
    }

    fn tokens(&self, user: &str) -> Tokens {
        let issued = self.services.fake.sign_in(user);
        Tokens::new(issued.access, issued.id, issued.refresh)
    }

    pub(crate) async fn call(&self) -> Answer {
        let started = Instant::now();
        let text = match self.call {
            Call::Local => self.sign_out(SignOutOptions::local()).await,
            Call::Global => self.sign_out(SignOutOptions::global()).await,
            Call::InTheBrowser => {
                self.sign_out(SignOutOptions::local().browser_deadline(BROWSER_DEADLINE))
                    .await
            }
            Call::Refresh => match self.auth.refresh().await {
                Ok(_) => "new tokens".into(),
                Err(error) => error.code().to_string(),
            },
            Call::Verify => match self.auth.verify().await {
                Verification::Unknown(error) => format!("Unknown, {}", error.code()),
                other => format!("{other:?}"),
            },
            Call::Session => match self.session().await {
                here if here == signed_in(self.call.user()) => "signed in".into(),
                other => other,
            },
            Call::Store => match self.auth.store_session(self.tokens("tom"), SignedInWith::Api).await {
                Ok(()) => "stored".into(),
                Err(error) => error.code().to_string(),
            },
        };
        let took = started.elapsed();
        Answer { text, took }
    }

    async fn sign_out(&self, options: SignOutOptions) -> String {
        match self.auth.sign_out(options.deadline(DEADLINE)).await {
            SignOutResult::Complete(_) => "Complete".into(),
            SignOutResult::Partial(partial) => {
                // What nobody tries again is a global sign-out whose token has been revoked since.
                assert!(partial.kept || partial.revoke_token_error.is_none(), "{partial}");
                let mut codes: Vec<_> = partial.errors().map(|(_, error)| error.code().to_string()).collect();
                codes.dedup();
                format!("Partial, {}", codes.join(", "))
            }
            SignOutResult::Failed(failed) => format!("Failed, {}", failed.error.code()),
        }
    }

    async fn session(&self) -> String {
        match self.auth.session().await {
            SessionState::SignedIn(session) if session.expired => "expired".into(),
            SessionState::SignedIn(session) => signed_in(&session.username.unwrap()),
            other => format!("{other:?}"),
        }
    }

    fn live(&self) -> usize {
        self.services.fake.live_sessions(self.call.user())
    }

    /// What must be true as soon as the call has returned, while there is still the fault.
    pub(crate) async fn was_true(&self, answer: &Answer) {
        let user = self.call.user();
        let here = self.session().await;
        let (live, text) = (self.live(), answer.text.as_str());
        let kind = text.split(',').next().unwrap();
        match (self.call, kind) {
            (Call::Global, "Complete") => assert_eq!((&*here, live), ("SignedOut", 0)),
            (Call::Local, "Complete") => assert_eq!((&*here, live), ("SignedOut", 1)),
            (Call::InTheBrowser, "Complete") => {
                assert_eq!((&*here, live), ("SignedOut", 1));
                assert!(!self.services.fake.has_browser_session(user));
            }
            // The revocation may have arrived: the result says less than it has achieved, never more.
            (Call::Local | Call::Global | Call::InTheBrowser, "Partial") => assert_eq!(here, "SignedOut"),
            (Call::Local | Call::Global | Call::InTheBrowser, "Failed") => {
                assert_eq!((here, live), (signed_in(user), 2))
            }
            (Call::Store, _) => assert_eq!((text, here), ("stored", signed_in("tom"))),
            _ => assert_eq!((here, live), (signed_in(user), 2), "{text}"),
        }
    }

    /// Without the fault: what is owed is paid, and who is signed in can work.
    pub(crate) async fn goes_on(&self, answer: &Answer) {
        let is_signed_out = self.session().await == "SignedOut";
        // The other device's session, and this one's.
        let left = match self.call {
            Call::Global if is_signed_out => 0,
            _ if is_signed_out || self.call == Call::Store => 1,
            _ => 2,
        };
        let started = Instant::now();
        // `resume` leaves out what the background is paying at this moment.
        while !self.auth.resume().await.unwrap().settled.is_empty() || self.live() != left {
            let (call, live) = (self.call, self.live());
            assert!(
                started.elapsed() < 2 * DEADLINE,
                "{call:?}, {}: {live} live, not {left}",
                answer.text
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        if !is_signed_out {
            self.auth.refresh().await.unwrap();
        }
    }

    /// Makes a connection, which stays open for a while.
    pub(crate) async fn connect(&self) {
        assert_eq!(self.auth.verify().await, Verification::Alive);
    }
}
