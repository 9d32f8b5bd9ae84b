use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

use super::*;

type Flights = Arc<SingleFlight<AtomicUsize, usize>>;

/// Work that ends when `go` says so, and answers how many had joined it by then.
fn fly(flights: &Flights, go: &Arc<Notify>) -> (Arc<AtomicUsize>, Answer<usize>) {
    let go = Arc::clone(go);
    flights.fly(
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
async fn who_asks_meanwhile_joins_and_gets_the_same_answer() {
    let (flights, go) = (Flights::default(), Arc::default());
    let (shared, first) = fly(&flights, &go);
    let (joined, second) = fly(&flights, &go);
    assert!(Arc::ptr_eq(&shared, &joined));
    go.notify_one();
    assert_eq!((first.wait().await, second.wait().await), (Some(2), Some(2)));
}

#[tokio::test]
async fn who_asks_after_it_has_ended_starts_anew() {
    let (flights, go) = (Flights::default(), Arc::default());
    for _ in 0..2 {
        let (_, answer) = fly(&flights, &go);
        go.notify_one();
        assert_eq!(answer.wait().await, Some(1));
    }
}

#[tokio::test]
async fn nobody_waits_and_the_work_goes_on() {
    let (flights, go) = (Flights::default(), Arc::default());
    drop(fly(&flights, &go));
    let (_, answer) = fly(&flights, &go);
    go.notify_one();
    assert_eq!(answer.wait().await, Some(2));
}

#[tokio::test]
async fn work_that_is_lost_answers_none_and_does_not_block_the_next() {
    let flights = Arc::new(SingleFlight::<(), u8>::default());
    let lose = || flights.fly(|| (), |()| panic!("joined the lost one"), |_| async { panic!("lost") });
    assert_eq!(lose().1.wait().await, None);
    assert_eq!(lose().1.wait().await, None);
    let (_, answer) = flights.fly(|| (), |()| (), |_| async { 7 });
    assert_eq!(answer.wait().await, Some(7));
}

#[test]
fn a_runtime_that_shuts_down_loses_the_work_and_the_next_one_flies() {
    let (flights, go) = (Flights::default(), Arc::default());
    let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    let first = runtime();
    let (_, answer) = first.block_on(async { fly(&flights, &go) });
    drop(first);
    let second = runtime();
    assert_eq!(second.block_on(answer.wait()), None);
    let answer = second.block_on(async {
        let (_, answer) = fly(&flights, &go);
        go.notify_one();
        answer.wait().await
    });
    assert_eq!(answer, Some(1));
}
