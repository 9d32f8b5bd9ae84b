//! A run that goes on with a long journal.

#![cfg(target_os = "linux")]

use std::fmt::Write;
use std::time::{Duration, Instant};

use cognito_signout::fake_cognito::{FakeCognito, Operation};

use crate::desk::{Desk, read_bytes};

/// In the pool: a hundred pages of the list.
const USERS: usize = 6_000;

/// In the journal. Reading it takes longer than a page of the list.
const LISTED: usize = 100_000;

/// More than a page of the list has, and much less than the journal.
const MORE_THAN_A_PAGE: u64 = 128 * 1024;

/// If the journal were read for each page, or all the time, a run would read the more, the longer the journal is: with a million
/// users, hundreds of gigabytes.
///
/// The pages come at a pace that fits the time of the first read, so the speed of the machine does not matter.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_journal_is_read_few_times_though_the_names_come_in_a_hundred_pages() {
    let desk = Desk::over(FakeCognito::builder().without_record().start().await.unwrap());
    let name = |user: usize| format!("user-{user:06}");
    (0..USERS).for_each(|user| desk.fake.add_user(&name(user), ""));
    let mut journal = format!(
        "{{\"cognito_signout_journal\":1,\"user_pool_id\":\"{}\",\"disable\":false}}\n",
        desk.fake.user_pool_id()
    );
    // All but the last user of the pool, and many others.
    for user in (0..USERS - 1).chain(USERS..LISTED) {
        writeln!(
            journal,
            "{{\"username\":\"{}\",\"outcome\":\"signed_out\"}}",
            name(user)
        )
        .unwrap();
    }
    desk.file("journal", &journal);
    // Few pages come during the first read.
    desk.fake.set_delay(Duration::from_millis(200));
    // When the last user's turn has come, all names have been compared with the journal.
    let gate = desk.fake.on(Operation::AdminUserGlobalSignOut).hold();
    let list = desk.fake.on(Operation::ListUsers).hold();
    let child = desk
        .program("sign-out-all --everyone --journal {}/journal --rate 100000 --json")
        .spawn()
        .unwrap();
    let process = child.id().unwrap();
    list.reached_by(1).await;
    let before = read_bytes(process);
    list.open();
    let started = Instant::now();
    has_read(process, before + MORE_THAN_A_PAGE).await;
    let reading = Instant::now();
    has_read(process, before + journal.len() as u64).await;
    let one_read = reading.elapsed();
    // All pages together take 12 times as long as a read, at least.
    desk.fake.set_delay(one_read / 8);
    gate.reached_by(1).await;
    let times = (read_bytes(process) - before) / journal.len() as u64;
    let at_work = started.elapsed();
    gate.open();
    let output = child.wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(0));
    // The first read, and then a tenth of the time; three times that, because reads do not all take equally long.
    let tenth = at_work.as_secs_f64() / one_read.as_secs_f64() / 10.0;
    println!(
        "the journal was read {times} times, of {:.0} that the time had room for",
        10.0 * tenth
    );
    assert!((times as f64) < 2.0 + 3.0 * tenth, "{times}, {tenth:.1}");
}

/// Waits until a running process has read so many bytes.
async fn has_read(process: u32, bytes: u64) {
    while read_bytes(process) < bytes {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
