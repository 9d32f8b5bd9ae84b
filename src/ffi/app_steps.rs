//! The app's own steps of a sign-out, carried out by the host.

use std::sync::{Arc, Mutex};

use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};

use super::live::Live;
use super::time::duration;
use crate::error::StepError;
use crate::lock::lock;
use crate::{Phase, Secret, TokenState, task};

/// One of the app's own steps.
#[derive(uniffi::Record)]
pub struct AppStep {
    /// Its name, which stays the same in later versions of the app.
    pub name: String,
    /// When it runs.
    pub phase: Phase,
    /// Its time limit in milliseconds. Default: 5 s.
    #[uniffi(default = None)]
    pub time_limit: Option<i64>,
    /// Carries it out.
    pub runner: Arc<dyn AppStepRunner>,
}

/// Carries out one of the app's own steps.
#[uniffi::export(with_foreign)]
pub trait AppStepRunner: Send + Sync {
    /// Starts the step, and reports the outcome through `completion`: now or later, on any thread. Called on a thread that may
    /// block.
    ///
    /// # Errors
    /// [`AppStepFailure`], the same as a failure reported through the completion.
    fn start(&self, session: LeavingSession, completion: Arc<AppStepCompletion>) -> Result<(), AppStepFailure>;
}

/// Why one of the app's own steps failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum AppStepFailure {
    /// It failed.
    #[error("{reason}")]
    Failed {
        /// What happened, for the result and the log. A text that contains one of the session's tokens is left out.
        reason: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for AppStepFailure {
    /// The exception's own text may contain a token.
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed {
            reason: "the app's step threw".into(),
        }
    }
}

/// What a step is told of the session that has ended.
#[derive(Debug, Clone, uniffi::Record)]
pub struct LeavingSession {
    /// The user's `sub`, if the access token can be read.
    pub sub: Option<String>,
    /// The username, if the tokens name one.
    pub username: Option<String>,
    /// The access token: only in the phase `WhileTokenLives`. It is given also if it has died.
    pub access_token: Option<Secret>,
    /// The ID token: only in the phase `WhileTokenLives`.
    pub id_token: Option<Secret>,
    /// Whether the tokens still work.
    pub token_state: TokenState,
    /// The step has been begun before, by an earlier call or process, and may have been carried out.
    pub again: bool,
    /// Somebody is signed in again on this device.
    pub signed_in_since: bool,
}

impl From<crate::LeavingSession> for LeavingSession {
    fn from(session: crate::LeavingSession) -> Self {
        Self {
            sub: session.sub,
            username: session.username,
            access_token: session.access_token,
            id_token: session.id_token,
            token_state: session.token_state,
            again: session.again,
            signed_in_since: session.signed_in_since,
        }
    }
}

type Outcome = Result<(), AppStepFailure>;

/// How the host reports the outcome of a step. The first report counts. Releasing it without a report fails the step at once.
#[derive(uniffi::Object)]
pub struct AppStepCompletion {
    outcome: Mutex<Option<oneshot::Sender<Outcome>>>,
    waited_for: watch::Receiver<()>,
    _live: Live,
}

#[uniffi::export]
impl AppStepCompletion {
    /// The step has succeeded. Returns false if nobody waited for it: it was the second report, or too late.
    pub fn succeed(&self) -> bool {
        self.report(Ok(()))
    }

    /// The step has failed. Returns false if nobody waited for it.
    pub fn fail(&self, error: AppStepFailure) -> bool {
        self.report(Err(error))
    }

    /// Returns when nobody waits any more: the step has ended, or its time is over. Give it up then.
    pub async fn closed(&self) {
        // The sender sends nothing. The error when it is dropped ends the wait.
        let _ = self.waited_for.clone().changed().await;
    }
}

impl AppStepCompletion {
    fn report(&self, outcome: Outcome) -> bool {
        let sender = lock(&self.outcome).take();
        sender.is_some_and(|sender| sender.send(outcome).is_ok())
    }
}

impl TryFrom<AppStep> for crate::AppStep {
    type Error = StepError;

    fn try_from(step: AppStep) -> Result<Self, StepError> {
        let AppStep {
            name,
            phase,
            time_limit,
            runner,
        } = step;
        let step = Self::new(name, phase, move |session: crate::LeavingSession| {
            let (runner, (sender, outcome)) = (Arc::clone(&runner), oneshot::channel());
            async move {
                let (_waiting, waited_for) = watch::channel(());
                let completion = Arc::new(AppStepCompletion {
                    outcome: Mutex::new(Some(sender)),
                    waited_for,
                    _live: Live::new(),
                });
                task::spawn_blocking(&Handle::current(), move || {
                    if let Err(error) = runner.start(session.into(), Arc::clone(&completion)) {
                        completion.fail(error);
                    }
                });
                let released = "the app's step released its completion without a report";
                outcome.await.unwrap_or_else(|_| {
                    Err(AppStepFailure::Failed {
                        reason: released.into(),
                    })
                })
            }
        });
        Ok(match time_limit {
            Some(millis) => step.time_limit(duration("time_limit", millis)?),
            None => step,
        })
    }
}
