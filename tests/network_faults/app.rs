//! An app that makes one call, and what must be true after each result.

use std::time::{Duration, Instant};

use cognito_signout::fake_cognito::IssuedTokens;
use cognito_signout::transport::{Exchange, HttpRequest, HttpTransport, RustlsTransport, TransportError};
use cognito_signout::vault::MemoryVault;
use cognito_signout::{
    Auth, AuthConfig, HostedUi, SessionState, SignOutOptions, SignOutOthersResult, SignOutResult, SignedInWith, Tokens,
    Verification,
};

use crate::browser::TestBrowser;
use crate::calls::{BROWSER_DEADLINE, Call, DEADLINE};
use crate::services::{HOST, SIGNED_OUT, Services};

/// An app in which the call's user is signed in. The user is also signed in on another device.
pub(crate) struct App<'a> {
    call: Call,
    auth: Auth,
    config: AuthConfig,
    /// What the app's processes share.
    vault: MemoryVault,
    /// The other device's tokens.
    elsewhere: IssuedTokens,
    services: &'a Services,
}

/// What a call returned, and when.
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) took: Duration,
}

/// Makes no connection.
#[derive(Debug)]
struct NoNetwork;

impl HttpTransport for NoNetwork {
    fn send(&self, _: HttpRequest) -> Exchange {
        // Not retried.
        Box::pin(async { Err(TransportError::Other("there is no network".into())) })
    }
}

fn signed_in(user: &str) -> String {
    format!("signed in as {user}")
}

fn words(result: &SignOutResult) -> String {
    match result {
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

/// Of the one debt on record.
fn of_the_debt(settled: &[SignOutResult]) -> String {
    assert_eq!(settled.len(), 1, "{settled:?}");
    words(&settled[0])
}

impl<'a> App<'a> {
    pub(crate) async fn signed_in(call: Call, services: &'a Services) -> Self {
        let pages = HostedUi::builder(HOST).sign_out_uri(SIGNED_OUT).build().unwrap();
        let config = AuthConfig::builder(services.fake.user_pool_id(), services.fake.client_id());
        let config = config.endpoint(format!("https://{HOST}/")).hosted_ui(pages);
        let config = config.build().unwrap();
        let network = || {
            RustlsTransport::builder()
                .add_root_certificate(services.root.clone())
                .build()
        };
        let vault = MemoryVault::default();
        let mut auth = Auth::builder(config.clone(), vault.clone(), network());
        let mut with = SignedInWith::Api;
        if call == Call::InTheBrowser {
            with = SignedInWith::HostedUi;
            auth = auth.browser(TestBrowser {
                network: network(),
                cookie: services.cookie.clone(),
            });
        }
        let app = Self {
            call,
            auth: auth.build(),
            config,
            vault,
            elsewhere: services.fake.sign_in(call.user()),
            services,
        };
        app.auth.store_session(app.tokens(call.user()), with).await.unwrap();
        app
    }

    fn tokens(&self, user: &str) -> Tokens {
        let issued = self.services.fake.sign_in(user);
        Tokens::new(issued.access, issued.id, issued.refresh)
    }

    /// Makes a connection, which stays open for a while.
    pub(crate) async fn connect(&self) {
        assert_eq!(self.auth.verify().await, Verification::Alive);
    }

    /// If the call pays a debt: another process of the app has signed out without a network.
    pub(crate) async fn prepare(&self) {
        if self.call.has_a_debt() {
            let offline = Auth::builder(self.config.clone(), self.vault.clone(), NoNetwork).build();
            let result = offline.sign_out(SignOutOptions::local()).await;
            assert_eq!(words(&result), "Partial, transport_failed");
        }
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
            Call::Sessions => match self.auth.sessions().await {
                Ok(sessions) => format!("{} sessions", sessions.len()),
                Err(error) => error.code().to_string(),
            },
            Call::EndSession => {
                let id = self.services.fake.session_id_of(&self.elsewhere.refresh).unwrap();
                match self.auth.end_session(&id, false).await {
                    Ok(()) => "ended".into(),
                    Err(error) => error.code().to_string(),
                }
            }
            Call::SignOutOthers => match self.auth.sign_out_others().await {
                SignOutOthersResult::Complete(_) => "Complete".into(),
                SignOutOthersResult::Partial(partial) => {
                    let codes: Vec<_> = partial.errors().map(|(_, error)| error.code().to_string()).collect();
                    format!("Partial, {}", codes.join(", "))
                }
                SignOutOthersResult::Failed(failed) => format!("Failed, {}", failed.error.code()),
            },
            Call::Resume => of_the_debt(&self.auth.resume().await.unwrap().settled),
            Call::SettlePending => of_the_debt(&self.auth.settle_pending().await.unwrap()),
        };
        let took = started.elapsed();
        Answer { text, took }
    }

    async fn sign_out(&self, options: SignOutOptions) -> String {
        words(&self.auth.sign_out(options.deadline(DEADLINE)).await)
    }

    async fn session(&self) -> String {
        match self.auth.session().await {
            SessionState::SignedIn(session) if session.expired => "expired".into(),
            SessionState::SignedIn(session) => signed_in(&session.username.unwrap()),
            other => format!("{other:?}"),
        }
    }

    /// How many of the user's sessions are alive.
    fn live(&self) -> usize {
        self.services.fake.live_sessions(self.call.user())
    }

    fn is_alive_elsewhere(&self) -> bool {
        self.services.fake.is_refresh_token_live(&self.elsewhere.refresh)
    }

    /// What must be true as soon as the call has returned, while there is still the fault.
    pub(crate) async fn was_true(&self, answer: &Answer) {
        let user = self.call.user();
        let here = self.session().await;
        let (live, text) = (self.live(), answer.text.as_str());
        let kind = text.split(',').next().unwrap();
        match (self.call, kind) {
            (Call::Global, "Complete") => assert_eq!((&*here, live), ("SignedOut", 0)),
            (Call::Local | Call::Resume | Call::SettlePending, "Complete") => {
                assert_eq!((&*here, live), ("SignedOut", 1));
                assert!(self.is_alive_elsewhere());
            }
            (Call::InTheBrowser, "Complete") => {
                assert_eq!((&*here, live), ("SignedOut", 1));
                assert!(!self.services.fake.has_browser_session(user));
            }
            // The revocation may have arrived: the result says less than it has achieved, never more.
            (Call::Local | Call::Global | Call::InTheBrowser | Call::Resume | Call::SettlePending, "Partial") => {
                assert_eq!(here, "SignedOut");
            }
            (Call::Local | Call::Global | Call::InTheBrowser, "Failed") => {
                assert_eq!((here, live), (signed_in(user), 2))
            }
            (Call::Store, _) => assert_eq!((text, here), ("stored", signed_in("tom"))),
            (Call::EndSession, "ended") | (Call::SignOutOthers, "Complete") => {
                assert_eq!((here, live), (signed_in(user), 1));
                assert!(!self.is_alive_elsewhere());
            }
            // It may have ended, as above. In any case, this device's session lives.
            (Call::EndSession, _) | (Call::SignOutOthers, "Partial") => {
                assert_eq!(here, signed_in(user));
                assert_eq!(live, 1 + usize::from(self.is_alive_elsewhere()), "{text}");
            }
            _ => assert_eq!((here, live), (signed_in(user), 2), "{text}"),
        }
    }

    /// Without the fault: what is owed is paid, what was not ended can be ended, and who is signed in can work.
    pub(crate) async fn goes_on(&self, answer: &Answer) {
        if self.call.ends_others() {
            let again = self.call().await.text;
            let has_ended = ["ended", "session_not_found", "Complete"].contains(&again.as_str());
            assert!(has_ended, "{:?}, {}: {again}", self.call, answer.text);
        }
        let is_signed_out = self.session().await == "SignedOut";
        // The other device's session, and this one's.
        let left = match self.call {
            Call::Global if is_signed_out => 0,
            call if is_signed_out || call == Call::Store || call.ends_others() => 1,
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
}
