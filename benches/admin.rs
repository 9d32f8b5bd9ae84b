//! Users signed out per second, as a share of what the rate limit allows: `cargo bench --features admin --bench admin`.
//!
//! Against `FakeCognito` with a delay of 20 ms, over sockets, with a journal.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark says what it measured, or that it cannot run"
)]

use std::time::Duration;

use cognito_signout::admin::{AdminClient, DEFAULT_CONCURRENCY, DEFAULT_RATE, SignOutMany};
use cognito_signout::fake_cognito::FakeCognito;
use cognito_signout::transport::RustlsTransport;
use futures_util::stream;

const DELAY: Duration = Duration::from_millis(20);

/// Long enough for the start not to count: at the default rate, ten seconds.
const SECONDS: f64 = 10.0;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    // `cargo test` runs benchmarks once, to see that they run.
    let is_test = !std::env::args().any(|argument| argument == "--bench");
    println!(
        "{:>12} {:>12} {:>12} {:>8} {:>8}",
        "limit per s", "concurrency", "users", "per s", "share"
    );
    for (rate, concurrency) in [
        (DEFAULT_RATE, DEFAULT_CONCURRENCY),
        (100.0, DEFAULT_CONCURRENCY),
        (1000.0, DEFAULT_CONCURRENCY),
        (1000.0, 128),
    ] {
        let users = if is_test { 1.0 } else { rate * SECONDS };
        let per_second = measure(rate, concurrency, users as u64).await;
        let share = 100.0 * per_second / rate;
        println!("{rate:>12} {concurrency:>12} {users:>12} {per_second:>8.1} {share:>7.1}%");
    }
}

async fn measure(rate: f64, concurrency: usize, users: u64) -> f64 {
    let fake = FakeCognito::builder().without_record().start().await.expect("a port");
    let names: Vec<String> = (0..users).map(|user| format!("user-{user}")).collect();
    names.iter().for_each(|name| fake.add_user(name, ""));
    let client = AdminClient::builder(RustlsTransport::new()).credentials("AKIDEXAMPLE", "secret", None);
    let client = client.endpoint(fake.url().as_str()).expect("a loopback URL").build();
    // Reads the certificates and opens a connection.
    client
        .global_sign_out(&fake.user_pool_id(), &names[0])
        .await
        .expect("a success");
    fake.set_delay(DELAY);
    let folder = tempfile::tempdir().expect("a folder");
    let run = SignOutMany::new(client, &fake.user_pool_id()).expect("a pool's id");
    let run = run
        .rate(rate)
        .expect("a rate")
        .concurrency(concurrency)
        .expect("a concurrency");
    let run = run.journal(folder.path().join("journal"));
    let run = run.start(stream::iter(names.into_iter().map(Ok))).await;
    let summary = run.expect("a journal").finish().await;
    assert!(summary.is_complete() && summary.signed_out == users, "{summary:?}");
    users as f64 / summary.elapsed.as_secs_f64()
}
