//! Signs out many users: a stream of names in, a stream of outcomes out, at a rate that Cognito accepts, and with a journal.
//!
//! Three tasks are connected by bounded channels, so that memory does not grow with the number of users: one reads the
//! source, one signs users out, one writes the journal and sends the outcomes to the caller.

mod failures_in_a_row;
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
use super::{AdminClient, AdminError, Ended, Summary, UserOutcome};

/// The default rate, in requests a second: below every quota that AWS documents for operations on users.
///
/// Each quota is for one category of operations, in all user pools of an account and Region together. AWS's public pages do
/// not say which category `AdminUserGlobalSignOut` belongs to. `UserToken` has 120 a second; `UserUpdate`, the category of
/// `AdminDisableUser`, and `UserResourceUpdate` have 25, the lowest that may apply. 20 leaves room for the apps during the
/// run. The Service Quotas console shows the account's own quotas: at 100 a second a million users take 2.8 hours instead of 14.
pub const DEFAULT_RATE: f64 = 20.0;

/// The default number of users at a time: enough for the default rate if a response takes 1.5 s. A higher rate has more, by
/// the same calculation, up to [`MAX_CONCURRENCY`].
pub const DEFAULT_CONCURRENCY: usize = 32;

/// The highest number of users at a time.
pub const MAX_CONCURRENCY: usize = 1000;

/// The response time for which the number of users at a time is calculated.
const SLOW_RESPONSE_IN_SECONDS: f64 = 1.5;

/// Signs out many users of a pool: everyone, in an incident.
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
    report_untried: bool,
}

impl SignOutMany {
    /// A run over users of this pool.
    ///
    /// # Errors
    /// [`AdminError::InvalidInput`] if the pool's id is malformed.
    pub fn new(client: AdminClient, user_pool_id: &str) -> Result<Self, AdminError> {
        Ok(Self {
            pool: client.pool(user_pool_id)?,
            rate: DEFAULT_RATE,
            concurrency: None,
            disable: false,
            dry_run: false,
            journal: None,
            go_on: false,
            report_untried: false,
        })
    }

    /// The highest number of requests a second, including retries. When Cognito throttles, the run halves its rate, and
    /// raises it again in steps, never above this. Default: [`DEFAULT_RATE`].
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

    /// The highest number of users at a time. Default: [`DEFAULT_CONCURRENCY`], or more if the rate needs it with a response
    /// time of 1.5 s.
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

    /// Disables each user first (`AdminDisableUser`), so that nobody signs in again before the incident is investigated.
    pub fn disable_first(mut self, disable: bool) -> Self {
        self.disable = disable;
        self
    }

    /// Sends nothing for any user and writes no journal: says who would be signed out, given the current journal.
    pub fn dry_run(mut self, dry: bool) -> Self {
        self.dry_run = dry;
        self
    }

    /// Keeps the outcomes in this file, and skips the users whom it lists as signed out. Users who failed are tried again. A
    /// journal serves one task: one user pool, with or without [`disable_first`](Self::disable_first). A user who signs in
    /// again after the sign-out stays signed in, so use a new journal for each incident. A journal begun more than a day
    /// ago, or whose run signed everyone out, is refused, unless [`continue_journal`](Self::continue_journal) allows it.
    /// Names are compared as they are spelt; neither the order of the source nor the kind of source matters.
    ///
    /// The file must belong to this user, be writable by nobody else, and be no link: the run trusts its content. It is
    /// locked during the run.
    ///
    /// An outcome comes out of the run once it is on disk. If a run is killed, the next run skips nobody who is not signed
    /// out, and signs out at most [`repeat_bound`](Self::repeat_bound) users a second time.
    pub fn journal(mut self, path: impl Into<PathBuf>) -> Self {
        self.journal = Some(path.into());
        self
    }

    /// Continues a journal that was begun more than a day ago, or whose run signed everyone out.
    pub fn continue_journal(mut self, go_on: bool) -> Self {
        self.go_on = go_on;
        self
    }

    /// Reads the source to its end even if the run ends earlier, and has an outcome with [`AdminError::NotTried`] for each
    /// user who was not tried: for a source that costs nothing to read, such as a file. If the source then gives nothing for
    /// 5 seconds, reading stops. Without this, only users whose names had been read have such an outcome.
    pub fn report_untried(mut self, report: bool) -> Self {
        self.report_untried = report;
        self
    }

    /// How many users at most are signed out, or being signed out, without being on disk: the journal's batch that is being
    /// written, the next batch, and the users whose response is awaited.
    pub fn repeat_bound(&self) -> usize {
        2 * BATCH + self.users_at_a_time()
    }

    fn users_at_a_time(&self) -> usize {
        // Both are small, so the conversion is exact.
        let needed = (self.rate * SLOW_RESPONSE_IN_SECONDS).ceil() as usize;
        self.concurrency
            .unwrap_or(needed.clamp(DEFAULT_CONCURRENCY, MAX_CONCURRENCY))
    }

    /// Starts the run. With a journal, equal names from the source are one user. The outcomes must be read: otherwise the run
    /// pauses.
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

/// A run in progress: the stream of its outcomes, in the order of completion. Dropping it stops the run: sign-outs already
/// begun are finished and written to the journal in the background.
#[derive(Debug)]
pub struct SignOutRun {
    outcomes: mpsc::Receiver<UserOutcome>,
    summary: Summary,
    stop: Stop,
    recorded: JoinHandle<()>,
    worker: Arc<Worker>,
    started: Instant,
}

impl SignOutRun {
    /// Stops the run from elsewhere, for example from a signal handler.
    pub fn stopper(&self) -> Stop {
        self.stop.clone()
    }

    /// The summary so far, of the outcomes that were read.
    pub fn summary(&self) -> Summary {
        let mut summary = self.summary.clone();
        (summary.throttled, summary.slowest_rate) = self.worker.throttling();
        summary.ended = self.stop.0.borrow().clone().unwrap_or(Ended::AllTried);
        summary.more_not_tried = summary.ended != Ended::AllTried && !self.worker.has_read_all();
        summary.elapsed = self.started.elapsed();
        summary
    }

    /// Reads the remaining outcomes, waits for the journal, and returns the summary.
    pub async fn finish(mut self) -> Summary {
        while self.next().await.is_some() {}
        // An error means that the runtime is shutting down: then there is nothing to wait for.
        let _ = (&mut self.recorded).await;
        let mut summary = self.summary();
        // It was stopped when there was nothing left to do.
        if summary.ended == Ended::Stopped && summary.not_tried == 0 && !summary.more_not_tried {
            summary.ended = Ended::AllTried;
        }
        summary
    }

    /// For how long the run has been waiting for an unavailable network, if it is: several requests in a row had no response.
    /// See [`AdminClientBuilder::patience`](super::AdminClientBuilder::patience).
    pub fn waiting_for_network(&self) -> Option<Duration> {
        self.worker.waiting_for_network()
    }
}

impl Stream for SignOutRun {
    type Item = UserOutcome;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<UserOutcome>> {
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

/// Stops a run: it begins no other user, finishes the sign-outs already begun and writes them to the journal, reports the users
/// whose names were read as not tried, and ends.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<Option<Ended>>>);

impl Stop {
    /// Stops the run. Idempotent.
    pub fn stop(&self) {
        self.end(Ended::Stopped);
    }

    /// Ends the run for this reason, if it has not ended for another.
    fn end(&self, why: Ended) {
        self.0.send_if_modified(|ended| {
            let first = ended.is_none();
            ended.get_or_insert(why);
            first
        });
    }

    async fn requested(&self) {
        // An error means that nobody can stop the run any more.
        let _ = self.0.subscribe().wait_for(Option::is_some).await;
    }

    fn is_stopped(&self) -> bool {
        self.0.borrow().is_some()
    }
}
