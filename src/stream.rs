//! A [`Stream`] over a value that has an `async fn next`.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

/// The future of the next item. It gives the source back with the item.
type Next<S, T> = Pin<Box<dyn Future<Output = (Option<T>, S)> + Send>>;

/// Asks the source for one item after another.
struct Items<S, T> {
    next: fn(S) -> Next<S, T>,
    item: Next<S, T>,
}

/// The items of `source`, until `next` has none.
pub(crate) fn items_of<S: 'static, T: 'static>(
    source: S,
    next: fn(S) -> Next<S, T>,
) -> impl Stream<Item = T> + Send + Unpin + 'static {
    Items {
        next,
        item: next(source),
    }
}

impl<S, T> Stream for Items<S, T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let (item, source) = ready!(self.item.as_mut().poll(context));
        self.item = (self.next)(source);
        Poll::Ready(item)
    }
}
