//! `FakeCognito`: a user pool in this process, on 127.0.0.1, with faults to order and a record of what was asked.
//!
//! For this project's tests and demo, and for those of apps that use it. It speaks the user pools API as AWS
//! documents it, as far as sign-out needs it, with the hosted pages at which a browser signs in and out, and is held
//! against independent emulators by a conformance suite (`tests/support/conformance.rs`).
//!
//! It runs on the caller's Tokio runtime, which needs I/O and time enabled. On a paused clock (`start_paused`) its
//! delays and slow answers take no real time.

mod admin;
mod app_client;
mod builder;
mod clock;
mod faults;
mod hosted;
mod operations;
mod pool;
mod recorder;
mod script;
mod server;
mod service_error;
mod tls;
mod tokens;
mod wire;

#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpSocket;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use url::Url;

use crate::lock::lock;
use crate::{Clock, Secret};

pub use builder::FakeCognitoBuilder;
pub use clock::FakeClock;
pub use faults::{Fault, Spelling};
pub use hosted::OAuthError;
pub use operations::Operation;
pub use recorder::Recorded;
pub use script::{Gate, On};
pub use service_error::ServiceError;
pub use tls::Tls;
pub use tokens::{ADMIN_SCOPE, IssuedTokens};

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
/// // The first revocation takes effect, but its answer is lost; then all is well again.
/// fake.on(Operation::RevokeToken).after_effect().once(Fault::Reset);
///
/// // … here the app signs out at `fake.url()`, as the client `fake.client_id()` of the pool `fake.user_pool_id()` …
///
/// assert_eq!(fake.count(Operation::RevokeToken), 0);
/// assert!(fake.is_refresh_token_live(&laptop.refresh));
/// fake.assert_no_token_in_urls();
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub struct FakeCognito {
    shared: Arc<server::Shared>,
    address: SocketAddr,
    url: Url,
    acceptor: Option<TlsAcceptor>,
    root_certificate: Option<Vec<u8>>,
    door: Mutex<Door>,
}

/// Whether the port is served. While it is not, a socket that does not listen keeps it from everyone else.
enum Door {
    Open(JoinHandle<()>),
    Shut(TcpSocket),
    Moving,
}

impl FakeCognito {
    /// Starts a user pool on a free port, set up as AWS does by default: no client secret, token revocation on,
    /// rotation off, access tokens that last an hour.
    ///
    /// # Errors
    /// If no port can be had.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Sets up another kind of user pool.
    pub fn builder() -> FakeCognitoBuilder {
        FakeCognitoBuilder::default()
    }

    /// Where it is served, as `http://127.0.0.1:40123/`; `https` if a [`Tls`] was chosen. The API and the hosted pages
    /// are at the same place. (A browser's cookies do not tell ports apart: of two on 127.0.0.1 it keeps one session.)
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The authority that signs the server's certificate, in DER; `None` over plain `http`. For the client's trust store.
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

    /// Adds a user, or sets the password of one who is there: as a new person, whom no earlier token belongs to.
    pub fn add_user(&self, username: &str, password: &str) {
        self.shared.with_pool(|pool| pool.add_user(username, password));
    }

    /// Deletes a user. The tokens are then refused as those of a deleted user.
    pub fn delete_user(&self, username: &str) {
        self.shared.with_pool(|pool| pool.delete_user(username));
    }

    /// Begins a session of the user without HTTP and without a password, as `InitiateAuth` would. Adds the user, with a
    /// password that nobody knows, if there is none of this name.
    pub fn sign_in(&self, username: &str) -> IssuedTokens {
        self.sign_in_with_scope(username, ADMIN_SCOPE)
    }

    /// The same with other scopes, separated by blanks: as a browser sign-in has them. Without [`ADMIN_SCOPE`]
    /// `GlobalSignOut` refuses the access token.
    pub fn sign_in_with_scope(&self, username: &str, scope: &str) -> IssuedTokens {
        let now = self.shared.clock.now();
        self.shared.with_pool(|pool| pool.issue(username, scope, now))
    }

    /// The same for a user who came through an identity provider behind the user pool: `Okta` and `ana` make the user
    /// `Okta_ana`, whose ID token names the provider in `identities`.
    pub fn sign_in_through(&self, provider: &str, user_id: &str) -> IssuedTokens {
        let now = self.shared.clock.now();
        self.shared
            .with_pool(|pool| pool.issue_federated(provider, user_id, now))
    }

    /// Every access, ID and refresh token issued so far, in no order, those included whose answer never arrived: what a
    /// test looks for where no token may be.
    pub fn issued_tokens(&self) -> Vec<Secret> {
        self.shared
            .with_pool(|pool| pool.issued_tokens().map(Secret::from).collect())
    }

    /// Whether the access token is still accepted by the user pool. Who verifies it offline accepts it until its `exp`,
    /// whatever became of it here.
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

    /// Whether the cookie of any browser still signs the user in at the hosted pages, for an hour unless `/logout` ends
    /// it. Every name signs in there, with any password.
    pub fn has_browser_session(&self, username: &str) -> bool {
        let now = self.shared.clock.now();
        self.shared
            .with_pages(|pages, pool| pages.has_session(username, pool, now))
    }

    /// The clock by which tokens expire. Give the library a clone, and both tell the same time.
    pub fn clock(&self) -> FakeClock {
        self.shared.clock.clone()
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.shared.clock.advance(by);
    }

    /// Delays every answer from now on.
    pub fn set_delay(&self, delay: Duration) {
        *lock(&self.shared.delay) = delay;
    }

    /// Says what goes wrong with the next requests for an operation.
    pub fn on(&self, operation: Operation) -> On<'_> {
        self.shared.script.on(operation)
    }

    /// Takes back everything that [`on`](Self::on) was told.
    pub fn heal(&self) {
        self.shared.script.clear();
    }

    /// Refuses connections and drops those that are there, as when the device is offline. The port stays this
    /// server's.
    ///
    /// # Errors
    /// If the port cannot be kept.
    pub async fn go_offline(&self) -> io::Result<()> {
        match self.take_door() {
            Door::Open(server) => {
                server.abort();
                // The error is the abort; the listener is closed when it comes.
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

    /// The operations asked for so far, in the order of arrival.
    pub fn operations(&self) -> Vec<Operation> {
        self.requests().iter().filter_map(Recorded::operation).collect()
    }

    /// How often an operation was asked for.
    pub fn count(&self, operation: Operation) -> usize {
        self.operations()
            .into_iter()
            .filter(|asked| *asked == operation)
            .count()
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&self) {
        self.shared.recorder.clear();
    }

    /// Holds the record against the rule that no token ever stands in a URL: URLs end up in the logs of everything on
    /// the way.
    ///
    /// # Panics
    /// If the last part, the secret one, of any token stands in the URL of a request.
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
        assert!(culprit.is_none(), "a token stands in the URL of {culprit:?}");
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

/// Binds without listening: whoever connects is refused.
fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // On Unix this allows a port whose old connections are still fading; on Windows it would allow theft.
    socket.set_reuseaddr(cfg!(unix))?;
    socket.bind(address)?;
    Ok(socket)
}
