//! A run that goes on with a long journal.

#![cfg(target_os = "linux")]

use std::fmt::Write;
use std::time::Duration;

use cognito_signout::fake_cognito::{FakeCognito, Operation};

use crate::desk::{Desk, read_bytes};

/// In the pool: a hundred pages of the list.
const USERS: usize = 6_000;

/// In the journal. Reading it takes longer than a page of the list.
const LISTED: usize = 100_000;

/// If the journal were read for each page, or all the time, a run would read the more, the longer the journal is: with a million
/// users, hundreds of gigabytes.
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
    desk.fake.set_delay(Duration::from_millis(20));
    // When the last user's turn has come, all names have been compared with the journal.
    let gate = desk.fake.on(Operation::AdminUserGlobalSignOut).hold();
    let child = desk
        .program("sign-out-all --everyone --journal {}/journal --rate 100000 --json")
        .spawn()
        .unwrap();
    gate.reached_by(1).await;
    let times = read_bytes(child.id().unwrap()) / journal.len() as u64;
    gate.open();
    let output = child.wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(0));
    println!("the journal was read {times} times");
    assert!(times < 10, "{times}");
}
