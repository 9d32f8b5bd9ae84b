//! The three tasks of a run: reading names, signing out, writing down.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::stream::{self, Stream, StreamExt};
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use super::super::journal::{DONE, Journal, Line};
use super::super::limiter::Limiter;
use super::super::patience::Patience;
use super::super::{AdminError, Done, Ended, Outcome};
use super::{SignOutMany, Stop};

/// How many outcomes one write to the journal can hold. As many again may wait for the next write.
pub(super) const BATCH: usize = 128;

/// How many names are held against the journal at a time: one reading of the file for so many.
pub(super) const WINDOW: usize = 8 * 1024;

/// So many users in a row who failed for reasons that may pass: it is the service, or the way to it.
const FAILURES_IN_A_ROW: u64 = 64;

/// Reads ahead, as far as the channel holds.
pub(super) async fn read<S>(usernames: S, names: mpsc::Sender<Result<String, AdminError>>, stop: Stop)
where
    S: Stream<Item = Result<String, AdminError>> + Send,
{
    let mut usernames = std::pin::pin!(usernames.take_until(stop.requested()));
    while let Some(name) = usernames.next().await {
        let last = name.is_err();
        if names.send(name).await.is_err() || last {
            return;
        }
    }
}

/// Signs users out, and writes down who is.
#[derive(Debug)]
pub(super) struct Worker {
    options: SignOutMany,
    limiter: Limiter,
    throttled: AtomicU64,
    /// Users who failed since the last who did not.
    in_a_row: AtomicU64,
    /// Outcomes that are in the journal, or need not be.
    recorded: watch::Sender<u64>,
    stop: Stop,
}

impl Worker {
    pub(super) fn new(options: SignOutMany, stop: Stop) -> Self {
        Self {
            limiter: Limiter::new(options.rate),
            throttled: AtomicU64::new(0),
            in_a_row: AtomicU64::new(0),
            recorded: watch::Sender::new(0),
            stop,
            options,
        }
    }

    /// How many answers said "too many requests", and the lowest rate that this has led to.
    pub(super) fn throttling(&self) -> (u64, f64) {
        (self.throttled.load(Ordering::Relaxed), self.limiter.slowest())
    }

    pub(super) async fn work(
        self: Arc<Self>,
        mut names: mpsc::Receiver<Result<String, AdminError>>,
        tried: mpsc::Sender<Outcome>,
    ) {
        let mut sent = 0;
        loop {
            // Then the journal has all of the window before.
            let mut recorded = self.recorded.subscribe();
            let written = recorded.wait_for(|recorded| *recorded >= sent);
            if written.await.is_err() {
                return;
            }
            let mut window = Vec::new();
            // What the source has ready: one name in a trickle, many in a flood.
            tokio::select! {
                _ = names.recv_many(&mut window, WINDOW) => {}
                () = self.stop.requested() => return,
            };
            if window.is_empty() {
                return;
            }
            // An error is the source's last word: those before it are still signed out.
            let error = window.pop_if(|last| last.is_err()).and_then(Result::err);
            let (todo, done) = match self.strike(window.into_iter().flatten().collect()).await {
                Ok(split) => split,
                Err(error) => return self.stop.end(Ended::Aborted(error)),
            };
            let already_done = stream::iter(done).map(|username| Outcome {
                username,
                result: Ok(Done::AlreadyDone),
                disabled: false,
                requests: 0,
            });
            let outcomes = stream::iter(todo)
                .then(|username| {
                    let worker = Arc::clone(&self);
                    async move { worker.in_turn(username).await }
                })
                .take_until(self.stop.requested())
                .map(|username| {
                    let worker = Arc::clone(&self);
                    async move { worker.one(username).await }
                })
                .buffer_unordered(self.options.concurrency);
            let mut outcomes = std::pin::pin!(already_done.chain(outcomes));
            while let Some(outcome) = outcomes.next().await {
                sent += 1;
                if tried.send(outcome).await.is_err() {
                    return;
                }
            }
            if let Some(error) = error {
                return self.stop.end(Ended::Aborted(error));
            }
        }
    }

    /// Those who are to be signed out, and those whom the journal has as done.
    async fn strike(&self, window: Vec<String>) -> Result<(Vec<String>, Vec<String>), AdminError> {
        let Some(path) = self.options.journal.clone() else {
            return Ok((window, Vec::new()));
        };
        blocking(move || {
            let all: HashSet<String> = window.iter().cloned().collect();
            let mut left = all.clone();
            // A dry run may name a journal that no run has begun.
            if path.exists() {
                Journal::strike(&path, &mut left)?;
            }
            let mut struck: HashSet<String> = all.difference(&left).cloned().collect();
            // In the order of the source, and each once.
            let (mut todo, mut done) = (Vec::new(), Vec::new());
            for name in window {
                if left.remove(&name) {
                    todo.push(name);
                } else if struck.remove(&name) {
                    done.push(name);
                }
            }
            Ok((todo, done))
        })
        .await
    }

    async fn in_turn(&self, username: String) -> String {
        if !self.options.dry_run {
            self.limiter.turn().await;
        }
        username
    }

    /// The turn for the first request has come.
    async fn one(&self, username: String) -> Outcome {
        let mut user = Outcome {
            username,
            result: Ok(Done::WouldSignOut),
            disabled: false,
            requests: 0,
        };
        if !self.options.dry_run {
            user.result = self.sign_out(&mut user).await;
        }
        self.watch(&user.result);
        user
    }

    async fn sign_out(&self, user: &mut Outcome) -> Result<Done, AdminError> {
        let (pool, username) = (&self.options.pool, &user.username);
        if self.options.disable {
            self.patiently(&mut user.requests, || pool.disable_user(username))
                .await?;
            user.disabled = true;
            self.limiter.turn().await;
        }
        self.patiently(&mut user.requests, || pool.global_sign_out(username))
            .await?;
        Ok(Done::SignedOut)
    }

    /// Tries again what may pass, each time in its turn; the first has come.
    async fn patiently<F>(&self, requests: &mut u32, request: impl Fn() -> F) -> Result<(), AdminError>
    where
        F: Future<Output = Result<(), AdminError>>,
    {
        let mut patience = Patience::default();
        loop {
            *requests += 1;
            let Err(error) = request().await else {
                self.limiter.answered();
                return Ok(());
            };
            if error.is_throttling() {
                self.throttled.fetch_add(1, Ordering::Relaxed);
                self.limiter.throttled();
            }
            let pause = patience.after(&error).filter(|_| !self.stop.is_stopped());
            let Some(pause) = pause else {
                return Err(error);
            };
            sleep(pause).await;
            self.limiter.turn().await;
        }
    }

    /// Ends a run that cannot succeed.
    fn watch(&self, result: &Result<Done, AdminError>) {
        match result {
            Err(error) if error.concerns_everyone() => self.stop.end(Ended::Aborted(error.clone())),
            Err(error) if error.is_passing() => {
                if self.in_a_row.fetch_add(1, Ordering::Relaxed) + 1 >= FAILURES_IN_A_ROW {
                    self.stop.end(Ended::Aborted(error.clone()));
                }
            }
            _ => self.in_a_row.store(0, Ordering::Relaxed),
        }
    }

    /// Writes what there is, waits until it is on disk, and only then tells the caller.
    pub(super) async fn record(
        self: Arc<Self>,
        mut tried: mpsc::Receiver<Outcome>,
        mut journal: Option<Journal>,
        outcomes: mpsc::Sender<Outcome>,
    ) {
        let mut batch = Vec::new();
        while tried.recv_many(&mut batch, BATCH).await > 0 {
            if let Some(mut open) = journal.take() {
                let lines: Vec<Line> = batch.iter().filter_map(line).collect();
                let added = blocking(move || open.add(&lines).map(|()| open));
                match added.await {
                    Ok(open) => journal = Some(open),
                    // Those of the batch are not in the journal: a run that goes on with it signs them out again.
                    Err(error) => self.stop.end(Ended::Aborted(error)),
                }
            }
            let count = batch.len() as u64;
            self.recorded.send_modify(|recorded| *recorded += count);
            for outcome in batch.drain(..) {
                if outcomes.send(outcome).await.is_err() {
                    // Nobody listens, but what is under way is still to be written.
                    self.stop.stop();
                }
            }
        }
    }
}

fn line(outcome: &Outcome) -> Option<Line> {
    let code = match &outcome.result {
        Ok(Done::SignedOut) => DONE,
        Ok(_) => return None,
        Err(error) => error.code().as_str(),
    };
    Some(Line {
        username: outcome.username.clone(),
        outcome: code,
    })
}

/// On one of Tokio's blocking threads: the disk may take its time.
pub(super) async fn blocking<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, AdminError> + Send + 'static,
) -> Result<T, AdminError> {
    let act = tokio::task::spawn_blocking(act);
    act.await.unwrap_or_else(|_| {
        Err(AdminError::Journal {
            path: String::new(),
            why: "the runtime is shutting down".to_owned(),
        })
    })
}
