//! The app in Rust. It runs in the process that is searched.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs::File;
use std::io::{Read, Write};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::Vault;
use cognito_signout::{Auth, AuthConfig, SignOutOptions, SignOutResult, SignedInWith, Tokens};
use zeroize::{Zeroize, Zeroizing};

use super::copies::{APP, BLOCK, ROOT, SERVER};

/// An app can have such an allocator. Here the app has it if a test says so.
struct Wiping;

static WIPES: AtomicBool = AtomicBool::new(false);

#[global_allocator]
static ALLOCATOR: Wiping = Wiping;

// SAFETY: the system's allocator does all the work. A block is wiped while it is allocated. `realloc` is the trait's default, which
// frees the old block by `dealloc`.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if WIPES.load(Ordering::Relaxed) {
            // SAFETY: the caller promises that the block has this size.
            unsafe { std::slice::from_raw_parts_mut(block, layout.size()) }.zeroize();
        }
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(block, layout) }
    }
}

/// The app. It says each of its stages, and waits there until the test has searched its memory. Standard input is not used by
/// `std::io::stdin`, because that keeps what it has read.
fn app(server: &str, vault: impl Vault) {
    let app = std::env::var(APP).unwrap();
    WIPES.store(app.contains("wiping"), Ordering::Relaxed);
    let mut input = File::open("/dev/stdin").unwrap();
    let mut stage = |name: &str| {
        writeln!(std::io::stdout(), "{name}").unwrap();
        input.read_exact(&mut [0]).unwrap();
    };
    let tokens = {
        let mut block = Zeroizing::new(vec![0; BLOCK]);
        File::open("/dev/stdin").unwrap().read_exact(&mut block).unwrap();
        let mut lines = block
            .split(|byte| *byte == b'\n')
            .map(|line| std::str::from_utf8(line).unwrap());
        let mut next = || lines.next().unwrap();
        Tokens::new(next(), next(), next())
    };
    let mut transport = RustlsTransport::builder();
    if let Ok(root) = std::env::var(ROOT) {
        transport = transport.add_root_certificate(std::fs::read(root).unwrap());
    }
    let config = AuthConfig::builder("eu-central-1_FakeCog01", "1example2client3of4fake5co").endpoint(server);
    let config = config.refresh_token_rotation(app.contains("refresh")).build().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let auth = Auth::builder(config, vault, transport.build()).build();
    runtime.block_on(async {
        auth.store_session(tokens, SignedInWith::Api).await.unwrap();
        stage("signed in");
        if app.contains("refresh") {
            auth.refresh().await.unwrap();
        }
        let options = if app.contains("global") {
            SignOutOptions::global()
        } else {
            SignOutOptions::local()
        };
        let result = auth.sign_out(options).await;
        assert!(matches!(result, SignOutResult::Complete(_)), "{result:?}");
    });
    drop(auth);
    drop(runtime);
    stage("signed out");
}

/// Whether this process is the app. Then it has run.
pub(crate) fn is_app(vault: impl Vault) -> bool {
    let server = std::env::var(SERVER);
    server.is_ok_and(|server| {
        app(&server, vault);
        true
    })
}

/// This program again, for one test.
pub(crate) fn this_test(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]);
    command
}
