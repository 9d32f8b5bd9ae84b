//! The three tasks of a run: reading names, signing users out, writing the journal.

use std::collections::HashSet;
use std::fs::File;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::super::journal::{DONE, Journal, Line, remove_done};
use super::super::limiter::Limiter;
use super::super::network::{Network, Sign};
use super::super::patience::Patience;
use super::super::{AdminError, Done, Ended, JournalProblem, UserOutcome};
use super::failures_in_a_row::FailuresInARow;
use super::{SignOutMany, Stop};
use crate::lock::lock;
use crate::task;

/// How many outcomes one write to the journal holds. As many may wait for the next write.
pub(super) const BATCH: usize = 128;

/// How many names are compared with the journal at a time. The file is read once for each such window.
pub(super) const WINDOW: usize = 8 * 1024;

/// After the journal was read, it is read again only when this many times as long has passed, or when a whole window has come.
/// From a source that is slower than the run, the names come page by page: without the pause a run would read a long journal all
/// the time.
const PAUSE_BETWEEN_READS: u32 = 9;

/// After the end of a run, a source that gives nothing for this long is not read further.
const LAST_NAME: Duration = Duration::from_secs(5);

/// The pauses between two requests that test whether the network is back.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Signs users out, and writes down who is signed out.
#[derive(Debug)]
pub(super) struct Worker {
    options: SignOutMany,
    /// The journal, to read.
    journal: Option<Arc<File>>,
    limiter: Limiter,
    network: Network,
    throttled: AtomicU64,
    row: Mutex<FailuresInARow>,
    /// How many outcomes are in the journal, or do not belong there.
    recorded: watch::Sender<u64>,
    /// Whether the source has ended by itself.
    has_read_all: AtomicBool,
    stop: Stop,
}

impl Worker {
    pub(super) fn new(options: SignOutMany, stop: Stop, journal: Option<File>) -> Self {
        Self {
            journal: journal.map(Arc::new),
            limiter: Limiter::new(options.rate),
            network: Network::new(options.pool.patience),
            throttled: AtomicU64::new(0),
            row: Mutex::default(),
            recorded: watch::Sender::new(0),
            has_read_all: AtomicBool::new(false),
            stop,
            options,
        }
    }

    /// How many responses said "too many requests", and the lowest rate that followed.
    pub(super) fn throttling(&self) -> (u64, f64) {
        (self.throttled.load(Ordering::Relaxed), self.limiter.slowest())
    }

    pub(super) fn has_read_all(&self) -> bool {
        self.has_read_all.load(Ordering::Relaxed)
    }

    pub(super) fn waiting_for_network(&self) -> Option<Duration> {
        self.network.unavailable_for()
    }

    /// Reads ahead, as far as the channel holds. After the end of the run it reads only to report who was not tried.
    pub(super) async fn read<S>(self: Arc<Self>, usernames: S, names: mpsc::Sender<Result<String, AdminError>>)
    where
        S: Stream<Item = Result<String, AdminError>> + Send,
    {
        let mut usernames = std::pin::pin!(usernames);
        loop {
            let next = if !self.stop.is_stopped() {
                tokio::select! {
                    biased;
                    () = self.stop.requested() => continue,
                    next = usernames.next() => next,
                }
            } else if self.options.report_untried
                && let Ok(next) = timeout(LAST_NAME, usernames.next()).await
            {
                next
            } else {
                return;
            };
            let Some(name) = next else {
                self.has_read_all.store(true, Ordering::Relaxed);
                return;
            };
            let last = name.is_err();
            if names.send(name).await.is_err() || last {
                return;
            }
        }
    }

    /// Signs users out. `outcomes` only shows whether anyone still reads them.
    pub(super) async fn work(
        self: Arc<Self>,
        mut names: mpsc::Receiver<Result<String, AdminError>>,
        tried: mpsc::Sender<UserOutcome>,
        outcomes: mpsc::Sender<UserOutcome>,
    ) {
        let mut sent = 0;
        let mut read_again = Instant::now();
        loop {
            // Until the journal has the whole window before.
            let mut recorded = self.recorded.subscribe();
            let written = recorded.wait_for(|recorded| *recorded >= sent);
            if written.await.is_err() {
                return;
            }
            // A run that has ended still goes through the names that were read, to report who was not tried.
            let mut window = self.next_window(&mut names, read_again).await;
            if window.is_empty() || (self.stop.is_stopped() && outcomes.is_closed()) {
                return;
            }
            // An error ends the source: the users before it are still signed out.
            let error = window.pop_if(|last| last.is_err()).and_then(Result::err);
            let reading = Instant::now();
            let Ok((todo, done)) = self.divide(window.into_iter().flatten().collect()).await else {
                return;
            };
            read_again = Instant::now() + PAUSE_BETWEEN_READS * reading.elapsed();
            let already_done = stream::iter(done).map(|username| UserOutcome {
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
                .map(|username| {
                    let worker = Arc::clone(&self);
                    async move { worker.one(username).await }
                })
                .buffer_unordered(self.options.users_at_a_time());
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

    /// The names that are ready: few from a slow source, many from a fast one. Waits for the first, and for others until the journal
    /// may be read again.
    async fn next_window<T>(&self, names: &mut mpsc::Receiver<T>, read_again: Instant) -> Vec<T> {
        let mut window = Vec::new();
        let gathered = async {
            let mut room = WINDOW;
            while room > 0 {
                match names.recv_many(&mut window, room).await {
                    0 => return,
                    more => room -= more,
                }
            }
        };
        tokio::select! {
            biased;
            () = self.stop.requested() => {}
            () = sleep_until(read_again) => {}
            () = gathered => {}
        }
        if window.is_empty() {
            names.recv_many(&mut window, WINDOW).await;
        }
        window
    }

    /// The users to sign out, and the users whom the journal lists as done. If the journal cannot be read, the run ends, and
    /// nobody counts as done.
    async fn divide(&self, window: Vec<String>) -> Result<(Vec<String>, Vec<String>), AdminError> {
        let (Some(journal), Some(path)) = (self.journal.clone(), self.options.journal.clone()) else {
            return Ok((window, Vec::new()));
        };
        let (todo, done, error) = blocking(move || Ok(divide(window, &journal, path))).await?;
        if let Some(error) = error {
            self.stop.end(Ended::Aborted(error));
        }
        Ok((todo, done))
    }

    async fn in_turn(&self, username: String) -> String {
        if !self.options.dry_run {
            tokio::select! {
                biased;
                () = self.stop.requested() => {}
                () = self.limiter.turn() => {}
            }
        }
        username
    }

    /// Called when the turn for the first request has come, or the run has ended.
    async fn one(&self, username: String) -> UserOutcome {
        let mut user = UserOutcome {
            username,
            result: Ok(Done::WouldSignOut),
            disabled: false,
            requests: 0,
        };
        if self.stop.is_stopped() {
            user.result = Err(AdminError::NotTried);
        } else if !self.options.dry_run {
            user.result = self.sign_out(&mut user).await;
        }
        let hopeless = lock(&self.row).note(&user.result);
        if let Some(error) = hopeless {
            self.stop.end(Ended::Aborted(error));
        }
        user
    }

    async fn sign_out(&self, user: &mut UserOutcome) -> Result<Done, AdminError> {
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

    /// Retries errors that may pass, each time in its turn. The turn for the first attempt has come.
    async fn patiently<F>(&self, requests: &mut u32, request: impl Fn() -> F) -> Result<(), AdminError>
    where
        F: Future<Output = Result<(), AdminError>>,
    {
        let mut patience = Patience::long();
        let mut last = AdminError::NotTried;
        loop {
            let Err(error) = self.reach(requests, last, &request).await else {
                self.limiter.responded();
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
            last = error;
            sleep(pause).await;
            self.limiter.turn().await;
        }
    }

    /// Makes a request. While the network is unavailable, a single request tests whether it is back, and all others wait for
    /// it, so that no user fails because of an outage. An outage that lasts too long ends the run. If nothing is sent any
    /// more, the result is `last`.
    async fn reach<F>(
        &self,
        requests: &mut u32,
        mut last: AdminError,
        request: impl Fn() -> F,
    ) -> Result<(), AdminError>
    where
        F: Future<Output = Result<(), AdminError>>,
    {
        let mut probe = None;
        let mut pause = FIRST_PAUSE;
        loop {
            if probe.is_none() && self.network.unavailable_for().is_some() {
                let first = self.network.probe.lock().await;
                if self.stop.is_stopped() {
                    return Err(last);
                }
                // An earlier holder of the probe may have found that it is back.
                probe = self.network.unavailable_for().map(|_| first);
                self.limiter.turn().await;
            }
            if probe.is_some() {
                tokio::select! {
                    () = sleep(pause) => {}
                    () = self.stop.requested() => return Err(last),
                }
                pause = LONGEST_PAUSE.min(2 * pause);
            }
            *requests += 1;
            match request().await {
                Err(error) if error.is_of_network() => last = error,
                result => {
                    self.network.responded();
                    return result;
                }
            }
            match self.network.no_response() {
                _ if self.stop.is_stopped() => return Err(last),
                Sign::OneRequest => return Err(last),
                Sign::Outage => {}
                Sign::GiveUp => {
                    self.stop.end(Ended::Aborted(last.clone()));
                    return Err(last);
                }
            }
        }
    }

    /// Writes the outcomes that are ready, waits until they are on disk, and only then sends them to the caller.
    pub(super) async fn record(
        self: Arc<Self>,
        mut tried: mpsc::Receiver<UserOutcome>,
        mut journal: Option<Journal>,
        outcomes: mpsc::Sender<UserOutcome>,
    ) {
        let mut batch = Vec::new();
        let (mut signed_out, mut others) = (false, false);
        while tried.recv_many(&mut batch, BATCH).await > 0 {
            if let Some(mut open) = journal.take() {
                let lines: Vec<Line> = batch.iter().filter_map(line).collect();
                let added = blocking(move || open.add(&lines).map(|()| open));
                match added.await {
                    Ok(open) => journal = Some(open),
                    // The users of this batch are not in the journal: a run that continues it signs them out again.
                    Err(error) => self.stop.end(Ended::Aborted(error)),
                }
            }
            let count = batch.len() as u64;
            signed_out |= batch.iter().any(|outcome| outcome.result.is_ok());
            others |= batch.iter().any(|outcome| outcome.result.is_err());
            self.recorded.send_modify(|recorded| *recorded += count);
            for outcome in batch.drain(..) {
                if outcomes.send(outcome).await.is_err() {
                    // Nobody reads the outcomes, but sign-outs already begun must still be written.
                    self.stop.stop();
                }
            }
        }
        if let Some(mut journal) = journal.filter(|_| signed_out && !others && !self.stop.is_stopped()) {
            // If this cannot be written, the next run may continue the journal without asking, until it is a day old.
            let _ = blocking(move || journal.finish()).await;
        }
    }
}

/// The users to sign out and those already done, each once and in the order of the source. With an error of the journal, which
/// then lists nobody as done.
fn divide(window: Vec<String>, journal: &File, path: PathBuf) -> (Vec<String>, Vec<String>, Option<AdminError>) {
    let all: HashSet<String> = window.iter().cloned().collect();
    let mut left = all.clone();
    let read = remove_done(journal, &mut left);
    let error = read.err().map(|error| {
        left.clone_from(&all);
        AdminError::journal(&path, JournalProblem::Io(error.kind()))
    });
    let mut found: HashSet<String> = all.difference(&left).cloned().collect();
    let (mut todo, mut done) = (Vec::new(), Vec::new());
    for name in window {
        if left.remove(&name) {
            todo.push(name);
        } else if found.remove(&name) {
            done.push(name);
        }
    }
    (todo, done, error)
}

fn line(outcome: &UserOutcome) -> Option<Line> {
    let code = match &outcome.result {
        Ok(Done::SignedOut) => DONE,
        Ok(_) | Err(AdminError::NotTried) => return None,
        Err(error) => error.code().as_str(),
    };
    Some(Line {
        username: outcome.username.clone(),
        outcome: code,
    })
}

/// Runs on one of Tokio's blocking threads: the disk may be slow.
pub(super) async fn blocking<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, AdminError> + Send + 'static,
) -> Result<T, AdminError> {
    let act = task::spawn_blocking(&Handle::current(), act);
    act.await.unwrap_or_else(|_| {
        Err(AdminError::Journal {
            path: String::new(),
            problem: JournalProblem::Io(ErrorKind::Interrupted),
        })
    })
}
