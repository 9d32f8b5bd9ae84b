//! An incident: a hundred thousand users must be signed out, and the program is killed three times meanwhile.

use std::time::Duration;

use cognito_signout::admin::{AdminClient, SignOutMany};
use cognito_signout::fake_cognito::{FakeCognito, IssuedTokens};
use cognito_signout::transport::RustlsTransport;
use serde_json::Value;
use tokio::process::Child;

use crate::desk::{Desk, SECRET_KEY, peak_memory};

const USERS: usize = 100_000;

/// The numbers of signed-out users at which the program is killed. The last run has most to do, which shows its use of memory.
const KILLS: [usize; 3] = [5_000, 15_000, 30_000];

/// How much higher, in KiB, the peak of memory may be after all names than after 15,000, when every buffer had been full.
/// Allocators are not exact: 1 to 3 MiB were measured. A set with the name of each user would take 8 MiB more.
#[cfg(target_os = "linux")]
const FLAT: u64 = 5 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_users_are_signed_out_though_the_program_is_killed_three_times() {
    let desk = Desk::over(FakeCognito::builder().without_record().start().await.unwrap());
    let name = |user: usize| format!("user-{user:06}");
    (0..USERS).for_each(|user| desk.fake.add_user(&name(user), ""));
    let sample: Vec<IssuedTokens> = (0..USERS)
        .step_by(9_973)
        .map(|user| desk.fake.sign_in(&name(user)))
        .collect();
    // With the program's defaults, except the rate.
    let client = AdminClient::builder(RustlsTransport::new()).credentials("AKIDEXAMPLE", SECRET_KEY, None);
    let bound = SignOutMany::new(client.build(), &desk.fake.user_pool_id())
        .unwrap()
        .repeat_bound();
    assert_eq!(bound, 288);

    let command = "sign-out-all --everyone --journal {}/journal --rate 100000 --concurrency 32 --json";
    let mut peaks = Vec::new();
    for kill in KILLS {
        let mut child = desk.program(command).spawn().unwrap();
        wait_for(&desk, &mut child, kill).await;
        peaks.extend(peak_memory(child.id().unwrap()));
        child.kill().await.unwrap();
    }
    let mut child = desk.program(command).spawn().unwrap();
    wait_for(&desk, &mut child, USERS - USERS / 100).await;
    peaks.extend(peak_memory(child.id().unwrap()));
    #[cfg(target_os = "linux")]
    {
        println!("peaks of memory: {peaks:?} KiB");
        assert!(peaks[3] < peaks[1] + FLAT, "{peaks:?} KiB");
    }
    let output = child.wait_with_output().await.unwrap();

    assert_eq!(output.status.code(), Some(0));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let count = |what: &str| said["users"][what].as_u64().unwrap();
    assert_eq!(count("failed"), 0);
    assert_eq!(count("signed_out") + count("already_done"), USERS as u64);
    let times: Vec<usize> = (0..USERS).map(|user| desk.fake.admin_sign_outs(&name(user))).collect();
    assert!(times.iter().all(|times| *times >= 1), "somebody was skipped");
    let repeated = times.iter().sum::<usize>() - USERS;
    println!(
        "signed out a second time: {repeated} of at most {}",
        KILLS.len() * bound
    );
    assert!(repeated <= KILLS.len() * bound, "{repeated}");
    for tokens in sample {
        assert!(!desk.fake.is_refresh_token_live(&tokens.refresh) && !desk.fake.is_access_token_live(&tokens.access));
    }
}

/// Waits until the running program and those before it have made this many sign-outs.
async fn wait_for(desk: &Desk, child: &mut Child, sign_outs: usize) {
    while desk.fake.admin_sign_outs_in_all() < sign_outs {
        assert!(child.try_wait().unwrap().is_none(), "the program ended early");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
