//! Many users: a stream of names in, a stream of outcomes out, at a pace that Cognito bears, and with a journal.
//!
//! Three tasks hand on to each other over bounded channels, so that memory does not grow with the number of users: one reads
//! the source, one signs out, one writes the journal and gives the outcomes to the caller.

mod worker;

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::stream::{Stream, StreamExt};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use self::worker::{BATCH, WINDOW, Worker, blocking, read};
use super::client::Pool;
use super::journal::{Journal, Task};
use super::{AdminClient, AdminError, Ended, Outcome, Summary};

/// Requests a second, unless told otherwise: below every quota that AWS documents for operations on users.
///
/// The quotas are by category, for all user pools of an account and Region together. AWS's public pages do not say in which
/// category `AdminUserGlobalSignOut` is: `UserToken` has 120 a second, `UserUpdate`, where `AdminDisableUser` is, and
/// `UserResourceUpdate` have 25, the least of those it may be. 20 leaves the apps room beside the run. The account's own
/// quotas are in the Service Quotas console: with 100 a second a million users take 2.8 hours in place of 14.
pub const DEFAULT_RATE: f64 = 20.0;

/// Users at a time, unless told otherwise: enough for the default rate at an answer in 1.5 s.
pub const DEFAULT_CONCURRENCY: usize = 32;

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

    /// Sends nothing for any user and writes no journal: says who would be signed out, with the journal as it stands.
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
        let (started, rate) = (Instant::now(), self.rate);
        let journal = match self.journal.clone() {
            Some(path) => {
                let (task, dry_run) = (Task::new(&self.pool.id, self.disable), self.dry_run);
                let open = move || match dry_run {
                    true => Journal::check(&path, &task).map(|()| None),
                    false => Journal::open(&path, &task).map(Some),
                };
                blocking(open).await?
            }
            None => None,
        };
        let stop = Stop(Arc::new(watch::Sender::new(None)));
        let (names, tried_names) = mpsc::channel(WINDOW);
        let (tried, tried_outcomes) = mpsc::channel(BATCH);
        let (outcomes, received) = mpsc::channel(BATCH);
        let worker = Arc::new(Worker::new(self, stop.clone()));
        tokio::spawn(read(usernames, names, stop.clone()));
        tokio::spawn(Arc::clone(&worker).work(tried_names, tried));
        let recorded = tokio::spawn(Arc::clone(&worker).record(tried_outcomes, journal, outcomes));
        Ok(SignOutRun {
            outcomes: received,
            summary: Summary::new(rate),
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
        (summary.throttled, summary.slowest_rate) = self.worker.throttling();
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
