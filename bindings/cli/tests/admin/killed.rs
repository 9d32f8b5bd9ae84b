//! An incident: everyone must be signed out, and the program is killed at random moments meanwhile.
//!
//! `USERS` and `KILLS` make it larger, `SEED` repeats its random moments.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use cognito_signout::admin::{AdminClient, SignOutMany};
use cognito_signout::fake_cognito::{FakeCognito, IssuedTokens};
use cognito_signout::transport::RustlsTransport;
use serde_json::Value;
use tokio::process::Child;

use crate::desk::{Desk, SECRET_KEY, peak_memory};

/// How much higher, in KiB, the peak of memory may be at the end than after 15,000 sign-outs, when every buffer had been full.
/// Allocators are not exact: 1 to 5 MiB were measured. For 100,000 users, a set with the name of each
/// would take 8 MiB more.
const FLAT: u64 = 5 * 1024;
const BUFFERS_ARE_FULL: usize = 15_000;
/// The peak of memory, in KiB, however many users there are. A debug build has 32 MiB at 5,000 users, and 44 MiB at a million.
const MOST: u64 = 64 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_lost_and_nobody_counts_twice_though_the_program_is_killed_at_random_moments() {
    let setting = |name: &str, otherwise: u64| std::env::var(name).map_or(otherwise, |text| text.parse().unwrap());
    let users = setting("USERS", 5_000) as usize;
    let kills = setting("KILLS", 3) as usize;
    let seed = setting("SEED", fastrand::u64(..));
    let mut random = fastrand::Rng::with_seed(seed);
    println!("USERS={users} KILLS={kills} SEED={seed}");

    let desk = Desk::over(FakeCognito::builder().without_record().start().await.unwrap());
    let name = |user: usize| format!("user-{user:07}");
    (0..users).for_each(|user| desk.fake.add_user(&name(user), ""));
    let sample: Vec<IssuedTokens> = (0..users)
        .step_by(997)
        .map(|user| desk.fake.sign_in(&name(user)))
        .collect();
    // With the program's defaults, except the rate.
    let client = AdminClient::builder(RustlsTransport::new()).credentials("AKIDEXAMPLE", SECRET_KEY, None);
    let bound = SignOutMany::new(client.build(), &desk.fake.user_pool_id())
        .unwrap()
        .repeat_bound();
    assert_eq!(bound, 288);

    let command = "sign-out-all --everyone --journal {}/journal --rate 100000 --concurrency 32 --json";
    let started = Instant::now();
    // In the first half: the last run has most to do, which shows its use of memory. Some while the program starts or reads the
    // journal, because the sign-outs until then are already made.
    let mut moments: Vec<usize> = (0..kills).map(|_| random.usize(0..users / 2)).collect();
    moments.sort_unstable();
    for moment in moments {
        let mut child = desk.program(command).spawn().unwrap();
        wait_for(&desk, &mut child, moment).await;
        tokio::time::sleep(Duration::from_micros(random.u64(0..50_000))).await;
        child.kill().await.unwrap();
    }
    let before = desk.fake.admin_sign_outs_in_all();
    let mut child = desk.program(command).spawn().unwrap();
    let end = users - users / 100;
    if cfg!(target_os = "linux") {
        let mut counts = [10_000, BUFFERS_ARE_FULL, 100_000, users]
            .map(|made| end.min(before + made))
            .to_vec();
        counts.dedup();
        let mut most = MOST;
        for count in counts {
            wait_for(&desk, &mut child, count).await;
            let (made, peak) = (count - before, peak_memory(child.id().unwrap()));
            println!("peak of memory of the last run, after {made} sign-outs: {peak} KiB");
            assert!(peak < most, "{peak} KiB");
            if made == BUFFERS_ARE_FULL {
                most = peak + FLAT;
            }
        }
    } else {
        println!("memory was not checked: needs Linux");
    }
    let output = child.wait_with_output().await.unwrap();
    println!("{:.0} s", started.elapsed().as_secs_f64());

    assert_eq!(output.status.code(), Some(0));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let count = |what: &str| said["users"][what].as_u64().unwrap() as usize;
    assert_eq!(count("failed"), 0);
    assert_eq!(count("signed_out") + count("already_done"), users);
    // The journal, against what the program said and what the server has done.
    let journal = std::fs::read_to_string(desk.path("journal")).unwrap();
    let (mut listed, mut in_last_run) = (HashSet::new(), 0);
    for line in journal.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if line.get("opened").is_some() {
            in_last_run = 0;
        }
        if let Some(user) = line["username"].as_str() {
            assert_eq!(line["outcome"], "signed_out");
            assert!(listed.insert(user.to_owned()), "{user} is listed twice");
            in_last_run += 1;
        }
    }
    assert_eq!((listed.len(), in_last_run), (users, count("signed_out")));
    let times: Vec<usize> = (0..users).map(|user| desk.fake.admin_sign_outs(&name(user))).collect();
    assert!(times.iter().all(|times| *times >= 1), "somebody was skipped");
    assert!((0..users).all(|user| listed.contains(&name(user))));
    let repeated = times.iter().sum::<usize>() - users;
    println!("signed out a second time: {repeated} of at most {}", kills * bound);
    assert!(repeated <= kills * bound, "{repeated}");
    for tokens in sample {
        assert!(!desk.fake.is_refresh_token_live(&tokens.refresh) && !desk.fake.is_access_token_live(&tokens.access));
    }
}

/// Waits until the running program and those before it have made this many sign-outs.
async fn wait_for(desk: &Desk, child: &mut Child, sign_outs: usize) {
    while desk.fake.admin_sign_outs_in_all() < sign_outs {
        assert!(child.try_wait().unwrap().is_none(), "the program ended early");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
