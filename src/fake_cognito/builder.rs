//! Sets up a user pool before it is served.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use url::Url;

use super::hosted::Pages;
use super::pool::{Pool, Settings};
use super::recorder::Recorder;
use super::script::Script;
use super::server::Shared;
use super::tls::Identity;
use super::{Door, FakeClock, FakeCognito, Tls, bind};
use crate::Secret;

/// Describes a user pool and its app client; what is not said is as AWS sets it by default.
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
    /// Gives the app client a secret, which every operation on its behalf must then prove to know.
    pub fn client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.settings.client_secret = Some(secret.into());
        self
    }

    /// Switches `EnableTokenRevocation`, which is on by default. Off, tokens carry no `origin_jti` and `RevokeToken` is
    /// refused.
    pub fn token_revocation(mut self, on: bool) -> Self {
        self.settings.token_revocation = on;
        self
    }

    /// Switches refresh token rotation on: only `GetTokensFromRefreshToken` refreshes, and it replaces the refresh
    /// token, the old one being accepted for `grace` longer (0 to 60 s on AWS).
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

    /// Answers operations for administrators without a signature too.
    pub fn unsigned_admin(mut self) -> Self {
        self.settings.unsigned_admin = true;
        self
    }

    /// Where the hosted pages may send a user who has signed in, exactly: the app client's "allowed callback URLs".
    /// Default: nowhere.
    pub fn callback_uris(mut self, uris: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.callback_uris = uris.into_iter().map(Into::into).collect();
        self
    }

    /// Where `/logout` may send a user, exactly: the app client's "allowed sign-out URLs". Default: nowhere.
    pub fn sign_out_uris(mut self, uris: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.sign_out_uris = uris.into_iter().map(Into::into).collect();
        self
    }

    /// Keeps no requests, for runs of many thousands: [`FakeCognito::requests`] stays empty.
    pub fn without_record(mut self) -> Self {
        self.record = false;
        self
    }

    /// Uses a clock that something else already tells the time by.
    pub fn clock(mut self, clock: FakeClock) -> Self {
        self.clock = clock;
        self
    }

    /// Delays every answer.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Serves over `https`, well or badly.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Starts serving on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// If no port can be had, or no certificate made.
    pub async fn start(self) -> io::Result<FakeCognito> {
        let identity = self.tls.map(Identity::new).transpose()?;
        let socket = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let (acceptor, root_certificate) = identity.map(|it| (it.acceptor, it.root)).unzip();
        let address = socket.local_addr()?;
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let fake = FakeCognito {
            address,
            url: Url::parse(&format!("{scheme}://{address}/")).map_err(io::Error::other)?,
            acceptor: acceptor.flatten(),
            root_certificate,
            shared: Arc::new(Shared {
                pool: Mutex::new(Pool::new(self.settings)),
                pages: Mutex::new(Pages::new(self.callback_uris, self.sign_out_uris)),
                script: Script::default(),
                recorder: Recorder::new(self.record),
                clock: self.clock,
                delay: Mutex::new(self.delay),
            }),
            door: Mutex::new(Door::Moving),
        };
        fake.put_door(fake.open(socket)?);
        Ok(fake)
    }
}
