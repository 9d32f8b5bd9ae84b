//! The app's own steps of a sign-out: what an app registers, what a step is told, and how the steps of one phase run.

use std::fmt::{self, Debug, Display};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::deadline::Deadline;
use super::steps::{AppStepReport, Phase, Steps};
use crate::error::{ErrorCode, StepError};
use crate::secret::Secret;

/// How long a step may take if it has no limit of its own.
pub const DEFAULT_STEP_TIME: Duration = Duration::from_secs(5);

/// A name is on record with every debt, so it is short.
const LONGEST_NAME: usize = 64;

/// Passed to [`Deadline::bound`], the steps before Cognito's may use a third of the network's time: two parts of six.
const A_THIRD: u32 = 5;

/// Passed to [`Deadline::bound`], the last steps may use all of it.
const ALL: u32 = 1;

/// A step of the app's own, that is a part of every sign-out: register it with
/// [`AuthBuilder::sign_out_step`](crate::AuthBuilder::sign_out_step).
///
/// From the write that signs this device out, the step's name is on record. It comes off the record when the step has
/// succeeded. If the step fails, or the process ends, it runs again: in [`Auth::retry`](crate::Auth::retry), in
/// [`Auth::resume`](crate::Auth::resume), or when the next user has signed in. So a step can run more than once, and must be
/// idempotent. A step that fails or hangs stops no other step.
///
/// A step may call this library. The user is signed out by then: [`Auth::tokens`](crate::Auth::tokens) fails with
/// `signed_out`, and another `sign_out` waits for this one, and so for the step.
///
/// ```
/// use std::time::Duration;
/// use cognito_signout::{AppStep, LeavingSession, Phase};
///
/// async fn forget_push_token(access_token: &str) -> Result<(), std::io::Error> {
///     # let _ = access_token;
///     // … a request to the app's own server …
///     Ok(())
/// }
///
/// let step = AppStep::new("forget_push_token", Phase::WhileTokenLives, |session: LeavingSession| async move {
///     match &session.access_token {
///         Some(token) => forget_push_token(token.reveal()).await,
///         None => Ok(()),
///     }
/// });
/// let step = step.time_limit(Duration::from_secs(2));
/// # let _ = step;
/// ```
#[derive(Clone)]
pub struct AppStep {
    name: String,
    phase: Phase,
    time_limit: Duration,
    run: Arc<dyn Fn(LeavingSession) -> Running + Send + Sync>,
}

type Running = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

impl AppStep {
    /// A step with this name, which must stay the same in later versions of the app: after a crash, the name on record finds
    /// the step again. `run` is called in a task of its own and must not block. When its time is over, its future is dropped.
    /// The text of its error is a part of the result and the log: it should contain no secret. A text that contains one of the
    /// session's tokens is left out.
    pub fn new<E, F>(
        name: impl Into<String>,
        phase: Phase,
        run: impl Fn(LeavingSession) -> F + Send + Sync + 'static,
    ) -> Self
    where
        E: Display,
        F: Future<Output = Result<(), E>> + Send + 'static,
    {
        Self {
            name: name.into(),
            phase,
            time_limit: DEFAULT_STEP_TIME,
            run: Arc::new(move |session| {
                let end = run(session);
                Box::pin(async move { end.await.map_err(|error| error.to_string()) })
            }),
        }
    }

    /// The longest time that the step may take. Default: [`DEFAULT_STEP_TIME`]. The sign-out's own deadline can end it sooner:
    /// see [`Phase`].
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }
}

impl Debug for AppStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppStep")
            .field("name", &self.name)
            .field("phase", &self.phase)
            .field("time_limit", &self.time_limit)
            .finish_non_exhaustive()
    }
}

/// What a step is told of the session that has ended. It prints no token.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
#[non_exhaustive]
pub struct LeavingSession {
    /// The user's `sub`, if the access token can be read.
    pub sub: Option<String>,
    /// The username, if the tokens name one.
    pub username: Option<String>,
    /// The session's access token: only in [`Phase::WhileTokenLives`]. It is given also if it has died.
    pub access_token: Option<Secret>,
    /// The session's ID token: only in [`Phase::WhileTokenLives`].
    pub id_token: Option<Secret>,
    /// Whether the tokens still work.
    pub token_state: TokenState,
    /// The step has been begun before, by an earlier call or process, and may have been carried out.
    pub again: bool,
    /// Somebody is signed in again on this device. Remove only what belongs to the user who has left.
    pub signed_in_since: bool,
}

/// Whether the tokens of a session that has ended on this device still work, as far as this device knows. A service that
/// verifies tokens offline accepts them until they expire, whatever Cognito was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum TokenState {
    /// Nobody has asked Cognito to end the session yet, and the access token has not expired.
    Lives,
    /// An earlier call or process may have ended the session at Cognito.
    MayHaveDied,
    /// The session has ended at Cognito, or the access token has expired and could not be renewed.
    HasDied,
}

/// One of the app's own steps that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
#[non_exhaustive]
pub struct AppStepError {
    /// The step's name.
    pub name: String,
    /// What happened, and what to do about it.
    pub error: StepError,
}

impl AppStepError {
    pub(super) fn new(name: &str, error: StepError) -> Self {
        Self {
            name: name.to_owned(),
            error,
        }
    }
}

/// A step's name, and how it ended.
pub(super) type AppStepEnd = (String, Result<(), StepError>);

/// The steps that an app has registered, by their names.
#[derive(Debug, Clone, Default)]
pub(crate) struct AppSteps {
    steps: Vec<AppStep>,
    tokens_rotate: bool,
}

impl AppSteps {
    /// The same; whether each refresh gives a new refresh token.
    pub(crate) fn with_rotation(self, tokens_rotate: bool) -> Self {
        Self { tokens_rotate, ..self }
    }

    /// Whether an expired access token is renewed for the steps alone. Not with rotation: a new refresh token whose response is
    /// lost could never be revoked.
    pub(crate) fn renews_tokens(&self) -> bool {
        !self.tokens_rotate
    }

    /// Adds a step.
    ///
    /// # Errors
    /// A text that says what is wrong with its name.
    pub(crate) fn add(&mut self, step: AppStep) -> Result<(), String> {
        let name = &step.name;
        let is_word = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.');
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(is_word) {
            return Err(format!(
                "the name of a sign-out step has 1 to {LONGEST_NAME} of the characters a-z, A-Z, 0-9, '_', '-' and '.'"
            ));
        }
        if Steps::default().named().iter().any(|(taken, _)| taken == name) {
            return Err(format!("the library has a step {name} itself: choose another name"));
        }
        if self.find(name).is_some() {
            return Err(format!("two sign-out steps have the name {name}"));
        }
        self.steps.push(step);
        Ok(())
    }

    fn find(&self, name: &str) -> Option<&AppStep> {
        self.steps.iter().find(|step| step.name == name)
    }

    /// Every step, for a sign-out that begins.
    pub(crate) fn all(&self) -> Vec<AppStepReport> {
        let steps = self.steps.iter();
        steps
            .map(|step| AppStepReport::to_do(&step.name, Some(step.phase)))
            .collect()
    }

    /// The steps that an earlier sign-out still owes.
    pub(crate) fn owed(&self, names: &[String]) -> Vec<AppStepReport> {
        let phase = |name: &str| self.find(name).map(|step| step.phase);
        names
            .iter()
            .map(|name| AppStepReport::to_do(name, phase(name)))
            .collect()
    }

    /// Runs the steps of `phase` that `to_do` names, side by side, each in a task of its own: a step that panics, hangs or
    /// blocks holds up no other one. Those that have not ended when the time is over are dropped.
    pub(super) async fn run(
        &self,
        phase: Phase,
        to_do: &[AppStepReport],
        session: &LeavingSession,
        deadline: &Deadline,
    ) -> Vec<AppStepEnd> {
        let mut tasks = JoinSet::new();
        let mut ends = Vec::new();
        let names = to_do
            .iter()
            .filter(|step| step.phase == Some(phase))
            .map(|step| &step.name);
        for step in names.filter_map(|name| self.find(name)) {
            let (run, limit, session) = (Arc::clone(&step.run), step.time_limit, session.clone());
            let task = tasks.spawn(async move {
                let end = tokio::time::timeout(limit, run(session.clone())).await;
                end.map_or_else(
                    |_| Err(out_of_time()),
                    |end| end.map_err(|text| failed(&text, &session)),
                )
            });
            ends.push((task.id(), step.name.clone(), None));
        }
        let share = match phase {
            Phase::WhileTokenLives => A_THIRD,
            Phase::AfterSignOut => ALL,
        };
        let all = async {
            while let Some(ended) = tasks.join_next_with_id().await {
                let (id, result) = ended.unwrap_or_else(|lost| (lost.id(), Err(panicked())));
                if let Some((_, _, end)) = ends.iter_mut().find(|(task, ..)| *task == id) {
                    *end = Some(result);
                }
            }
        };
        // The steps that have not ended have run out of time.
        let _ = deadline.bound(share, |_| all).await;
        let ends = ends.into_iter();
        ends.map(|(_, name, end)| (name, end.unwrap_or_else(|| Err(out_of_time()))))
            .collect()
    }
}

fn out_of_time() -> StepError {
    StepError::new(ErrorCode::TimedOut, "the step did not end within its time")
}

fn panicked() -> StepError {
    StepError::new(ErrorCode::AppStepFailed, "the step panicked")
}

/// The step's own error, without the session's tokens.
fn failed(text: &str, session: &LeavingSession) -> StepError {
    let mut tokens = session.access_token.iter().chain(&session.id_token);
    if tokens.any(|token| text.contains(token.reveal())) {
        return StepError::new(
            ErrorCode::AppStepFailed,
            "the step failed. Its error text contained a token, and is left out",
        );
    }
    StepError::new(ErrorCode::AppStepFailed, text)
}
