//! The handle: what a test holds of the user pool that is served.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpSocket;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use url::Url;

use super::clock::FakeClock;
use super::operation::Operation;
use super::recorder::Recorded;
use super::script::On;
use super::server::{self, Shared};
use super::tls::Identity;
use super::tokens::{ADMIN_SCOPE, IssuedTokens};
use crate::lock::lock;
use crate::{Clock, Secret};

/// A Cognito user pool with one app client, served from this process until it is dropped.
///
/// ```
/// use cognito_signout::fake_cognito::{FakeCognito, Fault, Operation};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let fake = FakeCognito::start().await?;
/// let phone = fake.sign_in("ana");
/// let laptop = fake.sign_in("ana");
/// assert_eq!(fake.live_sessions("ana"), 2);
///
/// // The first revocation takes effect, but its response is lost. The next ones succeed.
/// fake.on(Operation::RevokeToken).after_effect().once(Fault::Reset);
///
/// // … here the app signs out at `fake.url()`, as client `fake.client_id()` of pool `fake.user_pool_id()` …
///
/// assert_eq!(fake.count(Operation::RevokeToken), 0);
/// assert!(fake.is_refresh_token_live(&laptop.refresh));
/// fake.assert_no_token_in_urls();
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub struct FakeCognito {
    pub(super) shared: Arc<Shared>,
    pub(super) address: SocketAddr,
    url: Url,
    acceptor: Option<TlsAcceptor>,
    root_certificate: Option<Vec<u8>>,
    door: Mutex<Door>,
}

/// Whether the port is served. While offline, a socket that does not listen reserves the port.
enum Door {
    Open(JoinHandle<()>),
    Shut(TcpSocket),
    Moving,
}

impl FakeCognito {
    /// Serves the pool on a free port of 127.0.0.1; over `https` if there is an identity.
    pub(super) fn serve(shared: Shared, identity: Option<Identity>) -> io::Result<Self> {
        let scheme = if identity.is_some() { "https" } else { "http" };
        let (acceptor, root_certificate) = identity.map(|it| (it.acceptor, it.root)).unzip();
        let socket = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let address = socket.local_addr()?;
        let fake = Self {
            address,
            url: Url::parse(&format!("{scheme}://{address}/")).map_err(io::Error::other)?,
            acceptor: acceptor.flatten(),
            root_certificate,
            shared: Arc::new(shared),
            door: Mutex::new(Door::Moving),
        };
        fake.put_door(fake.open(socket)?);
        Ok(fake)
    }

    /// Where it is served, for example `http://127.0.0.1:40123/`; `https` if a [`Tls`](super::Tls) was chosen. The API
    /// and the hosted pages have the same URL. (Browsers share cookies between ports: of two fakes, a browser keeps one
    /// session.)
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The authority that signs the server's certificate, in DER, for the client's trust store; `None` over `http`.
    pub fn root_certificate(&self) -> Option<&[u8]> {
        self.root_certificate.as_deref()
    }

    /// The user pool's id.
    pub fn user_pool_id(&self) -> String {
        self.shared.with_pool(|pool| pool.settings.user_pool_id.clone())
    }

    /// The app client's id.
    pub fn client_id(&self) -> String {
        self.shared.with_pool(|pool| pool.settings.client_id.clone())
    }

    /// The app client's secret, if it has one.
    pub fn client_secret(&self) -> Option<Secret> {
        self.shared.with_pool(|pool| pool.settings.client_secret.clone())
    }

    /// Adds a user. An existing user of this name is replaced: earlier tokens are not the new user's.
    pub fn add_user(&self, username: &str, password: &str) {
        self.shared.with_pool(|pool| pool.add_user(username, password));
    }

    /// Deletes a user. The user's tokens are then refused as those of a deleted user.
    pub fn delete_user(&self, username: &str) {
        self.shared.with_pool(|pool| pool.delete_user(username));
    }

    /// Begins a session of the user, as `InitiateAuth` would, but without HTTP and without a password. Adds the user,
    /// with a random password, if the name is new.
    pub fn sign_in(&self, username: &str) -> IssuedTokens {
        self.sign_in_with_scope(username, ADMIN_SCOPE)
    }

    /// The same with other scopes, separated by spaces, as a browser sign-in has them. Without [`ADMIN_SCOPE`],
    /// `GlobalSignOut` refuses the access token.
    pub fn sign_in_with_scope(&self, username: &str, scope: &str) -> IssuedTokens {
        let now = self.shared.clock.now();
        self.shared.with_pool(|pool| pool.issue(username, scope, now))
    }

    /// The same for a user of an identity provider behind the user pool. Provider `Okta` and id `ana` make the user
    /// `Okta_ana`; the ID token names the provider in `identities`.
    pub fn sign_in_through(&self, provider: &str, user_id: &str) -> IssuedTokens {
        let now = self.shared.clock.now();
        self.shared
            .with_pool(|pool| pool.issue_federated(provider, user_id, now))
    }

    /// Begins a session of the user through the hosted pages, but without HTTP. The user has one browser here: the first
    /// call signs in there, later ones use its cookie for as long as it lasts.
    pub fn sign_in_through_browser(&self, username: &str) -> IssuedTokens {
        let now = self.shared.clock.now();
        self.shared.with_pages(|pages, pool| {
            let session = match pages.session_of(username, pool, now) {
                Some(session) => session.clone(),
                None => pages.begin_session(username, None, None, pool, now).1,
            };
            let tokens = pool.issue_through(session.sso, username, &format!("openid {ADMIN_SCOPE}"), now);
            pool.note_activity(&tokens.access, true, None, now);
            tokens
        })
    }

    /// Every access, ID and refresh token issued so far, in no order, also those whose response never arrived. A test
    /// searches for them where no token may be.
    pub fn issued_tokens(&self) -> Vec<Secret> {
        self.shared
            .with_pool(|pool| pool.issued_tokens().map(Secret::from).collect())
    }

    /// Whether the user pool still accepts the access token. A server that verifies it offline accepts it until its
    /// `exp`, even if it was revoked here.
    pub fn is_access_token_live(&self, token: &Secret) -> bool {
        let now = self.shared.clock.now();
        self.shared
            .with_pool(|pool| pool.is_access_token_live(token.reveal(), now))
    }

    /// Whether the refresh token can still be used.
    pub fn is_refresh_token_live(&self, token: &Secret) -> bool {
        let now = self.shared.clock.now();
        self.shared
            .with_pool(|pool| pool.is_refresh_token_live(token.reveal(), now))
    }

    /// How many sessions of the user can still be refreshed.
    pub fn live_sessions(&self, username: &str) -> usize {
        let now = self.shared.clock.now();
        self.shared.with_pool(|pool| pool.live_sessions(username, now))
    }

    /// Whether the cookie of any browser still signs the user in at the hosted pages. It lasts an hour unless `/logout`
    /// ends it; while sessions are tracked, it lasts as long as its SSO session and the app client's validity. The pages
    /// accept every user name, with any password.
    pub fn has_browser_session(&self, username: &str) -> bool {
        let now = self.shared.clock.now();
        self.shared
            .with_pages(|pages, pool| pages.session_of(username, pool, now).is_some())
    }

    /// The clock by which tokens expire. Give the library a clone, so that both have the same time.
    pub fn clock(&self) -> FakeClock {
        self.shared.clock.clone()
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.shared.clock.advance(by);
    }

    /// Delays every response from now on.
    pub fn set_delay(&self, delay: Duration) {
        *lock(&self.shared.delay) = delay;
    }

    /// Sets what goes wrong with the next requests for an operation.
    pub fn on(&self, operation: Operation) -> On<'_> {
        self.shared.script.on(operation)
    }

    /// Removes every rule that was set with [`on`](Self::on).
    pub fn heal(&self) {
        self.shared.script.clear();
    }

    /// Refuses new connections and drops the existing ones, as when the device is offline. The port stays reserved.
    ///
    /// # Errors
    /// If the port cannot be reserved.
    pub async fn go_offline(&self) -> io::Result<()> {
        match self.take_door() {
            Door::Open(server) => {
                server.abort();
                // Returns the abort as an error, once the listener is closed.
                let _ = server.await;
                self.put_door(Door::Shut(bind(self.address)?));
            }
            door => self.put_door(door),
        }
        Ok(())
    }

    /// Serves again, on the same port.
    ///
    /// # Errors
    /// If the port cannot be listened on.
    pub async fn go_online(&self) -> io::Result<()> {
        match self.take_door() {
            Door::Shut(socket) => self.put_door(self.open(socket)?),
            door => self.put_door(door),
        }
        Ok(())
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.recorder.requests()
    }

    /// The operations of the requests so far, in the order of arrival.
    pub fn operations(&self) -> Vec<Operation> {
        self.requests().iter().filter_map(Recorded::operation).collect()
    }

    /// How many requests for the operation have arrived.
    pub fn count(&self, operation: Operation) -> usize {
        self.operations()
            .into_iter()
            .filter(|requested| *requested == operation)
            .count()
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&self) {
        self.shared.recorder.clear();
    }

    /// Checks that no URL of a request contains a token. URLs end up in the logs of servers and proxies.
    ///
    /// # Panics
    /// If the URL of a request contains the last part of a token, which is the secret one.
    pub fn assert_no_token_in_urls(&self) {
        let requests = self.requests();
        let culprit = self.shared.with_pool(|pool| {
            let secrets: Vec<&str> = pool
                .issued_tokens()
                .filter_map(|token| token.rsplit('.').next())
                .collect();
            requests
                .into_iter()
                .find(|request| secrets.iter().any(|secret| request.path().contains(secret)))
        });
        assert!(culprit.is_none(), "a token is in the URL of {culprit:?}");
    }

    fn open(&self, socket: TcpSocket) -> io::Result<Door> {
        let listener = socket.listen(1024)?;
        let server = server::serve(listener, self.acceptor.clone(), Arc::clone(&self.shared));
        Ok(Door::Open(tokio::spawn(server)))
    }

    fn take_door(&self) -> Door {
        std::mem::replace(&mut *lock(&self.door), Door::Moving)
    }

    fn put_door(&self, door: Door) {
        *lock(&self.door) = door;
    }
}

impl fmt::Debug for FakeCognito {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FakeCognito({})", self.url)
    }
}

impl Drop for FakeCognito {
    fn drop(&mut self) {
        if let Door::Open(server) = self.take_door() {
            server.abort();
        }
    }
}

/// Binds without listening: connections are refused.
fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // On Unix this allows a port with old connections in TIME_WAIT. On Windows another process could take the port.
    socket.set_reuseaddr(cfg!(unix))?;
    socket.bind(address)?;
    Ok(socket)
}
