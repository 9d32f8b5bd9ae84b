use std::future::pending;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// How much time a step that never ends gets.
async fn given(deadline: &Deadline, steps_left: u32) -> Duration {
    let started = Instant::now();
    assert_eq!(deadline.bound(steps_left, |_| pending::<()>()).await, None);
    started.elapsed()
}

#[tokio::test(start_paused = true)]
async fn the_network_gets_all_but_the_keychains_part() {
    assert_eq!(given(&Deadline::after(10 * SECOND), 1).await, 8 * SECOND);
    // A fifth, if that is less than two seconds.
    assert_eq!(given(&Deadline::after(5 * SECOND), 1).await, 4 * SECOND);
    // Two seconds, if a fifth would be more.
    assert_eq!(given(&Deadline::after(60 * SECOND), 1).await, 58 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn each_step_that_hangs_takes_two_parts_and_leaves_one_for_each_step_after_it() {
    let deadline = Deadline::after(14 * SECOND);
    let each = [
        given(&deadline, 3).await,
        given(&deadline, 2).await,
        given(&deadline, 1).await,
    ];
    assert_eq!(each, [6 * SECOND, 4 * SECOND, 2 * SECOND]);
    assert_eq!(deadline.vault_limit(), 2 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_step_is_told_how_long_it_has() {
    let deadline = Deadline::after(11 * SECOND);
    for (steps_left, time) in [(3, 4500), (2, 6000), (1, 9000)] {
        let told = deadline.bound(steps_left, |time| async move { time }).await;
        assert_eq!(told, Some(Duration::from_millis(time)), "{steps_left}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_that_ends_in_time_returns_its_answer() {
    let deadline = Deadline::after(10 * SECOND);
    let step = async {
        tokio::time::sleep(7 * SECOND).await;
        42
    };
    assert_eq!(deadline.bound(1, |_| step).await, Some(42));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_started_when_the_time_is_over() {
    let deadline = Deadline::after(Duration::ZERO);
    assert_eq!(
        deadline.bound(1, |_| async { panic!("it was started") }).await,
        None::<()>
    );
    assert_eq!(deadline.vault_limit(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn shortening_it_cuts_the_running_step() {
    let deadline = Deadline::after(10 * SECOND);
    let started = Instant::now();
    let hurry = async {
        tokio::time::sleep(SECOND).await;
        deadline.shorten(3 * SECOND);
        pending().await
    };
    let step: Option<()> = tokio::select! {
        answer = deadline.bound(1, |_| pending()) => answer,
        () = hurry => None,
    };
    // It ends at 4 s now, less the keychain's two.
    assert_eq!((step, started.elapsed()), (None, 2 * SECOND));
    assert_eq!(deadline.vault_limit(), 2 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn it_is_never_extended() {
    let deadline = Deadline::after(5 * SECOND);
    deadline.shorten(60 * SECOND);
    assert_eq!(given(&deadline, 1).await, 4 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn the_keychain_never_gets_more_than_is_left() {
    let deadline = Deadline::after(10 * SECOND);
    tokio::time::advance(9 * SECOND).await;
    assert_eq!(deadline.vault_limit(), SECOND);
    tokio::time::advance(9 * SECOND).await;
    assert_eq!(deadline.vault_limit(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn it_is_paused_while_the_user_is_in_the_browser() {
    let deadline = Deadline::after(10 * SECOND);
    tokio::time::advance(3 * SECOND).await;
    deadline.paused_during(tokio::time::sleep(100 * SECOND)).await;
    assert_eq!(deadline.left(), 7 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn it_can_be_shortened_while_it_is_paused() {
    let deadline = Deadline::after(10 * SECOND);
    let in_browser = deadline.paused_during(async {
        deadline.shorten(4 * SECOND);
        deadline.shorten(20 * SECOND);
        tokio::time::sleep(100 * SECOND).await;
        deadline.left()
    });
    assert_eq!(in_browser.await, 4 * SECOND);
    assert_eq!(deadline.left(), 4 * SECOND);
}
