//! What a sign-out sends, and what an adoption reads, is wiped before its memory returns to the allocator. The test searches every
//! block that the app's threads free for a piece of the token. It is a separate test binary, because a process has one allocator.
//!
//! The HTTP stack keeps copies of what it receives (docs/limits.md), so the test searches only for tokens that are in no response.

#![cfg(feature = "rustls")]
#![allow(
    unsafe_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "an allocator is unsafe by nature, and helpers of tests are tests"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, RwLock};
use std::thread;
use std::time::Duration;

use cognito_signout::adopt::{self, StoredItems};
use cognito_signout::fake_cognito::{FakeCognito, FakeCognitoBuilder, Fault, IssuedTokens, Operation, Tls};
use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::MemoryVault;
use cognito_signout::{
    Auth, AuthConfig, AuthConfigBuilder, HostedUi, RevocationRoute, SignOutOptions, SignOutResult, SignedInWith,
    StepStatus, Tokens,
};
use tokio::sync::oneshot;

/// This many consecutive bytes of a token are a piece of it.
const PIECE: usize = 16;

/// The pieces to search for. It is set while nothing is searched.
static WANTED: RwLock<Vec<[u8; PIECE]>> = RwLock::new(Vec::new());
static FOUND: AtomicUsize = AtomicUsize::new(0);
thread_local! {
    /// The server's memory is not searched.
    static IS_SERVER: Cell<bool> = const { Cell::new(false) };
    /// The search must not search its own memory.
    static LOOKING: Cell<bool> = const { Cell::new(false) };
}

/// Searches each block before it is freed.
struct Spy;

#[global_allocator]
static SPY: Spy = Spy;

impl Spy {
    fn look(block: &[u8]) {
        let skip = IS_SERVER.try_with(Cell::get).unwrap_or(true) || LOOKING.try_with(Cell::get).unwrap_or(true);
        if skip || block.len() < PIECE {
            return;
        }
        LOOKING.with(|looking| looking.set(true));
        if let Ok(wanted) = WANTED.try_read()
            && !wanted.is_empty()
        {
            let mut begins = [false; 256];
            wanted.iter().for_each(|piece| begins[usize::from(piece[0])] = true);
            let is_piece =
                |at: usize| begins[usize::from(block[at])] && wanted.iter().any(|it| block[at..].starts_with(it));
            if (0..=block.len() - PIECE).any(is_piece) {
                FOUND.fetch_add(1, Ordering::Relaxed);
            }
        }
        LOOKING.with(|looking| looking.set(false));
    }
}

// SAFETY: the system's allocator does all the work. A block is only read, while it is allocated.
unsafe impl GlobalAlloc for Spy {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on. Zeroed, so that a block does not contain its previous content.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller promises that the block has this size, and every byte was written when it was allocated.
        Self::look(unsafe { std::slice::from_raw_parts(block, layout.size()) });
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(block, layout) }
    }

    // `realloc` is the trait's default and uses these two: a block that grows always moves, and is searched.
}

/// Some pieces that only this token has: of a JWT its signature, of an encrypted token everything after its header.
fn pieces(token: &str) -> Vec<[u8; PIECE]> {
    let parts: Vec<&str> = token.split('.').collect();
    let own = if parts.len() == 3 { &parts[2..] } else { &parts[1..] };
    let all = own
        .iter()
        .flat_map(|part| part.as_bytes().chunks_exact(PIECE))
        .step_by(5);
    all.map(|piece| piece.try_into().unwrap()).collect()
}

/// How many blocks with a piece of a wanted token `work` frees unwiped, and what it returns.
fn unwiped<T>(wanted: &[String], work: impl FnOnce() -> T) -> (usize, T) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock();
    let pieces = wanted.iter().flat_map(|token| pieces(token)).collect();
    FOUND.store(0, Ordering::Relaxed);
    *WANTED.write().unwrap() = pieces;
    let result = work();
    WANTED.write().unwrap().clear();
    (FOUND.load(Ordering::Relaxed), result)
}

/// One sign-out of an app.
struct Scene {
    pool: FakeCognitoBuilder,
    configure: fn(&FakeCognito, AuthConfigBuilder) -> AuthConfigBuilder,
    before: fn(&FakeCognito),
    options: SignOutOptions,
}

impl Scene {
    fn local() -> Self {
        Self {
            pool: FakeCognito::builder(),
            configure: |_, config| config,
            before: |_| {},
            options: SignOutOptions::local(),
        }
    }

    /// Signs out, and returns how many blocks with a piece of a wanted token were freed unwiped.
    fn unwiped(self, wanted: fn(&IssuedTokens) -> Vec<String>) -> (usize, SignOutResult) {
        let (started, fake) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<FakeCognito>();
        let pool = self.pool;
        let server = thread::spawn(move || {
            IS_SERVER.with(|it| it.set(true));
            runtime().block_on(async {
                let fake = pool.start().await.unwrap();
                started.send(fake).unwrap();
                drop(stopped.await);
            });
        });
        let fake = fake.blocking_recv().unwrap();

        let mut config = AuthConfig::builder(fake.user_pool_id(), fake.client_id()).endpoint(fake.url().as_str());
        if let Some(secret) = fake.client_secret() {
            config = config.client_secret(secret);
        }
        let mut transport = RustlsTransport::builder();
        if let Some(root) = fake.root_certificate() {
            transport = transport.add_root_certificate(root);
        }
        let config = (self.configure)(&fake, config).build().unwrap();
        let issued = fake.sign_in("ana");
        let clock = fake.clock();

        let wanted = wanted(&issued);
        let found = unwiped(&wanted, || {
            let app = runtime();
            let result = app.block_on(async {
                let auth = Auth::builder(config, MemoryVault::default(), transport.build());
                let auth = auth.clock(clock).build();
                let tokens = Tokens::new(issued.access.clone(), issued.id.clone(), issued.refresh.clone());
                auth.store_session(tokens, SignedInWith::Api).await.unwrap();
                (self.before)(&fake);
                auth.sign_out(self.options).await
            });
            drop(issued);
            app.shutdown_timeout(Duration::from_secs(10));
            result
        });

        let _ = stop.send(fake);
        server.join().unwrap();
        found
    }

    #[track_caller]
    fn leaves_nothing_behind(self, wanted: fn(&IssuedTokens) -> Vec<String>) {
        let (unwiped, result) = self.unwiped(wanted);
        assert!(matches!(result, SignOutResult::Complete(_)), "{result:?}");
        assert_eq!(unwiped, 0, "blocks with a piece of a token were freed unwiped");
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn refresh_token(issued: &IssuedTokens) -> Vec<String> {
    vec![issued.refresh.reveal().to_owned()]
}

fn refresh_and_access_token(issued: &IssuedTokens) -> Vec<String> {
    vec![issued.refresh.reveal().to_owned(), issued.access.reveal().to_owned()]
}

/// An access token lasts one hour here.
fn two_hours_later(fake: &FakeCognito) {
    fake.advance(Duration::from_secs(2 * 60 * 60));
}

#[test]
fn an_unwiped_copy_is_found() {
    let scene = Scene {
        before: |fake| {
            for token in fake.issued_tokens() {
                drop(token.reveal().to_owned());
            }
        },
        ..Scene::local()
    };
    let (unwiped, _) = scene.unwiped(|issued| vec![issued.access.reveal().to_owned()]);
    assert_eq!(unwiped, 1);
}

#[test]
fn a_sign_out_wipes_what_it_sends() {
    Scene::local().leaves_nothing_behind(refresh_and_access_token);
}

#[test]
fn a_sign_out_over_tls_wipes_what_it_sends() {
    let scene = Scene {
        pool: FakeCognito::builder().tls(Tls::Trusted),
        ..Scene::local()
    };
    scene.leaves_nothing_behind(refresh_and_access_token);
}

#[test]
fn a_global_sign_out_wipes_what_it_sends() {
    let scene = Scene {
        options: SignOutOptions::global(),
        ..Scene::local()
    };
    scene.leaves_nothing_behind(refresh_and_access_token);
}

#[test]
fn a_sign_out_with_a_refresh_wipes_what_it_sends() {
    for secret in [None, Some("the-client-secret")] {
        let pool = FakeCognito::builder();
        let scene = Scene {
            pool: secret.map_or(pool.clone(), |secret| pool.client_secret(secret)),
            before: two_hours_later,
            options: SignOutOptions::global(),
            ..Scene::local()
        };
        scene.leaves_nothing_behind(refresh_token);
    }
}

#[test]
fn a_sign_out_with_a_refresh_that_rotates_wipes_what_it_sends() {
    let scene = Scene {
        pool: FakeCognito::builder().rotation(Duration::ZERO),
        configure: |_, config| config.refresh_token_rotation(true),
        before: two_hours_later,
        options: SignOutOptions::global(),
    };
    scene.leaves_nothing_behind(refresh_token);
}

#[test]
fn a_revocation_at_the_domain_wipes_what_it_sends() {
    let scene = Scene {
        configure: |fake, config| {
            let hosted_ui = HostedUi::builder(fake.url().as_str()).build().unwrap();
            config
                .hosted_ui(hosted_ui)
                .revocation_route(RevocationRoute::PoolDomain)
        },
        ..Scene::local()
    };
    scene.leaves_nothing_behind(refresh_and_access_token);
}

#[test]
fn every_attempt_is_wiped() {
    let scene = Scene {
        before: |fake| fake.on(Operation::RevokeToken).times(2, Fault::HtmlPage(503)),
        ..Scene::local()
    };
    let (unwiped, result) = scene.unwiped(refresh_token);
    assert_eq!(result.report().steps.revoke_token, StepStatus::Done);
    assert_eq!(unwiped, 0);
}

/// In a dump, a session is JSON inside a text of JSON, so it has escapes.
#[test]
fn an_adoption_wipes_what_it_reads() {
    for layout in adopt::Layout::ALL {
        let file = format!("tests/files/adopt/{}.json", layout.as_str().replace('-', "_"));
        let long = "long-refresh-token-of-ana.".repeat(70);
        let dump = fs::read_to_string(file)
            .unwrap()
            .replace("golden-refresh-token-of-ana", &long);
        let config = AuthConfig::builder("eu-central-1_AbCdEf123", "3n4b5urk1ft4fl3mg5e62d9ado").build();
        let config = config.unwrap();
        let (unwiped, is_read) = unwiped(&[long], || {
            let items = StoredItems::from_json(&dump).unwrap();
            let session = layout.read(&items, &config, None).unwrap();
            session.tokens.refresh_token.reveal().starts_with("long-refresh-token")
        });
        assert!(is_read, "{layout:?}");
        assert_eq!(unwiped, 0, "{layout:?}");
    }
}
