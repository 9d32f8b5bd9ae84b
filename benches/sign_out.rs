//! How long until the user is signed out on this device, how long until the result, what an `Auth` costs to make and to
//! hold: `cargo bench --bench sign_out`.
//!
//! Everything is real but Cognito's place: HTTP over a socket to `FakeCognito`, the record in memory. As a yardstick, the
//! JavaScript library needs one full round trip (105 ms at 100 ms of delay) before the device is signed out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark says what it measured, or that it cannot run"
)]

use std::alloc::System;
use std::hint::black_box;
use std::time::Duration;

use cap::Cap;
use cognito_signout::fake_cognito::FakeCognito;
use cognito_signout::transport::{Exchange, HttpRequest, HttpResponse, HttpTransport, RustlsTransport};
use cognito_signout::vault::MemoryVault;
use cognito_signout::{Auth, AuthConfig, AuthEvent, SignOutOptions, SignOutResult, SignedInWith, Tokens};
use divan::Bencher;
use tokio::runtime::Runtime;

#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

/// What the server adds to each answer.
const DELAYS: [u64; 2] = [0, 100];

fn main() {
    memory();
    divan::main();
}

fn runtime() -> Runtime {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime")
}

/// A server, and an app that is warm: its connection is open and its certificates are read.
struct Bench {
    runtime: Runtime,
    fake: FakeCognito,
    auth: Auth,
}

impl Bench {
    fn new(delay_ms: u64) -> Self {
        let runtime = runtime();
        let fake = runtime.block_on(FakeCognito::start()).expect("a port");
        let auth = auth(config(&fake));
        let bench = Self { runtime, fake, auth };
        bench.sign_in();
        bench.runtime.block_on(complete(&bench.auth, SignOutOptions::local()));
        bench.fake.set_delay(Duration::from_millis(delay_ms));
        bench
    }

    fn sign_in(&self) {
        let issued = self.fake.sign_in("ana");
        let tokens = Tokens::new(issued.access, issued.id, issued.refresh);
        let stored = self.auth.store_session(tokens, SignedInWith::Api);
        self.runtime.block_on(stored).expect("a valid session");
    }
}

fn config(fake: &FakeCognito) -> AuthConfig {
    let config = AuthConfig::builder(fake.user_pool_id(), fake.client_id()).endpoint(fake.url().as_str());
    config.build().expect("a valid configuration")
}

fn auth(config: AuthConfig) -> Auth {
    Auth::builder(config, MemoryVault::default(), RustlsTransport::new()).build()
}

async fn complete(auth: &Auth, options: SignOutOptions) {
    let result = auth.sign_out(options).await;
    assert!(matches!(result, SignOutResult::Complete(_)), "{result:?}");
}

/// From the call to the event that the session is gone from the record, read back. The rest of the sign-out is waited
/// for before the next, outside the measured time.
#[divan::bench(args = DELAYS, sample_count = 50, sample_size = 1)]
fn signed_out_on_this_device(bencher: Bencher<'_, '_>, delay_ms: u64) {
    let bench = Bench::new(delay_ms);
    bencher
        .with_inputs(|| {
            bench.sign_in();
            let mut events = bench.auth.events();
            while events.try_next().is_some() {}
            (events, Rest::default())
        })
        .bench_local_refs(|(events, rest)| {
            let auth = bench.auth.clone();
            rest.0 = Some((
                bench.runtime.handle().clone(),
                bench
                    .runtime
                    .spawn(async move { complete(&auth, SignOutOptions::local()).await }),
            ));
            let event = bench.runtime.block_on(events.next());
            assert!(matches!(event, Some(AuthEvent::SignedOut { .. })), "{event:?}");
        });
}

/// What is left of a sign-out when the device is signed out: waited for when it is dropped.
#[derive(Default)]
struct Rest(Option<(tokio::runtime::Handle, tokio::task::JoinHandle<()>)>);

impl Drop for Rest {
    fn drop(&mut self) {
        if let Some((runtime, call)) = self.0.take() {
            runtime.block_on(call).expect("a complete sign-out");
        }
    }
}

/// From the call to the result of a local sign-out: one request.
#[divan::bench(args = DELAYS, sample_count = 50, sample_size = 1)]
fn result_of_a_local_sign_out(bencher: Bencher<'_, '_>, delay_ms: u64) {
    result(bencher, delay_ms, SignOutOptions::local);
}

/// From the call to the result of a global sign-out: two requests.
#[divan::bench(args = DELAYS, sample_count = 50, sample_size = 1)]
fn result_of_a_global_sign_out(bencher: Bencher<'_, '_>, delay_ms: u64) {
    result(bencher, delay_ms, SignOutOptions::global);
}

fn result(bencher: Bencher<'_, '_>, delay_ms: u64, options: fn() -> SignOutOptions) {
    let bench = Bench::new(delay_ms);
    bencher
        .with_inputs(|| bench.sign_in())
        .bench_local_values(|()| bench.runtime.block_on(complete(&bench.auth, options())));
}

/// Goal: under 1 ms.
#[divan::bench(sample_count = 200, sample_size = 1)]
fn construction(bencher: Bencher<'_, '_>) {
    let config = AuthConfig::builder("eu-central-1_Example", "client").build();
    let config = config.expect("a valid configuration");
    bencher
        .with_inputs(|| config.clone())
        .bench_local_values(|config| black_box(auth(config)));
}

/// Prints what one `Auth` holds on the heap: before and after a sign-out, and after many.
fn memory() {
    let runtime = runtime();
    let tokens = runtime.block_on(async {
        let issued = FakeCognito::start().await.expect("a port").sign_in("ana");
        Tokens::new(issued.access, issued.id, issued.refresh)
    });
    let sign_out = |auth: &Auth| {
        runtime.block_on(async {
            let stored = auth.store_session(tokens.clone(), SignedInWith::Api).await;
            stored.expect("a valid session");
            complete(auth, SignOutOptions::local()).await;
        });
    };
    let app = || {
        let config = AuthConfig::builder("eu-central-1_FakeCog01", "1example2client3of4fake5co").build();
        Auth::builder(config.expect("valid"), MemoryVault::default(), Yes).build()
    };
    // Tokio's threads, the SDK's statics: what is held once, whatever is built.
    sign_out(&app());

    let before = HEAP.allocated();
    let auth = app();
    println!("memory of one Auth, with MemoryVault and without a transport's own:");
    let held = |when: &str| println!("  {when}: {} bytes", HEAP.allocated().saturating_sub(before));
    held("made");
    sign_out(&auth);
    held("after a sign-out");
    (0..100).for_each(|_| sign_out(&auth));
    held("after a hundred more");
    drop(auth);
    held("dropped");
}

/// Answers every request as Cognito answers a success.
#[derive(Debug)]
struct Yes;

impl HttpTransport for Yes {
    fn send(&self, _: HttpRequest) -> Exchange {
        let answer = HttpResponse {
            status: 200,
            headers: vec![("x-amzn-requestid".to_owned(), "1".to_owned())],
            body: b"{}".to_vec().into(),
        };
        Box::pin(async { Ok(answer) })
    }
}
