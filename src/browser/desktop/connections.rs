//! The connections to the redirect's port: which of them are served, and for how long.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;

use super::closing_page::Pages;
use super::listener::Listener;
use super::{peer, request, response};
use crate::browser::{BrowserCompletion, NextPage};
use crate::config::RedirectUri;

/// Browsers open a few connections in advance and send nothing on them.
pub(super) const MOST_CONNECTIONS: usize = 16;
/// Within this time the first bytes of a connection are read. A younger connection is never dropped for another one.
const TIME_FOR_FIRST_BYTES: Duration = Duration::from_millis(50);
pub(super) const TIME_FOR_A_REQUEST: Duration = Duration::from_secs(5);
/// Less than the time that the sign-out waits for the port to be free.
pub(super) const TIME_FOR_A_RESPONSE: Duration = Duration::from_millis(300);
/// Most likely there are no file descriptors left. Some may become free.
const PAUSE_AFTER_A_FAILED_ACCEPT: Duration = Duration::from_millis(10);

/// How much of its request a connection has sent.
#[derive(Debug, Default)]
pub(super) struct Received {
    first_bytes: AtomicBool,
    whole_request: AtomicBool,
}

/// A connection and the task that serves it.
struct Connection {
    task: AbortHandle,
    since: Instant,
    received: Arc<Received>,
}

/// Serves each connection in its own task. If there are too many, a new connection replaces another one.
pub(super) async fn accept_all<F>(
    listener: &Listener,
    connections: &mut JoinSet<()>,
    serve: impl Fn(TcpStream, Arc<Received>) -> F,
) -> Infallible
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut oldest_first = VecDeque::new();
    loop {
        let Ok(stream) = listener.accept().await else {
            tokio::time::sleep(PAUSE_AFTER_A_FAILED_ACCEPT).await;
            continue;
        };
        make_room(&mut oldest_first, connections).await;
        let received = Arc::<Received>::default();
        oldest_first.push_back(Connection {
            task: connections.spawn(serve(stream, Arc::clone(&received))),
            since: Instant::now(),
            received,
        });
    }
}

/// Drops a connection if there is no room for another one: the oldest that has sent nothing, or else the oldest with an
/// incomplete request. A connection with a complete request is never dropped: it may be the browser's, and its response is only
/// a moment away.
async fn make_room(oldest_first: &mut VecDeque<Connection>, connections: &mut JoinSet<()>) {
    loop {
        while connections.try_join_next().is_some() {}
        oldest_first.retain(|connection| !connection.task.is_finished());
        if oldest_first.len() < MOST_CONNECTIONS {
            return;
        }
        let incomplete = oldest_first.iter().enumerate();
        let incomplete =
            incomplete.filter(|(_, connection)| !connection.received.whole_request.load(Ordering::Relaxed));
        let least = incomplete
            .min_by_key(|(place, connection)| (connection.received.first_bytes.load(Ordering::Relaxed), *place));
        let Some((place, connection)) = least else {
            connections.join_next().await;
            continue;
        };
        let may_wait_until = connection.since + TIME_FOR_FIRST_BYTES;
        if Instant::now() >= may_wait_until {
            connection.task.abort();
            oldest_first.remove(place);
            return;
        }
        tokio::select! {
            _ = connections.join_next() => {}
            () = tokio::time::sleep_until(may_wait_until) => {}
        }
    }
}

/// Reads one request and responds to it.
pub(super) async fn serve(
    mut stream: TcpStream,
    received: Arc<Received>,
    pages: Arc<Pages>,
    redirect: RedirectUri,
    completion: BrowserCompletion,
) {
    let read = async {
        let any = stream.peek(&mut [0]).await? > 0;
        received.first_bytes.store(any, Ordering::Relaxed);
        request::read(&mut stream, redirect.url()).await
    };
    let request = tokio::select! {
        () = completion.closed() => return,
        request = tokio::time::timeout(TIME_FOR_A_REQUEST, read) => request,
    };
    received.whole_request.store(true, Ordering::Relaxed);
    // A silent connection, such as browsers open in advance, or a closed one gets no response.
    let Ok(Ok(request)) = request else { return };
    let response = match request {
        Err(refusal) => refusal.response(),
        Ok(_) if !peer::is_ours(&stream).await => request::Refusal::OtherUser.response(),
        Ok(callback) => match completion.redirected(&callback.url) {
            NextPage::Ignored => request::Refusal::NotFound.response(),
            NextPage::Open(next) => response::go_to(&next),
            NextPage::End { leave_at: Some(last) } => response::go_to(&last),
            NextPage::End { leave_at: None } => pages.closing(completion.signed_out().await, &callback.accept_language),
        },
    };
    // A browser that does not read its response in time does not get it.
    let _ = tokio::time::timeout(TIME_FOR_A_RESPONSE, send(stream, &response)).await;
}

async fn send(mut stream: TcpStream, response: &[u8]) -> io::Result<()> {
    stream.write_all(response).await?;
    stream.shutdown().await?;
    // Closing with unread bytes would reset the connection, and the response could be lost.
    let mut rest = [0; 4096];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}
