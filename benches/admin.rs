//! Users signed out per second, as a share of the rate asked for, and under a quota that the server enforces:
//! `cargo bench --features admin --bench admin`. `SECONDS` sets how long each line takes: 60 by default.
//!
//! Against `FakeCognito` with a delay of 20 ms, over sockets, with a journal, everyone from the pool's own list.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark says what it measured, or that it cannot run"
)]

use std::time::Duration;

use cognito_signout::admin::{AdminClient, SignOutMany, Summary};
use cognito_signout::fake_cognito::FakeCognito;
use cognito_signout::transport::{HttpTransport, RustlsTransport};

#[path = "../tests/support/quota.rs"]
mod quota;

use quota::Quota;

const DELAY: Duration = Duration::from_millis(20);

/// The rate asked for, and how many requests a second the server accepts.
const CASES: [(f64, Option<f64>); 5] = [
    (20.0, None),
    (50.0, None),
    (120.0, None),
    (50.0, Some(25.0)),
    (120.0, Some(50.0)),
];

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    // `cargo test` runs benchmarks once, to see that they run.
    let is_test = !std::env::args().any(|argument| argument == "--bench");
    let seconds = std::env::var("SECONDS").map_or(60.0, |text| text.parse().expect("a number of seconds"));
    println!(
        "{:>12} {:>12} {:>8} {:>8} {:>8} {:>10} {:>12}",
        "asked per s", "quota per s", "users", "per s", "share", "throttled", "slowest rate"
    );
    for (rate, quota) in CASES {
        let possible = quota.unwrap_or(rate);
        let users = if is_test { 1.0 } else { possible * seconds };
        let summary = measure(rate, quota, users as u64).await;
        let per_second = users / summary.elapsed.as_secs_f64();
        println!(
            "{rate:>12} {:>12} {users:>8} {per_second:>8.1} {:>7.1}% {:>10} {:>12.1}",
            quota.map_or("none".to_owned(), |quota| quota.to_string()),
            100.0 * per_second / possible,
            summary.throttled,
            summary.slowest_rate
        );
    }
}

async fn measure(rate: f64, quota: Option<f64>, users: u64) -> Summary {
    match quota {
        None => run(RustlsTransport::new(), rate, users).await,
        Some(quota) => run(Quota::new(RustlsTransport::new(), quota), rate, users).await,
    }
}

async fn run(transport: impl HttpTransport, rate: f64, users: u64) -> Summary {
    let fake = FakeCognito::builder().without_record().start().await.expect("a port");
    let pool = fake.user_pool_id();
    (0..users).for_each(|user| fake.add_user(&format!("user-{user}"), ""));
    let client = AdminClient::builder(transport).credentials("AKIDEXAMPLE", "secret", None);
    let client = client.endpoint(fake.url().as_str()).expect("a loopback URL").build();
    // Reads the certificates and opens a connection.
    client.global_sign_out(&pool, "user-0").await.expect("a success");
    fake.set_delay(DELAY);
    let folder = tempfile::tempdir().expect("a folder");
    let everyone = client.list_users(&pool, None);
    let run = SignOutMany::new(client, &pool).expect("a pool's id");
    let run = run.rate(rate).expect("a rate").journal(folder.path().join("journal"));
    let summary = run.start(everyone).await.expect("a journal").finish().await;
    assert!(summary.is_complete() && summary.signed_out == users, "{summary:?}");
    summary
}
