//! Processes over one disk and one server. At each use of the keychain and of the network, shuttle decides who goes on.

#[path = "../../../promises/server.rs"]
#[allow(dead_code, reason = "the promises use more of it")]
pub(crate) mod server;

use std::collections::HashSet;
use std::env;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cognito_signout::transport::{Exchange, HttpRequest, HttpTransport, TransportError};
use cognito_signout::vault::{Vault, VaultError, VaultGuard, VaultKey};
use cognito_signout::zeroize::Zeroizing;
use cognito_signout::{Auth, AuthConfig, Clock, SignOutResult, SignedInWith, UnpaidRevocations};
use server::{NOW, Server, TokenKind};
use shuttle::rand::Rng;
use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, Runner};

/// Runs the scene in many orders: random ones, and such as change who goes on only a few times, which finds other faults.
/// `INTERLEAVINGS` says how many.
pub(crate) fn in_every_order<S: AsyncFn() + Send + Sync + 'static>(scene: S) {
    let orders = env::var("INTERLEAVINGS").ok();
    let orders = orders.and_then(|orders| orders.parse().ok()).unwrap_or(500);
    let scene = Arc::new(scene);
    let run = |scene: Arc<S>| move || shuttle::future::block_on(scene());
    let mut config = Config::new();
    config.stack_size = 0x10_0000;
    Runner::new(RandomScheduler::new(orders), config.clone()).run(run(Arc::clone(&scene)));
    Runner::new(PctScheduler::new(3, orders), config).run(run(scene));
}

/// What outlives a process.
#[derive(Debug)]
pub(crate) struct World {
    disk: Mutex<Option<Vec<u8>>>,
    server: Mutex<Server>,
    /// The lock file: one process holds it.
    lock: Arc<tokio::sync::Semaphore>,
    rotates: bool,
}

impl World {
    /// A user has signed in on this device.
    pub(crate) async fn signed_in(rotates: bool) -> Arc<Self> {
        let kind = TokenKind {
            revocable: true,
            admin_scope: true,
            expired: false,
        };
        let world = Arc::new(Self {
            disk: Mutex::default(),
            server: Mutex::new(Server::new(kind, rotates)),
            lock: Arc::new(tokio::sync::Semaphore::new(1)),
            rotates,
        });
        let auth = Process::of(&world).auth();
        let tokens = world.server().tokens();
        auth.store_session(tokens, SignedInWith::Api).await.unwrap();
        world
    }

    pub(crate) fn server(&self) -> MutexGuard<'_, Server> {
        self.server.lock().unwrap()
    }

    pub(crate) fn disk(&self) -> String {
        let disk = self.disk.lock().unwrap().clone();
        String::from_utf8(disk.unwrap_or_default()).unwrap()
    }

    pub(crate) fn revocations(&self) -> usize {
        self.server().revocations.plain
    }

    /// Every refresh token that still works is on record or in one of these results.
    pub(crate) fn knows_every_live_token<'a>(&self, results: impl IntoIterator<Item = &'a SignOutResult>) -> bool {
        let mut known = self.disk();
        for result in results {
            if let SignOutResult::Partial(partial) = result {
                let tokens = partial.revoke_token_error.iter().map(|error| &error.refresh_token);
                known.extend(tokens.map(|token| format!("\"{}\"", token.reveal())));
            }
        }
        let live = self.server().live_tokens();
        live.iter().all(|token| known.contains(&format!("\"{token}\"")))
    }
}

/// One process. A dead one changes nothing any more.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    world: Arc<World>,
    /// After how many more operations it dies.
    dies_after: Arc<AtomicUsize>,
    /// A call of this process uses the keychain.
    is_in_use: Arc<AtomicBool>,
    /// The requests that wait for their response.
    requests: Arc<Mutex<HashSet<String>>>,
}

const NEVER: usize = usize::MAX;

impl Process {
    pub(crate) fn of(world: &Arc<World>) -> Self {
        Self {
            world: Arc::clone(world),
            dies_after: Arc::new(AtomicUsize::new(NEVER)),
            is_in_use: Arc::default(),
            requests: Arc::default(),
        }
    }

    /// One that may die before any of its operations.
    pub(crate) fn mortal(world: &Arc<World>) -> Self {
        let process = Self::of(world);
        let after = shuttle::rand::thread_rng().gen_range(0..20);
        process.dies_after.store(after, Ordering::Relaxed);
        process
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.dies_after.load(Ordering::Relaxed) == 0
    }

    pub(crate) fn auth(&self) -> Auth {
        let config = AuthConfig::builder("eu-central-1_Example", "client")
            .refresh_token_rotation(self.world.rotates)
            .unpaid_revocations(UnpaidRevocations::Keep {
                max_age: Duration::from_secs(86_400),
                max_debts: 5,
            });
        let builder = Auth::builder(config.build().unwrap(), self.clone(), self.clone());
        builder.clock(Stopped).build()
    }

    /// Comes before each operation: another task can go on, and this process can die.
    fn lives_on(&self) -> bool {
        shuttle::thread::yield_now();
        let left = self.dies_after.load(Ordering::Relaxed);
        if left != NEVER {
            self.dies_after.store(left.saturating_sub(1), Ordering::Relaxed);
        }
        !self.is_dead()
    }

    /// One use of the keychain. No other call of this process uses it meanwhile.
    fn in_keychain<T>(&self, does: impl FnOnce(&mut Option<Vec<u8>>) -> T) -> Result<T, VaultError> {
        assert!(
            !self.is_in_use.swap(true, Ordering::Relaxed),
            "two calls of one process use the keychain"
        );
        let lives = self.lives_on();
        self.is_in_use.store(false, Ordering::Relaxed);
        if !lives {
            return Err(VaultError::Other("dead".into()));
        }
        Ok(does(&mut self.world.disk.lock().unwrap()))
    }
}

impl Vault for Process {
    fn read(&self, _: &VaultKey) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        self.in_keychain(|disk| disk.clone().map(Into::into))
    }

    fn write(&self, _: &VaultKey, record: &[u8]) -> Result<(), VaultError> {
        self.in_keychain(|disk| *disk = Some(record.to_vec()))
    }

    fn delete(&self, _: &VaultKey) -> Result<(), VaultError> {
        self.in_keychain(|disk| *disk = None)
    }

    fn lock(&self, _: &VaultKey, _: Duration) -> Result<VaultGuard, VaultError> {
        let held = shuttle::future::block_on(Arc::clone(&self.world.lock).acquire_owned());
        Ok(VaultGuard::new(held))
    }
}

impl HttpTransport for Process {
    fn send(&self, request: HttpRequest) -> Exchange {
        let process = self.clone();
        Box::pin(async move {
            let dead = Err(TransportError::Connect("dead".into()));
            let target = request
                .headers
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case("x-amz-target"));
            let operation = target.unwrap().1.rsplit('.').next().unwrap_or_default().to_owned();
            let body = String::from_utf8_lossy(&request.body).into_owned();
            let request = format!("{operation} {body}");
            let is_first = process.requests.lock().unwrap().insert(request.clone());
            assert!(is_first, "a process sends the same request twice at once: {operation}");
            let lives = process.lives_on();
            process.requests.lock().unwrap().remove(&request);
            if !lives || process.world.server().is_offline {
                return dead;
            }
            let response = {
                let mut server = process.world.server();
                server.arrived(&operation, &body);
                server.answer(&operation, &body)
            };
            if !process.lives_on() {
                return dead;
            }
            Ok(response)
        })
    }
}

#[derive(Debug)]
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(NOW)
    }
}
