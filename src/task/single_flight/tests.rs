use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

use super::*;

type Flights = Arc<SingleFlight<AtomicUsize, usize>>;

/// Work that ends when `go` is notified. Its answer is the number of calls so far.
fn join_or_start(flights: &Flights, go: &Arc<Notify>) -> (Arc<AtomicUsize>, Answer<usize>) {
    let go = Arc::clone(go);
    flights.join_or_start(
        || AtomicUsize::new(1),
        |callers| {
            callers.fetch_add(1, Ordering::SeqCst);
        },
        |callers| async move {
            go.notified().await;
            callers.load(Ordering::SeqCst)
        },
    )
}

#[tokio::test]
async fn a_call_during_the_work_joins_it_and_gets_the_same_answer() {
    let (flights, go) = (Flights::default(), Arc::default());
    let (shared, first) = join_or_start(&flights, &go);
    let (joined, second) = join_or_start(&flights, &go);
    assert!(Arc::ptr_eq(&shared, &joined));
    go.notify_one();
    assert_eq!((first.wait().await, second.wait().await), (Some(2), Some(2)));
}

#[tokio::test]
async fn a_call_after_the_work_starts_new_work() {
    let (flights, go) = (Flights::default(), Arc::default());
    for _ in 0..2 {
        let (_, answer) = join_or_start(&flights, &go);
        go.notify_one();
        assert_eq!(answer.wait().await, Some(1));
    }
}

#[tokio::test]
async fn work_goes_on_if_nobody_waits_for_it() {
    let (flights, go) = (Flights::default(), Arc::default());
    drop(join_or_start(&flights, &go));
    let (_, answer) = join_or_start(&flights, &go);
    go.notify_one();
    assert_eq!(answer.wait().await, Some(2));
}

#[tokio::test]
async fn work_that_is_lost_answers_none_and_does_not_block_the_next() {
    let flights = Arc::new(SingleFlight::<(), u8>::default());
    let lose = || flights.join_or_start(|| (), |()| panic!("joined the lost one"), |_| async { panic!("lost") });
    assert_eq!(lose().1.wait().await, None);
    assert_eq!(lose().1.wait().await, None);
    let (_, answer) = flights.join_or_start(|| (), |()| (), |_| async { 7 });
    assert_eq!(answer.wait().await, Some(7));
}

#[test]
fn a_runtime_that_shuts_down_loses_the_work_and_the_next_work_runs() {
    let (flights, go) = (Flights::default(), Arc::default());
    let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    let first = runtime();
    let (_, answer) = first.block_on(async { join_or_start(&flights, &go) });
    drop(first);
    let second = runtime();
    assert_eq!(second.block_on(answer.wait()), None);
    let answer = second.block_on(async {
        let (_, answer) = join_or_start(&flights, &go);
        go.notify_one();
        answer.wait().await
    });
    assert_eq!(answer, Some(1));
}
