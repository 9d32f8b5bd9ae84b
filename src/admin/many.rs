//! Many users: a stream of names in, a stream of outcomes out, at a pace that Cognito bears, and with a journal.
//!
//! Three tasks hand on to each other over bounded channels, so that memory does not grow with the number of users: one reads
//! the source, one signs out, one writes the journal and gives the outcomes to the caller.

use std::collections::HashSet;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::client::Pool;
use super::journal::{DONE, Journal, Line, Task};
use super::limiter::Limiter;
use super::{AdminClient, AdminError, Done, Ended, Outcome, Summary};

/// Requests a second, unless told otherwise: below every quota that AWS documents for operations on users.
///
/// The quotas are by category, for all user pools of an account and Region together. AWS's public pages do not say in which
/// category `AdminUserGlobalSignOut` is: `UserToken` has 120 a second, `UserUpdate`, where `AdminDisableUser` is, and
/// `UserResourceUpdate` have 25, the least of those it may be. 20 leaves the apps room beside the run. The account's own
/// quotas are in the Service Quotas console: with 100 a second a million users take 2.8 hours in place of 14.
pub const DEFAULT_RATE: f64 = 20.0;

/// Users at a time, unless told otherwise: enough for the default rate at an answer in 1.5 s.
pub const DEFAULT_CONCURRENCY: usize = 32;

/// How many outcomes one write to the journal can hold. As many again may wait for the next write.
const BATCH: usize = 128;

/// How many names are held against the journal at a time: one reading of the file for so many.
const WINDOW: usize = 8 * 1024;

/// A user whose requests fail so often, for reasons that may pass, has failed.
const ATTEMPTS: u32 = 4;
/// Throttling tells of the run and not of the user: the pace is what has to change.
const THROTTLED_ATTEMPTS: u32 = 20;
const FIRST_BACKOFF: Duration = Duration::from_millis(250);

/// So many users in a row who failed for reasons that may pass: it is the service, or the way to it.
const FAILURES_IN_A_ROW: u64 = 64;

/// Signs many users of a pool out: everyone, in an incident.
///
/// ```
/// # #[cfg(all(feature = "rustls", feature = "test-util"))]
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use futures_util::StreamExt;
/// use cognito_signout::admin::{AdminClient, SignOutMany};
/// # use cognito_signout::transport::RustlsTransport;
/// # let fake = cognito_signout::fake_cognito::FakeCognito::start().await?;
/// # let user_pool_id = &fake.user_pool_id();
/// # fake.sign_in("ana");
/// # let client = AdminClient::builder(RustlsTransport::new()).credentials("AKIDEXAMPLE", "secret", None);
/// # let client = client.endpoint(fake.url().as_str())?.build();
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("incident.jsonl");
///
/// let everyone = client.list_users(user_pool_id, None);
/// let mut run = SignOutMany::new(client, user_pool_id)?.journal(path).start(everyone).await?;
/// while let Some(outcome) = run.next().await {
///     if let Err(error) = &outcome.result {
///         eprintln!("{}: {error}", outcome.username);
///     }
/// }
/// let summary = run.finish().await;
/// assert!(summary.is_complete());
/// # assert_eq!(summary.signed_out, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
#[must_use = "nobody is signed out until `start` is called"]
pub struct SignOutMany {
    pool: Pool,
    rate: f64,
    concurrency: usize,
    disable: bool,
    dry_run: bool,
    journal: Option<PathBuf>,
}

impl SignOutMany {
    /// A run over users of this pool.
    ///
    /// # Errors
    /// [`AdminError::InvalidInput`] if the pool's id is none.
    pub fn new(client: AdminClient, user_pool_id: &str) -> Result<Self, AdminError> {
        Ok(Self {
            pool: client.pool(user_pool_id)?.without_retries(),
            rate: DEFAULT_RATE,
            concurrency: DEFAULT_CONCURRENCY,
            disable: false,
            dry_run: false,
            journal: None,
        })
    }

    /// At most so many requests a second, retries included. Where Cognito throttles, the run slows down by halves and comes
    /// back in steps; it never goes faster than this. Default: [`DEFAULT_RATE`].
    ///
    /// # Errors
    /// [`AdminError::InvalidInput`] unless it is between 0.1 and 100,000.
    pub fn rate(mut self, per_second: f64) -> Result<Self, AdminError> {
        if !(0.1..=100_000.0).contains(&per_second) {
            return Err(AdminError::InvalidInput(
                "rate: must be between 0.1 and 100,000 requests a second".into(),
            ));
        }
        self.rate = per_second;
        Ok(self)
    }

    /// At most so many users at a time. Default: [`DEFAULT_CONCURRENCY`].
    ///
    /// # Errors
    /// [`AdminError::InvalidInput`] unless it is between 1 and 1,000.
    pub fn concurrency(mut self, users: usize) -> Result<Self, AdminError> {
        if !(1..=1000).contains(&users) {
            return Err(AdminError::InvalidInput(
                "concurrency: must be between 1 and 1,000 users".into(),
            ));
        }
        self.concurrency = users;
        Ok(self)
    }

    /// Disables each user first (`AdminDisableUser`), so that nobody signs in again before it is looked into.
    pub fn disable_first(mut self, disable: bool) -> Self {
        self.disable = disable;
        self
    }

    /// Sends nothing for any user and writes no journal: says who would be signed out.
    pub fn dry_run(mut self, dry: bool) -> Self {
        self.dry_run = dry;
        self
    }

    /// Keeps the outcomes in this file, and passes over whom it has as signed out; who failed is tried again. It is good for
    /// one task: one user pool, with or without [`disable_first`](Self::disable_first). Who signs in again after their
    /// sign-out stays signed in: for the next incident begin a new one. Names are held against it as they are spelt, so the
    /// order of the source does not matter, nor whether it is the same source.
    ///
    /// An outcome comes out of the run once it is on disk. A run that is killed has nobody skipped, and signs at most
    /// [`repeat_bound`](Self::repeat_bound) users out a second time.
    pub fn journal(mut self, path: impl Into<PathBuf>) -> Self {
        self.journal = Some(path.into());
        self
    }

    /// How many users at most are signed out, or under way, without being on disk: those of the journal's batch that is being
    /// written, those of the one that gathers behind it, and those whose answer is awaited.
    pub fn repeat_bound(&self) -> usize {
        2 * BATCH + self.concurrency
    }

    /// Starts. Names that come from the source meanwhile and are equal are one user, if there is a journal. The outcomes wait
    /// to be read: a run whose outcomes nobody reads stands still.
    ///
    /// # Errors
    /// [`AdminError::Journal`] if the journal cannot be used.
    pub async fn start<S>(self, usernames: S) -> Result<SignOutRun, AdminError>
    where
        S: Stream<Item = Result<String, AdminError>> + Send + 'static,
    {
        let started = Instant::now();
        let journal = match &self.journal {
            Some(path) if !self.dry_run => {
                let (path, task) = (path.clone(), Task::new(&self.pool.id, self.disable));
                Some(blocking(move || Journal::open(&path, &task)).await?)
            }
            _ => None,
        };
        let stop = Stop(Arc::new(watch::Sender::new(None)));
        let (names, tried_names) = mpsc::channel(WINDOW);
        let (tried, tried_outcomes) = mpsc::channel(BATCH);
        let (outcomes, received) = mpsc::channel(BATCH);
        let worker = Arc::new(Worker {
            limiter: Limiter::new(self.rate),
            throttled: AtomicU64::new(0),
            in_a_row: AtomicU64::new(0),
            recorded: watch::Sender::new(0),
            stop: stop.clone(),
            options: self,
        });
        tokio::spawn(read(usernames, names, stop.clone()));
        tokio::spawn(Arc::clone(&worker).work(tried_names, tried));
        let recorded = tokio::spawn(Arc::clone(&worker).record(tried_outcomes, journal, outcomes));
        Ok(SignOutRun {
            outcomes: received,
            summary: Summary::new(worker.options.rate),
            stop,
            recorded,
            worker,
            started,
        })
    }
}

/// A run under way: the stream of its outcomes, in the order in which they come. Dropping it stops the run: those under way
/// are finished and journalled in the background.
#[derive(Debug)]
pub struct SignOutRun {
    outcomes: mpsc::Receiver<Outcome>,
    summary: Summary,
    stop: Stop,
    recorded: JoinHandle<()>,
    worker: Arc<Worker>,
    started: Instant,
}

impl SignOutRun {
    /// Stops the run from elsewhere: from a signal's handler, say.
    pub fn stopper(&self) -> Stop {
        self.stop.clone()
    }

    /// What there is to say so far, of the outcomes that were read.
    pub fn summary(&self) -> Summary {
        let mut summary = self.summary.clone();
        summary.throttled = self.worker.throttled.load(Ordering::Relaxed);
        summary.slowest_rate = self.worker.limiter.slowest();
        summary.ended = self.stop.0.borrow().clone().unwrap_or(Ended::AllTried);
        summary.elapsed = self.started.elapsed();
        summary
    }

    /// Reads what outcomes are left, waits for the journal, and sums up.
    pub async fn finish(mut self) -> Summary {
        while self.next().await.is_some() {}
        // An error is that of a runtime that is shutting down: then there is no more to wait for.
        let _ = (&mut self.recorded).await;
        self.summary()
    }
}

impl Stream for SignOutRun {
    type Item = Outcome;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Outcome>> {
        let next = self.outcomes.poll_recv(context);
        if let Poll::Ready(Some(outcome)) = &next {
            self.summary.count(outcome);
        }
        next
    }
}

impl Drop for SignOutRun {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

/// Stops a run: no other user is begun, those under way are finished and journalled, and the outcomes end.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<Option<Ended>>>);

impl Stop {
    /// Stops it. Once more is no matter.
    pub fn stop(&self) {
        self.end(Ended::Stopped);
    }

    /// The first reason stays.
    fn end(&self, why: Ended) {
        self.0.send_if_modified(|ended| {
            let first = ended.is_none();
            ended.get_or_insert(why);
            first
        });
    }

    async fn requested(&self) {
        // An error means that nobody can ask for it any more.
        let _ = self.0.subscribe().wait_for(Option::is_some).await;
    }

    fn is_stopped(&self) -> bool {
        self.0.borrow().is_some()
    }
}

/// Reads ahead, as far as the channel holds.
async fn read<S>(usernames: S, names: mpsc::Sender<Result<String, AdminError>>, stop: Stop)
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
struct Worker {
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
    async fn work(
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
        let mut requests = 0;
        let result = if self.options.dry_run {
            Ok(Done::WouldSignOut)
        } else {
            self.sign_out(&username, &mut requests).await
        };
        self.watch(&result);
        Outcome {
            username,
            result,
            requests,
        }
    }

    async fn sign_out(&self, username: &str, requests: &mut u32) -> Result<Done, AdminError> {
        let pool = &self.options.pool;
        if self.options.disable {
            self.patiently(requests, || pool.disable_user(username)).await?;
            self.limiter.turn().await;
        }
        self.patiently(requests, || pool.global_sign_out(username)).await?;
        Ok(Done::SignedOut)
    }

    /// Tries again what may pass, each time in its turn; the first has come.
    async fn patiently<F>(&self, requests: &mut u32, request: impl Fn() -> F) -> Result<(), AdminError>
    where
        F: Future<Output = Result<(), AdminError>>,
    {
        let (mut failures, mut throttled) = (0, 0);
        loop {
            *requests += 1;
            let Err(error) = request().await else {
                self.limiter.answered();
                return Ok(());
            };
            let attempts_left = if error.is_throttling() {
                self.throttled.fetch_add(1, Ordering::Relaxed);
                self.limiter.throttled();
                throttled += 1;
                throttled < THROTTLED_ATTEMPTS
            } else {
                failures += 1;
                error.is_passing() && failures < ATTEMPTS
            };
            if !attempts_left || self.stop.is_stopped() {
                return Err(error);
            }
            let most = FIRST_BACKOFF.saturating_mul(1 << failures);
            sleep(most.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
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
    async fn record(
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
        Err(error) => error.code(),
    };
    Some(Line {
        username: outcome.username.clone(),
        outcome: code,
    })
}

/// On one of Tokio's blocking threads: the disk may take its time.
async fn blocking<T: Send + 'static>(
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
