//! Sets up a user pool before it is served.

use std::io;
use std::sync::Mutex;
use std::time::Duration;

use super::clock::FakeClock;
use super::handle::FakeCognito;
use super::hosted::Pages;
use super::pool::Pool;
use super::recorder::Recorder;
use super::script::Script;
use super::server::Shared;
use super::settings::{SessionTracking, Settings};
use super::tls::{Identity, Tls};
use crate::Secret;

impl FakeCognito {
    /// Starts a user pool on a free port with AWS's defaults: no client secret, token revocation on, rotation off,
    /// access tokens that last an hour.
    ///
    /// # Errors
    /// If no port is free.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Sets up another kind of user pool.
    pub fn builder() -> FakeCognitoBuilder {
        FakeCognitoBuilder::default()
    }
}

/// Describes a user pool and its app client. Every setting has AWS's default.
#[derive(Debug, Clone)]
#[must_use = "nothing is served until `start` is called"]
pub struct FakeCognitoBuilder {
    settings: Settings,
    callback_uris: Vec<String>,
    sign_out_uris: Vec<String>,
    clock: FakeClock,
    delay: Duration,
    tls: Option<Tls>,
    record: bool,
}

impl Default for FakeCognitoBuilder {
    fn default() -> Self {
        Self {
            settings: Settings {
                user_pool_id: "eu-central-1_FakeCog01".to_owned(),
                client_id: "1example2client3of4fake5co".to_owned(),
                client_secret: None,
                token_revocation: true,
                rotation: None,
                access_token_lifetime: Duration::from_secs(60 * 60),
                refresh_token_lifetime: Duration::from_secs(30 * 24 * 60 * 60),
                unsigned_admin: false,
                updated_issuer: false,
                session_tracking: SessionTracking::default(),
            },
            callback_uris: Vec::new(),
            sign_out_uris: Vec::new(),
            clock: FakeClock::default(),
            delay: Duration::ZERO,
            tls: None,
            record: true,
        }
    }
}

impl FakeCognitoBuilder {
    /// Gives the app client a secret. Every operation of the app client must then prove that it knows the secret.
    pub fn client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.settings.client_secret = Some(secret.into());
        self
    }

    /// Sets `EnableTokenRevocation`, which is on by default. While it is off, tokens have no `origin_jti` and
    /// `RevokeToken` is refused.
    pub fn token_revocation(mut self, on: bool) -> Self {
        self.settings.token_revocation = on;
        self
    }

    /// Turns on refresh token rotation: only `GetTokensFromRefreshToken` refreshes, and it replaces the refresh token.
    /// The old one is accepted for another `grace` (0 to 60 s on AWS).
    pub fn rotation(mut self, grace: Duration) -> Self {
        self.settings.rotation = Some(grace);
        self
    }

    /// How long access and ID tokens last: an hour by default (5 min to 24 h on AWS).
    pub fn access_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.access_token_lifetime = lifetime;
        self
    }

    /// How long refresh tokens last: 30 days by default.
    pub fn refresh_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.refresh_token_lifetime = lifetime;
        self
    }

    /// Accepts administrators' operations without a signature too.
    pub fn unsigned_admin(mut self) -> Self {
        self.settings.unsigned_admin = true;
        self
    }

    /// Issues tokens with the newer issuer, `https://issuer-cognito-idp.…` (`IssuerConfigurationType`, `UPDATED`).
    pub fn updated_issuer(mut self) -> Self {
        self.settings.updated_issuer = true;
        self
    }

    /// Turns on session tracking (`SetUserPoolSessionConfiguration`, `UserSessionTracking`). It is off by default: then
    /// there are no SSO sessions, the session operations are refused, and `RevokeAssociatedSessions` has no effect.
    pub fn session_tracking(mut self) -> Self {
        self.settings.session_tracking.enabled = true;
        self
    }

    /// How many active token sessions a user can have while sessions are tracked: 20 by default (1 to 100 on AWS). A
    /// sign-in beyond it ends the user's least recently used token session.
    pub fn max_sessions_per_user(mut self, max: usize) -> Self {
        self.settings.session_tracking.max_per_user = max;
        self
    }

    /// How long after an authentication the hosted pages reuse the browser's SSO session without asking: an hour by
    /// default (0 to 90 days on AWS, in minutes).
    pub fn sso_validity(mut self, validity: Duration) -> Self {
        self.settings.session_tracking.sso_validity = validity;
        self
    }

    /// How long after a revocation with `LINKED` the linked sessions end, on the [`clock`](Self::clock): at once by
    /// default ("typically within a few seconds" on AWS).
    pub fn linked_sessions_delay(mut self, delay: Duration) -> Self {
        self.settings.session_tracking.linked_delay = delay;
        self
    }

    /// How many sessions a page of `ListUserSessions` has: 125 by default, AWS's maximum.
    pub fn session_page_size(mut self, size: usize) -> Self {
        self.settings.session_tracking.page_size = size;
        self
    }

    /// The app client's "allowed callback URLs": the hosted pages send a signed-in user only to exactly one of these.
    /// Default: none.
    pub fn callback_uris(mut self, uris: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.callback_uris = uris.into_iter().map(Into::into).collect();
        self
    }

    /// The app client's "allowed sign-out URLs": `/logout` sends a user only to exactly one of these. Default: none.
    pub fn sign_out_uris(mut self, uris: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.sign_out_uris = uris.into_iter().map(Into::into).collect();
        self
    }

    /// Does not record requests, for runs of many thousands: [`FakeCognito::requests`] stays empty.
    pub fn without_record(mut self) -> Self {
        self.record = false;
        self
    }

    /// Uses an existing clock.
    pub fn clock(mut self, clock: FakeClock) -> Self {
        self.clock = clock;
        self
    }

    /// Delays every response.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Serves over `https`, with a good or a bad certificate.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Starts serving on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// If no port is free, or the certificate cannot be made.
    pub async fn start(self) -> io::Result<FakeCognito> {
        let identity = self.tls.map(Identity::new).transpose()?;
        let shared = Shared {
            pool: Mutex::new(Pool::new(self.settings)),
            pages: Mutex::new(Pages::new(self.callback_uris, self.sign_out_uris)),
            script: Script::default(),
            recorder: Recorder::new(self.record),
            clock: self.clock,
            delay: Mutex::new(self.delay),
        };
        FakeCognito::serve(shared, identity)
    }
}
