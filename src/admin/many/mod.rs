//! Many users: a stream of names in, a stream of outcomes out, at a pace that Cognito bears, and with a journal.
//!
//! Three tasks hand on to each other over bounded channels, so that memory does not grow with the number of users: one reads
//! the source, one signs out, one writes the journal and gives the outcomes to the caller.

mod worker;

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{Stream, StreamExt};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use self::worker::{BATCH, WINDOW, Worker, blocking};
use super::client::Pool;
use super::journal::{Journal, Task, Use};
use super::{AdminClient, AdminError, Ended, Outcome, Summary};

/// Requests a second, unless told otherwise: below every quota that AWS documents for operations on users.
///
/// The quotas are by category, for all user pools of an account and Region together. AWS's public pages do not say in which
/// category `AdminUserGlobalSignOut` is: `UserToken` has 120 a second, `UserUpdate`, where `AdminDisableUser` is, and
/// `UserResourceUpdate` have 25, the least of those it may be. 20 leaves the apps room beside the run. The account's own
/// quotas are in the Service Quotas console: with 100 a second a million users take 2.8 hours in place of 14.
pub const DEFAULT_RATE: f64 = 20.0;

/// Users at a time, unless told otherwise: enough for the default rate at an answer in 1.5 s. A higher rate has more, by the
/// same reckoning, up to [`MAX_CONCURRENCY`].
pub const DEFAULT_CONCURRENCY: usize = 32;

/// Users at a time, at most.
pub const MAX_CONCURRENCY: usize = 1000;

/// An answer in this time is what the users at a time are reckoned by.
const SLOW_ANSWER_IN_SECONDS: f64 = 1.5;

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
    concurrency: Option<usize>,
    disable: bool,
    dry_run: bool,
    journal: Option<PathBuf>,
    go_on: bool,
    tell_untried: bool,
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
            concurrency: None,
            disable: false,
            dry_run: false,
            journal: None,
            go_on: false,
            tell_untried: false,
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

    /// At most so many users at a time. Default: [`DEFAULT_CONCURRENCY`], or what the rate needs at an answer in 1.5 s.
    ///
    /// # Errors
    /// [`AdminError::InvalidInput`] unless it is between 1 and 1,000.
    pub fn concurrency(mut self, users: usize) -> Result<Self, AdminError> {
        if !(1..=MAX_CONCURRENCY).contains(&users) {
            return Err(AdminError::InvalidInput(
                "concurrency: must be between 1 and 1,000 users".into(),
            ));
        }
        self.concurrency = Some(users);
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
    /// sign-out stays signed in: for the next incident begin a new one. So a journal that was begun more than a day ago, and
    /// one that has everyone as signed out, is refused, unless [`continue_journal`](Self::continue_journal) says otherwise.
    /// Names are held against it as they are spelt, so the order of the source does not matter, nor whether it is the same
    /// source.
    ///
    /// The file is this user's alone, no link, and locked while the run goes on: what stands in it is believed.
    ///
    /// An outcome comes out of the run once it is on disk. A run that is killed has nobody skipped, and signs at most
    /// [`repeat_bound`](Self::repeat_bound) users out a second time.
    pub fn journal(mut self, path: impl Into<PathBuf>) -> Self {
        self.journal = Some(path.into());
        self
    }

    /// Goes on with a journal that was begun more than a day ago, or has everyone as signed out.
    pub fn continue_journal(mut self, go_on: bool) -> Self {
        self.go_on = go_on;
        self
    }

    /// Reads the source to its end though the run has ended before, and has an outcome for each user who was not tried,
    /// [`AdminError::NotTried`]: for a source that costs nothing to read, as a file. A source that then gives nothing for 5
    /// seconds is taken to have no end. Without it that is told only of those whose names had been read.
    pub fn tell_untried(mut self, tell: bool) -> Self {
        self.tell_untried = tell;
        self
    }

    /// How many users at most are signed out, or under way, without being on disk: those of the journal's batch that is being
    /// written, those of the one that gathers behind it, and those whose answer is awaited.
    pub fn repeat_bound(&self) -> usize {
        2 * BATCH + self.users_at_a_time()
    }

    fn users_at_a_time(&self) -> usize {
        // Both are small: nothing is lost.
        let needed = (self.rate * SLOW_ANSWER_IN_SECONDS).ceil() as usize;
        self.concurrency
            .unwrap_or(needed.clamp(DEFAULT_CONCURRENCY, MAX_CONCURRENCY))
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
        let mut journal = None;
        if let Some(path) = self.journal.clone() {
            let with = Use {
                task: Task::new(&self.pool.id, self.disable),
                go_on: self.go_on,
            };
            let dry_run = self.dry_run;
            let open = move || match dry_run {
                true => Journal::check(&path, &with),
                false => Journal::open(&path, &with).map(Some),
            };
            journal = blocking(open).await?;
        }
        let reader = journal.as_ref().map(Journal::reader).transpose()?;
        let summary = Summary::new(rate, journal.as_ref().and_then(|journal| journal.begun));
        let stop = Stop(Arc::new(watch::Sender::new(None)));
        let (names, tried_names) = mpsc::channel(WINDOW);
        let (tried, tried_outcomes) = mpsc::channel(BATCH);
        let (outcomes, received) = mpsc::channel(BATCH);
        // A dry run writes nothing.
        let journal = journal.filter(|_| !self.dry_run);
        let worker = Arc::new(Worker::new(self, stop.clone(), reader));
        tokio::spawn(Arc::clone(&worker).read(usernames, names));
        tokio::spawn(Arc::clone(&worker).work(tried_names, tried, outcomes.clone()));
        let recorded = tokio::spawn(Arc::clone(&worker).record(tried_outcomes, journal, outcomes));
        Ok(SignOutRun {
            outcomes: received,
            summary,
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
        summary.more_not_tried = summary.ended != Ended::AllTried && !self.worker.has_read_all();
        summary.elapsed = self.started.elapsed();
        summary
    }

    /// Reads what outcomes are left, waits for the journal, and sums up.
    pub async fn finish(mut self) -> Summary {
        while self.next().await.is_some() {}
        // An error is that of a runtime that is shutting down: then there is no more to wait for.
        let _ = (&mut self.recorded).await;
        let mut summary = self.summary();
        // It was told to stop when there was nothing more to do.
        if summary.ended == Ended::Stopped && summary.not_tried == 0 && !summary.more_not_tried {
            summary.ended = Ended::AllTried;
        }
        summary
    }

    /// For how long the run has been waiting for a network that is away, if it is: requests in a row that nobody answered.
    /// See [`AdminClientBuilder::patience`](super::AdminClientBuilder::patience).
    pub fn waiting_for_network(&self) -> Option<Duration> {
        self.worker.waiting_for_network()
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

/// Stops a run: no other user is begun, those under way are finished and journalled, those whose names were read are told as
/// not tried, and the outcomes end.
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
