//! The app's own steps of a sign-out, carried out by the host.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::report::{Reporter, report};
use super::time::duration;
use crate::error::StepError;
use crate::{LeavingSession, Phase, task};

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

type Outcome = Result<(), AppStepFailure>;

/// How the host reports the outcome of a step. The first report counts. Releasing it without a report fails the step at once.
#[derive(uniffi::Object)]
pub struct AppStepCompletion(Reporter<Outcome>);

#[uniffi::export]
impl AppStepCompletion {
    /// The step has succeeded. Returns false if nobody waited for it: it was the second report, or too late.
    pub fn succeed(&self) -> bool {
        self.0.report(Ok(()))
    }

    /// The step has failed. Returns false if nobody waited for it.
    pub fn fail(&self, error: AppStepFailure) -> bool {
        self.0.report(Err(error))
    }

    /// Returns when nobody waits any more: the step has ended, or its time is over. Give it up then.
    pub async fn closed(&self) {
        self.0.closed().await;
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
        let step = Self::new(name, phase, move |session| {
            let (runner, (reporter, report)) = (Arc::clone(&runner), report());
            async move {
                let completion = Arc::new(AppStepCompletion(reporter));
                task::spawn_blocking(&Handle::current(), move || {
                    if let Err(error) = runner.start(session, Arc::clone(&completion)) {
                        completion.fail(error);
                    }
                });
                let reason = "the app's step released its completion without a report";
                let released = || Err(AppStepFailure::Failed { reason: reason.into() });
                report.arrived().await.unwrap_or_else(released)
            }
        });
        Ok(match time_limit {
            Some(millis) => step.time_limit(duration("time_limit", millis)?),
            None => step,
        })
    }
}
