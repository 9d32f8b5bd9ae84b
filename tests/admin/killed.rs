//! An incident: a hundred thousand users are to be signed out, and the program is killed three times on the way.

use std::time::{Duration, Instant};

use cognito_signout::fake_cognito::FakeCognito;

use crate::desk::{Desk, peak_memory};

const USERS: usize = 100_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_users_are_signed_out_though_the_program_is_killed_three_times() {
    let desk = Desk::over(FakeCognito::builder().without_record().start().await.unwrap());
    for user in 0..USERS {
        desk.fake.add_user(&format!("user-{user:06}"), "");
    }
    let command = "sign-out-all --everyone --journal {}/journal --rate 100000 --json";
    for until in [10_000] {
        let started = Instant::now();
        let mut child = desk.program(command).spawn().unwrap();
        while desk.fake.admin_sign_outs_in_all() < until {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        println!("KILL {:?} {:?}", started.elapsed(), std::fs::read_to_string(format!("/proc/{}/stat", child.id().unwrap())).unwrap().split(' ').skip(13).take(2).map(str::to_owned).collect::<Vec<_>>());
        child.kill().await.unwrap();
    }
}
